package message

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// maxNested bounds how deep the elements of a value stand within one another: no
// words need more, and browsers and mail programs give up on very many.
const maxNested = 20

// balanced closes what a piece of clean HTML leaves open and takes out what closes
// nothing in it: the piece comes to stand within a mail, whose elements it must not end.
func balanced(piece string) string {
	var b strings.Builder
	var open []string
	closeTo := func(depth int) {
		for len(open) > depth {
			b.WriteString("</" + open[len(open)-1] + ">")
			open = open[:len(open)-1]
		}
	}
	z := html.NewTokenizer(strings.NewReader(piece))
	for {
		kind, raw := z.Next(), string(z.Raw())
		switch kind {
		case html.ErrorToken:
			closeTo(0)
			return b.String()
		case html.StartTagToken, html.SelfClosingTagToken:
			name, _ := z.TagName()
			switch {
			case string(name) == "br":
				b.WriteString(raw)
			case len(open) < maxNested: // <b/> opens it too (HTML Living Standard, 13.1.2.1)
				b.WriteString("<" + string(name) + ">")
				open = append(open, string(name))
			}
		case html.EndTagToken:
			name, _ := z.TagName()
			for depth, o := range slices.Backward(open) {
				if o == string(name) {
					closeTo(depth)
					break
				}
			}
		default:
			b.WriteString(raw)
		}
	}
}
