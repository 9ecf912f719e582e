package templates

import (
	"cmp"
	"strconv"
	"strings"
)

// numerals is how a language writes numbers in one country, as CLDR has it.
type numerals struct {
	zero           rune   // of the ten digits
	group, decimal string // signs between thousands and before the fraction
	lakh           bool   // groups of two above the first thousand
	lead           string // direction mark before number and currency
	minus          string
	behind         bool   // currency after the number, with a space
	gap            string // space between sign and number even where the sign is no letter
	minusInside    bool   // minus between mark or currency and number
}

const nbsp = "\u00a0"

var (
	english = numerals{zero: '0', group: ",", decimal: ".", minus: "-"}
	// Arabic with Latin digits: the Emirates, the Maghreb, and any country CLDR does not name.
	arabicLatin  = numerals{zero: '0', group: ",", decimal: ".", lead: "\u200f", minus: "\u200e-", behind: true, minusInside: true}
	arabicDigits = numerals{zero: '٠', group: "٬", decimal: "٫", lead: "\u200f", minus: "\u061c-", behind: true}
	persian      = numerals{zero: '۰', group: "٬", decimal: "٫", lead: "\u200e", minus: "\u200e\u2212"}
)

// numeralsOf picks by language and country. Browsers do the same for "ar-SA";
// for a bare "ar" they print Latin digits, and so do we.
func numeralsOf(lang, country string) numerals {
	switch lang {
	case "ar":
		switch country {
		case "BH", "DJ", "EG", "ER", "IL", "IQ", "JO", "KM", "KW", "LB", "MR", "OM", "PS", "QA", "SA", "SD", "SO", "SS", "SY", "TD", "YD", "YE":
			return arabicDigits
		case "DZ", "LY", "MA", "TN":
			n := arabicLatin
			n.group, n.decimal = ".", ","
			return n
		}
		return arabicLatin
	case "fa":
		if country == "AF" {
			n := persian
			n.lead, n.gap = "", nbsp
			return n
		}
		return persian
	}
	n := english
	switch country {
	case "AT":
		n.group, n.decimal, n.gap = ".", ",", nbsp
	case "CH":
		n.group, n.gap, n.minusInside = "'", nbsp, true
	case "CZ", "HU", "NO", "SE", "UA":
		n.group, n.decimal, n.behind = nbsp, ",", true
	case "GE":
		n.group, n.decimal, n.behind = "\u202f", ",", true
	case "DK", "PL", "RO":
		n.group, n.decimal, n.behind = ".", ",", true
	case "ID":
		n.group, n.decimal = ".", ","
	case "IN":
		n.lakh = true
	case "MV":
		n.gap = nbsp
	case "ZA":
		n.group, n.decimal = nbsp, ","
	}
	return n
}

// Money writes an amount as Style.Money does, in the digits of language and country.
func Money(lang, country string, amount int64, currency string, exponent int) string {
	return Style{Lang: lang, Country: country}.Money(amount, currency, exponent)
}

// Number writes a count such as 3 or 1,200 in the digits of language and country.
func Number(lang, country string, count int64) string {
	return Style{Lang: lang, Country: country}.Number(count)
}

func locale(lang, country string) (string, string) {
	_, region := split(lang)
	return Language(lang), strings.ToUpper(cmp.Or(region, country))
}

// decimals splits the size of an amount into the digits before and after the point.
func decimals(amount int64, exponent int, currency string) (whole, fraction string) {
	size := uint64(amount)
	if amount < 0 {
		size = -size // right for the smallest int64 too
	}
	exponent = max(0, min(exponent, 18))
	digits := strconv.FormatUint(size, 10)
	if len(digits) <= exponent {
		digits = strings.Repeat("0", exponent-len(digits)+1) + digits
	}
	whole, fraction = digits[:len(digits)-exponent], digits[len(digits)-exponent:]
	if shown, ok := shownDigits[currency]; ok && shown < exponent && strings.Trim(fraction[shown:], "0") == "" {
		fraction = fraction[:shown]
	}
	return whole, fraction
}

func (n numerals) write(b *strings.Builder, whole, fraction string) {
	for i, d := range []byte(whole) {
		if left := len(whole) - i; i > 0 && (left == 3 || left > 3 && (n.lakh && left%2 == 1 || !n.lakh && left%3 == 0)) {
			b.WriteString(n.group)
		}
		b.WriteRune(n.zero + rune(d-'0'))
	}
	if fraction != "" {
		b.WriteString(n.decimal)
	}
	for _, d := range []byte(fraction) {
		b.WriteRune(n.zero + rune(d-'0'))
	}
}
