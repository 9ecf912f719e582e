package main

import (
	"context"
	"fmt"
	"time"

	"flywheel/commerce"
	"flywheel/delight/calendar"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
)

// turns is how often a rule is asked in a round.
const turns = 100_000

// rules measures what is pure: which step comes next and may it go, and a
// condition. Their facts are those of a busy person.
func rules(ctx context.Context, _ string, rounds int, bound float64) ([]figure, error) {
	flow, err := campaign.NewFlow(straight())
	if err != nil {
		return nil, err
	}
	condition, err := campaign.Compile(`order.total > 100 && "vip" in order.tags && person.orders >= 2`)
	if err != nil {
		return nil, err
	}
	at := commerce.At(time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)) // a Monday
	facts := gateFacts(at)
	walk := campaign.Walk{
		Enrollment: campaign.Enrollment{ID: "self", Person: "ada", Order: "order", Anchor: at.Add(-72 * time.Hour), Position: campaign.Position{Anchor: at.Add(-72 * time.Hour)}},
		Facts:      ruleFacts(facts, at), Now: at,
	}
	decide := figure{Name: "next_and_gate", Unit: "us", Goal: atMost(bound), Note: "one zone, two uses, three rivals, a flow of five steps"}
	match := figure{Name: "condition_warm", Unit: "us", Goal: atMost(6), Note: `order.total > 100 && "vip" in order.tags && person.orders >= 2`}
	for round := range rounds + 1 {
		next, err := timed(func() error {
			n := flow.Next(walk)
			if n.Step == nil || n.Due > at {
				return fmt.Errorf("nothing is due: %+v", n)
			}
			facts.Self.Due, facts.LatestUseful = n.Due, n.Latest
			if d := gate.Decide(facts, at); d.Answer != gate.Send {
				return fmt.Errorf("the gate says %+v", d)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		held, err := timed(func() error {
			ok, err := condition.Matches(campaign.VarsOf(walk.Facts, walk.Enrollment, at))
			if err == nil && !ok {
				err = fmt.Errorf("the condition does not hold")
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		if round > 0 {
			decide.Values, match.Values = append(decide.Values, next), append(match.Values, held)
		}
	}
	return []figure{decide, match}, ctx.Err()
}

// timed returns what one turn takes, in microseconds.
func timed(do func() error) (float64, error) {
	began := time.Now()
	for range turns {
		if err := do(); err != nil {
			return 0, err
		}
	}
	return float64(time.Since(began).Nanoseconds()) / 1000 / turns, nil
}

// straight is a campaign of five steps after an order was paid, the second of which is due.
func straight() campaign.Definition {
	mail := map[string]campaign.Email{"en": {Subject: "How is it?", Heading: "How is it?", Body: []string{"Say so."}, Closing: []string{"Bye"}}}
	wait := func(id string, hours time.Duration) campaign.Step {
		return campaign.Step{ID: id, Kind: campaign.Wait, For: campaign.Duration(hours * time.Hour)}
	}
	send := func(id string) campaign.Step {
		return campaign.Step{ID: id, Kind: campaign.SendEmail, Useful: campaign.Duration(240 * time.Hour), Email: mail}
	}
	return campaign.Definition{
		Name: "bench", Title: campaign.Texts{"en": "Bench"}, Goal: campaign.Texts{"en": "Bench"}, Class: gate.Service, Topic: "care", Priority: 50,
		Trigger: campaign.Trigger{Kind: campaign.OnOrderPaid},
		Steps:   []campaign.Step{wait("a_while", 48), send("one"), wait("longer", 96), send("two"), send("three")},
	}
}

// gateFacts are those of a mail that may go, with two uses and three rivals
// that go first, of which two would be sent and leave it room.
func gateFacts(at commerce.Instant) gate.Facts {
	shop := usualShop()
	shop.State = commerce.ShopActive
	shop.Settings.Caps.Asks = commerce.Cap{Limit: 5, Days: 7}
	facts := func(due commerce.Instant, priority int, id string) gate.Facts {
		return gate.Facts{
			Shop: shop, Connected: true, CampaignLive: true, Class: gate.Service, Topic: "care", Channel: commerce.ByMail, Rule: gate.Rule{Need: gate.NeedOptIn},
			Person: commerce.Person{ID: "ada", Email: "ada@example.com"}, Order: bought(at),
			Suppressions: []gate.Suppression{{Scope: gate.TopicScope("news"), Reason: "asked"}},
			Consents: []commerce.ConsentChange{
				{Channel: commerce.ByMail, Class: string(gate.Marketing), State: commerce.Subscribed, At: at.Add(-100 * time.Hour)},
				{Channel: commerce.ByMail, Class: string(gate.Service), State: commerce.Subscribed, At: at.Add(-90 * time.Hour)},
			},
			Place: calendar.Place{Zone: "Europe/London", Country: "GB", Source: calendar.FromPerson},
			Used:  []gate.Use{{At: at.Add(-48 * time.Hour), Class: gate.Service}, {At: at.Add(-24 * time.Hour), Class: gate.Marketing}},
			Self:  gate.Rank{Priority: priority, Due: due, ID: id}, LatestUseful: at.Add(240 * time.Hour),
		}
	}
	f := facts(at, 50, "self")
	for i, id := range []string{"first", "second", "held"} {
		r := facts(at.Add(time.Duration(i)*time.Hour), 60, id)
		r.OpenCase = id == "held"
		f.Rivals = append(f.Rivals, gate.Rival{Rank: r.Self, Campaign: id, Facts: r})
	}
	return f
}

// ruleFacts are the same person's for the campaign's own rules.
func ruleFacts(f gate.Facts, at commerce.Instant) campaign.Facts {
	history := commerce.History{
		{Order: "earlier", At: at.Add(-2000 * time.Hour), Amount: 9000, Known: true, Counts: true},
		{Order: "order", At: at.Add(-72 * time.Hour), Amount: 12000, Known: true, Counts: true},
	}
	return campaign.Facts{Shop: f.Shop, Person: f.Person, Consents: f.Consents, Order: f.Order, History: history}
}

// bought is a paid order of two cups, three days ago, with a part refunded.
func bought(at commerce.Instant) *commerce.Order {
	total := commerce.Money{Amount: 15_000, Currency: "EUR"}
	keys, then := []commerce.SourceKey{{Platform: commerce.Shopify, Kind: "order", ID: "1"}}, at.Add(-72*time.Hour)
	o := &commerce.Order{ID: "order"}
	o.Merge(commerce.OrderChange{
		Keys: keys, PlacedAt: then, Payment: commerce.Payment{Told: then},
		Detail: &commerce.Detail{
			Platform: commerce.Shopify, UpdatedAt: then, FinancialStatus: "paid", Total: total, ShopTotal: total, CurrentTotal: total, Tags: []string{"vip", "gift wrapped"},
			Lines: []commerce.Line{{ID: "cup", Title: "Cup", Quantity: 2, Current: 2}},
		},
		Refunds: []commerce.Refund{{ID: "r", Status: commerce.RefundSucceeded, Amount: commerce.Money{Amount: 3000, Currency: "EUR"}, At: at.Add(-24 * time.Hour)}},
	}, commerce.Shopify)
	return o
}
