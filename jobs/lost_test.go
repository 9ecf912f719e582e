package jobs

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/integrations/hook"
	"flywheel/integrations/hook/hookfake"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/store"
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

// outward is a step of a kind that reaches out and is no mail to the customer.
func outward(kind campaign.StepKind) campaign.Step {
	s := campaign.Step{ID: "act", Kind: kind, Useful: campaign.Duration(24 * time.Hour)}
	switch kind {
	case campaign.Webhook:
		s.Hook = "crm"
	case campaign.TagCustomer:
		s.Add = []string{"vip"}
	default:
		s.Note = map[string]campaign.Note{"en": {Title: "Call {{ person.name }}", Body: []string{"Thank them."}}}
	}
	return s
}

// A worker is lost between marking a webhook, tags or a call and recording it: it is
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
		"tags":               {campaign.TagCustomer, false, store.Sent},
		"call":               {campaign.CallTask, false, store.Sent},
		"a mail to the team": {campaign.NotifyTeam, false, store.Unknown},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, w *world) {
				crm := w.receiver()
				w.customersOf(taggedAda())
				w.live(campaign.Trigger{Kind: campaign.OnOrderPaid}, outward(c.kind))
				o := w.order(1).For(shopifyfake.Customer{ID: 6001, Email: ada, FirstName: "Ada", Phone: "+447700900123"}, "GB")
				runs := w.claim(of(w.tell("orders/paid", o.Body()), "story"))
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
