package server

import (
	"cmp"
	"context"
	"strconv"

	"github.com/labstack/echo/v4"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/store"
	"flywheel/templates"
)

// showWalks lists who entered campaigns, the last first.
func (s *Server) showWalks(c echo.Context, v visit) error {
	ctx, page := c.Request().Context(), s.frameFor(c, v, "lists/walks")
	p := pagerOf(c, page, "/lists/walks", "campaign", "state")
	f := store.EntrantFilter{Campaign: campaign.CampaignID(p.asked.Get("campaign")), State: p.asked.Get("state"), Before: p.after}
	if wantsFile(c) {
		return s.saveWalks(c, v, f)
	}
	rows, next, err := s.Store.Entrants(ctx, v.Shop.ID, f, listRows)
	if err != nil {
		return err
	}
	n, err := s.namesOfWalks(ctx, v, rows)
	if err != nil {
		return err
	}
	l := p.list("lists_walks", next, column("lists_when"), column("lists_who"), column("lists_campaign"), column("lists_order"), column("lists_state"))
	for _, w := range rows {
		l.Rows = append(l.Rows, templates.Row{ID: w.ID, Cells: []templates.Cell{
			{At: moment(w.At)}, n.who(page, w.Person), {Text: cmp.Or(n.titles[w.Campaign], string(w.Campaign)), Sub: w.Step, Href: page.Link(campaignPath(w.Campaign, ""))}, n.order(page, w.Order, w.Person), walkCell(v, w),
		}})
	}
	var states []templates.Choice
	for _, state := range []string{"active", "ended"} {
		states = append(states, templates.Choice{Value: state, Name: templates.Say(v.lang, "lists_walk_"+state, nil)})
	}
	campaigns, err := s.campaignChoices(ctx, v)
	if err != nil {
		return err
	}
	l.Filters = []templates.Filter{p.choose(v.lang, "state", "lists_state", states...), p.choose(v.lang, "campaign", "lists_campaign", campaigns...)}
	return s.listPage(c, v, page, l)
}

func walkCell(v visit, w store.Entrant) templates.Cell {
	cell := templates.Cell{Text: templates.Say(v.lang, "lists_walk_"+w.State, nil), Sub: templates.Because(v.lang, w.Reason), Tone: "off"}
	if w.State == "active" {
		cell.Tone = "good"
	}
	return cell
}

func (s *Server) namesOfWalks(ctx context.Context, v visit, rows []store.Entrant) (names, error) {
	var persons []commerce.PersonID
	var orders []commerce.OrderID
	for _, w := range rows {
		persons, orders = append(persons, w.Person), append(orders, w.Order)
	}
	return s.namesOf(ctx, v, persons, orders)
}

func (s *Server) saveWalks(c echo.Context, v visit, f store.EntrantFilter) error {
	head := []string{"id", "at", "campaign", "step", "person", "name", "address", "order", "state", "reason"}
	return s.file(c, "entered", head, func(ctx context.Context, after string) (lines [][]string, next string, err error) {
		f.Before = after
		rows, next, err := s.Store.Entrants(ctx, v.Shop.ID, f, listStep)
		if err != nil {
			return nil, "", err
		}
		n, err := s.namesOfWalks(ctx, v, rows)
		for _, w := range rows {
			line := append([]string{w.ID, stamp(w.At), string(w.Campaign), w.Step}, n.whoLine(w.Person)...)
			lines = append(lines, append(line, n.orders[w.Order], w.State, w.Reason))
		}
		return lines, next, err
	})
}

// showHelds lists what is held back until something changes, the last first.
func (s *Server) showHelds(c echo.Context, v visit) error {
	ctx, page := c.Request().Context(), s.frameFor(c, v, "lists/held")
	p := pagerOf(c, page, "/lists/held", "campaign")
	id := campaign.CampaignID(p.asked.Get("campaign"))
	if wantsFile(c) {
		return s.saveHelds(c, v, id)
	}
	rows, end, err := s.Store.HeldSteps(ctx, v.Shop.ID, id, heldBefore(p.after), listRows)
	if err != nil {
		return err
	}
	n, err := s.namesOfHelds(ctx, v, rows)
	if err != nil {
		return err
	}
	next := ""
	if end > 0 {
		next = itoa(int64(end))
	}
	l := p.list("lists_held", next, column("lists_when"), column("lists_who"), column("lists_campaign"), column("lists_order"), column("lists_reason"))
	for _, h := range rows {
		l.Rows = append(l.Rows, templates.Row{Cells: []templates.Cell{
			{At: moment(h.At)},
			n.who(page, h.Person),
			{Text: cmp.Or(n.titles[h.Campaign], string(h.Campaign)), Sub: h.Step, Href: page.Link(campaignPath(h.Campaign, ""))},
			n.order(page, h.Order, h.Person),
			{Text: templates.Because(v.lang, h.Reason), Sub: h.Reason},
		}})
	}
	campaigns, err := s.campaignChoices(ctx, v)
	if err != nil {
		return err
	}
	l.Filters = []templates.Filter{p.choose(v.lang, "campaign", "lists_campaign", campaigns...)}
	return s.listPage(c, v, page, l)
}

// heldBefore is the instant that a page of a list begins before; 0 = the first.
func heldBefore(after string) commerce.Instant {
	n, err := strconv.ParseInt(after, 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return commerce.Instant(n)
}

func (s *Server) namesOfHelds(ctx context.Context, v visit, rows []store.HeldStep) (names, error) {
	var persons []commerce.PersonID
	var orders []commerce.OrderID
	for _, h := range rows {
		persons, orders = append(persons, h.Person), append(orders, h.Order)
	}
	return s.namesOf(ctx, v, persons, orders)
}

func (s *Server) saveHelds(c echo.Context, v visit, id campaign.CampaignID) error {
	head := []string{"at", "campaign", "step", "person", "name", "address", "order", "reason", "times"}
	return s.file(c, "held", head, func(ctx context.Context, after string) (lines [][]string, next string, err error) {
		rows, end, err := s.Store.HeldSteps(ctx, v.Shop.ID, id, heldBefore(after), listStep)
		if err != nil {
			return nil, "", err
		}
		if end > 0 {
			next = itoa(int64(end))
		}
		n, err := s.namesOfHelds(ctx, v, rows)
		for _, h := range rows {
			line := append([]string{stamp(h.At), string(h.Campaign), h.Step}, n.whoLine(h.Person)...)
			lines = append(lines, append(line, n.orders[h.Order], h.Reason, itoa(h.Times)))
		}
		return lines, next, err
	})
}
