package server

import (
	"context"

	"github.com/labstack/echo/v4"

	"flywheel/commerce"
	"flywheel/store"
	"flywheel/templates"
)

// showFindings lists what the shop should look at: what the look for missing
// webhooks found, and what stopped itself.
func (s *Server) showFindings(c echo.Context, v visit) error {
	ctx, page := c.Request().Context(), s.frameFor(c, v, "lists/findings")
	p := pagerOf(c, page, "/lists/findings", "kind")
	f := store.FindingFilter{Kind: p.asked.Get("kind"), Before: p.after}
	if wantsFile(c) {
		return s.saveFindings(c, v, f)
	}
	rows, next, err := s.Store.Findings(ctx, v.Shop.ID, f, listRows)
	if err != nil {
		return err
	}
	subjects := make([]commerce.OrderID, len(rows))
	for i, r := range rows {
		subjects[i] = commerce.OrderID(r.Subject)
	}
	orders, err := s.Store.Orders(ctx, v.Shop.ID, subjects)
	if err != nil {
		return err
	}
	l := p.list("lists_findings", next, column("lists_found"), column("lists_finding"), column("lists_about"))
	for _, r := range rows {
		about := templates.Cell{Code: r.Subject}
		if o := orders[commerce.OrderID(r.Subject)]; o != nil {
			if about.Code = o.Detail.Name; about.Code == "" {
				about.Code = r.Subject
			}
			if o.PersonID != "" {
				about.Href = happenedLink(page, o.PersonID, "order", string(o.ID))
			}
		}
		l.Rows = append(l.Rows, templates.Row{ID: r.ID, Cells: []templates.Cell{{At: moment(r.FoundAt)}, {Text: findingSaid(v, r.Kind), Sub: r.Detail}, about}})
	}
	kinds, err := s.Store.FindingKinds(ctx, v.Shop.ID)
	if err != nil {
		return err
	}
	var choices []templates.Choice
	for _, kind := range kinds {
		choices = append(choices, templates.Choice{Value: kind, Name: findingSaid(v, kind)})
	}
	l.Filters = []templates.Filter{p.choose(v.lang, "kind", "lists_finding", choices...)}
	return s.listPage(c, v, page, l)
}

// findingSaid says a kind of finding in words; one that has none stands as it is.
func findingSaid(v visit, kind string) string {
	if key := "lists_finding_" + kind; templates.Known(key) {
		return templates.Say(v.lang, key, nil)
	}
	return kind
}

func (s *Server) saveFindings(c echo.Context, v visit, f store.FindingFilter) error {
	return s.file(c, "findings", []string{"id", "found", "kind", "subject", "detail"}, func(ctx context.Context, after string) (lines [][]string, next string, err error) {
		f.Before = after
		rows, next, err := s.Store.Findings(ctx, v.Shop.ID, f, listStep)
		for _, r := range rows {
			lines = append(lines, []string{r.ID, stamp(r.FoundAt), r.Kind, r.Subject, r.Detail})
		}
		return lines, next, err
	})
}
