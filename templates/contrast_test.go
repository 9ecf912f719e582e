package templates

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestContrastIsThatOfWCAG(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want float64
	}{
		{"#000000", "#ffffff", 21},
		{"#FFFFFF", "#ffffff", 1},
		{"#777777", "#ffffff", 4.478}, // the grey that just misses 4.5
		{"#767676", "#ffffff", 4.542},
		{"#ff0000", "#ffffff", 3.998},
		{"#00ff00", "#ffffff", 1.372},
		{"#0000ff", "#ffffff", 8.592},
		{"#1a7f5a", "#0b6e4f", 1.259},
		{"red", "#ffffff", 21}, // no such colour
	} {
		require.InDelta(t, c.want, Contrast(c.a, c.b), 0.001, "%s on %s", c.a, c.b)
	}
}

func TestContrastHasNoSides(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		colour := rapid.StringMatching(`#[0-9a-fA-F]{6}`)
		a, b := colour.Draw(t, "a"), colour.Draw(t, "b")
		require.Equal(t, Contrast(a, b), Contrast(b, a))
		require.InDelta(t, 11, Contrast(a, b), 10)
		c, ok := parseRGB(a)
		require.True(t, ok)
		require.Equal(t, 1.0, Contrast(a, c.hex()), "written and read again")
	})
}
