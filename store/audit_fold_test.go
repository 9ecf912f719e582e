package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/store"
	"flywheel/store/storetest"
)

// What one person does again and again to one thing is one line that counts it;
// it stands there before it is done, and counts nothing that was not.
func TestWhatIsDoneAgainIsOneLine(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop, clock := storetest.Shop(t, s), storetest.ClockOf(s)
		edit := func(done bool, change ...func(*store.Audit)) {
			a := store.Audit{Who: "Sara", Via: "web", Act: "/campaigns/:campaign/edit", Subject: "thank_you", Fold: true}
			for _, c := range change {
				c(&a)
			}
			id, err := s.BeginAudit(t.Context(), shop, a)
			require.NoError(t, err)
			lines, err := s.AuditLines(t.Context(), shop, store.AuditFilter{Who: a.Who}, 1)
			require.NoError(t, err)
			require.Equal(t, id, lines[0].ID)
			require.False(t, lines[0].Done, "it is written before the change")
			require.NoError(t, s.EndAudit(t.Context(), shop, id, done))
			clock.Advance(time.Minute)
		}
		times := func() (out []int64) {
			lines, err := s.AuditLines(t.Context(), shop, store.AuditFilter{}, 20)
			require.NoError(t, err)
			for _, l := range lines {
				require.True(t, l.Done)
				out = append(out, l.Times)
			}
			return out
		}
		begun := s.Now()
		edit(false)
		require.Empty(t, times(), "nothing was changed")
		edit(true)
		edit(true)
		last := s.Now()
		edit(true)
		edit(false)
		require.Equal(t, []int64{3}, times())
		lines, err := s.AuditLines(t.Context(), shop, store.AuditFilter{}, 1)
		require.NoError(t, err)
		require.Equal(t, begun.Add(time.Minute), lines[0].At)
		require.GreaterOrEqual(t, lines[0].Last, last)

		edit(true, func(a *store.Audit) { a.Subject = "reviews" })
		edit(true)
		require.Equal(t, []int64{1, 1, 3}, times(), "something else lay between")
		edit(true, func(a *store.Audit) { a.Who, a.User = "Ali", "ali" })
		edit(true)
		edit(true, func(a *store.Audit) { a.Fold = false })
		require.Equal(t, []int64{1, 1, 2, 1, 3}, times(), "two work at once, each in a line of their own")
		clock.Advance(time.Hour)
		edit(true)
		edit(true)
		require.Equal(t, []int64{2, 1, 1, 2, 1, 3}, times(), "an hour later it is another line")
		unheard := store.Audit{Who: "Sara", Via: "web", Act: "/campaigns/:campaign/edit", Subject: "thank_you", Fold: true}
		first, err := s.BeginAudit(t.Context(), shop, unheard)
		require.NoError(t, err)
		second, err := s.BeginAudit(t.Context(), shop, unheard)
		require.NoError(t, err)
		require.NotEqual(t, first, second, "one whose end was not heard says so, and takes nothing up")
	})
}
