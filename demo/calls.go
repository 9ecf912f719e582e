package demo

import (
	"net/http"
	"strings"

	"flywheel/commerce"
	"flywheel/store"
	"flywheel/timeline"
)

// callsPage is /demo/calls: what staff have to call about, with the script.
type callsPage struct {
	frame
	Shops []shopCalls
}

type shopCalls struct {
	Shop  commerce.Shop
	Calls []callRow
}

// callRow is one call.
type callRow struct {
	store.Task
	Name, Phone, Due string
	Script           []string // paragraphs
}

func (p *pages) calls(r *http.Request) (any, error) {
	page := callsPage{frame: frame{Title: "Calls", Here: "calls"}}
	s := p.world.App.Store
	shops, err := s.ListShops(ctx(r), "", perPage)
	if err != nil {
		return nil, err
	}
	for _, shop := range shops {
		rows := shopCalls{Shop: shop}
		for _, state := range taskStates {
			tasks, err := s.ListTasks(ctx(r), shop.ID, state, store.Task{}, perPage)
			if err != nil {
				return nil, err
			}
			for _, t := range tasks {
				person, err := s.Person(ctx(r), shop.ID, t.Person)
				if err != nil {
					return nil, err
				}
				rows.Calls = append(rows.Calls, callRow{
					Task: t, Name: nameOf(person), Phone: person.Phone, Due: timeline.Moment(t.DueAt.Time(), timeline.Zone(shop)),
					Script: strings.Split(strings.TrimSpace(t.Script), "\n\n"),
				})
			}
		}
		page.Shops = append(page.Shops, rows)
	}
	return page, nil
}
