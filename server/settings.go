package server

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/store"
	"flywheel/templates"
)

// topic is one page of settings: which of the shop's choices stand on it, and
// who may change them.
type topic struct {
	key    string
	needs  commerce.Role
	groups func(commerce.Shop) []fieldset
	says   func(lang string, shop commerce.Shop) string // what is chosen, in words
}

// fieldset are fields under one heading.
type fieldset struct {
	key    string
	fields []choice
}

// topics are the pages that are one form of choices each.
var topics = []topic{
	{"brand", commerce.RoleBuilder, brandChoices, brandSays},
	{"languages", commerce.RoleBuilder, languageChoices, languageSays},
	{"calendar", commerce.RolePublisher, calendarChoices, calendarSays},
	{"caps", commerce.RolePublisher, capChoices, capsSay},
	{"consent", commerce.RoleOwner, consentChoices, consentSays},
	{"delivery", commerce.RolePublisher, deliveryChoices, deliverySays},
	{"jobs", commerce.RoleBuilder, jobChoices, jobsSay},
	{"notices", commerce.RoleOwner, noticeChoices, noticesSay},
	{"data", commerce.RoleOwner, dataChoices, dataSays},
}

// settingsGroups is what stands together on the first page: topics, and pages
// of other makes by their paths.
var settingsGroups = []struct {
	key  string
	keys []string
}{
	{"looks", []string{"brand", "languages", "sender"}},
	{"when", []string{"calendar", "caps", "consent"}},
	{"orders", []string{"delivery", "jobs"}},
	{"people", []string{"team", "notices", "audit"}},
	{"ties", []string{"integrations", "plan", "data", "danger"}},
}

// settingsPaths are the pages that do not stand below /settings.
var settingsPaths = map[string]string{"sender": "/sender", "team": "/team", "audit": "/audit", "plan": "/plan"}

// showSettings lists what there is to choose, with what is chosen.
func (s *Server) showSettings(c echo.Context, v visit) error {
	says := map[string]string{}
	for _, t := range topics {
		says[t.key] = t.says(v.lang, v.Shop)
	}
	if err := s.moreSays(c, v, says); err != nil {
		return err
	}
	page := templates.SettingsIndex{Admin: s.frameOf(c, v)}
	page.Here = "settings"
	for _, g := range settingsGroups {
		group := templates.SettingsGroup{Key: g.key}
		for _, key := range g.keys {
			path, elsewhere := settingsPaths[key]
			if !elsewhere {
				path = "/settings/" + key
			}
			needs, there := s.opens[path]
			if !there || !v.Who.Role.Allows(needs) || key == "sender" && s.Senders == nil || key == "plan" && len(s.Plans) == 0 {
				continue
			}
			group.Entries = append(group.Entries, templates.SettingsEntry{Key: key, Path: path, Says: says[key]})
		}
		page.Groups = append(page.Groups, group)
	}
	return s.adminPage(c, http.StatusOK, "settings", v.lang, page)
}

// moreSays sums up what is not among the shop's choices.
func (s *Server) moreSays(c echo.Context, v visit, says map[string]string) error {
	ctx := c.Request().Context()
	if s.Senders != nil {
		view, err := s.Senders.Show(ctx, v.Shop.ID)
		if err != nil {
			return err
		}
		says["sender"] = templates.Say(v.lang, "sender_now_"+string(view.Way.Kind), map[string]string{"From": isolated(view.From.Address)})
	}
	if len(s.Plans) > 0 {
		e, err := s.Store.Entitlement(ctx, v.Shop.ID)
		if err != nil {
			return err
		}
		says["plan"] = s.Plans.Of(e).Called(v.lang)
	}
	needs := s.Policy.Of(&v.Shop, commerce.ByMail, gate.Marketing, v.Shop.Country).Need
	says["consent"] = templates.Say(v.lang, "settings_class_marketing", nil) + ": " + templates.Say(v.lang, "settings_need_"+string(needs), nil)
	all, err := s.Store.Connections(ctx, v.Shop.ID)
	if err != nil {
		return err
	}
	var names []string
	for _, one := range all {
		if one.Open() {
			names = append(names, templates.Say(v.lang, "settings_platform_"+string(one.Platform), nil)+" "+isolated(one.ExternalID))
		}
	}
	_, err = s.Store.TeamChannel(ctx, v.Shop.ID, store.NoticeSlack)
	if err == nil {
		names = append(names, "Slack")
	}
	says["integrations"] = joined(v.lang, names)
	return nil
}
