package templates

import (
	"cmp"
	"maps"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/nicksnyder/go-i18n/v2/i18n"
)

// The digits and calendars a Style may ask for. Empty stands for what CLDR has
// for the language and country.
const (
	DigitsLatin  = "latin"  // 0123456789
	DigitsNative = "native" // Arabic-Indic in Arabic, Persian in Persian

	Gregorian = "gregorian"
	Jalali    = "jalali"
	UmmAlQura = "umm_al_qura"
)

// Style is how numbers, money and dates are written for one reader. Its zero
// value writes plain English and UTC.
type Style struct {
	Lang    string // tag; a region in it ("ar-EG") stands above Country
	Country string // where the reader is, ISO 3166; "" = not known
	Digits  string // "", DigitsLatin or DigitsNative
	// Calendar is Gregorian, Jalali or UmmAlQura; "" is Jalali for Persian in Iran,
	// Afghanistan and where the country is not known, else Gregorian.
	Calendar string
	Toman    bool           // Iranian rials are shown as a tenth of them, in tomans
	Zone     *time.Location // in which dates are told; nil = UTC
}

// Number writes a count such as 3 or 1,200.
func (s Style) Number(count int64) string {
	n := s.numerals()
	whole, _ := decimals(count, 0, "")
	var b strings.Builder
	if count < 0 {
		b.WriteString(n.minus)
	}
	n.write(&b, whole, "")
	return b.String()
}

// Money writes an amount of minor units, with exponent decimals, as people of
// that language and country read it (CLDR 48). Where a currency is shown with
// fewer decimals than it has (IRR, LBP) empty ones are left out; no part of an
// amount is ever hidden.
func (s Style) Money(amount int64, currency string, exponent int) string {
	lang, country := locale(s.Lang, s.Country)
	n := s.numerals()
	if currency == "EUR" && lang == "en" && (n.behind || country == "CH") {
		n = english // CLDR has it so: there English writes the euro as in Ireland, and only the euro
	}
	sign := cmp.Or(regional[lang+"-"+country][currency], symbols[lang][currency], currency)
	whole, fraction := decimals(amount, exponent, currency)
	if s.tomans(currency) {
		whole, fraction = tomans(amount, exponent)
		n, sign = n.tomans(lang)
	}
	var b strings.Builder
	b.Grow(48)
	n.money(&b, amount < 0, whole, fraction, sign)
	return b.String()
}

// Amount writes an amount as Money does, without the currency.
func (s Style) Amount(amount int64, currency string, exponent int) string {
	whole, fraction := decimals(amount, exponent, currency)
	if s.tomans(currency) {
		whole, fraction = tomans(amount, exponent)
	}
	n := s.numerals()
	var b strings.Builder
	if amount < 0 {
		b.WriteString(n.minus)
	}
	n.write(&b, whole, fraction)
	return b.String()
}

// Say returns a fixed string, as the function Say does.
func (s Style) Say(key string, data map[string]string) string { return Say(s.Lang, key, data) }

// Count returns a string with plural forms for n, which stands in it as
// {{.Number}} in the reader's digits; data may hold more.
func (s Style) Count(key string, n int64, data map[string]string) string {
	values := map[string]string{"Number": s.Number(n)}
	maps.Copy(values, data)
	text, err := loaded().localizers[Language(s.Lang)].Localize(&i18n.LocalizeConfig{
		MessageID: key, TemplateData: values, PluralCount: n,
	})
	if err != nil && text == "" {
		return key
	}
	return text
}

// numerals picks the signs by language and country, and the shop's digits over both.
func (s Style) numerals() numerals {
	lang, country := locale(s.Lang, s.Country)
	n := numeralsOf(lang, country)
	switch {
	case s.Digits == DigitsNative && lang == "ar":
		return arabicDigits
	case s.Digits == DigitsLatin && lang == "ar" && n.zero != '0':
		return arabicLatin
	case s.Digits == DigitsLatin && lang == "fa":
		n.zero, n.group, n.decimal = '0', ",", "."
	}
	return n
}

// tomans reports whether an amount is told in tomans, as people in Iran do.
func (s Style) tomans(currency string) bool { return s.Toman && currency == "IRR" }

// tomans splits a tenth of an amount of rials, without empty decimals.
func tomans(amount int64, exponent int) (whole, fraction string) {
	whole, fraction = decimals(amount, max(exponent, 0)+1, "")
	return whole, strings.TrimRight(fraction, "0")
}

// tomans puts the word behind the number. The mark in front keeps them in reading
// order where the price stands in text that runs from left to right.
func (n numerals) tomans(lang string) (numerals, string) {
	n.behind = true
	switch lang {
	case "ar", "fa":
		n.lead, n.minusInside = "\u200f", true
		return n, "تومان"
	}
	return n, "toman"
}

// money writes sign, number and minus in their places.
func (n numerals) money(b *strings.Builder, negative bool, whole, fraction, sign string) {
	if negative && !n.minusInside {
		b.WriteString(n.minus)
	}
	b.WriteString(n.lead)
	if !n.behind {
		b.WriteString(sign)
		if last, _ := utf8.DecodeLastRuneInString(sign); negative && n.minusInside {
			b.WriteString(n.minus)
		} else if sign != "" && (n.gap != "" || !unicode.IsSymbol(last)) {
			b.WriteString(nbsp)
		}
	} else if negative && n.minusInside {
		b.WriteString(n.minus)
	}
	n.write(b, whole, fraction)
	if n.behind {
		b.WriteString(nbsp)
		b.WriteString(sign)
	}
}
