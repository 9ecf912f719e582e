package lint

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"flywheel/delight/campaign"
)

// scoreWords are what a rating, or an answer that is one, is called in
// variables, fields, events and tags.
var scoreWords = []string{
	"score", "scores", "rating", "ratings", "rate", "rated", "stars", "star", "nps", "csat", "ces", "grade", "satisfaction", "sentiment", "mood",
	"promoter", "promoters", "detractor", "detractors", "happy", "unhappy", "satisfied", "dissatisfied", "answer", "answers", "feedback",
	"opinion", "reaction", "positive", "negative", "thumbs", "good", "bad", "excellent", "poor", "terrible", "great", "smiley", "likes", "liked",
}

// scoreStems are the same in Arabic and Persian, as letters() leaves them.
var scoreStems = func() (out []string) {
	for _, word := range []string{
		"تقييم", "درجة", "رضا", "راض", "سعيد", "نجوم", "نجمة", "رأي", "إجابة", "جيد", "ممتاز", "سيئ", "إيجابي", "سلبي",
		"امتیاز", "نمره", "رضایت", "ستاره", "نظر", "پاسخ", "خوب", "عالی", "مثبت", "منفی", "ناراضی",
	} {
		out = append(out, letters(word))
	}
	return out
}()

// scored returns what of a condition or its rows is a score; "" if nothing.
func scored(condition string, rows []campaign.Row) string {
	for _, r := range rows {
		for _, name := range slices.Concat([]string{r.Field, r.Value}, r.List) {
			if word := scoreWord(name); word != "" {
				return word
			}
		}
	}
	if tree := parsed(condition); tree != nil && len(rows) == 0 {
		for _, name := range names(tree) {
			if word := scoreWord(name); word != "" {
				return word
			}
		}
	}
	return ""
}

// humps are where a word begins within camelCase, and where digits begin or end.
var humps = regexp.MustCompile(`(\p{Ll})(\p{Lu})|(\p{L})(\d)|(\d)(\p{L})`)

// scoreWord returns name if one of the words it is made of is a score's. A star
// within a sentence, such as a title, is another thing.
func scoreWord(name string) string {
	if len(strings.Fields(name)) > 2 {
		return ""
	}
	parts := strings.FieldsFunc(strings.ToLower(humps.ReplaceAllString(name, "$1$3$5 $2$4$6")), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.Is(unicode.M, r)
	})
	if slices.ContainsFunc(parts, scoring) {
		return name
	}
	return ""
}

func scoring(part string) bool {
	if slices.Contains(scoreWords, part) {
		return true
	}
	said := letters(part)
	return slices.ContainsFunc(scoreStems, func(stem string) bool { return strings.HasPrefix(strings.TrimPrefix(said, "ال"), stem) })
}
