package server

import (
	"cmp"
	"context"
	"encoding/csv"
	"io"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/store"
	"flywheel/templates"
)

// A page of a list has listRows rows; a file is read listStep at a time. At most
// bulkMost rows are acted on at once.
const (
	listRows = 50
	listStep = 500
	bulkMost = 200
)

// pager makes the addresses of one list.
type pager struct {
	page  templates.Admin
	path  string
	asked url.Values // what was chosen, without the place
	after string
}

// pagerOf reads the choices of a list from its address; anything else that stands there is dropped.
func pagerOf(c echo.Context, page templates.Admin, path string, choices ...string) pager {
	p := pager{page, path, url.Values{}, c.QueryParam("after")}
	for _, name := range choices {
		if value := c.QueryParam(name); value != "" && len(value) <= 200 {
			p.asked.Set(name, value)
		}
	}
	return p
}

// link is the address of the list with one more field.
func (p pager) link(name, value string) string {
	q := url.Values{}
	for field, values := range p.asked {
		q[field] = values
	}
	if value != "" {
		q.Set(name, value)
	}
	if len(q) == 0 {
		return p.page.Link(p.path)
	}
	return p.page.Link(p.path + "?" + q.Encode())
}

// list is the list without its rows; next is where the next page begins, "" = this is the last.
func (p pager) list(name, next string, columns ...templates.Column) templates.List {
	l := templates.List{Name: name, Here: p.page.Link(p.path), Columns: columns, Chosen: len(p.asked) > 0, CSV: p.link("as", "csv")}
	if p.after != "" {
		l.First = p.link("", "")
	}
	if next != "" {
		l.Next = p.link("after", next)
	}
	return l
}

// choose is a filter of the list by one of its choices; the first leaves it open.
func (p pager) choose(lang, name, key string, options ...templates.Choice) templates.Filter {
	f := templates.Filter{Name: name, Key: key, Value: p.asked.Get(name)}
	f.Options = append(f.Options, templates.Choice{Name: templates.Say(lang, "lists_any", nil)})
	for _, o := range options {
		o.On = o.Value == f.Value
		f.Options = append(f.Options, o)
	}
	return f
}

// column is a column of a list.
func column(key string) templates.Column { return templates.Column{Key: key} }

// wantsFile reports whether a list is asked for as a file.
func wantsFile(c echo.Context) bool { return c.QueryParam("as") == "csv" }

// file streams rows as CSV, a step at a time: read returns the rows behind after
// and where to go on.
func (s *Server) file(c echo.Context, name string, head []string, read func(ctx context.Context, after string) (rows [][]string, next string, err error)) error {
	ctx := c.Request().Context()
	rows, next, err := read(ctx, "")
	if err != nil {
		return err
	}
	startFile(c, name)
	w := csv.NewWriter(c.Response())
	_ = w.Write(head) // Flush tells
	for {
		for _, row := range rows {
			for i := range row {
				row[i] = inert(row[i])
			}
			_ = w.Write(row)
		}
		if w.Flush(); w.Error() != nil || next == "" {
			return w.Error()
		}
		_ = http.NewResponseController(c.Response()).SetWriteDeadline(time.Now().Add(fileStep)) // where the server bounds an answer
		if rows, next, err = read(ctx, next); err != nil {
			s.Log.Warn("a file was cut off", "path", c.Path(), "error", err)
			return err
		}
	}
}

// fileStep is how long one step of a file may take to be read and written.
const fileStep = 30 * time.Second

// startFile begins a CSV that spreadsheets read as UTF-8.
func startFile(c echo.Context, name string) {
	h := c.Response().Header()
	h.Set("Content-Type", "text/csv; charset=utf-8")
	h.Set("Content-Disposition", `attachment; filename="`+name+`.csv"`)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	c.Response().WriteHeader(http.StatusOK)
	_, _ = io.WriteString(c.Response(), "\uFEFF") // what fails here fails at the next write
}

// stamp writes an instant for machines; "" where there is none.
func stamp(at commerce.Instant) string {
	if at == 0 {
		return ""
	}
	return at.Time().UTC().Format(time.RFC3339)
}

// moment is an instant of a cell; the zero time where there is none.
func moment(at commerce.Instant) time.Time {
	if at == 0 {
		return time.Time{}
	}
	return at.Time()
}

// names are what rows of a list call persons, orders and campaigns.
type names struct {
	visit
	people map[commerce.PersonID]commerce.Person
	orders map[commerce.OrderID]string
	titles map[campaign.CampaignID]string
}

func (s *Server) namesOf(ctx context.Context, v visit, persons []commerce.PersonID, orders []commerce.OrderID) (n names, err error) {
	n.visit = v
	if n.people, err = s.Store.Persons(ctx, v.Shop.ID, persons); err != nil {
		return n, err
	}
	if n.orders, err = s.Store.OrderNames(ctx, v.Shop.ID, orders); err != nil {
		return n, err
	}
	n.titles, err = s.titlesOf(ctx, v)
	return n, err
}

func (s *Server) titlesOf(ctx context.Context, v visit) (map[campaign.CampaignID]string, error) {
	all, err := s.Store.ListCampaigns(ctx, v.Shop.ID)
	titles := map[campaign.CampaignID]string{}
	for _, one := range all {
		titles[one.ID] = cmp.Or(inLanguage(one.Title, v.lang), string(one.ID))
	}
	return titles, err
}

// campaignChoices are the shop's campaigns as choices, by title.
func (s *Server) campaignChoices(ctx context.Context, v visit) ([]templates.Choice, error) {
	titles, err := s.titlesOf(ctx, v)
	var out []templates.Choice
	for id, title := range titles {
		out = append(out, templates.Choice{Value: string(id), Name: title})
	}
	slices.SortFunc(out, func(a, b templates.Choice) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Value, b.Value))
	})
	return out, err
}

// mayRead reports whether the reader may see addresses and phone numbers whole.
func (v visit) mayRead() bool { return v.Who.Role.Allows(commerce.RoleBuilder) }

// address is an address as the reader may see it.
func (v visit) address(email string) string {
	if v.mayRead() {
		return email
	}
	return masked(email)
}

// number is a phone number as the reader may see it.
func (v visit) number(phone string) string {
	if runes := []rune(phone); !v.mayRead() && len(runes) > 0 {
		return "•••" + string(runes[max(0, len(runes)-2):])
	}
	return phone
}

// callsWho is what somebody is called to the reader: the name, else the address.
func (v visit) callsWho(p commerce.Person) string {
	name := templates.Clean(p.FirstName+" "+p.LastName, 120)
	switch {
	case p.Erased:
		return templates.Say(v.lang, "customers_erased", nil)
	case name != "":
		return name
	case p.Email != "":
		return v.address(p.Email)
	}
	return templates.Say(v.lang, "customers_nameless", nil)
}

// who is the cell of a person, with a link to their page.
func (n names) who(page templates.Admin, id commerce.PersonID) templates.Cell {
	p, ok := n.people[id]
	if !ok {
		return templates.Cell{}
	}
	cell := templates.Cell{Text: n.callsWho(p), Href: page.Link(customerPath(p.ID, ""))}
	if sub := n.address(p.Email); sub != cell.Text {
		cell.Sub = sub
	}
	return cell
}

// whoLine is a person in a file: name and address.
func (n names) whoLine(id commerce.PersonID) []string {
	p := n.people[id]
	return []string{string(p.ID), templates.Clean(p.FirstName+" "+p.LastName, 200), n.address(p.Email)}
}

// order is the cell of an order, which leads to its place on the timeline.
func (n names) order(page templates.Admin, id commerce.OrderID, person commerce.PersonID) templates.Cell {
	cell := templates.Cell{Code: n.orders[id]}
	if p := n.people[person]; id != "" && p.ID != "" {
		cell.Href = happenedLink(page, p.ID, "order", string(id))
	}
	if cell.Code == "" {
		cell.Href = ""
	}
	return cell
}

func (n names) campaign(page templates.Admin, id campaign.CampaignID, step string) templates.Cell {
	return templates.Cell{Text: cmp.Or(n.titles[id], string(id)), Href: page.Link("/messages/" + url.PathEscape(string(id)) + "/" + url.PathEscape(step))}
}

// listPage answers with a page that is nothing but a list.
func (s *Server) listPage(c echo.Context, v visit, page templates.Admin, l templates.List) error {
	return s.adminPage(c, http.StatusOK, "lists", v.lang, templates.ListPage{Admin: page, List: l})
}

// ticked are the ids of the rows that a form ticks, each once.
func ticked(c echo.Context) ([]string, error) {
	ids := slices.Compact(slices.Sorted(slices.Values(c.Request().PostForm["id"])))
	if len(ids) > bulkMost {
		return nil, errTicked
	}
	return ids, nil
}

// frameFor is the frame of a page that belongs to a part of the navigation.
func (s *Server) frameFor(c echo.Context, v visit, here string) templates.Admin {
	a := s.frameOf(c, v)
	a.Here = here
	return a
}

// effectTones are the badges of outward acts.
var effectTones = map[store.EffectState]string{
	store.Claimed: "wait", store.Sending: "wait", store.Sent: "good", store.Retry: "wait", store.Failed: "bad", store.Withdrawn: "off", store.Expired: "off", store.Unknown: "bad",
}
