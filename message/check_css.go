package message

import (
	"regexp"
	"strings"

	"golang.org/x/net/html"
)

// A mail's styles as far as they say how its text looks: what stands in elements,
// and rules by element, class and attribute. Mail programs know little more.

// declarations are properties with their values; important ones have a mark.
type declarations map[string]cssValue

type cssValue struct {
	text      string
	important bool
}

// cssRule is one selector with what it says; dark ones count in the dark alone.
type cssRule struct {
	selector []cssCompound // the last is the element, those before stand above it
	says     declarations
	dark     bool
}

// cssCompound is an element's name, classes and attributes, all of which must be there.
type cssCompound struct {
	element string
	classes []string
	attrs   []string // names
	never   bool     // something else stands in it, such as :hover
}

var (
	cssComment = regexp.MustCompile(`(?s)/\*.*?\*/`)
	cssDark    = regexp.MustCompile(`\(\s*prefers-color-scheme\s*:\s*dark\s*\)`)
	cssSimple  = regexp.MustCompile(`^([a-zA-Z][a-zA-Z0-9]*|\*)?((?:\.[A-Za-z0-9_-]+|\[[A-Za-z-]+\])*)$`)
	cssPiece   = regexp.MustCompile(`\.[A-Za-z0-9_-]+|\[[A-Za-z-]+\]`)
)

// rulesOf reads the style elements of a page. Of media queries only those for
// the dark are read.
func rulesOf(page *html.Node) (rules []cssRule) {
	eachNode(page, func(n *html.Node) {
		if n.Type == html.ElementNode && n.Data == "style" && n.FirstChild != nil {
			rules = append(rules, readRules(cssComment.ReplaceAllString(n.FirstChild.Data, ""), false)...)
		}
	})
	return rules
}

func readRules(css string, dark bool) (rules []cssRule) {
	for {
		head, rest, found := strings.Cut(css, "{")
		if !found {
			return rules
		}
		body, after := toBrace(rest)
		css = after
		if i := strings.LastIndex(head, ";"); i >= 0 { // such as @import
			head = head[i+1:]
		}
		head = strings.TrimSpace(head)
		switch {
		case strings.HasPrefix(head, "@media") && cssDark.MatchString(head):
			rules = append(rules, readRules(body, true)...)
		case strings.HasPrefix(head, "@"):
		default:
			says := declared(body)
			for _, s := range strings.Split(head, ",") {
				rules = append(rules, cssRule{selectorOf(s), says, dark})
			}
		}
	}
}

// toBrace cuts behind the brace that closes what css begins in.
func toBrace(css string) (body, after string) {
	depth := 1
	for i, r := range css {
		switch r {
		case '{':
			depth++
		case '}':
			if depth--; depth == 0 {
				return css[:i], css[i+1:]
			}
		}
	}
	return css, ""
}

// declared reads "color: #fff !important; ...".
func declared(body string) declarations {
	says := declarations{}
	for _, line := range strings.Split(body, ";") {
		name, text, found := strings.Cut(line, ":")
		if !found {
			continue
		}
		text, important := strings.CutSuffix(strings.ReplaceAll(strings.ToLower(strings.TrimSpace(text)), "! ", "!"), "!important")
		says[strings.ToLower(strings.TrimSpace(name))] = cssValue{strings.TrimSpace(text), important}
	}
	return says
}

func selectorOf(text string) (all []cssCompound) {
	for _, part := range strings.Fields(strings.ReplaceAll(text, ">", " ")) {
		c := cssCompound{}
		m := cssSimple.FindStringSubmatch(part)
		if m == nil {
			c.never = true
		} else {
			if m[1] != "*" {
				c.element = strings.ToLower(m[1])
			}
			for _, p := range cssPiece.FindAllString(m[2], -1) {
				if p[0] == '.' {
					c.classes = append(c.classes, p[1:])
				} else {
					c.attrs = append(c.attrs, strings.Trim(p, "[]"))
				}
			}
		}
		all = append(all, c)
	}
	return all
}

func (c cssCompound) fits(n *html.Node) bool {
	if c.never || n.Type != html.ElementNode || c.element != "" && c.element != n.Data {
		return false
	}
	for _, name := range c.attrs {
		if attrOf(n, name) == "" {
			return false
		}
	}
	has := strings.Fields(attrOf(n, "class"))
	for _, want := range c.classes {
		ok := false
		for _, h := range has {
			ok = ok || h == want
		}
		if !ok {
			return false
		}
	}
	return true
}

func (r cssRule) fits(n *html.Node) bool {
	last := len(r.selector) - 1
	if last < 0 || !r.selector[last].fits(n) {
		return false
	}
	above := n.Parent
	for i := last - 1; i >= 0; i-- {
		for above != nil && !r.selector[i].fits(above) {
			above = above.Parent
		}
		if above == nil {
			return false
		}
		above = above.Parent
	}
	return true
}

// lookOf is what counts for an element: rules, then what stands in it, then what is important.
func lookOf(n *html.Node, rules []cssRule, dark bool) map[string]string {
	own := declared(attrOf(n, "style"))
	out, important := map[string]string{}, map[string]string{}
	take := func(says declarations) {
		for name, v := range says {
			if v.important {
				important[name] = v.text
			} else {
				out[name] = v.text
			}
		}
	}
	if bg := attrOf(n, "bgcolor"); bg != "" {
		out["background-color"] = strings.ToLower(bg)
	}
	for _, r := range rules {
		if (!r.dark || dark) && r.fits(n) {
			take(r.says)
		}
	}
	take(own)
	for name, text := range important {
		out[name] = text
	}
	return out
}
