package templates

import (
	"fmt"
	"html/template"
	"math"
	"strconv"
)

// rgb is a colour, each part 0 to 1.
type rgb [3]float64

// The grounds of pages/style.css on which buttons stand, and the ink on buttons.
var (
	lightCard = rgb{1, 1, 1}
	darkCard  = rgb{0x1f / 255.0, 0x1f / 255.0, 0x1f / 255.0}
	lightInk  = rgb{1, 1, 1}
	darkInk   = rgb{} // black: one of the two can be read on any colour
)

// standsOut is the contrast that the edge of a button needs (WCAG 2.2, 1.4.11).
const standsOut = 3

// BrandStyle returns the rules that put a shop's colours, each "#rrggbb", into a
// customer page: its accent on buttons, made darker or lighter where it would not
// stand out from what it lies on, and its page colour around the card by day.
// What is no such colour changes nothing.
func BrandStyle(accent, page string) template.CSS {
	var day, night string
	if c, ok := parseRGB(accent); ok {
		day, night = pressOn(c, lightCard, darkInk), pressOn(c, darkCard, lightInk)
	}
	if c, ok := parseRGB(page); ok {
		day += "--page:" + c.hex() + ";"
	}
	style := ""
	if day != "" {
		style = "@media (prefers-color-scheme: light) { :root { " + day + " } }\n"
	}
	if night != "" {
		style += "@media (prefers-color-scheme: dark) { :root { " + night + " } }\n"
	}
	return template.CSS(style) // of hexadecimal digits alone
}

// pressOn says the colours of a button on a ground, moved toward the other end where it needs that.
func pressOn(c, ground, toward rgb) string {
	for step := 0; contrast(c, ground) < standsOut && step < 20; step++ {
		for i := range c {
			c[i] += (toward[i] - c[i]) / 8
		}
	}
	ink := lightInk
	if contrast(c, darkInk) > contrast(c, lightInk) {
		ink = darkInk
	}
	return "--press:" + c.hex() + ";--on-press:" + ink.hex() + ";"
}

func parseRGB(text string) (c rgb, ok bool) {
	if len(text) != 7 || text[0] != '#' {
		return c, false
	}
	n, err := strconv.ParseUint(text[1:], 16, 32)
	for i := range c {
		c[i] = float64(n>>(16-8*i)&0xff) / 255
	}
	return c, err == nil
}

func (c rgb) hex() string {
	part := func(v float64) int { return int(math.Round(v * 255)) }
	return fmt.Sprintf("#%02x%02x%02x", part(c[0]), part(c[1]), part(c[2]))
}

// contrast is WCAG's ratio of two colours, 1 to 21.
func contrast(a, b rgb) float64 {
	x, y := a.luminance(), b.luminance()
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// luminance is WCAG's relative luminance, 0 to 1.
func (c rgb) luminance() float64 {
	linear := func(v float64) float64 {
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(c[0]) + 0.7152*linear(c[1]) + 0.0722*linear(c[2])
}
