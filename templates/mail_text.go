package templates

import (
	"cmp"
	"io"
	"strings"
	"unicode/utf8"
)

// speech is a text part while it is written: blocks, a blank line between them.
type speech struct {
	strings.Builder
	dir string
}

// Text writes the mail's text part: made for reading, not stripped from HTML.
func (m *Mail) Text(w io.Writer) error {
	s := &speech{dir: Dir(m.Lang)}
	s.Grow(2 << 10)
	for i := range m.Parts {
		if s.Len() > maxParts {
			break
		}
		m.Parts[i].speak(s)
	}
	if s.Len() > 0 {
		s.WriteByte('\n')
	}
	s.WriteString("--\n")
	for _, line := range m.Foot {
		s.line(line)
	}
	s.line(m.Why)
	if m.PreferencesURL != "" {
		s.link(m.PreferencesLabel, m.PreferencesURL)
	}
	for _, line := range m.Address {
		s.line(line)
	}
	_, err := io.WriteString(w, s.String())
	return err
}

// block begins a block.
func (s *speech) block() {
	if s.Len() > 0 {
		s.WriteByte('\n')
	}
}

// line writes a line, led by a direction mark where mail programs need one. A text
// of several lines is several of them.
func (s *speech) line(text string) {
	for line := range strings.SplitSeq(text, "\n") {
		if line != "" {
			s.WriteString(guide(s.dir, line))
			s.WriteByte('\n')
		}
	}
}

// link writes a label and the address below it, which nothing may touch.
func (s *speech) link(label, to string) {
	if label != "" {
		s.line(label + ":")
	}
	s.WriteString(to)
	s.WriteByte('\n')
}

func (p *MailPart) speak(s *speech) {
	text := p.Text
	if room := maxParts - s.Len(); len(text) > room {
		text = text[:max(0, room)]
		for len(text) > 0 && !utf8.ValidString(text[max(0, len(text)-utf8.UTFMax):]) {
			text = text[:len(text)-1]
		}
	}
	if p.Kind == PartRich {
		for paragraph := range strings.SplitSeq(text, "\n\n") {
			s.block()
			s.line(paragraph)
		}
		return
	}
	s.block()
	switch p.Kind {
	case PartButton:
		s.link(text, cmp.Or(p.Plain, p.URL))
	case PartImage:
		if to := cmp.Or(p.Plain, p.URL); to != "" {
			s.link(text, to)
			return
		}
		s.line(text)
	case PartLines:
		p.Lines.speak(s)
	case PartWays:
		s.line(text)
		for _, w := range p.Ways {
			if !w.Unsaid {
				w.speak(s)
			}
		}
	case PartCode:
		s.line(text)
		s.line(p.Code)
		s.line(p.Note)
	case PartDivider:
		s.line("* * *")
	default:
		s.line(text)
	}
}

func (l *MailLines) speak(s *speech) {
	s.line(l.Heading)
	for _, line := range l.Lines {
		s.line(line.words())
	}
	s.line(l.More)
	if l.Total != "" {
		s.line(l.TotalLabel + ": " + l.Total)
	}
}

// words writes a product as one line.
func (l MailLine) words() string {
	var b strings.Builder
	for _, part := range []string{l.Title, l.Variant, l.Quantity, l.Price} {
		if part != "" && b.Len() > 0 {
			b.WriteString(" · ")
		}
		b.WriteString(part)
	}
	return b.String()
}

// speak writes a way. What a mail program makes a link of by itself needs no
// address of its own.
func (w MailWay) speak(s *speech) {
	if w.Label != "" {
		s.line(w.Label + " " + w.Text)
		return
	}
	s.link(w.Text, cmp.Or(w.Plain, w.URL))
}
