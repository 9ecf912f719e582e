package server

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"flywheel/club"
	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/fault"
	"flywheel/links"
	"flywheel/store"
	"flywheel/templates"
)

// clubActs are what each button of the page does, by its "do" value, with what is
// said of it afterwards.
var clubActs = map[string]struct {
	do   func(*Server, echo.Context, holder, url.Values) error
	said string
}{
	"join":     {(*Server).joinClub, "joined"},
	"leave":    {(*Server).leaveClub, "left"},
	"take":     {(*Server).takeReward, "took"},
	"birthday": {(*Server).keepBirthday, "birthday"},
	"data":     {(*Server).askData, "data"},
	"friends":  {(*Server).makeFriendsLink, ""},
}

// actIn acts on a button of a customer's page, and shows the page again. Who is
// signed out is asked in again, and nothing is done.
func (s *Server) actIn(c echo.Context) error {
	if err := sameSite(c); err != nil {
		return err
	}
	shop, err := s.openShop(c)
	if err != nil {
		return err
	}
	c.Request().Body = http.MaxBytesReader(c.Response(), c.Request().Body, maxForm)
	form, err := c.FormParams()
	if err != nil {
		return errForm
	}
	who, in, err := s.holder(c, shop)
	if err != nil {
		return err
	}
	did := form.Get("do")
	act, known := clubActs[did]
	switch {
	case did == "letter":
		return s.askIn(c, who, form)
	case !known && did != "out" && did != "mails":
		return errForm
	case !in:
		return c.Redirect(http.StatusSeeOther, who.at+"?said=ended")
	case did == "out":
		return s.closePage(c, who)
	case did == "mails":
		return s.chooseMails(c, who)
	}
	said := act.said
	if err := act.do(s, c, who, form); err != nil {
		if said = refusedBy(err); said == "" {
			return err
		}
	} else {
		s.Log.Info("customer's page", "shop", shop.ID, "person", who.person.ID, "did", did)
		s.Queue.InboxArrived(shop.ID)
	}
	if said != "" {
		said = "?said=" + said
	}
	return c.Redirect(http.StatusSeeOther, who.at+said)
}

// refusedBy is what the page says of an act that was refused; "" = it has failed.
func refusedBy(err error) string {
	switch {
	case errors.Is(err, loyalty.ErrTooFew):
		return "few"
	case errors.Is(err, loyalty.ErrBudget):
		return "budget"
	case errors.Is(err, errDay):
		return "day"
	case fault.Is(err, fault.Conflict), fault.Is(err, fault.Invalid), fault.Is(err, fault.NotFound):
		return "refused"
	}
	return ""
}

func (s *Server) joinClub(c echo.Context, who holder, _ url.Values) error {
	p, err := s.Store.LoyaltyProgram(c.Request().Context(), who.shop.ID)
	if err == nil && p.LiveAt == 0 {
		err = fault.New(fault.Conflict, "the program has not begun")
	}
	if err != nil {
		return err
	}
	return club.Desk{Store: s.Store}.Join(c.Request().Context(), who.shop, who.person.ID, "account")
}

func (s *Server) leaveClub(c echo.Context, who holder, _ url.Values) error {
	return club.Desk{Store: s.Store}.Leave(c.Request().Context(), who.shop, who.person.ID)
}

// takeReward spends points once for a form, however often it is sent. Its key is
// theirs alone: another's form with the same one is another request.
func (s *Server) takeReward(c echo.Context, who holder, form url.Values) error {
	steps, err := strconv.ParseInt(form.Get("steps"), 10, 64)
	request := form.Get("request")
	if err != nil || request == "" || len(request) > 64 {
		return errForm
	}
	_, err = club.Desk{Store: s.Store}.Redeem(c.Request().Context(), who.shop, who.person.ID, form.Get("reward"), steps, string(who.person.ID)+"/"+request)
	return err
}

var errDay = fault.New(fault.Invalid, "there is no such day")

// keepBirthday keeps it once: afterwards the shop changes it, since there may be points for it.
func (s *Server) keepBirthday(c echo.Context, who holder, form url.Values) error {
	month, err := strconv.Atoi(form.Get("month"))
	day, err2 := strconv.Atoi(form.Get("day"))
	if err != nil || err2 != nil {
		return errDay
	}
	month, day, ok := who.style().BirthdayOf(month, day)
	if !ok {
		return errDay
	}
	return club.Desk{Store: s.Store}.TellBirthday(c.Request().Context(), who.shop, who.person.ID, month, day)
}

// dataTime is how long a shop has to hand over what is kept of somebody (GDPR, article 12, 3).
const dataTime = 30 * 24 * time.Hour

// askData asks the shop for what is kept of somebody, once while that is open. A
// worker gathers it, for the merchant to hand over.
func (s *Server) askData(c echo.Context, who holder, _ url.Values) error {
	return s.Store.Transact(c.Request().Context(), func(tx *store.Tx) error {
		if _, err := tx.LockPersons(who.shop.ID, []commerce.PersonID{who.person.ID}); err != nil {
			return err
		}
		asked, err := tx.AskedForData(who.shop.ID, who.person.ID)
		if err != nil || asked {
			return err
		}
		_, err = tx.AddPrivacyRequest(who.shop.ID, store.PrivacyRequest{Kind: commerce.ReportData, Persons: []commerce.PersonID{who.person.ID}, DueAt: tx.Now().Add(dataTime)})
		return err
	})
}

// makeFriendsLink makes the link that somebody's friends come by.
func (s *Server) makeFriendsLink(c echo.Context, who holder, _ url.Values) error {
	return s.Store.Transact(c.Request().Context(), func(tx *store.Tx) error {
		_, err := tx.Advocate(who.shop.ID, who.person.ID)
		return err
	})
}

// closePage ends the session here; its secret opens nothing any more.
func (s *Server) closePage(c echo.Context, who holder) error {
	if cookie, err := c.Cookie(s.sessionName(who.shop.ID)); err == nil {
		if hash, err := links.Hash(cookie.Value); err == nil {
			if err := s.Store.Transact(c.Request().Context(), func(tx *store.Tx) error {
				_, err := tx.TakeCustomerLink(who.shop.ID, hash, string(links.Session))
				return err
			}); err != nil && !fault.Is(err, fault.NotFound) {
				return err
			}
		}
	}
	c.SetCookie(s.sessionCookie(who.shop.ID, "", 0))
	return c.Redirect(http.StatusSeeOther, who.at)
}

// chooseMails leads to the page on which mails are chosen, as the last mail's own link does.
func (s *Server) chooseMails(c echo.Context, who holder) error {
	ctx := c.Request().Context()
	effect, err := s.Store.LastMailTo(ctx, who.shop.ID, who.person.ID)
	if err != nil {
		return err
	}
	token, hash := links.NewToken()
	if err := s.Store.Transact(ctx, func(tx *store.Tx) error {
		return tx.AddLinks(who.shop.ID, []store.Link{{
			Hash: hash, Shop: who.shop.ID, Purpose: string(links.Unsubscribe), Effect: effect, Person: who.person.ID, Expires: tx.Now().Add(sessionTime),
		}})
	}); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/u/"+token)
}

// showTake says what a reward costs and what is left then, before it is taken.
func (s *Server) showTake(c echo.Context, who holder, q url.Values) error {
	ctx := c.Request().Context()
	p, err := s.Store.LoyaltyProgram(ctx, who.shop.ID)
	if err != nil {
		return err
	}
	m, err := s.Store.LoyaltyMember(ctx, who.shop.ID, who.person.ID)
	if err != nil {
		return err
	}
	r, found := rewardOf(p.Program, q.Get("take"))
	steps, err := strconv.ParseInt(q.Get("steps"), 10, 64)
	if err != nil {
		steps = 1
	}
	if !found || !forPoints(who.shop, r) {
		return c.Redirect(http.StatusSeeOther, who.at+"?said=refused")
	}
	offer, err := r.Issue(steps, who.shop.Currency)
	if err != nil {
		return c.Redirect(http.StatusSeeOther, who.at+"?said=refused") //nolint:nilerr // it does not come in that size
	}
	if m.State != store.Joined || m.Points < offer.Cost {
		return c.Redirect(http.StatusSeeOther, who.at+"?said=few")
	}
	w := clubWords{who, p}
	return s.page(c, http.StatusOK, "member_take", who.lang, templates.ClubTake{
		Frame: frame(c, &who.shop), Words: w.offer(offer), Cost: w.say("member_take_cost", "Points", w.points(offer.Cost)), Left: w.say("member_take_left", "Points", w.points(m.Points-offer.Cost)),
		Valid: who.style().Count("member_valid", int64(offer.Days), nil), Reward: r.ID, Steps: strconv.FormatInt(steps, 10), Request: store.NewID(), Action: who.at,
	})
}

// showLeave says what is lost by leaving.
func (s *Server) showLeave(c echo.Context, who holder) error {
	ctx := c.Request().Context()
	p, err := s.Store.LoyaltyProgram(ctx, who.shop.ID)
	if err != nil {
		return err
	}
	m, err := s.Store.LoyaltyMember(ctx, who.shop.ID, who.person.ID)
	if err != nil {
		return err
	}
	w, page := clubWords{who, p}, templates.ClubLeave{Frame: frame(c, &who.shop), Action: who.at}
	if m.Points > 0 {
		page.Loses = append(page.Loses, w.say("member_leave_points", "Points", w.points(m.Points)))
	}
	if m.Pending > 0 {
		page.Loses = append(page.Loses, w.say("member_leave_waiting", "Points", w.points(m.Pending)))
	}
	if m.Tier != "" {
		page.Loses = append(page.Loses, w.say("member_leave_tier", "Tier", w.tier(m.Tier)))
	}
	page.Loses = append(page.Loses, w.say("member_leave_rest"))
	return s.page(c, http.StatusOK, "member_leave", who.lang, page)
}
