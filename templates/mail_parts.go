package templates

// write writes one part into the card. titled says that the mail has its title.
func (p *MailPart) write(f *filling, titled bool) {
	v := &f.values
	v[slotText], v[slotURL], v[slotImage], v[slotAlt], v[slotHTML] = p.Text, p.URL, p.Image, p.Text, p.HTML
	switch p.Kind {
	case PartHeading:
		if titled {
			f.piece("subheading", nil)
			return
		}
		f.piece("heading", nil)
	case PartImage:
		if p.URL != "" {
			f.piece("image_link", nil)
			return
		}
		f.piece("image", nil)
	case PartLines:
		p.Lines.write(f)
	case PartWays:
		p.ways(f)
	case PartCode:
		p.code(f)
	default:
		f.piece(string(p.Kind), nil)
	}
}

// code writes what a code gives, the code, and until when it does.
func (p *MailPart) code(f *filling) {
	f.piece(string(PartCode), func(within string) {
		said := p.Code
		if within == "code_ends" {
			said = p.Note
		}
		if said != "" {
			f.values[slotLabel] = said
			f.piece(within, nil)
		}
	})
}

func (l *MailLines) write(f *filling) {
	v := &f.values
	v[slotText] = l.Heading
	f.piece("lines", func(row string) {
		switch row {
		case "line": // each is written as the row that suits it
			for _, line := range l.Lines {
				line.write(f)
			}
		case "lines_more":
			if l.More != "" {
				f.say(row, l.More)
			}
		case "total":
			if l.Total != "" {
				v[slotPrice] = l.Total
				f.say(row, l.TotalLabel)
			}
		}
	})
}

func (l MailLine) write(f *filling) {
	v := &f.values
	v[slotLabel], v[slotPrice], v[slotImage], v[slotAlt] = l.Quantity, l.Price, l.Image, l.Title
	if l.Variant != "" {
		v[slotLabel] = l.Variant + " · " + l.Quantity
	}
	switch {
	case l.Image != "":
		f.say("line_picture", l.Title)
		return
	case v[slotLabel] == "":
		f.say("line_plain", l.Title)
		return
	}
	f.say("line", l.Title)
}

// ways writes labelled ways one below the other, others side by side.
func (p *MailPart) ways(f *filling) {
	f.piece("ways", func(within string) {
		switch within {
		case "ways_heading":
			if p.Text != "" {
				f.say(within, p.Text)
			}
		case "way":
			for i, w := range p.Ways {
				if i > 0 && (w.Label != "" || p.Ways[i-1].Label != "") {
					f.piece("way_break", nil)
				} else if i > 0 {
					f.piece("way_gap", nil)
				}
				w.write(f)
			}
		}
	})
}

func (w MailWay) write(f *filling) {
	f.values[slotLabel], f.values[slotURL] = w.Label, w.URL
	switch {
	case w.URL == "":
		f.say("way_plain", w.Text)
	case w.Label == "":
		f.say("way", w.Text)
	default:
		f.say("labelled_way", w.Text)
	}
}
