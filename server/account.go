package server

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"flywheel/account"
	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/links"
	"flywheel/store"
	"flywheel/templates"
)

// A customer's page has two doors. accountPath is where mails lead, which may be
// forwarded: it shows figures without saying whose they are. accountIn, with the
// shop's id behind it, is the page itself, for whoever has opened a link that was
// mailed to their address: it is known by a cookie, never by its address. The id
// of a shop is no secret; it opens nothing.
const (
	accountPath = "/account/"
	accountIn   = "/account/in/"
)

// sessionTime is how long the page stays open in a browser.
const sessionTime = 12 * time.Hour

// holder is who looks at their page. Known ones have shown that the address is theirs.
type holder struct {
	visitor
	known bool
	at    string // the page's own path
}

// weak is who follows a link of a mail.
func (s *Server) weak(c echo.Context) (holder, error) {
	v, err := s.visitor(c, links.Account)
	if err == nil && (v.person.ID == "" || v.person.Erased || v.shop.State == commerce.ShopClosed) {
		err = fault.New(fault.NotFound, "this link is not valid any more")
	}
	return holder{visitor: v, at: c.Request().URL.Path}, err
}

// showWeak shows what a link of a mail may show; where it is too old, the way to another one.
func (s *Server) showWeak(c echo.Context) error {
	who, err := s.weak(c)
	if fault.Is(err, fault.NotFound) && who.link.Shop != "" {
		return c.Redirect(http.StatusSeeOther, accountIn+string(who.link.Shop)+"?said=expired")
	}
	if err != nil {
		return err
	}
	return s.showClub(c, who)
}

// askWeak mails the link that opens the page to the person's address, whoever asks:
// it is shown to nobody.
func (s *Server) askWeak(c echo.Context) error {
	if err := sameSite(c); err != nil {
		return err
	}
	who, err := s.weak(c)
	if err != nil {
		return err
	}
	if err := s.mailSignIn(c, who.shop.ID, store.SignInAsk{Email: who.person.Email, Person: who.person.ID, Lang: who.lang}); err != nil && !fault.Is(err, fault.Invalid) {
		return err
	}
	return s.page(c, http.StatusOK, "member_in", who.lang, templates.ClubIn{Frame: frame(c, &who.shop), Action: accountIn + string(who.shop.ID), Sent: true, Weak: who.at})
}

// mailSignIn has the link mailed, at most five times in a quarter of an hour to one
// address. What is no address is fault.Invalid.
func (s *Server) mailSignIn(c echo.Context, shop commerce.ShopID, a store.SignInAsk) error {
	if email := commerce.NormalEmail(a.Email); email != "" {
		if wait := s.Limits.Take(c.Request().Context(), "customer mail "+string(shop)+" "+email, 5, 15*time.Minute); wait > 0 {
			return account.TooOften{Wait: wait}
		}
	}
	return s.Store.Transact(c.Request().Context(), func(tx *store.Tx) error { return tx.AskSignIn(shop, a) })
}

// sameSite refuses what another site has a browser send.
func sameSite(c echo.Context) error {
	if err := crossOrigin.Check(c.Request()); err != nil {
		return fault.Wrap(fault.Forbidden, err, "another site has sent this; nothing was changed")
	}
	return nil
}

// openShop is the shop that the path names, while it is one.
func (s *Server) openShop(c echo.Context) (commerce.Shop, error) {
	shop, err := s.Store.Shop(c.Request().Context(), commerce.ShopID(c.Param("shop")))
	if err == nil && shop.State == commerce.ShopClosed {
		err = fault.New(fault.NotFound, "there is no such shop")
	}
	return shop, err
}

// holder is whose page is open in a browser; false = nobody's.
func (s *Server) holder(c echo.Context, shop commerce.Shop) (who holder, in bool, err error) {
	who = holder{visitor: visitor{shop: shop, lang: s.strangers(c, shop)}, known: true, at: accountIn + string(shop.ID)}
	cookie, err := c.Cookie(s.sessionName(shop.ID))
	if err != nil {
		return who, false, nil //nolint:nilerr // there is none
	}
	hash, err := links.Hash(cookie.Value)
	if err != nil {
		return who, false, nil //nolint:nilerr // it is none of ours
	}
	link, err := s.Store.CustomerLink(c.Request().Context(), shop.ID, hash, string(links.Session))
	if fault.Is(err, fault.NotFound) {
		return who, false, nil
	}
	if err != nil {
		return who, false, err
	}
	persons, err := s.Store.Persons(c.Request().Context(), shop.ID, []commerce.PersonID{link.Person})
	if err != nil {
		return who, false, err
	}
	p, there := persons[link.Person]
	if !there || p.Erased {
		return who, false, nil
	}
	who.link.Shop, who.link.Person, who.person = shop.ID, p.ID, p
	who.lang = who.speaks()
	return who, true, nil
}

// strangers is the language for somebody we do not know: the browser's first among
// those that the shop writes, else the shop's.
func (s *Server) strangers(c echo.Context, shop commerce.Shop) string {
	accepted, _, _ := strings.Cut(c.Request().Header.Get("Accept-Language"), ",")
	accepted, _, _ = strings.Cut(accepted, ";")
	v := visitor{shop: shop, person: commerce.Person{Language: templates.Tag(accepted)}}
	return v.speaks()
}

// sessionName is what the cookie of a shop's page is called: each shop has its own,
// so that a page of one never acts for another.
func (s *Server) sessionName(shop commerce.ShopID) string {
	sum := sha256.Sum256([]byte(shop))
	name := "account-" + hex.EncodeToString(sum[:4])
	if s.secure() {
		name = "__Host-" + name
	}
	return name
}

func (s *Server) secure() bool { return strings.HasPrefix(s.BaseURL, "https:") }

func (s *Server) sessionCookie(shop commerce.ShopID, token string, life time.Duration) *http.Cookie {
	age := int(life / time.Second)
	if token == "" {
		age = -1
	}
	return &http.Cookie{Name: s.sessionName(shop), Value: token, Path: "/", MaxAge: age, HttpOnly: true, Secure: s.secure(), SameSite: http.SameSiteLaxMode}
}

// showIn shows somebody their page, or where to type their address.
func (s *Server) showIn(c echo.Context) error {
	shop, err := s.openShop(c)
	if err != nil {
		return err
	}
	who, in, err := s.holder(c, shop)
	if err != nil {
		return err
	}
	if !in {
		return s.showDoor(c, who, c.QueryParam("said"))
	}
	switch q := c.QueryParams(); {
	case q.Has("take"):
		return s.showTake(c, who, q)
	case q.Has("leave"):
		return s.showLeave(c, who)
	}
	return s.showClub(c, who)
}

// showDoor asks for an address. said is expired or ended; any other says nothing.
func (s *Server) showDoor(c echo.Context, who holder, said string) error {
	page := templates.ClubIn{Frame: frame(c, &who.shop), Action: who.at}
	if said == "expired" || said == "ended" {
		page.Said = templates.Say(who.lang, "member_"+said, nil)
	}
	return s.page(c, http.StatusOK, "member_in", who.lang, page)
}

// askIn mails the link to the address that was typed, if it is a customer's. The
// answer is the same for every address, and takes as long.
func (s *Server) askIn(c echo.Context, who holder, form url.Values) error {
	err := s.mailSignIn(c, who.shop.ID, store.SignInAsk{Email: form.Get("email"), Lang: who.lang})
	page := templates.ClubIn{Frame: frame(c, &who.shop), Action: who.at, Sent: err == nil, Wrong: fault.Is(err, fault.Invalid)}
	code := http.StatusOK
	if page.Wrong {
		err, code = nil, http.StatusUnprocessableEntity
	}
	if err != nil {
		return err
	}
	return s.page(c, code, "member_in", who.lang, page)
}

// showOpen shows the button that opens the page; programs that look links over
// come here too, and open nothing.
func (s *Server) showOpen(c echo.Context) error {
	shop, err := s.openShop(c)
	if err != nil {
		return err
	}
	hash, err := links.Hash(c.Param("token"))
	if err != nil {
		return err
	}
	link, err := s.Store.CustomerLink(c.Request().Context(), shop.ID, hash, string(links.SignIn))
	if fault.Is(err, fault.NotFound) {
		return s.tooLate(c, shop, err)
	}
	if err != nil {
		return err
	}
	p, err := s.Store.Persons(c.Request().Context(), shop.ID, []commerce.PersonID{link.Person})
	if err != nil {
		return err
	}
	v := visitor{shop: shop, person: p[link.Person]}
	return s.page(c, http.StatusOK, "member_open", v.speaks(), templates.ClubOpen{Frame: frame(c, &shop), Email: masked(v.person.Email), Action: c.Request().URL.Path})
}

// tooLate asks for the address anew, as what is no link of ours counts.
func (s *Server) tooLate(c echo.Context, shop commerce.Shop, err error) error {
	page := templates.ClubIn{Frame: frame(c, &shop), Action: accountIn + string(shop.ID), Said: templates.Say(s.strangers(c, shop), "member_expired", nil)}
	if answer := s.page(c, http.StatusNotFound, "member_in", s.strangers(c, shop), page); answer != nil {
		return answer
	}
	return err
}

// open opens the page in this browser, once for a link. The browser gets a secret
// that was made now: whatever it brought is worth nothing.
func (s *Server) open(c echo.Context) error {
	if err := sameSite(c); err != nil {
		return err
	}
	shop, err := s.openShop(c)
	if err != nil {
		return err
	}
	hash, err := links.Hash(c.Param("token"))
	if err != nil {
		return err
	}
	token, session := links.NewToken()
	err = s.Store.Transact(c.Request().Context(), func(tx *store.Tx) error {
		link, err := tx.TakeCustomerLink(shop.ID, hash, string(links.SignIn))
		if err != nil {
			return err
		}
		return tx.AddLinks(shop.ID, []store.Link{{Hash: session, Shop: shop.ID, Purpose: string(links.Session), Person: link.Person, Expires: tx.Now().Add(sessionTime)}})
	})
	if fault.Is(err, fault.NotFound) {
		return s.tooLate(c, shop, err)
	}
	if err != nil {
		return err
	}
	c.SetCookie(s.sessionCookie(shop.ID, token, sessionTime))
	return c.Redirect(http.StatusSeeOther, accountIn+string(shop.ID))
}
