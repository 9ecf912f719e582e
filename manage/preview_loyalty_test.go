package manage_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/club"
	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/loyalty"
	"flywheel/manage"
	"flywheel/store"
	"flywheel/store/storetest"
)

// program has the shop's loyalty program live.
func (d desk) program() {
	d.t.Helper()
	p, err := d.Store.SaveProgram(d.t.Context(), d.shop, loyalty.Program{
		Name:    map[string]string{"en": "leaves"},
		Rules:   []loyalty.Rule{{ID: "hello", Kind: loyalty.ForSignUp, Points: 70}},
		Rewards: []loyalty.Reward{{ID: "ten", Kind: loyalty.PercentOff, Percent: 1000, Worth: 900, Cost: 10}, {ID: "fifth", Kind: loyalty.PercentOff, Percent: 2000, Worth: 900}},
		Budget:  -1,
	}, 0, "test")
	require.NoError(d.t, err)
	require.NoError(d.t, d.Store.SetProgramState(d.t.Context(), d.shop, store.ProgramLive, p.Rev))
}

// A message about points shows what the customer has; what they do not have is
// made up, which is said. No code or link in it can be used.
func TestMessageOfTheProgram(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		d.save(playbook(t, "reward_ready", func(def *campaign.Definition) {
			for step := range def.AllSteps() {
				for lang, e := range step.Email {
					e.Blocks = append(e.Blocks, campaign.Block{Kind: campaign.BlockPoints}, campaign.Block{Kind: campaign.BlockReferral})
					step.Email[lang] = e
				}
			}
		}))
		sample := manage.Sample{Campaign: "reward_ready", Lang: "en", BaseURL: "https://flywheel.example"}
		got := d.looks(sample)
		require.True(t, got.MadeUp)
		require.Contains(t, got.Message.Text, "To spend · 240")
		require.Contains(t, got.Message.Text, "10% off")
		require.Contains(t, got.Message.Text, "https://flywheel.example/account/preview")
		require.Contains(t, got.Message.Text, "https://flywheel.example/r/PREVIEW234")

		d.program()
		sara, _ := d.sale("#1001")
		got = d.looks(sample)
		require.Contains(t, got.Message.Text, "leaves\nTo spend · 240")
		require.True(t, got.SampleClub, "she is no member")
		shop, err := d.Store.Shop(t.Context(), d.shop)
		require.NoError(t, err)
		members := club.Desk{Store: d.Store}
		require.NoError(t, members.Join(t.Context(), shop, sara.ID, "staff"))
		got = d.looks(sample)
		require.Contains(t, got.Message.Text, "leaves\nTo spend · 70")
		require.True(t, got.SampleClub, "she has no reward")
		require.Contains(t, got.Message.Text, "10% off")

		r, err := members.GiveByStaff(t.Context(), shop, sara.ID, "fifth", "act", "staff", "why")
		require.NoError(t, err)
		storetest.Do(t, d.Store, func(tx *store.Tx) error {
			held, err := tx.LockMembers(d.shop, []commerce.PersonID{sara.ID})
			if err == nil {
				_, err = tx.SetReward(d.shop, held[sara.ID], r, store.RewardOutcome{State: store.RewardMade, Code: "REALCODE2345"}, loyalty.Policy{})
			}
			return err
		})
		got = d.looks(sample)
		require.False(t, got.SampleClub)
		require.Contains(t, got.Message.Text, "20% off")
		require.NotContains(t, got.Message.Text, "REALCODE2345", "a test may go to anybody")
		a, err := d.Store.AdvocateOf(t.Context(), d.shop, sara.ID)
		require.NoError(t, err)
		require.Zero(t, a, "looking makes no link")

		d.save(playbook(t, "thank_you"))
		require.False(t, d.looks(manage.Sample{Campaign: "thank_you"}).SampleClub)
	})
}
