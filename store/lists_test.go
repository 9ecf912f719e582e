package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/store/storetest"
)

// pages reads a list to its end, so many rows at once, and requires that it ends.
func pages[R any, P comparable](t *testing.T, read func(after P) ([]R, P, error)) (all []R) {
	t.Helper()
	var end P
	for after, n := end, 0; ; n++ {
		require.Less(t, n, 100)
		rows, next, err := read(after)
		require.NoError(t, err)
		all = append(all, rows...)
		if after = next; after == end {
			return all
		}
	}
}

func TestOutwards(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		w := claimedWorld(t, s)
		ids := []store.EffectID{w.effect.ID}
		for i := range 4 {
			ids = append(ids, claim(t, s, w.shop, storetest.Effect(w.enrollment, w.connection, w.hash, func(f *store.Effect) { f.StepID = fmt.Sprint("s", i) })).ID)
		}
		execute(t, s, `UPDATE effects SET state = 'failed', note = 'no' WHERE id = $1`, string(ids[1]))
		execute(t, s, `UPDATE effects SET state = 'unknown', parked = 1 WHERE id = $1`, string(ids[2]))
		list := func(f store.OutwardFilter) (got []store.EffectID) {
			for _, o := range pages(t, func(after store.EffectID) ([]store.Outward, store.EffectID, error) {
				f.Before = after
				return s.Outwards(t.Context(), w.shop, f, 2)
			}) {
				got = append(got, o.ID)
			}
			return got
		}
		require.Equal(t, []store.EffectID{ids[4], ids[3], ids[2], ids[1], ids[0]}, list(store.OutwardFilter{}))
		require.Equal(t, []store.EffectID{ids[1]}, list(store.OutwardFilter{State: store.Failed}))
		require.Equal(t, []store.EffectID{ids[2]}, list(store.OutwardFilter{State: store.Unknown}))
		require.Equal(t, []store.EffectID{ids[4], ids[3], ids[0]}, list(store.OutwardFilter{State: store.Claimed, Campaign: w.effect.Campaign}))
		require.Empty(t, list(store.OutwardFilter{Campaign: "other"}))
		o, err := s.Outward(t.Context(), w.shop, ids[1])
		require.NoError(t, err)
		require.Equal(t, "no", o.Note)
		require.Equal(t, w.person.ID, o.Person)
		_, err = s.Outward(t.Context(), w.shop, "nothing")
		require.True(t, fault.Is(err, fault.NotFound))
	})
}

func TestReceiveds(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		conn := storetest.Connection(t, s, shop)
		var all []commerce.Delivery
		for i := range 5 {
			all = append(all, storetest.AddDelivery(t, s, conn, func(d *commerce.Delivery) { d.Topic = []string{"orders/paid", "refunds/create"}[i%2] }))
		}
		storetest.Do(t, s, func(tx *store.Tx) error {
			return tx.FinishInbox(shop, []store.InboxResult{{ID: all[0].ID}, {ID: all[1].ID, Quarantined: true, Note: "bad"}, {ID: all[2].ID}})
		})
		list := func(f store.ReceivedFilter) (got []commerce.DeliveryID) {
			for _, r := range pages(t, func(after commerce.DeliveryID) ([]store.Received, commerce.DeliveryID, error) {
				f.Before = after
				return s.Receiveds(t.Context(), shop, f, 2)
			}) {
				got = append(got, r.ID)
			}
			return got
		}
		in := func(state store.ReceivedState) store.ReceivedFilter { return store.ReceivedFilter{State: &state} }
		require.Equal(t, []commerce.DeliveryID{all[4].ID, all[3].ID, all[2].ID, all[1].ID, all[0].ID}, list(store.ReceivedFilter{}))
		require.Equal(t, []commerce.DeliveryID{all[2].ID, all[0].ID}, list(in(store.ReceivedDone)))
		require.Equal(t, []commerce.DeliveryID{all[1].ID}, list(in(store.ReceivedQuarantined)))
		require.Equal(t, []commerce.DeliveryID{all[4].ID, all[3].ID}, list(in(store.ReceivedNew)))
		require.Equal(t, []commerce.DeliveryID{all[3].ID, all[1].ID}, list(store.ReceivedFilter{Topic: "refunds/create"}))
		f := in(store.ReceivedNew)
		f.Topic = "refunds/create"
		require.Equal(t, []commerce.DeliveryID{all[3].ID}, list(f))
		topics, err := s.ReceivedTopics(t.Context(), shop)
		require.NoError(t, err)
		require.Equal(t, []string{"orders/paid", "refunds/create"}, topics)
		r, body, err := s.ReceivedWhole(t.Context(), shop, all[1].ID)
		require.NoError(t, err)
		require.Equal(t, "bad", r.Note)
		require.Equal(t, all[1].Body, body)
		execute(t, s, `DELETE FROM inbox_bodies WHERE shop_id = $1`, string(shop))
		_, body, err = s.ReceivedWhole(t.Context(), shop, all[1].ID)
		require.NoError(t, err)
		require.Nil(t, body, "bodies go after a month")
		_, _, err = s.ReceivedWhole(t.Context(), shop, "nothing")
		require.True(t, fault.Is(err, fault.NotFound))
	})
}

func TestFindingsByKind(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		for i := range 5 {
			storetest.Do(t, s, func(tx *store.Tx) error { return tx.AddFinding(shop, []string{"b", "a"}[i%2], fmt.Sprint(i), "") })
		}
		list := func(kind string) (got []string) {
			for _, f := range pages(t, func(after string) ([]store.Finding, string, error) {
				return s.Findings(t.Context(), shop, store.FindingFilter{Kind: kind, Before: after}, 2)
			}) {
				got = append(got, f.Subject)
			}
			return got
		}
		require.Equal(t, []string{"4", "3", "2", "1", "0"}, list(""))
		require.Equal(t, []string{"3", "1"}, list("a"))
		kinds, err := s.FindingKinds(t.Context(), shop)
		require.NoError(t, err)
		require.Equal(t, []string{"a", "b"}, kinds)
	})
}

func TestStopLines(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		w := claimedWorld(t, s)
		stranger := "stranger@nour.example"
		strange, err := s.AddressHash(t.Context(), w.shop, stranger)
		require.NoError(t, err)
		storetest.Do(t, s, func(tx *store.Tx) error {
			_, err := tx.AddStops(w.shop, []store.Stop{{Address: stranger, Suppression: gate.Suppression{Scope: gate.ScopeAll, Reason: "imported", At: 5}}})
			if err != nil {
				return err
			}
			_ = tx.SuppressBy(w.shop, w.hash, gate.TopicScope("reviews"), "unsubscribed", w.effect.ID)
			return tx.Suppress(w.shop, "gone", gate.ScopeAll, "erased")
		})
		list := func(hash string, limit int) (got []store.StopLine) {
			for after, more := (store.StopPlace{}), true; more; {
				var rows []store.StopLine
				rows, more, err = s.StopLines(t.Context(), w.shop, hash, after, limit)
				require.NoError(t, err)
				got = append(got, rows...)
				if more {
					last := rows[len(rows)-1]
					after = store.StopPlace{At: last.At, Hash: last.Hash, Scope: last.Scope}
				}
			}
			return got
		}
		all := list("", 1)
		require.Len(t, all, 2, "of who was erased no list tells")
		require.Equal(t, w.person.ID, all[0].Person, "whose link was used")
		require.Empty(t, all[0].Address)
		require.Equal(t, stranger, all[1].Address)
		require.Equal(t, "imported", all[1].Reason)
		require.Len(t, list(strange, 10), 1)
		require.Empty(t, list("gone", 10))
		due := number(t, s, `SELECT MAX(due_at) FROM enrollments`)
		storetest.ClockOf(s).Advance(time.Minute)
		require.NoError(t, s.LiftStop(t.Context(), w.shop, w.hash, gate.TopicScope("reviews")))
		require.NoError(t, s.LiftStop(t.Context(), w.shop, strange, gate.ScopeAll))
		require.Empty(t, list("", 10))
		require.NotZero(t, due)
		for _, hash := range []string{"gone", strange} {
			require.True(t, fault.Is(s.LiftStop(t.Context(), w.shop, hash, gate.ScopeAll), fault.NotFound), hash)
		}
	})
}

func TestOneCustomer(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		w := claimedWorld(t, s)
		from := storetest.Person(t, s, w.shop)
		storetest.Do(t, s, func(tx *store.Tx) error {
			if err := tx.MergePersons(w.shop, from.ID, w.person.ID, "test"); err != nil {
				return err
			}
			return tx.AddConsents(w.shop, []commerce.ConsentChange{{Email: from.Email, Channel: commerce.ByMail, Class: "marketing", State: commerce.Subscribed, Source: "x", At: 9}})
		})
		contacts, err := s.ContactsOf(t.Context(), w.shop, w.person)
		require.NoError(t, err)
		require.Len(t, contacts, 2)
		require.Equal(t, w.person.Email, contacts[0].Email, "the one they are written to first")
		require.Equal(t, w.hash, contacts[0].Hash)
		require.Equal(t, "x", contacts[1].Consents[0].Source)
		facts, err := s.Addresses(t.Context(), w.shop, []string{from.Email, "", from.Email})
		require.NoError(t, err)
		require.Len(t, facts, 1)
		require.Len(t, facts[from.Email].Consents, 1)
		same, err := s.SameAs(t.Context(), w.shop, from.ID)
		require.NoError(t, err)
		require.ElementsMatch(t, []commerce.PersonID{from.ID, w.person.ID}, same)
		merged, err := s.MergedInto(t.Context(), w.shop, w.person.ID)
		require.NoError(t, err)
		require.Len(t, merged, 1)
		require.Equal(t, from.ID, merged[0].ID)

		later := storetest.Enroll(t, s, w.shop, storetest.Order(t, s, w.shop, from.ID), func(e *campaign.Enrollment) { e.DueAt += 9000 })
		walks, err := s.UnderWay(t.Context(), w.shop, w.person.ID, 10)
		require.NoError(t, err)
		require.Len(t, walks, 2)
		require.Equal(t, later.ID, walks[1].ID, "the first due first, those of who was merged too")

		for _, name := range []string{w.order.Detail.Name, " " + w.order.Detail.Name[1:], w.order.Keys[0].ID} {
			found, err := s.OrdersCalled(t.Context(), w.shop, name, 10)
			require.NoError(t, err)
			require.Len(t, found, 1, name)
			require.Equal(t, w.order.ID, found[0].ID)
		}
		for _, name := range []string{"", "#", "#no"} {
			found, err := s.OrdersCalled(t.Context(), w.shop, name, 10)
			require.NoError(t, err)
			require.Empty(t, found, name)
		}
	})
}

// A page ends between two instants, and all pages together have each entry once.
func TestTimelineBefore(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		w := claimedWorld(t, s)
		var events []commerce.Event
		for i := range 20 {
			events = append(events, commerce.Event{Kind: commerce.OrderEdited, Subject: fmt.Sprint(i), OrderID: w.order.ID, PersonID: w.person.ID, OccurredAt: commerce.Instant(1000 + i/4)})
		}
		storetest.Do(t, s, func(tx *store.Tx) error {
			_ = tx.AddConsents(w.shop, []commerce.ConsentChange{{Email: w.person.Email, Channel: commerce.ByMail, Class: "marketing", State: commerce.Subscribed, Source: "form", At: 1002}})
			_ = tx.Pause(w.shop, w.hash, s.Now()+5)
			return tx.SaveEvents(w.shop, events)
		})
		whole, next, err := s.TimelineBefore(t.Context(), w.shop, w.person.ID, nil, s.Now()+1, 1000)
		require.NoError(t, err)
		require.Zero(t, next)
		kinds := map[string]int{}
		for i, e := range whole {
			kinds[e.Kind]++
			require.True(t, i == 0 || e.At <= whole[i-1].At, "the last first")
		}
		require.Equal(t, map[string]int{"event": 20, "effect": 1, "enrollment": 1, "consent": 1, "stop": 1}, kinds)
		for _, limit := range []int{1, 3, 4, 7} {
			got := pages(t, func(before commerce.Instant) ([]store.Entry, commerce.Instant, error) {
				if before == 0 {
					before = s.Now() + 1
				}
				return s.TimelineBefore(t.Context(), w.shop, w.person.ID, nil, before, limit)
			})
			require.ElementsMatch(t, whole, got, "%d at once", limit)
		}
		some, _, err := s.TimelineBefore(t.Context(), w.shop, w.person.ID, []string{"consent", "stop"}, s.Now()+1, 10)
		require.NoError(t, err)
		require.Len(t, some, 2)
		require.Equal(t, "form", some[1].Detail)
	})
}

// What people page through is found by indexes, however many rows a shop has.
func TestListsProbeIndexes(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		large := 100
		if !s.Embedded() {
			large = 8000
		}
		fillShops(t, s, large)
		execute(t, s, `UPDATE orders SET name = '#' || id`)
		if !s.Embedded() {
			execute(t, s, `ANALYZE`)
		}
		shop, bad := commerce.ShopID("shop-7"), store.ReceivedQuarantined
		seen := explain(t, s, 12, func() {
			for _, f := range []store.OutwardFilter{{Before: "f50"}, {Before: "f50", Campaign: "c-1"}, {Before: "f50", State: store.Unknown}, {Before: "f50", State: store.Failed}} {
				_, _, err := s.Outwards(t.Context(), shop, f, 50)
				require.NoError(t, err)
			}
			for _, f := range []store.ReceivedFilter{{Before: "d50"}, {Before: "d50", State: &bad}, {Before: "d50", Topic: "t"}} {
				_, _, err := s.Receiveds(t.Context(), shop, f, 50)
				require.NoError(t, err)
			}
			_, _, err := s.StopLines(t.Context(), shop, "gone55", store.StopPlace{}, 50)
			require.NoError(t, err)
			_, _, err = s.StopLines(t.Context(), shop, "", store.StopPlace{At: 1, Hash: "x", Scope: "y"}, 50)
			require.NoError(t, err)
			_, err = s.OrdersCalled(t.Context(), shop, "#o55", 5)
			require.NoError(t, err)
			_, err = s.OrdersCalled(t.Context(), shop, "x7-55", 5)
			require.NoError(t, err)
			_, err = s.UnderWay(t.Context(), shop, "p44", 5)
			require.NoError(t, err)
			_, _, err = s.TimelineBefore(t.Context(), shop, "p44", nil, s.Now(), 5)
			require.NoError(t, err)
			_, err = s.ContactsOf(t.Context(), shop, commerce.Person{ID: "p44"})
			require.NoError(t, err)
			_, err = s.MergedInto(t.Context(), shop, "p71")
			require.NoError(t, err)
		})
		require.NotEmpty(t, seen)
	})
}
