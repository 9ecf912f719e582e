package message

import (
	"cmp"
	"net/url"
	"strings"
	"sync"
	"time"
	"unicode"

	"flywheel/commerce"
	"flywheel/message/liquid"
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
type reader struct {
	lang, country string
	style         templates.Style // how numbers, money and dates are written for them
}

func newReader(lang string, shop commerce.Shop) reader {
	set := shop.Settings
	lang = cmp.Or(lang, "en")
	return reader{lang, shop.Country, templates.Style{
		Lang: lang, Country: shop.Country, Digits: string(set.Digits), Calendar: string(set.Dates), Toman: set.Toman, Zone: zone(shop.Timezone),
	}}
}

// readerOf takes the region from the language tag ("ar-EG"), else from the
// shop: the shop chose how its prices look.
func readerOf(lang string, f Facts) reader {
	if tag := templates.Tag(Language(f)); templates.Base(tag) == templates.Base(lang) {
		lang = tag
	}
	return newReader(lang, f.Shop)
}

// zones keeps what was read from the time zone database.
var zones sync.Map

func zone(name string) *time.Location {
	if known, ok := zones.Load(name); ok {
		return known.(*time.Location)
	}
	z, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return time.UTC
	}
	zones.Store(name, z)
	return z
}

func (r reader) name(s string, limit int) string {
	return templates.Isolate(r.lang, templates.Clean(s, limit))
}

func (r reader) code(s string, limit int) string {
	return templates.IsolateLTR(r.lang, templates.Clean(s, limit))
}

func (r reader) number(n int64) string { return r.style.Number(n) }

func (r reader) money(m commerce.Money) string {
	if m.Currency = currencyCode(m.Currency); m.Currency == "" {
		return ""
	}
	return templates.IsolateLTR(r.lang, r.style.Money(m.Amount, m.Currency, commerce.Exponent(m.Currency)))
}

// currencyCode is a code as platforms tell it, cut to what could be one.
func currencyCode(code string) string { return templates.Clean(code, 8) }

// amount is money without its currency.
func (r reader) amount(m commerce.Money) string {
	return templates.IsolateLTR(r.lang, r.style.Amount(m.Amount, m.Currency, commerce.Exponent(m.Currency)))
}

// moneyWithCode is money with the code of its currency behind it, where it is not told by it already.
func (r reader) moneyWithCode(m commerce.Money) string {
	shown := r.style.Money(m.Amount, m.Currency, commerce.Exponent(m.Currency))
	if !strings.Contains(shown, m.Currency) {
		shown += " " + m.Currency
	}
	return templates.IsolateLTR(r.lang, shown)
}

func (r reader) date(at time.Time, format string) string {
	return templates.Isolate(r.lang, r.style.Date(at, format))
}

func (r reader) count(key string, n int64, data map[string]string) string {
	return r.style.Count(key, n, data)
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
	fill := &filling{reader: r, currency: f.Shop.Currency, today: f.Now}
	if f.Order != nil {
		fill.currency = cmp.Or(f.Order.Detail.Total.Currency, fill.currency)
	}
	vars := map[string]any{
		fillingKey:    fill,
		"greeting":    greeting,
		"person":      map[string]any{"first_name": first, "language": r.lang},
		"shop":        r.shopVars(f),
		"order":       r.order(f, kept),
		"product":     r.product(f),
		"confirm_url": webAddress(f.ConfirmURL),
	}
	r.loyaltyVars(f, vars)
	if !f.Now.IsZero() {
		vars["today"] = r.moment(f.Now)
	}
	return vars
}

func (r reader) shopVars(f Facts) map[string]any {
	s := f.Shop.Settings
	return map[string]any{
		"name":         r.name(f.Shop.Name, maxShop),
		"email":        r.code(f.Shop.Email, 254),
		"review_url":   webAddress(s.ReviewURL),
		"url":          webAddress(s.StoreURL),
		"phone":        r.code(s.Contact.Phone, maxName),
		"whatsapp":     r.code(s.Contact.WhatsApp, maxName),
		"whatsapp_url": whatsApp(s.Contact.WhatsApp),
		"chat":         webAddress(s.Contact.Chat),
		"meeting":      webAddress(s.Contact.Meeting),
		"address":      func() any { return strings.Join(r.address(s), "\n") },
	}
}

// address is the shop's postal address in lines, at most six of them.
func (r reader) address(s commerce.Settings) (lines []string) {
	for line := range strings.Lines(s.PostalAddress) {
		if line = r.name(line, maxTitle); line != "" && len(lines) < 6 {
			lines = append(lines, line)
		}
	}
	return lines
}

// whatsApp is the address that opens a talk with a number, "" where there is none.
func whatsApp(number string) string {
	digits := strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' {
			return c
		}
		return -1
	}, number)
	if len(digits) < 7 || len(digits) > 15 { // ITU E.164
		return ""
	}
	return "https://wa.me/" + digits
}

// product is what is new, with its page where one is known.
func (r reader) product(f Facts) map[string]any {
	if f.Product == nil {
		return map[string]any{}
	}
	return map[string]any{
		"title": r.name(f.Product.Title, maxTitle), "url": webAddress(f.Product.Link(f.Shop.Settings)),
		"image": publicPicture(f.Product.Image), "vendor": r.name(f.Product.Vendor, maxTitle), "type": r.name(f.Product.Type, maxTitle),
	}
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
	return first, r.count("summary_more", more, map[string]string{"Title": first})
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
	s = strings.TrimSpace(liquid.Bare(s)) // a value within it may have been isolated
	if len(s) > maxURL || strings.ContainsAny(s, " \t\r\n\"<>\\") {
		return ""
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || u.User != nil || strings.ContainsFunc(s, hidden) || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	return s
}
