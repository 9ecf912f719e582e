package manage

import (
	"cmp"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/language"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/templates"
)

// Bounds of a logo, in pixels: below it cannot be read, above it fills a phone.
const (
	minLogo = 40
	maxLogo = 400
)

// minSeen is the contrast (WCAG 2.2) below which nobody sees a button's colour on
// the white of a mail. What stands on the button is written black or white,
// whichever reads better, and one of the two always has more than 4.5.
const minSeen = 1.25

var colourForm = regexp.MustCompile(`^#[0-9A-Fa-f]{6}$`)

// brand checks how the shop's messages look and write.
func (w *wrongs) brand(s commerce.Settings) {
	b := s.Brand
	w.page("brand.logo", b.Logo)
	w.note(b.LogoWidth != 0 && (b.LogoWidth < minLogo || b.LogoWidth > maxLogo), "brand.logo_width", "%d is not a number of pixels from %d to %d", b.LogoWidth, minLogo, maxLogo)
	w.colour("brand.accent", b.Accent)
	w.colour("brand.page", b.Page)
	if colourForm.MatchString(b.Accent) {
		seen := templates.Contrast(b.Accent, "#ffffff")
		w.note(seen < minSeen, "brand.accent", "%s is so near white that nobody sees a button in it (contrast %.2f, at least %.2f is needed); take a darker one", b.Accent, seen, minSeen)
	}
	w.choice("brand.font", b.Font, "sans", "serif", "rounded")
	for _, tag := range slices.Sorted(maps.Keys(b.Footer)) {
		_, err := language.Parse(tag)
		w.note(err != nil, "brand.footer", "%q is not a language tag such as en or ar-SA", tag)
		w.text("brand.footer."+tag, b.Footer[tag])
	}
	w.choice("digits", string(s.Digits), string(commerce.DigitsLatin), string(commerce.DigitsNative))
	w.choice("dates", string(s.Dates), string(commerce.CalendarGregorian), string(commerce.CalendarJalali), string(commerce.CalendarUmmAlQura))
}

// contact checks how customers reach the shop, and its own pages elsewhere.
func (w *wrongs) contact(c commerce.Contact, s commerce.Social) {
	w.phone("contact.phone", c.Phone)
	w.phone("contact.whatsapp", c.WhatsApp)
	w.page("contact.chat", c.Chat)
	w.page("contact.meeting", c.Meeting)
	w.at("social.instagram", s.Instagram, "instagram.com")
	w.at("social.facebook", s.Facebook, "facebook.com", "fb.com", "fb.me")
	w.at("social.x", s.X, "x.com", "twitter.com")
	w.at("social.tiktok", s.TikTok, "tiktok.com")
	w.at("social.youtube", s.YouTube, "youtube.com", "youtu.be")
	w.at("social.telegram", s.Telegram, "t.me", "telegram.me")
}

func (w *wrongs) colour(field, colour string) {
	w.note(colour != "" && !colourForm.MatchString(colour), field, "%q is not a colour such as #1a7f5a", colour)
}

// choice wants one of some words, or none.
func (w *wrongs) choice(field, word string, words ...string) {
	w.note(word != "" && !slices.Contains(words, word), field, "%q is not one of %s", word, strings.Join(words, ", "))
}

var phoneForm = regexp.MustCompile(`^\+[0-9][0-9 ().-]{5,24}$`)

// phone wants a number that can be dialled from anywhere (E.164: at most 15 digits).
func (w *wrongs) phone(field, number string) {
	digits := len(number) - len(strings.Map(notDigit, number))
	w.note(number != "" && (!phoneForm.MatchString(number) || digits < 7 || digits > 15), field, "%q is not a number such as \"+966 11 123 4567\", with its quotes", number)
}

// notDigit drops digits.
func notDigit(r rune) rune {
	if r >= '0' && r <= '9' {
		return -1
	}
	return r
}

// at wants an https address on one of some hosts.
func (w *wrongs) at(field, address string, hosts ...string) {
	if address == "" {
		return
	}
	before := len(*w)
	w.page(field, address)
	if len(*w) > before {
		return
	}
	u, _ := url.Parse(address)
	host := strings.ToLower(u.Hostname())
	w.note(!slices.ContainsFunc(hosts, func(h string) bool { return host == h || strings.HasSuffix(host, "."+h) }), field, "%q is no page at %s", address, hosts[0])
}

// tomanFits refuses tomans where prices are in another currency than rials. A shop
// that has sold nothing yet may have none.
func tomanFits(settings commerce.Settings, currency string) error {
	if settings.Toman && cmp.Or(currency, "IRR") != "IRR" {
		return fault.New(fault.Invalid, "toman: the shop's prices are in %s, and only Iranian rials (IRR) are told in tomans", currency)
	}
	return nil
}
