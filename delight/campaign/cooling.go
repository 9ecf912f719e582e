package campaign

import (
	"cmp"
	"slices"
	"strings"

	"flywheel/commerce"
)

// Together returns the orders that are one ask with order, the one that is
// asked about first: the purchases that count form clusters, greedily from the
// earliest, each of those within window of its first.
func Together(history commerce.History, window Duration, order commerce.OrderID) []commerce.OrderID {
	var head commerce.Instant
	var cluster []commerce.OrderID
	found := false
	for _, p := range history {
		if !p.Counts {
			continue
		}
		if len(cluster) == 0 || p.At >= head+window.Instants() {
			if found {
				return cluster
			}
			head, cluster = p.At, nil
		}
		cluster = append(cluster, p.Order)
		found = found || p.Order == order
	}
	if found {
		return cluster
	}
	return []commerce.OrderID{order}
}

// leads reports whether what began is the first of its cluster. Without a
// cooling-off everything is.
func (d *Definition) leads(spec *TriggerSpec, f Facts, m moment) bool {
	window := d.Entry.CoolingOff
	switch {
	case window <= 0:
		return true
	case spec.byOrder(f) && spec.parts != nil && d.mode(spec) == EveryTime:
		return firstOf(spec.parts(f.Order), window, m.part)
	case spec.byOrder(f):
		return spec.Answers || Together(f.History, window, f.Order.ID)[0] == f.Order.ID
	case f.Cause.Kind == "":
		return true // not loaded
	}
	return firstOf(sameKind(f), window, f.Cause.Subject)
}

// askedAlready reports whether an ask about an order close by has gone out: it
// was about this one too, whatever became of its own order since.
func (d *Definition) askedAlready(f Facts) bool {
	if d.Entry.CoolingOff <= 0 || f.Order == nil {
		return false
	}
	at := map[commerce.OrderID]commerce.Instant{}
	for _, p := range f.History {
		at[p.Order] = p.At
	}
	own := at[f.Order.ID]
	return slices.ContainsFunc(f.Asked, func(o commerce.OrderID) bool {
		apart := at[o] - own
		return o != f.Order.ID && at[o] != 0 && max(apart, -apart) < d.Entry.CoolingOff.Instants()
	})
}

// sameKind are the person's events of the cause's kind, the cause among them.
func sameKind(f Facts) []part {
	out := []part{{f.Cause.Subject, f.Cause.OccurredAt}}
	for _, e := range f.Events {
		if e.Kind == f.Cause.Kind && e.Subject != f.Cause.Subject {
			out = append(out, part{e.Subject, e.OccurredAt})
		}
	}
	slices.SortFunc(out, func(a, b part) int { return cmp.Or(cmp.Compare(a.at, b.at), strings.Compare(a.id, b.id)) })
	return out
}

// firstOf reports whether id begins a cluster of parts, which are in order.
func firstOf(parts []part, window Duration, id string) bool {
	var head commerce.Instant
	for i, p := range parts {
		first := i == 0 || p.at >= head+window.Instants()
		if first {
			head = p.at
		}
		if p.id == id {
			return first
		}
	}
	return true
}
