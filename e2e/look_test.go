package e2e

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Every page that the server has, in English and Arabic, light and dark, the main
// ones on a phone too, and the states that an address alone does not show: axe
// finds nothing serious. A first load stays below 150 KB, and what people feel
// within Built for Shopify's limits on a slow processor, framed and alone.
func TestLook(t *testing.T) {
	w := startWorld(t)
	t.Run("axe", func(t *testing.T) {
		said := runNode(t, "axe.mjs", "BASE="+w.URL)
		t.Log(said)
		require.Regexp(t, `(?m)^\d{3} pages, \d{3} looks, 0 serious findings`, said)
	})
	t.Run("vitals", func(t *testing.T) {
		said := runNode(t, "vitals.mjs", "BASE="+w.URL)
		t.Log(said)
		require.Contains(t, said, "framed ar p75")
	})
}
