package jobs

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/store"
	"flywheel/store/storetest"
)

// Whoever is new is found by name, and by another name once they have one.
func TestCustomersAreWorded(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		p := storetest.Person(t, w.Store, w.shop, func(p *commerce.Person) { p.FirstName, p.LastName = "فاطمة", "أحمدي" })
		storetest.Person(t, w.Store, w.shop)
		found := func(query string) bool {
			got, err := w.Store.FindPersons(t.Context(), w.shop, commerce.SearchWords(query), "", 10)
			require.NoError(t, err)
			return len(got.Persons) == 1 && got.Persons[0].ID == p.ID
		}
		require.False(t, found("فاطمه"), "not yet")
		require.NoError(t, w.handleWords(t.Context(), nil))
		require.True(t, found("فاطمه احمد"))
		p.FirstName = "Sara"
		storetest.Do(t, w.Store, func(tx *store.Tx) error { return tx.SavePersons(w.shop, []commerce.Person{p}) })
		require.NoError(t, w.handleWords(t.Context(), nil))
		require.True(t, found("sara"))
		require.False(t, found("فاطمه"))
	})
}

// The sweep has them worded, and says so only where somebody is to be.
func TestTheSweepHasCustomersWorded(t *testing.T) {
	w := newWorld(t, "sqlite")
	waiting := func() int {
		info, err := w.Queue.inspector.GetQueueInfo(queueOf(taskWords))
		if err != nil {
			return 0 // nothing was ever put there
		}
		return info.Pending
	}
	s := &sweep{Worker: w.Worker, looking: true}
	require.NoError(t, s.hintWords(t.Context()))
	require.Zero(t, waiting())
	storetest.Person(t, w.Store, w.shop)
	require.NoError(t, s.hintWords(t.Context()))
	require.NoError(t, s.hintWords(t.Context()), "a second hint changes nothing")
	require.Equal(t, 1, waiting())
	require.Equal(t, fanQueue, queueOf(wordsID))
}
