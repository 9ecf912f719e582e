package loyalty_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"flywheel/commerce"
	"flywheel/delight/loyalty"
)

// heard draws what may be told of one order: snapshots, edits, refunds that succeed or fail, disputes, a cancel.
func heard(t *rapid.T) []commerce.OrderChange {
	all := []commerce.OrderChange{told("1")}
	for n := range rapid.IntRange(0, 4).Draw(t, "refunds") {
		id, cents := fmt.Sprint("r", n), rapid.Int64Range(0, 4000).Draw(t, "cents")
		lines := []commerce.RefundLine{cups(rapid.Int64Range(0, 1).Draw(t, "cups"))}
		on := rapid.IntRange(1, 40).Draw(t, "on")
		all = append(all, refund(id, cents, commerce.RefundPending, on, lines...), refund(id, cents, succeeded, on, lines...))
		if rapid.Bool().Draw(t, "fails") {
			all = append(all, refund(id, cents, failed, on, lines...))
		}
	}
	if rapid.Bool().Draw(t, "disputed") {
		how := rapid.SampledFrom([]commerce.Status{commerce.DisputeWon, commerce.DisputeLost}).Draw(t, "how")
		all = append(all, dispute(commerce.DisputeOpen, 0), dispute(how, 30))
	}
	if rapid.Bool().Draw(t, "edited") {
		all = append(all, told("1", detail(func(d *commerce.Detail) { // another pot
			d.UpdatedAt, d.Hash = day(3), 2
			d.Lines[1].Quantity, d.Lines[1].Current = 2, 2
			d.Total, d.ShopTotal, d.SubtotalCurrent = euros(11000), euros(11000), euros(11000)
		})))
	}
	if rapid.Bool().Draw(t, "cancelled") {
		all = append(all, commerce.OrderChange{Cancel: commerce.Cancel{Told: day(9), Seen: day(9)}})
	}
	return all
}

// Duplicates, any order of arrival and any moments between end at the same
// points, and these are what the order is worth.
func TestEveryOrderOfArrivalEndsAlike(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := heard(t)
		tell := func(changes []commerce.OrderChange) *book {
			b := newBook(program())
			for i, c := range changes {
				b.hear("1", day(i), c)
			}
			b.passes(day(200))
			return b
		}
		one := tell(all)
		again := rapid.Permutation(slices.Concat(all, all[:len(all)/2])).Draw(t, "again")
		two := tell(again)
		require.Equal(t, [2]int64{one.balance().Pending, one.balance().Points}, [2]int64{two.balance().Pending, two.balance().Points})
		sale := loyalty.SaleOf(one.orders["1"], shop, loyalty.Counts{}, one.program.Policy, 1)
		require.Equal(t, sale.Counts.Amount*5/100, two.balance().Pending+two.balance().Points, "what it is worth")
	})
}

// A person lives with their points: orders come and go, rules change and are
// deleted, rewards are taken and taken back, time passes.
func TestLedgersBalance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := program()
		p.Floor, p.Rolling = rapid.Bool().Draw(t, "floor"), rapid.Bool().Draw(t, "rolling")
		b := newBook(p)
		now, rewards := 0, map[string]int64{}
		t.Repeat(map[string]func(*rapid.T){
			"hear": func(t *rapid.T) {
				id := rapid.SampledFrom([]string{"1", "2", "3"}).Draw(t, "order")
				b.hear(id, day(now), rapid.SampledFrom(heard(t)).Draw(t, "what"))
			},
			"pass": func(t *rapid.T) {
				now += rapid.IntRange(1, 200).Draw(t, "days")
				b.passes(day(now))
			},
			"change the rules": func(t *rapid.T) {
				b.program.Version++
				b.program.Rules = nil
				if rapid.Bool().Draw(t, "any") {
					b.program.Rules = []loyalty.Rule{perEuro(rapid.Int64Range(1, 9).Draw(t, "points"))}
				}
			},
			"spend": func(t *rapid.T) {
				id, cost := fmt.Sprint("reward", len(b.rows)), rapid.Int64Range(1, 300).Draw(t, "cost")
				if b.balance().Points < cost {
					require.ErrorIs(t, b.spend(id, cost, day(now)), loyalty.ErrTooFew)
					return
				}
				require.NoError(t, b.spend(id, cost, day(now)))
				rewards[id] = cost
			},
			"take back": func(t *rapid.T) {
				if len(rewards) == 0 { // none is out
					return
				}
				id := rapid.SampledFrom(slices.Sorted(maps.Keys(rewards))).Draw(t, "reward")
				b.takeBack(id, rewards[id], day(now))
				delete(rewards, id)
			},
			"": func(t *rapid.T) { balances(t, b) },
		})
	})
}

func balances(t *rapid.T, b *book) {
	got := b.balance()
	var pending, points, lots, forgiven int64
	for _, r := range b.rows {
		pending, points = pending+r.Pending, points+r.Points
		if r.Kind == loyalty.Expire && r.Cause.Kind == loyalty.OfLot {
			require.Negative(t, r.Points, "an expiry takes")
		}
	}
	for _, l := range got.Lots {
		require.Positive(t, l.Left)
		lots += l.Left
	}
	require.Equal(t, pending, got.Pending)
	require.Equal(t, points, got.Points)
	require.Equal(t, max(0, points), lots, "lots are what is there")
	require.GreaterOrEqual(t, got.Pending, int64(0))
	if b.program.Floor {
		require.GreaterOrEqual(t, got.Points, int64(0))
	}
	for _, a := range loyalty.Awards(b.rows) {
		o := b.orders[a.Cause.ID]
		sale := loyalty.SaleOf(o, shop, b.program.Counts, b.program.Policy, 1)
		require.Equal(t, a.Terms.Worth(sale.Counts.Amount, 1), a.Given(), "by its own terms, whatever the rules are now")
		require.GreaterOrEqual(t, a.Pending, int64(0))
		require.GreaterOrEqual(t, a.Spendable, int64(0), "no clawback exceeds its award")
		forgiven += a.Forgiven
	}
	require.GreaterOrEqual(t, forgiven, int64(0))
}

// Points are never more for less, and never more than the rule says.
func TestWorthIsMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := loyalty.Rule{
			ID: "r", Kind: loyalty.ForSpend, Points: rapid.Int64Range(1, 1_000_000).Draw(t, "points"), Per: rapid.Int64Range(1, 1e12).Draw(t, "per"),
			Round: rapid.SampledFrom([]loyalty.Round{loyalty.Down, loyalty.Nearest, loyalty.Up}).Draw(t, "round"),
		}
		require.NoError(t, r.Check())
		terms := r.Freeze(1, rapid.Int64Range(100, 10_000).Draw(t, "tier"), -1, euros(1))
		less := rapid.Int64Range(0, 1e16).Draw(t, "less")
		more := less + rapid.Int64Range(0, 1e15).Draw(t, "more")
		require.LessOrEqual(t, terms.Worth(less, 1), terms.Worth(more, 1))
		require.GreaterOrEqual(t, terms.Worth(less, 1), int64(0))
		terms.Room = rapid.Int64Range(0, 1000).Draw(t, "room")
		require.LessOrEqual(t, terms.Worth(more, 1), terms.Room)
	})
}
