package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/store"
	"flywheel/store/storetest"
)

// What is held is listed a page at a time, and no page cuts an instant in two.
func TestWhatIsHeldIsListed(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop, clock := storetest.Shop(t, s), storetest.ClockOf(s)
		for i, n := range []int{2, 3, 1} {
			storetest.Do(t, s, func(tx *store.Tx) error {
				var all []store.Decided
				for k := range n {
					all = append(all, store.Decided{Campaign: campaign.CampaignID(fmt.Sprintf("c%d", k)), EntryKey: campaign.EntryKey(commerce.OrderID(fmt.Sprintf("o%d", i))), StepID: "ask", Decision: gate.Decision{Answer: gate.Hold, Reason: gate.NoConsent}})
				}
				return tx.SaveDecisions(shop, append(all, store.Decided{Campaign: "late", EntryKey: "k", StepID: fmt.Sprint(i), Decision: gate.Decision{Answer: gate.Defer, Reason: gate.QuietHours}}))
			})
			clock.Advance(time.Minute)
		}
		var sizes []int
		var before commerce.Instant
		for {
			rows, next, err := s.HeldSteps(t.Context(), shop, "", before, 3)
			require.NoError(t, err)
			if sizes = append(sizes, len(rows)); next == 0 {
				break
			}
			before = next
		}
		require.Equal(t, []int{1, 3, 2}, sizes)
		of, next, err := s.HeldSteps(t.Context(), shop, "c1", 0, 9)
		require.NoError(t, err)
		require.Zero(t, next)
		require.Len(t, of, 2)
		require.Equal(t, []string{"o1", "no_consent", "ask"}, []string{string(of[0].Order), of[0].Reason, of[0].Step})
	})
}

// Who entered is listed, the last first, without rehearsals.
func TestWhoEnteredIsListed(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		ada := storetest.Person(t, s, shop)
		var ids []string
		for i := range 5 {
			e := storetest.Enroll(t, s, shop, storetest.Order(t, s, shop, ada.ID), func(e *campaign.Enrollment) {
				e.Campaign, e.Rehearsal = campaign.CampaignID([]string{"thanks", "reviews"}[i%2]), i == 4
			})
			ids = append(ids, string(e.ID))
		}
		execute(t, s, `UPDATE enrollments SET state = 'ended' WHERE id = $1`, ids[0])
		list := func(f store.EntrantFilter, limit int) (out []string, next string) {
			rows, next, err := s.Entrants(t.Context(), shop, f, limit)
			require.NoError(t, err)
			for _, r := range rows {
				out = append(out, r.ID)
			}
			return out, next
		}
		first, next := list(store.EntrantFilter{}, 3)
		require.Equal(t, []string{ids[3], ids[2], ids[1]}, first)
		rest, end := list(store.EntrantFilter{Before: next}, 3)
		require.Equal(t, ids[:1], rest)
		require.Empty(t, end)
		thanks, _ := list(store.EntrantFilter{Campaign: "thanks"}, 9)
		require.Equal(t, []string{ids[2], ids[0]}, thanks)
		ended, _ := list(store.EntrantFilter{State: "ended"}, 9)
		require.Equal(t, ids[:1], ended)
	})
}

// However many there are, each page is one range of an index.
func TestListsOfWalksGoByIndex(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		execute(t, s, fill(20_000)+`INSERT INTO decisions (shop_id, campaign_id, entry_key, step_id, reason, person_id, answer, detail, until_at, times, first_at, last_at)
			SELECT 'shop' || (i % 3), 'c', 'k' || i, 'ask', 'no_consent', 'p', CASE WHEN i % 4 = 0 THEN 'hold' ELSE 'skip' END, '', 0, 1, i, i FROM n`)
		if !s.Embedded() {
			execute(t, s, `ANALYZE decisions`)
		}
		plan := planOf(t, s, `SELECT last_at FROM decisions WHERE shop_id = 'shop1' AND last_at < 9000 AND answer = 'hold' ORDER BY last_at DESC LIMIT 50`)
		require.Contains(t, plan, "decisions_held")
		require.NotRegexp(t, `(?i)Seq Scan|USE TEMP B-TREE|Sort`, plan)
	})
}
