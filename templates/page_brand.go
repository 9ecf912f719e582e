package templates

import "html/template"

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
