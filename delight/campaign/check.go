package campaign

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/fault"
)

// What one campaign may hold, so that none runs away and all can be read.
const (
	maxSteps = 100 // over all branches
	maxDepth = 8   // of branches within branches
)

// problems gathers everything that is wrong, so that it can be mended at once.
type problems []string

func (p *problems) note(bad bool, format string, args ...any) {
	if bad {
		*p = append(*p, fmt.Sprintf(format, args...))
	}
}

// Check reports everything that is wrong with a definition, all at once, as fault.Invalid.
func (d Definition) Check() error {
	if p := d.Problems(); len(p) > 0 {
		return fault.New(fault.Invalid, "campaign %s: %s", cmp.Or(d.Name, "without a name"), strings.Join(p, "; "))
	}
	return nil
}

// Problems is what Check reports, one by one; what is wrong with a step begins
// with "step" and its id.
func (d Definition) Problems() []string {
	var p problems
	p.note(d.Name == "", "name is missing")
	p.note(d.Class != gate.Transactional && d.Class != gate.Service && d.Class != gate.Marketing,
		"class %q is not transactional, service or marketing", d.Class)
	p.note(d.Topic == "", "topic is missing")
	p.note(d.Job != "" && !slices.Contains(commerce.Jobs(), d.Job), "job %q is unknown; there are %s", d.Job, list(commerce.Jobs()))
	d.checkTrigger(&p)
	d.checkEntry(&p)
	p.condition("", d.Condition, d.Rows)
	d.checkSteps(&p)
	d.checkNames(&p)
	d.checkBounds(&p)
	return p
}

var (
	amountForm = regexp.MustCompile(`^[0-9]{1,12}(\.[0-9]{1,3})?$`)
	nameForm   = regexp.MustCompile(`^[a-z0-9_.-]{1,64}$`)
)

// triggerFields says which fields of a trigger are set.
func triggerFields(t Trigger) map[string]bool {
	return map[string]bool{
		"after": t.After != 0, "median": t.Median, "products": len(t.Products) > 0, "related": len(t.Related) > 0,
		"n": t.N != 0, "amount": t.Amount != "", "name": t.Name != "",
	}
}

func (d *Definition) checkTrigger(p *problems) {
	t := d.Trigger
	spec := TriggerOf(t.Kind)
	if spec == nil {
		kinds := make([]TriggerKind, 0, len(triggers))
		for _, s := range triggers {
			kinds = append(kinds, s.Kind)
		}
		p.note(true, "trigger %q is unknown; %s", t.Kind, orNear(t.Kind, kinds))
		return
	}
	p.fields("trigger "+string(t.Kind), spec.Params, triggerFields(t))
	p.lasts("trigger "+string(t.Kind), "after", t.After)
	p.note(t.N < 0 || t.N > 1000, "trigger %s: n is %d, not a number from 1 to 1000", t.Kind, t.N)
	p.note(t.Amount != "" && !amountForm.MatchString(t.Amount), "trigger %s: %q is not an amount such as 500 or 99.50", t.Kind, t.Amount)
	p.note(t.Amount != "" && strings.Trim(t.Amount, "0.") == "", "trigger %s: the amount is nothing", t.Kind)
	p.note(t.Name != "" && !nameForm.MatchString(t.Name), "trigger %s: the name %q may only hold small letters, digits, _, . and -, at most 64", t.Kind, t.Name)
	p.note(t.Kind == OnNewProduct && len(t.Products) == 0 && len(t.Related) == 0,
		"trigger %s: it needs products or related, which say whose buyers it is for", t.Kind)
	for _, r := range t.Related {
		p.note(!slices.Contains([]string{SameType, SameVendor, SameTag, SameCollection}, r),
			"trigger %s: related %q is not type, vendor, tag or collection", t.Kind, r)
	}
	p.note(slices.Contains(t.Products, ""), "trigger %s: one of the products is empty", t.Kind)
}

func (d *Definition) checkEntry(p *problems) {
	e, spec := d.Entry, TriggerOf(d.Trigger.Kind)
	p.note(e.Mode != "" && e.Mode != OnceEver && e.Mode != PerOrder && e.Mode != EveryTime,
		"entry mode %q is not once, per_order or every_time", e.Mode)
	p.lasts("entry", "cooling_off", e.CoolingOff)
	if e.From != "" {
		_, err := time.Parse(time.RFC3339, e.From)
		p.note(err != nil, "entry: from %q is not a moment such as 2026-03-01T00:00:00Z", e.From)
	}
	if spec == nil {
		return
	}
	p.note(e.Mode == PerOrder && !spec.ByOrder, "entry: trigger %s hangs on no order, so it cannot be once per order", spec.Kind)
	p.note(e.CoolingOff > 0 && spec.ByOrder && spec.Answers && (spec.parts == nil || d.mode(spec) != EveryTime),
		"entry: trigger %s answers each order by itself, so cooling_off means nothing", spec.Kind)
}

// fields notes what is missing and what there is no use for.
func (p *problems) fields(where string, takes []Param, set map[string]bool) {
	names := make([]string, 0, len(set))
	for name := range set {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		i := slices.IndexFunc(takes, func(t Param) bool { return t.Name == name })
		p.note(set[name] && i < 0, "%s takes no %s", where, name)
		p.note(!set[name] && i >= 0 && takes[i].Required, "%s needs %s", where, name)
	}
}

// lasts notes a time that is none.
func (p *problems) lasts(where, field string, d Duration) {
	p.note(d < 0 || time.Duration(d) > maxDuration, "%s: %s is not between nothing and 3650 days", where, field)
}

// condition notes what is wrong with a condition; where is "" for the campaign's own.
func (p *problems) condition(where, expression string, rows []Row) {
	if where != "" {
		where += ": "
	}
	p.note(expression != "" && len(rows) > 0, "%sthere are a condition and rows; only one of them can count", where)
	_, err := compile(expression, rows)
	if err != nil {
		p.note(true, "%s%s", where, cmp.Or(fault.Sentence(err), err.Error()))
	}
}

// list writes words sorted, with commas.
func list[S ~string](words []S) string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = string(w)
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}
