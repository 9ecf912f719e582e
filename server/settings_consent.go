package server

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/fault"
	"flywheel/privacy"
	"flywheel/store"
	"flywheel/templates"
)

// consentChoices are what a shop wants beyond the law: never less.
func consentChoices(commerce.Shop) []fieldset {
	return []fieldset{{"stricter", []choice{
		pickOf("consent.marketing", func(s *commerce.Settings) *commerce.Wish { return &s.Consent.Marketing }, string(commerce.WishLaw), string(commerce.WishYes), string(commerce.WishConfirmed)),
		pickOf("consent.service", func(s *commerce.Settings) *commerce.Wish { return &s.Consent.Service }, string(commerce.WishLaw), string(commerce.WishYes)),
		flagOf("consent.known_only", func(s *commerce.Settings) *bool { return &s.Consent.KnownOnly }),
	}}}
}

func consentSays(lang string, shop commerce.Shop) string {
	return templates.Say(lang, "settings_class_marketing", nil) + ": " + templates.Say(lang, "settings_consent_marketing_"+wishName(shop.Settings.Consent.Marketing), nil)
}

// wishName is how the strings name a wish.
func wishName(w commerce.Wish) string { return cmp.Or(string(w), "auto") }

// consentOf says what each class of message needs where customers live, whom that
// leaves, and where a yes comes from.
func (s *Server) consentOf(c echo.Context, v visit) (*templates.SettingsConsent, error) {
	ctx := c.Request().Context()
	page := &templates.SettingsConsent{Support: s.Support}
	var err error
	if page.Held, err = s.consentHeld(ctx, v); err != nil {
		return nil, err
	}
	if page.Reach, err = s.consentReach(ctx, v); err != nil {
		return nil, err
	}
	all, err := s.Store.Connections(ctx, v.Shop.ID)
	if err != nil {
		return nil, err
	}
	page.Stripe = slices.ContainsFunc(all, func(one commerce.Connection) bool { return one.Open() && one.Platform == commerce.Stripe })
	for _, class := range []gate.Class{gate.Transactional, gate.Service, gate.Marketing} {
		page.Classes = append(page.Classes, templates.ConsentClass{Class: string(class), Rules: rulesOf(s.Policy, class, v.Shop.Country)})
	}
	return page, nil
}

// reachOrders is by how many of the last orders it is told whom a choice leaves.
const reachOrders = 200

// consentReach counts, among the customers of a shop's last orders, who may be
// asked by each of its choices: what a choice does is seen before it is made.
func (s *Server) consentReach(ctx context.Context, v visit) (*templates.ConsentReach, error) {
	orders, err := s.Store.LastOrders(ctx, v.Shop.ID, reachOrders)
	if err != nil {
		return nil, err
	}
	last := map[commerce.PersonID]*store.StoredOrder{}
	for _, o := range orders {
		if last[o.PersonID] == nil { // the newest first
			last[o.PersonID] = o
		}
	}
	persons, err := s.Store.Persons(ctx, v.Shop.ID, slices.Collect(maps.Keys(last)))
	if err != nil {
		return nil, err
	}
	var emails []string
	for _, p := range persons {
		emails = append(emails, p.Email)
	}
	said, err := s.Store.Addresses(ctx, v.Shop.ID, emails)
	if err != nil {
		return nil, err
	}
	whole := map[commerce.PersonID]commerce.Person{} // two ids of one person are one
	for id, p := range persons {
		if whole[p.ID].ID == "" {
			whole[p.ID] = p
			if last[p.ID] == nil {
				last[p.ID] = last[id]
			}
		}
	}
	persons = whole
	reach := &templates.ConsentReach{Orders: int64(len(orders)), Persons: int64(len(persons))}
	for id, p := range persons {
		if cmp.Or(last[id].Detail.Country, p.Country) == "" {
			reach.Unknown++
		}
	}
	now := v.Shop.Settings.Consent
	for _, class := range []gate.Class{gate.Marketing, gate.Service} {
		for _, wish := range []commerce.Wish{commerce.WishLaw, commerce.WishYes, commerce.WishConfirmed} {
			as, chosen := v.Shop, now.Marketing
			as.Settings.Consent.Marketing, as.Settings.Consent.Service = wish, wish
			if class == gate.Service {
				chosen = now.Service
			}
			if class == gate.Service && wish == commerce.WishConfirmed {
				continue
			}
			row := templates.ConsentReachRow{Class: string(class), Wish: wishName(wish), Now: wish == chosen}
			for id, p := range persons {
				facts := said[p.Email]
				rule := s.Policy.Of(&as, commerce.ByMail, class, cmp.Or(last[id].Detail.Country, p.Country))
				if facts != nil && !stopped(facts.Suppressions, class, s.Store.Now()) && rule.Given(commerce.ByMail, class, facts.Consents, &last[id].Order, &as.Settings, s.Store.Now()) {
					row.Count++
				}
			}
			reach.Rows = append(reach.Rows, row)
		}
	}
	return reach, nil
}

// rulesOf are the rules of a class: the shop's own country first, then the
// others, last what holds everywhere else.
func rulesOf(p gate.Policy, class gate.Class, home string) (out []templates.ConsentRule) {
	add := func(country string, r gate.Rule) {
		out = append(out, templates.ConsentRule{Country: country, Need: string(r.Need), Months: int64(r.Months), Source: r.Source + " (" + r.Date + ")"})
	}
	rules := p[commerce.ByMail][class]
	if r, ok := rules[home]; ok {
		add(home, r)
	}
	for _, country := range slices.Sorted(maps.Keys(rules)) {
		if country != "*" && country != home {
			add(country, rules[country])
		}
	}
	if r, ok := rules["*"]; ok {
		add("", r)
	}
	return out
}

// dataOfPerson gathers what is kept of the customer with an address, for the
// merchant to hand over, or leads to where they are erased.
func (s *Server) dataOfPerson(c echo.Context, v visit) error {
	ctx, email := c.Request().Context(), commerce.NormalEmail(c.FormValue("email"))
	refused := func(key string) error {
		return s.topicPage(c, v, topicOf("data"), http.StatusUnprocessableEntity, formState{fields: func(p *templates.SettingsForm) {
			p.Data.Email, p.Data.Wrong = c.FormValue("email"), templates.Refusal{Field: "email", Said: templates.Say(v.lang, key, nil)}
		}})
	}
	if email == "" {
		return refused("settings_wrong_email")
	}
	person, err := s.personWith(c, v, email)
	switch {
	case fault.Is(err, fault.NotFound):
		return refused("settings_person_unknown")
	case err != nil:
		return err
	case c.FormValue("do") == "erase":
		return c.Redirect(http.StatusSeeOther, s.frameOf(c, v).Link(customerPath(person, "/erase")))
	}
	if _, err := privacy.Hand(ctx, s.Store, v.Shop.ID, person); err != nil {
		return err
	}
	return s.done(c, v, "/settings/data", "settings_exported")
}

// topicOf is a topic by its key.
func topicOf(key string) topic {
	return topics[slices.IndexFunc(topics, func(t topic) bool { return t.key == key })]
}

// showDanger tells how the shop's ties to its platforms are ended.
func (s *Server) showDanger(c echo.Context, v visit) error {
	page := templates.SettingsDanger{Admin: s.frameOf(c, v)}
	page.Here = "settings"
	all, err := s.Store.Connections(c.Request().Context(), v.Shop.ID)
	if err != nil {
		return err
	}
	for _, one := range all {
		if one.Open() {
			page.Connections = append(page.Connections, templates.SettingsConnection{
				ID: string(one.ID), Platform: string(one.Platform), Account: one.ExternalID, Since: installed(one), Test: !one.Live,
				MayLeave: one.Platform == commerce.Stripe && s.Accounts != nil,
			})
		}
	}
	return s.adminPage(c, http.StatusOK, "settings_danger", v.lang, page)
}

func installed(c commerce.Connection) (t time.Time) { return timeOr(c.InstalledAt) }

// stopped reports whether nothing of a class goes to an address now, whatever was said.
func stopped(all []gate.Suppression, class gate.Class, now commerce.Instant) bool {
	return slices.ContainsFunc(all, func(s gate.Suppression) bool { return s.Scope.Stops(class, "") && !s.Over(now) })
}
