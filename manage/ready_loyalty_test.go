package manage_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/delight/campaign"
	"flywheel/delight/loyalty"
	"flywheel/manage"
)

// What gives of the loyalty program goes live with it, and with the rewards it names.
func TestLoyaltyGaps(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		keys := func(def campaign.Definition) (out []string) {
			t.Helper()
			shop, err := d.Store.Shop(t.Context(), d.shop)
			require.NoError(t, err)
			remarks, err := d.Inspect(t.Context(), shop, def)
			require.NoError(t, err)
			for _, r := range remarks {
				if r.Key == "no_program" || r.Key == "no_reward" {
					require.Equal(t, manage.Refused, r.Level)
					out = append(out, r.Key)
				}
			}
			return out
		}
		gives := func(reward string) campaign.Definition {
			return playbook(t, "thank_you", func(def *campaign.Definition) {
				def.Steps = append(def.Steps, campaign.Step{ID: "gift", Kind: campaign.GiveReward, Useful: campaign.Duration(week), Reward: reward})
			})
		}
		require.Empty(t, keys(playbook(t, "thank_you")), "it wants no program")
		require.Equal(t, []string{"no_program"}, keys(playbook(t, "points_earned")))
		require.Equal(t, []string{"no_program", "no_reward"}, keys(gives("ten")))
		d.program()
		require.Empty(t, keys(playbook(t, "points_earned")))
		require.Empty(t, keys(gives("ten")))
		require.Equal(t, []string{"no_reward"}, keys(gives("none")))

		p, err := d.Store.LoyaltyProgram(t.Context(), d.shop)
		require.NoError(t, err)
		p.Rewards = append([]loyalty.Reward{}, p.Rewards...)
		p.Rewards[0].Hidden = true
		_, err = d.Store.SaveProgram(t.Context(), d.shop, p.Program, p.Rev, "test")
		require.NoError(t, err)
		require.Equal(t, []string{"no_reward"}, keys(gives("ten")), "it is not offered any more")
	})
}
