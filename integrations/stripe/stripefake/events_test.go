package stripefake_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/integrations/stripe/stripefake"
)

func TestEventsAreListed(t *testing.T) {
	w := start(t)
	p := stripefake.Purchase{}
	tell := func(id, kind string, at time.Time, o stripefake.Object) []byte {
		return w.Emit("acct_1", stripefake.Event{ID: id, Type: kind, Created: at, Object: o})
	}
	tell("evt_1", "charge.succeeded", noon.Add(-time.Hour), p.Charge(0))
	body := tell("evt_2", "charge.refunded", noon, p.Charge(700))
	require.Equal(t, body, tell("evt_2", "charge.refunded", noon, p.Charge(700)), "told again, the same")
	tell("evt_3", "invoice.paid", noon.Add(-30*24*time.Hour), p.Invoice("manual"))
	w.Delivered("acct_1", "evt_2", true)
	for query, want := range map[string][]string{
		"":                               {"evt_2", "evt_1", "evt_3"},
		"limit=1":                        {"evt_2"},
		"limit=1&starting_after=evt_2":   {"evt_1"},
		"ending_before=evt_3":            {"evt_2", "evt_1"},
		"type=charge.*":                  {"evt_2", "evt_1"},
		"type=charge.refunded":           {"evt_2"},
		"type=charge":                    nil,
		"types[]=invoice.paid&types[]=x": {"evt_3"},
		"types[0]=charge.succeeded":      {"evt_1"},
		"delivery_success=true":          {"evt_2"},
		"delivery_success=false":         {"evt_1", "evt_3"},
		"created[gte]=1772366400":        {"evt_2"},
		"types[]=a&starting_after=evt_2": nil,
		"type=invoice.*&limit=1":         {"evt_3"},
		"type=inv*&starting_after=evt_1": {"evt_3"},
	} {
		require.Equal(t, want, w.get("events", query).ids(), query)
	}
	require.EqualValues(t, 0, w.get("events/evt_2", "").o["pending_webhooks"])
	require.EqualValues(t, 1, w.get("events/evt_1", "").o["pending_webhooks"])
	require.Contains(t, string(body), `"account": "acct_1"`)
	require.NotContains(t, w.get("events/evt_2", "").o, "account", "who reads it knows")

	w.now = noon.Add(time.Second)
	require.Equal(t, []string{"evt_2", "evt_1"}, w.get("events", "").ids(), "Stripe keeps 30 days")
	require.Equal(t, 404, w.get("events/evt_3", "").status)
	w.Delivered("acct_1", "evt_2", false)
	require.Empty(t, w.get("events", "delivery_success=true").ids())
}

// An event leaves its object as it says, unless a later one was told before it.
func TestEventsKeepTheirObjects(t *testing.T) {
	w := start(t)
	p := stripefake.Purchase{}
	w.Emit("acct_1", stripefake.Event{Type: "charge.refunded", Created: noon, Object: p.Charge(700)})
	w.Emit("acct_1", stripefake.Event{Type: "charge.succeeded", Created: noon.Add(-time.Minute), Object: p.Charge(0)})
	require.EqualValues(t, 700, w.get("charges/ch_1", "").o["amount_refunded"])
	w.Emit("acct_1", stripefake.Event{ID: "evt_2", Type: "charge.refunded", Object: p.Charge(900)})
	require.EqualValues(t, 900, w.get("charges/ch_1", "").o["amount_refunded"])

	w.Emit("acct_9", stripefake.Event{Type: "charge.succeeded", Object: p.Charge(0)})
	require.Equal(t, 403, w.get("charges/ch_1", "", in("acct_9")).status, "it connects nothing")
	w.Put("acct_9")
	require.Equal(t, 200, w.get("charges/ch_1", "", in("acct_9")).status)
	w.Emit("", stripefake.Event{Type: "charge.succeeded", Test: true, Object: stripefake.Purchase{N: "own", Test: true}.Charge(0)})
	require.Equal(t, 200, w.get("charges/ch_own", "", in(""), by("sk_test_1")).status)
	require.Len(t, w.get("events", "", in(""), by("sk_test_1")).ids(), 1)
	require.Empty(t, w.get("events", "", in("")).ids())
}

// Without a clock the newest time given counts.
func TestWithoutAClock(t *testing.T) {
	w := start(t)
	w.Clock = nil
	for day := range 40 {
		w.Emit("acct_1", stripefake.Event{ID: fmt.Sprintf("evt_%d", day), Type: "charge.updated", Created: noon.AddDate(0, 0, day), Object: stripefake.Purchase{}.Charge(0)})
	}
	require.Len(t, w.get("events", "limit=100").ids(), 31)
	require.EqualValues(t, noon.AddDate(0, 0, 39).Unix(), w.made("coupons", "percent_off=5").o["created"])
}

// kinds are the types of events.
func kinds(events []stripefake.Event) (out []string) {
	for _, e := range events {
		out = append(out, e.Type)
	}
	return out
}

func TestActs(t *testing.T) {
	w := start(t)
	p := stripefake.Purchase{}
	w.Put("acct_1", p.Charge(0), p.PaymentIntent())
	charge := func() stripefake.Object { return w.get("charges/ch_1", "").o }

	part := w.Refund("acct_1", "ch_1", 1200, "re_1")
	require.Equal(t, []string{"refund.created", "charge.refunded"}, kinds(part))
	var body struct {
		ID, Account string
		Livemode    bool
		Data        struct{ Object map[string]any }
	}
	require.NoError(t, json.Unmarshal(part[1].Body(), &body))
	require.Equal(t, "acct_1", body.Account)
	require.True(t, body.Livemode)
	require.EqualValues(t, 1200, body.Data.Object["amount_refunded"])
	require.Equal(t, part[1].Body(), w.Emit("acct_1", part[1]), "kept already")
	require.Equal(t, []string{part[1].ID, part[0].ID}, w.get("events", "").ids())

	w.Refund("acct_1", "ch_1", 0, "re_2")
	require.Equal(t, true, charge()["refunded"])
	require.Equal(t, "charge_already_refunded", func() string { code, _ := w.post("refunds", "charge=ch_1").refused(); return code }())
	require.Panics(t, func() { w.Refund("acct_1", "ch_1", 1, "re_3") })
	require.Panics(t, func() { w.Refund("acct_1", "ch_404", 1, "re_3") })

	require.Equal(t, []string{"refund.updated", "refund.failed", "charge.refund.updated"}, kinds(w.FailRefund("acct_1", "re_2")))
	require.EqualValues(t, 1200, charge()["amount_refunded"], "a failed refund gives back")
	require.Equal(t, false, charge()["refunded"])
	byAPI := w.made("refunds", "payment_intent=pi_1&amount=100&reason=duplicate&metadata[a]=b")
	require.EqualValues(t, 1300, charge()["amount_refunded"])
	require.Equal(t, []string{byAPI.id(), "re_2", "re_1"}, w.get("refunds", "charge=ch_1").ids())

	require.Equal(t, false, charge()["disputed"])
	require.Equal(t, []string{"charge.dispute.created", "charge.dispute.funds_withdrawn"}, kinds(w.Dispute("acct_1", "ch_1", "dp_1")))
	require.Equal(t, true, charge()["disputed"])
	require.Equal(t, []string{"charge.dispute.closed"}, kinds(w.CloseDispute("acct_1", "dp_1", false)))
	require.Equal(t, "lost", w.get("disputes/dp_1", "").o["status"])
	require.Equal(t, []string{"charge.dispute.closed", "charge.dispute.funds_reinstated"}, kinds(w.CloseDispute("acct_1", "dp_1", true)))
	require.Equal(t, []string{"dp_1"}, w.get("disputes", "payment_intent=pi_1").ids())

	gone := w.Uninstall("acct_1", true)
	require.Equal(t, "account.application.deauthorized", gone.Type)
	require.Equal(t, 403, w.get("charges/ch_1", "").status)
}
