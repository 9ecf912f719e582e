package commerce

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// meets maps letters that people write for one another, once marks are off:
// the forms of alef, ya, kaf, ta marbuta and ha that Arabic and Persian
// keyboards have, and Latin letters that no decomposition takes apart.
var meets = map[rune]string{
	'ٱ': "ا", 'ٲ': "ا", 'ٳ': "ا",
	'ى': "ي", 'ی': "ي", 'ې': "ي", 'ے': "ي",
	'ک': "ك", 'ڪ': "ك",
	'ة': "ه", 'ە': "ه", 'ہ': "ه", 'ھ': "ه", 'ۃ': "ه",
	'ۋ': "و", 'ۆ': "و", 'ۇ': "و",
	'ء': "", 'ـ': "",
	'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'đ': "d", 'ð': "d", 'ł': "l", 'þ': "th", 'ħ': "h", 'ı': "i", 'ς': "σ",
}

// Fold writes a text as it is searched by, so that spellings of one word meet:
// small letters without accents or tashkeel, one form of each Arabic letter,
// hamza and tatweel out, digits as ASCII. Marks of direction and joining go, all
// else that is no letter or digit stays. Folding twice is folding once.
func Fold(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	for _, r := range norm.NFKD.String(strings.ToLower(norm.NFKD.String(text))) {
		switch {
		case r == utf8.RuneError, unicode.Is(unicode.Mn, r), unicode.Is(unicode.Cf, r):
		case unicode.IsDigit(r):
			b.WriteByte('0' + byte(digitOf(r)))
		default:
			if as, ok := meets[r]; ok {
				b.WriteString(as)
			} else {
				b.WriteRune(r)
			}
		}
	}
	return b.String()
}

// digitOf is the value of a decimal digit of any script: Unicode has each ten
// in a row, from zero on (The Unicode Standard, 4.6).
func digitOf(r rune) int {
	n := 0
	for n < 9 && unicode.IsDigit(r-rune(n)-1) {
		n++
	}
	return n % 10
}

// Words of one person or query are so many and so long at most.
const (
	mostWords  = 48
	askedWords = 8
	wordRunes  = 40
)

// SearchWords are the words that somebody types to find a person. Each is the
// beginning of a word that Words has: what stands between two spaces, without
// signs; an address is its name and its domain; a phone number is one word,
// however it is grouped.
func SearchWords(text string) []string {
	text = Fold(text)
	if number := phoneDigits(text); number != "" {
		return []string{number}
	}
	var out []string
	for _, chunk := range strings.Fields(text) {
		local, domain, _ := strings.Cut(chunk, "@")
		out = append(out, bare(local), bare(domain))
	}
	return distinct(out, askedWords)
}

// Words are the folded words by which somebody is found who is p or merged into
// p, and known by ids: of names each and all together, of addresses and of what
// platforms call them.
func (p Person) Words(ids []Identity) []string {
	var out []string
	for _, name := range []string{p.FirstName, p.LastName} {
		out = append(out, nameWords(name)...)
	}
	for _, id := range append([]Identity{{ByEmail, p.Email}, {ByPhone, p.Phone}}, ids...) {
		switch id.Kind {
		case ByEmail:
			out = append(out, addressWords(id.Value)...)
		case ByPhone:
			out = append(out, phoneWords(id.Value)...)
		default:
			out = append(out, bare(Fold(id.Value)))
		}
	}
	return distinct(out, mostWords)
}

// nameWords has each part of a name, what signs join, and all of it in one: some
// write Ali Reza, some Alireza, some with a joiner between.
func nameWords(name string) []string {
	// Joiners that fold away part words as well as hyphens do.
	apart := Fold(strings.Map(func(r rune) rune {
		if r == '\u200c' || r == '\u200d' {
			return ' '
		}
		return r
	}, name))
	out := []string{bare(apart)}
	for _, chunk := range strings.Fields(Fold(name)) {
		out = append(out, bare(chunk))
		for half := range strings.FieldsFuncSeq(chunk, func(r rune) bool { return unicode.Is(unicode.Pd, r) }) {
			out = append(out, bare(half))
		}
	}
	return append(out, strings.FieldsFunc(apart, isSign)...)
}

func addressWords(address string) []string {
	local, domain, _ := strings.Cut(Fold(address), "@")
	out := append([]string{bare(local)}, strings.FieldsFunc(local, isSign)...)
	for ; strings.Contains(domain, "."); _, domain, _ = strings.Cut(domain, ".") {
		out = append(out, bare(domain))
	}
	return out
}

// phoneWords has a number with and without what may be its country's code, which
// has at most three digits (ITU-T E.164), and its end.
func phoneWords(phone string) []string {
	digits := strings.TrimLeft(bare(Fold(phone)), "0")
	out := []string{digits}
	for i := 1; i <= 3 && len(digits)-i >= 6; i++ {
		out = append(out, strings.TrimLeft(digits[i:], "0"))
	}
	if len(digits) > 4 {
		out = append(out, digits[len(digits)-4:])
	}
	return out
}

// phoneDigits is a folded text as a phone number, without what is dialled
// before it; "" where it is none.
func phoneDigits(text string) string {
	if strings.Trim(text, "0123456789+-()./ \u00a0") != "" {
		return ""
	}
	return strings.TrimLeft(bare(text), "0")
}

func isSign(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }

// bare leaves letters and digits of a folded text.
func bare(folded string) string {
	return strings.Map(func(r rune) rune {
		if isSign(r) {
			return -1
		}
		return r
	}, folded)
}

// distinct drops doubles and empty words, cuts long ones, and keeps at most limit.
func distinct(words []string, limit int) (out []string) {
	for _, w := range words {
		if runes := []rune(w); len(runes) > wordRunes {
			w = string(runes[:wordRunes])
		}
		if w != "" && !slices.Contains(out, w) && len(out) < limit {
			out = append(out, w)
		}
	}
	return out
}
