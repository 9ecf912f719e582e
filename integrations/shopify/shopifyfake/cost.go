package shopifyfake

import (
	"time"

	"github.com/vektah/gqlparser/v2/ast"
)

const (
	// maxCost is what a single query may cost at most.
	maxCost = 1000
	// mutationCost is what a mutation costs, whatever it answers.
	mutationCost = 10
)

// cost counts what a document may cost at most, by the rule Shopify documents
// (shopify.dev/docs/api/usage/limits): scalars 0, an object 1, a list as many
// times what one of its rows costs as it is asked to hold, a mutation 10. Lists
// without a size count as one row; nodes(ids:) counts each id, and what is below
// them once. Shopify's own count of large pages has been lower, by a rule it has
// not published, so that what passes here passes there.
func (pl *planner) cost(def *ast.Definition, set ast.SelectionSet) int {
	if def == pl.schema.Mutation {
		return mutationCost * len(pl.collect(nil, def, set))
	}
	sum := 0
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			sum += pl.fieldCost(s)
		case *ast.FragmentSpread:
			sum += pl.cost(def, s.Definition.SelectionSet)
		case *ast.InlineFragment:
			sum += pl.cost(def, s.SelectionSet)
		}
	}
	return sum
}

func (pl *planner) fieldCost(f *ast.Field) int {
	if f.Definition == nil || len(f.SelectionSet) == 0 {
		return 0
	}
	def := pl.schema.Types[f.Definition.Type.Name()]
	args := f.ArgumentMap(pl.vars)
	below := pl.cost(def, f.SelectionSet)
	first, sized := whole(args["first"])
	ids, _ := args["ids"].([]any)
	switch {
	case f.Name == "pageInfo":
		return 0
	case f.Name == "edges":
		return below
	case isConnection(f.Definition.Type) && sized:
		return 1 + int(first)*below
	case sized:
		return int(first) * (1 + below)
	case ids != nil:
		return len(ids) + below
	}
	return 1 + below
}

// bucket is the leaky bucket of one shop.
type bucket struct {
	max, restore, left float64
	at                 time.Time
}

// fill lets what has leaked since into the bucket.
func (b *bucket) fill(now time.Time) {
	if !b.at.IsZero() && now.After(b.at) {
		b.left += now.Sub(b.at).Seconds() * b.restore
	}
	b.left, b.at = min(b.max, b.left), now
}

// status is how the bucket stands, as each answer tells it.
func (b *bucket) status() map[string]any {
	return map[string]any{"maximumAvailable": b.max, "currentlyAvailable": int(b.left), "restoreRate": b.restore}
}

// SetRate gives a shop another bucket of cost points, filled: most points it
// holds, points restored in a second of real time. Without it a shop has 2000 and 100.
func (f *Fake) SetRate(domain string, most, restore float64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.shop(domain).bucket = bucket{max: most, restore: restore, left: most}
}
