package stripe

import (
	"encoding/json"
	"go/parser"
	"go/token"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	stripego "github.com/stripe/stripe-go/v76"
	"github.com/stripe/stripe-go/v76/webhook"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/stripe/stripefake"
)

// Each test below is one trap of Stripe or stripe-go v76: first that it is
// there, then that we do not step into it.

func saleBody(pairs ...any) []byte {
	return stripefake.Event{Type: "charge.succeeded", Created: time.Now(), Object: stripefake.Purchase{}.Charge(0).With(pairs...)}.Body()
}

func TestTrapEmptySecret(t *testing.T) {
	body, now := saleBody(), time.Now()
	forged := stripefake.Sign(body, "", now)
	_, err := webhook.ConstructEvent(body, forged.Get("Stripe-Signature"), "")
	require.NoError(t, err, "stripe-go trusts what anybody can sign")
	for _, secrets := range [][]string{nil, {}, {""}, {" "}, {"whsec_1", ""}} {
		require.Equal(t, fault.Denied, fault.KindOf(Verify(forged, body, secrets, now)), "%q", secrets)
	}
}

func TestTrapFutureTimestamp(t *testing.T) {
	body, now := saleBody(), time.Now()
	ahead := stripefake.Sign(body, "whsec_1", now.AddDate(10, 0, 0))
	require.NoError(t, webhook.ValidatePayload(body, ahead.Get("Stripe-Signature"), "whsec_1"), "stripe-go lets the future pass")
	require.Equal(t, fault.Denied, fault.KindOf(Verify(ahead, body, []string{"whsec_1"}, now)))
	require.NoError(t, Verify(stripefake.Sign(body, "whsec_1", now.Add(Tolerance)), body, []string{"whsec_1"}, now), "clocks differ a little")
}

func TestTrapOldTimestamp(t *testing.T) {
	body, now := saleBody(), time.Now().Truncate(time.Second) // as signatures tell it
	old := stripefake.Sign(body, "whsec_1", now.Add(-Tolerance-time.Second))
	require.ErrorIs(t, webhook.ValidatePayload(body, old.Get("Stripe-Signature"), "whsec_1"), webhook.ErrTooOld)
	require.Equal(t, fault.Denied, fault.KindOf(Verify(old, body, []string{"whsec_1"}, now)))
	require.NoError(t, Verify(old, body, []string{"whsec_1"}, now.Add(-time.Second)), "by the time given, not by the wall clock")
}

// While a secret is rolled, Stripe signs with both; and we may know only one.
func TestTrapRolledSecret(t *testing.T) {
	body, now := saleBody(), time.Now()
	older, newer := stripefake.Sign(body, "whsec_old", now), stripefake.Sign(body, "whsec_new", now)
	_, second, _ := strings.Cut(newer.Get("Stripe-Signature"), ",")
	both := http.Header{"Stripe-Signature": {older.Get("Stripe-Signature") + "," + second}}
	for _, secrets := range [][]string{{"whsec_old"}, {"whsec_new"}, {"whsec_new", "whsec_old"}, {"whsec_old", "whsec_new"}} {
		require.NoError(t, Verify(both, body, secrets, now), "%q", secrets)
	}
	require.Equal(t, fault.Denied, fault.KindOf(Verify(older, body, []string{"whsec_new"}, now)), "when it has ended")
}

// stripe-go v76 takes events of its one version alone: an endpoint of another
// would lose every event.
func TestTrapConstructEventVersionMismatch(t *testing.T) {
	for _, name := range []string{"basil/payment_intent_succeeded.json", "dahlia/charge_succeeded.json"} {
		body, now := fixture(t, name), time.Now()
		header := stripefake.Sign(body, "whsec_1", now)
		_, err := webhook.ConstructEvent(body, header.Get("Stripe-Signature"), "whsec_1")
		require.ErrorContains(t, err, "API version", name)
		require.NoError(t, Verify(header, body, []string{"whsec_1"}, now), name)
		require.NotZero(t, decodeBody(t, body).Order.Detail.Total, name)
	}
	require.Equal(t, APIVersion, stripego.APIVersion, "calls and endpoints are of the version that stripe-go sends")
}

// Told to ignore the version, stripe-go reads a newer body without an error and
// without half of what it says. Ours either know the new place or say that they
// do not know.
func TestTrapNewerShapesAreNotSilentlyWrong(t *testing.T) {
	body, now := fixture(t, "dahlia/invoice_paid.json"), time.Now()
	e, err := webhook.ConstructEventWithOptions(body, stripefake.Sign(body, "whsec_1", now).Get("Stripe-Signature"), "whsec_1",
		webhook.ConstructEventOptions{IgnoreAPIVersionMismatch: true})
	require.NoError(t, err)
	var theirs stripego.Invoice
	require.NoError(t, json.Unmarshal(e.Data.Raw, &theirs))
	require.Nil(t, theirs.Subscription, "gone without an error")

	eur := func(n int64) commerce.Money { return commerce.Money{Amount: n, Currency: "EUR"} }
	invoice := decodeBody(t, body).Order
	require.True(t, invoice.Detail.Renewal)
	require.True(t, invoice.Detail.NoShipping, "of a subscription")
	require.Equal(t, eur(9900), invoice.Detail.Total)
	require.Equal(t, "prod_d1", invoice.Detail.Lines[0].Product)

	intent := decodeBody(t, fixture(t, "dahlia/payment_intent_succeeded.json")).Order
	require.Equal(t, stripeKeys("payment_intent", "pi_d1", "invoice", "in_d1", "charge", "ch_d1"), intent.Keys)
	require.Nil(t, intent.Detail, "the invoice tells what it was")

	charge := decodeBody(t, fixture(t, "dahlia/charge_succeeded.json")).Order
	require.True(t, charge.Reread, "whose invoice nobody names: read again, it says so")
	require.Equal(t, eur(9900), charge.Detail.Total)

	session := decodeBody(t, fixture(t, "dahlia/session_completed.json"))
	require.Equal(t, "CH", session.Order.Detail.Country, "from its new place")
	require.False(t, session.Order.Detail.NoShipping)
	require.Equal(t, commerce.Unsubscribed, session.Consents[0].State)

	var o commerce.Order
	for _, name := range []string{"dispute_closed", "refund_failed", "charge_refunded", "charge_succeeded", "payment_intent_succeeded", "invoice_paid"} {
		o.Merge(*decodeBody(t, fixture(t, "dahlia/"+name+".json")).Order, commerce.Stripe)
	}
	require.True(t, o.Detail.Renewal)
	require.Equal(t, commerce.DisputeLost, o.DisputeState())
	require.True(t, o.RefundsDisagree(), "the charge's sum is older than the refund's failing")
	require.NotEmpty(t, decodeBody(t, fixture(t, "dahlia/trial_will_end.json")).Happened)
}

// What a version yet to come may move is missed, not taken for nothing: without
// any one field of money or state a body is refused or says the same as before.
func TestTrapMovedFieldsAreMissed(t *testing.T) {
	names, err := filepath.Glob("testdata/*/*.json")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(names), 14)
	for _, name := range names {
		body, err := filepath.Rel("testdata", name)
		require.NoError(t, err)
		whole := fixture(t, body)
		want := decodeBody(t, whole)
		for _, field := range []string{"id", "amount", "amount_refunded", "amount_total", "amount_paid", "total", "currency", "status", "payment_status", "captured"} {
			var e map[string]any
			require.NoError(t, json.Unmarshal(whole, &e))
			object := e["data"].(map[string]any)["object"].(map[string]any)
			if _, told := object[field]; !told {
				continue
			}
			delete(object, field)
			got, err := Decode(commerce.Delivery{Body: jsonOf(t, e)})
			if err == nil {
				same(t, want, got)
				if t.Failed() {
					t.Fatalf("%s without %s says something else", name, field)
				}
			}
		}
	}
}

// A body newer than all we know is counted by the door, and read as well as can be.
func TestTrapVersionDrift(t *testing.T) {
	body := stripefake.Event{Type: "charge.succeeded", Created: noon, Version: "2027-01-27.fennel", Object: stripefake.Purchase{}.Charge(0)}.Body()
	_, known := VersionKnown(body)
	require.False(t, known)
	require.Equal(t, usd(4200), decodeBody(t, body).Order.Detail.Total)
	for _, name := range []string{"basil/session_completed.json", "dahlia/refund_failed.json"} {
		_, known := VersionKnown(fixture(t, name))
		require.True(t, known, name)
	}
}

// Thin events hold no object; stripe-go v76 cannot read them either.
func TestTrapThinEvents(t *testing.T) {
	for name, body := range map[string]string{
		"v2":      `{"id":"evt_1","object":"v2.core.event","type":"v2.core.account.updated","created":"2026-10-01T00:00:00.000Z","livemode":true}`,
		"v1 thin": `{"id":"evt_2","object":"v2.core.event","type":"v1.charge.refunded","created":"2026-10-01T00:00:00.000Z","related_object":{"id":"ch_1","type":"charge"}}`,
		"by type": `{"id":"evt_3","object":"event","type":"v1.charge.refunded","created":1,"data":{"object":{"id":"ch_1"}}}`,
	} {
		_, _, _, err := Read([]byte(body))
		require.Equal(t, fault.Invalid, fault.KindOf(err), name)
		require.Contains(t, fault.Sentence(err), "snapshot events", name)
	}
}

// A production endpoint of Connect gets test events as well: the door is told.
func TestTrapTestEventsOnALiveEndpoint(t *testing.T) {
	e := stripefake.Event{Type: "charge.succeeded", Created: noon, Account: "acct_1", Test: true, Object: stripefake.Purchase{}.Charge(0)}
	_, account, live, err := Read(e.Body())
	require.NoError(t, err)
	require.Equal(t, "acct_1", account)
	require.False(t, live)
	e.Test = false
	_, _, live, err = Read(e.Body())
	require.NoError(t, err)
	require.True(t, live)
	_, _, live, _ = Read([]byte(strings.Replace(string(e.Body()), `"livemode": true`, `"livemode": "true"`, -1)))
	require.False(t, live, "only true is live")
}

// stripe-go makes an idempotency key of its own for every call, so whoever tries
// a call again does it twice; ours names the act.
func TestTrapIdempotencyKey(t *testing.T) {
	client, calls := answering(t, func(asked) (int, any) { return http.StatusInternalServerError, nil })
	send := func(once string) error {
		_, err := client.send(t.Context(), as("acct_1"), http.MethodPost, "/v1/coupons", fields("duration", "once"), once)
		return err
	}
	for range 2 {
		require.Equal(t, fault.Temporary, fault.KindOf(send("")))
		require.Equal(t, fault.Temporary, fault.KindOf(send("reward order:1001 loyalty")))
	}
	require.Len(t, *calls, 4, "nothing is sent again behind our back")
	require.NotEqual(t, (*calls)[0].key, (*calls)[2].key)
	require.Equal(t, "reward order:1001 loyalty", (*calls)[1].key)
	require.Equal(t, (*calls)[1].key, (*calls)[3].key)

	require.Equal(t, fault.Invalid, fault.KindOf(send(strings.Repeat("k", 256))), "never cut: two acts would become one")
	require.Len(t, *calls, 4)
	_ = send(strings.Repeat("k", 255))
	require.Len(t, *calls, 5)
}

// stripe-go's oauth client takes its secret from the package's global key, not
// from its own. We use neither.
func TestTrapGlobalKey(t *testing.T) {
	require.Empty(t, stripego.Key)
	stripego.Key = "sk_live_global"
	defer func() { stripego.Key = "" }()
	client, _ := answering(t, func(asked) (int, any) { return http.StatusOK, merchant() }) // refuses every other key
	_, err := client.Account(t.Context(), as("acct_1"))
	require.NoError(t, err)

	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		require.NoError(t, err)
		for _, imported := range file.Imports {
			path := strings.Trim(imported.Path.Value, `"`)
			if from, _ := strings.CutPrefix(path, "github.com/stripe/stripe-go/v76"); from != path && !strings.HasSuffix(name, "_test.go") {
				require.True(t, slices.Contains([]string{"", "/form", "/webhook"}, from), "%s imports %s, which speaks by the global key", name, path)
			}
		}
	}
}

// Refunds come in any order, before their charge, twice, and fail in the end:
// then the money is the shop's again.
func TestTrapRefundsOutOfOrderAndFailed(t *testing.T) {
	p := stripefake.Purchase{}
	failedAt := noon.Add(48 * time.Hour)
	changes := []commerce.Change{
		decode(t, "refund.failed", failedAt, p.Refund("re_1", 4200, "failed", noon)),
		decode(t, "charge.updated", failedAt, p.Charge(0)),
		decode(t, "charge.refunded", noon.Add(time.Hour), p.Charge(4200)),
		decode(t, "refund.created", noon.Add(time.Hour), p.Refund("re_1", 4200, "succeeded", noon)),
		decode(t, "refund.created", noon.Add(time.Hour), p.Refund("re_1", 4200, "succeeded", noon)),
		decode(t, "charge.succeeded", noon, p.Charge(0)),
	}
	var o commerce.Order
	for _, c := range changes {
		o.Merge(*c.Order, commerce.Stripe)
	}
	require.Zero(t, o.Refunded())
	require.False(t, o.FullyRefunded())
	gaveBack := slices.ContainsFunc(o.Events(commerce.Shop{}), func(e commerce.Event) bool {
		return e.Kind == commerce.RefundGaveBack && e.OccurredAt == commerce.At(failedAt)
	})
	require.True(t, gaveBack)
	for i, c := range changes {
		require.Equal(t, i != 1 && i != 5, c.Order.Reread, "%d", i)
	}
}
