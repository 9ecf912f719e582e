package message

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"flywheel/delight/campaign"
	"flywheel/templates"
)

// Template is one text in one language, compiled. It is safe for concurrent use.
type Template struct {
	lang      string
	subject   field
	preheader field
	noLogo    bool
	blocks    []block
	foot      field // a line of the text's own in the footer
}

// Compile checks and compiles a text in the language of tag lang. The error
// names every problem that refuses it, with field, line and column.
func Compile(lang string, e campaign.Email) (*Template, error) {
	var errs []error
	for _, p := range Lint(e) {
		if !p.Harmless {
			errs = append(errs, errors.New(p.String()))
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	t := &Template{lang: templates.Tag(lang)}
	var c compiler
	t.subject, t.preheader = c.field("subject", e.Subject, plain), c.field("preheader", e.Preheader, plain)
	for _, p := range place(e) {
		switch {
		case p.Kind == campaign.BlockFooter:
			t.foot = c.field(p.name("text"), p.Text, plain)
		case p.Kind == campaign.BlockLogo:
			t.noLogo = p.Hidden
		case !p.Hidden:
			t.blocks = append(t.blocks, c.block(p))
		}
	}
	return t, errors.Join(c.errs...)
}

// Lint lists what is wrong with a text, also what is harmless: at most 20 problems
// of a field and 100 in all. It may be asked at every keystroke.
func Lint(e campaign.Email) (problems []Problem) {
	if problems = tooMuch(e); len(problems) > 0 {
		return problems
	}
	problems = shape(e)
	add := func(name, source string, m mode) {
		problems = append(problems, inspect(name, source, m, false)...)
	}
	add("subject", e.Subject, plain)
	add("preheader", e.Preheader, plain)
	for _, p := range place(e) {
		if p.at == "closing" { // its lines are judged one by one
			for i, line := range e.Closing {
				add(numbered("closing", i), line, plain)
			}
			continue
		}
		for name, f := range p.fields() {
			add(p.name(name), f.source, f.mode)
		}
	}
	return most(problems, maxToldOf)
}

// tooMuch finds a text that is larger than any mail; nothing more is looked at in it.
func tooMuch(e campaign.Email) (problems []Problem) {
	refuse := func(field, format string, args ...any) {
		problems = append(problems, Problem{Field: field, Column: 1, Sentence: fmt.Sprintf(format, args...)})
	}
	if len(e.Body) > maxParagraphs || len(e.Closing) > maxParagraphs {
		refuse("body", "there are more than %d paragraphs", maxParagraphs)
	}
	if len(e.Blocks) > maxParagraphs {
		refuse("blocks", "there are more than %d blocks", maxParagraphs)
	}
	if len(problems) > 0 {
		return problems
	}
	size := len(e.Subject) + len(e.Preheader) + len(e.Heading)
	for _, line := range append(e.Body[:len(e.Body):len(e.Body)], e.Closing...) {
		size += len(line)
	}
	for _, b := range append(e.Blocks[:len(e.Blocks):len(e.Blocks)], campaign.Block{Button: e.Button}) {
		for _, f := range (placed{Block: b}).fields() {
			size += len(f.source)
		}
	}
	if size > maxText {
		refuse("text", "all of it together is larger than %d KB, and mailboxes cut long mails", maxText>>10)
	}
	return problems
}

const (
	maxParagraphs = 40
	maxText       = 48 << 10 // of all fields of a text together, in bytes
)

func numbered(name string, i int) string { return fmt.Sprintf("%s %d", name, i+1) }

// compiler compiles fields and keeps every error.
type compiler struct{ errs []error }

func (c *compiler) field(name, source string, m mode) field {
	f, err := compileField(name, source, m)
	c.errs = append(c.errs, err)
	return f
}

// Set is a text in all its languages, compiled.
type Set struct {
	byLang map[string]*Template
	loyal  bool
	sends  bool // any of them shows with what friends are sent
}

// Loyal reports whether any of the texts tells of the loyalty program, so that Facts.Loyalty must be there.
func (s *Set) Loyal() bool { return s.loyal }

// Sends reports whether any of them shows with what the person sends friends.
func (s *Set) Sends() bool { return s.sends }

// CompileAll compiles a step's texts by language tag.
func CompileAll(texts map[string]campaign.Email) (*Set, error) {
	s := &Set{byLang: map[string]*Template{}}
	var errs []error
	for _, lang := range slices.Sorted(maps.Keys(texts)) {
		t, err := Compile(lang, texts[lang])
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", lang, err))
		}
		s.byLang[lang], s.loyal, s.sends = t, s.loyal || TellsOfLoyalty(texts[lang]), s.sends || tellsOfFriends(texts[lang])
	}
	if len(texts) == 0 {
		errs = append(errs, errors.New("there is no text in any language"))
	}
	return s, errors.Join(errs...)
}

// For returns the text for a language tag: the same tag, the same language,
// English, or the first there is.
func (s *Set) For(tag string) *Template {
	for _, lang := range []string{tag, templates.Base(tag)} {
		if t := s.byLang[lang]; t != nil {
			return t
		}
	}
	langs := slices.Sorted(maps.Keys(s.byLang))
	for _, want := range []string{templates.Base(tag), "en"} {
		for _, lang := range langs {
			if templates.Base(lang) == want {
				return s.byLang[lang]
			}
		}
	}
	return s.byLang[langs[0]]
}

// Render renders the text in the language the person reads.
func (s *Set) Render(f Facts) (Message, error) { return s.For(Language(f)).Render(f) }
