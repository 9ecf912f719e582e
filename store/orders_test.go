package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/store/storetest"
)

func key(id string) commerce.SourceKey {
	return commerce.SourceKey{Platform: commerce.Stripe, Kind: "payment_intent", ID: id}
}

func TestOrderComesBackAsItWasSaved(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		want := storetest.Order(t, s, shop, "somebody", func(o *store.StoredOrder) {
			o.Detail.Lines[0].Title = "قهوة & \"tea\" \u2028"
			o.Detail.Hash = 1<<63 + 1 // greater than a float or a signed number holds
			o.Refunds = map[string]commerce.Refund{"r1": {ID: "r1", Status: commerce.RefundSucceeded, Amount: commerce.Money{Amount: 1500, Currency: "EUR"}, At: 5}}
			o.TwinKey, o.FetchAt, o.FetchTries = "twin", 9000, 2
			o.Billed = commerce.Billed{Since: 7, Day: 20514, Back: true}
		})
		require.EqualValues(t, 1, want.Rev)
		require.Equal(t, s.Now(), want.CreatedAt)
		got, err := s.Orders(t.Context(), shop, []commerce.OrderID{want.ID, "none"})
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(map[commerce.OrderID]*store.StoredOrder{want.ID: want}, got, cmpopts.EquateEmpty()))
		require.Equal(t, []string{`paid_at="1772452800000" reporting_amount="4000" reporting_currency="EUR" refunded="1500" stub="0"`},
			table(t, s, `SELECT paid_at, reporting_amount, reporting_currency, refunded, stub FROM orders`))

		storetest.ClockOf(s).Advance(1e9)
		storetest.Do(t, s, func(tx *store.Tx) error {
			locked, err := tx.LockOrders(shop, []commerce.OrderID{want.ID})
			require.NoError(t, err)
			locked[want.ID].Detail.Name, locked[want.ID].Billed = "#2", commerce.Billed{Since: 6, Day: 20515}
			return tx.SaveOrders(shop, []*store.StoredOrder{locked[want.ID]})
		})
		again, err := s.Order(t.Context(), shop, want.ID)
		require.NoError(t, err)
		require.Equal(t, "#2", again.Detail.Name)
		require.Equal(t, commerce.Billed{Since: 6, Day: 20515}, again.Billed)
		require.EqualValues(t, 2, again.Rev, "a decision may read something new")
		require.Equal(t, want.CreatedAt, again.CreatedAt)

		_, err = s.Order(t.Context(), shop, "none")
		require.True(t, fault.Is(err, fault.NotFound), "%v", err)
		none, err := s.Orders(t.Context(), shop, nil)
		require.NoError(t, err)
		require.Empty(t, none)
	})
}

func TestOrderKeys(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		find := func(keys ...commerce.SourceKey) (got map[commerce.SourceKey]commerce.OrderID) {
			storetest.Do(t, s, func(tx *store.Tx) (err error) {
				got, err = tx.OrdersByKey(shop, keys)
				return err
			})
			return got
		}
		storetest.Do(t, s, func(tx *store.Tx) error {
			return tx.AddOrderKeys(shop, map[commerce.SourceKey]commerce.OrderID{key("pi_1"): "a", key("pi_2"): "a", {Platform: commerce.Shopify, Kind: "order", ID: "pi_1"}: "b"})
		})
		storetest.Do(t, s, func(tx *store.Tx) error {
			return tx.AddOrderKeys(shop, map[commerce.SourceKey]commerce.OrderID{key("pi_1"): "late", key("pi_3"): "c"})
		})
		require.Equal(t, map[commerce.SourceKey]commerce.OrderID{key("pi_1"): "a", key("pi_3"): "c"}, find(key("pi_1"), key("pi_3"), key("pi_4")), "who comes first keeps it")
		storetest.Do(t, s, func(tx *store.Tx) error {
			return tx.RepointOrderKeys(shop, []commerce.SourceKey{key("pi_1"), key("pi_3")}, "b")
		})
		require.Equal(t, map[commerce.SourceKey]commerce.OrderID{key("pi_1"): "b", key("pi_2"): "a", key("pi_3"): "b"}, find(key("pi_1"), key("pi_2"), key("pi_3")))
		require.Empty(t, find())
	})
}

func TestTwinCandidates(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		twin := func(key string) func(*store.StoredOrder) { return func(o *store.StoredOrder) { o.TwinKey = key } }
		one, two := storetest.Order(t, s, shop, "p", twin("x")), storetest.Order(t, s, shop, "p", twin("x"))
		storetest.Order(t, s, shop, "p", twin("y"))
		storetest.Order(t, s, shop, "p")
		storetest.Do(t, s, func(tx *store.Tx) error {
			got, err := tx.TwinCandidates(shop, []string{"x", "z", ""})
			require.Len(t, got, 1)
			require.Equal(t, []commerce.OrderID{one.ID, two.ID}, []commerce.OrderID{got["x"][0].ID, got["x"][1].ID})
			require.NoError(t, err)
			got, err = tx.TwinCandidates(shop, nil)
			require.Empty(t, got)
			return err
		})
	})
}

func TestDueFetches(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		at := func(at commerce.Instant) func(*store.StoredOrder) {
			return func(o *store.StoredOrder) { o.FetchAt = at }
		}
		second, first := storetest.Order(t, s, shop, "p", at(s.Now())), storetest.Order(t, s, shop, "p", at(s.Now()-5))
		storetest.Order(t, s, shop, "p", at(s.Now()+1))
		storetest.Order(t, s, shop, "p")
		got, err := s.DueFetches(t.Context(), 10)
		require.NoError(t, err)
		require.Equal(t, []store.DueFetch{{Shop: shop, Order: first.ID}, {Shop: shop, Order: second.ID}}, got)
		got, err = s.DueFetches(t.Context(), 1)
		require.NoError(t, err)
		require.Equal(t, []store.DueFetch{{Shop: shop, Order: first.ID}}, got)

		storetest.Do(t, s, func(tx *store.Tx) error { return tx.PlanFetch(shop, first.ID, s.Now()+100, 3) })
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.PlanFetch(shop, second.ID, 0, 0) })
		got, err = s.DueFetches(t.Context(), 10)
		require.NoError(t, err)
		require.Empty(t, got)
		o, err := s.Order(t.Context(), shop, first.ID)
		require.NoError(t, err)
		require.EqualValues(t, 3, o.FetchTries)
		require.EqualValues(t, 1, o.Rev, "no decision reads when an order is read again")
	})
}

func TestRepointPersonMovesWhatHangsOnTheOrder(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		guest, ada := storetest.Person(t, s, shop), storetest.Person(t, s, shop)
		order, other := storetest.Order(t, s, shop, guest.ID), storetest.Order(t, s, shop, guest.ID)
		e := storetest.Enroll(t, s, shop, order, func(e *campaign.Enrollment) { e.DueAt += 5000 })
		storetest.Enroll(t, s, shop, other)
		storetest.Do(t, s, func(tx *store.Tx) error {
			for _, o := range []*store.StoredOrder{order, other} {
				if err := tx.SaveEvents(shop, []commerce.Event{{Kind: commerce.OrderPaid, Subject: string(o.ID), OrderID: o.ID, PersonID: guest.ID, OccurredAt: 1}}); err != nil {
					return err
				}
				if err := tx.SaveDecisions(shop, []store.Decided{{Campaign: "c", EntryKey: campaign.EntryKey(o.ID), Person: guest.ID, Decision: gate.Decision{Answer: gate.Skip}}}); err != nil {
					return err
				}
			}
			return tx.RepointPerson(shop, order.ID, guest.ID, ada.ID)
		})
		for _, table := range []string{"enrollments", "events", "decisions"} {
			require.EqualValues(t, 1, number(t, s, `SELECT COUNT(*) FROM `+table+` WHERE person_id = $1`, ada.ID), table)
			require.EqualValues(t, 1, number(t, s, `SELECT COUNT(*) FROM `+table+` WHERE person_id = $1`, guest.ID), table)
		}
		require.Equal(t, int64(s.Now()), dueAt(t, s, e.ID), "to be judged anew")
	})
}

func TestOrdersOfFollowsMerges(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		ada, guest := storetest.Person(t, s, shop), storetest.Person(t, s, shop)
		first, second := storetest.Order(t, s, shop, guest.ID), storetest.Order(t, s, shop, ada.ID)
		storetest.Order(t, s, shop, storetest.Person(t, s, shop).ID)
		of := func(p commerce.PersonID) (ids []commerce.OrderID) {
			list, err := s.OrdersOf(t.Context(), shop, p)
			require.NoError(t, err)
			for _, o := range list {
				ids = append(ids, o.ID)
			}
			return ids
		}
		require.Equal(t, []commerce.OrderID{second.ID}, of(ada.ID))
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.MergePersons(shop, guest.ID, ada.ID, "same address") })
		require.Equal(t, []commerce.OrderID{first.ID, second.ID}, of(ada.ID))
	})
}
