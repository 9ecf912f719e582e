package templates

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Whatever colour a shop has, its buttons stand out and can be read, by day and by night.
func TestButtonsCanBeRead(t *testing.T) {
	colours := regexp.MustCompile(`--press:(#[0-9a-f]{6});--on-press:(#[0-9a-f]{6});`)
	rapid.Check(t, func(t *rapid.T) {
		accent := rapid.StringMatching(`#[0-9a-fA-F]{6}`).Draw(t, "accent")
		found := colours.FindAllStringSubmatch(string(BrandStyle(accent, "")), -1)
		require.Len(t, found, 2)
		for i, ground := range []rgb{lightCard, darkCard} {
			press, _ := parseRGB(found[i][1])
			ink, _ := parseRGB(found[i][2])
			require.GreaterOrEqual(t, contrast(press, ground), 2.95, "%s", accent) // rounded to 8 bits
			require.GreaterOrEqual(t, contrast(press, ink), 4.5, "%s", accent)
		}
	})
}

func TestBrandsAreHexadecimalDigits(t *testing.T) {
	require.Contains(t, BrandStyle("#0a4d3c", "#FDF6EC"), "--press:#0a4d3c;--on-press:#ffffff;--page:#fdf6ec;")
	require.NotContains(t, strings.SplitAfter(string(BrandStyle("#0a4d3c", "#fdf6ec")), "dark")[1], "--page", "the night is ours")
	for _, wrong := range []string{"", "red", "#fff", "#12345", "#1234567", "#12345g", "0a4d3c", "#}body{", "#+12345", "#0x1234"} {
		require.Empty(t, BrandStyle(wrong, wrong), wrong)
	}
	got := page(t, "error", "en", Notice{Frame{Nonce: "n", Brand: BrandStyle("#0a4d3c", "")}})
	require.Contains(t, got, "--press:#0a4d3c", "and not escaped away")
}
