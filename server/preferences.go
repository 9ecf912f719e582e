package server

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/links"
	"flywheel/message"
	"flywheel/store"
	"flywheel/templates"
)

// visitor is who follows a link from a mail, and how to speak to them.
type visitor struct {
	link   store.LinkTarget
	shop   commerce.Shop
	person commerce.Person
	order  *commerce.Order // that the mail was about; nil = none
	lang   string
	rule   gate.Rule // what news and offers need where they live
	// hashes are the addresses that a choice is about: the one the mail went to, and
	// the one the person has now.
	hashes []string
}

// moved reports whether the mail went to an address that is not the person's any more.
func (v visitor) moved() bool { return len(v.hashes) > 1 || v.person.Email == "" }

// visitor finds who a link of one purpose is for; one nobody knows is fault.NotFound.
func (s *Server) visitor(c echo.Context, purpose links.Purpose) (v visitor, err error) {
	hash, err := links.Hash(c.Param("token"))
	if err != nil {
		return v, err
	}
	ctx := c.Request().Context()
	if v.link, err = s.Store.LinkByHash(ctx, hash, string(purpose)); err != nil {
		return v, err
	}
	if v.shop, err = s.Store.Shop(ctx, v.link.Shop); err != nil {
		return v, err
	}
	persons, err := s.Store.Persons(ctx, v.link.Shop, []commerce.PersonID{v.link.Person})
	if err != nil {
		return v, err
	}
	v.person = persons[v.link.Person]
	country := v.person.Country
	if v.link.Order != "" {
		orders, err := s.Store.Orders(ctx, v.link.Shop, []commerce.OrderID{v.link.Order})
		if err != nil {
			return v, err
		}
		if o := orders[v.link.Order]; o != nil {
			v.order = &o.Order
			country = cmp.Or(o.Detail.Country, country)
		}
	}
	v.lang = v.speaks()
	v.rule = s.Policy.Of(&v.shop, commerce.ByMail, gate.Marketing, country)
	v.hashes = []string{v.link.AddressHash}
	if v.person.Email == "" {
		return v, nil
	}
	now, err := s.Store.AddressHash(ctx, v.link.Shop, v.person.Email)
	if now != v.link.AddressHash {
		v.hashes = append(v.hashes, now)
	}
	return v, err
}

// speaks is the language of the pages: that of the mail.
func (v visitor) speaks() string {
	return message.Language(message.Facts{Shop: v.shop, Person: v.person, Order: v.order})
}

// day writes the day of an instant as the visitor reads it.
func (v visitor) day(at commerce.Instant) string {
	if at == 0 {
		return ""
	}
	return v.style().Date(at.Time(), "long")
}

// style is how numbers and dates are written to them.
func (v visitor) style() templates.Style {
	zone, err := time.LoadLocation(v.shop.Timezone)
	if err != nil {
		zone = time.UTC
	}
	settings := &v.shop.Settings
	return templates.Style{Lang: v.lang, Country: cmp.Or(v.person.Country, v.shop.Country), Digits: string(settings.Digits), Calendar: string(settings.Dates), Zone: zone}
}

// showPreferences shows what the address gets. It changes nothing: scanners
// and previews follow links too.
func (s *Server) showPreferences(c echo.Context) error {
	v, err := s.visitor(c, links.Unsubscribe)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	facts, err := s.Store.AddressByHash(ctx, v.link.Shop, v.link.AddressHash)
	if err != nil {
		return err
	}
	campaigns, err := s.Store.ListCampaigns(ctx, v.link.Shop)
	if err != nil {
		return err
	}
	now := s.Store.Now()
	page := templates.Preferences{
		Frame: frame(c, &v.shop), Email: masked(v.person.Email), Topic: v.link.Topic, OffersTopic: v.link.Class != gate.Transactional,
		Action: c.Request().URL.Path, Languages: v.languages(), Pauses: v.pauses(),
	}
	for _, stop := range facts.Suppressions {
		switch {
		case stop.Over(now):
		case stop.Scope == gate.ScopeAll:
			page.Blocked = true
		case stop.Scope == gate.ScopeNonTransactional:
			page.AllStopped = true
		case stop.Scope == gate.ScopePause:
			page.Paused = v.day(stop.Until)
		case stop.Scope == gate.TopicScope(v.link.Topic):
			page.TopicStopped = true
		}
	}
	if !page.AllStopped {
		page.Topics = v.topics(campaigns, facts.Suppressions, now)
	}
	if !v.moved() { // whoever has the old address cannot say yes for the new one
		page.News, page.NewsAt = v.news(facts.Consents)
	}
	if page.News == templates.NewsAsked {
		last := gate.LastWord(facts.Consents, commerce.ByMail, gate.Marketing)
		page.News = whoAsks(campaigns)
		page.Again = page.News == templates.NewsAsked && last.At <= now.Add(-askAgainAfter)
	}
	return s.page(c, http.StatusOK, "preferences", v.lang, page)
}

// pauseDays are how long a break may be.
var pauseDays = []int{7, 30, 90}

func (v visitor) pauses() (all []templates.Choice) {
	for _, days := range pauseDays {
		all = append(all, templates.Choice{Value: strconv.Itoa(days), Name: v.style().Count("pause_days", int64(days), nil)})
	}
	return all
}

// topics are those of the shop's live campaigns that can be had or not, and those
// that are stopped, by what they are called.
func (v visitor) topics(campaigns []campaign.Campaign, stops []gate.Suppression, now commerce.Instant) (all []templates.Choice) {
	off := map[string]bool{}
	for _, stop := range stops {
		if name, is := stop.Scope.Topic(); is && !stop.Over(now) {
			off[name] = true
		}
	}
	seen := map[string]bool{}
	add := func(topic string) {
		if topic == "" || seen[topic] {
			return
		}
		seen[topic] = true
		own := strings.NewReplacer("_", " ", "-", " ").Replace(topic) // a campaign's title is for the merchant's eyes
		all = append(all, templates.Choice{Value: topic, Name: cmp.Or(templates.TopicChoice(v.lang, topic), own), On: !off[topic]})
	}
	for _, c := range campaigns {
		if c.State == campaign.Live && c.Class != gate.Transactional {
			add(c.Topic)
		}
	}
	for topic := range off {
		add(topic)
	}
	slices.SortFunc(all, func(a, b templates.Choice) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Value, b.Value))
	})
	return all
}

// languages are those in which the shop writes, as it says itself, else those that
// all texts of ours are in and its own, each by its own name.
func (v visitor) languages() (all []templates.Choice) {
	tags := v.shop.Settings.Languages
	if len(tags) == 0 {
		tags = append(templates.Languages(), templates.Base(v.shop.Locale))
	}
	chosen := templates.Tag(v.person.Choice)
	seen := map[string]bool{}
	for _, tag := range tags {
		tag = templates.Tag(tag)
		if parsed, err := language.Parse(tag); err == nil && tag != "" && !seen[tag] {
			seen[tag] = true
			all = append(all, templates.Choice{Value: tag, Name: display.Self.Name(parsed), On: tag == chosen})
		}
	}
	if len(all) < 2 {
		return nil // there is nothing to choose
	}
	return all
}

// news says how it stands with a yes to news and offers, and since when; "" where
// none is needed and nobody said no.
func (v visitor) news(said []commerce.ConsentChange) (state, since string) {
	last := gate.LastWord(said, commerce.ByMail, gate.Marketing)
	switch {
	case last.State == commerce.Subscribed && v.rule.Need == gate.NeedDouble && !last.Double:
		return templates.NewsAsked, v.day(last.At)
	case last.State == commerce.Subscribed:
		return templates.NewsGiven, v.day(last.At)
	case last.State == "" && (v.rule.Need == gate.NeedOptOut || v.rule.Need == gate.NeedNothing):
		return "", ""
	}
	return templates.NewsOffered, ""
}
