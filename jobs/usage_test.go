package jobs

import (
	"math/rand/v2"
	"slices"
	"strconv"
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
			w.mergeInParts(random, shuffled(random, week))
			w.wantUsage(map[int64]store.UsageDay{today: {Day: today, Paid: 3, Refunded: 1}, today + 1: {Day: today + 1, Paid: 1}}, seed)
			used, err := w.Store.Usage(t.Context(), w.shop, w.Store.Now(), w.Store.Now().Add(2*day))
			require.NoError(t, err)
			require.EqualValues(t, 3, used, "seed %d", seed)
		}
	})
}

// shuffled is the week in any order, some of it twice.
func shuffled(random *rand.Rand, week []decoded) []decoded {
	told := slices.Concat(week, week[:random.IntN(len(week))])
	random.Shuffle(len(told), func(i, j int) { told[i], told[j] = told[j], told[i] })
	return told
}

// mergeInParts merges what was told to the present shop, in batches of any size.
func (w *world) mergeInParts(random *rand.Rand, told []decoded) {
	w.t.Helper()
	for len(told) > 0 {
		n := 1 + random.IntN(len(told))
		batch := slices.Clone(told[:n])
		for i := range batch {
			batch[i].delivery.ShopID, batch[i].delivery.ConnectionID = w.shop, w.conn.ID
		}
		w.merge(batch)
		told = told[n:]
	}
}

// wantUsage checks all days of the present shop on which anything counts.
func (w *world) wantUsage(want map[int64]store.UsageDay, seed uint64) {
	w.t.Helper()
	got := map[int64]store.UsageDay{}
	rows, err := storetest.DB(w.t, w.db).QueryContext(w.t.Context(), `SELECT day, paid, refunded FROM usage_days WHERE shop_id = $1 AND (paid <> 0 OR refunded <> 0)`, string(w.shop))
	require.NoError(w.t, err)
	defer rows.Close()
	for rows.Next() {
		var d store.UsageDay
		require.NoError(w.t, rows.Scan(&d.Day, &d.Paid, &d.Refunded))
		got[d.Day] = d
	}
	require.NoError(w.t, rows.Err())
	require.Equal(w.t, want, got, "seed %d", seed)
}

// reinstall ties the shop's account again after it was closed, as of a moment.
func (w *world) reinstall(at commerce.Instant) {
	w.t.Helper()
	storetest.Do(w.t, w.Store, func(tx *store.Tx) error {
		closed, err := tx.CloseConnection(w.shop, w.conn.ID, w.Store.Now())
		require.True(w.t, closed)
		return err
	})
	c := w.conn
	c.InstalledAt = at
	_, err := w.Store.Connect(w.t.Context(), w.shop, c)
	require.NoError(w.t, err)
}

// knownAsPaid reports whether an order of the present shop has been seen as paid.
func (w *world) knownAsPaid(id int) bool {
	w.t.Helper()
	return w.count(`SELECT COUNT(*) FROM orders o JOIN order_keys k ON k.shop_id = o.shop_id AND k.order_id = o.id
		WHERE o.shop_id = $1 AND k.kind = 'order' AND k.external_id = $2 AND o.paid_at > 0`, string(w.shop), strconv.Itoa(id)) > 0
}

// With another install in the middle, what had been seen as paid before goes on
// counting, and what was historic does not begin to.
func TestUsageOutlivesAnotherInstall(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		week := orderWeek(w)
		now := w.Store.Now()
		today := now.DayOf()
		for seed := range uint64(16) {
			random := rand.New(rand.NewPCG(seed, 2))
			w.shop = storetest.Shop(t, w.Store, func(s *commerce.Shop) { s.Country = "GB" })
			w.conn = storetest.Connection(t, w.Store, w.shop)
			told := shuffled(random, week)
			cut := random.IntN(len(told) + 1)
			w.mergeInParts(random, told[:cut])
			known := [8]bool{}
			for id := range known {
				known[id] = w.knownAsPaid(id)
			}
			after := []time.Duration{time.Hour, 36 * time.Hour, 3 * day}[random.IntN(3)]
			w.reinstall(now.Add(after))
			w.mergeInParts(random, told[cut:])

			want := map[int64]store.UsageDay{}
			count := func(id int, on, back int64) {
				d := want[on]
				want[on] = store.UsageDay{Day: on, Paid: d.Paid + 1, Refunded: d.Refunded + back}
			}
			for _, id := range []int{2, 3, 4} {
				if known[id] && id == 2 {
					count(id, today, 1)
				} else if known[id] {
					count(id, today, 0)
				}
			}
			if known[1] || after < day {
				count(1, today+1, 0)
			}
			w.wantUsage(want, seed)
			w.mergeInParts(random, week)
			w.wantUsage(want, seed)

			_, err := storetest.DB(t, w.db).ExecContext(t.Context(), `UPDATE connections SET installed_at = 1 WHERE shop_id = $1`, string(w.shop))
			require.NoError(t, err)
			for _, id := range []int64{1, 2, 3, 4, 7} {
				w.tell("orders/updated", w.order(id).Touch(now.Time().Add(4*day)).Body())
			}
			w.wantUsage(want, seed)
		}
	})
}

// An order that counted and goes back whole after another install counts no more.
func TestARefundAfterAnotherInstallIsTakenOff(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		o := w.order(1)
		w.tell("orders/paid", o.Body())
		at := w.Store.Now()
		w.reinstall(at.Add(2 * time.Hour))
		w.tell("refunds/create", o.Refund(at.Time().Add(3*time.Hour), o.Total()).Body())
		w.tell("orders/updated", o.Body())
		w.wantUsage(map[int64]store.UsageDay{at.DayOf(): {Day: at.DayOf(), Paid: 1, Refunded: 1}}, 0)
	})
}

// Two rows that turn out to be one purchase count once.
func TestOnePurchaseOfTwoRowsCountsOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		w.tell("orders/paid", w.order(1).Body(), w.order(2).Body())
		require.Equal(t, 2, w.count(`SELECT paid FROM usage_days`))
		w.uniteFirstTwo()
		require.Equal(t, 1, w.count(`SELECT paid FROM usage_days`))
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM orders WHERE billed_day > 0`))
	})
}

// One of them counted and the other was told after another install: the purchase goes on counting.
func TestOnePurchaseCountsOnIfEitherRowDid(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		w.tell("orders/create", w.order(1).Unpaid("bank_transfer").Body())
		w.tell("orders/paid", w.order(2).Body())
		w.reinstall(w.Store.Now().Add(2 * time.Hour))
		w.tell("orders/paid", w.order(1).Body())
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM orders WHERE billed_day > 0`), "the other was paid before that install")
		w.uniteFirstTwo()
		require.Equal(t, 1, w.count(`SELECT paid FROM usage_days`))
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM orders WHERE billed_day > 0`))
	})
}

// uniteFirstTwo lets orders 1 and 2 turn out to be one purchase.
func (w *world) uniteFirstTwo() {
	w.t.Helper()
	campaigns, err := w.campaigns.ofShop(w.t.Context(), w.shop)
	require.NoError(w.t, err)
	require.NoError(w.t, w.Store.Transact(w.t.Context(), func(tx *store.Tx) error {
		shop, err := tx.Shop(w.shop)
		require.NoError(w.t, err)
		m := newMerge(tx, shop, campaigns, w.id)
		batch := append(w.decode("orders/paid", w.order(1).Body()), w.decode("orders/paid", w.order(2).Body())...)
		require.NoError(w.t, m.load(batch))
		rows := make([]*orderWork, 0, 2)
		for _, o := range m.orders {
			rows = append(rows, o)
		}
		m.unite(rows[0], rows[1])
		return m.write()
	}))
}
