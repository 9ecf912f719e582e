package server_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"flywheel/commerce"
	"flywheel/manage"
	"flywheel/store"
	"flywheel/store/storetest"
	"flywheel/templates"
)

// formOf reads what a browser would send of the form of a page that is posted
// to action; mark picks the form that holds such a field.
func formOf(t *testing.T, page, action, mark string) url.Values {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	require.NoError(t, err)
	for n := range doc.Descendants() {
		if n.Data != "form" || !strings.HasPrefix(attr(n, "action"), action+"?") && attr(n, "action") != action {
			continue
		}
		if out := fieldsOf(n); out.Has(mark) {
			return out
		}
	}
	require.Failf(t, "there is no such form", "%s with %s in %s", action, mark, page)
	return nil
}

func fieldsOf(form *html.Node) url.Values {
	out := url.Values{}
	for n := range form.Descendants() {
		switch name := attr(n, "name"); {
		case n.Data == "input" && slices.Contains([]string{"checkbox", "radio"}, attr(n, "type")):
			if has(n, "checked") {
				out.Add(name, attr(n, "value"))
			}
		case n.Data == "input":
			out.Add(name, attr(n, "value"))
		case n.Data == "textarea" && n.FirstChild == nil:
			out.Add(name, "")
		case n.Data == "textarea":
			out.Add(name, n.FirstChild.Data)
		case n.Data == "option" && has(n, "selected"):
			out.Add(attr(n.Parent, "name"), attr(n, "value"))
		}
	}
	return out
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

// settled is a shop in whose settings somebody works in English.
func settled(t *testing.T, s *store.Store) *framed {
	t.Helper()
	f := frame(t, s)
	f.opens("/admin")
	return f
}

// form is what stands in a page of settings.
func (f *framed) form(topic string) url.Values {
	f.t.Helper()
	return formOf(f.t, f.chosen(topic), "/admin/settings/"+topic, "was")
}

// chosen is such a page, in English and with a word for everything.
func (f *framed) chosen(topic string) string {
	f.t.Helper()
	got := f.opens("/admin/settings/"+topic, "locale", "en")
	require.Equal(f.t, http.StatusOK, got.Code, got.Body.String())
	require.NotRegexp(f.t, `>[^<]*\b(settings|said|role|job|consent|stripe|request|act)_[a-z_]+[^<]*<`, got.Body.String(), "a string has no words")
	return got.Body.String()
}

// saves sends a page of settings with some of its fields changed; "" takes a field away.
func (f *framed) saves(topic string, form url.Values, pairs ...string) *httptest.ResponseRecorder {
	f.t.Helper()
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return f.sends(http.MethodPost, "/admin/settings/"+topic+"?locale=en", form)
}

// takes is a save that is taken; it returns the page that says so.
func (f *framed) takes(topic string, pairs ...string) string {
	f.t.Helper()
	got := f.saves(topic, f.form(topic), pairs...)
	require.Equal(f.t, http.StatusOK, got.Code, got.Body.String())
	return got.Body.String()
}

// What a page of settings sends as it stands changes nothing, whatever is chosen.
func TestSettingsAsTheyStandChangeNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := settled(t, s)
		for _, yaml := range []string{"", everySetting} {
			set, err := manage.ReadSettings([]byte(yaml))
			require.NoError(t, err)
			require.NoError(t, manage.SaveSettings(t.Context(), s, f.shop().ID, set))
			before := f.shop().Settings
			for _, topic := range []string{"brand", "languages", "calendar", "caps", "consent", "delivery", "jobs", "notices", "data"} {
				page := f.takes(topic)
				require.Contains(t, page, templates.Say("en", "said_settings_same", nil), topic)
				require.NotContains(t, page, `value="undo"`, "there is nothing to undo")
			}
			require.Equal(t, before, f.shop().Settings)
		}
	})
}

const everySetting = `
pay_on_delivery: ["Cash on Delivery (COD)", "Courier"]
review_url: https://nour.example/reviews
store_url: https://nour.example/
postal_address: "1 Harbour Road\nRiyadh"
assumed_delivery_days: 4
transit: [{country: SA, days: 2}, {country: DE, method: DHL, days: 6}]
languages: [ar, en, de]
team: [sara@nour.example, omar@nour.example]
calendar:
  quiet: {from: "22:00", to: "07:00"}
  weekend: [5, 6]
  closed: [09-23, 2026-12-31]
  special:
    ramadan: {send: {from: "21:00", to: "23:00"}, shift: 1}
    eid_al_fitr: {closed: true}
    nowruz: {on: true}
    weekend: {quiet: {from: "20:00", to: "10:00"}}
caps: {asks: {limit: 3, days: 10}, marketing: {limit: -1, days: 0}}
consent: {marketing: confirmed, service: yes, known_only: true}
exclude: {tags: [wholesale], products: ["7"], customers: [a@example.com], staff: [nour.example], allow_gifts: true}
owners: {review_ask: Judge.me, survey: nobody}
brand: {logo: https://nour.example/logo.png, logo_width: 120, accent: "#1a7f5a", page: "#ffffff", font: serif, footer: {ar: شكرًا, de: Danke}}
contact: {phone: "+966 11 123 4567"}
social: {instagram: https://instagram.com/nour}
digits: native
dates: umm_al_qura
tracking: {clicks: true}
`

// One page's choices are kept and told, those of others stay, and Undo puts back what was.
func TestSavingAPageOfSettings(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := settled(t, s)
		f.takes("notices", "team", "Sara@Layla.example\r\nomar@layla.example")
		page := f.takes("brand", "brand.logo", " https://layla.example/logo.png ", "brand.logo_width", "١٢٠", "brand.accent", "#1a7f5a", "brand.footer.ar", "شكرًا <b>", "contact.phone", "+٩٦٦ ١١ ١٢٣ ٤٥٦٧")
		require.Contains(t, page, templates.Say("en", "said_settings_saved", nil))
		require.Contains(t, page, "شكرًا &lt;b&gt;")
		set := f.shop().Settings
		require.Equal(t, commerce.Brand{Logo: "https://layla.example/logo.png", LogoWidth: 120, Accent: "#1a7f5a", Footer: map[string]string{"ar": "شكرًا <b>"}}, set.Brand)
		require.Equal(t, "+966 11 123 4567", set.Contact.Phone)
		require.Len(t, set.Team, 2, "another page's choice stays")
		index := f.opens("/admin/settings", "locale", "en").Body.String()
		require.Contains(t, index, "a logo of your own, buttons in \u2066#1a7f5a\u2069")

		undo := formOf(t, page, "/admin/settings/brand", "do")
		require.Equal(t, "undo", undo.Get("do"))
		got := f.saves("brand", undo)
		require.Equal(t, http.StatusOK, got.Code, got.Body.String())
		require.Contains(t, got.Body.String(), templates.Say("en", "said_settings_undone", nil))
		require.Zero(t, f.shop().Settings.Brand.Logo+f.shop().Settings.Brand.Accent+f.shop().Settings.Contact.Phone)
		require.Empty(t, f.shop().Settings.Brand.Footer)
		require.Len(t, f.shop().Settings.Team, 2)
		again := f.saves("brand", undo)
		require.Equal(t, http.StatusOK, again.Code)
		require.Contains(t, again.Body.String(), templates.Say("en", "said_settings_same", nil), "twice is once")
	})
}

// Numbers and times are read in the digits of all three languages.
func TestSettingsInTheirDigits(t *testing.T) {
	f := settled(t, storetest.Open(t, "sqlite"))
	f.takes("calendar", "calendar.quiet.from", "۲۲:۳۰", "calendar.quiet.to", "٠٧:٠٠", "calendar.closed", "٠٩-٢٣\n۲۰۲۶-۱۲-۳۱", "calendar.special.ramadan.shift", "−١", "calendar.special.nowruz.closed", "on")
	require.Equal(t, commerce.Window{From: "22:30", To: "07:00"}, f.shop().Settings.Calendar.Quiet)
	require.Equal(t, []string{"09-23", "2026-12-31"}, f.shop().Settings.Calendar.Closed)
	require.Equal(t, map[string]commerce.SpecialDay{"ramadan": {Shift: -1}, "nowruz": {Closed: true}}, f.shop().Settings.Calendar.Special)
	page := f.takes("calendar", "calendar.closed", "09-23")
	require.Contains(t, page, "every year on")
	form := f.form("calendar")
	form["calendar.closed"] = []string{"09-23", "", " ١٢-٣١ ", "۲۰۲۷/۱/۲"}
	require.Equal(t, http.StatusOK, f.saves("calendar", form).Code)
	require.Equal(t, []string{"09-23", "12-31", "2027-01-02"}, f.shop().Settings.Calendar.Closed)
	form = f.form("calendar")
	require.Equal(t, []string{"09-23", "12-31", "2027-01-02", "", "", ""}, form["calendar.closed"], "a row for each, and some to add to")
	form["calendar.closed.drop"] = []string{"12-31"}
	require.Equal(t, http.StatusOK, f.saves("calendar", form).Code)
	require.Equal(t, []string{"09-23", "2027-01-02"}, f.shop().Settings.Calendar.Closed)
	f.takes("languages", "dates", "jalali")
	f.takes("calendar", "calendar.closed", "۱۴۰۶/۱/۱۳", "calendar.special.weekend.quiet.from", "٢٠:٠٠", "calendar.special.weekend.quiet.to", "۱۰:۰۰", "calendar.special.closed_day.send.from", "12:00", "calendar.special.closed_day.send.to", "14:00")
	require.Equal(t, []string{"2027-04-02"}, f.shop().Settings.Calendar.Closed, "a year of the shop's own calendar")
	require.Equal(t, &commerce.Window{From: "20:00", To: "10:00"}, f.shop().Settings.Calendar.Special["weekend"].Quiet)
	require.Equal(t, &commerce.Window{From: "12:00", To: "14:00"}, f.shop().Settings.Calendar.Special["closed_day"].Send)
	f.takes("caps", "caps.asks", "own", "caps.asks.limit", "٣", "caps.asks.days", "۱۰", "caps.marketing", "none")
	require.Equal(t, commerce.Cap{Limit: 3, Days: 10}, f.shop().Settings.Caps.Asks)
	require.Negative(t, f.shop().Settings.Caps.Marketing.Limit)
	f.takes("delivery", "transit.country", "sa", "transit.method", "SMSA", "transit.days", "٢", "assumed_delivery_days", "۶")
	require.Equal(t, []commerce.Transit{{Country: "SA", Method: "SMSA", Days: 2}}, f.shop().Settings.Transit)
	require.Equal(t, 6, f.shop().Settings.AssumedDeliveryDays)
	f.takes("calendar", "calendar.weekend", "own", "calendar.weekend.days", "friday")
	require.Equal(t, []time.Weekday{time.Friday}, f.shop().Settings.Calendar.Weekend)
	f.takes("jobs", "owners.review_ask", "other", "owners.review_ask.tool", "Judge.me", "owners.survey", "nobody")
	require.Equal(t, map[commerce.Job]commerce.Owner{commerce.JobReviewAsk: "Judge.me", commerce.JobSurvey: commerce.OwnerNobody}, f.shop().Settings.Owners)
}

// What makes no sense is told beside its field; what was typed stays there, and nothing is saved.
func TestWrongSettingsStayAsTyped(t *testing.T) {
	f := settled(t, storetest.Open(t, "sqlite"))
	before := f.shop().Settings
	for _, c := range []struct{ topic, field, typed, id string }{
		{"brand", "brand.logo", "javascript:alert(1)", "f-brand-logo"},
		{"brand", "brand.logo", "http://layla.example/x.png", "f-brand-logo"},
		{"brand", "brand.logo_width", "wide", "f-brand-logo_width"},
		{"brand", "brand.logo_width", "9999999999999999999999", "f-brand-logo_width"},
		{"brand", "brand.accent", `"><script>alert(1)</script>`, "f-brand-accent"},
		{"brand", "brand.accent", "#fffffe", "f-brand-accent"},
		{"brand", "brand.font", "comic", "f-brand-font"},
		{"brand", "brand.footer.en", strings.Repeat("x", 501), "f-brand-footer-en"},
		{"brand", "contact.whatsapp", "0501234567", "f-contact-whatsapp"},
		{"brand", "social.instagram", "https://evil.example/nour", "f-social-instagram"},
		{"languages", "languages.more", "klingon!", "f-languages-more"},
		{"languages", "languages.more", "de de", "f-languages"},
		{"languages", "dates", "maya", "f-dates"},
		{"calendar", "calendar.quiet.from", "25:00", "f-calendar-quiet-from"},
		{"calendar", "calendar.closed", "13-32", "f-calendar-closed"},
		{"calendar", "calendar.special.ramadan.shift", "9", "f-calendar-special-ramadan-shift"},
		{"calendar", "calendar.special.ramadan.send.from", "20:00", "f-calendar-special-ramadan-send-from"},
		{"delivery", "assumed_delivery_days", "61", "f-assumed_delivery_days"},
		{"delivery", "transit.days", "soon", "f-transit"},
		{"delivery", "transit.country", "Saudi", "f-transit"},
		{"notices", "team", "sara", "f-team"},
		{"caps", "caps.asks", "often", "f-caps-asks"},
	} {
		form := f.form(c.topic)
		if c.field == "transit.country" {
			form.Set("transit.days", "2")
		}
		got := f.saves(c.topic, form, c.field, c.typed)
		require.Equal(t, http.StatusUnprocessableEntity, got.Code, "%s %s", c.field, c.typed)
		page := got.Body.String()
		require.Contains(t, page, `id="`+c.id+`-wrong"`, "%s %s", c.field, c.typed)
		require.NotContains(t, page, "<script>alert", c.field)
		if kept := formOf(t, page, "/admin/settings/"+c.topic, "was"); !slices.Contains([]string{"brand.font", "dates", "caps.asks"}, c.field) { // a list has no such choice
			require.Equal(t, c.typed, kept.Get(c.field))
		}
		for lang, say := range map[string]string{"ar": "settings_look_below", "fa": "settings_look_below"} {
			page := f.sends(http.MethodPost, "/admin/settings/"+c.topic+"?locale="+lang, form).Body.String()
			require.Contains(t, page, templates.Say(lang, say, nil), c.field)
		}
	}
	require.Equal(t, before, f.shop().Settings)
	owner := f.saves("jobs", f.form("jobs"), "owners.points", "other", "owners.points.tool", " ")
	require.Equal(t, http.StatusUnprocessableEntity, owner.Code)
	require.Contains(t, owner.Body.String(), templates.Say("en", "settings_wrong_owner", nil))
	require.Equal(t, http.StatusUnprocessableEntity, f.saves("caps", url.Values{}).Code, "half a form is none")
	require.Equal(t, before, f.shop().Settings)
}

// Who comes second sees what the first one has saved before writing over it; on
// another page they are not in each other's way.
func TestTwoPeopleInSettings(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := settled(t, s)
		mine, caps := f.form("brand"), f.form("caps")
		f.takes("brand", "brand.accent", "#112233")
		require.Equal(t, http.StatusOK, f.saves("caps", caps, "caps.marketing", "none").Code, "another page")

		got := f.saves("brand", mine, "brand.accent", "#445566")
		require.Equal(t, http.StatusUnprocessableEntity, got.Code)
		require.Contains(t, got.Body.String(), "Somebody else has changed this page")
		require.Contains(t, got.Body.String(), "<bdi>#112233</bdi>", "what stands there now")
		require.Equal(t, "#112233", f.shop().Settings.Brand.Accent)
		anyway := formOf(t, got.Body.String(), "/admin/settings/brand", "was")
		require.Equal(t, "#445566", anyway.Get("brand.accent"))
		require.Equal(t, http.StatusOK, f.saves("brand", anyway).Code)
		require.Equal(t, "#445566", f.shop().Settings.Brand.Accent)
		require.Negative(t, f.shop().Settings.Caps.Marketing.Limit)
	})
}

// Whoever may not change a page sees it without its button, and may not send it either.
func TestRolesInSettings(t *testing.T) {
	inHouse(t, func(t *testing.T, h *house) {
		shop := h.shop("owner@example.com")
		base := "/shops/" + string(shop) + "/settings"
		needs := map[string]commerce.Role{
			"brand": commerce.RoleBuilder, "languages": commerce.RoleBuilder, "jobs": commerce.RoleBuilder,
			"calendar": commerce.RolePublisher, "caps": commerce.RolePublisher, "delivery": commerce.RolePublisher,
			"notices": commerce.RoleOwner, "data": commerce.RoleOwner,
		}
		owners := []string{"/data/person", "/integrations/hooks", "/integrations/hooks/erp/rotate", "/integrations/hooks/erp/drop", "/integrations/hooks/erp/on", "/integrations/tokens", "/integrations/tokens/x/revoke", "/integrations/slack", "/integrations/slack/drop", "/integrations/slack/test"}
		for _, role := range commerce.Roles() {
			email := string(role) + "@example.com"
			h.belongs(h.known(email), shop, role)
			b := h.browser().enter(email)
			require.Equal(t, http.StatusOK, b.get(base).Code)
			for topic, least := range needs {
				page := b.get(base + "/" + topic)
				require.Equal(t, http.StatusOK, page.Code, topic)
				require.Equal(t, role.Allows(least), strings.Contains(page.Body.String(), "<fieldset class=\"stack\">"), "%s %s", role, topic)
				code := b.do(http.MethodPost, base+"/"+topic, formOf(t, page.Body.String(), base+"/"+topic, "was")).Code
				require.Equal(t, role.Allows(least), code == http.StatusOK, "%s %s: %d", role, topic, code)
			}
			for _, path := range []string{"/integrations", "/danger"} {
				page := b.get(base + path)
				require.Equal(t, http.StatusOK, page.Code, path)
				require.Equal(t, path == "/integrations" && role == commerce.RoleOwner, strings.Contains(page.Body.String(), `action="`+base), "%s %s", role, path)
			}
			for _, path := range owners {
				if role != commerce.RoleOwner {
					require.Equal(t, http.StatusForbidden, b.post(base+path).Code, "%s %s", role, path)
				}
			}
		}
		stranger := h.browser().enter("stranger@example.com")
		require.Equal(t, http.StatusNotFound, stranger.get(base).Code)
		require.Equal(t, http.StatusNotFound, stranger.post(base+"/brand").Code)
	})
}
