package replay

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
)

const (
	hour = commerce.Instant(time.Hour / time.Millisecond)
	day  = 24 * hour
	paid = 100*day + 12*hour
)

// definition asks after two days, then again after a week, each useful for four days.
func definition() campaign.Definition {
	text := map[string]campaign.Email{"en": {Subject: "How is it?", Heading: "Well?", Body: []string{"Tell us."}}}
	step := func(id string) campaign.Step {
		return campaign.Step{ID: id, Kind: campaign.SendEmail, Useful: campaign.Duration(4 * 24 * time.Hour), Email: text}
	}
	wait := func(id string, days int) campaign.Step {
		return campaign.Step{ID: id, Kind: campaign.Wait, For: campaign.Duration(time.Duration(days) * 24 * time.Hour)}
	}
	return campaign.Definition{
		Name: "care", Title: campaign.Texts{"en": "Care"}, Goal: campaign.Texts{"en": "Care"}, Class: gate.Service, Topic: "care",
		Trigger: campaign.Trigger{Kind: campaign.OnOrderPaid}, Steps: []campaign.Step{wait("w1", 2), step("first"), wait("w2", 7), step("second")},
	}
}

// history is one order and what the gate says to its messages.
type history struct {
	refunded commerce.Instant
	answer   func(step string, at commerce.Instant) gate.Facts
	changes  []commerce.Instant
	now      commerce.Instant
}

func (h history) walk(t *testing.T) Outcome {
	t.Helper()
	flow, err := campaign.NewFlow(definition())
	require.NoError(t, err)
	sar := commerce.Money{Amount: 100, Currency: "SAR"}
	order := &commerce.Order{
		ID: "o", Keys: []commerce.SourceKey{{Platform: commerce.Shopify, Kind: "order", ID: "1"}}, PlacedAt: paid, Payment: commerce.Payment{Told: paid},
		Detail: commerce.Detail{Platform: commerce.Shopify, Total: sar, ShopTotal: sar, FinancialStatus: "paid"},
	}
	if h.refunded != 0 {
		order.Refunds = map[string]commerce.Refund{"r": {Status: commerce.RefundSucceeded, Amount: sar, At: h.refunded, Platform: commerce.Shopify}}
	}
	if h.now == 0 {
		h.now = paid + 60*day
	}
	return Walk(Case{
		Flow: flow, Begun: campaign.Enrollment{Cause: "order_paid|o", Order: "o", Anchor: paid, Position: campaign.Position{Anchor: paid}},
		Facts: func(at commerce.Instant) campaign.Facts { return campaign.Facts{Order: order.AsOf(at)} },
		Gate: func(_ campaign.Enrollment, n campaign.Next, at commerce.Instant) gate.Facts {
			f := gate.Facts{
				Shop: commerce.Shop{State: commerce.ShopActive}, Connected: true, CampaignLive: true, Class: gate.Transactional, Channel: commerce.ByMail,
				Rule: gate.Rule{Need: gate.NeedNothing}, Person: commerce.Person{Email: "ada@example.com"}, Order: order.AsOf(at), LatestUseful: n.Latest,
			}
			if h.answer != nil {
				stop := h.answer(n.Step.ID, at)
				f.Suppressions, f.OpenCase, f.Class = stop.Suppressions, stop.OpenCase, gate.Class(orElse(string(stop.Class), string(f.Class)))
			}
			return f
		},
		Changes: h.changes, Now: h.now,
	}, nil)
}

func orElse(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func TestWalks(t *testing.T) {
	first, second := Step{ID: "first", At: paid + 2*day, Sent: true}, Step{ID: "second", At: paid + 9*day, Sent: true}
	stopped := func(string, commerce.Instant) gate.Facts {
		return gate.Facts{Suppressions: []gate.Suppression{{Scope: gate.ScopeAll, Reason: "complaint"}}}
	}
	for name, c := range map[string]struct {
		history
		want Outcome
	}{
		"all of it":                  {history{}, Outcome{Steps: []Step{first, second}}},
		"refunded before the first":  {history{refunded: paid + day}, Outcome{End: gate.Refunded}},
		"refunded between":           {history{refunded: paid + 5*day}, Outcome{Steps: []Step{first}}},
		"refunded after all":         {history{refunded: paid + 20*day}, Outcome{Steps: []Step{first, second}}},
		"only the first is past":     {history{now: paid + 3*day}, Outcome{Steps: []Step{first}, Later: true}},
		"all of it lies ahead":       {history{now: paid + day}, Outcome{Later: true}},
		"somebody who wants nothing": {history{answer: stopped}, Outcome{Steps: []Step{{ID: "first", At: paid + 2*day, Reason: gate.Suppressed}, {ID: "second", At: paid + 9*day, Reason: gate.Suppressed}}}},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.want, c.walk(t)) })
	}
}

// What holds a message may go away in time, and the message goes then; else the
// reason told is what held it, not that it became too late.
func TestWhatIsHeldWaitsForAChange(t *testing.T) {
	until := func(end commerce.Instant) func(string, commerce.Instant) gate.Facts {
		return func(step string, at commerce.Instant) gate.Facts {
			return gate.Facts{OpenCase: step == "first" && at < end, Class: gate.Service}
		}
	}
	h := history{answer: until(paid + 4*day), changes: []commerce.Instant{paid + 3*day, paid + 4*day}}
	require.Equal(t, Step{ID: "first", At: paid + 4*day, Sent: true}, h.walk(t).Steps[0])
	h.answer = until(paid + 50*day)
	got := h.walk(t).Steps[0]
	require.False(t, got.Sent)
	require.Equal(t, gate.OpenCase, got.Reason)
}
