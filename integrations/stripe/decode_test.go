package stripe

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/stripe/stripefake"
)

func decode(t testing.TB, topic string, at time.Time, o stripefake.Object) commerce.Change {
	t.Helper()
	return decodeBody(t, stripefake.Event{Type: topic, Created: at, Object: o}.Body())
}

func decodeBody(t testing.TB, body []byte) commerce.Change {
	t.Helper()
	d, _, _, err := Read(body)
	require.NoError(t, err)
	c, err := Decode(d)
	require.NoError(t, err)
	return c
}

func fixture(t testing.TB, name string) []byte {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata", name))
	require.NoError(t, err)
	return body
}

// same compares changes but for the hash of a description, which its own tests watch.
func same(t testing.TB, want, got commerce.Change) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(commerce.Detail{}, "Hash"), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func stripeKeys(kindsAndIDs ...string) (ks []commerce.SourceKey) {
	for i := 0; i < len(kindsAndIDs); i += 2 {
		ks = append(ks, commerce.SourceKey{Platform: commerce.Stripe, Kind: kindsAndIDs[i], ID: kindsAndIDs[i+1]})
	}
	return ks
}

func usd(amount int64) commerce.Money { return commerce.Money{Amount: amount, Currency: "USD"} }

func TestDecodeIgnores(t *testing.T) {
	for topic, why := range map[string]string{
		"payment_intent.payment_failed": "a payment attempt failed; the customer may try again",
		"product.created":               "Flywheel has no use for product.created",
		"charge.failed":                 "Flywheel has no use for charge.failed",
	} {
		same(t, commerce.Change{Ignored: why}, decode(t, topic, noon, stripefake.Purchase{}.PaymentIntent()))
	}
	p := stripefake.Purchase{}
	for _, status := range []string{"open", "expired"} {
		unfinished := p.Session().With("status", status, "payment_status", "unpaid", "amount_total", nil, "currency", nil)
		require.Equal(t, "the session was not completed; nothing was bought", decode(t, "checkout.session.completed", noon, unfinished).Ignored)
	}
	app := stripefake.Object{"id": "ca_1", "object": "application", "name": "Flywheel"}
	require.NotEmpty(t, decode(t, "account.application.authorized", noon, app).Ignored)
	require.NotEmpty(t, decode(t, "checkout.session.completed", noon, p.Session().With("mode", "setup", "amount_total", nil, "currency", nil)).Ignored)
	require.NotEmpty(t, decode(t, "refund.created", noon, p.Refund("re_1", 5, "succeeded", noon).With("charge", nil, "payment_intent", nil)).Ignored)
	require.NotEmpty(t, decode(t, "charge.dispute.created", noon, p.Dispute("dp_1", "won", noon).With("charge", nil, "payment_intent", nil)).Ignored)
	require.NotEmpty(t, decode(t, "invoice_payment.paid", noon, stripefake.Object{"invoice": "in_1", "payment": stripefake.Object{"type": "payment_record"}}).Ignored)
}

func TestDecodeUninstall(t *testing.T) {
	c := decode(t, "account.application.deauthorized", noon, stripefake.Object{"id": "ca_1", "object": "application", "name": "Flywheel"})
	same(t, commerce.Change{Uninstall: &commerce.Uninstall{At: commerce.At(noon)}}, c)
}

func TestDecodeRefuses(t *testing.T) {
	p := stripefake.Purchase{}
	charge := p.Charge(0)
	for name, c := range map[string]struct {
		topic  string
		object stripefake.Object
	}{
		"currency missing":    {"charge.refunded", charge.With("currency", nil)},
		"currency no code":    {"payment_intent.succeeded", p.PaymentIntent().With("currency", "$$$")},
		"amount 1e400":        {"charge.refunded", charge.With("amount", json.Number("1e400"))},
		"amount too long":     {"charge.refunded", charge.With("amount_refunded", json.Number("99999999999999999999"))},
		"amount a fraction":   {"charge.refunded", charge.With("amount", 1.5)},
		"amount a text":       {"checkout.session.completed", p.Session().With("amount_total", "4200")},
		"amount beyond":       {"charge.succeeded", charge.With("amount", int64(1)<<62, "currency", "mga")},
		"negative total":      {"payment_intent.succeeded", p.PaymentIntent().With("amount", -1)},
		"negative refund":     {"refund.created", p.Refund("re_1", -5, "succeeded", noon)},
		"negative sum":        {"charge.updated", p.Charge(-1)},
		"no charge id":        {"charge.succeeded", charge.Without("id")},
		"no session id":       {"checkout.session.completed", p.Session().Without("id")},
		"no intent id":        {"payment_intent.succeeded", p.PaymentIntent().Without("id")},
		"no invoice id":       {"invoice.paid", p.Invoice("manual").Without("id")},
		"no refund id":        {"refund.created", p.Refund("", 5, "succeeded", noon)},
		"no dispute id":       {"charge.dispute.created", p.Dispute("", "won", noon)},
		"no customer id":      {"customer.updated", stripefake.Object{"object": "customer", "email": "a@example.com"}},
		"NUL in a refund id":  {"charge.refunded", charge.With("refunds", stripefake.Object{"data": []any{p.Refund("re_\x00", 5, "failed", noon)}})},
		"space in an alias":   {"checkout.session.completed", p.Session().With("invoice", "in 1")},
		"line id":             {"invoice.paid", p.Invoice("manual").With("lines", stripefake.Object{"data": []any{stripefake.Object{"id": "é"}}})},
		"lines no list":       {"invoice.paid", p.Invoice("manual").With("lines", "none")},
		"metadata no texts":   {"payment_intent.succeeded", p.PaymentIntent().With("metadata", stripefake.Object{"order_id": 7})},
		"no amount":           {"charge.succeeded", charge.Without("amount")},
		"no refunded sum":     {"charge.refunded", charge.Without("amount_refunded")},
		"captured untold":     {"charge.succeeded", charge.Without("captured")},
		"charge's status":     {"charge.succeeded", charge.Without("status")},
		"intent's amount":     {"payment_intent.succeeded", p.PaymentIntent().Without("amount")},
		"intent's status":     {"payment_intent.succeeded", p.PaymentIntent().Without("status")},
		"session's total":     {"checkout.session.completed", p.Session().With("amount_total", nil)},
		"session unpaid or":   {"checkout.session.completed", p.Session().Without("payment_status")},
		"session line":        {"checkout.session.completed", p.Session().With("line_items", stripefake.Object{"data": []any{stripefake.Object{"id": "li_1"}}})},
		"invoice's total":     {"invoice.paid", p.Invoice("manual").Without("total")},
		"invoice's payment":   {"invoice.paid", p.Invoice("manual").Without("amount_paid")},
		"invoice's status":    {"invoice.paid", p.Invoice("manual").Without("status")},
		"invoice line":        {"invoice.paid", p.Invoice("manual").With("lines", stripefake.Object{"data": []any{stripefake.Object{"id": "il_1", "quantity": 2}}})},
		"refund's amount":     {"refund.created", p.Refund("re_1", 5, "succeeded", noon).Without("amount")},
		"refund's currency":   {"refund.created", p.Refund("re_1", 5, "succeeded", noon).Without("currency")},
		"refund's status":     {"refund.failed", p.Refund("re_1", 5, "failed", noon).Without("status")},
		"refund of what":      {"refund.created", p.Refund("re_1", 5, "succeeded", noon).Without("charge", "payment_intent")},
		"dispute of what":     {"charge.dispute.created", p.Dispute("dp_1", "lost", noon).Without("charge", "payment_intent")},
		"dispute's status":    {"charge.dispute.closed", p.Dispute("dp_1", "lost", noon).Without("status")},
		"ended by no id":      {"customer.subscription.deleted", p.Subscription(noon, "").Without("id")},
		"expanded charge bad": {"payment_intent.succeeded", p.PaymentIntent().With("latest_charge", charge.With("amount", "x"))},
	} {
		t.Run(name, func(t *testing.T) {
			body := stripefake.Event{ID: "evt_1", Type: c.topic, Created: noon, Object: c.object}.Body()
			change, err := Decode(commerce.Delivery{Body: body})
			require.Equal(t, fault.Permanent, fault.KindOf(err), "%v", err)
			require.Equal(t, "the body of "+c.topic+" cannot be read", fault.Sentence(err))
			require.Zero(t, change)
		})
	}
	for _, body := range []string{"", "{}", "null", `{"id":"evt_1","object":"v2.core.event","type":"v1.charge.refunded"}`, strings.Repeat("[", 1<<20)} {
		_, err := Decode(commerce.Delivery{Body: []byte(body)})
		require.Equal(t, fault.Permanent, fault.KindOf(err))
	}
}

// One purchase told by five objects must become one order: each two share a key,
// if only by way of a third.
func TestKeysJoin(t *testing.T) {
	for name, p := range map[string]stripefake.Purchase{
		"one payment":  {},
		"subscription": {SubscriptionID: "sub_1"},
	} {
		t.Run(name, func(t *testing.T) {
			known := map[commerce.SourceKey]bool{}
			for i, c := range []commerce.Change{ // the worst order: each must meet one told before
				decode(t, "charge.dispute.created", noon, p.Dispute("dp_1", "needs_response", noon)),
				decode(t, "refund.created", noon, p.Refund("re_1", 5, "pending", noon)),
				decode(t, "charge.succeeded", noon, p.Charge(0)),
				decode(t, "payment_intent.succeeded", noon, p.PaymentIntent()),
				decode(t, "checkout.session.completed", noon, p.Session()),
				decode(t, "invoice.paid", noon, p.Invoice("subscription_create")),
			} {
				met := i == 0
				for _, k := range c.Order.Keys {
					met = met || known[k]
				}
				require.True(t, met, "%v stands alone", c.Order.Keys)
				for _, k := range c.Order.Keys {
					known[k] = true
				}
			}
			require.Len(t, known, 4)
		})
	}
}

func TestHash(t *testing.T) {
	event := stripefake.Event{Type: "charge.succeeded", Created: noon, Object: stripefake.Purchase{}.Charge(0)}
	first := decodeBody(t, event.Body()).Order.Detail.Hash
	again := strings.Replace(string(event.Body()), `"pending_webhooks": 1`, `"pending_webhooks": 0`, 1)
	require.NotEqual(t, again, string(event.Body()))
	require.Equal(t, first, decodeBody(t, []byte(again)).Order.Detail.Hash, "a retry is the same description")
	event.Object = event.Object.With("description", "changed")
	require.NotEqual(t, first, decodeBody(t, event.Body()).Order.Detail.Hash)
}

func TestTwinHints(t *testing.T) {
	p := stripefake.Purchase{Metadata: map[string]string{
		"order_id": "c24832194281634.1", "order_transaction_id": "6571915051170", "payments_charge_id": "2383543894178",
		"shop_id": "48689217698", "shop_name": "Culture", "email": "a@example.com", "manual_entry": "false",
		"Shopify_Order": "1001", "order_number": "two words", "checkout_token": "", "cart_token": "6571915051170",
	}}
	want := []string{"1001", "2383543894178", "24832194281634", "6571915051170", "c24832194281634.1"}
	for topic, o := range map[string]stripefake.Object{
		"payment_intent.succeeded": p.PaymentIntent(), "charge.succeeded": p.Charge(0), "charge.refunded": p.Charge(5),
		"checkout.session.completed": p.Session(), "invoice.paid": p.Invoice("manual"),
	} {
		require.Equal(t, want, decode(t, topic, noon, o).Order.TwinHints, topic)
	}
	many := map[string]string{}
	for i := range 50 {
		many["shopify_"+string(rune('A'+i))] = string(rune('A' + i))
	}
	require.Len(t, twinHints(many), maxHints)
	require.Equal(t, []string{"c.1", "c1.", "cx.1"}, twinHints(map[string]string{"order_id": "c.1", "shopify_a": "c1.", "shopify_b": "cx.1"}))
}

func BenchmarkRead(b *testing.B) {
	body := stripefake.Event{Type: "checkout.session.completed", Created: noon, Object: stripefake.Purchase{}.Session()}.Body()
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		_, _, _, _ = Read(body)
	}
}

func BenchmarkDecode(b *testing.B) {
	p := stripefake.Purchase{Customer: "cus_1", SubscriptionID: "sub_1"}
	for topic, o := range map[string]stripefake.Object{
		"checkout.session.completed": p.Session(), "invoice.paid": p.Invoice("manual"), "charge.refunded": p.Charge(100),
	} {
		d := commerce.Delivery{Body: stripefake.Event{Type: topic, Created: noon, Object: o}.Body()}
		b.Run(topic, func(b *testing.B) {
			b.SetBytes(int64(len(d.Body)))
			for b.Loop() {
				_, _ = Decode(d)
			}
		})
	}
}

// What is tried in the test mode is seen as a test, and is nobody's wish or deed.
func TestOfTheTestMode(t *testing.T) {
	p := stripefake.Purchase{Test: true, Customer: "cus_1", SubscriptionID: "sub_1", Promotion: "opt_in"}
	tell := func(topic string, o stripefake.Object) commerce.Change {
		c, err := Decode(commerce.Delivery{Body: stripefake.Event{Type: topic, Created: noon, Test: true, Object: o}.Body()})
		require.NoError(t, err)
		return c
	}
	p.Metadata = map[string]string{"order_id": "820982911946"}
	for topic, o := range map[string]stripefake.Object{
		"checkout.session.completed": p.Session(), "checkout.session.async_payment_succeeded": p.Session().Without("livemode"),
		"charge.succeeded": p.Charge(0), "payment_intent.succeeded": p.PaymentIntent(), "invoice.paid": p.Invoice("manual"),
		"invoice.payment_failed": p.FailedInvoice("subscription_cycle", 1), "charge.refunded": p.Charge(700), "charge.updated": p.Charge(700),
	} {
		c := tell(topic, o)
		require.NotEmpty(t, c.Order.Keys, topic)
		require.True(t, c.Order.Detail == nil || c.Order.Detail.Test, topic)
		require.Nil(t, c.Order.Person, topic)
		require.Empty(t, c.Order.TwinHints, topic)
		require.Empty(t, c.Consents, topic)
	}
	for topic, o := range map[string]stripefake.Object{
		"customer.created": p.CustomerObject(), "customer.updated": p.CustomerObject(), "customer.subscription.deleted": p.Subscription(noon, "payment_failed"),
	} {
		require.Equal(t, commerce.Change{Ignored: "it happened in the account's test mode, to nobody"}, tell(topic, o), topic)
	}
	require.NotNil(t, tell("account.application.deauthorized", stripefake.Object{"id": "ca_1", "object": "application"}).Uninstall)
	p.Test = false
	require.False(t, decode(t, "payment_intent.succeeded", noon, p.PaymentIntent().Without("invoice").With("invoice", nil)).Order.Detail.Test)
}
