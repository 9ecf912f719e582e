package store_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/store"
	"flywheel/store/storetest"
)

func histories(t *testing.T, s *store.Store, shop commerce.ShopID, persons ...commerce.PersonID) map[commerce.PersonID]commerce.History {
	t.Helper()
	got, err := s.Histories(t.Context(), shop, persons)
	require.NoError(t, err)
	storetest.Do(t, s, func(tx *store.Tx) error {
		inside, err := tx.Histories(shop, persons)
		require.Equal(t, got, inside)
		return err
	})
	return got
}

func TestHistoriesFollowMerges(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		ada, guest, bob := storetest.Person(t, s, shop), storetest.Person(t, s, shop), storetest.Person(t, s, shop)
		order := func(p commerce.Person, at commerce.Instant) commerce.OrderID {
			return storetest.Order(t, s, shop, p.ID, func(o *store.StoredOrder) { o.Payment.Told = at }).ID
		}
		second, first, bobs := order(ada, 2000), order(guest, 1000), order(bob, 3000)
		merge(t, s, shop, guest, ada)
		bought := func(id commerce.OrderID, at commerce.Instant) commerce.Purchase {
			return commerce.Purchase{Order: id, At: at, Amount: 4000, Known: true, Counts: true}
		}
		hers := commerce.History{bought(first, 1000), bought(second, 2000)}
		want := map[commerce.PersonID]commerce.History{ada.ID: hers, guest.ID: hers, bob.ID: {bought(bobs, 3000)}, "nobody": nil}
		got := histories(t, s, shop, ada.ID, guest.ID, bob.ID, "nobody")
		require.Len(t, got, 4)
		for id, h := range want {
			require.Equal(t, h, got[id][:len(got[id]):len(got[id])], id)
		}
		none, err := s.Histories(t.Context(), shop, nil)
		require.NoError(t, err)
		require.Empty(t, none)
	})
}

// What SaveOrders was not told is worked out once and kept, until the order or the shop's choices change.
func TestHistoriesWorkOutWhatNobodySaved(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		ada := storetest.Person(t, s, shop)
		o := storetest.Order(t, s, shop, ada.ID)
		kept := func() []string {
			return table(t, s, `SELECT counts, net, CASE WHEN purchase_rev = rev THEN 1 ELSE 0 END AS kept FROM orders WHERE id = $1`, o.ID)
		}
		require.Equal(t, []string{`counts="0" net="0" kept="0"`}, kept(), "the builder says nothing of it")
		require.Equal(t, 1, histories(t, s, shop, ada.ID)[ada.ID].Count())
		require.Equal(t, []string{`counts="1" net="4000" kept="1"`}, kept())

		save := func(change func(*store.StoredOrder)) {
			change(o)
			storetest.Do(t, s, func(tx *store.Tx) error { return tx.SaveOrders(shop, []*store.StoredOrder{o}) })
		}
		save(func(o *store.StoredOrder) {
			o.Purchase = &commerce.Purchase{At: 7, Amount: 9, Known: true, Counts: true}
		})
		require.Equal(t, commerce.History{{Order: o.ID, At: 7, Amount: 9, Known: true, Counts: true}}, histories(t, s, shop, ada.ID)[ada.ID], "as the caller says")
		execute(t, s, `UPDATE orders SET rev = rev + 1`) // as an older binary does, which knows nothing of the columns
		require.EqualValues(t, 4000, histories(t, s, shop, ada.ID)[ada.ID].Spent())
		require.Equal(t, []string{`counts="1" net="4000" kept="1"`}, kept())
		save(func(o *store.StoredOrder) { o.Purchase = nil })
		require.Equal(t, 1, histories(t, s, shop, ada.ID)[ada.ID].Count(), "nobody said, so it is worked out")
		save(func(o *store.StoredOrder) { o.Purchase, o.Cancel = nil, commerce.Cancel{Told: s.Now()} })
		require.Zero(t, histories(t, s, shop, ada.ID)[ada.ID].Count(), "cancelled")
	})
}

func TestSaveSettingsAsksAgainWhatCounts(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		ada := storetest.Person(t, s, shop)
		o := storetest.Order(t, s, shop, ada.ID, func(o *store.StoredOrder) {
			o.Payment, o.Detail.FinancialStatus, o.Detail.Gateways = commerce.Payment{}, "pending", []string{"Courier"}
		})
		e := storetest.Enroll(t, s, shop, o, func(e *campaign.Enrollment) { e.DueAt = s.Now() + 5000 })
		require.Zero(t, histories(t, s, shop, ada.ID)[ada.ID].Count())
		want := commerce.Settings{PayOnDelivery: []string{"courier"}, ReviewURL: "https://example.com"}
		require.NoError(t, s.SaveSettings(t.Context(), shop, want))
		got, err := s.Shop(t.Context(), shop)
		require.NoError(t, err)
		require.Equal(t, want, got.Settings)
		require.Equal(t, 1, histories(t, s, shop, ada.ID)[ada.ID].Count(), "the courier is paid")
		touchAll(t, s)
		require.Equal(t, int64(s.Now()), dueAt(t, s, e.ID))
		require.Error(t, s.SaveSettings(t.Context(), "none", want))
	})
}

func TestOrdersOfPersonsAndOrdersAfter(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		ada, guest, bob := storetest.Person(t, s, shop), storetest.Person(t, s, shop), storetest.Person(t, s, shop)
		var all []commerce.OrderID
		for _, p := range []commerce.Person{ada, ada, ada, guest, bob} {
			all = append(all, storetest.Order(t, s, shop, p.ID).ID)
		}
		merge(t, s, shop, guest, ada)
		storetest.Do(t, s, func(tx *store.Tx) error {
			got, err := tx.OrdersOfPersons(shop, []commerce.PersonID{ada.ID, bob.ID}, 2)
			require.ElementsMatch(t, []commerce.OrderID{all[2], all[1], all[3]}, ids(got[ada.ID]))
			require.Equal(t, []commerce.OrderID{all[4]}, ids(got[bob.ID]))
			require.Equal(t, "Teapot", got[bob.ID][0].Detail.Lines[0].Title)
			return err
		})
		page, err := s.OrdersAfter(t.Context(), shop, "", 3)
		require.NoError(t, err)
		require.Equal(t, all[:3], ids(page))
		page, err = s.OrdersAfter(t.Context(), shop, all[2], 3)
		require.NoError(t, err)
		require.Equal(t, all[3:], ids(page))
	})
}

func ids(orders []*store.StoredOrder) (out []commerce.OrderID) {
	for _, o := range orders {
		out = append(out, o.ID)
	}
	return out
}
