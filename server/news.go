package server

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/links"
	"flywheel/store"
	"flywheel/templates"
)

// Where a word about news and offers comes from, as it is kept with it.
const (
	onPreferences = "preference page"
	onConfirm     = "confirmed by mail"
)

// askAgainAfter is how soon somebody who presses yes again is asked again to
// confirm it: the first mail may have gone astray.
const askAgainAfter = 24 * time.Hour

// word is what a visitor says about news and offers now, with what they were shown.
func (v visitor) word(state commerce.ConsentState, source string, now commerce.Instant) commerce.ConsentChange {
	lang := templates.Language(v.lang)
	shown := templates.NewsWording(lang, v.shop.Name)
	if state == commerce.Unsubscribed {
		shown = templates.Say(lang, "news_no", nil)
	}
	return commerce.ConsentChange{
		Channel: commerce.ByMail, Class: string(gate.Marketing), State: state, Source: source, Wording: lang + ": " + shown, At: now,
	}
}

// yes keeps a yes to news and offers. Where they live it may have to be confirmed:
// a mail asks for that, once a day at most, also of who changes their mind meanwhile.
func (c *choosing) yes() error {
	if c.moved() {
		return errForm
	}
	facts, err := c.tx.AddressByHash(c.link.Shop, c.link.AddressHash)
	if err != nil {
		return err
	}
	word, last := c.word(commerce.Subscribed, onPreferences, c.tx.Now()), gate.LastWord(facts.Consents, commerce.ByMail, gate.Marketing)
	given := last.State == commerce.Subscribed
	c.page.News = templates.NewsGiven
	if given && (last.Double || c.rule.Need != gate.NeedDouble) {
		return c.listenAgain()
	}
	asked := slices.ContainsFunc(facts.Consents, func(said commerce.ConsentChange) bool {
		return said.Source == onPreferences && said.State == commerce.Subscribed && said.At > word.At.Add(-askAgainAfter)
	})
	if c.rule.MustConfirm(facts.Consents, word) || given {
		c.page.News = whoAsks(c.campaigns)
		if c.asked = !asked; c.asked {
			if err := c.tx.AskToConfirm(c.link.Shop, store.ConsentAsk{Person: c.person.ID, Email: c.person.Email, SaidAt: word.At}); err != nil {
				return err
			}
		}
	}
	if given && asked {
		return c.listenAgain()
	}
	return errors.Join(c.tx.AddConsentOf(c.link.Shop, c.link.AddressHash, word), c.listenAgain())
}

// no takes a yes back; Shopify is told as of a no to everything.
func (c *choosing) no() error {
	word := c.word(commerce.Unsubscribed, onPreferences, c.tx.Now())
	return errors.Join(c.each(func(hash string) error { return c.tx.AddConsentOf(c.link.Shop, hash, word) }), c.tx.TellUnsubscribed(c.link.Shop, c.link.Person))
}

// showConfirm shows the button that confirms a yes; showing it confirms nothing.
func (s *Server) showConfirm(c echo.Context) error {
	v, err := s.visitor(c, links.Confirm)
	if err != nil {
		return err
	}
	facts, err := s.Store.AddressByHash(c.Request().Context(), v.link.Shop, v.link.AddressHash)
	if err != nil {
		return err
	}
	page := templates.Confirm{Frame: frame(c, &v.shop), Email: masked(v.person.Email), Action: c.Request().URL.Path}
	if last := gate.LastWord(facts.Consents, commerce.ByMail, gate.Marketing); last.State == commerce.Subscribed && last.Double {
		page.At = v.day(last.At)
	}
	return s.page(c, http.StatusOK, "confirm", v.lang, page)
}

// saveConfirm keeps that somebody confirmed their yes, or took it back after all.
func (s *Server) saveConfirm(c echo.Context) error {
	c.Request().Body = http.MaxBytesReader(c.Response(), c.Request().Body, maxForm)
	v, err := s.visitor(c, links.Confirm)
	if err != nil {
		return err
	}
	did := c.FormValue("do")
	if did != templates.DoYes && did != templates.DoNo {
		return errForm
	}
	err = s.Store.Transact(c.Request().Context(), func(tx *store.Tx) error {
		ch := &choosing{visitor: v, tx: tx}
		said, also := v.word(commerce.Subscribed, onConfirm, tx.Now()), ch.listenAgain
		said.Double = true
		if did == templates.DoNo {
			said, also = v.word(commerce.Unsubscribed, onConfirm, tx.Now()), func() error { return tx.TellUnsubscribed(v.link.Shop, v.link.Person) }
		}
		return errors.Join(tx.AddConsentOf(v.link.Shop, v.link.AddressHash, said), also(), tx.TouchPersons(v.link.Shop, []commerce.PersonID{v.link.Person}))
	})
	if err != nil {
		return err
	}
	s.Log.Info("consent confirmed", "shop", v.link.Shop, "person", v.link.Person, "effect", v.link.Effect, "did", did)
	page := templates.Confirm{Frame: frame(c, &v.shop), Email: masked(v.person.Email), Action: c.Request().URL.Path}
	page.Just, page.Back = did == templates.DoYes, did == templates.DoNo
	return s.page(c, http.StatusOK, "confirm", v.lang, page)
}
