package main

import (
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/billing"
	"flywheel/templates"
)

// cells are the rows of the table below a heading of docs/app-store.md, without its head.
func cells(t *testing.T, heading string) (rows [][]string) {
	t.Helper()
	data, err := os.ReadFile("docs/app-store.md")
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(data), "\n## "+heading+"\n")
	require.True(t, found, heading)
	rest, _, _ = strings.Cut(rest, "\n## ")
	for line := range strings.Lines(rest) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "|") && !strings.HasPrefix(line, "|---") {
			var row []string
			for _, cell := range strings.Split(strings.Trim(line, "|"), "|") {
				row = append(row, strings.TrimSpace(cell))
			}
			rows = append(rows, row)
		}
	}
	return rows[1:]
}

func TestListingFitsTheForm(t *testing.T) {
	listing := cells(t, "Listing (English)")
	require.GreaterOrEqual(t, len(listing), 5)
	for _, row := range listing {
		most, err := strconv.Atoi(row[1])
		require.NoError(t, err)
		require.LessOrEqual(t, len([]rune(row[2])), most, row[0])
	}
}

// The listing's plans are those that are counted by.
func TestListedPlansAreThePlans(t *testing.T) {
	plans, err := billing.ParsePlans(templates.Plans())
	require.NoError(t, err)
	var listed, counted [][]string
	listed = cells(t, "Pricing")
	for _, p := range plans {
		orders := "any"
		if p.Orders > 0 {
			orders = strconv.FormatInt(p.Orders, 10)
		}
		counted = append(counted, []string{p.Handle, orders, strconv.Itoa(p.Trial)})
		for _, lang := range []string{"en", "ar", "fa"} {
			require.NotEmpty(t, p.Name[lang], "%s in %s", p.Handle, lang)
		}
	}
	require.Equal(t, counted, listed)
}

// Each scope that the app asks for has its reason, and no other has.
func TestScopesHaveTheirReasons(t *testing.T) {
	a := parseApp(t, appText(t))
	asked := append(strings.Split(a.Access.Scopes, ","), a.Access.Optional...)
	var explained []string
	for _, row := range cells(t, "Why each scope") {
		explained = append(explained, regexp.MustCompile("`(.+?)`").FindStringSubmatch(row[0])[1])
		require.Greater(t, len(row[1]), 10, row[0])
	}
	slices.Sort(asked)
	slices.Sort(explained)
	require.Equal(t, asked, explained)
}
