package campaign

import (
	"slices"

	"flywheel/commerce"
)

// What makes a new product related to one that was bought.
const (
	SameType       = "type"
	SameVendor     = "vendor"
	SameTag        = "tag"
	SameCollection = "collection"
)

// Related reports whether a new product goes with what a person bought: one of
// the products the trigger names, or one that shares a trait with the new one.
// Who has the new product already is not told of it.
func Related(t Trigger, fresh commerce.Product, bought []commerce.Product) bool {
	related := false
	for _, b := range bought {
		if b.ID == fresh.ID {
			return false
		}
		related = related || slices.Contains(t.Products, b.ID) ||
			slices.ContainsFunc(t.Related, func(trait string) bool { return shares(trait, fresh, b) })
	}
	return related
}

func shares(trait string, a, b commerce.Product) bool {
	switch trait {
	case SameType:
		return a.Type != "" && a.Type == b.Type
	case SameVendor:
		return a.Vendor != "" && a.Vendor == b.Vendor
	case SameTag:
		return overlap(a.Tags, b.Tags)
	case SameCollection:
		return overlap(a.Collections, b.Collections)
	}
	return false
}

func overlap(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}
