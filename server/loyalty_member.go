package server

import (
	"cmp"
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"flywheel/club"
	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/message"
	"flywheel/store"
	"flywheel/templates"
)

// rewardsShown is how many rewards of a member are shown, the last.
const rewardsShown = 50

// showMember is somebody's points, row by row, with what may be done.
func (s *Server) showMember(c echo.Context, v visit) error {
	p, err := s.customerOf(c, v)
	if err != nil {
		return err
	}
	if string(p.ID) != c.Param("person") {
		return c.Redirect(http.StatusSeeOther, s.frameOf(c, v).Link(memberPath(p.ID, "")))
	}
	return s.memberPage(c, p, http.StatusOK, func(*templates.LoyaltyMember) {})
}

// memberPage shows them; fill adds what was not taken.
func (s *Server) memberPage(c echo.Context, p customer, code int, fill func(*templates.LoyaltyMember)) error {
	ctx := c.Request().Context()
	program, err := s.programOf(c, p.visit)
	if err != nil {
		return s.toBegin(c, p.visit, err)
	}
	m, err := s.Store.LoyaltyMember(ctx, p.Shop.ID, p.ID)
	if err != nil {
		return err
	}
	m.State = cmp.Or(m.State, store.Guest)
	page := templates.LoyaltyMember{
		Admin: s.frameFor(c, p.visit, "loyalty"), ID: string(p.ID), Name: p.callsWho(p.Person), State: string(m.State), Tone: memberTones[m.State], Act: store.NewID(),
		Member: m.State == store.Joined, Left: m.State == store.Left, Blocked: m.State == store.Blocked, Facts: p.memberFacts(program, m), Months: p.monthChoices(m.Birthday),
	}
	if m.State == store.Blocked {
		page.Why = templates.Clean(m.Note, 300)
	}
	if m.Birthday > 0 {
		page.Day = strconv.Itoa(m.Birthday % 100)
	}
	for _, r := range program.Rewards {
		if !r.Hidden {
			page.Offers = append(page.Offers, templates.Choice{Value: r.ID, Name: p.rewardTitle(r)})
		}
	}
	for _, step := range []func(context.Context, echo.Context, customer, store.Program, *templates.LoyaltyMember) error{s.fillStatement, s.fillGiven, s.fillSame} {
		if err := step(ctx, c, p, program, &page); err != nil {
			return err
		}
	}
	fill(&page)
	return s.adminPage(c, code, "loyalty_member", p.lang, page)
}

// memberFacts is what is known of a member beside their rows.
func (v visit) memberFacts(p store.Program, m store.LoyaltyMember) (out []templates.LoyaltyFact) {
	add := func(key, text string, at commerce.Instant, sub string) {
		if text != "" || at != 0 {
			out = append(out, templates.LoyaltyFact{Key: key, Text: text, At: moment(at), Sub: sub})
		}
	}
	add("points", v.points(m.Points), 0, "")
	add("waiting", v.points(m.Pending), 0, "")
	if m.EndsAt > 0 {
		add("ends", v.points(m.Ending), m.EndsAt, "")
	}
	add("earned", v.points(m.Earned), 0, "")
	if l := p.Tiers.Of(m.Tier); l.ID != "" {
		sub := ""
		if m.Below != 0 {
			sub = templates.Say(v.lang, "club_tier_ending", nil)
		}
		add("tier", v.tierTitle(l), m.Since, sub)
	}
	if m.JoinedAt != 0 {
		how := ""
		if key := "club_how_" + m.How; templates.Known(key) {
			how = templates.Say(v.lang, key, nil)
		}
		add("joined", "", m.JoinedAt, how)
		add("terms", v.number64(int64(m.Terms)), 0, "")
	}
	add("left", "", m.LeftAt, "")
	if m.Birthday > 0 {
		add("birthday", v.birthdayOf(m.Birthday), 0, "")
	}
	return out
}

// fillStatement adds a page of their ledger, every row in words.
func (s *Server) fillStatement(ctx context.Context, c echo.Context, p customer, program store.Program, page *templates.LoyaltyMember) error {
	at := pagerOf(c, page.Admin, memberPath(p.ID, ""))
	below, _ := strconv.ParseInt(at.after, 10, 64)
	rows, more, err := s.Store.Statement(ctx, p.Shop.ID, p.ID, max(0, below), listRows)
	if err != nil {
		return err
	}
	next := ""
	if more {
		next = strconv.FormatInt(rows[len(rows)-1].Seq, 10)
	}
	l := at.list("club_statement", next, column("lists_when"), column("lists_happened"), column("club_about"), templates.Column{Key: "club_row_points", End: true},
		templates.Column{Key: "club_row_waiting", End: true}, templates.Column{Key: "club_row_balance", End: true})
	l.CSV = ""
	var orders []commerce.OrderID
	for _, r := range rows {
		if r.Cause.Kind == loyalty.OfOrder {
			orders = append(orders, commerce.OrderID(r.Cause.ID))
		}
	}
	n, err := s.namesOf(ctx, p.visit, []commerce.PersonID{p.ID}, orders)
	if err != nil {
		return err
	}
	given, err := s.Store.RewardsOf(ctx, p.Shop.ID, p.ID, rewardsShown)
	if err != nil {
		return err
	}
	for _, r := range rows {
		l.Rows = append(l.Rows, templates.Row{ID: r.ID, Cells: []templates.Cell{
			{At: moment(r.At)}, p.rowSaid(r), p.rowCause(page.Admin, n, given, r), {Text: p.signed(r.Points)}, {Text: p.signed(r.Pending)}, {Text: p.number64(r.Balance)},
		}})
	}
	page.Statement = l
	return nil
}

// signed writes what moved; nothing where nothing did.
func (v visit) signed(n int64) string {
	switch {
	case n > 0:
		return templates.IsolateLTR(templates.Language(v.lang), "+"+v.number64(n))
	case n < 0:
		return templates.IsolateLTR(templates.Language(v.lang), v.number64(n))
	}
	return ""
}

// rowSaid is what a row did, with the rule it went by or who did it.
func (v visit) rowSaid(r store.LedgerRow) templates.Cell {
	key := "club_row_" + string(r.Kind)
	if own := key + "_" + string(r.Cause.Kind); templates.Known(own) {
		key = own
	}
	if strings.HasPrefix(r.Cause.ID, "import:") && r.Cause.Kind == loyalty.OfStaff {
		key = "club_row_import"
	}
	cell := templates.Cell{Text: templates.Say(v.lang, key, nil)}
	var sub []string
	switch {
	case r.Terms != nil:
		sub = append(sub, v.ruleSaid(r.Terms.Rule))
		if r.Terms.Multiplier != 100 && r.Terms.Multiplier != 0 {
			sub = append(sub, templates.Say(v.lang, "club_tier_multiplier", map[string]string{"Times": templates.Isolated(v.number64(r.Terms.Multiplier/100) + fraction(v, r.Terms.Multiplier%100))}))
		}
		sub = append(sub, templates.Say(v.lang, "club_by_version", map[string]string{"Version": v.number64(int64(r.Terms.Version))}))
	case r.Note != "" && key != "club_row_import":
		sub = append(sub, templates.Clean(r.Note, 300))
	}
	if r.By != "" {
		sub = append(sub, templates.Clean(r.By, 120))
	}
	if r.Forgiven > 0 {
		sub = append(sub, templates.Say(v.lang, "club_forgiven", map[string]string{"Points": v.points(r.Forgiven)}))
	}
	cell.Sub = strings.Join(sub, " · ")
	return cell
}

// rowCause is what a row is about: an order on the timeline, a reward, what happened.
func (v visit) rowCause(page templates.Admin, n names, given []store.Reward, r store.LedgerRow) templates.Cell {
	switch r.Cause.Kind {
	case loyalty.OfOrder:
		return n.order(page, commerce.OrderID(r.Cause.ID), r.Person)
	case loyalty.OfReward:
		for _, one := range given {
			if one.ID == r.Cause.ID {
				return templates.Cell{Text: v.offerSaid(one.Offer), Sub: templates.Isolated(one.Code)}
			}
		}
	}
	return templates.Cell{}
}

// offerSaid is what somebody was given: its name, else what it gives.
func (v visit) offerSaid(o loyalty.Offer) string {
	return cmp.Or(v.named(o.Name), message.OfferWords(o, v.lang, v.Shop))
}

// rewardTones are the badges of rewards: the string club_reward_STATE.
var rewardTones = map[store.RewardState]string{
	store.RewardMaking: "wait", store.RewardMade: "good", store.RewardFailed: "bad", store.RewardUnknown: "bad", store.RewardUsed: "good", store.RewardExpired: "off", store.RewardRevoked: "off",
}

// fillGiven adds what they were given.
func (s *Server) fillGiven(ctx context.Context, _ echo.Context, p customer, _ store.Program, page *templates.LoyaltyMember) error {
	given, err := s.Store.RewardsOf(ctx, p.Shop.ID, p.ID, rewardsShown)
	for _, r := range given {
		one := templates.LoyaltyReward{
			ID: r.ID, Says: p.offerSaid(r.Offer), Code: r.Code, State: string(r.State), Tone: rewardTones[r.State], Cause: r.Cause.Kind, At: moment(r.AskedAt), Note: templates.Clean(r.Note, 300),
			Recalled: r.RecallAt != 0 && r.State != store.RewardRevoked, MayEnd: r.RecallAt == 0 && (r.Open() || r.State == store.RewardMade),
			Stuck: club.Stuck(r, s.Store.Now()), Made: r.State == store.RewardMade,
		}
		if r.State == store.RewardMade {
			one.Until = moment(r.ExpiresAt)
		}
		page.Rewards = append(page.Rewards, one)
	}
	return err
}

// fillSame adds whose points are counted with theirs.
func (s *Server) fillSame(ctx context.Context, _ echo.Context, p customer, _ store.Program, page *templates.LoyaltyMember) error {
	all, err := s.Store.MergedInto(ctx, p.Shop.ID, p.ID)
	for _, one := range all {
		page.Merged = append(page.Merged, templates.CustomerMerged{ID: string(one.ID), Name: p.callsWho(one)})
	}
	return err
}
