package manage

import (
	"crypto/rand"
	"slices"
	"strings"

	"flywheel/delight/campaign"
	"flywheel/fault"
)

// Spot is a place in a campaign's flow. Branch is "" for the flow itself, else a
// step's id and the name of its branch with a colon between; After is the step
// of that branch behind which the place lies, "" for its beginning.
type Spot struct{ Branch, After string }

// What a change of a flow is refused for.
var (
	ErrNoStep   = fault.New(fault.NotFound, "there is no such step in this draft any more: somebody may have removed it")
	ErrNoSpot   = fault.New(fault.NotFound, "there is no such place in this draft any more: somebody may have removed it")
	ErrWithin   = fault.New(fault.Invalid, "a step cannot be moved into a branch of its own")
	ErrTooDeep  = fault.New(fault.Invalid, "steps may lie 8 deep at most: put this one further out")
	ErrTooMany  = fault.New(fault.Invalid, "a campaign holds 100 steps at most")
	ErrNowhere  = fault.New(fault.Conflict, "the step cannot go further in this direction")
	ErrNoBranch = fault.New(fault.Conflict, "no step beside this one has a branch to move it into")
)

// The most a flow holds, as campaign's Check wants it; more is refused at once.
const (
	maxSteps = 100
	maxDepth = 8
)

// Branch is one way behind a step that branches.
type Branch struct {
	Name  string // then, else, or an arm's
	Steps *[]campaign.Step
}

// Branches are the ways behind a step, in the order in which they stand; nil where it does not branch.
func Branches(s *campaign.Step) []Branch {
	switch s.Kind {
	case campaign.If, campaign.WaitForEvent:
		return []Branch{{campaign.BranchThen, &s.Then}, {campaign.BranchElse, &s.Else}}
	case campaign.Split:
		out := make([]Branch, len(s.Arms))
		for i := range s.Arms {
			out[i] = Branch{s.Arms[i].Name, &s.Arms[i].Steps}
		}
		return out
	}
	return nil
}

// place is where a step stands.
type place struct {
	list   *[]campaign.Step
	at     int
	branch string         // of Spot
	owner  *campaign.Step // whose branch it is; nil = the flow's
}

// Step finds a step by its id; nil where there is none.
func Step(d *campaign.Definition, id string) *campaign.Step {
	if p, ok := seekStep(&d.Steps, "", nil, id); ok {
		return &(*p.list)[p.at]
	}
	return nil
}

func seekStep(list *[]campaign.Step, branch string, owner *campaign.Step, id string) (place, bool) {
	for i := range *list {
		s := &(*list)[i]
		if s.ID == id {
			return place{list, i, branch, owner}, true
		}
		for _, b := range Branches(s) {
			if p, ok := seekStep(b.Steps, s.ID+":"+b.Name, s, id); ok {
				return p, true
			}
		}
	}
	return place{}, false
}

// seekSpot finds the list and the index that a spot names.
func seekSpot(d *campaign.Definition, to Spot) (*[]campaign.Step, int, error) {
	list := &d.Steps
	if to.Branch != "" {
		list = nil
		id, name, _ := strings.Cut(to.Branch, ":")
		if s := Step(d, id); s != nil {
			for _, b := range Branches(s) {
				if b.Name == name {
					list = b.Steps
				}
			}
		}
	}
	if list == nil {
		return nil, 0, ErrNoSpot
	}
	if to.After == "" {
		return list, 0, nil
	}
	at := slices.IndexFunc(*list, func(s campaign.Step) bool { return s.ID == to.After })
	if at < 0 {
		return nil, 0, ErrNoSpot
	}
	return list, at + 1, nil
}

// Insert puts a step at a place. Nothing is changed where it cannot stand there.
func Insert(d *campaign.Definition, to Spot, s campaign.Step) error {
	list, at, err := seekSpot(d, to)
	if err != nil {
		return err
	}
	before := slices.Clone(*list)
	*list = slices.Insert(*list, at, s)
	if err := fitsIn(d); err != nil {
		*list = before
		return err
	}
	return nil
}

// fitsIn refuses what would hold too many steps, or too deep ones.
func fitsIn(d *campaign.Definition) error {
	n, deepest := measure(d.Steps)
	switch {
	case n > maxSteps:
		return ErrTooMany
	case deepest > maxDepth:
		return ErrTooDeep
	}
	return nil
}

// measure counts steps and branches within branches as campaign's Check does.
func measure(list []campaign.Step) (n, deepest int) {
	for i := range list {
		n, deepest = n+1, max(deepest, 1)
		for _, b := range Branches(&list[i]) {
			inner, depth := measure(*b.Steps)
			n, deepest = n+inner, max(deepest, 1+depth)
		}
	}
	return n, deepest
}

// Remove takes a step out with all that stands in its branches.
func Remove(d *campaign.Definition, id string) error {
	p, ok := seekStep(&d.Steps, "", nil, id)
	if !ok {
		return ErrNoStep
	}
	*p.list = slices.Delete(slices.Clone(*p.list), p.at, p.at+1)
	return nil
}

// Move puts a step at another place, with all that stands in its branches. Where
// that cannot be, d is not to be used any more.
func Move(d *campaign.Definition, id string, to Spot) error {
	p, ok := seekStep(&d.Steps, "", nil, id)
	if !ok {
		return ErrNoStep
	}
	s := (*p.list)[p.at]
	if to.After == id {
		return nil
	}
	if owner, _, _ := strings.Cut(to.Branch, ":"); owner != "" {
		if _, within := seekStep(&[]campaign.Step{s}, "", nil, owner); within {
			return ErrWithin
		}
	}
	if _, _, err := seekSpot(d, to); err != nil {
		return err
	}
	if err := Remove(d, id); err != nil {
		return err
	}
	return Insert(d, to, s)
}

// Up puts a step before the one before it; the first of a branch goes out of it,
// before the step that branches.
func Up(d *campaign.Definition, id string) error { return shift(d, id, -1) }

// Down puts a step behind the one behind it; the last of a branch goes out of it,
// behind the step that branches.
func Down(d *campaign.Definition, id string) error { return shift(d, id, 1) }

func shift(d *campaign.Definition, id string, by int) error {
	p, ok := seekStep(&d.Steps, "", nil, id)
	if !ok {
		return ErrNoStep
	}
	if to := p.at + by; to >= 0 && to < len(*p.list) {
		(*p.list)[p.at], (*p.list)[to] = (*p.list)[to], (*p.list)[p.at]
		return nil
	}
	if p.owner == nil {
		return ErrNowhere
	}
	return Move(d, id, beside(d, p.owner.ID, by))
}

// beside is the place before or behind a step.
func beside(d *campaign.Definition, id string, by int) Spot {
	p, _ := seekStep(&d.Steps, "", nil, id)
	to := Spot{Branch: p.branch, After: id}
	if by < 0 {
		to.After = ""
		if p.at > 0 {
			to.After = (*p.list)[p.at-1].ID
		}
	}
	return to
}

// Out takes a step out of its branch, behind the step that branches.
func Out(d *campaign.Definition, id string) error {
	p, ok := seekStep(&d.Steps, "", nil, id)
	switch {
	case !ok:
		return ErrNoStep
	case p.owner == nil:
		return ErrNowhere
	}
	return Move(d, id, beside(d, p.owner.ID, 1))
}

// Into puts a step at the end of the first branch of the step before it, else at
// the beginning of that of the step behind it.
func Into(d *campaign.Definition, id string) error {
	p, ok := seekStep(&d.Steps, "", nil, id)
	if !ok {
		return ErrNoStep
	}
	for _, by := range []int{-1, 1} {
		if p.at+by < 0 || p.at+by >= len(*p.list) {
			continue
		}
		s := &(*p.list)[p.at+by]
		if ways := Branches(s); len(ways) > 0 {
			to := Spot{Branch: s.ID + ":" + ways[0].Name}
			if inner := *ways[0].Steps; by < 0 && len(inner) > 0 {
				to.After = inner[len(inner)-1].ID
			}
			return Move(d, id, to)
		}
	}
	return ErrNoBranch
}

// Duplicate puts a copy of a step behind it, with ids of its own, and returns the copy's.
func Duplicate(d *campaign.Definition, id string) (string, error) {
	p, ok := seekStep(&d.Steps, "", nil, id)
	if !ok {
		return "", ErrNoStep
	}
	twin, err := copied((*p.list)[p.at])
	if err != nil {
		return "", err
	}
	first := []campaign.Step{twin}
	renew(first)
	return first[0].ID, Insert(d, Spot{p.branch, id}, first[0])
}

func renew(list []campaign.Step) {
	for i := range list {
		list[i].ID = NewStepID(list[i].Kind)
		for _, b := range Branches(&list[i]) {
			renew(*b.Steps)
		}
	}
}

// NewStepID makes an id that no step of any version has had: the kind, and chance.
func NewStepID(kind campaign.StepKind) string {
	return string(kind) + "_" + strings.ToLower(rand.Text()[:8])
}
