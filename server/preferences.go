package server

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/links"
	"flywheel/store"
	"flywheel/templates"
)

// visitor is who follows a link from a mail, and how to speak to them.
type visitor struct {
	link store.LinkTarget
	shop commerce.Shop
	lang string
	mail string // the address, masked: the mail may have been forwarded
}

func (s *Server) visitor(c echo.Context) (visitor, error) {
	hash, err := links.Hash(c.Param("token"))
	if err != nil {
		return visitor{}, err
	}
	ctx := c.Request().Context()
	v := visitor{}
	if v.link, err = s.Store.LinkByHash(ctx, hash, string(links.Unsubscribe)); err != nil {
		return v, err
	}
	if v.shop, err = s.Store.Shop(ctx, v.link.Shop); err != nil {
		return v, err
	}
	persons, err := s.Store.Persons(ctx, v.link.Shop, []commerce.PersonID{v.link.Person})
	person := persons[v.link.Person]
	v.lang, v.mail = v.shop.Locale, masked(person.Email)
	if person.Language != "" {
		v.lang = person.Language
	}
	return v, err
}

// showPreferences shows what the address gets. It changes nothing: scanners
// and previews follow links too.
func (s *Server) showPreferences(c echo.Context) error {
	v, err := s.visitor(c)
	if err != nil {
		return err
	}
	stops, err := s.Store.Suppressions(c.Request().Context(), v.link.Shop, v.link.AddressHash)
	if err != nil {
		return err
	}
	page := templates.Preferences{
		Frame: frame(c, v), Email: v.mail, Topic: v.link.Topic, OffersTopic: v.link.Class != gate.Transactional, Action: c.Request().URL.Path,
	}
	for _, stop := range stops {
		page.AllStopped = page.AllStopped || stop.Scope == gate.ScopeAll || stop.Scope == gate.ScopeNonTransactional
		page.TopicStopped = page.TopicStopped || stop.Scope == gate.TopicScope(v.link.Topic)
	}
	return s.page(c, http.StatusOK, "preferences", v.lang, page)
}

// savePreferences acts on a button, or on a mail program's one-click POST
// (RFC 8058): that stops the mail's topic, and for an order mail everything else.
func (s *Server) savePreferences(c echo.Context) error {
	v, err := s.visitor(c)
	if err != nil {
		return err
	}
	did := c.FormValue("do")
	if did == "" {
		did = templates.DoStopTopic
	}
	topic := gate.TopicScope(v.link.Topic)
	told := false
	if did == templates.DoStopTopic && v.link.Class == gate.Transactional {
		did = templates.DoStopAll
	}
	err = s.Store.Transact(c.Request().Context(), func(tx *store.Tx) error {
		shop, hash := v.link.Shop, v.link.AddressHash
		switch did {
		case templates.DoStopTopic:
			err = errors.Join(tx.SuppressBy(shop, hash, topic, "unsubscribed", v.link.Effect), tx.AskFuse(shop))
		case templates.DoStopAll:
			err = errors.Join(tx.SuppressBy(shop, hash, gate.ScopeNonTransactional, "unsubscribed", v.link.Effect), tx.AskFuse(shop), v.tell(tx))
		case templates.DoUndo:
			// Shopify is not told that somebody subscribes: a yes to marketing is given there, or in the shop's own forms.
			if told, err = tx.UnsubscribeTold(shop, commerce.Shopify, v.link.Person); err != nil {
				return err
			}
			err = errors.Join(tx.Unsuppress(shop, hash, topic), tx.Unsuppress(shop, hash, gate.ScopeNonTransactional),
				tx.DropUnsubscribes(shop, commerce.Shopify, v.link.Person))
		default:
			return echo.NewHTTPError(http.StatusBadRequest)
		}
		if err != nil {
			return err
		}
		return tx.TouchPersons(shop, []commerce.PersonID{v.link.Person})
	})
	if err != nil {
		return err
	}
	s.Log.Info("preferences", "shop", v.link.Shop, "person", v.link.Person, "effect", v.link.Effect, "did", did, "topic", v.link.Topic)
	return s.page(c, http.StatusOK, "done", v.lang, templates.Done{Frame: frame(c, v), Did: did, Told: told, Topic: v.link.Topic, Action: c.Request().URL.Path})
}

// tell has Shopify told that the visitor wants no marketing at all any more, with
// the choice itself. A topic of ours is no matter of Shopify's.
func (v visitor) tell(tx *store.Tx) error {
	if !slices.Contains(v.shop.Platforms, commerce.Shopify) {
		return nil
	}
	return tx.AskUnsubscribe(v.shop.ID, commerce.Shopify, v.link.Person, tx.Now())
}

// showProblem is the page of a link that cannot be used, in the browser's language.
func (s *Server) showProblem(c echo.Context, code int) error {
	name := "error"
	if code == http.StatusNotFound {
		name = "invalid"
	}
	lang, _, _ := strings.Cut(c.Request().Header.Get("Accept-Language"), ",")
	return s.page(c, code, name, lang, templates.Notice{Frame: frame(c, visitor{})})
}

const nonceKey = "nonce"

func frame(c echo.Context, v visitor) templates.Frame {
	raw := make([]byte, 16)
	_, _ = rand.Read(raw) // never fails (crypto/rand)
	nonce := base64.StdEncoding.EncodeToString(raw)
	c.Set(nonceKey, nonce)
	return templates.Frame{Nonce: nonce, Shop: v.shop.Name, ShopEmail: v.shop.Email}
}

// page renders into a buffer first, so that a broken page is never half sent.
func (s *Server) page(c echo.Context, code int, name, lang string, data any) error {
	var b bytes.Buffer
	if err := templates.Page(&b, name, lang, data); err != nil {
		return err
	}
	nonce, _ := c.Get(nonceKey).(string)
	h := c.Response().Header()
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'nonce-"+nonce+"'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer") // the address holds a token
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	return c.HTMLBlob(code, b.Bytes())
}

// masked shows enough of an address to recognise one's own.
func masked(email string) string {
	name, domain, ok := strings.Cut(email, "@")
	if !ok {
		return ""
	}
	_, first := utf8.DecodeRuneInString(name)
	return name[:first] + "•••@" + domain
}
