package demo

import (
	"net/http"
	"slices"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/timeline"
)

// ordersPage lists what a number of the books counts: a shop's orders with what
// one playbook has made of them.
type ordersPage struct {
	frame
	Shop     commerce.Shop
	Playbook string
	State    string // "" = all
	Orders   []orderRow
	Cut      bool // there are more
}

type orderRow struct {
	Order  string
	Person commerce.PersonID
	Name   string
	answerRow
}

func (p *pages) orders(r *http.Request) (any, error) {
	query := r.URL.Query()
	playbook, in, reason := query.Get("playbook"), query.Get("state"), query.Get("reason")
	shop, err := p.world.App.Store.Shop(ctx(r), commerce.ShopID(r.PathValue("shop")))
	if err != nil {
		return nil, err
	}
	campaigns, err := p.world.App.Store.ListCampaigns(ctx(r), shop.ID)
	if err != nil {
		return nil, err
	}
	b, err := shopBook(ctx(r), p.world.App.Store, shop)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(b.ByOrder(), playbook) {
		return nil, fault.New(fault.NotFound, "There is no such campaign.")
	}
	page := ordersPage{frame: frame{Title: "Orders", Here: "start"}, Shop: shop, Playbook: playbook, State: in}
	t := newTeller(shop, nil, campaigns)
	for _, a := range b.Orders {
		o := a.outcomes[playbook]
		if in != "" && string(o.State) != in || reason != "" && string(o.Reason) != reason {
			continue
		}
		if page.Cut = len(page.Orders) == perPage; page.Cut {
			break
		}
		page.Orders = append(page.Orders, orderRow{timeline.OrderName(&a.order.Order), a.person.ID, nameOf(a.person), t.answer(playbook, o)})
	}
	return page, nil
}
