package lint

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"flywheel/delight/campaign"
)

var (
	marks = regexp.MustCompile(`[!?؟¡¿][\s]*[!?؟]|!.*!|\${2,}`)
	shout = regexp.MustCompile(`\{\{[^}]*\|\s*upcase\b[^}]*\}\}`)
	reply = regexp.MustCompile(`^(re|fwd?|aw|رد|پاسخ|إعادة توجيه)\s?[:：]`)
)

// subjects looks at what a mailbox shows: whether it shouts or pretends.
func subjects(l *linter) {
	each(l.Steps, "steps", func(s *campaign.Step, where string) {
		for _, f := range fields(s, where) {
			if !f.title {
				continue
			}
			if loud(f.text) {
				l.find("loud-subject", f.where)
			}
			bare := strings.ToLower(strings.TrimSpace(output.ReplaceAllString(f.text, "")))
			if word := reply.FindString(bare); word != "" && strings.HasSuffix(f.where, ".subject") {
				l.find("misleading-subject", f.where, "word", word)
			}
		}
	})
}

// loud reports marks on marks, two long words in capitals, or a line of nothing
// but capitals. One word may be a brand or NASA.
func loud(text string) bool {
	if shout.MatchString(text) {
		return true
	}
	said := output.ReplaceAllStringFunc(text, func(out string) string { return strings.Join(quoted(out), " ") })
	if marks.MatchString(said) {
		return true
	}
	words, capital, long := 0, 0, 0
	for _, word := range strings.FieldsFunc(said, func(r rune) bool { return !unicode.IsLetter(r) }) {
		if strings.ToUpper(word) == strings.ToLower(word) {
			continue // a script without capitals
		}
		words++
		if strings.ToUpper(word) == word {
			capital++
			if utf8.RuneCountInString(word) > 3 { // not TV, USB, LG
				long++
			}
		}
	}
	return long >= 2 || long == 1 && capital == words && utf8.RuneCountInString(said) > 5
}
