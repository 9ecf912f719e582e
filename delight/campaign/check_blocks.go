package campaign

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// maxBlocks bounds a mail that is told by blocks.
const maxBlocks = 40

// Where a picture or a link may lead: by https, or where an output says.
const leadsForm = `^\s*(https://|\{\{)`

var leadsTo = regexp.MustCompile(leadsForm)

// hasShort reports whether any of the fields is set that Blocks stand instead of.
func (e Email) hasShort() bool {
	return e.Heading != "" || len(e.Body) > 0 || e.ShowLines || e.Button != nil || len(e.Closing) > 0
}

func (p *problems) mail(where, lang string, e Email) {
	p.note(e.Subject == "" || len(e.Body) == 0 && len(e.Blocks) == 0, "%s has no subject or body in %s", where, lang)
	if len(e.Blocks) == 0 {
		return
	}
	where += " in " + lang
	p.note(e.hasShort(), "%s: blocks stand instead of heading, body, show_lines, button and closing; only one of the two can count", where)
	p.note(len(e.Blocks) > maxBlocks, "%s: there are %d blocks, at most %d are allowed", where, len(e.Blocks), maxBlocks)
	says := false
	for i, b := range e.Blocks[:min(len(e.Blocks), maxBlocks)] {
		at := fmt.Sprintf("%s: block %d", where, i+1)
		spec := BlockOf(b.Kind)
		if spec == nil {
			p.note(true, "%s has the unknown kind %q; %s", at, b.Kind, orNear(b.Kind, BlockKinds()))
			continue
		}
		says = says || spec.Says && !b.Hidden
		p.note(b.Kind == BlockLogo && i > 0, "%s is the logo, which stands first", at)
		p.note(b.Kind == BlockFooter && i < len(e.Blocks)-1, "%s is the footer, which stands last", at)
		b.check(p, spec, at)
	}
	p.note(!says, "%s: the blocks say nothing: one of heading, text, rich, lines, button or image is needed that is not hidden", where)
}

func (b Block) check(p *problems, spec *BlockSpec, at string) {
	at += ", " + string(b.Kind) + ","
	if b.Kind == BlockFooter && b.Hidden {
		p.note(true, "%s cannot be hidden", at)
		b.Hidden = false
	}
	p.fields(at, spec.Params, map[string]bool{
		"hidden": b.Hidden, "text": strings.TrimSpace(b.Text) != "", "button": b.Button != nil, "image": strings.TrimSpace(b.Image) != "",
		"alt": strings.TrimSpace(b.Alt) != "", "link": b.Link != "", "ways": len(b.Ways) > 0,
	})
	p.note(b.Kind == BlockHeading && strings.ContainsAny(strings.TrimSpace(b.Text), "\r\n"), "%s stands on one line", at)
	p.note(b.Image != "" && !leadsTo.MatchString(b.Image), "%s: the image is no address such as https://shop.example/cup.jpg, and no output", at)
	p.note(b.Link != "" && !leadsTo.MatchString(b.Link), "%s: the link is no address such as https://shop.example/, and no output", at)
	for i, way := range b.Ways {
		p.note(len(spec.Ways) > 0 && !slices.Contains(spec.Ways, way), "%s there is no way %q; %s", at, way, orNear(way, spec.Ways))
		p.note(slices.Contains(b.Ways[:i], way), "%s: the way %s stands there twice", at, way)
	}
}
