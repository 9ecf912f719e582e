package campaign

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Bounds of what stands at the head of a definition.
const (
	maxPriority = 1000
	maxTopic    = 64 // characters
)

// tagged is a language tag as texts are listed by: en, ar-SA.
var tagged = regexp.MustCompile(tagForm)

// checkBounds notes names, numbers and languages that the published schema
// would refuse.
func (d *Definition) checkBounds(p *problems) {
	p.note(!plainID(d.Name), "the name %q may only hold small letters, digits, _ and -, at most 64", d.Name)
	p.note(d.Priority < 0 || d.Priority > maxPriority, "priority %d is not a number from 0 to %d", d.Priority, maxPriority)
	p.note(d.Topic != "" && strings.TrimSpace(d.Topic) == "", "topic is blank")
	p.note(utf8.RuneCountInString(d.Topic) > maxTopic, "topic is longer than %d characters", maxTopic)
	tags(p, "title", d.Title)
	tags(p, "goal", d.Goal)
	eachStep(d.Steps, func(s *Step, _ int) {
		tags(p, "step "+s.ID, s.Email)
		tags(p, "step "+s.ID, s.Note)
	})
}

func tags[T any](p *problems, where string, texts map[string]T) {
	for _, tag := range slices.Sorted(maps.Keys(texts)) {
		p.note(!tagged.MatchString(tag), "%s: %q is not a language tag such as en or ar-SA", where, tag)
	}
}
