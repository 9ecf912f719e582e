package stripe

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/stripe/stripefake"
)

func seed(f *testing.F) {
	names, err := filepath.Glob("testdata/*/*.json")
	if err != nil || len(names) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, name := range names {
		body, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	for _, body := range []string{
		``, `null`, `[[[[`, `{"id":"evt_1","object":"v2.core.event","type":"v1.charge.refunded","created":"2026-03-01T12:00:00Z"}`,
		`{"id":"evt_1","object":"event","type":"charge.refunded","created":1e400,"data":{"object":{"id":"ch_\u0000","amount":1e400}}}`,
		`{"id":"evt_1","object":"event","type":"charge.succeeded","created":1,"data":{"object":{"id":"ch_1","amount":9223372036854775807,"currency":"mga"}}}`,
	} {
		f.Add([]byte(body))
	}
	p := stripefake.Purchase{Customer: "cus_1", SubscriptionID: "sub_1", Promotion: "opt_out", Metadata: map[string]string{"order_id": "c1.1"}}
	refunds := stripefake.Object{"data": []any{p.Refund("re_1", 5, "failed", noon)}}
	for topic, o := range map[string]stripefake.Object{
		"checkout.session.completed": p.Session().With("line_items", p.SessionLines()), "payment_intent.succeeded": p.PaymentIntent(),
		"charge.succeeded": p.Charge(0).With("invoice", nil), "charge.refunded": p.Charge(5).With("refunds", refunds),
		"refund.updated": p.Refund("re_1", 5, "pending", noon), "charge.dispute.closed": p.Dispute("dp_1", "lost", noon),
		"invoice.paid": p.Invoice("subscription_cycle"), "invoice.payment_failed": p.FailedInvoice("subscription_cycle", 1),
		"customer.subscription.deleted": p.Subscription(noon, "payment_failed"), "customer.created": p.CustomerObject(),
		"customer.updated": p.CustomerObject(), "customer.deleted": p.CustomerObject(),
		"customer.subscription.trial_will_end": trial(),
		"account.application.deauthorized":     {"id": "ca_1"},
	} {
		f.Add(stripefake.Event{Type: topic, Created: noon, Account: "acct_1", Object: o}.Body())
	}
}

func FuzzRead(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		d, account, _, err := Read(body)
		if err != nil {
			if !fault.Is(err, fault.Invalid) || fault.Sentence(err) == "" {
				t.Fatalf("%v is not invalid with a sentence", err)
			}
			return
		}
		for _, id := range []string{d.ExternalID, d.Topic, d.OrderRef, d.CustomerRef, account} {
			if !plain(id) {
				t.Fatalf("%q went through the door", id)
			}
		}
		if d.ExternalID == "" || d.Topic == "" || d.TriggeredAt <= 0 {
			t.Fatalf("half read: %+v", d)
		}
	})
}

func FuzzDecode(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		c, err := Decode(commerce.Delivery{Body: body})
		if err != nil {
			if !fault.Is(err, fault.Permanent) || fault.Sentence(err) == "" {
				t.Fatalf("%v is not permanent with a sentence", err)
			}
			return
		}
		if err := storable(c); err != nil {
			t.Fatal(err)
		}
		again, err := Decode(commerce.Delivery{Body: body})
		if err != nil {
			t.Fatalf("readable once only: %v", err)
		}
		same(t, c, again)
		if c.Order != nil {
			var o commerce.Order
			o.Merge(*c.Order, commerce.Stripe)
			if o.Merge(*again.Order, commerce.Stripe) {
				t.Fatal("the same delivery changed the order twice")
			}
		}
	})
}

// storable says what of c a database or a mail could not take.
func storable(c commerce.Change) error {
	var texts []string
	if o := c.Order; o != nil {
		if len(o.Keys) == 0 {
			return errors.New("an order without a key")
		}
		for _, k := range o.Keys {
			if k.ID == "" || !plain(k.ID) {
				return errors.New("key " + k.ID)
			}
		}
		for _, r := range o.Refunds {
			if r.ID == "" || !plain(r.ID) || r.Amount.Amount < 0 || r.At == 0 {
				return errors.New("refund " + r.ID)
			}
		}
		for _, ch := range o.Charges {
			if ch.ID == "" || ch.Refunded < 0 || ch.Amount.Amount < 0 {
				return errors.New("charge " + ch.ID)
			}
		}
		if d := o.Detail; d != nil {
			texts = append(texts, d.Name, d.Language, d.Country, d.Total.Currency)
			if d.Total.Amount < 0 || len(d.Total.Currency) != 3 {
				return errors.New("total")
			}
			for _, l := range d.Lines {
				texts = append(texts, l.Title, l.Product, l.ID)
			}
		}
		texts = append(texts, o.TwinHints...)
		c.Person = mergePerson(c.Person, o.Person)
	}
	if p := c.Person; p != nil {
		if p.CustomerID == "" && p.Email == "" {
			return errors.New("a person without a name to find it by")
		}
		texts = append(texts, p.CustomerID, p.FirstName, p.LastName, p.Phone, p.Language, p.Country)
	}
	for _, s := range texts {
		if strings.ContainsFunc(s, unicode.IsControl) || len([]rune(s)) > maxText {
			return errors.New("text " + s)
		}
	}
	return nil
}
