package lint

import (
	"maps"
	"slices"

	"flywheel/delight/campaign"
)

// languages looks for texts that a language of the shop lacks.
func languages(l *linter) {
	each(l.Steps, "steps", func(s *campaign.Step, where string) {
		for _, lang := range l.wanted() {
			switch s.Kind {
			case campaign.SendEmail:
				if !written(s.Email, lang) {
					l.find("missing-translation", where+".email."+lang, "lang", lang)
				}
			case campaign.CallTask, campaign.NotifyTeam:
				if !written(s.Note, lang) {
					l.find("missing-note", where+".note."+lang, "lang", lang)
				}
			}
		}
		l.even(where+".email.", s.Email)
	})
}

// wanted are the languages that the shop writes in.
func (l *linter) wanted() []string {
	switch {
	case len(l.shop.Settings.Languages) > 0:
		return l.shop.Settings.Languages
	case l.shop.Locale != "":
		return []string{l.shop.Locale}
	}
	return []string{"en"}
}

// written reports whether there is a text in a language or one of its regions:
// who reads ar-EG gets ar.
func written[T any](texts map[string]T, lang string) bool {
	for tag := range texts {
		if base(tag) == base(lang) {
			return true
		}
	}
	return false
}

// even looks for parts of a mail that stand in one language and not in another.
func (l *linter) even(where string, texts map[string]campaign.Email) {
	langs := slices.Sorted(maps.Keys(texts))
	for _, p := range mailParts() {
		if !slices.ContainsFunc(langs, func(lang string) bool { return p.in(texts[lang]) }) {
			continue
		}
		for _, lang := range langs {
			e, at := texts[lang], p.name
			if len(e.Blocks) > 0 && p.block {
				at = "blocks"
			}
			if !p.in(e) && (len(e.Blocks) == 0 || p.name != "closing") { // with blocks it is a text among others
				l.find("uneven-translation", where+lang+"."+at, "lang", lang, "part", p.name)
			}
		}
	}
}

// mailPart is what a mail may have in one language and lack in another.
type mailPart struct {
	name  string
	block bool // told by a block, where there are blocks
	in    func(campaign.Email) bool
}

func mailParts() []mailPart {
	shows := func(kind campaign.BlockKind) func(campaign.Email) bool {
		return func(e campaign.Email) bool { return has(e, kind) }
	}
	return []mailPart{
		{"button", true, shows(campaign.BlockButton)},
		{"closing", false, func(e campaign.Email) bool { return len(e.Closing) > 0 }},
		{"contact", true, shows(campaign.BlockContact)},
		{"heading", true, shows(campaign.BlockHeading)},
		{"image", true, shows(campaign.BlockImage)},
		{"points", true, shows(campaign.BlockPoints)},
		{"preheader", false, func(e campaign.Email) bool { return e.Preheader != "" }},
		{"referral", true, shows(campaign.BlockReferral)},
		{"reward", true, shows(campaign.BlockReward)},
		{"share", true, shows(campaign.BlockShare)},
		{"show_lines", true, shows(campaign.BlockLines)},
	}
}
