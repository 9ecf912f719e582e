package server

import (
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/fault"
	"flywheel/privacy"
	"flywheel/templates"
)

// showConsentRules says what each class of message needs where customers live,
// and where a yes comes from.
func (s *Server) showConsentRules(c echo.Context, v visit) error {
	ctx := c.Request().Context()
	page := templates.SettingsConsent{Admin: s.frameOf(c, v), Support: s.Support}
	page.Here = "settings"
	var err error
	if page.Held, err = s.consentHeld(ctx, v); err != nil {
		return err
	}
	all, err := s.Store.Connections(ctx, v.Shop.ID)
	if err != nil {
		return err
	}
	page.Stripe = slices.ContainsFunc(all, func(one commerce.Connection) bool { return one.Open() && one.Platform == commerce.Stripe })
	for _, class := range []gate.Class{gate.Transactional, gate.Service, gate.Marketing} {
		page.Classes = append(page.Classes, templates.ConsentClass{Class: string(class), Rules: rulesOf(s.Policy, class, v.Shop.Country)})
	}
	return s.adminPage(c, http.StatusOK, "settings_consent", v.lang, page)
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
