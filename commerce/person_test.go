package commerce

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestNormalEmail(t *testing.T) {
	for address, want := range map[string]string{
		"ada@example.com":            "ada@example.com",
		"  Ada.Lovelace@EXAMPLE.com": "ada.lovelace@example.com",
		"ada+cups@example.com":       "ada+cups@example.com",
		"o'hara@example.co.uk":       "o'hara@example.co.uk",
		"ada@example.com.":           "ada@example.com",
		"ada@bücher.de":              "ada@xn--bcher-kva.de",
		"ada@BÜCHER.de":              "ada@xn--bcher-kva.de",
		"ada@xn--bcher-kva.de":       "ada@xn--bcher-kva.de",
		"آدا@مثال.إختبار":            "آدا@xn--mgbh0fb.xn--kgbechtv",
		"JOSÉ@example.com":           "josé@example.com",

		"":                                       "",
		"ada":                                    "",
		"@example.com":                           "",
		"ada@":                                   "",
		"ada@localhost":                          "",
		"ada@@example.com":                       "",
		"ada@home@example.com":                   "",
		"ada@example.com\x00":                    "",
		"a\x00da@example.com":                    "",
		"ada@example.com\r\nBcc: eve@evil.com":   "",
		"ada\r\n@example.com":                    "",
		"ada@exam\tple.com":                      "",
		"ada lovelace@example.com":               "",
		"Ada <ada@example.com>":                  "",
		"ada@example.com, eve@evil.com":          "",
		"ada@example.com;eve@evil.com":           "",
		"mailto:ada@example.com":                 "",
		`"ada"@example.com`:                      "",
		`a\da@example.com`:                       "",
		"ada@[192.0.2.1]":                        "",
		"ada@-example.com":                       "",
		"ada@exa_mple.com":                       "",
		"ada@example..com":                       "",
		"ada@.com":                               "",
		"\u202eada@example.com":                  "", // writes the rest backwards
		"a\u200bda@example.com":                  "", // nobody sees it
		"ada\u00a0@example.com":                  "",
		"ada\x7f@example.com":                    "",
		"\xff\xfe@example.com":                   "",
		strings.Repeat("a", 65) + "@example.com": "",
		"ada@" + strings.Repeat("abcdefgh.", 30) + "com": "",
		"ada@" + strings.Repeat("ü", 60) + ".de":         "", // fits only until the domain is in ASCII
	} {
		require.Equal(t, want, NormalEmail(address), "%q", address)
	}
}

func TestNormalEmailIsItsOwnNormalForm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		letters := rapid.StringOfN(rapid.RuneFrom([]rune("aZ0.+-_@ÜßİéαШ中\u202e \x00\r\n,")), 0, 30, -1)
		address := letters.Draw(t, "local") + "@" + letters.Draw(t, "domain") + rapid.SampledFrom([]string{"", ".com", ".de."}).Draw(t, "end")
		if normal := NormalEmail(address); normal != "" {
			require.Equal(t, normal, NormalEmail(normal))
			require.Equal(t, normal, NormalEmail("\n "+normal+" "))
			require.Equal(t, 1, strings.Count(normal, "@"))
			require.False(t, strings.ContainsAny(normal, "\r\n\x00 ,"), "%q", normal)
			require.LessOrEqual(t, len(normal), 254)
		}
	})
}

func TestPersonMerge(t *testing.T) {
	ada := Person{Email: "ada@example.com", FirstName: "Ada", LastName: "Byron", Language: "en", UpdatedAt: second(10)}
	for name, c := range map[string]struct {
		told    PersonFacts
		want    Person
		changed bool
	}{
		"newer wins": {
			PersonFacts{FirstName: "Ada", LastName: "Lovelace", UpdatedAt: second(11)},
			Person{Email: "ada@example.com", FirstName: "Ada", LastName: "Lovelace", Language: "en", UpdatedAt: second(11)},
			true,
		},
		"a name is taken whole": {
			PersonFacts{FirstName: "Countess", UpdatedAt: second(11)},
			Person{Email: "ada@example.com", FirstName: "Countess", Language: "en", UpdatedAt: second(11)},
			true,
		},
		"older only fills gaps": {
			PersonFacts{FirstName: "Augusta", Country: "GB", UpdatedAt: second(9)},
			Person{Email: "ada@example.com", FirstName: "Ada", LastName: "Byron", Language: "en", Country: "GB", UpdatedAt: second(10)},
			true,
		},
		"silence takes nothing away": {
			PersonFacts{UpdatedAt: second(12)},
			Person{Email: "ada@example.com", FirstName: "Ada", LastName: "Byron", Language: "en", UpdatedAt: second(12)},
			false,
		},
		"a repeat changes nothing": {
			PersonFacts{Email: "ada@example.com", FirstName: "Ada", LastName: "Byron", UpdatedAt: second(10)}, ada, false,
		},
	} {
		p := ada
		require.Equal(t, c.changed, p.Merge(c.told), name)
		require.Equal(t, c.want, p, name)
	}
}

func TestErasedPersonLearnsNothing(t *testing.T) {
	p := Person{ID: "p", Erased: true}
	require.False(t, p.Merge(PersonFacts{Email: "ada@example.com", FirstName: "Ada", UpdatedAt: noon}))
	require.Equal(t, Person{ID: "p", Erased: true}, p)
}

// Stripe counts in seconds, so bodies that tell different names may name one moment.
func TestTwoTellingsOfOneMomentEndAlike(t *testing.T) {
	word := rapid.SampledFrom([]string{"", "a", "b", "c"})
	facts := rapid.Custom(func(t *rapid.T) PersonFacts {
		return PersonFacts{
			Email: word.Draw(t, "email"), FirstName: word.Draw(t, "first"), LastName: word.Draw(t, "last"),
			Language: word.Draw(t, "language"), Country: word.Draw(t, "country"), Phone: word.Draw(t, "phone"), UpdatedAt: noon,
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		told := rapid.SliceOfN(facts, 1, 5).Draw(t, "told")
		merge := func(told []PersonFacts) (p Person) {
			for _, f := range told {
				p.Merge(f)
			}
			return p
		}
		again := rapid.SliceOf(rapid.SampledFrom(told)).Draw(t, "again")
		require.Equal(t, merge(told), merge(rapid.Permutation(append(again, told...)).Draw(t, "order")))
	})
}

func TestIdentities(t *testing.T) {
	require.Equal(t, []Identity{{ByShopify, "7"}, {ByEmail, "ada@example.com"}},
		PersonFacts{CustomerID: "7", Email: "ada@example.com", Phone: "+49 30 1"}.Identities(Shopify))
	require.Equal(t, []Identity{{ByEmail, "ada@example.com"}}, PersonFacts{Email: "ada@example.com"}.Identities(Stripe))
	require.Empty(t, PersonFacts{Phone: "+49 30 1"}.Identities(Stripe), "a phone joins nobody")
}
