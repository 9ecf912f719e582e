package templates

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

func TestCleanKeepsWhatPeopleWriteAndNothingElse(t *testing.T) {
	for name, c := range map[string]struct{ in, want string }{
		"plain":               {"Ada Lovelace", "Ada Lovelace"},
		"trimmed":             {"  Ada  ", "Ada"},
		"spaces fold":         {"Ada   \t Lovelace", "Ada Lovelace"},
		"no line breaks":      {"Ada\r\nBcc: all@example.com", "Ada Bcc: all@example.com"},
		"no other breaks":     {"a\u2028b\u2029c\u0085d", "a b c d"},
		"no control":          {"a\x00b\x07c\x7fd\u0090e", "abcde"},
		"no overrides":        {"a\u202eb\u202ac\u202dd", "abcd"},
		"isolates stay":       {"a\u2066b\u2069c", "a\u2066b\u2069c"},
		"isolates close":      {"a\u2066b", "a\u2066b\u2069"},
		"stray end goes":      {"a\u2069b", "ab"},
		"zwnj stays":          {"می\u200cخواهم", "می\u200cخواهم"},
		"emoji stays whole":   {"👩\u200d🚀 kit", "👩\u200d🚀 kit"},
		"broken utf-8 goes":   {"a\xff\xfeb", "ab"},
		"byte order mark":     {"\ufeffAda", "Ada"},
		"liquid is only text": {"{{ shop.name }}", "{{ shop.name }}"},
	} {
		require.Equal(t, c.want, Clean(c.in, 100), name)
	}
}

func TestCleanBounds(t *testing.T) {
	require.Equal(t, "aaaaa…", Clean(strings.Repeat("a", 10_000), 5))
	require.Equal(t, "سسس…", Clean(strings.Repeat("س", 10_000), 3))
	require.Equal(t, "ab\u2066c…\u2069", Clean("ab\u2066cdefgh", 4))
	require.Equal(t, "e\u0301…", Clean("e\u0301e\u0301", 1), "an accent stays with its letter")
	require.Less(t, len(Clean("e"+strings.Repeat("\u0301", 10_000), 10)), 100, "a heap of accents is cut")
}

func FuzzClean(f *testing.F) {
	f.Add("a\u2066b\u202e\x00 {{", 10)
	f.Add("\u2069\u2068\u2068", 1)
	f.Fuzz(func(t *testing.T, text string, limit int) {
		limit = max(1, min(limit%500, 500))
		got := Clean(text, limit)
		if !utf8.ValidString(got) || strings.ContainsAny(got, "\r\n\x00\u202a\u202b\u202c\u202d\u202e") {
			t.Fatalf("%+q -> %+q", text, got)
		}
		depth := 0
		for _, r := range got {
			switch r {
			case lri, rli, fsi:
				depth++
			case pdi:
				depth--
			}
			if depth < 0 {
				t.Fatalf("%+q -> %+q: an isolate ends before it began", text, got)
			}
		}
		if depth != 0 {
			t.Fatalf("%+q -> %+q: an isolate stays open", text, got)
		}
	})
}

func TestIsolateOnlyWhereNeeded(t *testing.T) {
	require.Equal(t, "Ada", Isolate("en", "Ada"))
	require.Equal(t, "\u2068سارة\u2069", Isolate("en", "سارة"))
	require.Equal(t, "سارة", Isolate("ar", "سارة"))
	require.Equal(t, "می\u200cنا", Isolate("fa", "می\u200cنا"))
	require.Equal(t, "\u2068Ada\u2069", Isolate("ar", "Ada"))
	require.Equal(t, "\u2066#1001\u2069", IsolateLTR("ar", "#1001"))
	require.Equal(t, "#1001", IsolateLTR("en", "#1001"))
	require.Empty(t, IsolateLTR("ar", ""))
}

func TestMarkupEscapesAndIsolates(t *testing.T) {
	require.Equal(t, `&lt;b&gt;`, string(markup("<b>")))
	require.Equal(t, `طلب <bdi dir="ltr">#1001</bdi>.`, string(markup("طلب \u2066#1001\u2069.")))
	require.Equal(t, `<bdi>&lt;script&gt;</bdi>`, string(markup("\u2068<script>\u2069")))
	require.Equal(t, `a<bdi>b</bdi>`, string(markup("a\u2068b")), "what is open is closed")
	require.Equal(t, `ab`, string(markup("a\u2069b")))
}

func TestGuideSetsTheLineDirection(t *testing.T) {
	require.Equal(t, "\u200f2 × Ada", guide("rtl", "2 × Ada"))
	require.Equal(t, "سارة", guide("rtl", "سارة"))
	require.Equal(t, "Ada", guide("ltr", "Ada"))
}
