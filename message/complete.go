package message

import "slices"

// tags are those of texts, with those that close them.
var tags = []string{
	"if", "elsif", "else", "endif", "unless", "endunless", "case", "when", "endcase", "for", "endfor", "break", "continue",
	"assign", "capture", "endcapture", "comment", "endcomment", "raw", "endraw",
}

// Words are the names that somebody who writes a text may use.
type Words struct {
	Variables, Filters, Tags []string
}

// Completions are the names that a text may use: what the reader of texts knows,
// nothing else. rich says that it is a formatted text, which has one filter more.
func Completions(rich bool) Words {
	d := plainDialect()
	if rich {
		d = richDialect()
	}
	w := Words{Variables: names(Variables), Filters: d.Filters(), Tags: slices.Clone(tags)}
	slices.Sort(w.Variables)
	return w
}
