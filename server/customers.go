package server

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/templates"
)

const customersPath = "/customers"

// customerPath is the path of somebody's page, or of one below it.
func customerPath(id commerce.PersonID, more string) string {
	return customersPath + "/" + url.PathEscape(string(id)) + more
}

// happenedLink leads to the place in somebody's timeline where an order or a
// message stands, on whichever of its pages that is.
func happenedLink(page templates.Admin, id commerce.PersonID, kind, what string) string {
	place := kind + "-" + what
	return page.Link(customerPath(id, "?to="+url.QueryEscape(place))) + "#" + url.PathEscape(place)
}

// standing is what customers are shown with: their purchases and what they said.
type standing struct {
	history commerce.History
	facts   *store.AddressFacts // nil = there is no address
}

// standings reads it for a page of customers.
func (s *Server) standings(ctx context.Context, v visit, persons []commerce.Person) (map[commerce.PersonID]standing, error) {
	ids, emails := make([]commerce.PersonID, len(persons)), make([]string, len(persons))
	for i, p := range persons {
		ids[i], emails[i] = p.ID, p.Email
	}
	histories, err := s.Store.Histories(ctx, v.Shop.ID, ids)
	if err != nil {
		return nil, err
	}
	facts, err := s.Store.Addresses(ctx, v.Shop.ID, emails)
	out := map[commerce.PersonID]standing{}
	for _, p := range persons {
		out[p.ID] = standing{histories[p.ID], facts[p.Email]}
	}
	return out, err
}

// states of customers by their main address: the string customers_state_STATE, and its badge.
var customerTones = map[string]string{"stopped": "bad", "paused": "wait", "some": "wait", "subscribed": "good", "open": "", "unreachable": "off"}

// stateOf says what goes to an address now, in one word.
func stateOf(f *store.AddressFacts, now commerce.Instant) string {
	if f == nil {
		return "unreachable"
	}
	state := "open"
	for _, said := range f.Consents {
		if said.Channel == commerce.ByMail && said.Class == string(gate.Marketing) {
			if state = "open"; said.State == commerce.Subscribed {
				state = "subscribed"
			}
		}
	}
	for _, stop := range f.Suppressions {
		switch {
		case stop.Over(now):
		case stop.Scope == gate.ScopeAll, stop.Scope == gate.ScopeNonTransactional:
			return "stopped"
		case stop.Scope == gate.ScopePause:
			state = "paused"
		case state != "paused":
			state = "some"
		}
	}
	return state
}

// showCustomers lists a shop's customers, who came last first, or those that are searched for.
func (s *Server) showCustomers(c echo.Context, v visit) error {
	ctx := c.Request().Context()
	page := templates.Customers{Admin: s.frameFor(c, v, "customers")}
	p := pagerOf(c, page.Admin, customersPath, "q")
	page.Query = p.asked.Get("q")
	found, err := s.Store.FindPersons(ctx, v.Shop.ID, commerce.SearchWords(page.Query), commerce.PersonID(p.after), listRows)
	if err != nil {
		return err
	}
	stand, err := s.standings(ctx, v, found.Persons)
	if err != nil {
		return err
	}
	l := p.list("customers", string(found.Next), column("customers_name"), templates.Column{Key: "customers_orders", End: true}, templates.Column{Key: "customers_spent", End: true},
		column("customers_last"), column("customers_language"), column("customers_state"))
	l.Filters = []templates.Filter{{Name: "q", Key: "customers_search", Value: page.Query}}
	if l.CSV = ""; v.Who.Role.Allows(commerce.RoleOwner) {
		l.CSV = page.Link(customersPath + "/file")
	}
	for _, one := range found.Persons {
		l.Rows = append(l.Rows, s.customerRow(v, page.Admin, one, stand[one.ID]))
	}
	page.List = l
	if page.Query != "" {
		if page.Words, err = s.Store.Unworded(ctx); err != nil {
			return err
		}
	}
	return s.adminPage(c, http.StatusOK, "customers", v.lang, page)
}

func (s *Server) customerRow(v visit, page templates.Admin, p commerce.Person, st standing) templates.Row {
	name := templates.Cell{Text: v.callsWho(p), Href: page.Link(customerPath(p.ID, ""))}
	if sub := v.address(p.Email); sub != name.Text {
		name.Sub = sub
	}
	state := stateOf(st.facts, s.Store.Now())
	return templates.Row{ID: string(p.ID), Cells: []templates.Cell{
		name,
		{Text: templates.Number(v.lang, v.Shop.Country, int64(st.history.Count()))},
		{Text: v.money(st.history.Spent())},
		{At: moment(st.history.Last().At)},
		{Text: ownName(cmp.Or(p.Choice, p.Language))},
		{Text: templates.Say(v.lang, "customers_state_"+state, nil), Tone: customerTones[state]},
	}}
}

// money is an amount of the shop's currency as the reader writes it.
func (v visit) money(amount int64) string {
	lang := templates.Language(v.lang)
	return templates.IsolateLTR(lang, templates.Money(lang, v.Shop.Country, amount, v.Shop.Currency, commerce.Exponent(v.Shop.Currency)))
}

// saveCustomers hands everybody out as a file: who did is written down.
func (s *Server) saveCustomers(c echo.Context, v visit) error {
	return s.audited(c, v, customersPath+"/file", func(c echo.Context, v visit) error {
		head := []string{"id", "first_name", "last_name", "email", "phone", "language", "country", "orders", "spent", "currency", "last_order", "state"}
		return s.file(c, "customers", head, func(ctx context.Context, after string) (lines [][]string, next string, err error) {
			found, err := s.Store.FindPersons(ctx, v.Shop.ID, nil, commerce.PersonID(after), listStep)
			if err != nil {
				return nil, "", err
			}
			stand, err := s.standings(ctx, v, found.Persons)
			for _, p := range found.Persons {
				st := stand[p.ID]
				spent := commerce.Money{Amount: st.history.Spent(), Currency: v.Shop.Currency}
				lines = append(lines, []string{
					string(p.ID), p.FirstName, p.LastName, p.Email, p.Phone, cmp.Or(p.Choice, p.Language), p.Country,
					itoa(int64(st.history.Count())), spent.Decimal(), v.Shop.Currency, stamp(st.history.Last().At), stateOf(st.facts, s.Store.Now()),
				})
			}
			return lines, string(found.Next), err
		})
	})
}

// searchShown is how many of each kind one search shows.
const searchShown = 10

// search looks in one box's words for customers, orders and messages. What is
// found alone is opened at once.
func (s *Server) search(c echo.Context, v visit) error {
	ctx, page := c.Request().Context(), templates.Search{Admin: s.frameOf(c, v)}
	if page.Query = strings.TrimSpace(c.QueryParam("q")); len(page.Query) > 200 {
		page.Query = ""
	}
	exact := templates.Western(page.Query)
	orders, err := s.Store.OrdersCalled(ctx, v.Shop.ID, exact, searchShown)
	if err != nil {
		return err
	}
	persons := make([]commerce.PersonID, len(orders))
	for i, o := range orders {
		persons[i] = o.Person
	}
	people, err := s.Store.Persons(ctx, v.Shop.ID, persons)
	if err != nil {
		return err
	}
	for _, o := range orders {
		p := people[o.Person]
		page.Hits = append(page.Hits, templates.SearchHit{Kind: "order", Text: cmp.Or(o.Name, string(o.ID)), Sub: v.callsWho(p), Href: happenedLink(page.Admin, p.ID, "order", string(o.ID))})
	}
	if err := s.searchMessage(ctx, v, exact, &page); err != nil {
		return err
	}
	if words := commerce.SearchWords(page.Query); len(words) > 0 {
		found, err := s.Store.FindPersons(ctx, v.Shop.ID, words, "", searchShown)
		if err != nil {
			return err
		}
		for _, p := range found.Persons {
			page.Hits = append(page.Hits, templates.SearchHit{Kind: "customer", Text: v.callsWho(p), Sub: v.address(p.Email), Href: page.Link(customerPath(p.ID, ""))})
		}
		page.More = found.Next != ""
	}
	if len(page.Hits) == 1 && !page.More {
		return c.Redirect(http.StatusSeeOther, page.Hits[0].Href)
	}
	return s.adminPage(c, http.StatusOK, "search", v.lang, page)
}

// searchMessage finds one by its id, as a mail's X-Flywheel-ID says it.
func (s *Server) searchMessage(ctx context.Context, v visit, id string, page *templates.Search) error {
	o, err := s.Store.Outward(ctx, v.Shop.ID, store.EffectID(strings.ToLower(id)))
	if fault.Is(err, fault.NotFound) || id == "" {
		return nil
	}
	if err != nil {
		return err
	}
	n, err := s.namesOf(ctx, v, []commerce.PersonID{o.Person}, nil)
	p := n.people[o.Person]
	page.Hits = append(page.Hits, templates.SearchHit{Kind: "message", Text: cmp.Or(n.titles[o.Campaign], string(o.Campaign)), Sub: v.callsWho(p), Href: happenedLink(page.Admin, p.ID, "message", string(o.ID))})
	return err
}
