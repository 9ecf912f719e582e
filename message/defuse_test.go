package message

import (
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
)

func TestForeignAddressesAreBrokenUp(t *testing.T) {
	f := Facts{LinkHosts: []string{"nour.example", "nour.com"}}
	for text, want := range map[string]string{
		"Pay at https://phish.com/pay?a=1.":       "Pay at phish\u2060.\u2060com/pay?a=1\u2060.\u2060",
		"or www.phish.com":                        "or www\u2060.\u2060phish\u2060.\u2060com",
		"Hello evil.co.uk,":                       "Hello evil\u2060.\u2060co\u2060.\u2060uk,",
		"HTTP://NOWHERE.EXAMPLE":                  "NOWHERE\u2060.\u2060EXAMPLE",
		"//phish.com":                             "phish\u2060.\u2060com",
		"see shop.nour.com/care and nour.example": "see shop.nour.com/care and nour.example",
		"write to hello@phish.com":                "write to hello@phish.com",
		"Node.js, 3.5 kg, St.Petersburg.":         "Node.js, 3.5 kg, St.Petersburg.",
		"موقع phish.com هنا":                      "موقع phish\u2060.\u2060com هنا",
		// the ways around it
		"foo.github.io, x.myshopify.com":            "foo\u2060.\u2060github\u2060.\u2060io, x\u2060.\u2060myshopify\u2060.\u2060com",
		"http://203.0.113.5/login":                  "203\u2060.\u20600\u2060.\u2060113\u2060.\u20605/login",
		"http://phish/ and http://[2001:db8::1]/":   "phish/ and [2001:db8::1]/",
		"https://nour.example@phish.com/":           "nour\u2060.\u2060example@phish\u2060.\u2060com/",
		"https://nour.example:x@phish.com":          "nour\u2060.\u2060example:x@phish\u2060.\u2060com",
		`https://nour.example\@phish.com`:           "nour\u2060.\u2060example\\@phish\u2060.\u2060com",
		"pay@https://phish.com":                     "pay@phish\u2060.\u2060com",
		"pay@phish.com/pay":                         "pay@phish\u2060.\u2060com/pay",
		"https://nour.example,phish.com":            "https://nour.example,phish\u2060.\u2060com",
		"https://nour.example.phish.com":            "nour\u2060.\u2060example\u2060.\u2060phish\u2060.\u2060com",
		"phish\u3002com phish\uff0ecom":             "phish\u2060\u3002\u2060com phish\u2060\uff0e\u2060com",
		"evil.xn--p1ai موقع.شبكة":                   "evil\u2060.\u2060xn--p1ai موقع\u2060.\u2060شبكة",
		"PHISH.COM.":                                "PHISH\u2060.\u2060COM.",
		"ftp://phish.com":                           "phish\u2060.\u2060com",
		"phish.com/https://nour.example":            "phish\u2060.\u2060com/https:\u2060//nour\u2060.\u2060example",
		"(https://nour.example), www.nour.example.": "(https://nour.example), www.nour.example.",
		"https://nour.example، https://nour.com/x":  "https://nour.example، https://nour.com/x",
		"https://NOUR.example./?a=phish.com":        "https://NOUR.example./?a=phish.com",
		"see @phish.com":                            "see @phish\u2060.\u2060com",
		// a backslash, of which programs think differently
		`https://phish.com\@nour.example/`:  "phish\u2060.\u2060com\\@nour\u2060.\u2060example/",
		`phish.com\@nour.example`:           "phish\u2060.\u2060com\\@nour\u2060.\u2060example",
		`https://nour.example\.phish.com`:   "nour\u2060.\u2060example\\\u2060.\u2060phish\u2060.\u2060com",
		`Node.js\@phish.com`:                `Node.js\@` + "phish\u2060.\u2060com",
		"https://phish.com,@nour.example/x": "phish\u2060.\u2060com,@nour\u2060.\u2060example/x",
		// addresses behind one that may be linked (bare, .example is the end of no domain), or behind what is none
		"nour.com/,https://phish.com/x":                 "nour.com/,phish\u2060.\u2060com/x",
		"nour.com/,https://phish.com/?a=other.com":      "nour.com/,phish\u2060.\u2060com/?a=other\u2060.\u2060com",
		"https://nour.example/a;WWW.phish.com":          "https://nour.example/a;WWW\u2060.\u2060phish\u2060.\u2060com",
		"nour.com:https://phish.com":                    "nour.com:phish\u2060.\u2060com",
		"https://nour.example:https://phish.com":        "https://nour.example:phish\u2060.\u2060com",
		"nour.com/?a=1#,https://phish.com":              "nour.com/?a=1#,phish\u2060.\u2060com",
		"nour.com/#www.phish.com":                       "nour.com/#www\u2060.\u2060phish\u2060.\u2060com",
		"nour.com/,https://nour.example/,www.phish.com": "nour.com/,https://nour.example/,www\u2060.\u2060phish\u2060.\u2060com",
		"Node.js/phish.com":                             "Node.js/phish\u2060.\u2060com",
		"https://nour.example/?to=https://phish.com":    "https://nour.example/?to=https://phish.com",
		"https://www.nour.example/a//b,www.nour.com":    "https://www.nour.example/a//b,www.nour.com",
		// spaces and characters nobody sees
		"https://nour.example/\u3000phish.com":    "https://nour.example/\u3000phish\u2060.\u2060com",
		"nour.com/\u00a0phish.com":                "nour.com/\u00a0phish\u2060.\u2060com",
		"nour.com/\u2028phish.com":                "nour.com/\u2028phish\u2060.\u2060com",
		"\u2068nour.com/\u2069phish.com":          "\u2068nour.com/\u2069phish\u2060.\u2060com",
		"nour.com?\u200bphish.com":                "nour.com?\u200bphish\u2060.\u2060com",
		"https://\u3000@nour.com":                 "https://\u3000@nour.com",
		"and//or, 24//7, 1.5.2, v2.0, 12.11.2026": "and//or, 24//7, 1.5.2, v2.0, 12.11.2026",
	} {
		require.Equal(t, want, f.harmless(text), text)
		require.Empty(t, f.foreign(f.harmless(text)), "%s: nothing is left", text)
		require.Equal(t, f.foreign(text) == nil, f.harmless(text) == text, text)
	}
}

// The shared sender's mails lead to the shop's own places only, however an address comes into them.
func TestSharedMailsNameNoForeignAddress(t *testing.T) {
	f := factsOf(campaign.Definition{Class: gate.Marketing, Topic: "news"}, "en")
	f.LinkHosts = []string{"nour.example"}
	f.Person.FirstName, f.Order.Detail.Lines[0].Title = "evil.com", "Win at www.phish.com"
	f.Shop.Settings.Brand.Footer = map[string]string{"en": "https://phish.com/login"}
	f.Shop.Settings.PostalAddress = "phish.com\nTown"
	f.Shop.Settings.Social = commerce.Social{Instagram: "https://instagram.com/x"}
	text, err := Compile("en", campaign.Email{Subject: "See https://phish.com", Preheader: "phish.com", Blocks: []campaign.Block{
		{Kind: campaign.BlockHeading, Text: "phish.com"},
		{Kind: campaign.BlockText, Text: "{{ greeting }} Pay at https://phish.com/pay"},
		{Kind: campaign.BlockRich, Text: `<p><a href="https://phish.com/a">phish.com</a> or <a href="mailto:x@phish.com?bcc=all@phish.com">write</a></p>`},
		{Kind: campaign.BlockLines},
		{Kind: campaign.BlockShare},
	}})
	require.NoError(t, err)
	m, err := text.Render(f)
	require.NoError(t, err)
	for name, part := range map[string]string{"subject": m.Subject, "html": m.HTML, "text": m.Text} {
		for _, host := range []string{"phish.com/", "www.phish.com", "evil.com", " phish.com", ">phish.com", "?bcc"} {
			require.NotContains(t, part, host, "%s: %s", name, host)
		}
		require.False(t, strings.HasPrefix(part, "phish.com"), name)
	}
	require.Contains(t, m.Text, "pay", "it can still be read")
}

// Whatever is written as an address, in whatever place, none that may not be linked
// is left, and who looks at the mail before it goes is told.
func TestNoForeignAddressIsLeftAnywhere(t *testing.T) {
	for _, typed := range []string{
		"https://phish.com/pay?a=1&b=2", "www.phish.com", "phish.co.uk", "//phish.com", "http://203.0.113.5/x", "https://nour.example@phish.com", "a@https://phish.com", "x.github.io", "phish\u3002com", "موقع.شبكة", "see:phish.com;", "<b>phish.com</b>", "&#112;hish.com", "phish&#46;com", `https://phish.com\@nour.example/`, "nour.example/,https://phish.com/x", "nour.example/\u3000phish.com", "\u2068nour.example/\u2069phish.com", "\"phish.com\"",
	} {
		f := factsOf(campaign.Definition{Class: gate.Service, Topic: "reviews"}, "en")
		f.LinkHosts = []string{"nour.example", "flywheel.example"}
		f.Person.FirstName, f.Shop.Name, f.Order.Detail.Name = typed, typed, typed
		f.Order.Detail.Lines[0].Title, f.Order.Detail.Lines[0].Variant = typed, typed
		f.Shop.Settings.PostalAddress, f.Shop.Settings.StoreURL = typed, typed
		f.Shop.Settings.Contact = commerce.Contact{Phone: "+966 50 123 4567 " + typed, WhatsApp: typed, Chat: typed, Meeting: typed}
		f.Shop.Settings.Brand.Footer = map[string]string{"en": typed}
		m, err := compiled(t, "en", campaign.Email{Subject: "A " + typed, Preheader: typed, Blocks: []campaign.Block{
			{Kind: campaign.BlockHeading, Text: typed},
			{Kind: campaign.BlockText, Text: "{{ greeting }} {{ order.summary | upcase }} " + typed + "\n" + typed},
			{Kind: campaign.BlockRich, Text: `<p><a href="https://nour.example/">` + typed + `</a> {{ order.first_item | raw }} {{ shop.address | newline_to_br }}</p>`},
			{Kind: campaign.BlockLines},
			{Kind: campaign.BlockButton, Button: &campaign.Button{Label: typed, URL: "https://nour.example/x"}},
			{Kind: campaign.BlockButton, Button: &campaign.Button{Label: "x", URL: "https://phish.com/", Otherwise: typed}},
			{Kind: campaign.BlockImage, Image: "https://phish.com/x.png", Alt: typed},
			{Kind: campaign.BlockContact},
			{Kind: campaign.BlockShare},
			{Kind: campaign.BlockFooter, Text: typed},
		}}).Render(f)
		require.NoError(t, err, typed)
		texts := []string{m.Subject, m.Text}
		page, err := html.Parse(strings.NewReader(m.HTML))
		require.NoError(t, err)
		eachNode(page, func(n *html.Node) {
			if n.Type == html.TextNode && !insideOf(n, "head") {
				texts = append(texts, n.Data)
			}
			if n.Type == html.ElementNode {
				to, _ := url.QueryUnescape(attrOf(n, "href") + attrOf(n, "src"))
				require.NotContains(t, to, "phish", typed)
			}
		})
		for _, text := range texts {
			for _, at := range f.foreign(text) {
				t.Errorf("%q left %q", typed, text[at[0]:at[1]])
			}
		}
		for _, found := range Check(m, Checked{Class: gate.Service, LinkHosts: f.LinkHosts}) {
			switch found.Check {
			case CheckTyped:
				require.Equal(t, CheckLook, found.State, "%s", typed)
				require.NotContains(t, strings.Join(found.Details, ""), joiner)
			case CheckLinks:
				require.Equal(t, CheckOK, found.State, "%s %v", typed, found.Details)
			}
		}
	}
}

// Who looks at a mail is told the address alone, not the words that only a space of
// another script or an isolate sets off from it.
func TestATypedAddressIsToldWithoutWhatStandsAroundIt(t *testing.T) {
	f := Facts{LinkHosts: []string{"nour.example"}}
	for typed, want := range map[string]string{
		"https://nour.example/\u3000phish.com\u3000now": "phish.com",
		"see\u00a0www.phish.com/a":                      "www.phish.com/a",
		"\u2068phish.co.uk\u2069x":                      "phish.co.uk",
		"nour.example/,https://phish.com/x":             "nour.example/,phish.com/x",
	} {
		found := checkTyped(Message{Text: f.harmless(typed)}, &html.Node{}, f.LinkHosts)
		require.Equal(t, CheckLook, found.State, typed)
		require.Equal(t, []string{want}, found.Details, typed)
	}
}

// A word may be as long as a mail: each part of it is looked at once.
func BenchmarkForeignLongWord(b *testing.B) {
	f := Facts{LinkHosts: []string{"nour.example"}}
	for name, part := range map[string]string{"none": "Node.js/", "home": "https://nour.example/,", "users": "//a:@"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				f.foreign(strings.Repeat(part, 5000))
			}
		})
	}
}
