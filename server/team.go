package server

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"flywheel/account"
	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/templates"
)

// showTeam says who may see this shop: its own people, and the accounts that it
// was granted to.
func (s *Server) showTeam(c echo.Context, v visit) error {
	return s.teamPage(c, v, http.StatusOK, templates.Refusal{})
}

func (s *Server) teamPage(c echo.Context, v visit, code int, wrong templates.Refusal) error {
	ctx := c.Request().Context()
	page := templates.Team{Admin: s.frameOf(c, v), Wrong: wrong, Open: s.People != nil}
	page.Here = "settings"
	home, err := s.Store.HomeAccount(ctx, v.Shop.ID)
	if err != nil {
		return err
	}
	members, err := s.Store.Members(ctx, home)
	if err != nil {
		return err
	}
	page.Members = membersOf(members, v.Who.User)
	accounts, err := s.Store.ShopAccounts(ctx, v.Shop.ID)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		if a.Account == home {
			continue
		}
		page.Grants = append(page.Grants, templates.Grant{Account: string(a.Account), Name: a.Name, Role: string(a.Role), From: a.From.Time(), Until: timeOr(a.Until), Seen: timeOr(a.SeenAt)})
	}
	open, err := s.Store.ShopInvitations(ctx, v.Shop.ID)
	if err != nil {
		return err
	}
	page.Offers = offersOf(open)
	return s.adminPage(c, code, "team", v.lang, page)
}

// showInvite asks whom to let in.
func (s *Server) showInvite(c echo.Context, v visit) error {
	return s.invitePage(c, v, http.StatusOK, templates.TeamInvite{})
}

func (s *Server) invitePage(c echo.Context, v visit, code int, page templates.TeamInvite) error {
	page.Admin = s.frameOf(c, v)
	page.Here = "settings"
	page.Today = s.Store.Now().Time().Format(time.DateOnly)
	return s.adminPage(c, code, "team_invite", v.lang, page)
}

var errNobody = fault.New(fault.NotFound, "nobody signs in here: the app is opened inside Shopify alone")

// invite makes an invitation and shows it, once: for somebody of the shop's own
// people, or, where kind is "agency", for another account.
func (s *Server) invite(c echo.Context, v visit) error {
	if s.People == nil {
		return errNobody
	}
	ctx := c.Request().Context()
	page := templates.TeamInvite{Kind: c.FormValue("kind"), Email: c.FormValue("email"), Chosen: c.FormValue("role"), End: c.FormValue("until")}
	o := account.Offer{Shop: v.Shop.ID, Email: page.Email, Role: commerce.Role(page.Chosen), By: v.Who, Lang: v.lang}
	var err error
	if page.Kind == "agency" {
		o.Until, err = endOfDay(page.End, v.Shop.Timezone)
	} else {
		o.Account, err = s.Store.HomeAccount(ctx, v.Shop.ID)
	}
	var made account.Made
	if err == nil {
		made, err = s.People.Invite(ctx, o)
	}
	if wrong, ok := refusalOf(err, v.lang); ok {
		page.Wrong = wrong
		return s.invitePage(c, v, http.StatusUnprocessableEntity, page)
	}
	if err != nil {
		return err
	}
	done := templates.InvitedPage{Admin: s.frameOf(c, v), Email: made.Email, Address: made.Link, Code: made.Code, Mailed: made.Mailed, Gives: page.Chosen, Place: page.Kind != "agency", Until: timeOr(o.Until)}
	done.Back, done.Here = done.Link("/team"), "settings"
	return s.adminPage(c, http.StatusOK, "invited", v.lang, done)
}

// endOfDay is when the day of a date field is over where the shop is; 0 = none was named.
func endOfDay(date, zone string) (commerce.Instant, error) {
	if date == "" {
		return 0, nil
	}
	in, err := time.LoadLocation(zone)
	if err != nil {
		in = time.UTC
	}
	day, err := time.ParseInLocation(time.DateOnly, templates.Western(date), in)
	if err != nil {
		return 0, fault.New(fault.Invalid, "the end is a date, such as 2026-12-31")
	}
	return commerce.At(day.AddDate(0, 0, 1)), nil
}

// ofTeam does something about who may see the shop.
func (s *Server) ofTeam(c echo.Context, v visit, said string, do func(home commerce.AccountID) error) error {
	if s.People == nil {
		return errNobody
	}
	home, err := s.Store.HomeAccount(c.Request().Context(), v.Shop.ID)
	if err == nil {
		err = do(home)
	}
	if wrong, ok := refusalOf(err, v.lang); ok {
		return s.teamPage(c, v, http.StatusUnprocessableEntity, wrong)
	}
	if err != nil {
		return err
	}
	return s.done(c, v, "/team", said)
}

func (s *Server) setTeamRole(c echo.Context, v visit) error {
	return s.ofTeam(c, v, "role_set", func(home commerce.AccountID) error {
		return s.People.SetRole(c.Request().Context(), v.Who, home, commerce.UserID(c.Param("user")), commerce.Role(c.FormValue("role")))
	})
}

func (s *Server) dropTeamMember(c echo.Context, v visit) error {
	return s.ofTeam(c, v, "member_dropped", func(home commerce.AccountID) error {
		return s.People.Remove(c.Request().Context(), v.Who, home, commerce.UserID(c.Param("user")))
	})
}

func (s *Server) dropTeamOffer(c echo.Context, v visit) error {
	return s.ofTeam(c, v, "offer_dropped", func(commerce.AccountID) error {
		return s.Store.Transact(c.Request().Context(), func(tx *store.Tx) error { return tx.RevokeShopInvitation(v.Shop.ID, c.Param("invitation")) })
	})
}

// revokeGrant ends an account's access: its next request is refused.
func (s *Server) revokeGrant(c echo.Context, v visit) error {
	return s.ofTeam(c, v, "grant_revoked", func(commerce.AccountID) error {
		return s.Store.Transact(c.Request().Context(), func(tx *store.Tx) error { return tx.RevokeShop(v.Shop.ID, commerce.AccountID(c.Param("account"))) })
	})
}
