package store_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/store"
	"flywheel/store/storetest"
)

// told is a note of w's effect to the team, and a trial that shows them.
func told(t *testing.T, s *store.Store, w claimed) {
	t.Helper()
	storetest.Do(t, s, func(tx *store.Tx) error {
		for range 2 { // the same again is on its way already
			if _, err := tx.AddNote(w.shop, w.effect, map[string]string{"Title": "Call " + w.person.Phone}); err != nil {
				return err
			}
			if _, err := tx.AddTrialOf(w.shop, w.person.ID, "thanks", "Dear "+w.person.FirstName); err != nil {
				return err
			}
		}
		_, err := tx.AddTrialOf(w.shop, "", "thanks", "Dear customer")
		return err
	})
}

// What waits to tell the team of somebody ends with them, also what is being told
// at that moment: its words are gone, and nothing tells it again.
func TestErasingEndsWhatTheTeamIsToBeTold(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		w := claimedWorld(t, s)
		slack(t, s, w.shop)
		told(t, s, w)
		notify(t, s, w.shop, "ask 1")
		bo := storetest.Person(t, s, w.shop)
		storetest.Do(t, s, func(tx *store.Tx) error {
			_, err := tx.AddTrialOf(w.shop, bo.ID, "thanks", "Dear Bo")
			return err
		})
		telling, found := takeNotice(t, s)
		require.True(t, found)
		require.Equal(t, store.NoticeNote, telling.Kind)
		guest := storetest.Person(t, s, w.shop)
		merge(t, s, w.shop, w.person, guest)

		erased := erase(t, s, w.shop, store.Whom{Persons: []commerce.PersonID{guest.ID}})
		require.EqualValues(t, 2, erased.Report.Rows["notices"])
		require.Equal(t, []string{`kind="note" data="{}"`, `kind="trial" data="{}"`},
			table(t, s, `SELECT kind, data FROM notices WHERE state = 'failed' AND done_at > 0 AND note = 'the customer was erased' ORDER BY kind`))
		require.NoError(t, s.PutOffNotice(t.Context(), w.shop, telling, s.Now(), "busy"))
		var left []string
		for {
			n, found := takeNotice(t, s)
			if !found {
				break
			}
			left = append(left, string(n.Kind)+" "+string(n.Channel)+" "+n.Data["Message"])
		}
		require.ElementsMatch(t, []string{"trial mail Dear customer", "fuse mail ", "fuse slack ", "trial mail Dear Bo"}, left)
	})
}

// What a step or somebody of the team began before an erasure comes too late.
func TestNobodyIsToldOfWhoIsErased(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		w := claimedWorld(t, s)
		slack(t, s, w.shop)
		erase(t, s, w.shop, store.Whom{Persons: []commerce.PersonID{w.person.ID}})
		storetest.Do(t, s, func(tx *store.Tx) error {
			fresh, err := tx.AddNote(w.shop, w.effect, map[string]string{"Title": "Call Ada"})
			require.False(t, fresh)
			require.NoError(t, err)
			fresh, err = tx.AddTrialOf(w.shop, w.person.ID, "thanks", "Dear Ada")
			require.False(t, fresh)
			return err
		})
		require.Zero(t, number(t, s, `SELECT COUNT(*) FROM notices`))
	})
}

// Somebody who asks what is kept of them sees what the team is about to be told, and
// of what it was told that it was.
func TestHeldShowsWhatTheTeamIsTold(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		w := claimedWorld(t, s)
		slack(t, s, w.shop)
		told(t, s, w)
		notices := func() (rows []map[string]any) {
			held, err := s.Held(t.Context(), w.shop, []commerce.PersonID{w.person.ID})
			require.NoError(t, err)
			for _, h := range held {
				if h.Name == "notices" {
					require.Contains(t, h.Columns, "body")
					rows = h.Rows
				}
			}
			require.Len(t, rows, 2, "not what shows somebody made up")
			return rows
		}
		data, err := json.Marshal(notices())
		require.NoError(t, err)
		require.Contains(t, string(data), "Call "+w.person.Phone)
		require.Contains(t, string(data), "Dear "+w.person.FirstName)
		for {
			n, found := takeNotice(t, s)
			if !found {
				break
			}
			require.NoError(t, s.FinishNotice(t.Context(), w.shop, n, store.NoticeSent, "ok"))
		}
		for _, row := range notices() {
			require.Equal(t, "sent", row["state"])
			require.NotContains(t, row, "body")
		}
	})
}
