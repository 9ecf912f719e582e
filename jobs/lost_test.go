package jobs

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/integrations/api"
	"flywheel/integrations/hook"
	"flywheel/integrations/hook/hookfake"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/store"
	"flywheel/store/storetest"
)

const hookSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// receiver gives the shop an endpoint "crm" that takes webhooks.
func (w *world) receiver() *hookfake.Receiver {
	w.t.Helper()
	r, err := hookfake.New(hookSecret)
	require.NoError(w.t, err)
	r.Now = w.now
	server := httptest.NewServer(r)
	w.t.Cleanup(server.Close)
	require.NoError(w.t, w.Store.AddEndpoint(w.t.Context(), w.shop, "crm", server.URL, hookSecret))
	w.Hooks = hook.New(hook.Options{AllowPrivate: true, Now: w.now})
	return r
}

// live makes a campaign of a trigger's moment with these steps.
func (w *world) live(trigger campaign.Trigger, steps ...campaign.Step) {
	w.t.Helper()
	d := campaign.Definition{
		Name: "story", Title: campaign.Texts{"en": "Story"}, Goal: campaign.Texts{"en": "It is told."},
		Class: gate.Service, Topic: "care", Priority: 10, Trigger: trigger, Steps: steps,
	}
	require.NoError(w.t, d.Check())
	_, err := w.Store.SaveCampaign(w.t.Context(), w.shop, "story", d, campaign.Live)
	require.NoError(w.t, err)
}

// only keeps the runs of the story's campaign.
func only(es []campaign.Enrollment) (out []campaign.Enrollment) {
	for _, e := range es {
		if e.Campaign == "story" {
			out = append(out, e)
		}
	}
	return out
}

func outward(kind campaign.StepKind) campaign.Step {
	s := campaign.Step{ID: "act", Kind: kind, Useful: campaign.Duration(24 * time.Hour)}
	switch kind {
	case campaign.Webhook:
		s.Hook = "crm"
	default:
		s.Note = map[string]campaign.Note{"en": {Title: "Call {{ person.name }}", Body: []string{"Thank them."}}}
	}
	return s
}

// A worker is lost between marking a webhook or a call and recording it: it is
// done again, and the receiver and the list see it once. A mail to the team,
// which nobody can take back, is unknown.
func TestLostInTheMiddleOfAnAct(t *testing.T) {
	for name, c := range map[string]struct {
		kind  campaign.StepKind
		acted bool // it had reached the other side
		state store.EffectState
	}{
		"webhook, not begun": {campaign.Webhook, false, store.Sent},
		"webhook, taken":     {campaign.Webhook, true, store.Sent},
		"call":               {campaign.CallTask, false, store.Sent},
		"a mail to the team": {campaign.NotifyTeam, false, store.Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, w *world) {
				crm := w.receiver()
				w.live(campaign.Trigger{Kind: campaign.OnOrderPaid}, outward(c.kind))
				o := w.order(1).For(shopifyfake.Customer{ID: 6001, Email: ada, FirstName: "Ada", Phone: "+447700900123"}, "GB")
				runs := w.claim(only(w.tell("orders/paid", o.Body())))
				require.Len(t, runs, 1)
				going, ok := w.begin(t.Context(), w.shop, runs)
				require.True(t, ok)
				require.Len(t, going, 1)
				if c.acted {
					shop, err := w.Store.Shop(t.Context(), w.shop)
					require.NoError(t, err)
					require.Equal(t, store.Sent, w.postOne(t.Context(), shop, going[0]).State)
				}
				// Killed here. Another takes over.
				_, err := w.Store.RecoverLeases(t.Context(), store.NewID())
				require.NoError(t, err)
				w.settle()
				require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM effects WHERE campaign_id = 'story' AND state = $1`, c.state))
				require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM effects WHERE campaign_id = 'story'`))
				if c.kind == campaign.Webhook {
					got := crm.Deliveries()
					require.Len(t, got, 1)
					require.Equal(t, string(runs[0].effect.ID), got[0].ID)
				}
				if c.kind == campaign.CallTask {
					require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM tasks`))
				}
			})
		})
	}
}

// happen merges an event that another system tells of Ada now.
func (w *world) happen(name string) {
	w.t.Helper()
	events, err := api.ReadEvents([]byte(`{"name": "`+name+`", "id": "1", "email": "`+ada+`"}`), "", w.Store.Now())
	require.NoError(w.t, err)
	d, err := events[0].Delivery(w.shop, w.Store.Now())
	require.NoError(w.t, err)
	change, err := api.Decode(d)
	require.NoError(w.t, err)
	lease, ok, err := w.Store.LeaseInbox(w.t.Context(), w.shop, store.NewID())
	require.NoError(w.t, err)
	require.True(w.t, ok)
	campaigns, err := w.campaigns.ofShop(w.t.Context(), w.shop)
	require.NoError(w.t, err)
	_, err = w.apply(w.t.Context(), lease, campaigns, []decoded{{delivery: d, change: change}})
	require.NoError(w.t, err)
	require.NoError(w.t, w.Store.ReleaseInbox(w.t.Context(), lease))
}

// An event comes after a step's facts were read and before the step says that
// it waits for it: the walk is woken all the same.
func TestEventThatComesWhileTheStepIsTaken(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.live(campaign.Trigger{Kind: campaign.OnOrderPaid}, outward(campaign.CallTask), campaign.Step{
			ID: "wait", Kind: campaign.WaitForEvent, Event: "custom:quiz.done", Timeout: campaign.Duration(240 * time.Hour),
			Then: []campaign.Step{{
				ID: "told", Kind: campaign.NotifyTeam, Useful: campaign.Duration(24 * time.Hour),
				Note: map[string]campaign.Note{"en": {Title: "It was done", Body: []string{"So they did."}}},
			}},
		})
		buyer := shopifyfake.Customer{ID: 6001, Email: ada, FirstName: "Ada", Phone: "+447700900123"}
		runs := w.claim(only(w.tell("orders/paid", w.order(1).For(buyer, "GB").Body())))
		require.Len(t, runs, 1)
		storetest.ClockOf(w.Store).Advance(time.Minute)
		w.happen("quiz.done")
		w.reachOut(t.Context(), w.shop, runs)
		w.settle()
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM passes WHERE branch = 'then'`))
		require.Len(t, w.sink.Mails(), 1)
	})
}
