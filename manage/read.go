package manage

import (
	"errors"
	"regexp"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/token"

	"flywheel/delight/campaign"
	"flywheel/fault"
)

// FileError is one thing that is wrong with a campaign's file. Line and Column
// count from 1; 0 = it lies at no one place.
type FileError struct {
	Line, Column int
	Says         string // in English
}

var (
	atLine = regexp.MustCompile(`^(?:the playbook cannot be read: )?line (\d+): (?s)(.*)$`)
	atStep = regexp.MustCompile(`^step ([a-z0-9_-]+)\b`)
)

// ReadDefinition reads a campaign from YAML and says everything that is wrong
// with it, where.
func ReadDefinition(data []byte) (campaign.Definition, []FileError) {
	d, err := campaign.Parse(data)
	if err == nil {
		return d, nil
	}
	if problems := d.Problems(); strings.HasPrefix(fault.Sentence(err), "campaign ") && len(problems) > 0 {
		lines := linesOf(data)
		out := make([]FileError, len(problems))
		for i, p := range problems {
			out[i] = FileError{Says: p}
			if m := atStep.FindStringSubmatch(p); m != nil {
				out[i].Line, out[i].Column = lines[m[1]].Line, lines[m[1]].Column
			}
		}
		return d, out
	}
	one := FileError{Says: fault.Sentence(err)}
	if m := atLine.FindStringSubmatch(one.Says); m != nil {
		one.Line, _ = strconv.Atoi(m[1])
		one.Says, one.Column = m[2], columnOf(data, one.Line)
	}
	return d, []FileError{one}
}

// columnOf is where the reader of YAML stopped, if that is on this line, else
// where the line begins.
func columnOf(data []byte, line int) int {
	var d campaign.Definition
	at := yaml.Error(nil)
	if err := yaml.UnmarshalWithOptions(data, &d, yaml.Strict()); errors.As(err, &at) && at.GetToken() != nil && at.GetToken().Position.Line == line {
		return at.GetToken().Position.Column
	}
	for i, text := range strings.Split(string(data), "\n") {
		if i+1 == line {
			return len(text) - len(strings.TrimLeft(text, " -")) + 1
		}
	}
	return 0
}

// linesOf finds where each step's id stands.
func linesOf(data []byte) map[string]token.Position {
	out := map[string]token.Position{}
	for _, t := range lexer.Tokenize(string(data)) {
		if t.Prev != nil && t.Prev.Type == token.MappingValueType && t.Prev.Prev != nil && t.Prev.Prev.Value == "id" {
			if _, known := out[t.Value]; !known {
				out[t.Value] = *t.Position
			}
		}
	}
	return out
}
