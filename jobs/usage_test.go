package jobs

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/store"
	"flywheel/store/storetest"
)

// orderWeek is what deliveries tell of some orders over three days, with what each counts.
func orderWeek(w *world) (told []decoded) {
	at := w.now()
	tell := func(after time.Duration, topic string, body []byte) {
		d := w.decode(topic, body)[0]
		d.delivery.TriggeredAt = commerce.At(at.Add(after))
		d.change, d.err = decode(d.delivery) // by when it was triggered
		told = append(told, d)
	}
	paid := w.order(1).Unpaid("bank_transfer")
	tell(0, "orders/create", paid.Body())
	tell(day, "orders/paid", paid.Pay(at.Add(day)).Body())
	tell(day+time.Hour, "orders/updated", paid.Touch(at.Add(day+time.Hour)).Body())

	back := w.order(2)
	tell(0, "orders/paid", back.Body())
	refund := back.Refund(at.Add(2*day), back.Total())
	tell(2*day, "refunds/create", refund.Body())
	tell(2*day, "orders/updated", back.Body())

	failed := w.order(3)
	tell(0, "orders/paid", failed.Body())
	refund = failed.Refund(at.Add(day), failed.Total())
	tell(day, "refunds/create", refund.Body())
	tell(2*day, "refunds/create", refund.Settle(at.Add(2*day), "failure").Body())
	tell(2*day, "orders/updated", failed.Body())

	part := w.order(4)
	tell(0, "orders/paid", part.Body())
	tell(day, "refunds/create", part.Refund(at.Add(day), 100).Body())

	test := w.order(5)
	test.Test = true
	tell(0, "orders/paid", test.Body())
	tell(0, "orders/create", w.order(6).Unpaid("bank_transfer").Body())

	long := at.Add(-3 * 365 * day) // before the app was installed
	old := shopifyfake.NewOrder(7, long).For(shopifyfake.Customer{ID: 6001, Email: ada}, "GB")
	tell(-3*365*day, "orders/paid", old.Body())
	tell(day, "refunds/create", old.Refund(at.Add(day), old.Total()).Body())
	return told
}

// Whatever the order in which deliveries come, however often and in whatever
// batches, each paid order counts once on its day, and not once it went back whole.
func TestUsageIsTheSameInAnyOrder(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		week := orderWeek(w)
		today := commerce.At(w.now()).DayOf()
		for seed := range uint64(12) {
			random := rand.New(rand.NewPCG(seed, 1))
			w.shop = storetest.Shop(t, w.Store, func(s *commerce.Shop) { s.Country = "GB" })
			w.conn = storetest.Connection(t, w.Store, w.shop)
			told := slices.Concat(week, week[:random.IntN(len(week))])
			random.Shuffle(len(told), func(i, j int) { told[i], told[j] = told[j], told[i] })
			for len(told) > 0 {
				n := 1 + random.IntN(len(told))
				batch := slices.Clone(told[:n])
				for i := range batch {
					batch[i].delivery.ShopID, batch[i].delivery.ConnectionID = w.shop, w.conn.ID
				}
				w.merge(batch)
				told = told[n:]
			}
			require.Equal(t, 3, w.count(`SELECT paid FROM usage_days WHERE shop_id = $1 AND day = $2`, string(w.shop), today), "seed %d", seed)
			require.Equal(t, 1, w.count(`SELECT refunded FROM usage_days WHERE shop_id = $1 AND day = $2`, string(w.shop), today), "seed %d", seed)
			require.Equal(t, 1, w.count(`SELECT paid FROM usage_days WHERE shop_id = $1 AND day = $2`, string(w.shop), today+1), "seed %d", seed)
			require.Equal(t, 0, w.count(`SELECT COUNT(*) FROM usage_days WHERE shop_id = $1 AND day NOT IN ($2, $3) AND (paid <> 0 OR refunded <> 0)`, string(w.shop), today, today+1))
			used, err := w.Store.Usage(t.Context(), w.shop, w.Store.Now(), w.Store.Now().Add(2*day))
			require.NoError(t, err)
			require.EqualValues(t, 3, used, "seed %d", seed)
		}
	})
}

// Two rows that turn out to be one purchase count once.
func TestOnePurchaseOfTwoRowsCountsOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		w.tell("orders/paid", w.order(1).Body(), w.order(2).Body())
		require.Equal(t, 2, w.count(`SELECT paid FROM usage_days`))
		campaigns, err := w.campaigns.ofShop(t.Context(), w.shop)
		require.NoError(t, err)
		require.NoError(t, w.Store.Transact(t.Context(), func(tx *store.Tx) error {
			shop, err := tx.Shop(w.shop)
			require.NoError(t, err)
			m := newMerge(tx, shop, campaigns, w.id)
			batch := append(w.decode("orders/paid", w.order(1).Body()), w.decode("orders/paid", w.order(2).Body())...)
			require.NoError(t, m.load(batch))
			rows := make([]*orderWork, 0, 2)
			for _, o := range m.orders {
				rows = append(rows, o)
			}
			m.unite(rows[0], rows[1])
			return m.write()
		}))
		require.Equal(t, 1, w.count(`SELECT paid FROM usage_days`))
	})
}
