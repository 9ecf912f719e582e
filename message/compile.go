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
	heading   field
	body      []field
	showLines bool
	button    *button
	closing   []field
}

type button struct{ label, url, otherwise field }

// Compile checks and compiles a text in the language of tag lang. The error
// names every problem that refuses it, with field and column.
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
	t := &Template{lang: templates.Tag(lang), showLines: e.ShowLines}
	compile := func(name, source string) field {
		f, err := compileField(name, source)
		errs = append(errs, err)
		return f
	}
	t.subject, t.preheader, t.heading = compile("subject", e.Subject), compile("preheader", e.Preheader), compile("heading", e.Heading)
	for i, paragraph := range e.Body {
		t.body = append(t.body, compile(numbered("body", i), paragraph))
	}
	for i, line := range e.Closing {
		t.closing = append(t.closing, compile(numbered("closing", i), line))
	}
	if b := e.Button; b != nil {
		t.button = &button{compile("button label", b.Label), compile("button url", b.URL), compile("button otherwise", b.Otherwise)}
	}
	return t, errors.Join(errs...)
}

// Lint lists everything wrong with a text, also what is harmless. It may be
// asked at every keystroke.
func Lint(e campaign.Email) (problems []Problem) {
	problems = shape(e)
	add := func(name, source string) { problems = append(problems, inspect(name, source, false)...) }
	add("subject", e.Subject)
	add("preheader", e.Preheader)
	add("heading", e.Heading)
	for i, paragraph := range e.Body {
		add(numbered("body", i), paragraph)
	}
	if len(e.Body) > maxParagraphs || len(e.Closing) > maxParagraphs {
		problems = append(problems, Problem{Field: "body", Column: 1, Sentence: fmt.Sprintf("there are more than %d paragraphs", maxParagraphs)})
	}
	if b := e.Button; b != nil {
		add("button label", b.Label)
		add("button url", b.URL)
		add("button otherwise", b.Otherwise)
	}
	for i, line := range e.Closing {
		add(numbered("closing", i), line)
	}
	return problems
}

const maxParagraphs = 40

func numbered(name string, i int) string { return fmt.Sprintf("%s %d", name, i+1) }

// Set is a text in all its languages, compiled.
type Set struct{ byLang map[string]*Template }

// CompileAll compiles a step's texts by language tag.
func CompileAll(texts map[string]campaign.Email) (*Set, error) {
	s := &Set{byLang: map[string]*Template{}}
	var errs []error
	for _, lang := range slices.Sorted(maps.Keys(texts)) {
		t, err := Compile(lang, texts[lang])
		if err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", lang, err))
		}
		s.byLang[lang] = t
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
