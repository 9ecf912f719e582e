package server

import (
	"errors"
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"flywheel/club"
	"flywheel/delight/loyalty"
	"flywheel/fault"
	"flywheel/message"
	"flywheel/store"
	"flywheel/templates"
)

// opened is a friend's offer whose link was opened: whoever has it has the mailbox.
type opened struct {
	invitation
	claim store.OfferClaim
	at    string // the address of the page
}

func (s *Server) opened(c echo.Context) (o opened, err error) {
	if o.invitation, err = s.invitation(c); err != nil {
		return o, err
	}
	token := c.Param("token")
	if o.claim, err = s.Store.OpenOffer(c.Request().Context(), o.shop.ID, o.advocate.Code, token); err != nil {
		return o, err
	}
	if c.QueryParam("lang") == "" && slices.Contains(o.langs, o.claim.Lang) {
		o.lang = o.claim.Lang
	}
	o.at = referralPath + o.advocate.Code + "/" + token
	return o, nil
}

// showFriendOffer shows what a friend gets, or has got. It gives nothing: scanners of mails follow links, too.
func (s *Server) showFriendOffer(c echo.Context) error {
	o, err := s.opened(c)
	if err != nil {
		return err
	}
	r, ok, err := club.Desk{Store: s.Store}.OfferTaken(c.Request().Context(), o.shop, o.claim)
	switch {
	case fault.Is(err, fault.Conflict):
		return s.friendOfferPage(c, o, func(p *templates.Friend) { p.Refused = true })
	case err != nil:
		return err
	case !ok:
		return s.friendOfferPage(c, o, func(p *templates.Friend) { p.Take = true })
	}
	return s.friendOfferPage(c, o, func(p *templates.Friend) { o.got(p, r) })
}

// got shows what a friend was given.
func (o opened) got(p *templates.Friend, r store.Reward) {
	p.Offer, p.Days = message.OfferWords(r.Offer, o.lang, o.shop), ""
	switch {
	case r.Open() && r.RecallAt == 0:
		p.Making = true
	case r.State == store.RewardMade && r.RecallAt == 0:
		p.Code, p.Way = r.Code, club.FriendsWay(o.shop, o.advocate.Code, r.Code)
		p.Days = templates.Say(o.lang, "friend_until", map[string]string{"Date": o.style().Date(r.ExpiresAt.Time(), "long")})
	default:
		p.Over = true
	}
}

// takeFriendOffer gives it, once, to who presses the button.
func (s *Server) takeFriendOffer(c echo.Context) error {
	if err := sameSite(c); err != nil {
		return err
	}
	c.Request().Body = http.MaxBytesReader(c.Response(), c.Request().Body, maxForm)
	o, err := s.opened(c)
	if err != nil {
		return err
	}
	_, _, err = club.Desk{Store: s.Store}.TakeOffer(c.Request().Context(), o.shop, o.claim)
	switch {
	case errors.Is(err, loyalty.ErrBudget), errors.Is(err, club.ErrLater):
		return s.friendOfferPage(c, o, func(p *templates.Friend) { p.Later = true })
	case fault.Is(err, fault.Conflict):
		return s.friendOfferPage(c, o, func(p *templates.Friend) { p.Refused = true })
	case err != nil:
		return err
	}
	return c.Redirect(http.StatusSeeOther, o.at+"?lang="+o.lang)
}

func (s *Server) friendOfferPage(c echo.Context, o opened, fill func(*templates.Friend)) error {
	return s.friendPage(c, o.invitation, http.StatusOK, func(p *templates.Friend) {
		p.Action, p.Mailed, p.Closed = o.at, true, false
		fill(p)
	})
}

// style writes figures and days as the shop's visitors read them.
func (i invitation) style() templates.Style {
	settings := i.shop.Settings
	return templates.Style{Lang: i.lang, Country: i.shop.Country, Digits: string(settings.Digits), Calendar: string(settings.Dates)}
}
