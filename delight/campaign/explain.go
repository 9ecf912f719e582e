package campaign

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/parser"

	"flywheel/fault"
)

// Explained is what is wrong with a condition, in plain words. As an error it is
// a fault.Invalid with the English sentence. For rows Line is the row, from 1,
// and Column is 0.
type Explained struct {
	Line, Column int    // from 1, in characters; 0 where it lies at no one place
	Excerpt      string // the line and, below it, a caret; "" without a place
	Texts        Texts  // one or two sentences in en, ar and fa
}

// Error is the place and the English sentence.
func (e *Explained) Error() string {
	switch {
	case e.Line == 0:
		return "condition: " + e.Texts["en"]
	case e.Column == 0:
		return fmt.Sprintf("condition, row %d: %s", e.Line, e.Texts["en"])
	}
	return fmt.Sprintf("condition %d:%d: %s", e.Line, e.Column, e.Texts["en"])
}

// Unwrap makes it a fault that a merchant may read.
func (e *Explained) Unwrap() error { return fault.New(fault.Invalid, "%s", e.Error()) }

// excerptWidth bounds how much of a line is shown, in characters.
const excerptWidth = 80

// explain makes an Explained for a place in source.
func explain(source string, line, column int, words Texts) *Explained {
	e := &Explained{Texts: words}
	lines := strings.Split(source, "\n")
	if line < 1 || line > len(lines) {
		return e
	}
	shown := []rune(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, lines[line-1]))
	e.Line, e.Column = line, min(max(column, 1), len(shown)+1)
	from := max(0, e.Column-1-excerptWidth/2)
	to := min(len(shown), from+excerptWidth)
	e.Excerpt = string(shown[from:to]) + "\n" + strings.Repeat(" ", e.Column-1-from) + "^"
	return e
}

// runesOf returns what stands in source from a place on, and before it on its line.
func runesOf(source string, line, column int) (before, after []rune) {
	lines := strings.Split(source, "\n")
	if line < 1 || line > len(lines) {
		return nil, nil
	}
	all := []rune(lines[line-1])
	at := min(max(column-1, 0), len(all))
	return all[:at], all[at:]
}

func wordRune(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }

// first is the error that stands foremost in the text: what follows is often its consequence.
func first(all []*cel.Error) *cel.Error {
	return slices.MinFunc(all, func(a, b *cel.Error) int {
		return cmp.Or(cmp.Compare(a.Location.Line(), b.Location.Line()), cmp.Compare(a.Location.Column(), b.Location.Column()))
	})
}

// inCEL are words and signs that people write for those of CEL.
var inCEL = map[string]phrase{
	"=": oneEqual, "<": notEqual, "and": wordAnd, "AND": wordAnd, "&": wordAnd, "or": wordOr, "OR": wordOr, "|": wordOr, "not": wordNot, "NOT": wordNot,
	"contains": wordContains, "includes": wordContains, "“": plainQuotes, "”": plainQuotes, "«": plainQuotes, "‘": plainQuotes, "’": plainQuotes, "،": plainComma,
	`"`: openText, "'": openText,
}

// explainSyntax is for what CEL's parser cannot read.
func explainSyntax(source string, all []*cel.Error) error {
	e := first(all)
	line, column := e.Location.Line(), e.Location.Column()+1
	before, after := runesOf(source, line, column)
	near := string(after)
	if i := slices.IndexFunc(after, func(r rune) bool { return !wordRune(r) }); i > 0 {
		near = string(after[:i])
	} else if i == 0 {
		near = string(after[:1])
	}
	words := say(nearHere, near)
	hint, known := inCEL[near]
	if !known { // what was written before may be what makes this unreadable
		said := strings.TrimRight(string(before), " ")
		hint, known = inCEL[said[strings.LastIndexAny(said, " (!&|")+1:]]
	}
	reserved := strings.HasPrefix(e.Message, "reserved identifier: ")
	switch {
	case e.Message == badDay:
		words = say(dayTakes, `day("2026-03-21")`)
	case strings.Contains(e.Message, "has() macro"):
		words = say(hasTakes, "has(order.paid_at)")
	case strings.Contains(e.Message, "recursion limit") || strings.Contains(e.Message, "exceeds limit"):
		return explain(source, 0, 0, say(tooNested))
	case !strings.HasPrefix(e.Message, "Syntax error") && !reserved:
		words = say(unclear, e.Message)
	case strings.TrimSpace(near) == "":
		words = say(endsEarly)
	case known:
		words = say(hint)
	case reserved:
		words = say(reservedWord, near)
	case unicode.Is(unicode.Cf, after[0]):
		words = say(invisible)
	case unicode.IsDigit(after[0]) && after[0] > unicode.MaxASCII:
		words = say(latinDigits)
	}
	return explain(source, line, column, words)
}

var (
	undefinedField = regexp.MustCompile(`^undefined field '([^']*)'`)
	undeclared     = regexp.MustCompile(`^undeclared reference to '([^']*)'`)
	noOverload     = regexp.MustCompile(`^found no matching overload for '([^']*)' applied to '(.*)'$`)
	typeMismatch   = regexp.MustCompile(`^expected type '([^']*)' but found '([^']*)'`)
	noFields       = regexp.MustCompile(`^type '([^']*)' does not support field selection`)
	notARange      = regexp.MustCompile(`^expression of type '([^']*)' cannot be range`)
)

// explainCheck is for what can be read and makes no sense.
func explainCheck(source string, parsed *ast.AST, all []*cel.Error) error {
	e := first(all)
	line, column := e.Location.Line(), e.Location.Column()+1
	before, after := runesOf(source, line, column)
	called := len(after) > 0 && after[0] == '('
	switch { // CEL points at the dot and at the parenthesis, people look at the name
	case called:
		for column > 1 && wordRune(before[column-2]) {
			column--
		}
	case len(after) > 0 && after[0] == '.':
		column += 1 + len(after[1:]) - len([]rune(strings.TrimLeft(string(after[1:]), " ")))
	}
	words := say(unclear, e.Message)
	if strings.Contains(e.Message, "regex") {
		words = say(noPattern, e.Message)
	}
	if m := undefinedField.FindStringSubmatch(e.Message); m != nil {
		words = noVariable(scopeOf(parsed, e.ExprID), m[1])
	} else if m := undeclared.FindStringSubmatch(e.Message); m != nil {
		words = noVariable("", m[1])
		if called {
			words = withGuess(say(noFunction, m[1]), guess(m[1], functionNames))
		}
	} else if m := noOverload.FindStringSubmatch(e.Message); m != nil {
		words = misfit(m[1], typeList(m[2]))
		if hint := inList(parsed, e.ExprID, m[2]); m[1] == "contains" && hint != "" {
			words = say(listContains, hint)
		}
	} else if m := typeMismatch.FindStringSubmatch(e.Message); m != nil {
		words = say(expected, typeWords(m[1]), typeWords(m[2]))
	} else if m := noFields.FindStringSubmatch(e.Message); m != nil {
		words = say(noParts, typeWords(m[1]))
	} else if m := notARange.FindStringSubmatch(e.Message); m != nil {
		words = say(notAList, typeWords(m[1]))
	}
	return explain(source, line, column, words)
}

// scopeOf names what the part with an id is asked of: order, ..., or line for
// the variable of a loop; "" where it is neither.
func scopeOf(parsed *ast.AST, id int64) (scope string) {
	ast.PreOrderVisit(parsed.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.ID() != id || e.Kind() != ast.SelectKind || e.AsSelect().Operand().Kind() != ast.IdentKind {
			return
		}
		if scope = e.AsSelect().Operand().AsIdent(); !slices.Contains(scopes, scope) {
			scope = "line"
		}
	}))
	return scope
}

// inList writes list.contains(text), the part with an id, as CEL has it; "" where
// it is something else.
func inList(parsed *ast.AST, id int64, signature string) (right string) {
	if !strings.HasPrefix(signature, "list(string).(string") {
		return ""
	}
	ast.PreOrderVisit(parsed.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.ID() != id || e.Kind() != ast.CallKind || len(e.AsCall().Args()) != 1 || !e.AsCall().IsMemberFunction() {
			return
		}
		list, err := parser.Unparse(e.AsCall().Target(), parsed.SourceInfo())
		text, wrong := parser.Unparse(e.AsCall().Args()[0], parsed.SourceInfo())
		if err == nil && wrong == nil {
			right = text + " in " + list
		}
	}))
	return right
}

// noVariable says that a name is unknown, and which may be meant.
func noVariable(scope, name string) Texts {
	if scope == "line" {
		return withGuess(say(noSuch, name), guess(name, fieldsOf("line")))
	}
	if scope != "" {
		full := scope + "." + name
		return withGuess(say(noSuch, full), guess(full, variableNames()))
	}
	near := guess(name, slices.Concat(scopes, []string{"now"}))
	for _, v := range variableNames() {
		if _, field, _ := strings.Cut(v, "."); near == "" && field == name {
			near = v
		}
	}
	if near == "" {
		return join(say(noSuch, name), say(theScopes))
	}
	return withGuess(say(noSuch, name), near)
}

func withGuess(words Texts, name string) Texts {
	if name == "" {
		return words
	}
	return join(words, say(didYouMean, name))
}

// misfit says that an operator or function does not fit what stands around it.
func misfit(function string, args []Texts) Texts {
	if function == "@in" && len(args) == 2 {
		return say(misfitIn, args[0], args[1])
	}
	sign := strings.Trim(function, "_")
	switch {
	case function == "_[_]":
		return say(misfitCall, "[ ]", listing(args))
	case slices.Contains([]string{"==", "!="}, sign) && len(args) == 2 && args[0]["en"] == args[1]["en"]:
		return say(withPoint)
	case slices.Contains([]string{"==", "!=", "<", "<=", ">", ">="}, sign) && len(args) == 2:
		return say(misfitCompare, sign, args[0], args[1])
	case function == "_?_:_" && len(args) == 3:
		return say(misfitChoice, args[1], args[2])
	case len(args) == 0:
		return say(misfitEmpty, sign)
	}
	return say(misfitCall, sign, listing(args))
}

// explainRun is for what went wrong while a condition was answered.
func (c *Condition) explainRun(err error) error {
	line, column := 0, 0
	if at := (*types.Err)(nil); errors.As(err, &at) && at.NodeID() != 0 {
		place := c.info.GetStartLocation(at.NodeID())
		line, column = place.Line(), place.Column()+1
	}
	what := err.Error()
	words := say(failed, what)
	for part, p := range map[string]phrase{
		"cost limit": tooCostly, "division by zero": divided, "modulus by zero": divided, "overflow": overflow,
		"no such overload":    kindsDiffer,
		"index out of bounds": outOfList, "out of range in list": outOfList,
	} {
		if strings.Contains(what, part) {
			words = say(p)
		}
	}
	if meets := (*absent)(nil); errors.As(err, &meets) {
		words = say(notKnown, meets.variable, "has("+meets.variable+")")
	}
	if key, found := strings.CutPrefix(what, "no such key: "); found {
		words = say(noKey, key, "has(event.props."+key+")")
	}
	return explain(c.source, line, column, words)
}
