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
	parts := map[string]func(campaign.Email) bool{
		"preheader":  func(e campaign.Email) bool { return e.Preheader != "" },
		"heading":    func(e campaign.Email) bool { return e.Heading != "" },
		"button":     func(e campaign.Email) bool { return e.Button != nil },
		"closing":    func(e campaign.Email) bool { return len(e.Closing) > 0 },
		"show_lines": func(e campaign.Email) bool { return e.ShowLines },
	}
	langs := slices.Sorted(maps.Keys(texts))
	for _, part := range slices.Sorted(maps.Keys(parts)) {
		has := parts[part]
		if !slices.ContainsFunc(langs, func(lang string) bool { return has(texts[lang]) }) {
			continue
		}
		for _, lang := range langs {
			if !has(texts[lang]) {
				l.find("uneven-translation", where+lang+"."+part, "lang", lang, "part", part)
			}
		}
	}
}
