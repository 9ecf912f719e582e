package server

import (
	"context"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"flywheel/club"
	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/templates"
)

// shownRewards is how many of somebody's rewards stand on their page.
const shownRewards = 30

// clubSaid are what the page may say after a button, and which of them are troubles.
var clubSaid = map[string]bool{
	"joined": false, "left": false, "took": false, "birthday": false, "data": false, "few": true, "budget": true, "refused": true, "day": true,
}

// showClub shows somebody what they have: all of it to who is known, else figures alone.
func (s *Server) showClub(c echo.Context, who holder) error {
	ctx := c.Request().Context()
	page, w, m, err := s.clubOf(ctx, who)
	if err != nil {
		return err
	}
	page.Frame = frame(c, &who.shop)
	if trouble, known := clubSaid[c.QueryParam("said")]; known && who.known {
		page.Said, page.Trouble = w.say("member_said_"+c.QueryParam("said")), trouble
	}
	if err := s.addFriends(ctx, w, m, &page); err != nil {
		return err
	}
	if who.known {
		below, _ := strconv.ParseInt(c.QueryParam("below"), 10, 64)
		if err := s.addOwn(ctx, w, m, max(0, below), &page); err != nil {
			return err
		}
	}
	return s.page(c, http.StatusOK, "member", who.lang, page)
}

// clubOf is what may be told of somebody's membership without saying who they are.
func (s *Server) clubOf(ctx context.Context, who holder) (page templates.Club, w clubWords, m store.LoyaltyMember, err error) {
	page = templates.Club{Known: who.known, Action: who.at}
	p, err := s.Store.LoyaltyProgram(ctx, who.shop.ID)
	w = clubWords{who, p}
	if err != nil {
		return page, w, m, err
	}
	if p.LiveAt == 0 {
		page.State = w.say("member_state_off")
		return page, w, m, nil
	}
	if m, err = s.Store.LoyaltyMember(ctx, who.shop.ID, who.person.ID); err != nil {
		return page, w, m, err
	}
	w.stand(m, &page)
	if m.State == store.Blocked {
		return page, w, m, nil
	}
	page.Earns, page.Offers = w.earns(), w.offers(m.Points, m.State == store.Joined)
	if m.State == store.Joined {
		err = s.addTier(ctx, w, m, &page)
	}
	return page, w, m, err
}

// stand says how somebody stands and what they have.
func (w clubWords) stand(m store.LoyaltyMember, page *templates.Club) {
	joins := w.who.known && w.program.State != store.ProgramDraft
	switch m.State {
	case store.Blocked:
		page.State = w.say("member_state_blocked")
		return
	case store.Left:
		page.State, page.MayJoin = w.say("member_state_left"), joins
	case store.Joined:
		page.MayLeave = w.who.known
		w.balance(m, page)
		return
	default:
		page.State, page.MayJoin = w.say("member_state_guest"), joins
		if waits := m.Pending + max(0, m.Points); waits > 0 {
			page.State = w.say("member_state_waiting", "Points", w.points(waits))
			page.Notes = append(page.Notes, w.who.style().Count("member_claim", int64(w.program.Claim()), nil))
		}
	}
	page.Terms = w.say("member_terms")
}

func (w clubWords) balance(m store.LoyaltyMember, page *templates.Club) {
	switch {
	case m.Points > 0:
		page.Balance = w.say("member_balance", "Points", w.points(m.Points))
	case m.Points < 0:
		page.Balance = w.say("member_balance_owed", "Points", w.points(m.Points))
	default:
		page.Balance = w.say("member_balance_none")
	}
	switch {
	case m.EndsAt == 0 || m.Ending <= 0:
	case m.Ending >= m.Points:
		page.Notes = append(page.Notes, w.say("member_ending_all", "Date", w.date(m.EndsAt)))
	default:
		page.Notes = append(page.Notes, w.say("member_ending", "Points", w.points(m.Ending), "Date", w.date(m.EndsAt)))
	}
	if m.Pending > 0 {
		page.Notes = append(page.Notes, w.say("member_waiting", "Points", w.points(m.Pending)))
	}
	if w.program.State == store.ProgramPaused {
		page.Notes = append(page.Notes, w.say("member_state_paused"))
	}
}

// addTier says which level a member has, and how far the next one is.
func (s *Server) addTier(ctx context.Context, w clubWords, m store.LoyaltyMember, page *templates.Club) error {
	tiers := w.program.Tiers
	if len(tiers.Levels) == 0 {
		return nil
	}
	var sum int64
	if err := s.Store.Transact(ctx, func(tx *store.Tx) error {
		points, err := club.Window(tx, w.who.shop, w.program.Program, w.who.person.ID)
		sum = tiers.Sum(points, tx.Now())
		return err
	}); err != nil {
		return err
	}
	page.Tier = w.say("member_tier_none")
	if m.Tier != "" {
		page.Tier = w.say("member_tier", "Tier", w.tier(m.Tier))
	}
	if ends := tiers.Ends(m.Standing); ends != 0 {
		page.TierNote = w.say("member_tier_until", "Date", w.date(ends))
	}
	next := tiers.Reached(sum) + 1
	if next >= len(tiers.Levels) {
		if page.TierNote == "" {
			page.TierNote = w.say("member_tier_top")
		}
		return nil
	}
	level := tiers.Levels[next]
	page.Reached, page.Goal = max(0, sum), level.From
	if page.TierNote == "" {
		page.TierNote = w.say("member_tier_next", "Much", w.much(level.From-sum), "Tier", w.tier(level.ID))
	}
	return nil
}

// much is what a tier goes by.
func (w clubWords) much(n int64) string {
	if w.program.Tiers.By == loyalty.ByPoints {
		return w.points(n)
	}
	return w.money(n)
}

// addFriends shows the link that friends come by, once it is made. Showing it makes nothing.
func (s *Server) addFriends(ctx context.Context, w clubWords, m store.LoyaltyMember, page *templates.Club) error {
	if !w.program.Referral.On || w.program.State != store.ProgramLive || m.State == store.Blocked {
		return nil
	}
	a, err := s.Store.AdvocateOf(ctx, w.who.shop.ID, w.who.person.ID)
	if err != nil || a.BannedAt != 0 {
		return err
	}
	if a.Code != "" {
		page.Share = s.sharesOf(a, w.who.shop, w.who.lang)
	}
	page.Friends = a.Code != "" || w.who.known
	return nil
}

// addOwn adds what only they may see: their rewards, their history, and what they can do.
func (s *Server) addOwn(ctx context.Context, w clubWords, m store.LoyaltyMember, below int64, page *templates.Club) error {
	shop, person := w.who.shop.ID, w.who.person.ID
	page.Email = masked(w.who.person.Email)
	given, err := s.Store.RewardsOf(ctx, shop, person, shownRewards)
	if err != nil {
		return err
	}
	page.Rewards = w.rewards(given)
	rows, next, err := s.history(ctx, w, given, below)
	if err != nil {
		return err
	}
	if page.History = rows; next != 0 {
		page.Older = w.who.at + "?below=" + strconv.FormatInt(next, 10) + "#history"
	}
	if m.State == store.Joined {
		w.addBirthday(m, page)
	}
	if page.Mails, err = s.hasMails(ctx, shop, person); err != nil {
		return err
	}
	page.Asked, err = s.Store.AskedForData(ctx, shop, person)
	return err
}

func (s *Server) hasMails(ctx context.Context, shop commerce.ShopID, person commerce.PersonID) (bool, error) {
	_, err := s.Store.LastMailTo(ctx, shop, person)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	return err == nil, err
}

func (w clubWords) addBirthday(m store.LoyaltyMember, page *templates.Club) {
	style := w.who.style()
	if m.Birthday != 0 {
		page.Birthday = w.say("member_birthday", "Date", templates.Isolate(w.who.lang, style.Birthday(m.Birthday/100, m.Birthday%100)))
		return
	}
	for day := int64(1); day <= 31; day++ {
		page.Days = append(page.Days, templates.Choice{Value: strconv.FormatInt(day, 10), Name: style.Number(day)})
	}
	for i, name := range style.Months() {
		page.Months = append(page.Months, templates.Choice{Value: strconv.Itoa(i + 1), Name: name})
	}
}
