package server

import (
	"context"
	"net/http"
	"sync/atomic"

	"github.com/danielgtaylor/huma/v2"
	"golang.org/x/sync/errgroup"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/integrations/api"
	"flywheel/store"
)

// counted says of how many things we did not know yet.
type counted struct {
	Body struct {
		Fresh int `json:"fresh" doc:"How many are new."`
		Known int `json:"known" doc:"How many had been told before."`
	}
}

func count(fresh, all int) *counted {
	var c counted
	c.Body.Fresh, c.Body.Known = fresh, all-fresh
	return &c
}

func (a *restAPI) postTouches(path string, s *Server) {
	huma.Register(a.huma, operation(http.MethodPost, path, "tell-touches", "Tell of messages that another tool sent",
		"One message, or up to 500 as {\"touches\": [...]}. They stand in the customer's timeline, and service and marketing ones count in the shop's caps.",
		http.StatusOK), s.takeTouches)
	a.describe(path, body[api.Touch, api.TouchList](a, true))
}

// takeTouches keeps other tools' messages, each once.
func (s *Server) takeTouches(ctx context.Context, r *request) (*counted, error) {
	touches, err := api.ReadTouches(r.RawBody, s.Store.Now())
	if err != nil {
		return nil, s.refuse(err)
	}
	var fresh atomic.Int64
	work, ctx := errgroup.WithContext(ctx)
	work.SetLimit(16) // on PostgreSQL each is a connection
	for _, t := range touches {
		work.Go(func() error {
			isNew, err := s.addTouch(ctx, r.caller.Shop, t)
			if isNew {
				fresh.Add(1)
			}
			return err
		})
	}
	if err := work.Wait(); err != nil {
		return nil, s.refuse(unavailable(err, "the messages could not be saved; a repeat does no harm"))
	}
	return count(int(fresh.Load()), len(touches)), nil
}

func (s *Server) addTouch(ctx context.Context, shop commerce.ShopID, t api.Touch) (bool, error) {
	hash, err := s.Store.AddressHash(ctx, shop, t.Email)
	if err != nil {
		return false, err
	}
	return s.Store.AddTouch(ctx, shop, store.Touch{
		Email: t.Email, At: t.SentAt, Class: gate.Class(t.Class), Channel: commerce.Channel(t.Channel),
		Source: t.Source, ExternalID: t.Key(hash), Campaign: t.Campaign,
	})
}
