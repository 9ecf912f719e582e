package account

import (
	"cmp"
	"slices"

	"flywheel/commerce"
	"flywheel/store"
)

// Harm is something wrong in a shop, from the worst: its words are the string harm_HARM.
type Harm string

// The harms, from the worst: what stops everything, what stops something, what
// is not certain, what will be late.
const (
	HarmClosed      Harm = "closed"      // no platform is connected
	HarmRevoked     Harm = "revoked"     // one lets us in no more
	HarmStopped     Harm = "stopped"     // nothing goes out by the shared sender
	HarmFrozen      Harm = "frozen"      // the plan is not paid for
	HarmFuse        Harm = "fuse"        // a campaign has paused itself
	HarmBroken      Harm = "broken"      // the sending domain's DNS does not hold
	HarmUnknown     Harm = "unknown"     // messages that may have gone out or not
	HarmQuarantined Harm = "quarantined" // deliveries that could not be read
	HarmOver        Harm = "over"        // asks are held, since the plan is used up
	HarmBackfill    Harm = "backfill"    // the past could not be read
	HarmPaused      Harm = "paused"      // somebody has paused everything
)

// AllHarms lists them, from the worst.
func AllHarms() []Harm {
	return []Harm{HarmClosed, HarmRevoked, HarmStopped, HarmFrozen, HarmFuse, HarmBroken, HarmUnknown, HarmQuarantined, HarmOver, HarmBackfill, HarmPaused}
}

// Wrong is one harm, and how often; N = 0 where that says nothing.
type Wrong struct {
	Harm Harm
	N    int64
}

// Wrongs lists what is wrong in a shop, from the worst.
func Wrongs(f *store.FleetShop, now commerce.Instant) (out []Wrong) {
	add := func(is bool, h Harm, n int64) {
		if is {
			out = append(out, Wrong{h, n})
		}
	}
	add(f.Open == 0 || f.State == commerce.ShopClosed, HarmClosed, 0)
	add(f.Revoked > 0, HarmRevoked, 0)
	add(f.Stopped, HarmStopped, 0)
	add(f.Entitlement.State == commerce.PlanFrozen, HarmFrozen, 0)
	add(f.Fuses > 0, HarmFuse, f.Fuses)
	add(f.Broken, HarmBroken, 0)
	add(f.Unknown > 0, HarmUnknown, f.Unknown)
	add(f.Quarantined > 0, HarmQuarantined, f.Quarantined)
	add(f.Entitlement.HoldsFrom > 0 && f.Entitlement.HoldsFrom <= now, HarmOver, 0)
	add(f.Backfills > 0, HarmBackfill, f.Backfills)
	add(f.State == commerce.ShopPaused, HarmPaused, 0)
	return out
}

// Ship is a shop of somebody's fleet.
type Ship struct {
	*store.FleetShop
	Wrongs []Wrong
}

// Sorted puts shops in order: the worst harm first, then how many there are, then by name.
func Sorted(all []*store.FleetShop, now commerce.Instant) []Ship {
	ships := make([]Ship, len(all))
	for i, f := range all {
		ships[i] = Ship{f, Wrongs(f, now)}
	}
	order := AllHarms()
	worst := func(s Ship) int {
		if len(s.Wrongs) == 0 {
			return len(order)
		}
		return slices.Index(order, s.Wrongs[0].Harm)
	}
	slices.SortStableFunc(ships, func(a, b Ship) int {
		return cmp.Or(worst(a)-worst(b), len(b.Wrongs)-len(a.Wrongs), cmp.Compare(a.Name, b.Name))
	})
	return ships
}
