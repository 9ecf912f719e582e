package server

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"flywheel/commerce"
	"flywheel/templates"
)

// languageNames are the languages that mails are written in, by their own names.
var languageNames = map[string]string{"en": "English", "ar": "العربية", "fa": "فارسی"}

// brandChoices are how the shop's messages look, and how it is reached.
func brandChoices(shop commerce.Shop) []fieldset {
	footers := []choice{}
	tags := slices.Concat(templates.Languages(), shop.Settings.Languages, slices.Collect(maps.Keys(shop.Settings.Brand.Footer)))
	slices.Sort(tags)
	for _, tag := range slices.Compact(tags) {
		footers = append(footers, footerChoice(tag))
	}
	return []fieldset{
		{"logo", []choice{
			textOf("brand.logo", "url", "https://shop.example/logo.png", func(s *commerce.Settings) *string { return &s.Brand.Logo }),
			countOf("brand.logo_width", "140", func(s *commerce.Settings) *int { return &s.Brand.LogoWidth }),
			pickOf("brand.font", func(s *commerce.Settings) *string { return &s.Brand.Font }, "", "sans", "serif", "rounded"),
		}},
		{"colours", []choice{
			textOf("brand.accent", "colour", "#1a7f5a", func(s *commerce.Settings) *string { return &s.Brand.Accent }),
			textOf("brand.page", "colour", "#f4f4f5", func(s *commerce.Settings) *string { return &s.Brand.Page }),
		}},
		{"footer", append(footers, textOf("postal_address", "area", "", func(s *commerce.Settings) *string { return &s.PostalAddress }))},
		{"contact", []choice{
			textOf("contact.phone", "phone", "+966 11 123 4567", func(s *commerce.Settings) *string { return &s.Contact.Phone }),
			textOf("contact.whatsapp", "phone", "+966 50 123 4567", func(s *commerce.Settings) *string { return &s.Contact.WhatsApp }),
			textOf("contact.chat", "url", "https://shop.example/chat", func(s *commerce.Settings) *string { return &s.Contact.Chat }),
			textOf("contact.meeting", "url", "https://shop.example/meet", func(s *commerce.Settings) *string { return &s.Contact.Meeting }),
			textOf("review_url", "url", "https://shop.example/reviews", func(s *commerce.Settings) *string { return &s.ReviewURL }),
			textOf("store_url", "url", "https://shop.example/", func(s *commerce.Settings) *string { return &s.StoreURL }),
		}},
		{"social", []choice{
			textOf("social.instagram", "url", "https://instagram.com/shop", func(s *commerce.Settings) *string { return &s.Social.Instagram }),
			textOf("social.facebook", "url", "https://facebook.com/shop", func(s *commerce.Settings) *string { return &s.Social.Facebook }),
			textOf("social.x", "url", "https://x.com/shop", func(s *commerce.Settings) *string { return &s.Social.X }),
			textOf("social.tiktok", "url", "https://tiktok.com/@shop", func(s *commerce.Settings) *string { return &s.Social.TikTok }),
			textOf("social.youtube", "url", "https://youtube.com/@shop", func(s *commerce.Settings) *string { return &s.Social.YouTube }),
			textOf("social.telegram", "url", "https://t.me/shop", func(s *commerce.Settings) *string { return &s.Social.Telegram }),
		}},
	}
}

func footerChoice(tag string) choice {
	name := "brand.footer." + tag
	shown := languageNames[tag]
	if shown == "" {
		shown = isolated(tag)
	}
	return choice{
		name: name, kind: "area", words: "brand_footer", label: map[string]string{"Language": shown},
		get: func(s commerce.Settings) url.Values { return one(name, s.Brand.Footer[tag]) },
		set: func(s *commerce.Settings, form url.Values) string {
			text := strings.TrimSpace(strings.ReplaceAll(form.Get(name), "\r\n", "\n"))
			if text == "" {
				delete(s.Brand.Footer, tag)
				return ""
			}
			if s.Brand.Footer == nil {
				s.Brand.Footer = map[string]string{}
			}
			s.Brand.Footer[tag] = text
			return ""
		},
	}
}

func brandSays(lang string, shop commerce.Shop) string {
	b := shop.Settings.Brand
	var says []string
	if b.Logo != "" {
		says = append(says, templates.Say(lang, "settings_says_logo", nil))
	}
	if b.Accent != "" {
		says = append(says, templates.Say(lang, "settings_says_accent", map[string]string{"Colour": isolated(b.Accent)}))
	}
	if len(says) == 0 {
		return templates.Say(lang, "settings_says_plain", nil)
	}
	return joined(lang, says)
}

var colourForm = regexp.MustCompile(`^#[0-9A-Fa-f]{6}$`)

// Contrasts of a button on white: from goodSeen on it is seen well (WCAG 2.2,
// 1.4.11), below minSeen settings are refused.
const (
	goodSeen = 3
	minSeen  = 1.25
)

// lookOf shows the colours of a form, or those that are being tried.
func lookOf(values, tried url.Values) *templates.SettingsLook {
	colour := func(name, other string) string {
		for _, from := range []url.Values{tried, values} {
			if text := strings.TrimSpace(templates.Western(from.Get(name))); colourForm.MatchString(text) {
				return text
			}
			if from.Has(name) {
				return other
			}
		}
		return other
	}
	l := templates.SettingsLook{Accent: colour("brand.accent", "#1f2937"), Page: colour("brand.page", "#f4f4f5"), Ink: "#ffffff", Says: "good"}
	if templates.Contrast(l.Accent, "#000000") > templates.Contrast(l.Accent, "#ffffff") {
		l.Ink = "#000000"
	}
	seen := templates.Contrast(l.Accent, "#ffffff")
	switch {
	case seen < minSeen:
		l.Says = "unseen"
	case seen < goodSeen:
		l.Says = "weak"
	}
	l.Ratio = fmt.Sprintf("%.1f:1", seen)
	return &l
}

// languageChoices are in which languages and signs the shop writes.
func languageChoices(shop commerce.Shop) []fieldset {
	out := []fieldset{
		{"tongues", []choice{tongueChoice(), moreTongues()}},
		{"digits", []choice{
			pickOf("digits", func(s *commerce.Settings) *commerce.Digits { return &s.Digits }, "", "latin", "native"),
			pickOf("dates", func(s *commerce.Settings) *commerce.DateCalendar { return &s.Dates }, "", "gregorian", "jalali", "umm_al_qura"),
		}},
	}
	if shop.Currency == "" || shop.Currency == "IRR" || shop.Settings.Toman {
		out[1].fields = append(out[1].fields, flagOf("toman", func(s *commerce.Settings) *bool { return &s.Toman }))
	}
	return out
}

// tongueChoice are the languages that our texts are in, moreTongues others, for
// which the shop has texts of its own.
func tongueChoice() choice {
	return choice{
		name: "languages", kind: "checks", words: "tongues", options: templates.Languages(),
		get: func(s commerce.Settings) url.Values {
			return url.Values{"languages": slices.DeleteFunc(slices.Clone(s.Languages), func(tag string) bool { return languageNames[tag] == "" })}
		},
		set: func(_ *commerce.Settings, form url.Values) string { // moreTongues takes them over
			if slices.ContainsFunc(form["languages"], func(tag string) bool { return languageNames[tag] == "" }) {
				return "language"
			}
			return ""
		},
	}
}

func moreTongues() choice {
	const name = "languages.more"
	return choice{
		name: name, kind: "language", example: "ar-SA de",
		get: func(s commerce.Settings) url.Values {
			return one(name, strings.Join(slices.DeleteFunc(slices.Clone(s.Languages), func(tag string) bool { return languageNames[tag] != "" }), " "))
		},
		set: func(s *commerce.Settings, form url.Values) string {
			wanted := slices.Concat(form["languages"], strings.FieldsFunc(form.Get(name), func(r rune) bool { return strings.ContainsRune(" ,،;\t\n", r) }))
			if slices.ContainsFunc(wanted, func(tag string) bool { return templates.Tag(tag) == "" }) {
				return "language"
			}
			s.Languages = keepOrder(wanted, s.Languages)
			return ""
		},
	}
}

// keepOrder is what is wanted: what was there before as it stood, then what is new.
func keepOrder(wanted, before []string) []string {
	place := func(tag string) int {
		if i := slices.Index(before, tag); i >= 0 {
			return i
		}
		return len(before)
	}
	return slices.SortedStableFunc(slices.Values(wanted), func(a, b string) int { return place(a) - place(b) })
}

func languageSays(lang string, shop commerce.Shop) string {
	var names []string
	for _, tag := range shop.Settings.Languages {
		if name := languageNames[tag]; name != "" {
			names = append(names, name)
		} else {
			names = append(names, isolated(tag))
		}
	}
	if len(names) == 0 {
		names = append(names, templates.Say(lang, "settings_says_locale", nil))
	}
	if shop.Settings.Digits != "" {
		names = append(names, templates.Say(lang, "settings_digits_"+string(shop.Settings.Digits), nil))
	}
	if shop.Settings.Dates != "" {
		names = append(names, templates.Say(lang, "settings_dates_"+string(shop.Settings.Dates), nil))
	}
	return joined(lang, names)
}

// isolated keeps a code from turning the line around it (Unicode LRI and PDI).
func isolated(code string) string { return "\u2066" + code + "\u2069" }

// joined lists things as its language does.
func joined(lang string, all []string) string {
	if templates.Dir(lang) == "rtl" {
		return strings.Join(all, "، ")
	}
	return strings.Join(all, ", ")
}
