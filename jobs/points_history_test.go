package jobs

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"flywheel/club"
	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/store"
	"flywheel/store/storetest"
)

// life is a shop in which things happen at random: two customers, their orders, and what becomes of all.
type life struct {
	*world
	random *rand.Rand
	orders []*shopifyfake.Order
	told   [][2]string // topics and bodies, which come again
	acts   []string
}

const bea = "bea@example.com"

func newLife(w *world, seed uint64, p loyalty.Program) *life {
	w.shop = storetest.Shop(w.t, w.Store, func(s *commerce.Shop) { s.Country = "GB" })
	w.conn = storetest.Connection(w.t, w.Store, w.shop)
	w.withProgram(p)
	l := &life{world: w, random: rand.New(rand.NewPCG(seed, 8))}
	for n := range int64(4) {
		who := shopifyfake.Customer{ID: 6001, Email: ada}
		if n%2 == 1 {
			who = shopifyfake.Customer{ID: 6002, Email: bea}
		}
		l.orders = append(l.orders, shopifyfake.NewOrder(int64(seed)*100+n+1, w.now()).For(who, "GB"))
		l.tells("orders/paid", l.orders[n].Body())
	}
	return l
}

// tells merges a delivery beside the sweep, which may run at any time.
func (l *life) tells(topic string, body []byte) {
	l.t.Helper()
	l.told = append(l.told, [2]string{topic, string(body)})
	batch := l.decode(topic, body)
	var both errgroup.Group
	both.Go(func() error { _, err := l.releasePoints(l.t.Context()); return err })
	l.merge(batch)
	require.NoError(l.t, both.Wait())
}

// person is who has an address now.
func (l *life) person(email string) (who commerce.PersonID) {
	l.t.Helper()
	storetest.Do(l.t, l.Store, func(tx *store.Tx) error {
		found, err := tx.PersonsByIdentity(l.shop, []commerce.Identity{{Kind: commerce.ByEmail, Value: email}})
		if err != nil {
			return err
		}
		persons, err := tx.LockPersons(l.shop, slices.Collect(maps.Values(found)))
		for _, p := range persons {
			who = p.ID
		}
		return err
	})
	return who
}

// act lets one thing happen.
func (l *life) act(n int) {
	l.t.Helper()
	at, o := l.now(), l.orders[l.random.IntN(len(l.orders))]
	kept := slices.IndexFunc(o.Lines, func(line shopifyfake.Line) bool { return line.Current > 0 })
	what := l.random.IntN(13)
	l.acts = append(l.acts, fmt.Sprint(what))
	switch {
	case what == 0 && kept >= 0: // goods come back, for some money or for store credit
		r := o.Refund(at, l.random.Int64N(3000), shopifyfake.RefundLine{Line: kept, Quantity: 1})
		l.tells("refunds/create", r.Body())
		l.tells("orders/updated", o.Body())
	case what == 1: // money goes back, and perhaps it fails
		r := o.Refund(at, 1+l.random.Int64N(2000))
		l.tells("refunds/create", r.Body())
		if l.random.IntN(2) == 0 {
			l.tells("refunds/create", r.Settle(at.Add(time.Minute), "failure").Body())
			l.tells("orders/updated", o.Body())
		}
	case what == 2 && kept >= 0:
		l.tells("orders/edited", o.Removed(at, kept, 1))
		l.tells("orders/updated", o.Body())
	case what == 3:
		l.tells("disputes/create", o.Dispute("needs_response", at, time.Time{}))
		l.tells("disputes/update", o.Dispute([]string{"won", "lost"}[l.random.IntN(2)], at, at.Add(time.Hour)))
	case what == 4 && n > 8:
		l.tells("orders/cancelled", o.Cancel(at).Body())
	case what == 5: // what was told comes again, long after
		again := l.told[l.random.IntN(len(l.told))]
		l.tells(again[0], []byte(again[1]))
	case what == 6 && l.person(ada) != l.person(bea):
		l.becomeOne(o, at)
	case what == 6:
		l.becomeTwo()
	case what == 11: // the order was somebody else's
		who := shopifyfake.Customer{ID: 6001, Email: ada}
		if l.random.IntN(2) == 0 {
			who = shopifyfake.Customer{ID: 6002, Email: bea}
		}
		o.For(who, "GB").Touch(at)
		l.tells("orders/updated", o.Body())
	case what == 7:
		l.changeRules()
	case what == 8:
		l.redeem(n)
	default:
		l.goesBy(time.Duration(1+l.random.IntN(60)) * day)
	}
}

// becomeOne merges the two by the staff's hand, or by Shopify's word with a refund in the same batch.
func (l *life) becomeOne(o *shopifyfake.Order, at time.Time) {
	l.t.Helper()
	if l.random.IntN(2) == 0 {
		r := o.Refund(at, 1+l.random.Int64N(2000))
		l.merge(append(l.decode("customers/merge", shopifyfake.CustomersMerged(6002, 6001, "completed")), l.decode("refunds/create", r.Body())...))
		return
	}
	from, into := l.person(bea), l.person(ada)
	storetest.Do(l.t, l.Store, func(tx *store.Tx) error {
		if _, err := tx.LockPersons(l.shop, []commerce.PersonID{from, into}); err != nil {
			return err
		}
		return tx.MergePersons(l.shop, from, into, "same")
	})
	l.goesBy(time.Second)
}

// becomeTwo takes back by the staff's hand that they are one.
func (l *life) becomeTwo() {
	l.t.Helper()
	var from string
	require.NoError(l.t, storetest.DB(l.t, l.db).QueryRowContext(l.t.Context(), `SELECT from_id FROM person_merges WHERE shop_id = $1 AND undone_at = 0`, string(l.shop)).Scan(&from))
	require.NoError(l.t, l.Store.UndoMerge(l.t.Context(), l.shop, commerce.PersonID(from)))
	l.goesBy(time.Second)
}

// changeRules deletes the rules, or makes others of them.
func (l *life) changeRules() {
	l.t.Helper()
	p, err := l.Store.LoyaltyProgram(l.t.Context(), l.shop)
	require.NoError(l.t, err)
	p.Rules = nil
	if l.random.IntN(2) == 0 {
		p.Rules = []loyalty.Rule{{ID: fmt.Sprint("spend", p.Version), Kind: loyalty.ForSpend, Points: 1 + l.random.Int64N(9), Per: 100}}
	}
	_, err = l.Store.SaveProgram(l.t.Context(), l.shop, p.Program, p.Rev, "owner")
	require.NoError(l.t, err)
}

// redeem spends points from two places at once, as far as there are any.
func (l *life) redeem(n int) {
	l.t.Helper()
	shop, err := l.Store.Shop(l.t.Context(), l.shop)
	require.NoError(l.t, err)
	who := l.person(ada)
	has, err := l.Store.LoyaltyMember(l.t.Context(), l.shop, who)
	require.NoError(l.t, err)
	var both errgroup.Group
	got := make([]error, 2)
	for i := range got {
		both.Go(func() error {
			_, got[i] = club.Desk{Store: l.Store}.Redeem(l.t.Context(), shop, who, "off", 1, fmt.Sprintf("%s-%d-%d", l.shop, n, i))
			return nil
		})
	}
	require.NoError(l.t, both.Wait())
	spent := 0
	for _, err := range got {
		if err == nil {
			spent++
		}
	}
	require.EqualValues(l.t, min(2, max(0, has.Points/100)), spent, "as often as there are points for it: %v", got)
}

// holds checks what is always so.
func (l *life) holds() {
	l.t.Helper()
	for _, email := range []string{ada, bea} {
		who := l.person(email)
		kept, err := l.Store.LoyaltyMember(l.t.Context(), l.shop, who)
		require.NoError(l.t, err)
		storetest.Do(l.t, l.Store, func(tx *store.Tx) error {
			rows, err := tx.Ledger(l.shop, who)
			require.NoError(l.t, err)
			b := loyalty.Replay(rows)
			require.Equal(l.t, []int64{b.Pending, b.Points, b.Earned}, []int64{kept.Pending, kept.Points, kept.Earned}, "what is kept is what the rows say: %v", l.acts)
			l.conserves(rows, b)
			for _, a := range loyalty.Awards(rows) {
				l.isWorth(tx, a)
			}
			return nil
		})
	}
}

// conserves checks that every point spendable was given, and went once.
func (l *life) conserves(rows []loyalty.Row, b loyalty.Balance) {
	l.t.Helper()
	given, gone, lots := map[string]int64{}, int64(0), int64(0)
	for _, r := range rows {
		switch {
		case r.Points > 0:
			given[r.ID] = r.Points
		case r.Kind == loyalty.Expire && r.Cause.Kind == loyalty.OfLot:
			require.LessOrEqual(l.t, -r.Points, given[r.Cause.ID], "no more ends than was in the lot")
			gone -= r.Points
		default:
			gone -= r.Points
		}
	}
	var all int64
	for _, points := range given {
		all += points
	}
	for _, lot := range b.Lots {
		lots += lot.Left
	}
	require.Equal(l.t, b.Points, all-gone)
	require.Equal(l.t, max(0, b.Points), lots, "lots are what is there")
	require.GreaterOrEqual(l.t, b.Pending, int64(0))
}

// isWorth checks an award against its order as it is now, by its own terms.
func (l *life) isWorth(tx *store.Tx, a loyalty.Award) {
	l.t.Helper()
	require.GreaterOrEqual(l.t, a.Pending, int64(0))
	require.GreaterOrEqual(l.t, a.Spendable, int64(0), "no clawback exceeds its award")
	orders, err := tx.Orders(l.shop, []commerce.OrderID{commerce.OrderID(a.Cause.ID)})
	require.NoError(l.t, err)
	o := orders[commerce.OrderID(a.Cause.ID)]
	require.NotNil(l.t, o, "nothing is given for nothing")
	kept, err := tx.Awards(l.shop, loyalty.OfOrder, []string{a.Cause.ID})
	require.NoError(l.t, err)
	require.Contains(l.t, kept[a.Cause.ID], a, "what is kept of it is what the rows say: %v", l.acts)
	shop, err := l.Store.Shop(l.t.Context(), l.shop)
	require.NoError(l.t, err)
	histories, err := tx.Histories(l.shop, []commerce.PersonID{o.PersonID})
	require.NoError(l.t, err)
	sale := loyalty.SaleOf(&o.Order, shop, loyalty.Counts{}, loyalty.Policy{}, place(histories[o.PersonID], o.ID))
	require.Equal(l.t, a.Terms.Worth(sale.Counts.Amount, sale.Nth), a.Given(), "%s by %s after %v", a.Cause.ID, a.Terms.ID, l.acts)
}

// Whatever happens, in whatever order, beside a sweep that runs at any time:
// balances are what the rows say, each order has given what it is worth by the
// terms of its day, nothing comes of nothing and nothing is taken twice.
func TestLedgersHoldThroughRandomLives(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		p := fivePerPound()
		p.Rewards, p.Budget = []loyalty.Reward{{ID: "off", Kind: loyalty.AmountOff, Cost: 100, Amount: 500}}, -1
		began := time.Now()
		for n := range uint64(8) {
			p.Floor, p.Rolling = n%2 == 1, n%4 > 1
			seed := n + 1
			if n >= 4 { // each policy once by what is known, then by what nobody has seen
				seed = 100 + rand.Uint64N(1<<20)
			}
			t.Log("seed", seed)
			l := newLife(w, seed, p)
			for i := range 24 {
				l.act(i)
				l.holds()
			}
			if time.Since(began) > 11*time.Second && n >= 3 { // a slow machine has seen enough
				break
			}
		}
	})
}
