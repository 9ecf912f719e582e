package server

import (
	"cmp"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"flywheel/account"
	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/templates"
)

const loginPath = "/login"

// crossOrigin refuses what another site has a browser send, so that no page
// needs a token of its own (Go, net/http, CrossOriginProtection).
var crossOrigin = http.NewCrossOriginProtection()

// cookied reads the session that the cookie of a request names, and keeps what
// was changed of it before the answer begins. The doors of platforms and the
// pages inside Shopify never come here.
func (s *Server) cookied(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if err := crossOrigin.Check(c.Request()); err != nil {
			return fault.Wrap(fault.Forbidden, err, "another site has sent this; nothing was changed")
		}
		ctx, err := s.People.Load(c.Request())
		if err != nil {
			return err
		}
		c.SetRequest(c.Request().WithContext(ctx))
		c.Response().Before(func() {
			if err := s.People.Save(ctx, c.Response()); err != nil {
				s.Log.Error("a session was not kept", "path", c.Path(), "error", err)
			}
		})
		return next(c)
	}
}

// user is who is signed in; only behind cookied.
func (s *Server) user(c echo.Context) (account.User, bool) {
	return s.People.Current(c.Request().Context())
}

// member serves a page or act of who is signed in, whatever the shop.
func (s *Server) member(do func(echo.Context, account.User) error) echo.HandlerFunc {
	return s.cookied(func(c echo.Context) error {
		u, ok := s.user(c)
		if !ok && c.Request().Method == http.MethodGet {
			return c.Redirect(http.StatusSeeOther, loginPath+"?back="+url.QueryEscape(c.Request().URL.RequestURI()))
		}
		if !ok {
			return fault.New(fault.Denied, "you are not signed in any more: sign in and do it again; nothing was changed")
		}
		c.Set(langKey, s.langOf(c, u))
		c.Set(whoKey, visit{Who: actorOf(u), lang: s.langOf(c, u), theme: u.Theme})
		if err := s.takeUser(c, u); err != nil {
			return err
		}
		return s.bounded(c, func() error { return do(c, u) })
	})
}

// bounded reads a form of at most maxForm before something is done.
func (s *Server) bounded(c echo.Context, do func() error) error {
	r := c.Request()
	if r.Method == http.MethodPost && !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		r.Body = http.MaxBytesReader(c.Response(), r.Body, maxForm)
		if err := formFault(r.ParseForm(), "64 KB"); err != nil {
			return err
		}
	}
	return do()
}

func actorOf(u account.User) commerce.Actor {
	return commerce.Actor{User: u.ID, Name: cmp.Or(u.Name, u.Email), Via: commerce.ViaWeb}
}

// langOf is the language of a page that is about no shop.
func (s *Server) langOf(c echo.Context, u account.User) string {
	accepted, _, _ := strings.Cut(c.Request().Header.Get("Accept-Language"), ",")
	return cmp.Or(c.QueryParam("locale"), s.look(c, localeLook, templates.Languages()), u.Locale, accepted, "en")
}

// frameOfUser is what a page that is about no shop needs.
func (s *Server) frameOfUser(c echo.Context, u account.User) templates.Admin {
	v, _ := c.Get(whoKey).(visit)
	if u.ID != "" {
		v.Who = actorOf(u)
	}
	return s.frameOf(c, v)
}

// showLogin asks for an address, or for a passkey.
func (s *Server) showLogin(c echo.Context) error {
	if _, in := s.user(c); in {
		return c.Redirect(http.StatusSeeOther, account.Back(c.QueryParam("back")))
	}
	return s.loginPage(c, http.StatusOK, templates.Login{Back: account.Back(c.QueryParam("back"))})
}

func (s *Server) loginPage(c echo.Context, code int, page templates.Login) error {
	page.Admin, page.Passkeys, page.Mail, page.Support = s.frameOfUser(c, account.User{}), s.People.Passkeys(), s.People.Post != nil, s.Support
	return s.alonePage(c, code, "login", s.langOf(c, account.User{}), page)
}

// askLogin has a link mailed, if the address is known: the answer does not say.
func (s *Server) askLogin(c echo.Context) error {
	return s.bounded(c, func() error {
		page := templates.Login{Email: c.FormValue("email"), Back: account.Back(c.FormValue("back"))}
		lang := s.langOf(c, account.User{})
		err := s.People.Ask(c.Request().Context(), account.Asking{Email: page.Email, Back: page.Back, Lang: lang, IP: networkOf(c)})
		switch {
		case often(c, err):
			page.Wrong = "login_too_often"
			return s.loginPage(c, http.StatusTooManyRequests, page)
		case fault.Is(err, fault.Invalid):
			page.Wrong = "login_no_address"
			return s.loginPage(c, http.StatusUnprocessableEntity, page)
		case err != nil:
			return err
		}
		return c.Redirect(http.StatusSeeOther, loginPath+"/sent")
	})
}

// showSent says that a mail may be on its way, and takes the code that is in it.
func (s *Server) showSent(c echo.Context) error { return s.sentPage(c, http.StatusOK, "") }

func (s *Server) sentPage(c echo.Context, code int, wrong string) error {
	asked := s.People.Asked(c.Request().Context())
	if asked == "" {
		return c.Redirect(http.StatusSeeOther, loginPath)
	}
	return s.alonePage(c, code, "login_sent", s.langOf(c, account.User{}), templates.LoginSent{Admin: s.frameOfUser(c, account.User{}), Email: asked, Wrong: wrong, Support: s.Support})
}

// typeCode signs in by the code of the mail.
func (s *Server) typeCode(c echo.Context) error {
	return s.bounded(c, func() error {
		back, err := s.People.UseCode(c.Request().Context(), c.FormValue("code"), networkOf(c))
		switch {
		case often(c, err):
			return s.sentPage(c, http.StatusTooManyRequests, "login_too_often")
		case fault.Is(err, fault.Invalid):
			return s.sentPage(c, http.StatusUnprocessableEntity, "login_wrong_code")
		case fault.Is(err, fault.Denied):
			return s.sentPage(c, http.StatusUnprocessableEntity, "login_no_code")
		case err != nil:
			return err
		}
		return c.Redirect(http.StatusSeeOther, back)
	})
}

// showLink is where the link of the mail leads. Opening it changes nothing:
// programs that look over mails do so too. Its button signs in.
func (s *Server) showLink(c echo.Context) error {
	state, err := s.People.Open(c.Request().Context(), c.Param("token"))
	if err != nil {
		return err
	}
	code := http.StatusOK
	if state == account.LinkSpent {
		code = http.StatusGone
	}
	return s.linkPage(c, code, state)
}

func (s *Server) linkPage(c echo.Context, code int, state account.Link) error {
	c.Response().Header().Set("Referrer-Policy", "no-referrer") // the address holds a token
	return s.alonePage(c, code, "login_link", s.langOf(c, account.User{}), templates.LoginLink{Admin: s.frameOfUser(c, account.User{}), State: string(state), Action: loginPath + "/" + url.PathEscape(c.Param("token"))})
}

// useLink signs in.
func (s *Server) useLink(c echo.Context) error {
	back, err := s.People.UseLink(c.Request().Context(), c.Param("token"))
	if fault.Is(err, fault.Denied) {
		return s.linkPage(c, http.StatusGone, account.LinkSpent)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, back)
}

// maxKey bounds what a browser says of a passkey.
const maxKey = 64 << 10

// beginKeyLogin and finishKeyLogin sign in by a passkey; the page's script asks them.
func (s *Server) beginKeyLogin(c echo.Context) error {
	options, err := s.People.BeginKeyLogin(c.Request().Context(), networkOf(c))
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, options)
}

func (s *Server) finishKeyLogin(c echo.Context) error {
	answer, err := io.ReadAll(http.MaxBytesReader(c.Response(), c.Request().Body, maxKey))
	if err != nil {
		return formFault(err, "64 KB")
	}
	if err := s.People.FinishKeyLogin(c.Request().Context(), answer); err != nil {
		return err
	}
	return c.JSON(http.StatusOK, map[string]string{"to": account.Back(c.QueryParam("back"))})
}

// often reports whether somebody asks or guesses too often, and has the answer
// say how long to wait.
func often(c echo.Context, err error) bool {
	var too account.TooOften
	is := errors.As(err, &too)
	if is {
		retryAfter(c, too.Wait)
	}
	return is
}

// logout signs this browser out.
func (s *Server) logout(c echo.Context) error {
	if err := s.People.SignOut(c.Request().Context()); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, loginPath)
}
