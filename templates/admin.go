package templates

import (
	"bytes"
	"fmt"
	"html/template"
	"io"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// Admin is what every page for merchants has, inside the Shopify admin or not.
type Admin struct {
	// Assets are the addresses of the built style sheets and scripts by their
	// names, such as app.js; none = they were not built, and pages go without.
	Assets map[string]string

	Key       string // the app's client id, for App Bridge
	AppBridge string // where App Bridge is loaded from
	Shop      string // the shop's name; "" = not known
	Domain    string // NAME.myshopify.com; "" = not known
	Country   string // of the shop, for its digits
	Zone      string // IANA, in which times are shown; "" = UTC
	Locale    string // as the admin asked for it, kept in links
	Paused    bool   // everything of this shop is

	Base     string // the path of the shop's pages: /admin inside Shopify, else /shops/ID; "" = there is no shop
	Embedded bool   // the page stands inside the Shopify admin
	Self     string // the address of this page, with its query
	Here     string // the key of the navigation's part that the page belongs to, such as campaigns or lists/tasks
	Nav      []NavItem
	Search   bool   // there is a page that searches
	Role     string // of the reader
	Me       string // the reader's name; "" = nobody is known
	Theme    string // light, dark; "" = the system's
	Fleet    bool   // the reader has a list of shops to go back to
	// Said names what was just done, the string said_SAID; SaidNumber is its number.
	Said       string
	SaidNumber int64

	// Alone says that the page stands outside the admin, as after an install by code.
	Alone bool
	// Nonce is what style elements of a script name, where the page's policy takes one; "" = it takes none.
	Nonce string
	// Part has only the main part rendered, for a page that is up.
	Part bool
}

// Home is the page "home": what is so, what to do, and what happened last.
type Home struct {
	Admin
	Counts    HomeCounts
	Wheel     *Wheel
	Days      *Chart // what became of messages day by day
	Setup     string // the next step of setting up; "" = nothing is open
	Needs     []HomeNeed
	Backfill  *HomeBackfill  // nil = none was asked for
	Campaigns []HomeCampaign // the two that every shop begins with
	More      []HomeCampaign
	Messages  []HomeMessage
	Held      int64  // messages of the last thirty days for want of consent
	Support   string // an address; "" = none is set
}

// HomeCounts sum up the messages that are shown.
type HomeCounts struct{ All, Sent, Waiting, Not int64 }

// HomeNeed is one thing that waits for the merchant: the string need_KEY, and
// where it is done.
type HomeNeed struct {
	Key  string
	Data map[string]string
	Href string // a page of the app; "" = on this page
}

// HomeBackfill is how far the reading of past orders has come.
type HomeBackfill struct {
	State            string // asked, running, reading, done, failed
	Done, All        int64  // All = 0: not known yet
	Refused          int64
	Percent          int
	Note             string
	Moving, MayRetry bool
	MayAsk           bool // for older orders than those of 60 days, which needs a scope of its own
}

// HomeCampaign is one campaign with what may be done to it.
type HomeCampaign struct {
	ID, Title, Goal, State string
	PausedBy               string // a reason's code; "" = a person
	Act                    string // live, pause, resume; "" = nothing
	Messages               string // the page on which its messages are seen
}

// HomeMessage is one line of what happened last.
type HomeMessage struct {
	At            time.Time
	Who, Order    string
	Campaign      string
	State, Reason string // codes
	Until         time.Time
}

// HomeRequest is a customer's request by law.
type HomeRequest struct {
	Kind      string // report, erase: the string request_KIND
	At, Until time.Time
	Done      bool
	Export    string // its id; "" = there is none to hand over
}

// Note is a short page of one thought: an error, or what to do next. Its texts
// are the strings NAME_title and NAME_body.
type Note struct {
	Admin
	Name   string
	Data   map[string]string
	Said   string // what went wrong, in the reader's language; "" = nothing more to say
	Detail string // the same as it was noted, in English; "" = it says no more
	Href   string // where to go on, by a link whose text is the string NAME_link; "" = nowhere
}

// Token is the page that fetches a fresh ID token by way of App Bridge and
// comes back: it shows nothing.
type Token struct{ Admin }

// Legal is a page of fixed text.
type Legal struct {
	Admin
	Body    template.HTML
	Support string
}

// Refusal is why a form was not taken. It stands beside the field, and the form
// keeps what was typed.
type Refusal struct {
	Form, Field string // "" = there was no such; a Field of "" is about the whole form
	Said        string // in the reader's language
	Detail      string // what exactly, in English; "" = Said says it
}

// adminNames lists the pages of the admin with the data each takes.
var adminNames = map[string]any{
	// who comes in
	"login": Login{}, "login_sent": LoginSent{}, "login_link": LoginLink{}, "join": Join{}, "offer": Offer{}, "me": Me{}, "fleet": Fleet{},
	"account": AccountPage{}, "invited": InvitedPage{}, "team": Team{}, "team_invite": TeamInvite{}, "audit": AuditPage{},
	"setup":    SetupPage{},
	"settings": SettingsIndex{}, "settings_form": SettingsForm{}, "settings_data": SettingsForm{}, "settings_consent": SettingsForm{}, "settings_integrations": SettingsIntegrations{}, "settings_secret": SettingsSecret{}, "settings_danger": SettingsDanger{},
	"home": Home{}, "plan": Plan{}, "sender": SenderPage{}, "note": Note{}, "token": Token{}, "legal": Legal{}, "preview": Preview{},
	"customers": Customers{}, "customers_one": CustomerPage{}, "customers_erase": CustomerErase{}, "search": Search{},
	"lists": ListPage{}, "lists_suppression": ListSuppression{}, "lists_webhook": ListWebhook{}, "lists_task": ListTask{},
	"referrals": Referrals{}, "referral": Referral{},
	"campaigns": Campaigns{}, "campaigns_new": CampaignsNew{}, "campaigns_one": CampaignPage{}, "campaigns_versions": CampaignVersions{}, "campaigns_live": CampaignLive{}, "editor": Editor{},
	"blocks":  Blocks{},
	"loyalty": Loyalty{}, "loyalty_parts": LoyaltyParts{}, "loyalty_settings": LoyaltySettings{}, "loyalty_versions": LoyaltyVersions{}, "loyalty_members": LoyaltyMembers{}, "loyalty_member": LoyaltyMember{}, "loyalty_import": LoyaltyImport{},
}

// AdminPage writes a page of the admin in the best language for lang. It
// writes nothing if the page fails.
func AdminPage(w io.Writer, name, lang string, data any) error {
	page, ok := adminPages()[Language(lang)+"/"+name]
	if !ok {
		return fmt.Errorf("there is no page %q", name)
	}
	start := "frame"
	if p, ok := data.(interface{ part() bool }); ok && p.part() {
		start = "main"
	}
	var b bytes.Buffer
	if err := page.ExecuteTemplate(&b, start, data); err != nil {
		return fmt.Errorf("page %s in %s: %w", name, lang, err)
	}
	_, err := b.WriteTo(w)
	return err
}

func (a Admin) part() bool { return a.Part }

// Link is the address of another page of the shop, by its path below Base, which
// may have a query. Inside Shopify it names the shop, so that who may frame the
// page is known before there is an ID token, and keeps the language.
func (a Admin) Link(path string) string {
	path = a.Base + path
	if !a.Embedded {
		return path
	}
	q := url.Values{}
	if a.Domain != "" {
		q.Set("shop", a.Domain)
	}
	if a.Locale != "" {
		q.Set("locale", a.Locale)
	}
	if len(q) == 0 {
		return path
	}
	if strings.Contains(path, "?") {
		return path + "&" + q.Encode()
	}
	return path + "?" + q.Encode()
}

var adminPages = sync.OnceValue(func() map[string]*template.Template {
	all := map[string]*template.Template{}
	for _, lang := range languages {
		for name := range adminNames {
			t := template.New(name).Funcs(adminFuncs(lang))
			all[lang+"/"+name] = template.Must(t.ParseFS(files, "pages/admin/frame.html", "pages/admin/parts.html", "pages/admin/list.html", "pages/admin/wheel.html", "pages/admin/charts.html", "pages/admin/replay.html", "pages/admin/people.html", "pages/admin/flow.html", "pages/admin/editor_parts.html", "pages/admin/preview_parts.html", "pages/admin/settings_fields.html", "pages/admin/loyalty_tabs.html", "pages/admin/"+name+".html"))
		}
	}
	return all
})

func adminFuncs(lang string) template.FuncMap {
	all := pageFuncs(lang)
	maps.Copy(all, template.FuncMap{
		"number":      func(country string, n int64) string { return Number(lang, country, n) },
		"count":       func(country, key string, n int64) string { return Count(lang, country, key, n, nil) },
		"known":       Known,
		"pairs":       pairs,
		"int64":       func(n int) int64 { return int64(n) },
		"digits":      func(country string) string { return digits(lang, country) },
		"dates":       func(country string) string { return dates(lang, country) },
		"filled":      func(key string, data any) string { return Say(lang, key, strs(data)) },
		"because":     func(reason string) string { return Because(lang, reason) },
		"when":        when,
		"icon":        icon,
		"told":        func(country, key string, n int64) string { return told(lang, country, key, n) },
		"loyaltyTabs": func() []string { return loyaltyTabs },
		"offered":     func() []Choice { return offered(lang) },
		"unitsOf":     func(unit string) []Choice { return unitsOf(lang, unit) },
	})
	return all
}

// pairs makes the data of a string or of a partial of names and values.
func pairs(all ...any) map[string]any {
	data := map[string]any{}
	for i := 1; i < len(all); i += 2 {
		data[fmt.Sprint(all[i-1])] = all[i]
	}
	return data
}

// strs is the data of a string.
func strs(data any) map[string]string {
	switch d := data.(type) {
	case map[string]string:
		return d
	case map[string]any:
		out := map[string]string{}
		for name, value := range d {
			out[name] = fmt.Sprint(value)
		}
		return out
	}
	return nil
}

// told says what was just done: the string said_KEY, by its number where it has
// plural forms; "" where there is no such string, whoever made the address up.
func told(lang, country, key string, n int64) string {
	key = "said_" + key
	switch {
	case Counts(key):
		return Count(lang, country, key, n, nil)
	case Known(key):
		return Say(lang, key, map[string]string{"Number": Number(lang, country, n)})
	}
	return ""
}

// offered are the languages that pages are in, each by its own name.
func offered(lang string) []Choice {
	names := map[string]string{"en": "English", "ar": "العربية", "fa": "فارسی"}
	var out []Choice
	for _, one := range languages {
		out = append(out, Choice{Value: one, Name: names[one], On: one == lang})
	}
	return out
}

// roles are those of package commerce, from the least.
var roles = []string{"viewer", "builder", "publisher", "owner"}

// May reports whether the reader's role allows what needs least.
func (a Admin) May(least string) bool {
	return slices.Contains(roles, a.Role) && slices.Index(roles, a.Role) >= slices.Index(roles, least)
}

// Asset is the address of a built file; "" = it was not built.
func (a Admin) Asset(name string) string { return a.Assets[name] }

// In is this page in another language, by its query.
func (a Admin) In(lang string) string {
	u, err := url.Parse(a.Self)
	if err != nil {
		return a.Self
	}
	q := u.Query()
	q.Set("locale", lang)
	u.RawQuery = q.Encode()
	return u.String()
}

// Because says a reason's code in words; "" for one that has none.
func Because(lang, reason string) string {
	if key := "reason_" + reason; Known(key) {
		return Say(lang, key, nil)
	}
	return ""
}

// digits names the digits of a language in a country as Unicode does: latn,
// arab or arabext. The page's script writes times in them.
func digits(lang, country string) string {
	switch one := Number(lang, country, 1); one {
	case "١":
		return "arab"
	case "۱":
		return "arabext"
	}
	return "latn"
}

// dates names the calendar of a language in a country as Unicode does, so that the
// page's script tells times in the one in which the page tells days.
func dates(lang, country string) string {
	if (Style{}).calendar(locale(lang, country)) == Jalali {
		return "persian"
	}
	return "gregory"
}

// when writes an instant for machines and, until the page's script has written
// it in the reader's language, for people.
func when(zone string, at time.Time) template.HTML {
	if at.IsZero() {
		return ""
	}
	if in, err := time.LoadLocation(zone); err == nil {
		at = at.In(in)
	}
	text := strings.Join([]string{`<time datetime="`, at.UTC().Format(time.RFC3339), `" data-zone="`, template.HTMLEscapeString(zone), `" dir="ltr">`, at.Format("2006-01-02 15:04"), `</time>`}, "")
	return template.HTML(text) //nolint:gosec // made of digits and an escaped zone
}
