package server

import (
	"cmp"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"flywheel/account"
	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/templates"
)

// auditShown is how many lines of a log stand on a page.
const auditShown = 50

// showAccount lists who belongs to an account, which shops are open to it, and
// what was changed. Only members see it.
func (s *Server) showAccount(c echo.Context, u account.User) error {
	return s.accountPage(c, u, http.StatusOK, templates.Refusal{})
}

func (s *Server) accountPage(c echo.Context, u account.User, code int, wrong templates.Refusal) error {
	ctx := c.Request().Context()
	m, err := s.Store.Membership(ctx, commerce.AccountID(c.Param("account")), u.ID)
	if err != nil {
		return err
	}
	page := templates.AccountPage{Admin: s.frameOfUser(c, u), ID: string(m.ID), Name: m.Name, Kind: m.Kind, Wrong: wrong, Email: c.FormValue("email")}
	page.Role = string(m.Role)
	members, err := s.Store.Members(ctx, m.ID)
	if err != nil {
		return err
	}
	page.Members = membersOf(members, u.ID)
	open, err := s.Store.AccountInvitations(ctx, m.ID)
	if err != nil {
		return err
	}
	page.Offers = offersOf(open)
	shops, err := s.Store.AccountShops(ctx, m.ID)
	if err != nil {
		return err
	}
	for _, shop := range shops {
		page.Shops = append(page.Shops, templates.AccountShop{ID: string(shop.Shop), Name: cmp.Or(shop.Name, string(shop.Shop)), Role: string(shop.Role), Until: timeOr(shop.Until)})
	}
	lines, err := s.Store.AccountAuditLines(ctx, m.ID, c.QueryParam("after"), auditShown+1)
	if err != nil {
		return err
	}
	if len(lines) > auditShown {
		lines = lines[:auditShown]
		page.Next = "/accounts/" + url.PathEscape(page.ID) + "?after=" + lines[auditShown-1].ID
	}
	for _, l := range lines {
		page.Audit = append(page.Audit, templates.AccountLine{At: l.At.Time(), Who: l.Who, Act: l.Act, Subject: l.Subject})
	}
	if page.Zone, page.Country, err = s.placeOf(ctx, u.ID); err != nil {
		return err
	}
	return s.alonePage(c, code, "account", s.langOf(c, u), page)
}

func membersOf(all []store.Member, me commerce.UserID) (out []templates.Member) {
	for _, m := range all {
		out = append(out, templates.Member{ID: string(m.User), Email: m.Email, Name: m.Name, Role: string(m.Role), Seen: timeOr(m.SeenAt), Me: m.User == me})
	}
	return out
}

func offersOf(all []store.Invitation) (out []templates.OpenOffer) {
	for _, i := range all {
		out = append(out, templates.OpenOffer{ID: i.ID, Email: i.Email, Role: string(i.Role), By: i.By, Place: i.Account != "", Expires: i.ExpiresAt.Time(), Until: timeOr(i.Until)})
	}
	return out
}

// owned is an account that somebody leads; a member who does not is refused,
// and to anybody else there is no such account.
func (s *Server) owned(c echo.Context, u account.User) (commerce.AccountID, error) {
	m, err := s.Store.Membership(c.Request().Context(), commerce.AccountID(c.Param("account")), u.ID)
	if err == nil && !m.Role.Allows(commerce.RoleOwner) {
		err = fault.New(fault.Forbidden, "only an owner of the account can do this")
	}
	return m.ID, err
}

// inAccount does something in an account that somebody leads, and says so.
func (s *Server) inAccount(c echo.Context, u account.User, said string, do func(commerce.AccountID) error) error {
	id, err := s.owned(c, u)
	if err != nil {
		return err
	}
	if err := do(id); err != nil {
		if wrong, ok := refusalOf(err, s.langOf(c, u)); ok {
			wrong.Form = "members"
			return s.accountPage(c, u, http.StatusUnprocessableEntity, wrong)
		}
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/accounts/"+url.PathEscape(string(id))+"?said="+said)
}

func (s *Server) backToAccount(c echo.Context, _ account.User) error {
	return c.Redirect(http.StatusSeeOther, "/accounts/"+url.PathEscape(c.Param("account")))
}

func (s *Server) renameAccount(c echo.Context, u account.User) error {
	return s.inAccount(c, u, "account_named", func(id commerce.AccountID) error {
		name := templates.Clean(c.FormValue("name"), 80)
		if name == "" {
			return fault.New(fault.Invalid, "say what the account is called")
		}
		return s.People.Rename(c.Request().Context(), actorOf(u), id, name)
	})
}

func (s *Server) setRole(c echo.Context, u account.User) error {
	return s.inAccount(c, u, "role_set", func(id commerce.AccountID) error {
		return s.People.SetRole(c.Request().Context(), actorOf(u), id, commerce.UserID(c.Param("user")), commerce.Role(c.FormValue("role")))
	})
}

// dropMember takes somebody out; anybody may take out themselves.
func (s *Server) dropMember(c echo.Context, u account.User) error {
	if c.Param("user") == string(u.ID) {
		if err := s.People.Remove(c.Request().Context(), actorOf(u), commerce.AccountID(c.Param("account")), u.ID); err != nil {
			return err
		}
		return c.Redirect(http.StatusSeeOther, "/shops?said=member_left")
	}
	return s.inAccount(c, u, "member_dropped", func(id commerce.AccountID) error {
		return s.People.Remove(c.Request().Context(), actorOf(u), id, commerce.UserID(c.Param("user")))
	})
}

func (s *Server) dropOffer(c echo.Context, u account.User) error {
	return s.inAccount(c, u, "offer_dropped", func(id commerce.AccountID) error {
		return s.People.Uninvite(c.Request().Context(), actorOf(u), id, c.Param("invitation"))
	})
}

// inviteToAccount makes an invitation and shows it, once.
func (s *Server) inviteToAccount(c echo.Context, u account.User) error {
	id, err := s.owned(c, u)
	if err != nil {
		return err
	}
	lang := s.langOf(c, u)
	made, err := s.People.Invite(c.Request().Context(), account.Offer{Account: id, Email: c.FormValue("email"), Role: commerce.Role(c.FormValue("role")), By: actorOf(u), Lang: lang})
	if wrong, ok := refusalOf(err, lang); ok {
		wrong.Form = "invite"
		return s.accountPage(c, u, http.StatusUnprocessableEntity, wrong)
	}
	if err != nil {
		return err
	}
	page := templates.InvitedPage{Admin: s.frameOfUser(c, u), Email: made.Email, Address: made.Link, Code: made.Code, Mailed: made.Mailed, Gives: c.FormValue("role"), Place: true, Back: "/accounts/" + url.PathEscape(string(id))}
	return s.alonePage(c, http.StatusOK, "invited", lang, page)
}

// timeOr is an instant, the zero time where there is none.
func timeOr(at commerce.Instant) (t time.Time) {
	if at > 0 {
		t = at.Time()
	}
	return t
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
