package apptest

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/integrations/shopify/shopifyfake"
)

// entered gives a campaign its entry rule.
func entered(e campaign.EntryRule) func(*campaign.Definition) {
	return func(d *campaign.Definition) { d.Entry = e }
}

// uncapped lifts the caps, where a story is about something else.
func uncapped(a *App) *App {
	return a.Settings(func(s *commerce.Settings) { s.Caps.Asks = commerce.Cap{Limit: -1, Days: 1} })
}

// Once ever, once per order, every time: by the mails of two orders, each told
// twice, of which one is refunded in two parts.
func TestEntryModes(t *testing.T) {
	for name, c := range map[string]struct {
		trigger campaign.TriggerKind
		mode    campaign.EntryMode
		mails   int
	}{
		"once ever":                        {campaign.OnOrderPaid, campaign.OnceEver, 1},
		"once per order":                   {campaign.OnOrderPaid, campaign.PerOrder, 2},
		"as is usual for an order":         {campaign.OnOrderPaid, "", 2},
		"refunds, once per order":          {campaign.OnRefundPartial, campaign.PerOrder, 1},
		"refunds, every time":              {campaign.OnRefundPartial, campaign.EveryTime, 2},
		"as is usual for another system's": {campaign.OnCustomEvent, "", 2},
		"another system's, once ever":      {campaign.OnCustomEvent, campaign.OnceEver, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			Plain(t, func(t *testing.T, a *App) {
				uncapped(a).Live(Campaign(c.trigger, entered(campaign.EntryRule{Mode: c.mode}), func(d *campaign.Definition) {
					if c.trigger == campaign.OnCustomEvent {
						d.Trigger.Name = "quiz.done"
					}
				}))
				first, second := sold(a, 1), sold(a, 2)
				a.Wait()
				a.Send("orders/updated", first.Touch(a.Clock.Now()).Body())
				a.Send("orders/updated", second.Touch(a.Clock.Now()).Body())
				for i := range 2 {
					a.Send("refunds/create", first.Refund(a.Clock.Now(), 100).Body())
					a.API("POST", "/events", fmt.Sprintf(`{"name": "quiz.done", "id": "%d", "email": "ada@example.com"}`, i))
					a.After(time.Hour)
				}
				require.Equal(t, map[string]int{"It happened": c.mails}, a.Subjects(Ada))
			})
		})
	}
}

// Several orders within the cooling-off are one ask, for all that was kept of them.
func TestCoolingOffIsOneAskForAllKeptLines(t *testing.T) {
	Plain(t, func(t *testing.T, a *App) {
		ask := Mail("ask", "How is it")
		email := ask.Email["en"]
		email.ShowLines = true
		ask.Email["en"] = email
		uncapped(a).Live(Campaign(campaign.OnOrderPaid, entered(campaign.EntryRule{CoolingOff: campaign.Duration(7 * Day)}), Then(Pause("a", 10*Day), ask)))
		sold(a, 1)
		a.After(3 * Day)
		second := a.Order(2).With(shopifyfake.Line{Title: "Felt hat", Quantity: 1, Price: 3900}, shopifyfake.Line{Title: "Wool gloves", Quantity: 1, Price: 2900})
		a.Send("orders/paid", second.Body())
		a.After(3 * Day)
		a.Send("refunds/create", second.Refund(a.Clock.Now(), 2900, shopifyfake.RefundLine{Line: 1, Quantity: 1}).Body())
		a.After(2 * Day) // eight days behind the first
		sold(a, 3)
		a.After(30 * Day)
		mails := a.WantMails(Ada, "How is it", "How is it")
		require.Contains(t, mails[0].Text, "Merino scarf")
		require.Contains(t, mails[0].Text, "Felt hat")
		require.NotContains(t, mails[0].Text, "Wool gloves")
		require.NotContains(t, mails[1].Text, "Felt hat")
		require.Contains(t, a.Reasons(Ada, "story"), "cooling_off")
	})
}

// When the order that speaks for others is given back, the next one speaks.
func TestCoolingOffPassesOn(t *testing.T) {
	Plain(t, func(t *testing.T, a *App) {
		a.Live(Campaign(campaign.OnOrderPaid, entered(campaign.EntryRule{CoolingOff: campaign.Duration(7 * Day)}), Then(Pause("a", 10*Day), Mail("ask", "How is {{ order.name }}"))))
		first := sold(a, 1)
		a.After(3 * Day)
		sold(a, 2)
		a.After(Day)
		a.Send("refunds/create", first.Refund(a.Clock.Now(), first.Total()).Body())
		a.After(30 * Day)
		a.WantMails(Ada, "How is #1002")
	})
}

// A campaign for orders after a stated day lets earlier ones be.
func TestStartFromAStatedDay(t *testing.T) {
	Plain(t, func(t *testing.T, a *App) {
		uncapped(a).Live(Campaign(campaign.OnOrderPaid, entered(campaign.EntryRule{From: "2026-03-05T00:00:00Z"}), Then(Mail("tell", "Thanks for {{ order.name }}"))))
		sold(a, 1)
		a.After(4 * Day)
		a.WantMails(Ada)
		require.Contains(t, a.Reasons(Ada, "story"), "before_start")
		sold(a, 2)
		a.Wait()
		a.WantMails(Ada, "Thanks for #1002")
	})
}

// A step that waits for the way of its own order is not moved by another's.
func TestWaitingForOnesOwnParcel(t *testing.T) {
	Plain(t, func(t *testing.T, a *App) {
		a.Live(Campaign(campaign.OnOrderPaid, Then(campaign.Step{
			ID: "there", Kind: campaign.WaitForEvent, Event: "order_arrived", Timeout: campaign.Duration(30 * Day),
			Then: []campaign.Step{Mail("yes", "{{ order.name }} is there")}, Else: []campaign.Step{Mail("no", "Where is {{ order.name }}")},
		})))
		sold(a, 1)
		_, f := sent(a, 2)
		a.After(2 * Day)
		a.Send("fulfillment_events/create", f.Deliver(a.Clock.Now()))
		a.Wait()
		a.WantMails(Ada, "#1002 is there")
		a.After(40 * Day)
		a.WantMails(Ada, "#1002 is there", "Where is #1001")
	})
}

// A branch is taken once: what changes behind it changes nothing of it.
func TestABranchIsTakenOnce(t *testing.T) {
	Plain(t, func(t *testing.T, a *App) {
		a.Live(Campaign(campaign.OnOrderPaid, Then(campaign.Step{
			ID: "big", Kind: campaign.If, Condition: "order.items > 2",
			Then: []campaign.Step{Pause("a", 2*Day), Mail("yes", "A large order")}, Else: []campaign.Step{Pause("b", Day), Mail("no", "A small order")},
		})))
		o := sold(a, 1)
		a.After(time.Hour)
		require.Equal(t, []string{"then"}, a.Passes(Ada))
		a.Send("refunds/create", o.Refund(a.Clock.Now(), 4900, shopifyfake.RefundLine{Line: 0, Quantity: 1}).Body())
		a.After(10 * Day)
		a.WantMails(Ada, "A large order")
	})
}
