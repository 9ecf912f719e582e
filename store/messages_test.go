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

// Each walk shows how far it has come: by its act where there is one, else by
// the last decision; the newest stands first, rehearsals nowhere.
func TestLastMessages(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		c := storetest.Connection(t, s, shop)
		walk := func(change ...func(*campaign.Enrollment)) campaign.Enrollment {
			return storetest.Enroll(t, s, shop, storetest.Order(t, s, shop, storetest.Person(t, s, shop).ID), change...)
		}
		decide := func(e campaign.Enrollment, answer gate.Answer, reason gate.Reason) {
			storetest.ClockOf(s).Advance(time.Minute)
			storetest.Do(t, s, func(tx *store.Tx) error {
				return tx.SaveDecisions(shop, []store.Decided{{
					Campaign: e.Campaign, EntryKey: e.EntryKey, StepID: "thanks", Person: e.Person, Decision: gate.Decision{Answer: answer, Reason: reason, Until: 99},
				}})
			})
		}
		sent := walk()
		decide(sent, gate.Defer, gate.QuietHours)
		storetest.ClockOf(s).Advance(time.Minute)
		storetest.Do(t, s, func(tx *store.Tx) error {
			got, err := tx.ClaimEffects(shop, []store.Effect{storetest.Effect(sent, c, "hash")})
			if err != nil {
				return err
			}
			return tx.FinishEffects(shop, []store.EffectResult{{ID: got[sent.ID].ID, State: store.Sent}})
		})
		held := walk()
		decide(held, gate.Hold, gate.NoConsent)
		decide(held, gate.Defer, gate.QuietHours)
		rehearsed := walk(func(e *campaign.Enrollment) { e.Rehearsal = true })
		decide(rehearsed, gate.Hold, gate.NoConsent)
		walk() // nothing was decided yet
		skipped := walk()
		decide(skipped, gate.Skip, gate.Refunded)

		got, err := s.LastMessages(t.Context(), shop, 50)
		require.NoError(t, err)
		type line struct {
			walk         campaign.EnrollmentID
			what, reason string
		}
		var lines []line
		for _, m := range got {
			lines = append(lines, line{m.Enrollment, m.What, m.Reason})
		}
		require.Equal(t, []line{{skipped.ID, "skip", "refunded"}, {held.ID, "defer", "quiet_hours"}, {sent.ID, "sent", ""}}, lines)
		require.EqualValues(t, 99, got[1].Until)
		require.Equal(t, sent.Order, got[2].Order)
		require.NotEmpty(t, got[2].Effect)

		got, err = s.LastMessages(t.Context(), shop, 1)
		require.NoError(t, err)
		require.Len(t, got, 1)
		require.Equal(t, skipped.ID, got[0].Enrollment)
	})
}

func TestOrderNames(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		o := storetest.Order(t, s, shop, storetest.Person(t, s, shop).ID, func(o *store.StoredOrder) { o.Detail.Name = "#1001" })
		names, err := s.OrderNames(t.Context(), shop, []commerce.OrderID{o.ID, "unknown"})
		require.NoError(t, err)
		require.Equal(t, map[commerce.OrderID]string{o.ID: "#1001"}, names)
		names, err = s.OrderNames(t.Context(), shop, nil)
		require.NoError(t, err)
		require.Empty(t, names)
	})
}
