package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/store"
	"flywheel/store/storetest"
)

func TestEnrollmentComesBackAsItWasSaved(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		order := storetest.Order(t, s, shop, storetest.Person(t, s, shop).ID)
		want := storetest.Enroll(t, s, shop, order, func(e *campaign.Enrollment) {
			e.Version, e.Anchor, e.Position, e.DueAt = 3, 1000, campaign.Position{StepID: "ask", Anchor: 2000}, 3000
		})
		runs := chunkOf(t, s, shop).Runs
		want.Dispatch, want.Rev = 1, 1
		got, err := s.EnrollmentsForRun(t.Context(), shop, runs)
		require.NoError(t, err)
		require.Empty(t, cmp.Diff([]campaign.Enrollment{want}, got))

		runs[0].Dispatch = 2
		got, err = s.EnrollmentsForRun(t.Context(), shop, runs)
		require.NoError(t, err)
		require.Empty(t, got, "the number of another run")
	})
}

func TestOneCauseEnrollsOncePerCampaign(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		order := storetest.Order(t, s, shop, storetest.Person(t, s, shop).ID)
		first := storetest.Enroll(t, s, shop, order)
		again := storetest.Enrollment(s, order, func(e *campaign.Enrollment) { e.Version = 2 })
		other := storetest.Enrollment(s, order, func(e *campaign.Enrollment) { e.Campaign = "review" })
		storetest.Do(t, s, func(tx *store.Tx) error {
			fresh, err := tx.AddEnrollments(shop, []campaign.Enrollment{again, other}, "")
			require.Equal(t, map[campaign.EnrollmentID]bool{other.ID: true}, fresh)
			return err
		})
		require.EqualValues(t, 1, number(t, s, `SELECT version FROM enrollments WHERE id = $1`, first.ID))
	})
}

// What is due at once is leased to the drain that enrolls it, so that it needs no queue.
func TestAddEnrollmentsLeasesWhatIsDue(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		person := storetest.Person(t, s, shop)
		due := storetest.Enrollment(s, storetest.Order(t, s, shop, person.ID))
		later := storetest.Enrollment(s, storetest.Order(t, s, shop, person.ID), func(e *campaign.Enrollment) { e.DueAt++ })
		storetest.Do(t, s, func(tx *store.Tx) error {
			_, err := tx.AddEnrollments(shop, []campaign.Enrollment{due, later}, "one")
			return err
		})
		require.Equal(t, []string{`queue="2" dispatch="1" lease_owner="one"`, `queue="0" dispatch="0" lease_owner=""`},
			table(t, s, `SELECT queue, dispatch, lease_owner FROM enrollments ORDER BY due_at`), "the later one waits outside the window")
		runs := []store.Run{{ID: due.ID, Dispatch: 1}, {ID: later.ID, Dispatch: 0}}
		es, err := s.EnrollmentsForRun(t.Context(), shop, runs)
		require.NoError(t, err)
		require.Len(t, es, 1)
		require.Equal(t, due.ID, es[0].ID)
		for owner, want := range map[string]int{"two": 0, "one": 1} {
			storetest.Do(t, s, func(tx *store.Tx) error {
				taken, err := tx.TakeEnrollments(shop, owner, es)
				require.Len(t, taken, want, owner)
				return err
			})
		}
	})
}

func TestTakeEnrollmentsOnlyAsTheyWereRead(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		order := storetest.Order(t, s, shop, storetest.Person(t, s, shop).ID)
		storetest.Enroll(t, s, shop, order)
		runs := chunkOf(t, s, shop).Runs
		es, err := s.EnrollmentsForRun(t.Context(), shop, runs)
		require.NoError(t, err)
		taken := func(owner string) (n int) {
			storetest.Do(t, s, func(tx *store.Tx) error {
				got, err := tx.TakeEnrollments(shop, owner, es)
				n = len(got)
				return err
			})
			return n
		}
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.TouchEnrollments(shop, []commerce.OrderID{order.ID}) })
		require.Zero(t, taken("one"), "something changed since")
		es, err = s.EnrollmentsForRun(t.Context(), shop, runs)
		require.NoError(t, err)
		require.Equal(t, 1, taken("one"))
		require.Zero(t, taken("two"), "it is one's")
		require.Equal(t, 1, taken("one"))
		es[0].Dispatch++
		require.Zero(t, taken("one"), "another run")
	})
}

func TestMoveEnrollments(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		later := s.Now() + 5000
		for _, c := range []struct {
			name    string
			change  func(m *store.Move)
			touched bool
			want    string
		}{
			{"on", func(*store.Move) {}, false, `state="active" reason="" step_id="ask" queue="0" rev="2" late="1"`},
			{"on, though something changed meanwhile", func(*store.Move) {}, true, `state="active" reason="" step_id="ask" queue="0" rev="3" late="0"`},
			{"to the end", func(m *store.Move) { m.Ended, m.Reason = true, "complete" }, false, `state="ended" reason="complete" step_id="ask" queue="0" rev="2" late="1"`},
			{"by its owner", func(m *store.Move) { m.Owner = "one" }, false, `state="active" reason="" step_id="ask" queue="0" rev="2" late="1"`},
			{"by another worker that has the same task", func(m *store.Move) { m.Owner = "two" }, false, `state="active" reason="" step_id="thanks" queue="2" rev="1" late="0"`},
			{"of an older run", func(m *store.Move) { m.Dispatch-- }, false, `state="active" reason="" step_id="thanks" queue="2" rev="1" late="0"`},
		} {
			w := claimedWorld(t, s)
			if c.touched {
				storetest.Do(t, s, func(tx *store.Tx) error { return tx.TouchEnrollments(w.shop, []commerce.OrderID{w.order.ID}) })
			}
			m := store.Move{ID: w.enrollment.ID, Dispatch: w.enrollment.Dispatch, Rev: w.enrollment.Rev, Position: campaign.Position{StepID: "ask", Anchor: 7}, DueAt: later}
			c.change(&m)
			storetest.Do(t, s, func(tx *store.Tx) error { return tx.MoveEnrollments(w.shop, []store.Move{m}) })
			require.Equal(t, []string{c.want}, table(t, s, `SELECT state, reason, step_id, queue, rev, CASE WHEN due_at = $2 THEN 1 ELSE 0 END AS late
				FROM enrollments WHERE id = $1`, w.enrollment.ID, later), c.name)
		}
	})
}

func TestEnrolledSaysWhoIsInAlready(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		in, out := storetest.Order(t, s, shop, storetest.Person(t, s, shop).ID), storetest.Order(t, s, shop, storetest.Person(t, s, shop).ID)
		e := storetest.Enroll(t, s, shop, in)
		storetest.Do(t, s, func(tx *store.Tx) error {
			got, err := tx.Enrolled(shop, []commerce.OrderID{in.ID, out.ID})
			require.Equal(t, map[commerce.OrderID]map[campaign.CampaignID]bool{in.ID: {e.Campaign: true}}, got)
			return err
		})
	})
}
