package campaign

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/token"

	"flywheel/delight/gate"
	"flywheel/fault"
)

// A playbook is a small plain file: what makes one slow to read is refused.
const (
	maxPlaybook = 64 << 10
	maxNesting  = 16
	maxSteps    = 100
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
		if at := yaml.Error(nil); why == "" && errors.As(err, &at) && at.GetToken() != nil {
			why = fmt.Sprintf("line %d: %s", at.GetToken().Position.Line, at.GetMessage())
		}
		return d, fault.New(fault.Invalid, "the playbook cannot be read: %s", cmp.Or(why, err.Error()))
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
	for _, t := range lexer.Tokenize(string(data)) {
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

// Check reports everything that is wrong with a definition, all at once.
func (d Definition) Check() error {
	var wrong []string
	note := func(bad bool, format string, args ...any) {
		if bad {
			wrong = append(wrong, fmt.Sprintf(format, args...))
		}
	}
	note(d.Name == "", "name is missing")
	note(d.Class != gate.Transactional && d.Class != gate.Service && d.Class != gate.Marketing,
		"class %q is not transactional, service or marketing", d.Class)
	note(d.Topic == "", "topic is missing")
	note(d.Trigger.Kind != OnOrderPaid && d.Trigger.Kind != OnOrderArrived,
		"trigger %q is unknown; there are order_paid and order_arrived", d.Trigger.Kind)
	note(len(d.Steps) == 0, "there are no steps")
	note(len(d.Steps) > maxSteps, "there are %d steps, at most %d are allowed", len(d.Steps), maxSteps)
	if d.Condition != "" {
		_, err := Compile(d.Condition)
		note(err != nil, "%v", err)
	}
	seen := map[string]bool{}
	for i, step := range d.Steps {
		note(step.ID == "" || seen[step.ID], "step %d needs an id of its own", i+1)
		seen[step.ID] = true
		note(!plainID(step.ID), "step id %q may only hold small letters, digits, _ and -", step.ID)
		wrong = append(wrong, step.check()...)
	}
	if len(wrong) > 0 {
		return fault.New(fault.Invalid, "campaign %s: %s", d.Name, strings.Join(wrong, "; "))
	}
	return nil
}

// plainID keeps ids apart from the positions that After makes of them.
func plainID(id string) bool {
	return len(id) <= 64 && strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789_-") == ""
}

func (s Step) check() (wrong []string) {
	switch s.Kind {
	case Wait:
		if s.For <= 0 {
			wrong = append(wrong, "step "+s.ID+" waits for nothing")
		}
	case SendEmail:
		if s.Useful <= 0 {
			wrong = append(wrong, "step "+s.ID+" does not say how long it is useful")
		}
		if len(s.Email) == 0 {
			wrong = append(wrong, "step "+s.ID+" has no text")
		}
		for _, lang := range slices.Sorted(maps.Keys(s.Email)) {
			if mail := s.Email[lang]; mail.Subject == "" || len(mail.Body) == 0 {
				wrong = append(wrong, "step "+s.ID+" has no subject or body in "+lang)
			}
		}
	default:
		wrong = append(wrong, fmt.Sprintf("step %s has the unknown kind %q; there are wait and send_email", s.ID, s.Kind))
	}
	return wrong
}
