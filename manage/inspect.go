package manage

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/lint"
	"flywheel/fault"
	"flywheel/message"
)

// Level says what a remark stands in the way of.
type Level string

// The levels, from the worst.
const (
	Wrong   Level = "wrong"   // it cannot be saved as a version
	Refused Level = "error"   // it cannot go live
	Hint    Level = "warning" // nothing
)

// Remark is one thing about a draft that its editor should hear of.
type Remark struct {
	Step  string // "" = the campaign itself
	Place string // within the step: a field, such as for or email.en.subject; "" = no certain one
	Level Level
	// Key and Data are the string editor_wrong_KEY; "" = Texts and Mend say it.
	Key   string
	Data  map[string]string
	Texts campaign.Texts // what is so
	Mend  campaign.Texts // and what to do
	// Code is the linter's rule; Detail, the problem as it was noted, in English.
	Code, Detail string
	// Line, Column and Excerpt are the place in a condition; 0 = none.
	Line, Column int
	Excerpt      string
}

// Inspect says everything about a draft that keeps it from being saved or from
// going live, and what the linter would have otherwise. An error is the database's.
func (k Desk) Inspect(ctx context.Context, shop commerce.Shop, d campaign.Definition) ([]Remark, error) {
	out := unfinished(d)
	found, err := k.findings(ctx, d, shop)
	if err != nil {
		return nil, err
	}
	at := placesOf(d)
	for _, f := range found {
		step, place := at.split(f.Where)
		out = append(out, Remark{Step: step, Place: place, Level: Level(f.Severity), Texts: f.Texts, Mend: f.Mend, Code: f.Rule})
	}
	missing, err := k.missingHooks(ctx, shop.ID, d)
	if err != nil {
		return nil, err
	}
	for s := range d.AllSteps() {
		if s.Kind == campaign.Webhook && s.Hook != "" && slices.Contains(missing, s.Hook) {
			out = append(out, Remark{Step: s.ID, Place: "hook", Level: Refused, Key: "no_hook", Data: map[string]string{"Name": s.Hook}})
		}
	}
	gaps, err := k.loyaltyGaps(ctx, shop.ID, d)
	return append(out, gaps...), err
}

// Worst counts the remarks of a level.
func Worst(all []Remark, level Level) (n int) {
	for _, r := range all {
		if r.Level == level {
			n++
		}
	}
	return n
}

// places finds the step that a place in the JSON of a definition belongs to.
type places map[string]string // by place, such as steps[2].then[0]

func placesOf(d campaign.Definition) places {
	out := places{}
	lint.EachStep(d, func(s *campaign.Step, where string) { out[where] = s.ID })
	return out
}

// split parts a place into the innermost step and the place within it.
func (o places) split(where string) (step, place string) {
	best := ""
	for at := range o {
		if len(at) > len(best) && (where == at || strings.HasPrefix(where, at+".")) {
			best = at
		}
	}
	if best == "" {
		return "", where
	}
	return o[best], strings.TrimPrefix(strings.TrimPrefix(where, best), ".")
}

// unfinished is what Check, the conditions and the texts would be refused for.
func unfinished(d campaign.Definition) (out []Remark) {
	out = append(out, conditionWrong("", d.Condition, d.Rows)...)
	asked := map[string]bool{"": len(out) > 0}
	for s := range d.AllSteps() {
		if s.Kind == campaign.If && (s.Condition != "" || len(s.Rows) > 0) {
			more := conditionWrong(s.ID, s.Condition, s.Rows)
			asked[s.ID], out = len(more) > 0, append(out, more...)
		}
		out = append(out, textWrongs(s)...)
	}
	for _, p := range d.Problems() {
		r := remarkOf(p)
		if r.Key == "other" && asked[r.Step] && !strings.Contains(p, "trigger") && isCondition(d, r.Step, p) {
			continue // said already, in the reader's language
		}
		out = append(out, r)
	}
	return out
}

// isCondition reports whether a problem is what a condition's own error says.
func isCondition(d campaign.Definition, step, problem string) bool {
	expression, rows := d.Condition, d.Rows
	if s := Step(&d, step); s != nil {
		expression, rows = s.Condition, s.Rows
	}
	_, err := compileEither(expression, rows)
	return err != nil && strings.HasSuffix(problem, fault.Sentence(err))
}

func compileEither(expression string, rows []campaign.Row) (*campaign.Condition, error) {
	if len(rows) > 0 {
		var err error
		if expression, err = campaign.CompileRows(rows); err != nil {
			return nil, err
		}
	}
	return campaign.Compile(expression)
}

// conditionWrong explains what is wrong with a condition.
func conditionWrong(step, expression string, rows []campaign.Row) []Remark {
	if expression == "" && len(rows) == 0 {
		return nil // everybody
	}
	_, err := compileEither(expression, rows)
	var why *campaign.Explained
	if err == nil || !errors.As(err, &why) {
		return nil
	}
	return []Remark{{
		Step: step, Place: "condition", Level: Wrong, Texts: why.Texts, Code: "condition", Line: why.Line, Column: why.Column, Excerpt: why.Excerpt,
	}}
}

// textWrongs are texts whose Liquid cannot be read.
func textWrongs(s *campaign.Step) (out []Remark) {
	note := func(field, lang string, err error) {
		if err != nil {
			out = append(out, Remark{Step: s.ID, Place: field + "." + lang, Level: Wrong, Key: "text", Data: map[string]string{"Language": lang}, Detail: err.Error()})
		}
	}
	for lang, e := range s.Email {
		_, err := message.CompileAll(map[string]campaign.Email{lang: e})
		note("email", lang, err)
	}
	for lang, n := range s.Note {
		_, err := message.CompileNotes(map[string]campaign.Note{lang: n})
		note("note", lang, err)
	}
	return out
}

// said are the forms of what Check says of a step, with the string for each and
// the field; {1} is what stands in the first parentheses.
var said = []struct {
	form  *regexp.Regexp
	key   string
	field string
}{
	{regexp.MustCompile(`^:? ?waits for nothing`), "nothing", "for"},
	{regexp.MustCompile(`^ does not say how long it is useful$`), "needs", "useful"},
	{regexp.MustCompile(`^ has no text$`), "no_text", ""},
	{regexp.MustCompile(`^ has no condition$`), "needs", "condition"},
	{regexp.MustCompile(`^ has no (?:subject or body|title or body) in (\S+)$`), "no_text_in", "{1}"},
	{regexp.MustCompile(`^ needs (\w+)$`), "needs", "{1}"},
	{regexp.MustCompile(`^ takes no (\w+)$`), "takes_no", "{1}"},
	{regexp.MustCompile(`^ has \d+ arms, it needs 2 to 5$`), "arms", "arms"},
	{regexp.MustCompile(`^ has a (?:sample|within) but no goal`), "needs", "goal"},
	{regexp.MustCompile(`^: the sample is`), "sample", "sample"},
	{regexp.MustCompile(`^ does not say within what time the goal counts$`), "needs", "within"},
	{regexp.MustCompile(`^ changes no tag`), "needs", "add"},
	{regexp.MustCompile(`^: (for|timeout|within|useful) is not between`), "lasts", "{1}"},
	{regexp.MustCompile(`^: "[^"]*" is not a time such as`), "time", "at"},
	{regexp.MustCompile(`^: weekday and working exclude`), "weekday_or_working", "weekday"},
	{regexp.MustCompile(`^: (add|remove) holds`), "tags", "{1}"},
	{regexp.MustCompile(`^ both adds and removes`), "tags", "add"},
	{regexp.MustCompile(`^: the weight of arm`), "weight", "arms"},
	{regexp.MustCompile(`^: the points are `), "points", "points"},
	{regexp.MustCompile(`^: why is one line`), "why", "why"},
	{regexp.MustCompile(`^: the reward is no id`), "reward", "reward"},
	{regexp.MustCompile(`^: nobody can wait for the event`), "event", "event"},
}

var (
	ofStep    = regexp.MustCompile(`^step ([a-z0-9_-]+)(\b.*)$`)
	ofTrigger = regexp.MustCompile(`^trigger \S+ needs (\w+)$`)
)

// remarkOf words one problem of Check.
func remarkOf(problem string) Remark {
	r := Remark{Level: Wrong, Key: "other", Detail: problem}
	if m := ofTrigger.FindStringSubmatch(problem); m != nil {
		r.Key, r.Place, r.Data = "needs", "trigger."+m[1], map[string]string{"Field": m[1]}
		return r
	}
	switch {
	case problem == "there are no steps":
		r.Key = "no_steps"
	case strings.HasPrefix(problem, "trigger "):
		r.Place = "trigger"
	case strings.HasPrefix(problem, "entry"):
		r.Place = "entry"
	}
	m := ofStep.FindStringSubmatch(problem)
	if m == nil {
		return r
	}
	r.Step = m[1]
	for _, s := range said {
		if found := s.form.FindStringSubmatch(m[2]); found != nil {
			r.Key, r.Place = s.key, s.field
			if len(found) > 1 {
				r.Place = strings.ReplaceAll(s.field, "{1}", found[1])
			}
			r.Data = map[string]string{"Field": r.Place, "Language": r.Place}
			return r
		}
	}
	return r
}
