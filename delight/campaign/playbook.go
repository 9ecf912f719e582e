package campaign

import (
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/token"

	"flywheel/fault"
)

// A playbook is a small plain file: what makes one slow to read is refused.
const (
	maxPlaybook = 64 << 10
	maxNesting  = 16
)

// Parse reads a playbook and checks it. Errors are fault.Invalid with the line
// where the file has one.
func Parse(data []byte) (Definition, error) {
	var d Definition
	if len(data) > maxPlaybook {
		return d, fault.New(fault.Invalid, "the playbook is larger than 64 KB")
	}
	if err := plainYAML(data); err != nil {
		return d, err
	}
	if err := yaml.UnmarshalWithOptions(data, &d, yaml.Strict()); err != nil {
		why := fault.Sentence(err) // ours, of a duration
		if why == "" {
			why = YAMLWords(err, fieldNames())
		}
		return d, fault.New(fault.Invalid, "the playbook cannot be read: %s", why)
	}
	if err := plainValues(data); err != nil {
		return d, err
	}
	return d, d.Check()
}

// plainYAML refuses what a playbook has no need of: aliases, which expand, a
// second document, which nobody would read, and lists within lists.
func plainYAML(data []byte) error {
	refuse := func(t *token.Token, what string) error {
		return fault.New(fault.Invalid, "the playbook cannot be read: line %d: %s", t.Position.Line, what)
	}
	depth, begun := 0, false
	tokens := lexer.Tokenize(string(data))
	if !slices.ContainsFunc(tokens, says) {
		return fault.New(fault.Invalid, "the playbook is empty")
	}
	for _, t := range tokens {
		switch t.Type {
		case token.AnchorType, token.AliasType, token.MergeKeyType:
			return refuse(t, "anchors and aliases are not allowed")
		case token.TagType, token.DirectiveType:
			return refuse(t, "tags and directives are not allowed")
		case token.DocumentHeaderType, token.DocumentEndType:
			if begun && t.Next != nil {
				return refuse(t, "a second document is not allowed")
			}
		case token.SequenceEntryType:
			if t.Prev != nil && t.Prev.Type == token.SequenceEntryType && t.Prev.Position.Line == t.Position.Line {
				return refuse(t, "a list within a list is not allowed")
			}
		case token.SequenceStartType, token.MappingStartType:
			depth++
		case token.SequenceEndType, token.MappingEndType:
			depth--
		}
		if depth > maxNesting {
			return refuse(t, "too many brackets within brackets")
		}
		begun = begun || t.Type != token.CommentType
	}
	return nil
}

// says reports whether a token says something: a comment and the line between
// two documents do not.
func says(t *token.Token) bool {
	return t.Type != token.CommentType && t.Type != token.DocumentHeaderType && t.Type != token.DocumentEndType && strings.Trim(t.Value, "\ufeff \n") != ""
}
