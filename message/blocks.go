package message

import (
	"iter"

	"flywheel/delight/campaign"
)

// block is one block of a text, compiled.
type block struct {
	kind  campaign.BlockKind
	text  field
	alt   field
	image field
	link  field
	// button leads somewhere, or what stands in its place does not.
	button *button
	ways   []string
}

type button struct{ label, url, otherwise field }

// placed is a block and where its author wrote it.
type placed struct {
	campaign.Block
	at    string // heading, body 2, button, closing; block 3 where the mail is told by blocks
	short bool
}

// place lists the blocks of a text with their places.
func place(e campaign.Email) (all []placed) {
	short, bodies, number := len(e.Blocks) == 0, 0, 0
	for _, b := range e.Parts() {
		p := placed{Block: b, at: string(b.Kind), short: short}
		switch {
		case !short && number < len(e.Blocks) && b.Kind == e.Blocks[number].Kind:
			p.at = numbered("block", number)
			number++
		case short && b.Kind == campaign.BlockText && bodies < len(e.Body):
			p.at = numbered("body", bodies)
			bodies++
		case short && b.Kind == campaign.BlockText:
			p.at = "closing"
		}
		all = append(all, p)
	}
	return all
}

// name is what a field of a block is called where something is wrong with it.
func (p placed) name(field string) string {
	if p.short && field == "text" {
		return p.at
	}
	if p.short { // there is but one button
		return field
	}
	return p.at + " " + field
}

// written is one field as its author wrote it.
type written struct {
	source string
	mode   mode
}

// fields lists what a block says.
func (p placed) fields() iter.Seq2[string, written] {
	return func(yield func(string, written) bool) {
		text := written{p.Text, plain}
		if p.Kind == campaign.BlockRich {
			text.mode = rich
		}
		if !yield("text", text) || !yield("alt", written{p.Alt, plain}) || !yield("image", written{p.Image, plain}) || !yield("link", written{p.Link, plain}) {
			return
		}
		if b := p.Button; b != nil {
			_ = yield("button label", written{b.Label, plain}) && yield("button url", written{b.URL, plain}) && yield("button otherwise", written{b.Otherwise, plain})
		}
	}
}

// block compiles a block.
func (c *compiler) block(p placed) block {
	all := map[string]field{}
	for name, f := range p.fields() {
		all[name] = c.field(p.name(name), f.source, f.mode)
	}
	b := block{kind: p.Kind, text: all["text"], alt: all["alt"], image: all["image"], link: all["link"], ways: p.Ways}
	if p.Button != nil {
		b.button = &button{all["button label"], all["button url"], all["button otherwise"]}
	}
	return b
}
