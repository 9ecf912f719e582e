package server

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/templates"
)

// consentPast is how far back the home counts what a lack of consent has held.
const consentPast = 30 * 24 * time.Hour

// fillStripe tells of what the shop's Stripe accounts need.
func (s *Server) fillStripe(ctx context.Context, v visit, h *templates.Home) error {
	_, needs, err := s.stripeCard(ctx, v)
	h.Needs = append(h.Needs, needs...)
	return err
}

// stripeCard tells of the shop's Stripe accounts, and where one is connected;
// nil where there is neither. Of closed ones only the last is told, and only
// while none is open.
func (s *Server) stripeCard(ctx context.Context, v visit) (*templates.HomeStripe, []templates.HomeNeed, error) {
	all, err := s.Store.Connections(ctx, v.Shop.ID)
	if err != nil {
		return nil, nil, err
	}
	var needs []templates.HomeNeed
	card := &templates.HomeStripe{Connect: s.joinLink(v, true), ConnectTest: s.joinLink(v, false)}
	var last *commerce.Connection
	for i, c := range all {
		switch {
		case c.Platform != commerce.Stripe:
			continue
		case !c.Open():
			last = &all[i] // they are listed by when they were closed
			continue
		case !c.Live:
			card.ConnectTest = "" // another live account is rare, a second for tests makes no sense
		}
		account, err := s.homeAccount(ctx, v, c)
		if err != nil {
			return nil, nil, err
		}
		card.Accounts = append(card.Accounts, account)
		needs = append(needs, needsOf(account)...)
	}
	if len(card.Accounts) == 0 && last != nil {
		card.Accounts = []templates.HomeAccount{{
			Connection: string(last.ID), Account: last.ExternalID, Test: !last.Live, Closed: last.ClosedAt.Time(), Again: s.joinLink(v, last.Live),
		}}
	}
	if len(card.Accounts) == 0 && card.Connect == "" && card.ConnectTest == "" {
		card = nil
	}
	return card, needs, nil
}

// joinLink is where an account is connected to the shop; "" where that is not offered.
func (s *Server) joinLink(v visit, live bool) string {
	if s.Accounts == nil || s.StripeApp.link(live) == "" {
		return ""
	}
	token := s.joinToken(v.Shop.ID, v.session.User)
	if token == "" {
		return ""
	}
	q := url.Values{"for": {token}}
	if !live {
		q.Set("mode", "test")
	}
	return stripePath + "?" + q.Encode()
}

func (s *Server) homeAccount(ctx context.Context, v visit, c commerce.Connection) (templates.HomeAccount, error) {
	a := templates.HomeAccount{
		Connection: string(c.ID), Account: c.ExternalID, Test: !c.Live, Since: c.InstalledAt.Time(),
		Revoked: c.TokenState == commerce.TokenRevoked, MayLeave: s.Accounts != nil,
	}
	if a.Revoked {
		a.Again = s.joinLink(v, c.Live)
		return a, nil // its past is not read now
	}
	b, err := s.Store.Backfill(ctx, v.Shop.ID, c.ID)
	if fault.Is(err, fault.NotFound) {
		return a, nil
	}
	a.Past = pastOf(b)
	return a, err
}

func pastOf(b store.Backfill) *templates.HomePast {
	p := &templates.HomePast{State: string(b.State), Done: b.Orders, Refused: b.Refused, Note: b.Note}
	if b.Size > 0 {
		p.Percent = int(min(100, 100*b.Position/b.Size))
	}
	// The reading of pages keeps in front of its cursor from when it goes back.
	from, _, _ := strings.Cut(b.Operation, " ")
	if at, err := strconv.ParseInt(from, 10, 64); err == nil && b.Position > 0 {
		p.Reached = commerce.Instant(at - b.Position).Time()
	}
	return p
}

func needsOf(a templates.HomeAccount) []templates.HomeNeed {
	switch {
	case a.Revoked:
		return []templates.HomeNeed{{Key: "stripe_revoked", Href: integrationsPath}}
	case a.Past != nil && a.Past.State == string(store.BackfillFailed):
		return []templates.HomeNeed{{Key: "stripe_backfill", Href: integrationsPath}}
	}
	return nil
}

// fillConsent tells how much was held because customers have not agreed.
func (s *Server) fillConsent(ctx context.Context, v visit, h *templates.Home) error {
	held, err := s.consentHeld(ctx, v)
	if held != nil {
		h.Held = held.Messages
	}
	return err
}

// consentHeld is what customers have not agreed to lately; nil = nothing was held.
func (s *Server) consentHeld(ctx context.Context, v visit) (*templates.HomeConsent, error) {
	held, err := s.Store.ConsentHeld(ctx, v.Shop.ID, s.Store.Now().Add(-consentPast))
	if err != nil || held.Messages == 0 {
		return nil, err
	}
	return &templates.HomeConsent{Messages: held.Messages, Persons: held.Persons, Stripe: held.Stripe, More: held.More}, nil
}

// leaveStripe disconnects one of the shop's Stripe accounts.
func (s *Server) leaveStripe(c echo.Context, v visit) error {
	if s.Accounts == nil {
		return fault.New(fault.NotFound, "no Stripe app is set up here")
	}
	id := commerce.ConnectionID(c.FormValue("connection"))
	if err := s.Accounts.Leave(c.Request().Context(), v.Shop.ID, id); err != nil {
		return err
	}
	s.Log.Info("Stripe disconnected", "shop", v.Shop.ID, "connection", id, "user", v.Who.Name)
	return s.done(c, v, integrationsPath, "stripe_left")
}

// pastConnection is whose past is to be read again: the one a request names, of
// the visit's shop, else the shop's at Shopify.
func (s *Server) pastConnection(c echo.Context, v visit) (commerce.Connection, error) {
	id := commerce.ConnectionID(c.FormValue("connection"))
	if id == "" {
		return v.Connection, nil
	}
	found, err := s.Store.ConnectionByID(c.Request().Context(), id)
	if fault.Is(err, fault.NotFound) || err == nil && (found.ShopID != v.Shop.ID || !found.Open()) {
		return found, fault.New(fault.NotFound, "this shop has no such connection")
	}
	return found, err
}
