package timeline

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/store"
	"flywheel/templates"
)

func TestWhatHappenedInTheProgramIsToldWithItsWhy(t *testing.T) {
	for want, e := range map[string]store.Entry{
		"Joined the loyalty program: with an order":                    {Kind: "event", What: "member_joined", Detail: `{"how":"checkout"}`},
		"Earned 60 points: they wait for the end of the return window": {Kind: "event", What: "points_earned", Detail: `{"points":60,"pending":60}`},
		"Earned 1 point":                                                     {Kind: "event", What: "points_earned", Detail: `{"points":1}`},
		"Reached the tier gold":                                              {Kind: "event", What: "tier_reached", Detail: `{"tier":"gold"}`},
		"Got the reward ten_off: for points":                                 {Kind: "event", What: "reward_ready", Detail: `{"reward":"ten_off","for":"redeem"}`},
		"Earned 0 points":                                                    {Kind: "event", What: "points_earned", Detail: `not JSON`},
		"Spent 100 points on a reward":                                       {Kind: "points", What: "redeem", Times: -100},
		"30 points were taken off by hand: counted twice":                    {Kind: "points", What: "adjust", Times: -30, Detail: "counted twice"},
		"30 points were added by hand or given back: for the wait":           {Kind: "points", What: "adjust", Times: 30, Detail: "for the wait"},
		"A friend they have sent has bought (before the shop was connected)": {Kind: "event", What: "friend_bought", Reason: "historic"},
	} {
		lines := teller().Lines([]store.Entry{e})
		require.Len(t, lines, 1)
		require.Equal(t, want, lines[0].Sentence)
		require.Contains(t, lines[0].Code, e.What)
	}
	for _, k := range commerce.EventKinds() {
		if k.Ours() {
			for _, lang := range []string{"en", "ar", "fa"} {
				require.NotEqual(t, "timeline_event_"+string(k), templates.Say(lang, "timeline_event_"+string(k), nil), k)
			}
		}
	}
}
