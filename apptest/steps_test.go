package apptest

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/integrations/hook/hookfake"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/store"
)

const team = "team@nour.example"

// stepStories tell each kind of step from a paid order to what it does.
var stepStories = map[campaign.StepKind]func(t *testing.T, a *App){
	campaign.SendEmail: func(t *testing.T, a *App) {
		a.Live(Campaign(campaign.OnOrderPaid))
		sold(a, 1)
		a.Wait()
		require.Contains(t, a.WantMails(Ada, "It happened")[0].Text, "Merino scarf")
	},
	campaign.Wait: func(_ *testing.T, a *App) {
		a.Live(Campaign(campaign.OnOrderPaid, Then(Pause("a", Day), Pause("b", 2*time.Hour), Mail("tell", "It happened"))))
		sold(a, 1)
		a.After(26*time.Hour - time.Minute)
		a.WantMails(Ada)
		a.After(time.Minute)
		a.WantMails(Ada, "It happened")
	},
	campaign.WaitUntil: func(t *testing.T, a *App) {
		a.Live(Campaign(campaign.OnOrderPaid, Then(
			campaign.Step{ID: "until", Kind: campaign.WaitUntil, Weekday: "wednesday", At: "18:30"}, Mail("tell", "It happened"))))
		sold(a, 1) // on a Monday
		a.After(4 * Day)
		a.WantMails(Ada, "It happened")
		require.Equal(t, []time.Time{time.Date(2026, 3, 4, 18, 30, 0, 0, time.UTC)}, a.SentAt(Ada))
	},
	campaign.WaitForEvent: func(t *testing.T, a *App) {
		a.Live(Campaign(campaign.OnOrderPaid, Then(campaign.Step{
			ID: "reply", Kind: campaign.WaitForEvent, Event: "custom:quiz.done", Timeout: campaign.Duration(3 * Day),
			Then: []campaign.Step{Mail("yes", "You did it")}, Else: []campaign.Step{Mail("no", "You did not")},
		})))
		sold(a, 1)
		bo := shopifyfake.Customer{ID: 6002, Email: "bo@example.com"}
		a.Send("orders/paid", a.Order(2).For(bo, "GB").Body())
		a.After(2 * Day)
		a.API("POST", "/events", `{"name": "quiz.done", "id": "1", "email": "ada@example.com"}`)
		a.Wait()
		a.WantMails(Ada, "You did it")
		a.After(Day - time.Minute)
		a.WantMails("bo@example.com")
		a.After(time.Minute)
		a.WantMails("bo@example.com", "You did not")
		a.After(5 * Day)
		a.WantMails(Ada, "You did it")
		require.Equal(t, []string{"then"}, a.Passes(Ada))
		require.Equal(t, []string{"else"}, a.Passes("bo@example.com"))
	},
	campaign.If: func(t *testing.T, a *App) {
		a.Live(Campaign(campaign.OnOrderPaid, Then(campaign.Step{
			ID: "big", Kind: campaign.If, Condition: "order.total > 100.0",
			Then: []campaign.Step{Mail("yes", "A large order")}, Else: []campaign.Step{Mail("no", "A small order")},
		}, Mail("both", "To everybody"))))
		sold(a, 1)
		a.Send("orders/paid", a.Order(2).For(shopifyfake.Customer{ID: 6002, Email: "bo@example.com"}, "GB").
			With(shopifyfake.Line{Title: "A coat", Quantity: 1, Price: 20000}).Body())
		a.After(time.Hour)
		a.WantMails(Ada, "A small order", "To everybody")
		a.WantMails("bo@example.com", "A large order", "To everybody")
		require.Equal(t, []string{"then"}, a.Passes("bo@example.com"))
	},
	campaign.Split: func(t *testing.T, a *App) {
		a.Live(Campaign(campaign.OnOrderPaid, Then(campaign.Step{
			ID: "test", Kind: campaign.Split, Sample: 50, Goal: "orders", Within: campaign.Duration(7 * Day), Arms: []campaign.Arm{
				{Name: "a", Weight: 1, Steps: []campaign.Step{Mail("one", "The one way")}},
				{Name: "b", Weight: 1, Steps: []campaign.Step{Mail("other", "The other way")}},
			},
		})))
		arms := map[string]int{}
		for i := range 20 {
			email := fmt.Sprintf("bo%d@example.com", i)
			a.Send("orders/paid", a.Order(int64(i+1)).For(shopifyfake.Customer{ID: int64(6100 + i), Email: email}, "GB").Body())
			a.Wait()
			mails := a.Mails(email)
			require.Len(t, mails, 1)
			require.Equal(t, map[string]string{"a": "The one way", "b": "The other way"}[a.Passes(email)[0]], mails[0].Subject)
			arms[mails[0].Subject]++
		}
		require.Len(t, arms, 2, "both arms are taken: %v", arms)
	},
	campaign.End: func(t *testing.T, a *App) {
		a.Live(Campaign(campaign.OnOrderPaid, Then(Mail("tell", "It happened"), campaign.Step{
			ID: "enough", Kind: campaign.If, Condition: "order.total < 100.0", Then: []campaign.Step{{ID: "stop", Kind: campaign.End}},
		}, Mail("more", "And more"))))
		sold(a, 1)
		a.After(time.Hour)
		a.WantMails(Ada, "It happened")
		require.Equal(t, "end_step", a.Walk("story").Reason)
	},
	campaign.CallTask: func(t *testing.T, a *App) {
		a.Live(Campaign(campaign.OnOrderPaid, Then(campaign.Step{
			ID: "call", Kind: campaign.CallTask, Useful: campaign.Duration(7 * Day), Within: campaign.Duration(4 * time.Hour),
			Note: map[string]campaign.Note{"en": {Title: "Call {{ person.name }}", Body: []string{"Thank them for {{ order.name }}.", "Ask for nothing."}}},
		})))
		a.Send("orders/paid", a.Order(1).For(shopifyfake.Customer{ID: 6001, Email: Ada, FirstName: "Ada", Phone: "+447700900123"}, "GB").Body())
		a.Wait()
		require.Empty(t, a.Mail.Mails())
		tasks := a.Tasks(store.TaskOpen)
		require.Len(t, tasks, 1)
		require.Equal(t, "Call Ada", tasks[0].Title)
		require.Equal(t, "Thank them for #1001.\n\nAsk for nothing.", tasks[0].Script)
		require.Equal(t, commerce.At(a.Clock.Now().Add(4*time.Hour)), tasks[0].DueAt)
		require.Equal(t, []string{"sent"}, a.Effects(Ada, "story"))
	},
	campaign.NotifyTeam: func(t *testing.T, a *App) {
		a.Settings(func(s *commerce.Settings) { s.Team = []string{team} })
		a.Live(Campaign(campaign.OnOrderPaid, Then(campaign.Step{
			ID: "tell", Kind: campaign.NotifyTeam, Useful: campaign.Duration(7 * Day),
			Note: map[string]campaign.Note{"en": {Title: "{{ person.name }} bought", Body: []string{"It is {{ order.name }}."}}},
		})))
		sold(a, 1)
		a.Wait()
		a.WantMails(Ada)
		require.Contains(t, a.WantMails(team, "Ada Lovelace bought")[0].Text, "It is #1001.")
	},
	campaign.Webhook: func(t *testing.T, a *App) {
		crm := a.Hook()
		a.Live(Campaign(campaign.OnOrderPaid, Then(Post("tell"))))
		sold(a, 1)
		a.Wait()
		require.Empty(t, crm.Refused())
		got := crm.Deliveries()
		require.Len(t, got, 1)
		var body struct {
			Type, ID, Campaign string
			Person             struct{ Email string }
			Order              struct {
				Keys []string `json:"platform_ids"`
			}
		}
		require.NoError(t, json.Unmarshal(got[0].Body, &body))
		require.Equal(t, "campaign.step", body.Type)
		require.Equal(t, got[0].ID, body.ID)
		require.Equal(t, Ada, body.Person.Email)
		require.Contains(t, body.Order.Keys, "shopify:order:1")
	},
	campaign.TagCustomer: func(t *testing.T, a *App) {
		a.Shopify.PutCustomer(Domain, shopifyfake.Customer{ID: 6001, Email: Ada, Tags: []string{"new", "press"}})
		a.Live(Campaign(campaign.OnOrderPaid, Then(campaign.Step{
			ID: "tag", Kind: campaign.TagCustomer, Useful: campaign.Duration(7 * Day), Add: []string{"has bought"}, Remove: []string{"New"},
		}, Mail("then", "It happened"))))
		sold(a, 1)
		a.Wait()
		require.Equal(t, []string{"has bought", "press"}, a.Shopify.Tags(Domain, 6001))
		require.Equal(t, []string{"sent", "sent"}, a.Effects(Ada, "story"))
		a.WantMails(Ada, "It happened")
	},
	campaign.GivePoints: func(t *testing.T, a *App) {
		a.Club()
		sold(a, 1)
		a.Wait()
		m, err := a.App.Store.LoyaltyMember(a.Ctx, a.Shop.ID, a.Person(Ada).ID)
		require.NoError(t, err)
		a.Live(Campaign(campaign.OnOrderPaid, Then(campaign.Step{ID: "give", Kind: campaign.GivePoints, Useful: campaign.Duration(7 * Day), Points: 25, Why: "for coming back"})))
		a.After(time.Hour)
		sold(a, 2)
		a.Wait()
		now, err := a.App.Store.LoyaltyMember(a.Ctx, a.Shop.ID, a.Person(Ada).ID)
		require.NoError(t, err)
		require.Equal(t, m.Points+25, now.Points)
		require.Equal(t, []string{"sent"}, a.Effects(Ada, "story"))
	},
	campaign.GiveReward: func(t *testing.T, a *App) {
		a.Club()
		a.Live(Campaign(campaign.OnOrderPaid, Then(campaign.Step{ID: "give", Kind: campaign.GiveReward, Useful: campaign.Duration(7 * Day), Reward: "ten"}, Mail("then", "It happened"))))
		sold(a, 1)
		a.Wait()
		require.Len(t, a.Shopify.Discounts(Domain), 1)
		require.Equal(t, []string{"sent", "sent"}, a.Effects(Ada, "story"))
		a.WantMails(Ada, "It happened")
	},
}

// Each kind of step there is does what it says.
func TestSteps(t *testing.T) {
	require.Len(t, stepStories, len(campaign.StepKinds()), "a story of a kind that is no step")
	for _, spec := range campaign.StepKinds() {
		story, told := stepStories[spec.Kind]
		require.True(t, told, "no story is told of the step %s", spec.Kind)
		t.Run(string(spec.Kind), func(t *testing.T) {
			t.Parallel()
			Plain(t, story)
		})
	}
}

// A receiver that stumbles is tried again under the same id; it sees one webhook.
func TestWebhookIsTriedAgain(t *testing.T) {
	for name, trouble := range map[string]hookfake.Trouble{
		"an error":                         {Code: 500},
		"an error after it was taken":      {Code: 500, Taken: true},
		"too many, come back in two hours": {Code: 429, RetryAfter: "7200"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			Plain(t, func(t *testing.T, a *App) {
				crm := a.Hook()
				crm.Next(2, trouble)
				a.Live(Campaign(campaign.OnOrderPaid, Then(Post("tell"), Mail("then", "It happened"))))
				sold(a, 1)
				a.Wait()
				require.Equal(t, []string{"retry"}, a.Effects(Ada, "story"))
				a.WantMails(Ada)
				a.After(5 * time.Hour)
				require.Equal(t, []string{"sent", "sent"}, a.Effects(Ada, "story"))
				got := crm.Deliveries()
				require.Len(t, got, 1, "one webhook by its id")
				if trouble.Taken {
					require.Equal(t, 3, got[0].Count)
				}
				require.Empty(t, crm.Refused())
				a.WantMails(Ada, "It happened")
			})
		})
	}
}

// A receiver that says it is gone is not asked again, and the walk goes on.
func TestWebhookIsGone(t *testing.T) {
	Plain(t, func(t *testing.T, a *App) {
		crm := a.Hook()
		crm.Next(1, hookfake.Trouble{Code: 410})
		a.Live(Campaign(campaign.OnOrderPaid, Then(Post("tell"), Mail("then", "It happened"))))
		sold(a, 1)
		a.Wait()
		e, err := a.App.Store.Endpoint(a.Ctx, a.Shop.ID, "crm")
		require.NoError(t, err)
		require.NotZero(t, e.DisabledAt)
		a.Send("orders/paid", a.Order(2).For(shopifyfake.Customer{ID: 6002, Email: "bo@example.com"}, "GB").Body())
		a.After(Day)
		require.Empty(t, crm.Deliveries())
		a.WantMails(Ada, "It happened")
		a.WantMails("bo@example.com", "It happened")
		require.ElementsMatch(t, []string{"failed", "sent"}, a.Effects("bo@example.com", "story"))
	})
}

// Nobody is called who gave no number; once there is one, the call is on the list.
func TestCallNeedsANumber(t *testing.T) {
	Plain(t, func(t *testing.T, a *App) {
		a.Live(Campaign(campaign.OnOrderPaid, Then(campaign.Step{
			ID: "call", Kind: campaign.CallTask, Useful: campaign.Duration(7 * Day),
			Note: map[string]campaign.Note{"en": {Title: "Call {{ person.name }}", Body: []string{"Thank them."}}},
		})))
		o := sold(a, 1)
		a.After(time.Hour)
		require.Empty(t, a.Tasks(store.TaskOpen))
		require.Contains(t, a.Reasons(Ada, "story"), "no_address")
		o.Customer.Phone = "+447700900123"
		a.Send("customers/update", o.Touch(a.Clock.Now()).CustomerBody())
		a.Wait()
		require.Len(t, a.Tasks(store.TaskOpen), 1)
	})
}

// A call that is on the list is dropped when its order is refunded.
func TestCallIsDroppedWithItsOrder(t *testing.T) {
	Plain(t, func(t *testing.T, a *App) {
		a.Live(Campaign(campaign.OnOrderPaid, Then(campaign.Step{
			ID: "call", Kind: campaign.CallTask, Useful: campaign.Duration(7 * Day),
			Note: map[string]campaign.Note{"en": {Title: "Call {{ person.name }}", Body: []string{"Thank them."}}},
		})))
		o := a.Order(1).For(shopifyfake.Customer{ID: 6001, Email: Ada, FirstName: "Ada", Phone: "+447700900123"}, "GB")
		a.Send("orders/paid", o.Body())
		a.Wait()
		require.Len(t, a.Tasks(store.TaskOpen), 1)
		a.Send("refunds/create", o.Refund(a.Clock.Now(), o.Total()).Body())
		a.Wait()
		require.Empty(t, a.Tasks(store.TaskOpen))
		require.Equal(t, "refunded", a.Tasks(store.TaskDropped)[0].Note)
	})
}
