package templates

import (
	"bytes"
	"fmt"
	"html/template"
	"io"
	"sync"
)

// Frame is what every customer page has.
type Frame struct {
	Nonce     string       // of the style element, as in the Content-Security-Policy header
	Shop      string       // the shop's name; "" = not known
	ShopEmail string       // where to ask; "" = not known
	Logo      string       // https address of a picture; "" = the name as text
	Brand     template.CSS // the shop's colours, from BrandStyle
}

// Preferences is the page "preferences": what one address gets, and the forms
// to change that. Each posts the field "do" to Action.
type Preferences struct {
	Frame
	Email        string // shown, so pass it masked where the link may have been forwarded
	Topic        string // of the mail that led here
	OffersTopic  bool   // Topic can be stopped by itself; false for order mails
	TopicStopped bool
	AllStopped   bool   // all but order mails
	Blocked      bool   // nothing goes to this address at all, and nothing here changes that
	Action       string // the page's own path

	Topics    []Choice // that can be had or not
	Languages []Choice // to be written to in; of one that is on there is one at most
	Pauses    []Choice // how long a pause may be, by days
	Paused    string   // until when there is one, as a date; "" = there is none
	News      string   // NewsOffered, NewsAsked, NewsWaits, NewsGiven; "" = the page says nothing about it
	Again     bool     // of NewsAsked: the mail that asks may be sent again
	NewsAt    string   // the day of NewsAsked and NewsGiven
}

// Choice is one thing that can be chosen: its value in the form, what it is called, and whether it is so now.
type Choice struct {
	Value, Name string
	On          bool
}

// How it stands with somebody's yes to news and offers.
const (
	NewsOffered = "offered" // they have not said yes
	NewsAsked   = "asked"   // they have, and are to confirm it
	NewsWaits   = "waits"   // likewise, and nobody asks them yet
	NewsGiven   = "given"
)

// Done is the page "done", after a button was pressed. Did is its "do" value.
type Done struct {
	Frame
	Did    string // one of the Do constants
	Told   bool   // the platform was told before DoUndo, and only a new yes there brings news and offers back
	Until  string // of DoPause, as a date
	News   string // of DoYes: NewsGiven, NewsAsked or NewsWaits
	Topic  string
	Action string
}

// Confirm is the page "confirm", to which a mail leads that asks somebody to confirm their yes.
type Confirm struct {
	Frame
	Email  string // masked
	At     string // the day on which it was confirmed; "" = it is not
	Just   bool   // it was right now
	Back   bool   // it was taken back right now
	Action string
}

// Notice is the page "invalid", for a link nobody knows, the page "link", for one
// that was changed and leads nowhere, and the pages "error", "unfit" and "often".
type Notice struct{ Frame }

// The values of the field "do". A mail program's one-click POST has no such
// field but List-Unsubscribe=One-Click.
const (
	DoStopTopic = "stop_topic"
	DoStopAll   = "stop_all"
	DoUndo      = "undo"
	DoSave      = "save"   // the topics in "topic" of those in "shown", and the language in "language"
	DoPause     = "pause"  // for the days in "days"
	DoResume    = "resume" // ends the pause
	DoYes       = "yes"    // to news and offers
	DoNo        = "no"     // takes that back
)

// NewsWording is what somebody says yes to, as the pages show it and as it is kept.
func NewsWording(lang, shop string) string {
	return Say(lang, "news_wording", map[string]string{"Shop": Clean(shop, 80)})
}

// TopicChoice returns what a topic is called where it stands by itself; "" for one that only a shop knows.
func TopicChoice(lang, topic string) string {
	if key := "choice_" + topic; Known(key) {
		return Say(lang, key, nil)
	}
	return ""
}

// pageNames lists the pages with the data each takes, the zero value shown.
var pageNames = map[string]any{
	"preferences": Preferences{}, "done": Done{}, "confirm": Confirm{}, "invalid": Notice{}, "link": Notice{}, "error": Notice{}, "unfit": Notice{}, "often": Notice{},
	"member": Club{}, "member_in": ClubIn{}, "member_open": ClubOpen{}, "member_take": ClubTake{}, "member_leave": ClubLeave{}, "member_shop": Club{},
	"friend": Friend{},
}

// Page writes a customer page in the best language for lang. It writes nothing
// if the page fails; data is the struct that the page's name stands for.
func Page(w io.Writer, name, lang string, data any) error {
	page, ok := pages()[Language(lang)+"/"+name]
	if !ok {
		return fmt.Errorf("there is no page %q", name)
	}
	var b bytes.Buffer
	if err := page.ExecuteTemplate(&b, "frame", data); err != nil {
		return fmt.Errorf("page %s in %s: %w", name, lang, err)
	}
	_, err := b.WriteTo(w)
	return err
}

var pages = sync.OnceValue(func() map[string]*template.Template {
	all := map[string]*template.Template{}
	style := `{{define "style"}}` + string(read("pages/style.css")) + `{{end}}`
	for _, lang := range languages {
		for name := range pageNames {
			t := template.New(name).Funcs(pageFuncs(lang))
			template.Must(t.ParseFS(files, "pages/frame.html", "pages/share.html", "pages/"+name+".html"))
			all[lang+"/"+name] = template.Must(t.Parse(style))
		}
	}
	return all
})

func pageFuncs(lang string) template.FuncMap {
	return template.FuncMap{
		"lang":    func() string { return lang },
		"dir":     func() string { return Dir(lang) },
		"text":    markup,
		"ltr":     func(s string) string { return IsolateLTR(lang, Clean(s, 254)) },
		"isolate": func(s string) string { return Isolate(lang, Clean(s, 80)) },
		"topic":   func(topic string) string { return Topic(lang, topic) },
		"say": func(key string, pairs ...string) string {
			data := map[string]string{}
			for i := 1; i < len(pairs); i += 2 {
				data[pairs[i-1]] = pairs[i]
			}
			return Say(lang, key, data)
		},
	}
}

// Topic returns what mails of a topic are called, as it stands in a sentence.
func Topic(lang, topic string) string {
	if key := "topic_" + topic; Known(key) {
		return Say(lang, key, nil)
	}
	return Say(lang, "topic_other", nil)
}
