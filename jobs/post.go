package jobs

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/fault"
	"flywheel/integrations/hook"
	"flywheel/store"
)

// hooksAtOnce is how many outgoing webhooks of one chunk are under way side by side.
const hooksAtOnce = 8

// hookBody is what another system is told: who is where in which campaign, and
// for what. Amounts are minor units; instants are RFC 3339.
type hookBody struct {
	Type     string     `json:"type"` // campaign.step
	ID       string     `json:"id"`   // the webhook-id, the same on each retry
	At       time.Time  `json:"timestamp"`
	Shop     string     `json:"shop"`
	Campaign string     `json:"campaign"`
	Step     string     `json:"step"`
	Entry    string     `json:"entry"`
	Person   hookPerson `json:"person"`
	Order    *hookOrder `json:"order,omitempty"`
	Event    *hookCause `json:"event,omitempty"`
}

type hookPerson struct {
	ID        string `json:"id"`
	Email     string `json:"email,omitempty"`
	Phone     string `json:"phone,omitempty"`
	FirstName string `json:"first_name,omitempty"`
	LastName  string `json:"last_name,omitempty"`
	Language  string `json:"language,omitempty"`
	Country   string `json:"country,omitempty"`
}

type hookOrder struct {
	ID       string   `json:"id"`
	Name     string   `json:"name,omitempty"`
	Keys     []string `json:"platform_ids"` // shopify:order:123
	Total    int64    `json:"total"`
	Currency string   `json:"currency"`
}

type hookCause struct {
	Kind  string         `json:"kind"`
	Name  string         `json:"name,omitempty"`
	At    time.Time      `json:"at"`
	Props map[string]any `json:"properties,omitempty"`
}

// post sends outgoing webhooks and records how each ended. What is unclear is
// sent again: the receiver drops doubles by their id (Standard Webhooks).
func (w *Worker) post(ctx context.Context, shop commerce.Shop, runs []*run) {
	going, ok := w.begin(ctx, shop.ID, runs)
	if !ok {
		return
	}
	results := make([]store.EffectResult, len(going))
	var posts errgroup.Group
	posts.SetLimit(hooksAtOnce)
	for i, r := range going {
		posts.Go(func() error {
			results[i] = w.attempted(shop.ID, r, w.postOne(ctx, shop, r))
			return nil
		})
	}
	_ = posts.Wait()
	w.record(shop.ID, runs, results)
}

// postOne makes one attempt.
func (w *Worker) postOne(ctx context.Context, shop commerce.Shop, r *run) store.EffectResult {
	result := store.EffectResult{ID: r.effect.ID, Dispatch: r.effect.Dispatch, Tries: r.effect.Tries, State: store.Sent}
	if r.Rehearsal {
		result.Note = "rehearsal: not posted"
		return result
	}
	endpoint, err := w.Store.Endpoint(ctx, shop.ID, r.next.Step.Hook)
	if fault.Is(err, fault.NotFound) || err == nil && endpoint.DisabledAt != 0 {
		return r.gaveUp(result, gate.EndpointGone, "there is no endpoint "+r.next.Step.Hook+" in use")
	}
	body, failed := json.Marshal(bodyOf(shop, r, w.Store.Now()))
	outcome := hook.Outcome{State: hook.Retry, Detail: "the endpoint could not be read"}
	if err == nil && failed == nil {
		outcome = w.Hooks.Send(ctx, hook.Request{ID: string(r.effect.ID), URL: endpoint.URL, Secrets: endpoint.Secrets, Body: body})
	}
	result.Note = strings.TrimSpace(fmt.Sprintf("%d %s", outcome.Code, outcome.Detail))
	switch outcome.State {
	case hook.Sent:
	case hook.Failed:
		if outcome.Code == http.StatusGone {
			w.insist("endpoint not switched off", shop.ID, func(ctx context.Context) error {
				return w.Store.DisableEndpoint(ctx, shop.ID, r.next.Step.Hook, true)
			})
		}
		return r.gaveUp(result, gate.DeliveryRefused, result.Note)
	case hook.NotTried:
		result.State, result.Note = store.Withdrawn, "there was no time left to try"
		r.move = r.again(w.Store.Now())
	default:
		result.State, result.Tries = store.Retry, r.effect.Tries+1
		pause := max(wait(r.effect.ID, r.effect.Tries), outcome.RetryAfter)
		r.move = r.again(min(w.Store.Now().Add(pause), r.next.Latest+1))
	}
	return result
}

// gaveUp ends an act for good: the walk goes on, or ends with the reason.
func (r *run) gaveUp(result store.EffectResult, reason gate.Reason, note string) store.EffectResult {
	result.State, result.Note = store.Failed, note
	if r.move.Ended {
		r.move.Reason = string(reason)
	}
	return result
}

func bodyOf(shop commerce.Shop, r *run, now commerce.Instant) hookBody {
	p := r.person
	b := hookBody{
		Type: "campaign.step", ID: string(r.effect.ID), At: now.Time(), Shop: string(shop.ID), Campaign: string(r.Campaign), Step: r.effect.StepID, Entry: r.EntryKey,
		Person: hookPerson{string(p.ID), p.Email, p.Phone, p.FirstName, p.LastName, p.Language, p.Country},
	}
	if o := r.facts(); o != nil {
		b.Order = &hookOrder{ID: string(o.ID), Name: o.Detail.Name, Total: o.Detail.Total.Amount, Currency: o.Detail.Total.Currency}
		for _, k := range o.Keys {
			b.Order.Keys = append(b.Order.Keys, fmt.Sprintf("%s:%s:%s", k.Platform, k.Kind, k.ID))
		}
	}
	if c := r.rules.Cause; c.Kind != "" {
		b.Event = &hookCause{string(c.Kind), c.Name, c.OccurredAt.Time(), c.Props}
	}
	return b
}
