package store

import (
	"cmp"
	"context"
	"slices"

	"flywheel/commerce"
)

// UsageDay changes how many orders count of those paid on one day.
type UsageDay struct {
	Day int64 `db:"day"` // UTC, in days since 1970
	// Paid and Refunded may be below zero: a day can be corrected.
	Paid     int64 `db:"paid"`
	Refunded int64 `db:"refunded"`
}

var addUsage = newBatch(`shop_id text, day bigint, paid bigint, refunded bigint`,
	`INSERT INTO usage_days (shop_id, day, paid, refunded) {insert}
	ON CONFLICT (shop_id, day) DO UPDATE SET paid = usage_days.paid + excluded.paid, refunded = usage_days.refunded + excluded.refunded`)

// AddUsage adds to the counts of days. The caller holds the locks of the orders
// it counts; the days come last and in their order, so that nobody waits for them in a circle.
func (tx *Tx) AddUsage(shop commerce.ShopID, days []UsageDay) error {
	if len(days) == 0 {
		return nil
	}
	slices.SortFunc(days, func(a, b UsageDay) int { return cmp.Compare(a.Day, b.Day) })
	rows := make([][]any, len(days))
	for i, d := range days {
		rows[i] = []any{shop, d.Day, d.Paid, d.Refunded}
	}
	return tx.run(addUsage, rows, nil)
}

// UsageDays are the counts of days from that of from on and before that of until, the first first.
func (s *Store) UsageDays(ctx context.Context, shop commerce.ShopID, from, until commerce.Instant) (out []UsageDay, err error) {
	err = s.query(ctx).all(&out, `SELECT day, paid, refunded FROM usage_days WHERE shop_id = $1 AND day >= $2 AND day < $3 ORDER BY day`, shop, from.DayOf(), until.DayOf())
	return out, err
}

// Usage is how many orders count that were paid from the day of from on and
// before the day of until: those that went back whole do not.
func (s *Store) Usage(ctx context.Context, shop commerce.ShopID, from, until commerce.Instant) (int64, error) {
	return s.query(ctx).usage(shop, from, until)
}

// Usage is Store.Usage inside a transaction.
func (tx *Tx) Usage(shop commerce.ShopID, from, until commerce.Instant) (int64, error) {
	return tx.usage(shop, from, until)
}

func (q *query) usage(shop commerce.ShopID, from, until commerce.Instant) (n int64, err error) {
	_, err = q.one([]any{&n}, `SELECT CAST(COALESCE(SUM(paid - refunded), 0) AS BIGINT) FROM usage_days WHERE shop_id = $1 AND day >= $2 AND day < $3`,
		shop, from.DayOf(), until.DayOf())
	return n, err
}
