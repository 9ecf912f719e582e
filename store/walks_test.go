package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/store/storetest"
)

// asking makes an enrollment whose next message is an ask of this class, due in an hour.
func asking(s *store.Store, class gate.Class) func(*campaign.Enrollment) {
	return func(e *campaign.Enrollment) {
		e.DueAt = s.Now().Add(time.Hour)
		e.Ask = campaign.Ask{Class: class, Topic: "reviews", Priority: 3, Due: e.DueAt, Latest: e.DueAt.Add(time.Hour), Answers: true}
	}
}

func TestEnrollmentKeepsItsCauseAndItsAsk(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		order := storetest.Order(t, s, shop, storetest.Person(t, s, shop).ID)
		want := storetest.Enroll(t, s, shop, order, asking(s, gate.Service), func(e *campaign.Enrollment) {
			e.Cause, e.WaitsFor, e.Rehearsal = "order_paid|"+string(order.ID), "custom:opened", true
		})
		want.Rev = 1
		got, err := s.Enrollment(t.Context(), shop, want.ID)
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(want, got))
		_, err = s.Enrollment(t.Context(), shop, "none")
		require.True(t, fault.Is(err, fault.NotFound), "%v", err)
	})
}

func TestMoveCarriesTheNextAsk(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		w := claimedWorld(t, s)
		m := store.Move{
			ID: w.enrollment.ID, Dispatch: w.enrollment.Dispatch, Rev: w.enrollment.Rev, Position: campaign.Position{StepID: "ask", Anchor: 7}, DueAt: 99, WaitsFor: "order_arrived",
			Ask: campaign.Ask{Class: gate.Marketing, Topic: "news", Priority: 2, Due: 98, Latest: 100, Answers: true},
		}
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.MoveEnrollments(w.shop, []store.Move{m}) })
		got, err := s.Enrollment(t.Context(), w.shop, w.enrollment.ID)
		require.NoError(t, err)
		require.Equal(t, m.Ask, got.Ask)
		require.Equal(t, "order_arrived", got.WaitsFor)
		require.False(t, got.Rehearsal)
	})
}

// An event moves only who waits for its kind, under whatever id they are known.
func TestTouchWaiting(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		ada, guest, other := storetest.Person(t, s, shop), storetest.Person(t, s, shop), storetest.Person(t, s, shop)
		later := s.Now() + 5000
		wait := func(p commerce.Person, kind string) campaign.Enrollment {
			return storetest.Enroll(t, s, shop, storetest.Order(t, s, shop, p.ID), func(e *campaign.Enrollment) { e.WaitsFor, e.DueAt = kind, later })
		}
		hers, guests, another, nothing, others := wait(ada, "custom:opened"), wait(guest, "custom:opened"), wait(ada, "order_paid"), wait(ada, ""), wait(other, "custom:opened")
		over := wait(ada, "custom:opened")
		execute(t, s, `UPDATE enrollments SET state = 'ended' WHERE id = $1`, string(over.ID))
		merge(t, s, shop, guest, ada)
		came := store.Waiting{Person: guest.ID, Kind: commerce.CustomKind("opened")}
		storetest.Do(t, s, func(tx *store.Tx) error {
			return tx.TouchWaiting(shop, []store.Waiting{came, came, {Person: "unknown", Kind: "x"}})
		})
		for _, c := range []struct {
			e    campaign.Enrollment
			want commerce.Instant
		}{{hers, s.Now()}, {guests, s.Now()}, {another, later}, {nothing, later}, {others, later}, {over, later}} {
			require.Equal(t, int64(c.want), dueAt(t, s, c.e.ID))
			require.Equal(t, c.want == s.Now(), number(t, s, `SELECT rev FROM enrollments WHERE id = $1`, c.e.ID) == 2)
		}
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.TouchWaiting(shop, nil) })
	})
}

func TestRivalsAreAsksThatAreDueSoon(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		ada, guest, bob := storetest.Person(t, s, shop), storetest.Person(t, s, shop), storetest.Person(t, s, shop)
		enroll := func(p commerce.Person, change ...func(*campaign.Enrollment)) campaign.EnrollmentID {
			return storetest.Enroll(t, s, shop, storetest.Order(t, s, shop, p.ID), change...).ID
		}
		hers, guests := enroll(ada, asking(s, gate.Service)), enroll(guest, asking(s, gate.Marketing))
		enroll(ada, asking(s, gate.Transactional))
		enroll(ada)
		enroll(ada, asking(s, gate.Service), func(e *campaign.Enrollment) { e.DueAt = s.Now().Add(3 * time.Hour) })
		enroll(ada, asking(s, gate.Service), func(e *campaign.Enrollment) { e.Rehearsal = true })
		over := enroll(ada, asking(s, gate.Service))
		execute(t, s, `UPDATE enrollments SET state = 'ended' WHERE id = $1`, string(over))
		bobs := enroll(bob, asking(s, gate.Service))
		merge(t, s, shop, guest, ada)
		storetest.Do(t, s, func(tx *store.Tx) error {
			got, err := tx.Rivals(shop, []commerce.PersonID{ada.ID, guest.ID, bob.ID, "nobody"}, s.Now().Add(2*time.Hour))
			ids := map[commerce.PersonID][]campaign.EnrollmentID{}
			for p, es := range got {
				for _, e := range es {
					ids[p] = append(ids[p], e.ID)
				}
			}
			require.ElementsMatch(t, []campaign.EnrollmentID{hers, guests}, ids[ada.ID])
			require.ElementsMatch(t, ids[ada.ID], ids[guest.ID])
			require.Equal(t, []campaign.EnrollmentID{bobs}, ids[bob.ID])
			require.Empty(t, ids["nobody"])
			require.Equal(t, 3, got[bob.ID][0].Ask.Priority)
			return err
		})
	})
}

func TestListEnrollmentsFiltersAndPages(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		var all []campaign.EnrollmentID
		for range 5 {
			all = append(all, storetest.Enroll(t, s, shop, storetest.Order(t, s, shop, "p")).ID)
		}
		storetest.Enroll(t, s, shop, storetest.Order(t, s, shop, "p"), func(e *campaign.Enrollment) { e.Campaign = "other" })
		execute(t, s, `UPDATE enrollments SET state = 'ended', reason = 'complete' WHERE id IN ($1, $2)`, string(all[0]), string(all[2]))
		execute(t, s, `UPDATE enrollments SET state = 'ended', reason = 'refunded' WHERE id = $1`, string(all[4]))
		for _, c := range []struct {
			filter store.WalkFilter
			want   []campaign.EnrollmentID
		}{
			{store.WalkFilter{}, all},
			{store.WalkFilter{State: "active"}, []campaign.EnrollmentID{all[1], all[3]}},
			{store.WalkFilter{State: "ended"}, []campaign.EnrollmentID{all[0], all[2], all[4]}},
			{store.WalkFilter{Reason: gate.SequenceComplete}, []campaign.EnrollmentID{all[0], all[2]}},
		} {
			var got []campaign.EnrollmentID
			for after := ""; ; {
				page, err := s.ListEnrollments(t.Context(), shop, "thank-you", c.filter, after, 2)
				require.NoError(t, err)
				if len(page) == 0 {
					break
				}
				for _, e := range page {
					got, after = append(got, e.ID), e.EntryKey
				}
			}
			require.Equal(t, c.want, got, "%+v", c.filter)
		}
	})
}

// People are moved to another version only where they have not begun or stand at a step that both have.
func TestMoveToVersion(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		for range 3 {
			_, err := s.SaveCampaign(t.Context(), shop, "c", definition("c"), campaign.Live)
			require.NoError(t, err)
		}
		const n = 2*store.TouchStep + 10
		places := []string{"", "ask", "after:ask", "gone"}
		for i, place := range places {
			execute(t, s, fill(n/len(places)+1)+fmt.Sprintf(`INSERT INTO enrollments (shop_id, id, campaign_id, entry_key, version, person_id, order_id, anchor, step_id, step_anchor, state, due_at, created_at)
				SELECT '%s', 'e%d-' || i, 'c', 'k%d-' || i, CASE WHEN i %% 5 = 0 THEN 2 ELSE 1 END, 'p', 'o', 0, '%s', 0,
					CASE WHEN i %% 5 = 1 THEN 'ended' ELSE 'active' END, CAST($1 AS BIGINT), 0 FROM n`, shop, i, i, place), int64(s.Now())+1000)
		}
		count := func(where string) int64 { return number(t, s, `SELECT COUNT(*) FROM enrollments WHERE `+where) }
		move := count(`version = 1 AND state = 'active' AND step_id <> 'gone'`)
		stay := count(`version = 1 AND state = 'active' AND step_id = 'gone'`)
		waiting, err := s.WaitingByStep(t.Context(), shop, "c")
		require.NoError(t, err)
		require.Len(t, waiting, 8)
		require.Contains(t, waiting, store.StepCount{Version: 1, StepID: "gone", Count: stay})

		got, err := s.MoveToVersion(t.Context(), shop, "c", 1, 3, []string{"ask"})
		require.NoError(t, err)
		require.Equal(t, store.Moved{Moved: move, Stayed: stay}, got)
		require.Equal(t, move, count(`version = 3 AND rev = 2 AND state = 'active' AND step_id <> 'gone' AND due_at = `+fmt.Sprint(int64(s.Now()))))
		require.Equal(t, move, count(`rev = 2`))
		got, err = s.MoveToVersion(t.Context(), shop, "c", 1, 3, []string{"ask"})
		require.NoError(t, err)
		require.Equal(t, store.Moved{Stayed: stay}, got, "once more does nothing")
		_, err = s.MoveToVersion(t.Context(), shop, "c", 1, 4, nil)
		require.True(t, fault.Is(err, fault.NotFound), "%v", err)
	})
}

// Somebody who was moved to another version while their mail was under way
// stands behind its step in that one, whatever the old version had behind it.
func TestMoveOfAWalkThatGotAnotherVersion(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		for _, c := range []struct {
			behind campaign.Position
			want   campaign.Position
		}{
			{campaign.After("ask", 7), campaign.After("ask", 7)},
			{campaign.Position{}, campaign.Position{StepID: "ask", Anchor: 3}},
		} {
			w := claimedWorld(t, s)
			execute(t, s, `UPDATE enrollments SET version = 2, step_id = 'ask', step_anchor = 3 WHERE id = $1`, string(w.enrollment.ID))
			m := store.Move{
				ID: w.enrollment.ID, Dispatch: w.enrollment.Dispatch, Rev: w.enrollment.Rev, Version: 1, Position: campaign.Position{StepID: "old branch"},
				Ended: true, Reason: "complete", Behind: c.behind,
			}
			storetest.Do(t, s, func(tx *store.Tx) error { return tx.MoveEnrollments(w.shop, []store.Move{m}) })
			got, err := s.Enrollment(t.Context(), w.shop, w.enrollment.ID)
			require.NoError(t, err)
			require.Equal(t, c.want, got.Position)
			require.False(t, got.Ended)
		}
	})
}
