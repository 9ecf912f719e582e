package lint

import (
	"fmt"
	"slices"

	"flywheel/delight/campaign"
)

// branch is one way out of a step that branches.
type branch struct {
	name  string // then, else, arms[1].steps
	steps []campaign.Step
	taken bool // whether anybody can take it: an arm without weight leads nowhere
}

func branches(s *campaign.Step) []branch {
	switch s.Kind {
	case campaign.If, campaign.WaitForEvent:
		return []branch{{"then", s.Then, true}, {"else", s.Else, true}}
	case campaign.Split:
		var out []branch
		for i, arm := range s.Arms {
			out = append(out, branch{fmt.Sprintf("arms[%d].steps", i), arm.Steps, arm.Weight > 0})
		}
		return out
	}
	return nil
}

// lists calls f for every list of steps with its place, outer ones first.
func lists(steps []campaign.Step, where string, f func(list []campaign.Step, where string)) {
	f(steps, where)
	for i := range steps {
		for _, b := range branches(&steps[i]) {
			lists(b.steps, fmt.Sprintf("%s[%d].%s", where, i, b.name), f)
		}
	}
}

// each calls f for every step with its place.
func each(steps []campaign.Step, where string, f func(s *campaign.Step, where string)) {
	lists(steps, where, func(list []campaign.Step, where string) {
		for i := range list {
			f(&list[i], fmt.Sprintf("%s[%d]", where, i))
		}
	})
}

// EachStep calls f for every step of a definition with its place, as in Finding.
func EachStep(d campaign.Definition, f func(s *campaign.Step, where string)) {
	each(d.Steps, "steps", f)
}

// ends reports whether every way through steps comes to an end.
func ends(steps []campaign.Step) bool {
	return slices.ContainsFunc(steps, func(s campaign.Step) bool { return s.Kind == campaign.End || allEnd(&s) })
}

func allEnd(s *campaign.Step) bool {
	all := branches(s)
	taken := slices.DeleteFunc(all, func(b branch) bool { return !b.taken })
	return len(taken) > 0 && !slices.ContainsFunc(taken, func(b branch) bool { return !ends(b.steps) })
}
