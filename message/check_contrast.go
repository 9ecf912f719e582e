package message

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/net/html"

	"flywheel/templates"
)

// What WCAG 2.2 demands between text and what lies behind it (1.4.3), for normal and for large letters.
const (
	contrastText  = 4.5
	contrastLarge = 3.0
)

// colour is red, green and blue from 0 to 255.
type colour [3]float64

var (
	colourWhite = colour{255, 255, 255}
	colourBlack = colour{}
	// colourNight is the page behind a mail that says it knows the dark; what programs take lies near.
	colourNight = colour{18, 18, 18}
)

// seen is how text at a place looks.
type seen struct {
	text, behind colour
	px           float64
	bold, hidden bool
}

// checkContrast finds text that is hard to read on what lies behind it, in the
// light and in the dark. Mails that do not know the dark are inverted by mail
// programs as they like and not judged there.
func checkContrast(page *html.Node) Finding {
	rules := rulesOf(page)
	var details []string
	schemes := []bool{false}
	if knowsDark(page, rules) {
		schemes = append(schemes, true)
	}
	for _, dark := range schemes {
		start := seen{text: colourBlack, behind: colourWhite, px: 16}
		if dark {
			start.text, start.behind = colourWhite, colourNight
		}
		walkContrast(page, rules, dark, start, func(at seen, words string) {
			want, got := contrastText, templates.Contrast(at.text.String(), at.behind.String())
			if at.px >= 24 || at.bold && at.px >= 18.66 {
				want = contrastLarge
			}
			if got < want-0.005 { // as people round it
				details = append(details, fmt.Sprintf("%s: %s / %s, %.1f:1 (%s)", shortened(words, 40), at.text, at.behind, got, scheme(dark)))
			}
		})
	}
	return faults(CheckContrast, CheckBad, details)
}

func scheme(dark bool) string {
	if dark {
		return "dark"
	}
	return "light"
}

func shortened(text string, limit int) string {
	if runes := []rune(text); len(runes) > limit {
		return string(runes[:limit-1]) + "…"
	}
	return text
}

// knowsDark reports whether a mail says how it looks in the dark.
func knowsDark(page *html.Node, rules []cssRule) bool {
	knows := false
	for _, r := range rules {
		knows = knows || r.dark
	}
	eachNode(page, func(n *html.Node) {
		if n.Type == html.ElementNode && n.Data == "meta" && attrOf(n, "name") == "color-scheme" {
			knows = knows || strings.Contains(attrOf(n, "content"), "dark")
		}
	})
	return knows
}

// walkContrast tells of each piece of text that can be seen.
func walkContrast(n *html.Node, rules []cssRule, dark bool, at seen, tell func(seen, string)) {
	switch n.Type {
	case html.TextNode:
		if words := strings.Join(strings.Fields(n.Data), " "); !at.hidden && !blank(words) {
			tell(at, words)
		}
		return
	case html.ElementNode:
		switch n.Data {
		case "head", "style", "script", "title":
			return
		}
		at = at.with(lookOf(n, rules, dark), n.Data)
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		walkContrast(c, rules, dark, at, tell)
	}
}

// with is how text looks inside an element.
func (s seen) with(style map[string]string, element string) seen {
	if element == "h1" || element == "h2" || element == "b" || element == "strong" || element == "th" {
		s.bold = true
	}
	if c, ok := colourOf(style["color"]); ok {
		s.text = c
	}
	for _, name := range []string{"background", "background-color"} { // the second is the more exact
		for _, word := range strings.Fields(style[name]) {
			if c, ok := colourOf(word); ok {
				s.behind = c
			}
		}
	}
	if px, err := strconv.ParseFloat(strings.TrimSuffix(style["font-size"], "px"), 64); err == nil && strings.HasSuffix(style["font-size"], "px") {
		s.px = px
	}
	switch w := style["font-weight"]; w {
	case "":
	case "bold", "bolder":
		s.bold = true
	default:
		n, err := strconv.Atoi(w)
		s.bold = err == nil && n >= 700
	}
	zero := func(name string) bool { v := style[name]; return v == "0" || v == "0px" }
	if style["display"] == "none" || style["visibility"] == "hidden" || zero("max-height") || zero("opacity") || zero("font-size") || style["font-size"] == "1px" {
		s.hidden = true
	}
	return s
}

// colourOf reads #rgb, #rrggbb, rgb() and two names; false = it says none that is known.
func colourOf(text string) (c colour, ok bool) {
	switch text = strings.TrimSpace(text); {
	case text == "white":
		return colourWhite, true
	case text == "black":
		return colourBlack, true
	case strings.HasPrefix(text, "rgb("):
		parts := strings.FieldsFunc(strings.Trim(text[3:], "()"), func(r rune) bool { return r == ',' || r == ' ' })
		for i := range min(3, len(parts)) {
			c[i], _ = strconv.ParseFloat(parts[i], 64)
		}
		return c, len(parts) == 3
	case strings.HasPrefix(text, "#"):
		hex := text[1:]
		if len(hex) == 3 {
			hex = string([]byte{hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]})
		}
		n, err := strconv.ParseUint(hex, 16, 32)
		return colour{float64(n >> 16 & 255), float64(n >> 8 & 255), float64(n & 255)}, err == nil && len(hex) == 6
	}
	return c, false
}

func (c colour) String() string { return fmt.Sprintf("#%02x%02x%02x", int(c[0]), int(c[1]), int(c[2])) }
