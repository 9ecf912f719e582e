package gate

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
)

func overPlan(f *Facts) { f.OverPlan = true }

// Over its plan a shop asks nobody; thanks and news of an order go on, and so does what reaches only the team.
func TestOverThePlanAsksAreHeld(t *testing.T) {
	held := Decision{Answer: Hold, Reason: OverPlan, Until: after(20)}
	silent := func(f *Facts) { f.Rule.Need = NeedNothing }
	for name, c := range map[string]struct {
		change []func(*Facts)
		want   Decision
	}{
		"service":       {nil, held},
		"marketing":     {[]func(*Facts){of(Marketing)}, held},
		"a staff call":  {[]func(*Facts){func(f *Facts) { f.Channel = commerce.ByCall }}, held},
		"transactional": {[]func(*Facts){of(Transactional)}, send()},
		"to the team":   {[]func(*Facts){internal}, send()},
		"a closed shop": {[]func(*Facts){func(f *Facts) { f.Shop.State = commerce.ShopClosed }}, Decision{Answer: Skip, Reason: ShopClosed}},
		"one that left": {[]func(*Facts){func(f *Facts) { f.Connected = false }}, Decision{Answer: Skip, Reason: Disconnected}},
		"before others": {[]func(*Facts){func(f *Facts) { f.Person.Erased = true }}, held},
	} {
		f := facts(append([]func(*Facts){overPlan, silent}, c.change...)...)
		require.Equal(t, c.want, Decide(f, after(10)), name)
	}
	require.Equal(t, send(), Decide(facts(silent), after(10)))
}
