package templates

import (
	"fmt"
	"regexp"
)

// mailFrame is the compiled layout of one direction, cut into pieces.
type mailFrame struct {
	whole  *piece
	pieces map[string]*piece
}

// piece is a stretch of the layout: what always stands, slots, and pieces within.
type piece struct{ parts []part }

// part is text, then a slot, a piece within, or nothing.
type part struct {
	text   string
	slot   slot // slots = none
	manner manner
	within string // name of a piece; "" = none
}

// sign is a slot or an edge of a piece in the compiled layout.
var sign = regexp.MustCompile(`LQ([+-]?)([a-z_]+)LQ`)

// cut takes a compiled layout apart. The error names what is not in order.
func cut(page string) (*mailFrame, error) {
	f := &mailFrame{whole: &piece{}, pieces: map[string]*piece{}}
	type level struct {
		name string
		*piece
	}
	open, from := []level{{"", f.whole}}, 0
	for _, at := range sign.FindAllStringSubmatchIndex(page, -1) {
		text, kind, name := page[from:at[0]], page[at[2]:at[3]], page[at[4]:at[5]]
		from = at[1]
		top := open[len(open)-1]
		switch kind {
		case "+":
			if f.pieces[name] != nil {
				return nil, fmt.Errorf("the piece %s is there twice", name)
			}
			f.pieces[name] = &piece{}
			top.parts = append(top.parts, part{text: text, slot: slots, within: name})
			open = append(open, level{name, f.pieces[name]})
		case "-":
			if top.name != name {
				return nil, fmt.Errorf("the piece %s ends within %q", name, top.name)
			}
			top.parts = append(top.parts, part{text: text, slot: slots})
			open = open[:len(open)-1]
		default:
			s := slotOf(name)
			if s == slots {
				return nil, fmt.Errorf("there is no slot %s", name)
			}
			top.parts = append(top.parts, part{text: text, slot: s, manner: mannerOf(s, page[:at[0]])})
		}
	}
	if len(open) != 1 {
		return nil, fmt.Errorf("the piece %s never ends", open[len(open)-1].name)
	}
	f.whole.parts = append(f.whole.parts, part{text: page[from:], slot: slots})
	return f, nil
}

func slotOf(name string) slot {
	for s, known := range slotNames {
		if known == name {
			return slot(s)
		}
	}
	return slots
}

// filling writes a mail: it fills the slots of pieces, one piece after the other.
type filling struct {
	*mailFrame
	dst    []byte
	values [slots]string
}

// write writes a piece; each piece within is left to show, or left out where show is nil.
func (f *filling) write(p *piece, show func(name string)) {
	for i := range p.parts {
		part := &p.parts[i]
		f.dst = append(f.dst, part.text...)
		if part.slot < slots {
			f.dst = part.manner.write(f.dst, f.values[part.slot])
		}
		if part.within != "" && show != nil {
			show(part.within)
		}
	}
}

// piece writes a piece by its name.
func (f *filling) piece(name string, show func(name string)) { f.write(f.pieces[name], show) }

// say writes a piece that shows one text.
func (f *filling) say(name, text string) {
	f.values[slotText] = text
	f.piece(name, nil)
}
