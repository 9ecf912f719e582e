package templates

import (
	"bytes"
	"fmt"
	"html/template"
	"io"
	"maps"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Admin is what every page inside the Shopify admin has.
type Admin struct {
	Key       string // the app's client id, for App Bridge
	AppBridge string // where App Bridge is loaded from
	Shop      string // the shop's name; "" = not known
	Domain    string // NAME.myshopify.com; "" = not known
	Country   string // of the shop, for its digits
	Zone      string // IANA, in which times are shown; "" = UTC
	Locale    string // as the admin asked for it, kept in links
	Paused    bool   // everything of this shop is
	// Alone says that the page stands outside the admin, as after an install by code.
	Alone bool
	// Part has only the main part rendered, for a page that is up.
	Part bool
}

// Home is the page "home": what is so, what to do, and what happened last.
type Home struct {
	Admin
	Since       time.Time
	Counts      HomeCounts
	Needs       []HomeNeed
	Backfill    *HomeBackfill  // nil = none was asked for
	Campaigns   []HomeCampaign // the two that every shop begins with
	More        []HomeCampaign
	Messages    []HomeMessage
	Plan        *HomePlan    // nil = plans are switched off
	Stripe      *HomeStripe  // nil = there is none, and none is offered
	Consent     *HomeConsent // nil = nothing was held
	Requests    []HomeRequest
	BlockSeen   bool   // a storefront has asked for our block
	BlockEditor string // where the merchant adds it
	Support     string // an address; "" = none is set
	Sender      bool   // there is a page about who the shop writes as
}

// HomeCounts sum up the messages that are shown.
type HomeCounts struct{ All, Sent, Waiting, Not int64 }

// HomeNeed is one thing that waits for the merchant: the string need_KEY, and
// where it is done.
type HomeNeed struct {
	Key  string
	Data map[string]string
	Href string // a page of the app; "" = further down on this page
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

// HomePlan is what the shop may use of what it pays for.
type HomePlan struct {
	Title       string
	State       string // the string plan_state_STATE
	Used, Quota int64  // Quota = 0: without bound
	Percent     int
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

// adminNames lists the pages of the admin with the data each takes.
var adminNames = map[string]any{"home": Home{}, "plan": Plan{}, "sender": SenderPage{}, "note": Note{}, "token": Token{}, "legal": Legal{}, "preview": Preview{}}

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

// Link is the address of another page of the app. It names the shop, so that who
// may frame the page is known before there is an ID token, and keeps the language.
func (a Admin) Link(path string) string {
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
	return path + "?" + q.Encode()
}

var adminPages = sync.OnceValue(func() map[string]*template.Template {
	all := map[string]*template.Template{}
	for _, lang := range languages {
		for name := range adminNames {
			t := template.New(name).Funcs(adminFuncs(lang))
			all[lang+"/"+name] = template.Must(t.ParseFS(files, "pages/admin/frame.html", "pages/admin/"+name+".html"))
		}
	}
	return all
})

func adminFuncs(lang string) template.FuncMap {
	all := pageFuncs(lang)
	maps.Copy(all, template.FuncMap{
		"number":  func(country string, n int64) string { return Number(lang, country, n) },
		"count":   func(country, key string, n int64) string { return Count(lang, country, key, n, nil) },
		"known":   Known,
		"pairs":   pairs,
		"int64":   func(n int) int64 { return int64(n) },
		"digits":  func(country string) string { return digits(lang, country) },
		"filled":  func(key string, data map[string]string) string { return Say(lang, key, data) },
		"because": func(reason string) string { return Because(lang, reason) },
		"when":    when,
	})
	return all
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
