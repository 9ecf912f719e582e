package lint

import (
	"regexp"
	"regexp/syntax"
	"strings"
	"unicode"
	"unicode/utf8"
)

// lexicon is the phrases of one meaning in one language. A single expression
// of them all would be tried at every letter; so each is tried alone, at the
// beginning of words and only where its first letter stands: some 50 times faster.
type lexicon struct {
	phrases  []*phrase
	byLetter map[rune][]*phrase // for the letters and digits that plain leaves
	joined   bool               // "and" is written with the word behind it, as in Arabic
}

type phrase struct {
	expr  *regexp.Regexp // from the beginning of a word; its group is what was found
	first []*syntax.Inst // what may stand first
}

// What a ~ stands for before and behind a word.
var prefix = map[string]string{"ar": `[وف]?(?:بال|كال|ال|لل|[بكل])?`}

var suffix = map[string]string{
	"en": `(?:'s|s|es|ed|d|ing|ers?)?`,
	"ar": `(?:ها|هم|كم|كن|نا|تك|تنا|ته|اتك|اتنا|اته|ات|ين|ون|ه|ك|ي|ا)?`,
	"fa": `(?: ?(?:هایی|های|ها|ای|ی|ام|ات|اش|م|ت|ش)){0,2}(?: ?(?:مان|تان|شان|تون))?`,
}

// leading is a ~ before a word.
var leading = regexp.MustCompile(`(^|[ (|])~`)

func newLexicon(lang string, list []string) *lexicon {
	x := &lexicon{byLetter: map[rune][]*phrase{}, joined: lang == "ar"}
	for _, p := range list {
		p = leading.ReplaceAllString(p, "${1}"+prefix[lang])
		p = letters(strings.ReplaceAll(p, "~", suffix[lang]))
		x.phrases = append(x.phrases, &phrase{regexp.MustCompile(`^(` + p + `)(?:$|[^\pL\pN])`), firsts(p)})
	}
	for _, span := range [][2]rune{{'0', '9'}, {'a', 'z'}, {'ء', 'ي'}} {
		for r := span[0]; r <= span[1]; r++ {
			x.byLetter[r] = x.begin(r)
		}
	}
	return x
}

// firsts are the instructions of an expression that may read its first letter.
func firsts(expr string) (out []*syntax.Inst) {
	tree, err := syntax.Parse(expr, syntax.Perl)
	must(err)
	program, err := syntax.Compile(tree.Simplify())
	must(err)
	seen := map[uint32]bool{}
	var follow func(at uint32)
	follow = func(at uint32) {
		if seen[at] {
			return
		}
		seen[at] = true
		switch i := &program.Inst[at]; i.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			follow(i.Out)
			follow(i.Arg)
		case syntax.InstCapture, syntax.InstNop, syntax.InstEmptyWidth:
			follow(i.Out)
		default:
			out = append(out, i)
		}
	}
	follow(uint32(program.Start))
	return out
}

// begin are the phrases that may begin with a letter.
func (x *lexicon) begin(r rune) (out []*phrase) {
	if known, ok := x.byLetter[r]; ok {
		return known
	}
	for _, p := range x.phrases {
		for _, i := range p.first {
			if i.MatchRune(r) {
				out = append(out, p)
				break
			}
		}
	}
	return out
}

// longest phrase there is, in bytes, with room to spare.
const farthest = 160

// find returns where the first phrase stands in a plain text; 0, 0 if none does.
func (x *lexicon) find(text string) (from, to int) {
	if x == nil {
		return 0, 0
	}
	within := false
	for at, r := range text {
		if !within && r != ' ' {
			for _, p := range x.begin(r) {
				if found := p.expr.FindStringSubmatchIndex(window(text[at:])); found != nil {
					return at, at + found[3]
				}
			}
		}
		and := x.joined && !within && (r == 'و' || r == 'ف')
		within = !and && (unicode.IsLetter(r) || unicode.IsNumber(r))
	}
	return 0, 0
}

// window is the beginning of a text, up to the end of a word.
func window(text string) string {
	if len(text) <= farthest {
		return text
	}
	if space := strings.IndexByte(text[farthest:], ' '); space >= 0 {
		return text[:farthest+space]
	}
	return text
}

// without takes all phrases out of a text.
func (x *lexicon) without(text string) string {
	var kept strings.Builder
	for {
		from, to := x.find(text)
		if from == to {
			return kept.String() + text
		}
		kept.WriteString(text[:from] + ".")
		text = text[to:]
		if r, _ := utf8.DecodeRuneInString(text); r != ' ' {
			kept.WriteString(" ")
		}
	}
}
