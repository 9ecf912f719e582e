package demo

import (
	"net/http"
	"strings"

	"flywheel/commerce"
	"flywheel/timeline"
)

// peoplePage is /demo/people: everybody, shop by shop.
type peoplePage struct {
	frame
	Shops []shopPeople
}

type shopPeople struct {
	Shop   commerce.Shop
	People []personRow
	After  commerce.PersonID // "" = this is the end
}

// personRow is one line of the list.
type personRow struct {
	ID     commerce.PersonID
	Name   string
	Email  string
	Orders []string
}

// people lists the first of every shop, or those of one shop after a person.
func (p *pages) people(r *http.Request) (any, error) {
	page := peoplePage{frame: frame{Title: "People", Here: "people"}}
	shops, err := p.world.App.Store.ListShops(ctx(r), "", perPage)
	if err != nil {
		return nil, err
	}
	only, after := r.URL.Query().Get("shop"), commerce.PersonID(r.URL.Query().Get("after"))
	for _, shop := range shops {
		if only != "" && string(shop.ID) != only {
			continue
		}
		rows, err := p.rows(r, shop, after)
		if err != nil {
			return nil, err
		}
		s := shopPeople{Shop: shop, People: rows}
		if len(rows) == perPage {
			s.After = rows[perPage-1].ID
		}
		page.Shops = append(page.Shops, s)
	}
	return page, nil
}

func (p *pages) rows(r *http.Request, shop commerce.Shop, after commerce.PersonID) ([]personRow, error) {
	persons, err := p.world.App.Store.ListPersons(ctx(r), shop.ID, after, perPage)
	if err != nil {
		return nil, err
	}
	rows := make([]personRow, 0, len(persons))
	for _, person := range persons {
		orders, err := p.world.App.Store.OrdersOf(ctx(r), shop.ID, person.ID)
		if err != nil {
			return nil, err
		}
		row := personRow{ID: person.ID, Name: nameOf(person), Email: person.Email}
		for _, o := range orders {
			row.Orders = append(row.Orders, timeline.OrderName(&o.Order))
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func nameOf(p commerce.Person) string {
	name := strings.TrimSpace(p.FirstName + " " + p.LastName)
	switch {
	case p.Erased:
		return "Somebody who was forgotten"
	case name != "":
		return name
	case p.Email != "":
		return p.Email
	}
	return "Somebody without a name"
}
