package jobs

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/club"
	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/loyalty"
	"flywheel/integrations/api"
	"flywheel/store"
	"flywheel/store/storetest"
)

// events are how many there are of a kind.
func (w *world) events(kind commerce.EventKind) int {
	w.t.Helper()
	w.drainAll()
	return w.count(`SELECT COUNT(*) FROM events WHERE shop_id = $1 AND kind = $2`, string(w.shop), string(kind))
}

// props is what an event of a kind, the only one, says.
func (w *world) props(kind commerce.EventKind) string {
	w.t.Helper()
	require.Equal(w.t, 1, w.events(kind), kind)
	return w.text(`SELECT props FROM events WHERE kind = '` + string(kind) + `'`)
}

// does makes a change at the desk for Ada.
func (w *world) does(fn func(d club.Desk, shop commerce.Shop, ada commerce.PersonID) error) {
	w.t.Helper()
	shop, err := w.Store.Shop(w.t.Context(), w.shop)
	require.NoError(w.t, err)
	require.NoError(w.t, fn(club.Desk{Store: w.Store}, shop, w.adasPoints().Person))
}

func TestPointsAreTold(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		w.withProgram(fivePerPound())
		o := w.order(1)
		w.merge(w.decode("orders/paid", o.Body(), o.Body()))
		w.merge(w.decode("orders/updated", o.Touch(w.now()).Body()))
		waits := w.adasPoints().Pending
		require.JSONEq(t, `{"how": "checkout"}`, w.props(commerce.MemberJoined))
		require.JSONEq(t, fmt.Sprintf(`{"points": %d, "pending": %d, "balance": 0, "rule": "spend"}`, waits, waits), w.props(commerce.PointsEarned))
		require.Zero(t, w.events(commerce.PointsReleased))
		w.goesBy(100 * day)
		require.JSONEq(t, fmt.Sprintf(`{"points": %d, "balance": %d}`, waits, waits), w.props(commerce.PointsReleased))
		w.merge(w.decode("refunds/create", o.Refund(w.now(), 100).Body()))
		w.goesBy(day)
		require.Equal(t, 1, w.events(commerce.PointsEarned), "once for each order")
		require.Equal(t, 1, w.events(commerce.PointsReleased))
		require.Zero(t, w.count(`SELECT COUNT(*) FROM inbox WHERE state <> 1`), "all of it was read")
	})
}

// History is given nothing and told nothing.
func TestHistoryEarnsNothingAndIsNotTold(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		w.withProgram(fivePerPound())
		old := w.order(1)
		old.PlacedAt = w.now().Add(-3 * 365 * day)
		old.ProcessedAt, old.UpdatedAt = old.PlacedAt, old.PlacedAt
		w.merge(w.decode("orders/updated", old.Body()))
		w.drainAll()
		require.Zero(t, w.count(`SELECT COUNT(*) FROM ledger`))
		require.Zero(t, w.events(commerce.PointsEarned)+w.events(commerce.MemberJoined))
	})
}

// What was told of somebody is of who they turned out to be, and of nobody's name who was erased.
func TestWhatIsToldOfWhom(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		from, into, erased := storetest.Person(t, w.Store, w.shop).ID, storetest.Person(t, w.Store, w.shop).ID, storetest.Person(t, w.Store, w.shop).ID
		storetest.Do(t, w.Store, func(tx *store.Tx) error {
			for _, id := range []commerce.PersonID{from, erased} {
				e := store.OwnEvent{Person: id, Happening: commerce.Happening{Kind: commerce.TierReached, Subject: string(id) + "/1", At: tx.Now(), Props: map[string]any{"tier": "gold"}, Depth: 3}}
				if err := tx.Tell(w.shop, e); err != nil {
					return err
				}
			}
			return tx.MergePersons(w.shop, from, into, "same")
		})
		w.forget(erased)
		require.Equal(t, 2, w.events(commerce.TierReached))
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM events WHERE person_id = $1`, string(into)))
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM events WHERE person_id = $1 AND props LIKE '%depth%3%'`, string(into)))
		require.Zero(t, w.count(`SELECT COUNT(*) FROM events WHERE person_id = $1 AND props LIKE '%gold%'`, string(erased)))
	})
}

// A campaign begins by what happens here.
func TestAWalkBeginsByPoints(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		d := w.mails("earned", w.mail("told", 2))
		d.Trigger = campaign.Trigger{Kind: campaign.OnPointsEarned}
		w.save(d)
		w.withProgram(fivePerPound())
		o := w.order(1)
		w.merge(w.decode("orders/paid", o.Body()))
		w.drainAll()
		w.drainAll()
		w.settle()
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM enrollments`))
		require.Equal(t, 1, w.sent())
	})
}

// tellsOf merges an event of another system with an id of its own.
func (w *world) tellsOf(name, id string) {
	w.t.Helper()
	events, err := api.ReadEvents([]byte(`{"name": "`+name+`", "id": "`+id+`", "email": "`+ada+`"}`), "", w.Store.Now())
	require.NoError(w.t, err)
	d, err := events[0].Delivery(w.shop, w.Store.Now())
	require.NoError(w.t, err)
	change, err := api.Decode(d)
	require.NoError(w.t, err)
	w.merge([]decoded{{delivery: d, change: change}})
}

func TestEventsOfOtherSystemsEarnWithinBounds(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		p := fivePerPound()
		p.Rules = append(p.Rules, loyalty.Rule{ID: "quiz", Kind: loyalty.ForEvent, Event: "quiz", Points: 30, PerDay: 50, Ever: 90},
			loyalty.Rule{ID: "hello", Kind: loyalty.ForSignUp, Points: 7})
		w.withProgram(p)
		w.tellsOf("quiz", "0")
		require.Zero(t, w.adasPoints().Points, "who is no member is given nothing")
		w.does(func(d club.Desk, shop commerce.Shop, ada commerce.PersonID) error {
			return d.Join(t.Context(), shop, ada, "account")
		})
		require.EqualValues(t, 7, w.adasPoints().Points)
		w.tellsOf("quiz", "1")
		w.tellsOf("quiz", "1")
		w.tellsOf("other", "2")
		require.EqualValues(t, 37, w.adasPoints().Points, "once for each event, of its name")
		w.tellsOf("quiz", "2")
		w.tellsOf("quiz", "3")
		require.EqualValues(t, 57, w.adasPoints().Points, "so many a day")
		w.goesBy(day)
		w.tellsOf("quiz", "4")
		w.tellsOf("quiz", "5")
		w.goesBy(day)
		w.tellsOf("quiz", "6")
		require.EqualValues(t, 97, w.adasPoints().Points, "so many ever")
	})
}

// An order is bounded by its own day, whenever it is told.
func TestOrdersEarnWithinTheBoundsOfTheirDay(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		w.withProgram(loyalty.Program{Rules: []loyalty.Rule{{ID: "each", Kind: loyalty.ForOrder, Points: 30, PerDay: 50}}, Policy: loyalty.Policy{ReturnDays: 14}})
		orders := [][]byte{w.order(1).Body(), w.order(2).Body(), w.order(3).Body()}
		w.merge(w.decode("orders/paid", orders[0]))
		w.goesBy(day)
		w.merge(w.decode("orders/updated", orders[1], orders[2])) // which say when they were paid
		require.EqualValues(t, 50, w.adasPoints().Pending, "all of yesterday")
		w.merge(w.decode("orders/paid", w.order(4).Body()))
		require.EqualValues(t, 80, w.adasPoints().Pending, "and one of today")
	})
}

// Who left, or was taken out of the program, earns nothing, and what waits for
// them is not released before they are back.
func TestWhoIsOutEarnsNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for name, c := range map[string]struct {
			out, in func(club.Desk, commerce.Shop, commerce.PersonID) error
		}{
			"left": {
				func(d club.Desk, s commerce.Shop, p commerce.PersonID) error { return d.Leave(t.Context(), s, p) },
				func(d club.Desk, s commerce.Shop, p commerce.PersonID) error {
					return d.Join(t.Context(), s, p, "account")
				},
			},
			"blocked": {
				func(d club.Desk, s commerce.Shop, p commerce.PersonID) error {
					return d.Block(t.Context(), s, p, "resells", "owner")
				},
				func(d club.Desk, s commerce.Shop, p commerce.PersonID) error {
					return d.Unblock(t.Context(), s, p, "owner")
				},
			},
		} {
			w.shop = storetest.Shop(t, w.Store, func(s *commerce.Shop) { s.Country = "GB" })
			w.conn = storetest.Connection(t, w.Store, w.shop)
			p := fivePerPound()
			p.ClaimDays = 200
			w.withProgram(p)
			w.merge(w.decode("orders/paid", w.order(1).Body()))
			waits := w.adasPoints().Pending
			w.does(c.out)
			w.merge(w.decode("orders/paid", w.order(2).Body()))
			w.goesBy(100 * day)
			require.Equal(t, []int64{waits, 0}, []int64{w.adasPoints().Pending, w.adasPoints().Points}, name)
			w.does(c.in)
			w.goesBy(time.Minute)
			require.Equal(t, []int64{0, waits}, []int64{w.adasPoints().Pending, w.adasPoints().Points}, name)
		}
	})
}

// Where nobody is a member unasked, points wait 90 days for a claim.
func TestGuestsHaveNinetyDays(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		p := fivePerPound()
		p.Join = loyalty.BySignUp
		w.withProgram(p)
		w.merge(w.decode("orders/paid", w.order(1).Body()))
		require.Equal(t, store.Guest, w.adasPoints().State)
		require.Zero(t, w.events(commerce.MemberJoined))
		w.goesBy(89 * day)
		require.Positive(t, w.adasPoints().Pending)
		w.merge(w.decode("orders/paid", w.order(2).Body()))
		waits := w.adasPoints().Pending
		w.goesBy(2 * day)
		left := w.adasPoints().Pending
		require.Less(t, left, waits, "what nobody claimed is over")
		require.Positive(t, left)
		w.does(func(d club.Desk, shop commerce.Shop, ada commerce.PersonID) error {
			return d.Join(t.Context(), shop, ada, "account")
		})
		w.goesBy(100 * day)
		require.Equal(t, left, w.adasPoints().Points)
	})
}

// Everybody is a member where the shop says so, and hears of it first.
func TestBuyersJoinOfThemselves(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		p := fivePerPound()
		p.Join = loyalty.Automatic
		p.Rules = append(p.Rules, loyalty.Rule{ID: "hello", Kind: loyalty.ForSignUp, Points: 7})
		w.withProgram(p)
		w.merge(w.decode("orders/paid", w.order(1).Body()))
		require.JSONEq(t, `{"how": "automatic"}`, w.props(commerce.MemberJoined))
		require.EqualValues(t, 7, w.adasPoints().Points)
		w.merge(w.decode("orders/paid", w.order(2).Body()))
		require.Equal(t, 1, w.events(commerce.MemberJoined))
		require.EqualValues(t, 7, w.adasPoints().Points)
	})
}

func TestMembersHearThatTheirPointsEnd(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		w.withProgram(fivePerPound())
		w.merge(w.decode("orders/paid", w.order(1).Body()))
		w.goesBy(100 * day)
		has := w.adasPoints()
		require.Positive(t, has.EndsAt)
		w.goesBy(has.EndsAt.Time().Sub(w.now()) - 15*day)
		require.Zero(t, w.events(commerce.PointsExpiring))
		w.goesBy(day)
		w.goesBy(day)
		require.JSONEq(t, fmt.Sprintf(`{"points": %d, "ends_at": %d}`, has.Points, has.EndsAt), w.props(commerce.PointsExpiring))
		w.goesBy(15 * day)
		require.Zero(t, w.adasPoints().Points)
		require.Equal(t, 1, w.events(commerce.PointsExpiring))
	})
}

func TestBirthdaysComeOnceAYear(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		w.withProgram(loyalty.Program{Rules: []loyalty.Rule{{ID: "b", Kind: loyalty.ForBirthday, Points: 20}}})
		w.merge(w.decode("orders/paid", w.order(1).Body()))
		born := w.now().Add(40 * day)
		w.does(func(d club.Desk, shop commerce.Shop, ada commerce.PersonID) error {
			if err := d.Join(t.Context(), shop, ada, "account"); err != nil {
				return err
			}
			return d.SetBirthday(t.Context(), shop, ada, int(born.Month()), born.Day())
		})
		w.goesBy(38 * day)
		require.Zero(t, w.events(commerce.BirthdayCame))
		w.goesBy(3 * day)
		w.goesBy(time.Hour)
		require.JSONEq(t, fmt.Sprintf(`{"year": %d}`, born.Year()), w.props(commerce.BirthdayCame))
		require.EqualValues(t, 20, w.adasPoints().Points)
		w.does(func(d club.Desk, shop commerce.Shop, ada commerce.PersonID) error { // a day that comes soon
			at := w.now().Add(2 * day)
			return d.SetBirthday(t.Context(), shop, ada, int(at.Month()), at.Day())
		})
		w.goesBy(3 * day)
		if w.now().Year() == born.Year() {
			require.EqualValues(t, 20, w.adasPoints().Points, "there is one a year, whatever is typed")
		}
		w.goesBy(366 * day)
		require.EqualValues(t, 40, w.adasPoints().Points)
		require.Equal(t, 2, w.events(commerce.BirthdayCame))
	})
}
