package server

import (
	"context"

	"github.com/labstack/echo/v4"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/templates"
	"flywheel/timeline"
)

// showUnknown lists what was handed over without an answer: nobody knows whether it arrived.
func (s *Server) showUnknown(c echo.Context, v visit) error {
	ctx, page := c.Request().Context(), s.frameFor(c, v, "lists/unknown")
	p := pagerOf(c, page, "/lists/unknown")
	f := store.OutwardFilter{State: store.Unknown, Before: store.EffectID(p.after)}
	if wantsFile(c) {
		return s.saveOutwards(c, v, f)
	}
	rows, next, err := s.Store.Outwards(ctx, v.Shop.ID, f, listRows)
	if err != nil {
		return err
	}
	n, err := s.namesOfOutwards(ctx, v, rows)
	if err != nil {
		return err
	}
	l := p.list("lists_unknown", string(next), column("lists_since"), column("lists_who"), column("lists_campaign"), column("lists_order"), column("lists_happened"))
	for _, o := range rows {
		l.Rows = append(l.Rows, templates.Row{ID: string(o.ID), Cells: []templates.Cell{
			{At: moment(o.At)}, n.who(page, o.Person), n.campaign(page, o.Campaign, o.StepID), n.order(page, o.Order, o.Person), {Text: timeline.Note(o.Note), Sub: string(o.ID)},
		}})
	}
	if v.Who.Role.Allows(commerce.RolePublisher) {
		l.Bulk = []templates.Bulk{{Key: "lists_resend", Path: page.Link("/lists/unknown/resend")}, {Key: "lists_sent", Path: page.Link("/lists/unknown/sent")}}
	}
	return s.listPage(c, v, page, l)
}

// resendUnknown has the ticked ones decided and sent again; they keep their ids.
func (s *Server) resendUnknown(c echo.Context, v visit) error {
	return s.settle(c, v, "lists_resent", s.Store.Resend)
}

// closeUnknown treats the ticked ones as sent.
func (s *Server) closeUnknown(c echo.Context, v visit) error {
	return s.settle(c, v, "lists_closed", s.Store.TreatAsSent)
}

// settle does something to each row that is ticked and says to how many. What
// was settled meanwhile, or is at work just now, is left as it is.
func (s *Server) settle(c echo.Context, v visit, said string, do func(context.Context, commerce.ShopID, store.EffectID) error) error {
	ids, err := ticked(c)
	if err != nil {
		return err
	}
	n := int64(0)
	for _, id := range ids {
		err := do(c.Request().Context(), v.Shop.ID, store.EffectID(id))
		switch {
		case err == nil:
			n++
		case !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Conflict):
			return err
		}
	}
	s.Log.Info("unknown messages settled", "shop", v.Shop.ID, "as", said, "rows", n, "user", v.Who.Name)
	return s.done(c, v, "/lists/unknown", said, n)
}
