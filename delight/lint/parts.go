package lint

import (
	"fmt"
	"html"
	"maps"
	"regexp"
	"slices"
	"strings"

	"flywheel/delight/campaign"
)

// part is one block of a mail that people see, with the place where its author
// wrote it: blocks[2], or in a mail without blocks nothing, for there the fields
// have names of their own.
type part struct {
	campaign.Block
	at string
}

// shown lists the blocks of a mail that are not hidden. What is hidden says nothing.
func shown(e campaign.Email) (out []part) {
	for i, b := range e.Blocks {
		if !b.Hidden {
			out = append(out, part{b, fmt.Sprintf("blocks[%d]", i)})
		}
	}
	if len(e.Blocks) > 0 {
		return out
	}
	for _, b := range e.Parts() {
		out = append(out, part{b, map[campaign.BlockKind]string{campaign.BlockButton: "button", campaign.BlockLines: "show_lines"}[b.Kind]})
	}
	return out
}

// has reports whether people see a block of a kind.
func has(e campaign.Email, kind campaign.BlockKind) bool {
	return slices.ContainsFunc(shown(e), func(p part) bool { return p.Kind == kind })
}

// field is one text of a mail with its place. A title is what a mailbox shows of
// it, or stands large.
type field struct {
	where, lang, text string
	title             bool
}

// fields lists the texts of a step's mail, by language.
func fields(s *campaign.Step, where string) (out []field) {
	for _, lang := range slices.Sorted(maps.Keys(s.Email)) {
		e, at := s.Email[lang], where+".email."+lang
		add := func(name, text string, title bool) {
			if text != "" {
				out = append(out, field{at + "." + name, lang, text, title})
			}
		}
		add("subject", e.Subject, true)
		add("preheader", e.Preheader, true)
		add("heading", e.Heading, true)
		for i, p := range e.Body {
			add(fmt.Sprintf("body[%d]", i), p, false)
		}
		if b := e.Button; b != nil {
			add("button.label", b.Label, false)
			add("button.otherwise", b.Otherwise, false)
		}
		for i, p := range e.Closing {
			add(fmt.Sprintf("closing[%d]", i), p, false)
		}
		if len(e.Blocks) == 0 {
			continue
		}
		for _, b := range shown(e) {
			text := b.Text
			if b.Kind == campaign.BlockRich {
				text = bare(text)
			}
			add(b.at+".text", text, b.Kind == campaign.BlockHeading)
			add(b.at+".alt", b.Alt, false)
			if b.Button != nil {
				add(b.at+".button.label", b.Button.Label, false)
				add(b.at+".button.otherwise", b.Button.Otherwise, false)
			}
		}
	}
	return out
}

// link is an address that a mail leads to, with its place.
type link struct{ where, url string }

// links lists where a mail leads: its buttons, its pictures, and the links in its
// formatted texts.
func links(e campaign.Email) (out []link) {
	for _, p := range shown(e) {
		if p.Button != nil {
			out = append(out, link{strings.TrimPrefix(p.at+".button.url", "button."), p.Button.URL})
		}
		if p.Link != "" {
			out = append(out, link{p.at + ".link", p.Link})
		}
		if p.Kind == campaign.BlockRich {
			for _, m := range reference.FindAllStringSubmatch(p.Text, -1) {
				out = append(out, link{p.at + ".text", html.UnescapeString(m[1] + m[2])})
			}
		}
	}
	return out
}

var (
	reference = regexp.MustCompile(`(?i)<a\b[^>]*\bhref\s*=\s*(?:"([^"]*)"|'([^']*)')`)
	within    = regexp.MustCompile(`(?i)</?(?:b|i|u|em|strong|span|a)\b[^<>]*>`)
	element   = regexp.MustCompile(`</?[A-Za-z][^<>]*>`)
)

// bare is a formatted text as it is read: elements within a line part no words.
func bare(text string) string {
	text = element.ReplaceAllString(within.ReplaceAllString(text, ""), " ")
	return strings.TrimSpace(html.UnescapeString(text))
}
