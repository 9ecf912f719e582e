package server

import (
	"cmp"
	"context"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"flywheel/club"
	"flywheel/commerce"
	"flywheel/store"
	"flywheel/templates"
)

// monthsShown is how far back the chart of points goes.
const monthsShown = 12

// fillFigures says who is in the program, and draws what moved month by month.
func (s *Server) fillFigures(ctx context.Context, v visit, p store.Program, page *templates.Loyalty) error {
	in, err := s.Store.MembersIn(ctx, v.Shop.ID)
	if err != nil {
		return err
	}
	months, all, err := s.pointMonths(ctx, v)
	if err != nil {
		return err
	}
	list := func(state store.MemberState) string { return page.Link("/loyalty/members?state=" + string(state)) }
	page.Figures = []templates.LoyaltyFigure{
		{Key: "count_members", Text: v.number64(in[store.Joined]), Href: list(store.Joined)},
		{Key: "count_guests", Text: v.number64(in[store.Guest]), Href: list(store.Guest)},
	}
	if in[store.Blocked] > 0 {
		page.Figures = append(page.Figures, templates.LoyaltyFigure{Key: "count_blocked", Text: v.number64(in[store.Blocked]), Href: list(store.Blocked)})
	}
	rate := templates.LoyaltyFigure{Key: "redeemed", Text: "–", Sub: templates.Say(v.lang, "club_redeemed_none", nil)}
	if all.Given > 0 {
		rate.Text, rate.Sub = v.tenthsOfPercent(1000*all.Spent/all.Given), templates.Say(v.lang, "club_redeemed_is", nil)
	}
	page.Figures = append(page.Figures, rate)
	page.Chart = months
	page.Answer = templates.Say(v.lang, "club_answer_"+string(p.State), map[string]string{"Members": templates.Count(v.lang, v.Shop.Country, "club_members_count", in[store.Joined], nil)})
	return nil
}

// tenthsOfPercent writes such a share.
func (v visit) tenthsOfPercent(n int64) string {
	return templates.IsolateLTR(templates.Language(v.lang), speakerOf(v).percent(float64(n)/1000))
}

// pointMonths draws what was given, spent, taken back and expired in each of the
// last months of the shop's clocks, and returns their sums.
func (s *Server) pointMonths(ctx context.Context, v visit) (*templates.Chart, store.LedgerSums, error) {
	zone, err := time.LoadLocation(v.Shop.Timezone)
	if err != nil {
		zone = time.UTC
	}
	now, all, busy := s.Store.Now().Time().In(zone), store.LedgerSums{}, 0
	c := &templates.Chart{ID: "points", Kind: "line", Title: templates.Count(v.lang, v.Shop.Country, "club_chart_title", monthsShown, nil), First: templates.Say(v.lang, "club_chart_month", nil)}
	for _, key := range []string{"given", "spent", "expired", "taken"} {
		c.Series = append(c.Series, templates.ChartSeries{Name: templates.Say(v.lang, "club_chart_"+key, nil)})
	}
	style := templates.Style{Lang: templates.Language(v.lang), Country: v.Shop.Country, Zone: zone}
	for back := monthsShown - 1; back >= 0; back-- {
		first := time.Date(now.Year(), now.Month()-time.Month(back), 1, 0, 0, 0, 0, zone)
		next := first.AddDate(0, 1, 0)
		sums, err := s.Store.LedgerSums(ctx, v.Shop.ID, commerce.At(first), commerce.At(next))
		if err != nil {
			return nil, all, err
		}
		row := templates.ChartRow{Label: style.Date(first, "%-d %b"), Long: style.Date(first, "medium") + " – " + style.Date(next.AddDate(0, 0, -1), "medium")}
		for _, n := range []int64{sums.Given, sums.Spent, sums.Expired, sums.Taken} {
			row.Cells = append(row.Cells, templates.Figure(v.lang, v.Shop.Country, n))
		}
		c.Rows = append(c.Rows, row)
		if sums != (store.LedgerSums{}) {
			busy++
		}
		all = store.LedgerSums{Given: all.Given + sums.Given, Spent: all.Spent + sums.Spent, Expired: all.Expired + sums.Expired, Taken: all.Taken + sums.Taken}
	}
	if busy < 2 {
		c.Few = templates.Say(v.lang, "club_chart_few", nil)
	}
	said := map[string]string{"Points": v.points(all.Given), "Spent": v.points(all.Spent), "Expired": v.points(all.Expired)}
	c.Said = append(c.Said, templates.ChartSaid{Text: templates.Say(v.lang, "club_chart_all_given", said)})
	return c, all, nil
}

// fillOwed says what is owed in points, what that is worth, and how much of it will likely expire.
func (s *Server) fillOwed(ctx context.Context, v visit, p store.Program, page *templates.Loyalty) error {
	o, err := s.staff().Owed(ctx, v.Shop.ID)
	if err != nil {
		return err
	}
	worth, breakage := templates.LoyaltyFigure{Key: "owed_worth", Text: "–"}, templates.LoyaltyFigure{Key: "owed_breakage", Text: "–"}
	say := func(key string, data map[string]string) string { return templates.Say(v.lang, "club_"+key, data) }
	worth.Sub = say("owed_no_rate", nil)
	if o.Per > 0 {
		worth.Text, worth.Sub = v.money(o.Worth), say("owed_rate", map[string]string{"Points": v.points(o.Per), "Amount": v.money(o.Rate)})
	}
	switch {
	case o.Known && p.Months == 0:
		breakage.Text, breakage.Sub = v.number64(0), say("breakage_never", nil)
	case o.Known:
		breakage.Text, breakage.Sub = v.number64(o.Expire), say("breakage_is", map[string]string{"Share": v.tenthsOfPercent(o.ShareTenth)})
	default:
		breakage.Sub = say("breakage_young", nil)
	}
	page.Owed = []templates.LoyaltyFigure{
		{Key: "owed_points", Text: v.number64(o.Points), Href: page.Link("/loyalty/members")},
		worth,
		{Key: "owed_waiting", Text: v.number64(o.Pending), Sub: say("owed_waiting_is", nil)},
		breakage,
	}
	if o.Owed > 0 {
		page.Owed = append(page.Owed, templates.LoyaltyFigure{Key: "owed_below", Text: v.number64(o.Owed), Sub: say("owed_below_is", nil)})
	}
	return nil
}

// fillBudget says how much of this month's budget is used.
func (s *Server) fillBudget(ctx context.Context, v visit, p store.Program, page *templates.Loyalty) error {
	b, err := s.Store.RewardBudget(ctx, v.Shop.ID, club.Month(v.Shop, s.Store.Now()))
	if err != nil {
		return err
	}
	limit := templates.LoyaltyFigure{Key: "budget_limit", Text: v.money(max(0, p.Budget)), Href: page.Link("/loyalty/settings")}
	if p.Budget < 0 {
		limit.Text = templates.Say(v.lang, "club_budget_unbounded", nil)
	}
	page.Spent = []templates.LoyaltyFigure{limit, {Key: "budget_used", Text: v.money(b.Settled)}}
	if b.Reserved > 0 {
		page.Spent = append(page.Spent, templates.LoyaltyFigure{Key: "budget_reserved", Text: v.money(b.Reserved)})
	}
	if p.Budget >= 0 {
		page.Spent = append(page.Spent, templates.LoyaltyFigure{Key: "budget_left", Text: v.money(max(0, p.Budget-b.Settled-b.Reserved))})
	}
	return nil
}

// saveOwed hands the report out as a file, for the shop's books.
func (s *Server) saveOwed(c echo.Context, v visit) error {
	o, err := s.staff().Owed(c.Request().Context(), v.Shop.ID)
	if err != nil {
		return err
	}
	head := []string{"at", "members", "points_outstanding", "points_waiting", "points_owed_by_customers", "currency", "worth", "rate_points", "rate_amount", "breakage_known", "points_run", "points_expired", "breakage_percent", "breakage_points"}
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	amount := func(n int64) string { return commerce.Money{Amount: n, Currency: v.Shop.Currency}.Decimal() }
	line := []string{stamp(s.Store.Now()), number(o.Members), number(o.Points), number(o.Pending), number(o.Owed), v.Shop.Currency, "", "", "", "no", number(o.Ran), number(o.Expired), "", ""}
	if o.Per > 0 {
		line[6], line[7], line[8] = amount(o.Worth), number(o.Per), amount(o.Rate)
	}
	if o.Known {
		line[9], line[12], line[13] = "yes", hundredthsText(10*o.ShareTenth), number(o.Expire)
	}
	return s.file(c, "points-liability", head, func(context.Context, string) ([][]string, string, error) { return [][]string{line}, "", nil })
}

// fillLoyalty adds to a customer's page what their points are.
func (s *Server) fillLoyalty(ctx context.Context, _ echo.Context, p customer, page *templates.CustomerPage) error {
	program, err := s.Store.LoyaltyProgram(ctx, p.Shop.ID)
	if err != nil || program.Rev == 0 || p.Erased {
		return err
	}
	m, err := s.Store.LoyaltyMember(ctx, p.Shop.ID, p.ID)
	if err != nil {
		return err
	}
	state := cmp.Or(m.State, store.Guest)
	page.Loyalty = &templates.LoyaltyCard{State: string(state), Tone: memberTones[state], Points: p.points(m.Points), Ends: moment(m.EndsAt)}
	if m.Pending > 0 {
		page.Loyalty.Waits = p.points(m.Pending)
	}
	if m.EndsAt > 0 {
		page.Loyalty.Ending = p.points(m.Ending)
	}
	if l := program.Tiers.Of(m.Tier); l.ID != "" {
		page.Loyalty.Tier = p.tierTitle(l)
	}
	return nil
}
