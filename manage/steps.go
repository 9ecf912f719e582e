package manage

import (
	"strings"

	"flywheel/delight/campaign"
)

// steps lists every step of a definition, those before their branches.
func steps(d campaign.Definition) (all []*campaign.Step) {
	var add func(list []campaign.Step)
	add = func(list []campaign.Step) {
		for i := range list {
			s := &list[i]
			all = append(all, s)
			add(s.Then)
			add(s.Else)
			for _, arm := range s.Arms {
				add(arm.Steps)
			}
		}
	}
	add(d.Steps)
	return all
}

// stays lists the ids of steps that both versions have, of the same kind: who
// stands there may go on in either.
func stays(from, to campaign.Definition) (ids []string) {
	kinds := map[string]campaign.StepKind{}
	for _, s := range steps(to) {
		kinds[s.ID] = s.Kind
	}
	for _, s := range steps(from) {
		if kinds[s.ID] == s.Kind {
			ids = append(ids, s.ID)
		}
	}
	return ids
}

// ahead is the next step from a position on that reaches out, or that branches,
// whichever comes first: waits are passed over. nil = there is none.
func ahead(d campaign.Definition, at campaign.Position) *campaign.Step {
	places := map[string]*spot{}
	first := lay(d.Steps, nil, places)
	here := first
	if at.StepID != "" {
		here = places[at.StepID]
	}
	for here != nil && (here.step.Kind == campaign.Wait || here.step.Kind == campaign.WaitUntil) {
		here = here.next
	}
	if here == nil {
		return nil
	}
	return here.step
}

// spot is a step and the place behind it, also behind the branch it ends.
type spot struct {
	step *campaign.Step
	next *spot
}

// lay notes the place of each step, and of what is behind it, by position.
func lay(list []campaign.Step, next *spot, places map[string]*spot) *spot {
	for i := len(list) - 1; i >= 0; i-- {
		s := &list[i]
		lay(s.Then, next, places)
		lay(s.Else, next, places)
		for _, arm := range s.Arms {
			lay(arm.Steps, next, places)
		}
		places[campaign.After(s.ID, 0).StepID] = next
		next = &spot{s, next}
		places[s.ID] = next
	}
	return next
}

// stepOf is the step that a position names, without the mark of having passed it.
func stepOf(position string) (id string, passed bool) {
	id, passed = strings.CutPrefix(position, campaign.After("", 0).StepID)
	return id, passed
}
