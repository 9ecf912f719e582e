package server

import (
	"cmp"
	"context"
	"net/http"
	"net/url"

	"github.com/labstack/echo/v4"

	"flywheel/account"
	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/templates"
)

// showJoin asks for the code of an invitation.
func (s *Server) showJoin(c echo.Context) error { return s.joinPage(c, http.StatusOK, "", "") }

func (s *Server) joinPage(c echo.Context, code int, typed, wrong string) error {
	u, _ := s.user(c)
	return s.alonePage(c, code, "join", s.langOf(c, u), templates.Join{Admin: s.frameOfUser(c, u), Code: typed, Wrong: wrong})
}

// typeJoin looks for it.
func (s *Server) typeJoin(c echo.Context) error {
	return s.bounded(c, func() error {
		typed := c.FormValue("code")
		_, err := s.People.Look(c.Request().Context(), typed, networkOf(c))
		switch {
		case often(c, err):
			return s.joinPage(c, http.StatusTooManyRequests, typed, "login_too_often")
		case fault.Is(err, fault.NotFound):
			return s.joinPage(c, http.StatusUnprocessableEntity, typed, "join_unknown")
		case err != nil:
			return err
		}
		return c.Redirect(http.StatusSeeOther, "/join/"+url.PathEscape(typed))
	})
}

// showOffer says what an invitation gives, and takes it up by its button.
func (s *Server) showOffer(c echo.Context) error {
	return s.offerPage(c, http.StatusOK, "")
}

func (s *Server) offerPage(c echo.Context, code int, wrong string) error {
	ctx, token := c.Request().Context(), c.Param("token")
	u, in := s.user(c)
	i, err := s.People.Look(ctx, token, networkOf(c))
	if fault.Is(err, fault.NotFound) {
		return s.joinPage(c, http.StatusNotFound, "", "join_closed")
	}
	if err != nil {
		return err
	}
	page := templates.Offer{
		Admin: s.frameOfUser(c, u), Name: i.Name, By: i.By, Gives: string(i.Role), Place: i.Account != "", Until: timeOr(i.Until), Expires: i.ExpiresAt.Time(),
		Action: "/join/" + url.PathEscape(token), Wrong: wrong, NewName: c.FormValue("name"), SignedIn: in, MyEmail: u.Email,
	}
	page.Login = loginPath + "?back=" + url.QueryEscape(page.Action)
	if i.Email != "" && i.Email != u.Email {
		page.For = masked(i.Email)
	}
	if in && !page.Place {
		homes, err := s.People.Homes(ctx, u.ID)
		if err != nil {
			return err
		}
		for _, h := range homes {
			page.Homes = append(page.Homes, templates.Choice{Value: string(h.ID), Name: h.Name})
		}
	}
	c.Response().Header().Set("Referrer-Policy", "no-referrer") // the address holds a token
	return s.alonePage(c, code, "offer", s.langOf(c, u), page)
}

// acceptOffer takes it up. The shop's audit says so.
func (s *Server) acceptOffer(c echo.Context) error {
	return s.bounded(c, func() error {
		u, in := s.user(c)
		if !in {
			return c.Redirect(http.StatusSeeOther, loginPath+"?back="+url.QueryEscape("/join/"+url.PathEscape(c.Param("token"))))
		}
		ctx := c.Request().Context()
		i, err := s.People.Accept(ctx, u, c.Param("token"), commerce.AccountID(c.FormValue("into")), c.FormValue("name"))
		switch {
		case fault.Is(err, fault.Invalid):
			return s.offerPage(c, http.StatusUnprocessableEntity, "join_name")
		case fault.Is(err, fault.NotFound):
			return s.joinPage(c, http.StatusNotFound, "", "join_closed")
		case err != nil:
			return err
		}
		s.Log.Info("invitation taken up", "user", u.ID, "shop", i.Shop, "account", i.Account, "role", i.Role)
		if i.Shop == "" {
			return c.Redirect(http.StatusSeeOther, "/shops?said=joined")
		}
		if err := s.noteJoined(ctx, u, i); err != nil {
			return err
		}
		return c.Redirect(http.StatusSeeOther, "/shops/"+url.PathEscape(string(i.Shop))+"?said=joined")
	})
}

// noteJoined writes down in a shop's audit who came.
func (s *Server) noteJoined(ctx context.Context, u account.User, i store.Invitation) error {
	_, by, err := s.People.Access(ctx, u.ID, i.Shop)
	if err != nil {
		return err
	}
	id, err := s.Store.BeginAudit(ctx, i.Shop, store.Audit{User: u.ID, Account: by, Who: cmp.Or(u.Name, u.Email), Via: commerce.ViaWeb, Act: "/join", Detail: map[string]string{"role": string(i.Role)}})
	if err != nil {
		return err
	}
	return s.Store.EndAudit(ctx, i.Shop, id, true)
}

// wayIn is where the browser that connected a shop goes on to sign in: as its
// first owner where nobody belongs to it yet, within an hour; "" = nobody signs
// in here.
func (s *Server) wayIn(ctx context.Context, shop commerce.ShopID, by string) (string, error) {
	if s.People == nil {
		return "", nil
	}
	home, err := s.Store.HomeAccount(ctx, shop)
	if err != nil {
		return "", err
	}
	members, err := s.Store.Members(ctx, home)
	if err != nil {
		return "", err
	}
	if len(members) > 0 {
		return loginPath + "?back=" + url.QueryEscape("/shops/"+string(shop)), nil
	}
	made, err := s.People.Invite(ctx, account.Offer{Account: home, Shop: shop, Role: commerce.RoleOwner, Life: stripeLife, By: commerce.Actor{Name: by}})
	return "/join/" + made.Code, err
}
