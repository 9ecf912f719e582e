package manage

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/lint"
)

// What was found is asked for once, anew for anything that is different, and
// nobody changes another's.
func TestWhatIsFoundIsKept(t *testing.T) {
	var l linted
	asked := 0
	look := func(d campaign.Definition, shop commerce.Shop) []lint.Finding {
		asked++
		return []lint.Finding{{Rule: d.Name + " " + shop.Settings.ReviewURL}}
	}
	d, shop := campaign.Definition{Name: "a"}, commerce.Shop{ID: "one"}
	l.of(d, shop, look)[0].Rule = "changed"
	require.Equal(t, "a ", l.of(d, shop, look)[0].Rule)
	require.Equal(t, 1, asked)
	shop.Settings.ReviewURL = "https://example.com"
	require.Equal(t, "a https://example.com", l.of(d, shop, look)[0].Rule)
	d.Name = "b"
	require.Equal(t, "b https://example.com", l.of(d, shop, look)[0].Rule)
	shop.ID = "two"
	l.of(d, shop, look)
	require.Equal(t, 4, asked)
	for i := range lintedMost {
		l.of(campaign.Definition{Priority: i}, shop, look)
	}
	require.LessOrEqual(t, len(l.by), lintedMost)
}
