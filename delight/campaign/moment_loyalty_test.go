package campaign

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/gate"
)

// What was told of points, tiers and rewards ends once it is not so any more.
func TestWhatHappenedInTheProgramStands(t *testing.T) {
	ends := map[string]any{"ends_at": float64(after(20))}
	gold := map[string]any{"tier": "gold", "ends_at": float64(after(20))}
	mine := map[string]any{"id": "r1", "reward": "ten_off", "ends_at": float64(after(20))}
	friend := map[string]any{"referral": "f1", "ends_at": float64(after(20))}
	open := map[string]commerce.Instant{"r1": after(20)}
	for name, c := range map[string]struct {
		kind  TriggerKind
		props map[string]any
		has   *Loyalty
		gone  bool
	}{
		"joined":                      {OnMemberJoined, nil, &Loyalty{Member: true}, false},
		"joined and left":             {OnMemberJoined, nil, &Loyalty{}, true},
		"earned, still waiting":       {OnPointsEarned, nil, &Loyalty{Pending: 5}, false},
		"earned and taken back":       {OnPointsEarned, nil, &Loyalty{Member: true}, true},
		"points end":                  {OnPointsExpiring, ends, &Loyalty{Member: true, Ending: 5, EndsAt: after(20)}, false},
		"they were spent":             {OnPointsExpiring, ends, &Loyalty{Member: true}, true},
		"others end later":            {OnPointsExpiring, ends, &Loyalty{Member: true, Ending: 5, EndsAt: after(90)}, true},
		"rose":                        {OnTierReached, gold, &Loyalty{Member: true, Tier: "gold"}, false},
		"rose and fell":               {OnTierReached, gold, &Loyalty{Member: true, Tier: "silver"}, true},
		"a tier ends":                 {OnTierEnding, gold, &Loyalty{Member: true, Tier: "gold", Below: after(1)}, false},
		"it was reached again":        {OnTierEnding, gold, &Loyalty{Member: true, Tier: "gold"}, true},
		"a reward":                    {OnRewardReady, mine, &Loyalty{Rewards: open}, false},
		"a reward, used":              {OnRewardReady, mine, &Loyalty{}, true},
		"a reward ends":               {OnRewardExpiring, mine, &Loyalty{Rewards: open}, false},
		"it was used before it ended": {OnRewardExpiring, mine, &Loyalty{}, true},
		"of a past day":               {OnRewardExpiring, mine, &Loyalty{AsOfNow: true}, false},
		"not loaded":                  {OnRewardExpiring, mine, nil, false},
		"a birthday":                  {OnBirthday, nil, &Loyalty{Member: true}, false},
		"a friend":                    {OnFriendBought, friend, &Loyalty{Sent: map[string]bool{"f1": false}}, false},
		"their order went back":       {OnFriendBought, friend, &Loyalty{Sent: map[string]bool{"f2": false}}, true},
		"paid for":                    {OnReferralPaid, friend, &Loyalty{Sent: map[string]bool{"f1": true}}, false},
		"taken back":                  {OnReferralPaid, friend, &Loyalty{Sent: map[string]bool{"f1": false}}, true},
		"friends are not loaded":      {OnReferralPaid, friend, nil, false},
	} {
		spec := TriggerOf(c.kind)
		cause := commerce.Event{Kind: spec.Events[0], Subject: "x", PersonID: "ada", OccurredAt: after(1), Props: c.props}
		d := live(c.kind).Definition
		d.Steps = []Step{mail("tell", 90)}
		f := flow(t, d)
		require.True(t, f.Reads().Loyalty, name)
		n := f.Next(walkAt(Position{Anchor: after(1)}, facts(nil, func(f *Facts) { f.Cause, f.Loyalty = cause, c.has }), after(2)))
		if c.gone {
			require.NotNil(t, n.End, name)
			require.Equal(t, gate.CauseGone, n.End.Reason, name)
			continue
		}
		require.Nil(t, n.End, name)
		require.NotNil(t, n.Step, name)
		if c.props != nil {
			require.Equal(t, after(20), n.Latest, "%s: of no use behind the end", name)
		}
	}
}
