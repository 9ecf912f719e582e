package privacy_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/store"
	"flywheel/templates"
)

var (
	keptFor = regexp.MustCompile(`\{"(\w+)", ".*", (.*)\},`)
	spans   = map[string]string{"keepReads": "48 hours", "30": "30 days", "395": "13 months", "760": "25 months"}
)

// The documented times are those of the code.
func TestRetentionIsDocumented(t *testing.T) {
	docs, err := os.ReadFile("../docs/privacy.md")
	require.NoError(t, err)
	source, err := os.ReadFile("../store/retention.go")
	require.NoError(t, err)
	rows := keptFor.FindAllStringSubmatch(string(source), -1)
	require.Greater(t, len(rows), 10)
	for _, row := range rows {
		line := lineOf(string(docs), row[1])
		require.NotEmpty(t, line, "docs/privacy.md does not say how long %s is kept", row[1])
		if name := regexp.MustCompile(`keep\w+`).FindString(row[2]); name != "" {
			days := regexp.MustCompile(name + `\s+= (\d+) \* 24`).FindStringSubmatch(string(source))
			want := spans[name]
			if want == "" {
				require.NotEmpty(t, days, name)
				want = spans[days[1]]
			}
			require.NotEmpty(t, want, name)
			require.Contains(t, line, want, row[1])
		}
	}
	for table := range store.HeldColumns() {
		require.NotEmpty(t, lineOf(string(docs), table), "docs/privacy.md does not name %s", table)
	}
}

// lineOf is the row of the documented table that names a database table.
func lineOf(docs, table string) string {
	for line := range strings.Lines(docs) {
		if first, _, _ := strings.Cut(strings.TrimPrefix(line, "| "), " | "); strings.HasPrefix(line, "|") && strings.Contains(first, "`"+table+"`") {
			return line
		}
	}
	return ""
}

// The page for merchants says the same in every language.
func TestThePrivacyPageHasTheSamePartsInEveryLanguage(t *testing.T) {
	shape := func(lang string) []string {
		text, err := templates.LegalText("privacy", lang)
		require.NoError(t, err)
		require.NotContains(t, text, "<script")
		return regexp.MustCompile(`</?\w+>`).FindAllString(string(text), -1)
	}
	for _, lang := range templates.Languages() {
		require.Equal(t, shape("en"), shape(lang), lang)
	}
}
