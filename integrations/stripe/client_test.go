package stripe

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/stripe/stripefake"
)

const secretKey = "sk_live_never_shown"

func start(t *testing.T) (*stripefake.Server, *Client) {
	t.Helper()
	fake := stripefake.New(secretKey)
	fake.Permit(secretKey, granted(t)...)
	srv := httptest.NewServer(fake)
	t.Cleanup(srv.Close)
	return fake, New(Options{URL: srv.URL, HTTP: srv.Client()})
}

// as is a call by the platform's key in an account's name.
func as(account string) Access { return Access{Key: secretKey, Account: account} }

func TestClientCharge(t *testing.T) {
	fake, client := start(t)
	p := stripefake.Purchase{Customer: "cus_1"}
	asOf := commerce.At(noon.Add(24 * time.Hour))
	made := commerce.At(noon.Add(time.Hour))
	fake.Put("acct_1", p.Charge(0), p.Refund("re_1", 700, "failed", noon), p.Refund("re_2", 1200, "succeeded", made.Time()))

	o, err := client.Charge(t.Context(), as("acct_1"), "ch_1", asOf)
	require.NoError(t, err)
	person := &commerce.PersonFacts{CustomerID: "cus_1", Email: "customer1@example.com", FirstName: "Ada", LastName: "Lovelace", Country: "US", UpdatedAt: asOf}
	same(t, commerce.Change{Order: &commerce.OrderChange{
		Keys: stripeKeys("payment_intent", "pi_1", "charge", "ch_1"), Person: person,
		Detail: &commerce.Detail{
			Platform: commerce.Stripe, Rank: rankCharge + 1, UpdatedAt: asOf, FinancialStatus: "paid", Country: "US",
			Total: usd(4200), ShopTotal: usd(4200), CurrentTotal: usd(4200),
		},
		PlacedAt: commerce.At(noon), Payment: commerce.Payment{PaidSeen: asOf, Processed: commerce.At(noon)},
		Charges: []commerce.Charge{{ID: "ch_1", Amount: usd(4200), Refunded: 1200, AsOf: asOf}},
		Refunds: []commerce.Refund{
			{ID: "re_2", Status: commerce.RefundSucceeded, Amount: usd(1200), At: made},
			{ID: "re_1", Status: commerce.RefundFailed, Amount: usd(700), At: asOf},
		},
	}}, commerce.Change{Order: &o})
	require.Equal(t, []stripefake.Call{{Path: "/v1/charges/ch_1", Account: "acct_1"}}, fake.Calls())

	t.Run("own account", func(t *testing.T) {
		fake.Put("", stripefake.Purchase{N: "own"}.Charge(0))
		_, err := client.Charge(t.Context(), as(""), "ch_own", asOf)
		require.NoError(t, err)
	})
	t.Run("of an invoice", func(t *testing.T) {
		fake.Put("acct_1", stripefake.Purchase{N: "inv", SubscriptionID: "sub_1"}.Charge(0))
		o, err := client.Charge(t.Context(), as("acct_1"), "ch_inv", asOf)
		require.NoError(t, err)
		require.Nil(t, o.Detail)
		require.Zero(t, o.Payment)
		require.Len(t, o.Charges, 1)
	})
}

func TestClientReadsEveryRefund(t *testing.T) {
	fake, client := start(t)
	p := stripefake.Purchase{Amount: 1_000_000}
	fake.Put("", p.Charge(0))
	for i := range 234 {
		fake.Put("", p.Refund("re_"+strconv.Itoa(i), 10, "succeeded", noon))
	}
	var order commerce.Order
	o, err := client.Charge(t.Context(), as(""), "ch_1", commerce.At(noon))
	require.NoError(t, err)
	order.Merge(o, commerce.Stripe)
	require.Len(t, order.Refunds, 234)
	require.EqualValues(t, 2340, order.Refunded())
	require.False(t, order.RefundsDisagree())
	require.Len(t, fake.Calls(), 4)
}

func TestClientPaymentIntent(t *testing.T) {
	fake, client := start(t)
	asOf := commerce.At(noon.Add(24 * time.Hour))

	t.Run("stub of a refund", func(t *testing.T) {
		p := stripefake.Purchase{N: "a", Metadata: map[string]string{"order_id": "1001"}}
		refund := p.Refund("re_a", 4200, "succeeded", noon)
		fake.Put("", p.PaymentIntent(), p.Charge(0), refund)
		var order commerce.Order
		order.Merge(*decode(t, "refund.created", noon, refund).Order, commerce.Stripe)
		require.True(t, order.Stub())
		o, err := client.PaymentIntent(t.Context(), as(""), "pi_a", asOf)
		require.NoError(t, err)
		require.Equal(t, "customera@example.com", o.Person.Email, "from the charge")
		require.Equal(t, []string{"1001"}, o.TwinHints)
		order.Merge(o, commerce.Stripe)
		require.False(t, order.Stub())
		require.Equal(t, commerce.At(noon), order.Payment.At(), "paid when it was charged, not when we looked")
		require.True(t, order.FullyRefunded())
		require.False(t, order.RefundsDisagree())
	})
	t.Run("of a renewal", func(t *testing.T) {
		p := stripefake.Purchase{N: "b", SubscriptionID: "sub_1", Email: "-"}
		fake.Put("", p.PaymentIntent(), p.Charge(0), p.Invoice("subscription_cycle"))
		o, err := client.PaymentIntent(t.Context(), as(""), "pi_b", asOf)
		require.NoError(t, err)
		require.Equal(t, stripeKeys("payment_intent", "pi_b", "invoice", "in_b", "charge", "ch_b"), o.Keys)
		require.True(t, o.Detail.Renewal)
		require.Equal(t, "INV-b", o.Detail.Name)
		require.Equal(t, commerce.Payment{PaidSeen: asOf, Processed: commerce.At(noon)}, o.Payment)
	})
	t.Run("unpaid", func(t *testing.T) {
		p := stripefake.Purchase{N: "c"}
		fake.Put("", p.PaymentIntent().With("status", "requires_payment_method", "latest_charge", nil))
		o, err := client.PaymentIntent(t.Context(), as(""), "pi_c", asOf)
		require.NoError(t, err)
		require.Equal(t, commerce.Payment{UnpaidSeen: asOf}, o.Payment)
	})
}

func TestClientErrors(t *testing.T) {
	fake, client := start(t)
	fake.Put("acct_1", stripefake.Purchase{}.Charge(0))
	charge := func(account, id string) error {
		_, err := client.Charge(t.Context(), as(account), id, commerce.At(noon))
		return err
	}
	is := func(t *testing.T, want fault.Kind, err error) {
		t.Helper()
		require.Equal(t, want, fault.KindOf(err), "%v", err)
		require.NotEmpty(t, fault.Sentence(err))
		require.NotContains(t, err.Error(), "sk_test")
		require.NotContains(t, err.Error(), "Ada")
	}

	is(t, fault.NotFound, charge("acct_1", "ch_404"))
	is(t, fault.NotFound, charge("acct_1", "../balance"))
	is(t, fault.Invalid, charge("acct_1", ""))
	is(t, fault.Invalid, charge("acct_1", "ch\x001"))
	is(t, fault.Denied, charge("acct_strange", "ch_1"))
	_, err := client.PaymentIntent(t.Context(), as("acct_1"), "ch_1", 1)
	is(t, fault.NotFound, err)
	for _, status := range []int{500, 503, 429, 409} {
		before := len(fake.Calls())
		fake.Fail(1, status)
		is(t, fault.Temporary, charge("acct_1", "ch_1"))
		require.Len(t, fake.Calls(), before+1, "retries are the job's matter")
	}
	fake.Fail(1, 400)
	is(t, fault.Permanent, charge("acct_1", "ch_1"))
	require.NoError(t, charge("acct_1", "ch_1"))

	fake.Put("acct_1", stripefake.Purchase{N: "odd"}.Charge(0).With("amount", "many"))
	is(t, fault.Permanent, charge("acct_1", "ch_odd"))
	fake.Put("acct_1", stripefake.Purchase{N: "odd"}.PaymentIntent(), stripefake.Purchase{N: "e"}.PaymentIntent().With("amount", -1))
	_, err = client.PaymentIntent(t.Context(), as("acct_1"), "pi_odd", 1)
	is(t, fault.Permanent, err)
	_, err = client.PaymentIntent(t.Context(), as("acct_1"), "pi_e", 1)
	is(t, fault.Permanent, err)

	fake.Disconnect("acct_1")
	is(t, fault.Denied, charge("acct_1", "ch_1"))
}

func TestClientWrongKeyIsNotTold(t *testing.T) {
	srv := httptest.NewServer(stripefake.New("sk_live_other"))
	defer srv.Close()
	_, err := New(Options{URL: srv.URL}).Charge(t.Context(), as(""), "ch_1", 1)
	require.Equal(t, fault.Denied, fault.KindOf(err))
	require.NotContains(t, err.Error(), secretKey)
}

func TestClientWithoutStripe(t *testing.T) {
	for name, handler := range map[string]http.HandlerFunc{
		"a page of a proxy": func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "<h1>Ada's gateway</h1>", http.StatusBadGateway)
		},
		"no JSON": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("Ada")) },
		"JSON of others": func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, `{"name":"Ada"}`, http.StatusInternalServerError)
		},
		"hangs up": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		srv := httptest.NewServer(handler)
		_, err := New(Options{URL: srv.URL, HTTP: srv.Client()}).Charge(t.Context(), as(""), "ch_1", 1)
		srv.Close()
		require.Equal(t, fault.Temporary, fault.KindOf(err), name)
		require.NotContains(t, err.Error(), "Ada", name)
	}
	_, err := New(Options{URL: "http://127.0.0.1:1"}).Charge(t.Context(), as(""), "ch_1", 1)
	require.Equal(t, fault.Temporary, fault.KindOf(err))
}

func TestClientHeedsTheContext(t *testing.T) {
	fake, client := start(t)
	fake.Put("", stripefake.Purchase{}.Charge(0))
	release := fake.Stall()
	defer release()
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error, 1)
	go func() {
		_, err := client.Charge(ctx, as(""), "ch_1", 1)
		failed <- err
	}()
	cancel()
	select {
	case err := <-failed:
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, fault.Temporary, fault.KindOf(err))
	case <-time.After(time.Minute):
		t.Fatal("the call outlived its context")
	}

	late, stop := context.WithTimeout(t.Context(), time.Nanosecond)
	defer stop()
	_, err := client.Charge(late, as(""), "ch_1", 1)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}
