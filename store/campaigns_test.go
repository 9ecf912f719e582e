package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/store/storetest"
)

// definition makes a campaign of one mail that passes its own check.
func definition(name string) campaign.Definition {
	return campaign.Definition{
		Name: name, Title: campaign.Texts{"en": "Thanks"}, Goal: campaign.Texts{"en": "Be kind"}, Class: gate.Transactional, Topic: "orders",
		Trigger: campaign.Trigger{Kind: campaign.OnOrderPaid},
		Steps: []campaign.Step{{ID: "thanks", Kind: campaign.SendEmail, Useful: campaign.Duration(3600e9), Email: map[string]campaign.Email{
			"en": {Subject: "Thank you", Preheader: "-", Heading: "Thanks", Body: []string{"Thank you."}, Closing: []string{"Bye"}},
		}}},
	}
}

func TestSaveCampaignKeepsEveryVersion(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		first, second := definition("one"), definition("two")
		version, err := s.SaveCampaign(t.Context(), shop, "thank-you", first, campaign.Draft)
		require.NoError(t, err)
		require.Equal(t, 1, version)
		before, err := s.CampaignRevs(t.Context(), shop)
		require.NoError(t, err)

		version, err = s.SaveCampaign(t.Context(), shop, "thank-you", second, campaign.Live)
		require.NoError(t, err)
		require.Equal(t, 2, version)
		after, err := s.CampaignRevs(t.Context(), shop)
		require.NoError(t, err)
		require.NotEqual(t, before, after)

		list, err := s.ListCampaigns(t.Context(), shop)
		require.NoError(t, err)
		require.Empty(t, cmp.Diff([]campaign.Campaign{{ID: "thank-you", State: campaign.Draft, Version: 2, Definition: second}}, list), "a new version keeps the state")
		for version, want := range map[int]campaign.Definition{1: first, 2: second} {
			got, err := s.CampaignVersion(t.Context(), shop, "thank-you", version)
			require.NoError(t, err)
			require.Empty(t, cmp.Diff(want, got))
		}
		_, err = s.CampaignVersion(t.Context(), shop, "thank-you", 3)
		require.True(t, fault.Is(err, fault.NotFound), "%v", err)

		_, err = s.SaveCampaign(t.Context(), shop, "broken", campaign.Definition{}, campaign.Draft)
		require.True(t, fault.Is(err, fault.Invalid), "%v", err)
	})
}

func TestSetCampaignStateSetsTheMomentOfGoingLive(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		_, err := s.SaveCampaign(t.Context(), shop, "thank-you", definition("thanks"), campaign.Draft)
		require.NoError(t, err)
		liveAt := func() commerce.Instant {
			list, err := s.ListCampaigns(t.Context(), shop)
			require.NoError(t, err)
			return list[0].LiveAt
		}
		set := func(state campaign.State) {
			before, err := s.CampaignRevs(t.Context(), shop)
			require.NoError(t, err)
			require.NoError(t, s.SetCampaignState(t.Context(), shop, "thank-you", state, ""))
			after, err := s.CampaignRevs(t.Context(), shop)
			require.NoError(t, err)
			require.NotEqual(t, before, after)
			storetest.Do(t, s, func(tx *store.Tx) error {
				states, err := tx.CampaignStates(shop, []campaign.CampaignID{"thank-you"})
				if err == nil {
					require.Equal(t, state, states["thank-you"].State)
					require.Equal(t, liveAt(), states["thank-you"].LiveAt)
				}
				return err
			})
		}
		require.Zero(t, liveAt())
		first := storetest.ClockOf(s).Advance(1e9)
		set(campaign.Live)
		require.Equal(t, first, liveAt())
		storetest.ClockOf(s).Advance(1e9)
		set(campaign.Paused)
		require.Equal(t, first, liveAt())
		again := storetest.ClockOf(s).Advance(1e9)
		set(campaign.Live)
		require.Equal(t, again, liveAt(), "what happened in the pause enrolls nobody")
		require.True(t, fault.Is(s.SetCampaignState(t.Context(), shop, "nothing", campaign.Live, ""), fault.NotFound))

		_, err = s.SaveCampaign(t.Context(), shop, "other", definition("other"), campaign.Live)
		require.NoError(t, err)
		list, err := s.ListCampaigns(t.Context(), shop)
		require.NoError(t, err)
		require.Equal(t, s.Now(), list[0].LiveAt, "saved live is live from now")
	})
}
