package server

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/fault"
	"flywheel/privacy"
	"flywheel/store"
	"flywheel/templates"
)

// maxPause is for how many days somebody may be left alone by hand.
const maxPause = 365

// onCustomer does something to one person and goes back to their page; what is
// refused comes back there, beside its form.
func (s *Server) onCustomer(c echo.Context, v visit, form, said string, do func(context.Context, customer) error) error {
	p, err := s.customerOf(c, v)
	if err != nil {
		return err
	}
	if err = do(c.Request().Context(), p); err == nil {
		s.Log.Info("acted on a customer", "shop", v.Shop.ID, "person", p.ID, "path", c.Path(), "user", v.Who.Name)
		return s.done(c, v, customerPath(p.ID, ""), said)
	}
	refusal, ok := refusalOf(err, v.lang)
	if !ok {
		return err
	}
	refusal.Form = form
	return s.customerPage(c, p, http.StatusUnprocessableEntity, func(page *templates.CustomerPage) {
		page.Wrong, page.Source, page.Scope = refusal, c.FormValue("source"), c.FormValue("scope")
		if form == "pause" {
			page.PauseDays = c.FormValue("days")
		}
	})
}

// skipWalk leaves out the next step of a walk, stopWalk ends it, hurryWalk has it done at once.
func (s *Server) skipWalk(c echo.Context, v visit) error {
	return s.onWalk(c, v, "customers_skipped", func(ctx context.Context, id campaign.EnrollmentID) error {
		_, err := s.desk().SkipNext(ctx, v.Shop.ID, id)
		return err
	})
}

func (s *Server) stopWalk(c echo.Context, v visit) error {
	return s.onWalk(c, v, "customers_walk_stopped", func(ctx context.Context, id campaign.EnrollmentID) error { return s.desk().Stop(ctx, v.Shop.ID, id) })
}

func (s *Server) hurryWalk(c echo.Context, v visit) error {
	return s.onWalk(c, v, "customers_hurried", func(ctx context.Context, id campaign.EnrollmentID) error { return s.desk().SendNow(ctx, v.Shop.ID, id) })
}

// onWalk acts on a walk of this person; another's is none of theirs.
func (s *Server) onWalk(c echo.Context, v visit, said string, do func(context.Context, campaign.EnrollmentID) error) error {
	return s.onCustomer(c, v, "walks", said, func(ctx context.Context, p customer) error {
		walk, err := s.Store.Enrollment(ctx, v.Shop.ID, campaign.EnrollmentID(c.Param("walk")))
		if err != nil {
			return err
		}
		if err := s.isTheirs(ctx, p, walk.Person); err != nil {
			return err
		}
		return do(ctx, walk.ID)
	})
}

// isTheirs is fault.NotFound where what hangs on one person is said to hang on another.
func (s *Server) isTheirs(ctx context.Context, p customer, person commerce.PersonID) error {
	same, err := s.Store.SameAs(ctx, p.Shop.ID, p.ID)
	if err == nil && !slices.Contains(same, person) {
		err = fault.New(fault.NotFound, "there is no such thing of this customer's")
	}
	return err
}

// resendParked has a message sent again of which nobody knows whether it arrived; closeParked treats it as sent.
func (s *Server) resendParked(c echo.Context, v visit) error {
	return s.onParked(c, v, "customers_resent", s.Store.Resend)
}

func (s *Server) closeParked(c echo.Context, v visit) error {
	return s.onParked(c, v, "customers_closed", s.Store.TreatAsSent)
}

func (s *Server) onParked(c echo.Context, v visit, said string, do func(context.Context, commerce.ShopID, store.EffectID) error) error {
	return s.onCustomer(c, v, "timeline", said, func(ctx context.Context, p customer) error {
		o, err := s.Store.Outward(ctx, v.Shop.ID, store.EffectID(c.Param("effect")))
		if err != nil {
			return err
		}
		if err := s.isTheirs(ctx, p, o.Person); err != nil {
			return err
		}
		return do(ctx, v.Shop.ID, o.ID)
	})
}

var errNoAddress = fault.New(fault.Conflict, "no address of this customer is known, so nothing can be settled for it")

// each does something for every address of theirs, in one transaction, and has
// what is on its way decided anew.
func (s *Server) each(ctx context.Context, p customer, do func(tx *store.Tx, contact store.Contact) error) error {
	if len(p.contacts) == 0 {
		return errNoAddress
	}
	return s.Store.Transact(ctx, func(tx *store.Tx) error {
		for _, contact := range p.contacts {
			if err := do(tx, contact); err != nil {
				return err
			}
		}
		return tx.TouchPersons(p.Shop.ID, []commerce.PersonID{p.ID})
	})
}

// pauseCustomer leaves them alone for some days, but for order mails.
func (s *Server) pauseCustomer(c echo.Context, v visit) error {
	return s.onCustomer(c, v, "pause", "customers_paused", func(ctx context.Context, p customer) error {
		days, err := strconv.Atoi(strings.TrimSpace(templates.Western(c.FormValue("days"))))
		if err != nil || days < 1 || days > maxPause {
			return fault.New(fault.Invalid, "a pause lasts from 1 to %d days", maxPause)
		}
		return s.each(ctx, p, func(tx *store.Tx, contact store.Contact) error {
			return tx.Pause(p.Shop.ID, contact.Hash, tx.Now().Add(time.Duration(days)*24*time.Hour))
		})
	})
}

// stopCustomer has nothing sent to them any more, or nothing but order mails.
func (s *Server) stopCustomer(c echo.Context, v visit) error {
	return s.onCustomer(c, v, "stop", "customers_stopped", func(ctx context.Context, p customer) error {
		scope := gate.Scope(c.FormValue("scope"))
		if scope != gate.ScopeAll && scope != gate.ScopeNonTransactional {
			return fault.New(fault.Invalid, "choose what is to be stopped")
		}
		return s.each(ctx, p, func(tx *store.Tx, contact store.Contact) error {
			if err := tx.Suppress(p.Shop.ID, contact.Hash, scope, byHand); err != nil {
				return err
			}
			return tx.TellUnsubscribed(p.Shop.ID, p.ID)
		})
	})
}

// unstopCustomer takes a stop back, also a pause.
func (s *Server) unstopCustomer(c echo.Context, v visit) error {
	return s.onCustomer(c, v, "stop", "customers_unstopped", func(ctx context.Context, p customer) error {
		scope, found := gate.Scope(c.FormValue("scope")), false
		err := s.each(ctx, p, func(tx *store.Tx, contact store.Contact) error {
			if !slices.ContainsFunc(contact.Suppressions, func(old gate.Suppression) bool { return old.Scope == scope && old.Reason != "erased" }) {
				return nil
			}
			found = true
			if err := tx.Unsuppress(p.Shop.ID, contact.Hash, scope); err != nil {
				return err
			}
			return tx.DropUnsubscribes(p.Shop.ID, commerce.Shopify, p.ID)
		})
		if err == nil && !found {
			err = fault.New(fault.Conflict, "this is not stopped any more")
		}
		return err
	})
}

// saveConsent keeps what they said to staff, with where and how.
func (s *Server) saveConsent(c echo.Context, v visit) error {
	return s.onCustomer(c, v, "consent", "customers_consent", func(ctx context.Context, p customer) error {
		state, source := commerce.ConsentState(c.FormValue("state")), templates.Clean(c.FormValue("source"), 200)
		if state != commerce.Subscribed && state != commerce.Unsubscribed {
			return fault.New(fault.Invalid, "choose yes or no")
		}
		if source == "" {
			return fault.New(fault.Invalid, "say where and how they said it, such as by phone on 3 March: it must be possible to show that")
		}
		return s.each(ctx, p, func(tx *store.Tx, contact store.Contact) error {
			said := commerce.ConsentChange{Email: contact.Email, Channel: commerce.ByMail, Class: string(gate.Marketing), State: state, Source: "staff: " + source, At: tx.Now()}
			if err := tx.AddConsents(p.Shop.ID, []commerce.ConsentChange{said}); err != nil || state == commerce.Subscribed {
				return err
			}
			return tx.TellUnsubscribed(p.Shop.ID, p.ID)
		})
	})
}

// splitCustomer makes somebody who was joined to this person one of their own again.
func (s *Server) splitCustomer(c echo.Context, v visit) error {
	return s.onCustomer(c, v, "merged", "customers_split", func(ctx context.Context, p customer) error {
		from := commerce.PersonID(c.Param("from"))
		merged, err := s.Store.MergedInto(ctx, v.Shop.ID, p.ID)
		if err == nil && !slices.ContainsFunc(merged, func(one commerce.Person) bool { return one.ID == from }) {
			err = fault.New(fault.NotFound, "nobody of that id was joined to this customer")
		}
		if err != nil {
			return err
		}
		return s.Store.UndoMerge(ctx, v.Shop.ID, from)
	})
}

// exportCustomer gathers what is kept of them, for the merchant to hand over.
func (s *Server) exportCustomer(c echo.Context, v visit) error {
	p, err := s.customerOf(c, v)
	if err != nil {
		return err
	}
	export, err := privacy.Hand(c.Request().Context(), s.Store, v.Shop.ID, p.ID)
	if err != nil {
		return err
	}
	return s.done(c, v, customerPath(p.ID, "?export="+export), "customers_exported")
}

// showErase says what goes and asks for the word.
func (s *Server) showErase(c echo.Context, v visit) error {
	return s.erasePage(c, v, http.StatusOK, templates.Refusal{})
}

func (s *Server) erasePage(c echo.Context, v visit, code int, wrong templates.Refusal) error {
	p, err := s.customerOf(c, v)
	if err != nil {
		return err
	}
	histories, err := s.Store.Histories(c.Request().Context(), v.Shop.ID, []commerce.PersonID{p.ID})
	if err != nil {
		return err
	}
	page := templates.CustomerErase{Admin: s.frameFor(c, v, "customers"), ID: string(p.ID), Name: p.callsWho(p.Person), Orders: int64(len(histories[p.ID])), Wrong: wrong}
	if code != http.StatusOK {
		page.Typed = c.FormValue("word")
	}
	return s.adminPage(c, code, "customers_erase", v.lang, page)
}

// erasePatience is how long a page waits for the shop's deliveries to rest.
const erasePatience = 10 * time.Second

// eraseCustomer erases one person for good, where the word was typed.
func (s *Server) eraseCustomer(c echo.Context, v visit) error {
	if commerce.Fold(strings.TrimSpace(c.FormValue("word"))) != commerce.Fold(templates.Say(v.lang, "customers_erase_word", nil)) {
		return s.erasePage(c, v, http.StatusUnprocessableEntity, templates.Refusal{Field: "word", Said: templates.Say(v.lang, "customers_erase_wrong", nil)})
	}
	p, err := s.customerOf(c, v)
	if err != nil {
		return err
	}
	if _, err := privacy.Erase(c.Request().Context(), s.Store, v.Shop.ID, store.Whom{Persons: []commerce.PersonID{p.ID}}, erasePatience); err != nil {
		return err
	}
	s.Log.Info("customer erased", "shop", v.Shop.ID, "person", p.ID, "user", v.Who.Name)
	return s.done(c, v, customersPath, "customers_erased")
}
