package campaign

import (
	"maps"
	"slices"
	"strings"

	"flywheel/commerce"
)

// minSample is the fewest persons an arm may be read by: less shows nothing.
const minSample = 50

func (d *Definition) checkSteps(p *problems) {
	p.note(len(d.Steps) == 0, "there are no steps")
	seen, n, deepest := map[string]bool{}, 0, 0
	eachStep(d.Steps, func(s *Step, depth int) {
		n++
		deepest = max(deepest, depth)
		if n > maxSteps {
			return // each may hold a condition to compile
		}
		p.note(s.ID == "" || seen[s.ID], "step %d needs an id of its own%s", n, quoted(s.ID))
		seen[s.ID] = true
		p.note(!plainID(s.ID), "step id %q may only hold small letters, digits, _ and -", s.ID)
		s.check(p)
	})
	p.note(n > maxSteps, "there are %d steps, at most %d are allowed", n, maxSteps)
	p.note(deepest > maxDepth, "steps lie %d deep, at most %d are allowed", deepest, maxDepth)
}

func quoted(id string) string {
	if id == "" {
		return ""
	}
	return ", " + id + " is taken"
}

// plainID keeps ids apart from the positions that After makes of them.
func plainID(id string) bool {
	return len(id) <= 64 && strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789_-") == ""
}

// fieldsSet says which fields of a step are set, beside id and kind.
func (s *Step) fieldsSet() map[string]bool {
	return map[string]bool{
		"for": s.For != 0, "at": s.At != "", "weekday": s.Weekday != "", "working": s.Working,
		"event": s.Event != "", "timeout": s.Timeout != 0, "condition": s.Condition != "", "rows": len(s.Rows) > 0,
		"then": len(s.Then) > 0, "else": len(s.Else) > 0, "arms": len(s.Arms) > 0,
		"sample": s.Sample != 0, "goal": s.Goal != "", "within": s.Within != 0,
		"useful": s.Useful != 0, "email": len(s.Email) > 0, "note": len(s.Note) > 0, "hook": s.Hook != "",
		"add": len(s.Add) > 0, "remove": len(s.Remove) > 0,
		"points": s.Points != 0, "why": s.Why != "", "reward": s.Reward != "",
	}
}

// plainer are the sentences about a missing field that say more than its name.
var plainer = map[string]string{"for": "waits for nothing", "useful": "does not say how long it is useful", "email": "has no text", "note": "has no text"}

func (s *Step) check(p *problems) {
	where := "step " + s.ID
	spec := StepOf(s.Kind)
	if spec == nil {
		kinds := make([]StepKind, 0, len(stepKinds))
		for _, k := range stepKinds {
			kinds = append(kinds, k.Kind)
		}
		p.note(true, "%s has the unknown kind %q; %s", where, s.Kind, orNear(s.Kind, kinds))
		return
	}
	set := s.fieldsSet()
	for _, param := range spec.Params {
		if says, ok := plainer[param.Name]; ok && param.Required && !set[param.Name] {
			p.note(true, "%s %s", where, says)
			set[param.Name] = true
		}
	}
	p.fields(where, spec.Params, set)
	p.lasts(where, "for", s.For)
	p.lasts(where, "timeout", s.Timeout)
	p.lasts(where, "within", s.Within)
	p.lasts(where, "useful", s.Useful)
	switch s.Kind {
	case WaitUntil:
		s.checkUntil(p, where)
	case WaitForEvent:
		p.note(s.Event != "" && !mayWaitFor(s.Event), "%s: nobody can wait for the event %q; there are %s, and custom:NAME", where, s.Event, list(WaitEvents()))
	case If:
		p.note(s.Condition == "" && len(s.Rows) == 0, "%s has no condition", where)
		p.condition(where, s.Condition, s.Rows)
	case Split:
		s.checkSplit(p, where)
	case TagCustomer:
		s.checkTags(p, where)
	case GivePoints, GiveReward:
		s.checkGift(p, where)
	}
	s.checkTexts(p, where)
}

func (s *Step) checkUntil(p *problems, where string) {
	p.note(s.At == "" && s.Weekday == "" && !s.Working, "%s waits for nothing: it needs at, weekday or working", where)
	p.note(s.Weekday != "" && s.Working, "%s: weekday and working exclude each other", where)
	if s.At != "" {
		t, err := commerce.ParseTimeOfDay(s.At)
		p.note(err != nil || t >= 24*60, "%s: %q is not a time such as 09:30", where, s.At)
	}
	_, ok := weekdayOf(s.Weekday)
	p.note(s.Weekday != "" && !ok, "%s: %q is not a day such as monday", where, s.Weekday)
}

// mayWaitFor reports whether a walk can wait for an event.
func mayWaitFor(kind string) bool {
	if name, ok := commerce.EventKind(kind).Custom(); ok {
		return nameForm.MatchString(name)
	}
	_, ok := waitable[commerce.EventKind(kind)]
	return ok
}

// GoalOrders is the goal of a split that is read by orders.
const GoalOrders = "orders"

func (s *Step) checkSplit(p *problems, where string) {
	p.note(len(s.Arms) == 1 || len(s.Arms) > 5, "%s has %d arms, it needs 2 to 5", where, len(s.Arms))
	names := map[string]bool{}
	for i, arm := range s.Arms {
		p.note(!plainID(arm.Name) || arm.Name == "", "%s: the name of arm %d may only hold small letters, digits, _ and -", where, i+1)
		p.note(names[arm.Name], "%s: two arms have the name %s", where, arm.Name)
		names[arm.Name] = true
		p.note(arm.Weight <= 0 || arm.Weight > 10_000, "%s: the weight of arm %s is not between 1 and 10000", where, arm.Name)
	}
	p.note(names[BranchSkipped], "%s: no arm may be called %s", where, BranchSkipped)
	if s.Goal == "" {
		p.note(s.Sample != 0, "%s has a sample but no goal to read it by", where)
		p.note(s.Within != 0, "%s has a within but no goal to read it by", where)
		return
	}
	p.note(s.Goal != GoalOrders && !mayWaitFor(s.Goal), "%s: the goal %q is not orders or an event; there are %s, and custom:NAME", where, s.Goal, list(WaitEvents()))
	p.note(s.Sample < minSample, "%s: the sample is %d, it needs to be %d persons at least", where, s.Sample, minSample)
	p.note(s.Within <= 0, "%s does not say within what time the goal counts", where)
}

func (s *Step) checkTexts(p *problems, where string) {
	for _, lang := range slices.Sorted(maps.Keys(s.Email)) {
		p.mail(where, lang, s.Email[lang])
	}
	for _, lang := range slices.Sorted(maps.Keys(s.Note)) {
		note := s.Note[lang]
		p.note(note.Title == "" || len(note.Body) == 0, "%s has no title or body in %s", where, lang)
	}
	p.note(s.Hook != "" && !plainID(s.Hook), "%s: the name of an endpoint may only hold small letters, digits, _ and -", where)
}
