package lint

import (
	_ "embed"
	"regexp"
	"strings"
	"sync"
	"unicode"

	"github.com/goccy/go-yaml"
	"golang.org/x/text/unicode/norm"
)

//go:embed words.yaml
var wordsFile []byte

// meaning is a heading of words.yaml.
type meaning string

const (
	promotion meaning = "promotion"
	review    meaning = "review"
	ask       meaning = "ask"
	reward    meaning = "reward"
	noWayOut  meaning = "no_way_out"
	amount    meaning = "amount"
	neutral   meaning = "neutral"
	thanksFor meaning = "thanks"
	stars     meaning = "stars"
	ifHappy   meaning = "if_happy"
)

var words = sync.OnceValue(func() map[meaning]map[string]*lexicon {
	var lists map[meaning]map[string][]string
	must(yaml.UnmarshalWithOptions(wordsFile, &lists, yaml.Strict()))
	out := map[meaning]map[string]*lexicon{}
	for m, langs := range lists {
		out[m] = map[string]*lexicon{}
		for lang, list := range langs {
			out[m][lang] = newLexicon(lang, list)
		}
	}
	return out
})

func must(err error) {
	if err != nil {
		panic(err) // embedded files are checked by the tests
	}
}

// speech is a text as it is understood in its language.
type speech struct{ lang, plain string }

func listen(lang, text string) speech {
	s := speech{base(lang), plain(text)}
	for _, l := range []string{"en", s.lang} {
		s.plain = words()[neutral][l].without(s.plain)
	}
	return s
}

// has returns the first words of that meaning; "" if there are none.
func (s speech) has(m meaning) string {
	for _, l := range []string{"en", s.lang} {
		if from, to := words()[m][l].find(s.plain); from < to {
			return s.plain[from:to]
		}
	}
	return ""
}

// heard returns the first words of that meaning in a text of language lang, as
// they were understood. A linter hears each text once.
func (l *linter) heard(m meaning, lang, text string) string {
	key := lang + " " + text
	s, ok := l.said[key]
	if !ok {
		s = listen(lang, text)
		l.said[key] = s
	}
	return s.has(m)
}

func base(tag string) string {
	lang, _, _ := strings.Cut(tag, "-")
	return strings.ToLower(lang)
}

var (
	output  = regexp.MustCompile(`\{\{.*?\}\}`)
	literal = regexp.MustCompile(`"[^"]*"|'[^']*'`)
	spaces  = regexp.MustCompile(`\s+`)
)

// plain brings a text into the form that words.yaml is written for. Of Liquid
// outputs only the quoted texts are left: they are read too.
func plain(text string) string {
	text = output.ReplaceAllStringFunc(text, func(out string) string {
		return " " + strings.Join(quoted(out), " ") + " "
	})
	return strings.TrimSpace(spaces.ReplaceAllString(letters(strings.ToLower(text)), " "))
}

func quoted(out string) (texts []string) {
	for _, q := range literal.FindAllString(out, -1) {
		texts = append(texts, q[1:len(q)-1])
	}
	return texts
}

// letters gives each letter one form: without vowel signs and hamzas, Persian
// and Arabic alike, digits Western, half-spaces as spaces.
func letters(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r) || r == 'ـ':
			return -1
		case r >= '٠' && r <= '٩':
			return r - '٠' + '0'
		case r >= '۰' && r <= '۹':
			return r - '۰' + '0'
		}
		switch r {
		case 'ی', 'ى':
			return 'ي'
		case 'ک':
			return 'ك'
		case 'ة', 'ە':
			return 'ه'
		case '٪':
			return '%'
		case '’', '‘':
			return '\''
		case '\u200c', '\u00a0':
			return ' '
		case '\u200b', '\u200d', '\u200e', '\u200f', '\u00ad', '\u061c', '\u2066', '\u2067', '\u2068', '\u2069', '\ufeff':
			return -1
		}
		return r
	}, norm.NFKD.String(text))
}
