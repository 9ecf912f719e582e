package server

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"

	"github.com/labstack/echo/v4"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/store"
	"flywheel/templates"
	"flywheel/timeline"
)

// walksShown is how many campaigns under way to one person are shown.
const walksShown = 50

// customer is one person, as the page about them needs them.
type customer struct {
	visit
	commerce.Person
	contacts  []store.Contact
	campaigns []campaign.Campaign
}

// customerOf reads who a path names. Somebody who was joined to another comes with that one.
func (s *Server) customerOf(c echo.Context, v visit) (customer, error) {
	ctx := c.Request().Context()
	out := customer{visit: v}
	p, err := s.Store.Person(ctx, v.Shop.ID, commerce.PersonID(c.Param("person")))
	if err != nil {
		return out, err
	}
	if p.MergedInto != "" {
		same, err := s.Store.Persons(ctx, v.Shop.ID, []commerce.PersonID{p.ID})
		if err != nil {
			return out, err
		}
		p = same[p.ID]
	}
	out.Person = p
	out.contacts, err = s.Store.ContactsOf(ctx, v.Shop.ID, p)
	return out, err
}

// showCustomer is one person: what is known, what is on its way, and all that happened.
func (s *Server) showCustomer(c echo.Context, v visit) error {
	p, err := s.customerOf(c, v)
	if err != nil {
		return err
	}
	if string(p.ID) != c.Param("person") {
		return c.Redirect(http.StatusSeeOther, s.frameOf(c, v).Link(customerPath(p.ID, "")))
	}
	return s.customerPage(c, p, http.StatusOK, func(*templates.CustomerPage) {})
}

// customerPage shows somebody; fill adds what was just done or not taken.
func (s *Server) customerPage(c echo.Context, p customer, code int, fill func(*templates.CustomerPage)) error {
	ctx := c.Request().Context()
	page := templates.CustomerPage{
		Admin: s.frameFor(c, p.visit, "customers"), ID: string(p.ID), Name: p.callsWho(p.Person), Phone: p.number(p.Phone), Erased: p.Erased,
		Language: ownName(cmp.Or(p.Choice, p.Language)), Where: p.Country, Living: p.Timezone, Reachable: len(p.contacts) > 0, Export: c.QueryParam("export"), PauseDays: "30",
	}
	var err error
	if p.campaigns, err = s.Store.ListCampaigns(ctx, p.Shop.ID); err != nil {
		return err
	}
	for _, step := range []func(context.Context, echo.Context, customer, *templates.CustomerPage) error{s.fillBought, s.fillLoyalty, s.fillSaid, s.fillMerged, s.fillWalks, s.fillTimeline, s.fillAnswer} {
		if err := step(ctx, c, p, &page); err != nil {
			return err
		}
	}
	fill(&page)
	return s.adminPage(c, code, "customers_one", p.lang, page)
}

func (s *Server) fillBought(ctx context.Context, _ echo.Context, p customer, page *templates.CustomerPage) error {
	all, err := s.Store.Histories(ctx, p.Shop.ID, []commerce.PersonID{p.ID})
	h := all[p.ID]
	if page.Orders = int64(h.Count()); page.Orders > 0 {
		page.Spent, page.Last = p.money(h.Spent()), moment(h.Last().At)
	}
	return err
}

// fillSaid tells what they agreed to and what is stopped, by address.
func (s *Server) fillSaid(_ context.Context, _ echo.Context, p customer, page *templates.CustomerPage) error {
	now, teller := s.Store.Now(), timeline.NewTellerIn(p.lang, p.Shop, nil, nil)
	latest := map[string]commerce.ConsentChange{}
	for _, contact := range p.contacts {
		page.Contacts = append(page.Contacts, templates.CustomerContact{Email: p.address(contact.Email), State: stateOf(&contact.AddressFacts, now)})
		for _, said := range contact.Consents {
			if old, seen := latest[said.Class]; said.Channel == commerce.ByMail && (!seen || said.At >= old.At) {
				latest[said.Class] = said
			}
		}
		for _, stop := range contact.Suppressions {
			if stop.Over(now) || slices.ContainsFunc(page.Stops, func(old templates.CustomerStop) bool { return old.Scope == string(stop.Scope) }) {
				continue
			}
			line := teller.Lines([]store.Entry{{Kind: "stop", What: string(stop.Scope), Reason: stop.Reason, Until: stop.Until}})[0]
			page.Stops = append(page.Stops, templates.CustomerStop{Scope: string(stop.Scope), Said: line.Sentence, At: moment(stop.At), Until: moment(stop.Until), Mine: stop.Reason != "erased"})
		}
	}
	for class, said := range latest {
		page.Said = append(page.Said, templates.CustomerConsent{Class: class, State: string(said.State), Source: templates.Clean(said.Source, 200), Confirmed: said.Double, At: moment(said.At)})
	}
	slices.SortFunc(page.Said, func(a, b templates.CustomerConsent) int { return cmp.Compare(a.Class, b.Class) })
	return nil
}

func (s *Server) fillMerged(ctx context.Context, _ echo.Context, p customer, page *templates.CustomerPage) error {
	all, err := s.Store.MergedInto(ctx, p.Shop.ID, p.ID)
	for _, one := range all {
		page.Merged = append(page.Merged, templates.CustomerMerged{ID: string(one.ID), Name: p.callsWho(one)})
	}
	return err
}

// endless is past every moment that a walk waits for.
const endless = 9000

func (s *Server) fillWalks(ctx context.Context, _ echo.Context, p customer, page *templates.CustomerPage) error {
	walks, err := s.Store.UnderWay(ctx, p.Shop.ID, p.ID, walksShown)
	if err != nil || len(walks) == 0 {
		return err
	}
	orders := make([]commerce.OrderID, len(walks))
	for i, w := range walks {
		orders[i] = w.Order
	}
	called, err := s.Store.OrderNames(ctx, p.Shop.ID, orders)
	teller := timeline.NewTellerIn(p.lang, p.Shop, nil, p.campaigns)
	for _, w := range walks {
		one := templates.CustomerWalk{ID: string(w.ID), Title: teller.Title(string(w.Campaign)), Order: called[w.Order], Next: moment(w.DueAt)}
		if one.Next.Year() > endless {
			one.Next = moment(0)
		}
		page.Walks = append(page.Walks, one)
	}
	return err
}

// fillAnswer answers why they got a campaign's message or did not, where somebody asks.
func (s *Server) fillAnswer(ctx context.Context, c echo.Context, p customer, page *templates.CustomerPage) error {
	asked := c.QueryParam("why")
	for _, one := range p.campaigns {
		page.Campaigns = append(page.Campaigns, templates.Choice{Value: string(one.ID), Name: cmp.Or(inLanguage(one.Title, p.lang), string(one.ID)), On: string(one.ID) == asked})
	}
	slices.SortFunc(page.Campaigns, func(a, b templates.Choice) int { return cmp.Compare(a.Name, b.Name) })
	if asked == "" || !slices.ContainsFunc(page.Campaigns, func(one templates.Choice) bool { return one.On }) {
		return nil
	}
	records, err := s.Store.Why(ctx, p.Shop.ID, p.ID, campaign.CampaignID(asked))
	if err != nil {
		return err
	}
	own := slices.DeleteFunc(records, func(e store.Entry) bool { return e.Campaign != asked })
	last := own[max(0, len(own)-chainRead):]
	teller, err := s.tellerOf(ctx, p, last)
	if err != nil {
		return err
	}
	page.Answer = teller.Answer(own, campaign.CampaignID(asked), "", s.Store.Now())
	lines := teller.Lines(last)
	slices.Reverse(lines)
	for _, l := range lines[:min(len(lines), chainShown)] {
		page.Chain = append(page.Chain, lineOf(l, nil))
	}
	return nil
}

// chainShown is how many records an answer rests on before the eyes of who asked,
// chainRead how many of a campaign's are told for it: some make one line together.
const (
	chainShown = 12
	chainRead  = 60
)

// tellerOf knows the orders that records speak of.
func (s *Server) tellerOf(ctx context.Context, p customer, records []store.Entry) (*timeline.Teller, error) {
	var ids []commerce.OrderID
	for _, e := range records {
		if id := commerce.OrderID(e.Order); id != "" && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	found, err := s.Store.Orders(ctx, p.Shop.ID, ids)
	orders := make([]*store.StoredOrder, 0, len(found))
	for _, o := range found {
		orders = append(orders, o)
	}
	return timeline.NewTellerIn(p.lang, p.Shop, orders, p.campaigns), err
}

// link keeps what was chosen on somebody's page.
func (p customer) link(page templates.Admin, pairs ...string) string {
	q := url.Values{}
	for i := 1; i < len(pairs); i += 2 {
		if pairs[i] != "" {
			q.Set(pairs[i-1], pairs[i])
		}
	}
	if len(q) == 0 {
		return page.Link(customerPath(p.ID, ""))
	}
	return page.Link(customerPath(p.ID, "?"+q.Encode()))
}
