package server

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/links"
	"flywheel/store"
	"flywheel/templates"
)

// maxForm is far more than any form of these pages holds.
const maxForm = 64 << 10

// choosing is what a visitor has chosen, on its way into the database.
type choosing struct {
	visitor
	tx   *store.Tx
	form url.Values
	// campaigns are the shop's, where topics are saved or a yes is said.
	campaigns []campaign.Campaign
	did       string
	page      templates.Done
	asked     bool // somebody is to be asked to confirm: the inbox holds something
}

// choices are what each button does, by its "do" value.
var choices = map[string]func(*choosing) error{
	templates.DoStopTopic: (*choosing).stopTopic,
	templates.DoStopAll:   (*choosing).stopAll,
	templates.DoUndo:      (*choosing).undo,
	templates.DoSave:      (*choosing).save,
	templates.DoPause:     (*choosing).pause,
	templates.DoResume:    (*choosing).resume,
	templates.DoYes:       (*choosing).yes,
	templates.DoNo:        (*choosing).no,
}

var errForm = echo.NewHTTPError(http.StatusBadRequest)

// savePreferences acts on a button, or on a mail program's one-click POST
// (RFC 8058): that stops the mail's topic, and for an order mail everything else.
func (s *Server) savePreferences(c echo.Context) error {
	c.Request().Body = http.MaxBytesReader(c.Response(), c.Request().Body, maxForm)
	v, err := s.visitor(c, links.Unsubscribe)
	if err != nil {
		return err
	}
	form, err := c.FormParams()
	if err != nil {
		return errForm
	}
	did := form.Get("do")
	if did == "" {
		did = templates.DoStopTopic
	}
	if did == templates.DoStopTopic && v.link.Class == gate.Transactional {
		did = templates.DoStopAll
	}
	act, known := choices[did]
	if !known {
		return errForm
	}
	var campaigns []campaign.Campaign
	if did == templates.DoSave || did == templates.DoYes {
		if campaigns, err = s.Store.ListCampaigns(c.Request().Context(), v.link.Shop); err != nil {
			return err
		}
	}
	var ch *choosing
	err = s.Store.Transact(c.Request().Context(), func(tx *store.Tx) error {
		ch = &choosing{visitor: v, tx: tx, form: form, campaigns: campaigns, did: did, page: templates.Done{Did: did, Topic: v.link.Topic, Action: c.Request().URL.Path}}
		if err := act(ch); err != nil {
			return err
		}
		return tx.TouchPersons(v.link.Shop, []commerce.PersonID{v.link.Person})
	})
	if err != nil {
		return err
	}
	s.Log.Info("preferences", "shop", v.link.Shop, "person", v.link.Person, "effect", v.link.Effect, "did", did, "topic", v.link.Topic)
	if ch.asked {
		s.Queue.InboxArrived(v.link.Shop)
	}
	ch.page.Frame = frame(c, &v.shop)
	if did == templates.DoSave {
		ch.lang = ch.speaks()
	}
	return s.page(c, http.StatusOK, "done", ch.lang, ch.page)
}

// whoAsks says whether a campaign asks people to confirm their yes: a mail is
// announced only where one is sent.
func whoAsks(all []campaign.Campaign) string {
	for _, one := range all {
		spec := campaign.TriggerOf(one.Trigger.Kind)
		if one.State == campaign.Live && spec != nil && slices.Contains(spec.Events, commerce.ConsentAsked) {
			return templates.NewsAsked
		}
	}
	return templates.NewsWaits
}

// each does something for every address that a choice is about.
func (c *choosing) each(do func(hash string) error) error {
	for _, hash := range c.hashes {
		if err := do(hash); err != nil {
			return err
		}
	}
	return nil
}

// suppress stops what scope names.
func (c *choosing) suppress(scope gate.Scope, effect store.EffectID) error {
	return c.each(func(hash string) error { return c.tx.SuppressBy(c.link.Shop, hash, scope, unsubscribed, effect) })
}

// unsuppress takes a stop back.
func (c *choosing) unsuppress(scope gate.Scope) error {
	return c.each(func(hash string) error { return c.tx.Unsuppress(c.link.Shop, hash, scope) })
}

func (c *choosing) stopTopic() error {
	return errors.Join(c.suppress(gate.TopicScope(c.link.Topic), c.link.Effect), c.tx.AskFuse(c.link.Shop))
}

// unsubscribed is the reason of what customers stop themselves.
const unsubscribed = "unsubscribed"

func (c *choosing) stopAll() error {
	return errors.Join(c.suppress(gate.ScopeNonTransactional, c.link.Effect), c.tx.AskFuse(c.link.Shop), c.tx.TellUnsubscribed(c.link.Shop, c.link.Person))
}

// undo takes back what was stopped here. Shopify is not told that somebody
// subscribes: a yes to marketing is given there, or by its own button.
func (c *choosing) undo() (err error) {
	if c.page.Told, err = c.tx.UnsubscribeTold(c.link.Shop, commerce.Shopify, c.link.Person); err != nil {
		return err
	}
	return errors.Join(c.unsuppress(gate.TopicScope(c.link.Topic)), c.listenAgain())
}

// listenAgain lifts the stop of all but order mails, and what Shopify was not told of it yet.
func (c *choosing) listenAgain() error {
	return errors.Join(c.unsuppress(gate.ScopeNonTransactional), c.tx.DropUnsubscribes(c.link.Shop, commerce.Shopify, c.link.Person))
}

// save keeps the topics and the language. Only topics that the page showed change:
// what the shop has begun to write about meanwhile was neither wanted nor refused.
func (c *choosing) save() error {
	shop := c.link.Shop
	facts, err := c.tx.AddressByHash(shop, c.link.AddressHash)
	if err != nil {
		return err
	}
	offered := c.topics(c.campaigns, facts.Suppressions, c.tx.Now())
	for _, topic := range slices.Compact(slices.Sorted(slices.Values(c.form["shown"]))) {
		if topic == "" || len(topic) > 64 {
			return errForm
		}
		if !slices.ContainsFunc(offered, func(o templates.Choice) bool { return o.Value == topic }) {
			continue // it is gone since the page was shown, or never stood there
		}
		scope := gate.TopicScope(topic)
		if slices.Contains(c.form["topic"], topic) {
			if err := c.unsuppress(scope); err != nil {
				return err
			}
			continue
		}
		effect := store.EffectID("") // another topic is not this campaign's fault
		if topic == c.link.Topic {
			effect = c.link.Effect
		}
		if err := c.suppress(scope, effect); err != nil {
			return err
		}
	}
	return errors.Join(c.tx.AskFuse(shop), c.chooseLanguage())
}

// chooseLanguage keeps a language that the page offers; "" leaves it to us again.
func (c *choosing) chooseLanguage() error {
	if !c.form.Has("language") {
		return nil
	}
	tag := c.form.Get("language")
	if tag != "" && !slices.ContainsFunc(c.languages(), func(l templates.Choice) bool { return l.Value == tag }) {
		return errForm
	}
	c.person.Choice = tag
	return c.tx.ChooseLanguage(c.link.Shop, c.person.ID, tag)
}

func (c *choosing) pause() error {
	days, err := strconv.Atoi(c.form.Get("days"))
	if err != nil || !slices.Contains(pauseDays, days) {
		return errForm
	}
	until := c.tx.Now().Add(time.Duration(days) * 24 * time.Hour)
	c.page.Until = c.day(until)
	return c.each(func(hash string) error { return c.tx.Pause(c.link.Shop, hash, until) })
}

func (c *choosing) resume() error {
	return c.unsuppress(gate.ScopePause)
}
