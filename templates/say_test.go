package templates

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/stretchr/testify/require"
)

func locales(t *testing.T) map[string]map[string]any {
	all := map[string]map[string]any{}
	for _, lang := range languages {
		all[lang] = map[string]any{}
		for _, name := range localeFiles(lang) {
			var m map[string]any
			require.NoError(t, yaml.Unmarshal(read(name), &m), name)
			for key, value := range m {
				require.NotContains(t, all[lang], key, "%s says it twice", name)
				all[lang][key] = value
			}
		}
	}
	return all
}

var variable = regexp.MustCompile(`\{\{\.\w+\}\}`)

func TestNoStringIsMissing(t *testing.T) {
	forms := map[string][]string{
		"en": {"one", "other"}, "fa": {"one", "other"},
		"ar": {"few", "many", "one", "other", "two", "zero"},
	}
	all := locales(t)
	for lang, strings := range all {
		require.ElementsMatch(t, slices.Collect(maps.Keys(all["en"])), slices.Collect(maps.Keys(strings)), lang)
		for key, value := range strings {
			plural, isPlural := value.(map[string]any)
			_, wantPlural := all["en"][key].(map[string]any)
			require.Equal(t, wantPlural, isPlural, "%s %s", lang, key)
			if isPlural {
				require.ElementsMatch(t, forms[lang], slices.Collect(maps.Keys(plural)), "%s %s", lang, key)
				continue
			}
			require.NotEmpty(t, value, "%s %s", lang, key)
			want := variable.FindAllString(all["en"][key].(string), -1)
			require.ElementsMatch(t, want, variable.FindAllString(value.(string), -1), "%s %s has other variables than en", lang, key)
		}
	}
}

func TestRightToLeftStringsHoldNoLatin(t *testing.T) {
	latin := regexp.MustCompile(`[A-Za-z]`)
	named := regexp.MustCompile(`\b(Flywheel|DNS|SPF|DKIM|DMARC|MX|TXT|CNAME|SMTP|Amazon SES|Postmark|SendGrid|Mailgun|Resend|Slack|WhatsApp)\b`) // as they stand on the pages they lead to
	for lang, strings := range locales(t) {
		if Dir(lang) == "ltr" {
			continue
		}
		for key, value := range strings {
			texts, _ := value.(map[string]any)
			if text, ok := value.(string); ok {
				texts = map[string]any{"other": text}
			}
			for form, text := range texts {
				require.False(t, latin.MatchString(named.ReplaceAllString(variable.ReplaceAllString(text.(string), ""), "")), "%s %s %s: %s", lang, key, form, text)
			}
		}
	}
}

// All six forms: 0, 1, 2, 3-10, 11-99, and 100-102 with every other hundred.
func TestArabicCounts(t *testing.T) {
	for n, want := range map[int64]string{
		0: "لا منتجات", 1: "منتج واحد", 2: "منتجان", 3: "٣ منتجات", 10: "١٠ منتجات", 11: "١١ منتجًا", 99: "٩٩ منتجًا",
		100: "١٠٠ منتج", 101: "١٠١ منتج", 102: "١٠٢ منتج", 103: "١٠٣ منتجات", 111: "١١١ منتجًا",
	} {
		require.Equal(t, want, Count("ar", "SA", "items", n, nil))
	}
	require.Equal(t, "3 منتجات", Count("ar", "AE", "items", 3, nil))
	require.Equal(t, "1 item", Count("en", "", "items", 1, nil))
	require.Equal(t, "0 items", Count("en-US", "", "items", 0, nil))
	require.Equal(t, "۳ کالا", Count("fa", "IR", "items", 3, nil))
}

func TestSayFallsBack(t *testing.T) {
	require.Equal(t, "Hello,", Say("de", "greeting_plain", nil))
	require.Equal(t, "مرحبًا بك،", Say("ar-EG", "greeting_plain", nil))
	require.Equal(t, "Hello Ada,", Say("en", "greeting", map[string]string{"Name": "Ada"}))
	require.Equal(t, "no_such_key", Say("en", "no_such_key", nil))
	require.True(t, strings.Contains(Say("ar", "contact", map[string]string{"Email": "a@b.c"}), "a@b.c"))
	require.Equal(t, "Hello {{.Name}},", Say("en", "greeting", map[string]string{"Name": "{{.Name}}"}), "values are not read again")
	require.Equal(t, "Hello ,", Say("en", "greeting", nil))
	require.False(t, Known("topic_unheard_of"))
	require.True(t, Known("topic_reviews"))
}

func BenchmarkSay(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Say("ar", "greeting", map[string]string{"Name": "سارة"})
	}
}
