package message

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/templates"
)

// Notes is a text for staff in all its languages, compiled. It is safe for concurrent use.
type Notes struct {
	byLang map[string]note
	loyal  bool
}

// Loyal is Set.Loyal of notes.
func (s *Notes) Loyal() bool { return s.loyal }

type note struct {
	title field
	body  []field
}

// Said is a note about one person, ready to be read.
type Said struct {
	Lang  string
	Title string
	Body  []string
}

// LintNote lists what is wrong with a note, also what is harmless: at most 20
// problems of a field and 100 in all.
func LintNote(n campaign.Note) (problems []Problem) {
	refuse := func(field, format string, args ...any) {
		problems = append(problems, Problem{Field: field, Column: 1, Sentence: fmt.Sprintf(format, args...)})
	}
	size := len(n.Title)
	for _, paragraph := range n.Body {
		size += len(paragraph)
	}
	switch {
	case len(n.Body) > maxParagraphs:
		refuse("body", "there are more than %d paragraphs", maxParagraphs)
		return problems
	case size > maxText:
		refuse("text", "all of it together is larger than %d KB", maxText>>10)
		return problems
	case blank(n.Title):
		refuse("title", "the title is blank")
	}
	if len(n.Body) > 0 && blank(strings.Join(n.Body, "")) {
		refuse("body 1", "the body is blank")
	}
	problems = append(problems, inspect("title", n.Title, plain, true)...)
	for i, paragraph := range n.Body {
		problems = append(problems, inspect(numbered("body", i), paragraph, plain, true)...)
	}
	return most(problems, maxToldOf)
}

// CompileNotes compiles a step's notes by language tag.
func CompileNotes(texts map[string]campaign.Note) (*Notes, error) {
	s := &Notes{byLang: map[string]note{}}
	var errs []error
	for _, lang := range slices.Sorted(maps.Keys(texts)) {
		for _, p := range LintNote(texts[lang]) {
			if !p.Harmless {
				errs = append(errs, fmt.Errorf("%s: %s", lang, p))
			}
		}
		title, err := compileText("title", texts[lang].Title, noteDialect())
		n := note{title: title}
		errs = append(errs, err)
		for i, paragraph := range texts[lang].Body {
			f, err := compileText(numbered("body", i), paragraph, noteDialect())
			n.body, errs = append(n.body, f), append(errs, err)
		}
		s.byLang[lang], s.loyal = n, s.loyal || noteTellsOfLoyalty(texts[lang])
	}
	if len(texts) == 0 {
		errs = append(errs, errors.New("there is no note in any language"))
	}
	return s, errors.Join(errs...)
}

// Say fills the note in the language the shop's staff read.
func (s *Notes) Say(f Facts) (Said, error) {
	lang, n := s.pick(cmp.Or(f.Shop.Locale, "en"))
	r := newReader(lang, f.Shop)
	w := words{vars: variables(r, f, f.kept())}
	p := w.vars["person"].(map[string]any)
	p["name"], p["phone"], p["email"] = r.name(fullName(f.Person), maxShop), r.code(f.Person.Phone, maxName), r.code(f.Person.Email, 254)
	said := Said{Lang: lang, Title: templates.Clean(w.of(n.title), maxSubject), Body: w.lines(n.body)}
	return said, w.err
}

// pick is the note for a tag: the same tag, the same language, English, or the first there is.
func (s *Notes) pick(tag string) (string, note) {
	langs := slices.Sorted(maps.Keys(s.byLang))
	for _, fits := range []func(string) bool{
		func(lang string) bool { return lang == tag },
		func(lang string) bool { return templates.Base(lang) == templates.Base(tag) },
		func(lang string) bool { return templates.Base(lang) == "en" },
	} {
		if i := slices.IndexFunc(langs, fits); i >= 0 {
			return langs[i], s.byLang[langs[i]]
		}
	}
	return langs[0], s.byLang[langs[0]]
}

// ToTeam makes a mail of something said, to the shop's own people. It has no
// unsubscribe link: it is the shop that writes to itself.
func ToTeam(shop commerce.Shop, said Said, effectID string) (Message, error) {
	f := Facts{Shop: shop, EffectID: effectID, Class: "transactional"}
	if err := f.check(); err != nil {
		return Message{}, err
	}
	r := newReader(said.Lang, shop)
	m := &templates.Mail{
		Lang: r.lang, Shop: r.name(shop.Name, maxShop), Subject: said.Title,
		Parts: []templates.MailPart{{Kind: templates.PartHeading, Text: said.Title}},
		Why:   r.say("why_team", "Shop", r.name(shop.Name, maxShop)),
	}
	for _, paragraph := range said.Body {
		m.Parts = append(m.Parts, templates.MailPart{Kind: templates.PartText, Text: paragraph})
	}
	out, err := f.message(r, m)
	out.To, out.Also = Team(shop)
	return out, err
}

// Team is whom notices and rehearsals go to: those the shop names, else its own address.
func Team(shop commerce.Shop) (first string, others []string) {
	var team []string
	for _, address := range shop.Settings.Team {
		if address = commerce.NormalEmail(address); address != "" {
			team = append(team, address)
		}
	}
	if len(team) == 0 {
		return shop.Email, nil
	}
	return team[0], team[1:]
}

// Rehearse turns a mail for a customer into one for the team, and says so in its subject.
func Rehearse(m Message, shop commerce.Shop) Message {
	m.Subject = templates.Say(cmp.Or(shop.Locale, "en"), "rehearsal", map[string]string{"Email": m.To}) + " " + m.Subject
	m.ToName = ""
	m.To, m.Also = Team(shop)
	m.Headers = slices.DeleteFunc(slices.Clone(m.Headers), func(h [2]string) bool { return h[0] == "List-Unsubscribe" || h[0] == "List-Unsubscribe-Post" })
	return m
}
