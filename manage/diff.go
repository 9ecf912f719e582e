package manage

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"flywheel/delight/campaign"
)

// ChangeKind says what became of a step from one version to another.
type ChangeKind string

// The kinds of changes.
const (
	Added   ChangeKind = "added"
	Gone    ChangeKind = "removed"
	Changed ChangeKind = "changed"
	Moved   ChangeKind = "moved"
)

// Change is how a step, or the campaign's own head, differs between two versions.
type Change struct {
	Step   string // "" = the campaign's own: title, trigger, condition and the like
	Kind   ChangeKind
	Is     campaign.StepKind
	Moved  bool // a changed step stands elsewhere too
	Fields []FieldChange
}

// FieldChange is one field; Path is as in the JSON of the step, such as email.en.subject.
type FieldChange struct{ Path, Old, New string }

// Diff compares two versions: the head first, then the steps in the order of the
// newer, those that are gone last. Nothing is the empty list.
func Diff(old, now campaign.Definition) (out []Change) {
	if fields := between(headOf(old), headOf(now)); len(fields) > 0 {
		out = append(out, Change{Kind: Changed, Fields: fields})
	}
	moved := movedSteps(old, now)
	for s := range now.AllSteps() {
		before := Step(&old, s.ID)
		if before == nil {
			out = append(out, Change{Step: s.ID, Kind: Added, Is: s.Kind, Fields: between(nil, flat(bare(s)))})
			continue
		}
		c := Change{Step: s.ID, Kind: Changed, Is: s.Kind, Moved: moved[s.ID], Fields: between(flat(bare(before)), flat(bare(s)))}
		if len(c.Fields) == 0 {
			c.Kind = Moved
		}
		if c.Moved || len(c.Fields) > 0 {
			out = append(out, c)
		}
	}
	for s := range old.AllSteps() {
		if Step(&now, s.ID) == nil {
			out = append(out, Change{Step: s.ID, Kind: Gone, Is: s.Kind, Fields: between(flat(bare(s)), nil)})
		}
	}
	return out
}

// movedSteps are the steps of both versions that stand elsewhere: in another
// branch, or not in the longest run that kept its order.
func movedSteps(old, now campaign.Definition) map[string]bool {
	was, out := map[string]Spot{}, map[string]bool{}
	index := map[string]int{}
	lists(old, func(branch string, list []campaign.Step) {
		for i, s := range list {
			was[s.ID], index[s.ID] = Spot{Branch: branch}, i
		}
	})
	lists(now, func(branch string, list []campaign.Step) {
		var stayed []string
		for _, s := range list {
			before, known := was[s.ID]
			if known && before.Branch == branch {
				stayed = append(stayed, s.ID)
			}
			out[s.ID] = known
		}
		for _, id := range longestRun(stayed, index) {
			delete(out, id)
		}
	})
	return out
}

// lists calls f for the flow and every branch.
func lists(d campaign.Definition, f func(branch string, list []campaign.Step)) {
	f("", d.Steps)
	for s := range d.AllSteps() {
		for _, b := range Branches(s) {
			f(s.ID+":"+b.Name, *b.Steps)
		}
	}
}

// longestRun is the longest part of ids whose indexes rise.
func longestRun(ids []string, index map[string]int) (best []string) {
	runs := make([][]string, len(ids))
	for i, id := range ids {
		for j := range i {
			if index[ids[j]] < index[id] && len(runs[j]) > len(runs[i]) {
				runs[i] = runs[j]
			}
		}
		if runs[i] = append(slices.Clone(runs[i]), id); len(runs[i]) > len(best) {
			best = runs[i]
		}
	}
	return best
}

// bare is a step without the steps in its branches.
func bare(s *campaign.Step) campaign.Step {
	out := *s
	out.ID, out.Then, out.Else, out.Arms = "", nil, nil, slices.Clone(s.Arms)
	for i := range out.Arms {
		out.Arms[i].Steps = nil
	}
	return out
}

func headOf(d campaign.Definition) map[string]string {
	d.Steps, d.Name = nil, ""
	return flat(d)
}

// flat writes what v is made of by path; times as people write them.
func flat(v any) map[string]string {
	data, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	var tree any
	if err := json.Unmarshal(data, &tree); err != nil {
		return nil
	}
	out := map[string]string{}
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for name, inner := range v {
				if path != "" {
					name = path + "." + name
				}
				walk(name, inner)
			}
		case []any:
			for i, inner := range v {
				walk(fmt.Sprintf("%s.%d", path, i+1), inner)
			}
		case nil:
		case float64:
			out[path] = fmt.Sprint(int64(v))
		default:
			if text := fmt.Sprint(v); text != "" {
				out[path] = text
			}
		}
	}
	walk("", tree)
	return out
}

func between(old, now map[string]string) (out []FieldChange) {
	all := maps.Clone(now)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, old)
	for _, path := range slices.Sorted(maps.Keys(all)) {
		if path != "id" && path != "kind" && old[path] != now[path] {
			out = append(out, FieldChange{path, old[path], now[path]})
		}
	}
	return out
}
