package commerce

import (
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Spellings that people mix meet.
func TestSpellingsMeet(t *testing.T) {
	for _, same := range [][]string{
		{"Zoë", "zoe", "ZOË", "Zoe\u0308", "ｚｏｅ"},
		{"Müller", "muller", "MULLER"},
		{"Strauß", "STRAUSS", "strauss"},
		{"İnci", "inci", "ınci"},
		{"Łukasz", "lukasz"},
		{"أحمد", "احمد", "إحمد", "آحمد", "ٱحمد", "أَحْمَد", "احـــمد", "\u200fاحمد\u200e", "\ufe8dﺣﻤﺪ"},
		{"علی", "علي", "على"},
		{"کریمی", "كريمي", "كريمى"},
		{"فاطمة", "فاطمه", "فَاطِمَة"},
		{"مؤمن", "مومن"},
		{"رائد", "رايد"},
		{"سماء", "سما"},
		{"علی\u200cرضا", "علیرضا", "علي\u200dرضا"},
		{"۱۲۳", "١٢٣", "123", "１２３"},
	} {
		for _, one := range same {
			require.Equal(t, Fold(same[0]), Fold(one), "%s and %s", same[0], one)
		}
	}
	for _, apart := range [][2]string{{"احمد", "محمد"}, {"ada", "adam"}, {"علي", "عالي"}, {"نوره", "نور"}} {
		require.NotEqual(t, Fold(apart[0]), Fold(apart[1]))
	}
	require.Equal(t, "a-b c_d", Fold("A-B c_D"), "signs stay")
}

func TestFoldingTwiceIsFoldingOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.OneOf(rapid.Rune(), rapid.RuneFrom([]rune("آأإاٱىيیکكةهۀؤوئء١۱1ßİıΣςÅéẛſ\u200c\u200f\u0640\u064b")))).Draw(t, "text")
		once := Fold(text)
		require.Equal(t, once, Fold(once))
		for _, r := range once {
			require.False(t, unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Cf, r), "%q", r)
		}
	})
}

// Whoever is asked for by any beginning of any word of theirs is found.
func TestWhatIsKnownIsFound(t *testing.T) {
	p := Person{FirstName: "علی\u200cرضا", LastName: "van der Müller-O'Brien", Email: "ada.lovelace+news@mail.example.com", Phone: "+966 50 123-4567"}
	words := p.Words([]Identity{{ByShopify, "8123456789012"}, {ByStripe, "cus_Ab12"}, {ByEmail, "old@nour.example"}})
	found := func(query string) bool {
		asked := SearchWords(query)
		for _, w := range asked {
			if !slices.ContainsFunc(words, func(one string) bool { return strings.HasPrefix(one, w) }) {
				return false
			}
		}
		return len(asked) > 0
	}
	for _, query := range []string{
		"علیرضا", "علی رضا", "علی\u200cرضا", "عليرضا", "رضا", "muller", "Müller", "obrien", "O'Brien", "o’brien", "vander", "der mull", "müller-o'brien",
		"ada", "lovelace", "ada.lovelace", "ada.lovelace+news@mail.example.com", "ada.lovelace+news@mail", "example.com", "@example.com", "mail.example", "علی muller ada",
		"+966 50 123 4567", "966501234567", "0501234567", "050 123", "00966501234567", "٠٥٠١٢٣٤٥٦٧", "۴۵۶۷", "(050) 123-4567",
		"8123456789012", "cus_ab12", "CUS_AB", "old@nour",
	} {
		require.True(t, found(query), "%s in %q", query, words)
	}
	for _, query := range []string{"", "  ", "+-()", "lovelace ada grace", "com", "0509", "سارا", "@"} {
		require.False(t, found(query), query)
	}
	require.Empty(t, Person{}.Words(nil))
}

func TestWordsAreBounded(t *testing.T) {
	long := strings.Repeat("x", 500)
	words := Person{FirstName: strings.Repeat("a b c d e f g h ", 100) + long, Email: long + "@" + long + ".example"}.Words(nil)
	require.LessOrEqual(t, len(words), mostWords)
	for _, w := range words {
		require.LessOrEqual(t, len([]rune(w)), wordRunes)
	}
	require.Equal(t, []string{long[:wordRunes]}, SearchWords(long), "what is cut is found by as much")
	require.Len(t, SearchWords("a b c d e f g h i j k l"), askedWords)
}

// Every word is the beginning of itself: what stands in the list is found by it.
func TestEachWordFindsItsPerson(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[a-zA-Zéøا-ي۰-۹\-' \x{200c}]{0,20}`).Draw(t, "name")
		words := Person{FirstName: name}.Words(nil)
		for _, w := range SearchWords(name) {
			digits := strings.Trim(w, "0123456789") == ""
			require.True(t, digits || slices.ContainsFunc(words, func(one string) bool { return strings.HasPrefix(one, w) }), "%q of %q in %q", w, name, words)
		}
	})
}
