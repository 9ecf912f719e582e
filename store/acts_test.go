package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/store"
	"flywheel/store/storetest"
)

// What was done with a message stands on its person's timeline, whoever they were
// merged into, and goes with them.
func TestTimelineTellsOfActs(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		w := claimedWorld(t, s)
		storetest.ClockOf(s).Advance(time.Minute)
		first := s.Now()
		for range 2 {
			require.NoError(t, s.AddAct(t.Context(), w.shop, w.effect.ID, "click"))
			storetest.ClockOf(s).Advance(time.Minute)
		}
		want := []store.Entry{{
			At: first, Kind: "act", What: "click", Campaign: "thank-you", Step: "thanks", Order: string(w.order.ID), Times: 2, Until: first.Add(time.Minute),
		}}
		ada := storetest.Person(t, s, w.shop)
		merge(t, s, w.shop, w.person, ada)
		acts := func(lines []store.Entry, err error) (out []store.Entry) {
			require.NoError(t, err)
			for _, l := range lines {
				if l.Kind == "act" {
					out = append(out, l)
				}
			}
			return out
		}
		require.Empty(t, cmp.Diff(want, acts(s.Timeline(t.Context(), w.shop, ada.ID, 100))))
		require.Empty(t, cmp.Diff(want, acts(s.Why(t.Context(), w.shop, ada.ID, "thank-you"))))
		require.Empty(t, acts(s.Why(t.Context(), w.shop, ada.ID, "review")))
		require.Empty(t, acts(s.Timeline(t.Context(), w.shop, storetest.Person(t, s, w.shop).ID, 100)))

		erased := erase(t, s, w.shop, store.Whom{Persons: []commerce.PersonID{ada.ID}})
		require.EqualValues(t, 1, erased.Report.Rows["message_acts"])
		require.Empty(t, acts(s.Timeline(t.Context(), w.shop, ada.ID, 100)))
	})
}
