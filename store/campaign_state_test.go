package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/store"
	"flywheel/store/storetest"
)

func TestAPauseHasAReasonAndTimes(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		began := s.Now()
		_, err := s.SaveCampaign(t.Context(), shop, "c", definition("c"), campaign.Live)
		require.NoError(t, err)
		after := func(state campaign.State, reason gate.Reason) (got store.Standing) {
			require.NoError(t, s.SetCampaignState(t.Context(), shop, "c", state, reason))
			storetest.Do(t, s, func(tx *store.Tx) error {
				states, err := tx.CampaignStates(shop, []campaign.CampaignID{"c", "none"})
				got = states["c"]
				return err
			})
			return got
		}
		require.Equal(t, store.Standing{State: campaign.Live, LiveAt: began}, after(campaign.Live, ""))
		paused := storetest.ClockOf(s).Advance(1e9)
		stands := store.Standing{State: campaign.Paused, PausedReason: gate.Fuse, PausedAt: paused, LiveAt: began}
		require.Equal(t, stands, after(campaign.Paused, gate.Fuse))
		list, err := s.ListCampaigns(t.Context(), shop)
		require.NoError(t, err)
		require.Equal(t, string(gate.Fuse), list[0].PausedReason)
		resumed := storetest.ClockOf(s).Advance(1e9)
		require.Equal(t, stands, after(campaign.Paused, ""), "paused twice is one pause")
		require.Equal(t, store.Standing{State: campaign.Live, PausedAt: paused, ResumedAt: resumed, LiveAt: resumed}, after(campaign.Live, ""))
		storetest.ClockOf(s).Advance(1e9)
		require.Equal(t, resumed, after(campaign.Live, "").LiveAt, "live twice is live since then")
		require.Zero(t, after(campaign.Paused, "").ResumedAt, "a new pause has not ended")
	})
}

func TestAPauseOfTheShopHasTimes(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop, other := storetest.Shop(t, s), storetest.Shop(t, s)
		require.NoError(t, s.SetShopState(t.Context(), other, commerce.ShopPaused))
		times := func() [2]commerce.Instant {
			got, err := s.Shop(t.Context(), shop)
			require.NoError(t, err)
			return [2]commerce.Instant{got.PausedAt, got.ResumedAt}
		}
		require.Zero(t, times())
		for name, set := range map[string]func(on bool) error{
			"shop": func(on bool) error {
				return s.SetShopState(t.Context(), shop, map[bool]commerce.ShopState{true: commerce.ShopPaused, false: commerce.ShopActive}[on])
			},
			"all": func(on bool) error { return s.SetPauseAll(t.Context(), on) },
		} {
			paused := storetest.ClockOf(s).Advance(1e9)
			require.NoError(t, set(true))
			storetest.ClockOf(s).Advance(1e9)
			require.NoError(t, set(true))
			resumed := storetest.ClockOf(s).Advance(1e9)
			require.NoError(t, set(false))
			storetest.ClockOf(s).Advance(1e9)
			require.NoError(t, set(false))
			require.Equal(t, [2]commerce.Instant{paused, resumed}, times(), name)
		}
		still, err := s.Shop(t.Context(), other)
		require.NoError(t, err)
		require.Zero(t, still.ResumedAt, "its own pause goes on")
	})
}

// Going live ends the rehearsal, in steps, and lets the same persons enter in earnest.
func TestGoingLiveEndsTheRehearsal(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		_, err := s.SaveCampaign(t.Context(), shop, "thank-you", definition("thanks"), campaign.Rehearsal)
		require.NoError(t, err)
		const n = 2*store.TouchStep + 7
		execute(t, s, fill(n)+`INSERT INTO enrollments (shop_id, id, campaign_id, entry_key, version, person_id, order_id, anchor, step_anchor, state, reason, due_at, created_at, rehearsal)
			SELECT '`+string(shop)+`', 'e' || i, 'thank-you', 'k' || i, 1, 'p', 'o', 0, 0, CASE WHEN i % 2 = 0 THEN 'active' ELSE 'ended' END, CASE WHEN i % 2 = 0 THEN '' ELSE 'complete' END, 0, 0, 1 FROM n`)
		order := storetest.Order(t, s, shop, storetest.Person(t, s, shop).ID)
		rehearsed := storetest.Enroll(t, s, shop, order, func(e *campaign.Enrollment) { e.Rehearsal = true })
		effect := claim(t, s, shop, store.Effect{Enrollment: rehearsed.ID, Rehearsal: true})
		storetest.ClockOf(s).Advance(1e9)
		require.NoError(t, s.SetCampaignState(t.Context(), shop, "thank-you", campaign.Live, ""))
		require.EqualValues(t, n/2+1, number(t, s, `SELECT COUNT(*) FROM enrollments WHERE state = 'ended' AND reason = $1`, gate.RehearsalOver))
		require.EqualValues(t, n+1, number(t, s, `SELECT COUNT(*) FROM enrollments WHERE state = 'ended' AND rehearsal = 2`))
		require.Equal(t, "withdrawn", stateOfEffect(t, s, effect.ID))
		got, err := s.Enrollment(t.Context(), shop, rehearsed.ID)
		require.NoError(t, err)
		require.True(t, got.Rehearsal, "that it was one can still be seen")
		earnest := storetest.Enroll(t, s, shop, order)
		require.NotEqual(t, rehearsed.ID, earnest.ID)
		require.NoError(t, s.SetCampaignState(t.Context(), shop, "thank-you", campaign.Paused, ""))
		require.NoError(t, s.SetCampaignState(t.Context(), shop, "thank-you", campaign.Live, ""))
		got, err = s.Enrollment(t.Context(), shop, earnest.ID)
		require.NoError(t, err)
		require.False(t, got.Ended)
	})
}

// The last word before a mail heeds the state of its campaign.
func TestBeginSendingHeedsTheCampaign(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		for _, c := range []struct {
			state     campaign.State
			rehearsal bool
			goes      bool
		}{
			{campaign.Live, false, true},
			{campaign.Live, true, false},
			{campaign.Rehearsal, true, true},
			{campaign.Rehearsal, false, false},
			{campaign.Paused, false, false},
			{campaign.Paused, true, false},
			{campaign.Archived, false, false},
			{campaign.Draft, false, false},
		} {
			w := claimedWorld(t, s, func(f *store.Effect) { f.Rehearsal = c.rehearsal })
			execute(t, s, `UPDATE campaigns SET state = $2 WHERE shop_id = $1`, w.shop, c.state)
			require.Equal(t, c.goes, begin(t, s, w.shop, w.effect)[w.effect.ID], "%+v", c)
		}
		w := claimedWorld(t, s, func(f *store.Effect) { f.Campaign = "gone" })
		require.Empty(t, begin(t, s, w.shop, w.effect))
	})
}

// A stop of the address is none for what does not reach the customer; a call does.
func TestBeginSendingOfWhatReachesNoAddress(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		for kind, goes := range map[campaign.StepKind]bool{campaign.CallTask: false, campaign.NotifyTeam: true, campaign.Webhook: true, campaign.TagCustomer: true, campaign.SendEmail: false} {
			w := claimedWorld(t, s, func(f *store.Effect) { f.Kind, f.Class = kind, gate.Service })
			storetest.Do(t, s, func(tx *store.Tx) error { return tx.Suppress(w.shop, w.hash, gate.ScopeAll, "asked") })
			require.Equal(t, goes, begin(t, s, w.shop, w.effect)[w.effect.ID], kind)
		}
	})
}

func TestVersionsTellWhoSavedThem(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		first := s.Now()
		_, err := s.SaveVersion(t.Context(), shop, "c", definition("one"), store.Saving{State: campaign.Rehearsal, By: "ada", Note: "a start"})
		require.NoError(t, err)
		second := storetest.ClockOf(s).Advance(1e9)
		_, err = s.SaveVersion(t.Context(), shop, "c", definition("two"), store.Saving{State: campaign.Live, By: "bob"})
		require.NoError(t, err)
		got, err := s.Versions(t.Context(), shop, "c")
		require.NoError(t, err)
		require.Equal(t, []store.Version{{Number: 2, At: second, By: "bob"}, {Number: 1, At: first, By: "ada", Note: "a start"}}, got)
		list, err := s.ListCampaigns(t.Context(), shop)
		require.NoError(t, err)
		require.Equal(t, campaign.Rehearsal, list[0].State)
		require.Equal(t, first, list[0].LiveAt)
	})
}

// The first of several holds counts, and other reasons are none.
func TestHeldSince(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		name := store.StepName{EntryName: store.EntryName{Campaign: "c", Key: "order:1"}, StepID: "ask"}
		other := store.StepName{EntryName: store.EntryName{Campaign: "c", Key: "order:1"}, StepID: "later"}
		decide := func(step string, reason gate.Reason) commerce.Instant {
			storetest.Do(t, s, func(tx *store.Tx) error {
				return tx.SaveDecisions(shop, []store.Decided{{Campaign: "c", EntryKey: "order:1", StepID: step, Decision: gate.Decision{Answer: gate.Hold, Reason: reason}}})
			})
			defer storetest.ClockOf(s).Advance(time.Hour)
			return s.Now()
		}
		decide("ask", gate.QuietHours)
		first := decide("ask", gate.ShopPaused)
		decide("ask", gate.CampaignPaused)
		decide("ask", gate.ShopPaused)
		fuse := decide("later", gate.Fuse)
		storetest.Do(t, s, func(tx *store.Tx) error {
			held, err := tx.HeldSince(shop, []store.StepName{name, other, {EntryName: store.EntryName{Campaign: "c", Key: "order:2"}, StepID: "ask"}})
			require.Equal(t, map[store.StepName]commerce.Instant{name: first, other: fuse}, held)
			return err
		})
	})
}
