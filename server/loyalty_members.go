package server

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"flywheel/club"
	"flywheel/commerce"
	"flywheel/store"
	"flywheel/templates"
)

const membersPath = "/loyalty/members"

// memberPath is the page of a member's points, or what is below it.
func memberPath(id commerce.PersonID, more string) string {
	return membersPath + "/" + url.PathEscape(string(id)) + more
}

// memberTones are the badges of how somebody stands to the program: the string club_member_STATE.
var memberTones = map[store.MemberState]string{store.Joined: "good", store.Guest: "wait", store.Left: "off", store.Blocked: "bad"}

// showMembers lists members by points, or those that are searched for.
func (s *Server) showMembers(c echo.Context, v visit) error {
	ctx := c.Request().Context()
	p, err := s.programOf(c, v)
	if err != nil {
		return s.toBegin(c, v, err)
	}
	page := templates.LoyaltyMembers{Admin: s.frameFor(c, v, "loyalty")}
	at := pagerOf(c, page.Admin, membersPath, "q", "state", "tier")
	which, query := store.MemberChoice{State: store.MemberState(at.asked.Get("state")), Tier: at.asked.Get("tier")}, at.asked.Get("q")
	members, next, err := s.membersFound(ctx, v, query, which, at.after)
	if err != nil {
		return err
	}
	page.List = at.list("club_members", next, column("customers_name"), column("club_member_state"), templates.Column{Key: "club_member_points", End: true},
		templates.Column{Key: "club_member_waiting", End: true}, column("club_member_tier"), column("club_member_ends"))
	page.List.Filters = s.memberFilters(v, at, p)
	if page.List.CSV = ""; v.Who.Role.Allows(commerce.RoleOwner) {
		page.List.CSV = page.Link(membersPath + "/file")
	}
	ids := make([]commerce.PersonID, len(members))
	for i, m := range members {
		ids[i] = m.Person
	}
	people, err := s.Store.Persons(ctx, v.Shop.ID, ids)
	if err != nil {
		return err
	}
	for _, m := range members {
		page.List.Rows = append(page.List.Rows, v.memberRow(page.Admin, p, m, people[m.Person]))
	}
	if query != "" {
		if page.Words, err = s.Store.Unworded(ctx); err != nil {
			return err
		}
	}
	return s.adminPage(c, http.StatusOK, "loyalty_members", v.lang, page)
}

func (s *Server) memberFilters(v visit, at pager, p store.Program) []templates.Filter {
	var states, tiers []templates.Choice
	for _, state := range []store.MemberState{store.Joined, store.Guest, store.Left, store.Blocked} {
		states = append(states, templates.Choice{Value: string(state), Name: templates.Say(v.lang, "club_member_"+string(state), nil)})
	}
	for _, l := range p.Tiers.Levels {
		tiers = append(tiers, templates.Choice{Value: l.ID, Name: v.tierTitle(l)})
	}
	out := []templates.Filter{{Name: "q", Key: "customers_search", Value: at.asked.Get("q")}, at.choose(v.lang, "state", "club_member_state", states...)}
	if len(tiers) > 0 {
		out = append(out, at.choose(v.lang, "tier", "club_member_tier", tiers...))
	}
	return out
}

// membersFound is a page of members, and where the next begins.
func (s *Server) membersFound(ctx context.Context, v visit, query string, which store.MemberChoice, after string) (out []store.LoyaltyMember, next string, err error) {
	if query == "" {
		points, person, _ := strings.Cut(after, " ")
		from := store.LoyaltyMember{Person: commerce.PersonID(person)}
		if from.Points, err = strconv.ParseInt(points, 10, 64); err != nil {
			from.Person = ""
		}
		all, more, err := s.Store.LoyaltyMembers(ctx, v.Shop.ID, which, from, listRows)
		if more {
			last := all[len(all)-1]
			next = strconv.FormatInt(last.Points, 10) + " " + string(last.Person)
		}
		return all, next, err
	}
	found, err := s.Store.FindPersons(ctx, v.Shop.ID, commerce.SearchWords(query), commerce.PersonID(after), listRows)
	if err != nil {
		return nil, "", err
	}
	ids := make([]commerce.PersonID, len(found.Persons))
	for i, p := range found.Persons {
		ids[i] = p.ID
	}
	members, err := s.Store.MembersOf(ctx, v.Shop.ID, ids)
	for _, id := range ids {
		if m, there := members[id]; there && which.Has(m) {
			out = append(out, m)
		}
	}
	return out, string(found.Next), err
}

func (v visit) memberRow(page templates.Admin, p store.Program, m store.LoyaltyMember, who commerce.Person) templates.Row {
	name := templates.Cell{Text: v.callsWho(who), Href: page.Link(memberPath(m.Person, ""))}
	if sub := v.address(who.Email); sub != name.Text {
		name.Sub = sub
	}
	ends := templates.Cell{At: moment(m.EndsAt)}
	if m.EndsAt > 0 {
		ends.Sub = v.points(m.Ending)
	}
	tier := ""
	if l := p.Tiers.Of(m.Tier); l.ID != "" {
		tier = v.tierTitle(l)
	}
	return templates.Row{ID: string(m.Person), Cells: []templates.Cell{
		name,
		{Text: templates.Say(v.lang, "club_member_"+string(m.State), nil), Tone: memberTones[m.State]},
		{Text: v.number64(m.Points)},
		{Text: v.number64(m.Pending)},
		{Text: tier},
		ends,
	}}
}

// saveMembers hands all members out as a file: who did is written down.
func (s *Server) saveMembers(c echo.Context, v visit) error {
	return s.audited(c, v, membersPath+"/file", func(c echo.Context, v visit) error {
		return s.file(c, "loyalty-members", club.Columns, func(ctx context.Context, after string) ([][]string, string, error) {
			lines, next, err := s.staff().Export(ctx, v.Shop.ID, commerce.PersonID(after))
			return lines, string(next), err
		})
	})
}

// birthdayOf writes a day of the year.
func (v visit) birthdayOf(day int) string {
	style := templates.Style{Lang: templates.Language(v.lang), Country: v.Shop.Country}
	return style.Date(time.Date(2000, time.Month(day/100), day%100, 12, 0, 0, 0, time.UTC), "%-d %b")
}

// monthChoices are the months of the year as they are written, the one of a birthday chosen.
func (v visit) monthChoices(day int) (out []templates.Choice) {
	for m := 1; m <= 12; m++ {
		out = append(out, templates.Choice{Value: strconv.Itoa(m), Name: fmt.Sprintf("%s · %s", v.number64(int64(m)), templates.Say(v.lang, "club_month_"+strconv.Itoa(m), nil)), On: day/100 == m})
	}
	return out
}
