package templates

import (
	"fmt"
	"math"
	"strconv"
)

// Contrast is how far two colours such as "#1a7f5a" stand apart, from 1 to 21: the
// contrast ratio of WCAG 2.2 (w3.org/TR/WCAG22/#dfn-contrast-ratio). What is no
// such colour counts as black.
func Contrast(a, b string) float64 {
	x, _ := parseRGB(a)
	y, _ := parseRGB(b)
	return contrast(x, y)
}

// rgb is a colour, each part 0 to 1.
type rgb [3]float64

func parseRGB(text string) (c rgb, ok bool) {
	if len(text) != 7 || text[0] != '#' {
		return c, false
	}
	n, err := strconv.ParseUint(text[1:], 16, 32)
	if err != nil {
		return c, false
	}
	for i := range c {
		c[i] = float64(n>>(16-8*i)&0xff) / 255
	}
	return c, true
}

func (c rgb) hex() string {
	part := func(v float64) int { return int(math.Round(v * 255)) }
	return fmt.Sprintf("#%02x%02x%02x", part(c[0]), part(c[1]), part(c[2]))
}

func contrast(a, b rgb) float64 {
	x, y := a.luminance(), b.luminance()
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// luminance is WCAG's relative luminance, 0 to 1 (w3.org/TR/WCAG22/#dfn-relative-luminance).
func (c rgb) luminance() float64 {
	linear := func(v float64) float64 {
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c[0]) + 0.7152*linear(c[1]) + 0.0722*linear(c[2])
}
