package manage

import (
	"regexp"
	"strconv"
	"strings"

	"flywheel/delight/campaign"
	"flywheel/message"
)

// TextWrong is one thing that is wrong with a field of a mail's text.
type TextWrong struct {
	// Block counts from 0; -1 = the field is the mail's own.
	Block int
	// Field is text, alt, image, link, button label, button url, button otherwise of a
	// block; subject, preheader, heading, body, closing of a mail; "" = the whole.
	Field string
	// Key and Data are the string blocks_wrong_KEY; Detail says exactly what, in English.
	Key    string
	Data   map[string]string
	Detail string
	// Line and Column count from 1; 0 = it is about the whole field.
	Line, Column int
	Excerpt      string // the line, and below it a caret under the column
	Harmless     bool   // it leaves a gap in the mail; the others refuse the text
}

// TextWrongs says what is wrong with one text of a mail: with its form, and with its Liquid.
func TextWrongs(e campaign.Email) (out []TextWrong) {
	for i, b := range e.Blocks {
		if spec := campaign.BlockOf(b.Kind); spec != nil {
			for _, field := range missing(b, spec) {
				out = append(out, TextWrong{Block: i, Field: field, Key: "empty"})
			}
		}
	}
	if len(e.Blocks) > 0 && !says(e.Blocks) {
		out = append(out, TextWrong{Block: -1, Key: "nothing"})
	}
	if len(e.Blocks) == 0 && len(e.Body) == 0 {
		out = append(out, TextWrong{Block: -1, Field: "body", Key: "empty"})
	}
	for _, p := range message.Lint(e) {
		w := wrongOf(p)
		if m := ofNumber.FindStringSubmatch(p.Field); m != nil && w.Line > 0 {
			w.Line += linesBefore(e, m[1], m[2])
		}
		out = append(out, w)
	}
	return out
}

// linesBefore counts the lines above a paragraph of the body or a line of the
// closing, which are written in one field each.
func linesBefore(e campaign.Email, field, number string) (n int) {
	at, _ := strconv.Atoi(number) // digits
	if field == "closing" {
		return at - 1
	}
	for _, p := range e.Body[:min(at-1, len(e.Body))] {
		n += strings.Count(p, "\n") + 2 // itself, and the blank line behind it
	}
	return n
}

// says reports whether any block tells something of its own.
func says(blocks []campaign.Block) bool {
	for _, b := range blocks {
		if spec := campaign.BlockOf(b.Kind); spec != nil && spec.Says && !b.Hidden {
			return true
		}
	}
	return false
}

// missing are the fields that a block needs and has not.
func missing(b campaign.Block, spec *campaign.BlockSpec) (out []string) {
	for _, p := range spec.Params {
		if !p.Required {
			continue
		}
		text := map[string]string{"text": b.Text, "image": b.Image, "alt": b.Alt}[p.Name]
		switch {
		case p.Name != "button" && strings.TrimSpace(text) == "":
			out = append(out, p.Name)
		case p.Name == "button" && (b.Button == nil || strings.TrimSpace(b.Button.Label) == ""):
			out = append(out, "button label")
		}
	}
	return out
}

var (
	ofBlock  = regexp.MustCompile(`^block (\d+) (.+)$`)
	ofNumber = regexp.MustCompile(`^(body|closing) (\d+)$`)
)

// wrongOf words one problem of a text.
func wrongOf(p message.Problem) TextWrong {
	w := TextWrong{Block: -1, Field: p.Field, Key: "other", Detail: p.Sentence, Line: p.Line, Column: p.Column, Excerpt: p.Excerpt, Harmless: p.Harmless}
	if m := ofBlock.FindStringSubmatch(p.Field); m != nil {
		n, _ := strconv.Atoi(m[1]) // digits
		w.Block, w.Field = n-1, m[2]
	} else if m := ofNumber.FindStringSubmatch(p.Field); m != nil {
		w.Field = m[1]
	} else if p.Field == "text" || p.Field == "blocks" {
		w.Field = ""
	}
	if w.Excerpt == "" {
		w.Line, w.Column = 0, 0
	}
	for _, s := range textSaid {
		m := s.form.FindStringSubmatch(p.Sentence)
		if m == nil {
			continue
		}
		w.Key, w.Data = s.key, map[string]string{}
		for i, name := range s.form.SubexpNames() {
			if name != "" {
				w.Data[name] = m[i]
			}
		}
		break
	}
	return w
}

// textSaid are the forms of what the reader of texts says, with the string for each.
var textSaid = []struct {
	form *regexp.Regexp
	key  string
}{
	{regexp.MustCompile(`^the subject is blank$`), "empty"},
	{regexp.MustCompile(`^the body is blank$`), "empty"},
	{regexp.MustCompile(`^it stands on one line$`), "one_line"},
	{regexp.MustCompile(`^it must be an address such as `), "address"},
	{regexp.MustCompile(`^a link must be an address such as `), "link"},
	{regexp.MustCompile(`^there is no (?P<Name>[^;]+?); it stays empty; did you mean (?P<Near>.+)\?$`), "no_variable_near"},
	{regexp.MustCompile(`^there is no (?P<Name>[^;]+?); it stays empty$`), "no_variable"},
	{regexp.MustCompile(`^(?P<Name>\S+) is no text; it stays empty$`), "no_value"},
	{regexp.MustCompile(`^there is no filter "(?P<Name>[^"]*)"; did you mean (?P<Near>.+)\?$`), "no_filter_near"},
	{regexp.MustCompile(`^there is no filter "(?P<Name>[^"]*)"`), "no_filter"},
	{regexp.MustCompile(`^there is no tag (?P<Name>\{% .*? %\})`), "no_tag"},
	{regexp.MustCompile(`^(?:this )?(?P<Name>\{% .*? %\}|\{\{|\{%|<[^>]*>) (?:is never closed|has no .*)$`), "open"},
	{regexp.MustCompile(`^this [{%"'\[]+ (?:is never closed|has no .*)$`), "unclosed"},
	{regexp.MustCompile(`^(?P<Name>\{% .*? %\}) closes nothing$`), "closes_nothing"},
	{regexp.MustCompile(`^this closes (?P<Name><[^>]*>|\{% .*? %\}), which is not open$`), "closes_nothing"},
	{regexp.MustCompile(`^(?P<Name>\S.*) must be closed before (?P<Near>\S.*?)(?: is)?$`), "crossed"},
	{regexp.MustCompile(`^a name is missing`), "no_name"},
	{regexp.MustCompile(`^outputs and tags stand in text, `), "in_element"},
	{regexp.MustCompile(`stand within (?:blocks|loops) more than (?P<Number>\d+) deep$`), "deep"},
	{regexp.MustCompile(`^a value is missing$`), "no_value_given"},
	{regexp.MustCompile(`^"(?P<Name>.*)" is no (?:value|number)$`), "not_a_value"},
	{regexp.MustCompile(`^"(?P<Name>.*)" cannot stand here`), "not_here"},
	{regexp.MustCompile(`^(?P<Name><\w+>) is left out; possible are (?P<Near>.*)$`), "left_out"},
	{regexp.MustCompile(`^(?P<Name>\S+) is no list; `), "no_list"},
	{regexp.MustCompile(`^(?P<Name>\{% .*? %\}) stands within .* only$`), "within"},
	{regexp.MustCompile(`^(?P<Name>\S+) takes (?:no values|.* after a colon)`), "takes"},
	{regexp.MustCompile(`^the character (?P<Name>U\+\w+) cannot be seen`), "unseen"},
	{regexp.MustCompile(`is larger than (?P<Number>\d+) KB`), "large"},
	{regexp.MustCompile(`^there are more than (?P<Number>\d+) `), "many"},
}
