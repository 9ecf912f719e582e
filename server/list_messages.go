package server

import (
	"context"

	"github.com/labstack/echo/v4"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/templates"
	"flywheel/timeline"
)

var errTicked = fault.New(fault.Invalid, "tick at most %d rows at once", bulkMost)

// effectStates are those of outward acts, in the order in which they are gone through.
var effectStates = []store.EffectState{store.Claimed, store.Sending, store.Sent, store.Retry, store.Failed, store.Withdrawn, store.Expired, store.Unknown}

// showOutwards lists what went out, or was to go, the last first.
func (s *Server) showOutwards(c echo.Context, v visit) error {
	ctx, page := c.Request().Context(), s.frameFor(c, v, "lists/messages")
	p := pagerOf(c, page, "/lists/messages", "state", "campaign")
	f := store.OutwardFilter{State: store.EffectState(p.asked.Get("state")), Campaign: campaign.CampaignID(p.asked.Get("campaign")), Before: store.EffectID(p.after)}
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
	l := p.list("lists_messages", string(next), column("lists_when"), column("lists_who"), column("lists_campaign"), column("lists_order"), column("lists_state"))
	for _, o := range rows {
		l.Rows = append(l.Rows, templates.Row{ID: string(o.ID), Cells: []templates.Cell{
			{At: moment(o.At)}, n.who(page, o.Person), n.campaign(page, o.Campaign, o.StepID), n.order(page, o.Order, o.Person), stateCell(v, o),
		}})
	}
	var states []templates.Choice
	for _, state := range effectStates {
		states = append(states, templates.Choice{Value: string(state), Name: timeline.OutcomeIn(v.lang, string(state))})
	}
	campaigns, err := s.campaignChoices(ctx, v)
	if err != nil {
		return err
	}
	l.Filters = []templates.Filter{p.choose(v.lang, "state", "lists_state", states...), p.choose(v.lang, "campaign", "lists_campaign", campaigns...)}
	return s.listPage(c, v, page, l)
}

func stateCell(v visit, o store.Outward) templates.Cell {
	cell := templates.Cell{Text: timeline.OutcomeIn(v.lang, string(o.State)), Tone: effectTones[o.State], Sub: timeline.Note(o.Note)}
	switch {
	case o.Rehearsal != 0:
		cell.Tone, cell.Sub = "off", templates.Say(v.lang, "lists_rehearsal", nil)
	case o.State == store.Sent:
		cell.Sub = "" // the server said yes
	}
	return cell
}

func (s *Server) namesOfOutwards(ctx context.Context, v visit, rows []store.Outward) (names, error) {
	var persons []commerce.PersonID
	var orders []commerce.OrderID
	for _, o := range rows {
		persons, orders = append(persons, o.Person), append(orders, o.Order)
	}
	return s.namesOf(ctx, v, persons, orders)
}

func (s *Server) saveOutwards(c echo.Context, v visit, f store.OutwardFilter) error {
	head := []string{"id", "at", "kind", "campaign", "step", "person", "name", "address", "order", "state", "note"}
	return s.file(c, "messages", head, func(ctx context.Context, after string) (lines [][]string, next string, err error) {
		f.Before = store.EffectID(after)
		rows, last, err := s.Store.Outwards(ctx, v.Shop.ID, f, listStep)
		if err != nil {
			return nil, "", err
		}
		n, err := s.namesOfOutwards(ctx, v, rows)
		for _, o := range rows {
			line := append([]string{string(o.ID), stamp(o.At), o.Kind, string(o.Campaign), o.StepID}, n.whoLine(o.Person)...)
			lines = append(lines, append(line, n.orders[o.Order], string(o.State), timeline.Note(o.Note)))
		}
		return lines, string(last), err
	})
}
