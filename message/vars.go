package message

import (
	"cmp"
	"net/url"
	"strings"
	"unicode"

	"flywheel/commerce"
	"flywheel/templates"
)

// Bounds, in characters, of what strangers type: long enough for what is meant,
// short enough that no mail is filled with something else.
const (
	maxName  = 40
	maxShop  = 80
	maxOrder = 40
	maxTitle = 120
	maxURL   = 2048
)

// reader is how one person reads: the language of the text, and the country
// whose digits and currency signs the shop's customers know.
type reader struct{ lang, country string }

// readerOf takes the region from the language tag ("ar-EG"), else from the
// shop: the shop chose how its prices look.
func readerOf(lang string, f Facts) reader {
	if tag := templates.Tag(Language(f)); templates.Base(tag) == templates.Base(lang) {
		lang = tag
	}
	return reader{cmp.Or(lang, "en"), f.Shop.Country}
}

func (r reader) name(s string, limit int) string {
	return templates.Isolate(r.lang, templates.Clean(s, limit))
}

func (r reader) code(s string, limit int) string {
	return templates.IsolateLTR(r.lang, templates.Clean(s, limit))
}

func (r reader) number(n int64) string { return templates.Number(r.lang, r.country, n) }

func (r reader) money(m commerce.Money) string {
	if m.Currency == "" {
		return ""
	}
	return templates.IsolateLTR(r.lang, templates.Money(r.lang, r.country, m.Amount, m.Currency, commerce.Exponent(m.Currency)))
}

func (r reader) say(key string, pairs ...string) string {
	var data map[string]string
	if len(pairs) > 0 {
		data = map[string]string{}
	}
	for i := 1; i < len(pairs); i += 2 {
		data[pairs[i-1]] = pairs[i]
	}
	return templates.Say(r.lang, key, data)
}

// variables are the values of Variables for one message.
func variables(r reader, f Facts, kept []commerce.Line) map[string]any {
	first := r.name(firstName(f.Person.FirstName), maxName)
	greeting := r.say("greeting_plain")
	if first != "" {
		greeting = r.say("greeting", "Name", first)
	}
	order := map[string]any{}
	if o := f.Order; o != nil {
		var pieces int64
		for _, line := range kept {
			pieces += line.Current
		}
		order["name"] = r.code(o.Detail.Name, maxOrder)
		order["total"] = r.money(o.Detail.Total)
		order["items"] = r.number(pieces)
		order["first_item"], order["summary"] = r.summary(kept)
	}
	return map[string]any{
		"greeting": greeting,
		"person":   map[string]any{"first_name": first},
		"shop": map[string]any{
			"name":       r.name(f.Shop.Name, maxShop),
			"email":      r.code(f.Shop.Email, 254),
			"review_url": webAddress(f.Shop.Settings.ReviewURL),
			"url":        webAddress(f.Shop.Settings.StoreURL),
		},
		"order":   order,
		"product": r.product(f),
	}
}

// product is what is new, with its page where one is known.
func (r reader) product(f Facts) map[string]any {
	if f.Product == nil {
		return map[string]any{}
	}
	return map[string]any{"title": r.name(f.Product.Title, maxTitle), "url": webAddress(f.Product.Link(f.Shop.Settings))}
}

// summary names what was bought: the first product, and the first with how many more.
func (r reader) summary(kept []commerce.Line) (first, all string) {
	if len(kept) == 0 {
		return "", ""
	}
	first = r.name(kept[0].Title, maxTitle)
	more := int64(len(kept) - 1)
	if first == "" || more == 0 {
		return first, first
	}
	return first, templates.Count(r.lang, r.country, "summary_more", more, map[string]string{"Title": first})
}

// firstName returns a name to greet with, "" for what is none: shops' forms are
// also filled with dots, phone numbers, and advertising for other sites.
func firstName(name string) string {
	name = strings.TrimSpace(name)
	if len(name) > 10*maxName || strings.ContainsAny(name, "/@:<>{}") || strings.Contains(strings.ToLower(name), "www.") {
		return ""
	}
	for _, r := range name {
		if unicode.IsLetter(r) {
			return name
		}
	}
	return ""
}

// webAddress returns an absolute http or https URL as it is, else "".
func webAddress(s string) string {
	s = strings.TrimSpace(s)
	if len(s) > maxURL || strings.ContainsAny(s, " \t\r\n\"<>\\") {
		return ""
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	return s
}
