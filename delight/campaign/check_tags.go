package campaign

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// What Shopify takes as a customer's tags: 40 letters each, and a comma parts
// two. How many one step may change is ours.
const (
	maxTags = 20
	maxTag  = 40
)

var customerTag = regexp.MustCompile(`^[^\s,\x00-\x1f\x7f]([^,\x00-\x1f\x7f]*[^\s,\x00-\x1f\x7f])?$`)

func (s *Step) checkTags(p *problems, where string) {
	p.note(len(s.Add) == 0 && len(s.Remove) == 0, "%s changes no tag: it needs add or remove", where)
	s.checkTagList(p, where, "add", s.Add)
	s.checkTagList(p, where, "remove", s.Remove)
	for _, tag := range s.Add {
		p.note(hasTag(s.Remove, tag), "%s both adds and removes the tag %q", where, tag)
	}
}

func (s *Step) checkTagList(p *problems, where, field string, tags []string) {
	p.note(len(tags) > maxTags, "%s: %s holds %d tags, at most %d are allowed", where, field, len(tags), maxTags)
	for i, tag := range tags[:min(len(tags), maxTags)] {
		n := utf8.RuneCountInString(tag)
		p.note(n > maxTag, "%s: %s holds a tag of %d letters, at most %d are allowed", where, field, n, maxTag)
		p.note(n <= maxTag && !customerTag.MatchString(tag), "%s: %s holds %q, which is no tag: it may hold no comma, and no space at its ends", where, field, tag)
		p.note(hasTag(tags[:i], tag), "%s: %s holds the tag %q twice", where, field, tag)
	}
}

// hasTag knows tags as Shopify does, whatever the case of their letters.
func hasTag(tags []string, tag string) bool {
	return slices.ContainsFunc(tags, func(one string) bool { return strings.EqualFold(one, tag) })
}
