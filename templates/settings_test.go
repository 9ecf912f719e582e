package templates

import (
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var untold = regexp.MustCompile(`>[^<>]*\b(settings|consent|request|role|stripe|said|setup|sender|offer)_\w+[^<>]*<`)

// Each page of settings has its words in every language, whatever stands on it.
func TestSettingsPagesInEveryLanguage(t *testing.T) {
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	field := func(kind string) SettingField {
		return SettingField{Name: "x", ID: "f-x", Kind: kind, Label: "Label", Hint: "<hint>", Value: "<value>", Options: []Choice{{Value: "a", Name: "A", On: true}}, Rows: [][3]string{{"SA", "<dhl>", "2"}}, Wrong: Refusal{Said: "wrong"}, Now: "<now>"}
	}
	form := SettingsForm{
		Admin: admin(), Topic: "brand", Was: "w", MayEdit: true, Needs: "builder", Wrong: Refusal{Said: "no", Detail: "<detail>"},
		Former: []Choice{{Value: "brand.logo", Name: `"<former>`}}, Misfits: []SettingsMisfit{{Campaign: "thank_you", Why: "<why>"}},
		Facts: []SettingsFact{{Key: "zone", Value: "Asia/Riyadh"}, {Key: "now", At: at}, {Key: "country", Value: "SA"}},
		Look:  &SettingsLook{Accent: "#112233", Page: "#ffffff", Ink: "#ffffff", Says: "weak", Ratio: "2.1:1"},
	}
	for _, kind := range []string{"text", "url", "phone", "colour", "number", "time", "area", "lines", "pick", "checks", "check", "owner", "transit", "days", "language"} {
		form.Groups = append(form.Groups, SettingsFields{Key: "colours", Fields: []SettingField{field(kind)}})
	}
	data, closed := form, form
	data.Topic, data.Data = "data", &SettingsData{Requests: []HomeRequest{{Kind: "report", At: at, Until: at, Done: true, Export: "x1"}, {Kind: "customer", At: at}}, Email: "<email>", Wrong: Refusal{Said: "who"}}
	closed.MayEdit, closed.Role = false, "viewer"
	for _, lang := range languages {
		for name, page := range map[string]any{
			"settings_form": form, "settings_data": data, "settings": SettingsIndex{Admin: admin(), Groups: []SettingsGroup{{Key: "looks", Entries: []SettingsEntry{{"brand", "/settings/brand", "<says>"}, {Key: "sender", Path: "/sender"}}}}},
			"settings_consent": consentPage(SettingsConsent{Reach: &ConsentReach{Orders: 200, Persons: 150, Unknown: 3, Rows: []ConsentReachRow{{"marketing", "auto", 90, true}, {"marketing", "confirmed", 1, false}, {"service", "yes", 2, false}}}, Stripe: true, Support: "help@flywheel.example", Held: &HomeConsent{Messages: 3, Persons: 2}, Classes: []ConsentClass{
				{"transactional", []ConsentRule{{Need: "nothing", Source: "<source>"}}}, {"service", []ConsentRule{{Country: "SA", Need: "opt_in"}, {Need: "opt_out"}}}, {"marketing", []ConsentRule{{Country: "DE", Need: "double"}, {Country: "CA", Need: "implied", Months: 24}}},
			}}),
			"settings_integrations": SettingsIntegrations{
				Admin: admin(), Since: at, BlockEditor: "https://x", Stripe: fullStripe(), Events: "https://flywheel.example/webhooks/mail/x", Slack: &SettingsSlack{Since: at, Fell: at, Note: "<gone>"},
				Hooks: []SettingsHook{{Name: "erp", URL: "https://erp.example/<x>", Since: at, Fell: at}, {Name: "b", Since: at}}, Tokens: []SettingsToken{{ID: "1", Name: "<sync>", Role: "builder", Since: at}, {ID: "2", Name: "b", Role: "owner", Since: at, Used: at, RevokedAt: at}},
				Wrong: Refusal{Form: "hook", Said: "no"}, HookName: "<name>",
			},
			"settings_secret": SettingsSecret{Admin: admin(), Kind: "token", Name: "<sync>", Secret: "fw_1"},
			"settings_danger": SettingsDanger{Admin: admin(), Connections: []SettingsConnection{{ID: "1", Platform: "shopify", Account: "a"}, {ID: "2", Platform: "stripe", Account: "<acct>", Test: true, MayLeave: true}}},
		} {
			got := adminPage(t, name, lang, page)
			require.Empty(t, untold.FindAllString(got, -1), "%s %s", lang, name)
			require.NotRegexp(t, regexp.MustCompile(`<[^>]+\s(style|onclick)=`), got, "the policy allows none")
			for _, typed := range []string{"<hint>", "<value>", "<now>", "<former>", "<why>", "<email>", "<says>", "<sync>", "<gone>", "<acct>", "<dhl>"} {
				require.NotContains(t, got, typed)
			}
		}
		require.NotContains(t, adminPage(t, "settings_form", lang, closed), `class="btn btn-primary">`+Say(lang, "settings_save", nil))
	}
}

// consentPage is the page about consent with what it shows beside its form.
func consentPage(c SettingsConsent) SettingsForm {
	return SettingsForm{Admin: admin(), Topic: "consent", MayEdit: true, Needs: "owner", Consent: &c, Groups: []SettingsFields{{Key: "stricter", Fields: []SettingField{{Name: "consent.known_only", ID: "f-consent-known_only", Kind: "check", Label: "x"}}}}}
}
