package campaign

import "flywheel/commerce"

// Index finds the campaigns that an event concerns, so that the cost of an
// event grows with those alone.
type Index struct {
	byKind map[commerce.EventKind][]int
}

// NewIndex makes an index of campaigns; For answers with places in this list.
func NewIndex(campaigns []Campaign) *Index {
	x := &Index{byKind: map[commerce.EventKind][]int{}}
	for i, c := range campaigns {
		spec := TriggerOf(c.Trigger.Kind)
		if spec == nil {
			continue
		}
		for _, kind := range spec.readsBy(c.Trigger) {
			x.byKind[kind] = append(x.byKind[kind], i)
		}
	}
	return x
}

// For returns the places of the campaigns whose trigger reads events of kind,
// ascending; name is a custom event's own where kind does not hold it. The
// list is not to be changed.
func (x *Index) For(kind commerce.EventKind, name string) []int {
	if kind == commerce.CustomEvent {
		kind = commerce.CustomKind(name)
	}
	return x.byKind[kind]
}
