package server

import (
	"context"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"golang.org/x/sync/errgroup"

	"flywheel/commerce"
	"flywheel/integrations/api"
)

// keyedRequest is a request that may be repeated under a key.
type keyedRequest struct {
	request
	Key string `header:"Idempotency-Key" doc:"The id of a single event whose body has none."`
}

// keptEvents says what became of each event, in the order of the request.
type keptEvents struct {
	Body struct {
		Events []keptEvent `json:"events" nullable:"false"`
	}
}

type keptEvent struct {
	Name  string `json:"name"`
	ID    string `json:"id"`
	Known bool   `json:"known" doc:"It had been told before, and the repeat changed nothing."`
}

func (a *restAPI) postEvents(path string, s *Server) {
	op := operation(http.MethodPost, path, "tell-events", "Tell of something that happened to a customer",
		"One event, or up to 100 as {\"events\": [...]}. The answer comes once they are kept; campaigns start a moment later. "+
			"409 names each whose id was told before of somebody or something else; the others are kept.",
		http.StatusAccepted)
	op.Errors = append(op.Errors, http.StatusConflict)
	huma.Register(a.huma, op, s.takeEvents)
	a.describe(path, body[api.Event, api.EventList](a, true))
	event := a.huma.OpenAPI().Components.Schemas.Map()["Event"]
	event.Properties["properties"].AdditionalProperties = &huma.Schema{AnyOf: []*huma.Schema{{Type: "string"}, {Type: "number"}, {Type: "boolean"}}}
}

// takeEvents keeps events in the inbox, each once.
func (s *Server) takeEvents(ctx context.Context, r *keyedRequest) (*keptEvents, error) {
	now := s.Store.Now()
	events, err := api.ReadEvents(r.RawBody, r.Key, now)
	if err != nil {
		return nil, s.refuse(err)
	}
	deliveries := make([]commerce.Delivery, len(events))
	for i, e := range events {
		if deliveries[i], err = e.Delivery(r.caller.Shop, now); err != nil {
			return nil, s.refuse(err)
		}
	}
	fresh, err := s.keep(ctx, r.caller.Shop, deliveries)
	if err == nil {
		err = s.clashes(ctx, r.caller.Shop, events, deliveries, fresh)
	}
	if err != nil {
		return nil, s.refuse(err)
	}
	var kept keptEvents
	for i, e := range events {
		kept.Body.Events = append(kept.Body.Events, keptEvent{Name: e.Name, ID: e.ID, Known: !fresh[i]})
	}
	return &kept, nil
}

// clash is what was not taken since its id is another's.
type clash struct{ api.Refusal }

// clashes names the events whose id was told before of somebody or something
// else: to say that they are known would lose them without a word.
func (s *Server) clashes(ctx context.Context, shop commerce.ShopID, events []api.Event, deliveries []commerce.Delivery, fresh []bool) error {
	var wrong api.Refusal
	for i, e := range events {
		if fresh[i] {
			continue
		}
		kept, err := s.Store.KeptBody(ctx, shop, deliveries[i])
		if err != nil {
			return unavailable(err, "what was told before could not be looked up; a repeat does no harm")
		}
		if kept == nil || e.Same(kept) {
			continue
		}
		where := "id"
		if len(events) > 1 {
			where = fmt.Sprintf("events[%d].id", i)
		}
		wrong = append(wrong, api.Wrong{Where: where, What: "was told before of somebody or something else: each event needs an id of its own"})
	}
	if len(wrong) == 0 {
		return nil
	}
	return clash{wrong}
}

// keep puts what was told in the inbox, side by side so that they share commits,
// and hints at it. What was saved before an error stays: a repeat finds it known.
func (s *Server) keep(ctx context.Context, shop commerce.ShopID, deliveries []commerce.Delivery) (fresh []bool, err error) {
	fresh = make([]bool, len(deliveries))
	work, ctx := errgroup.WithContext(ctx)
	for i, d := range deliveries {
		work.Go(func() (err error) {
			fresh[i], err = s.Store.AddInbox(ctx, shop, d)
			return err
		})
	}
	err = work.Wait()
	for _, isNew := range fresh {
		if isNew {
			s.Queue.InboxArrived(shop)
			break
		}
	}
	return fresh, unavailableOrNil(err)
}

func unavailableOrNil(err error) error {
	if err == nil {
		return nil
	}
	return unavailable(err, "it could not be saved; a repeat does no harm")
}
