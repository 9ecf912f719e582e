package codes_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/codes"
	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/store/storetest"
)

// settle is a run of the maintenance, an hour later.
func (w *world) settle() {
	w.t.Helper()
	w.clock.Advance(time.Hour)
	require.NoError(w.t, w.Settle(w.t.Context(), 100))
}

// end takes back what tenPercent has given.
func (w *world) end() {
	w.t.Helper()
	require.NoError(w.t, w.End(w.t.Context(), w.shop, "order:1001", "loyalty"))
}

// takenBack is a code that was taken back while it was made, by a maker who died at its nth request.
func (w *world) takenBack(n int, sent bool) {
	w.t.Helper()
	way := &meanwhile{left: 2, then: &dying{left: n, sent: sent}, do: w.end}
	_, err := w.desk(way).Give(w.t.Context(), w.shop, tenPercent())
	require.Error(w.t, err)
	require.Equal(w.t, store.PromotionEnded, w.row().State)
}

// Nobody asks for it ever again, and still it ends.
func TestACodeTakenBackWhileItsMakerDiedEnds(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for n, sent := range map[int]bool{2: true, 4: false} { // coupon, code, look, end
			w := newWorld(t, s)
			w.takenBack(n, sent)
			require.True(t, w.code(), "as it is left at request %d", n)
			require.NoError(t, w.Settle(t.Context(), 100))
			require.Equal(t, n == 2, w.code(), "who makes it has an hour, but for what is known to be made")
			w.settle()
			require.False(t, w.code(), "after request %d", n)
			require.Equal(t, "taken back", w.row().Note)
			require.Zero(t, w.row().LookAt)
			asked := len(w.fake.Calls())
			w.settle()
			require.Len(t, w.fake.Calls(), asked, "it is done with")
		}
	})
}

// While Stripe is away, and where there is nothing yet, it is looked at again, and not for ever.
func TestACodeTakenBackIsLookedAfter(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		w.takenBack(2, true)
		w.clock.Advance(time.Hour)
		w.fake.Fail(1, 503)
		require.True(t, fault.Is(w.Settle(t.Context(), 100), fault.Temporary))
		require.True(t, w.code())
		w.settle()
		require.False(t, w.code())

		w = newWorld(t, s)
		w.takenBack(2, false) // the code never came to Stripe
		for range 23 {
			w.settle()
			require.NotZero(t, w.row().LookAt)
		}
		w.settle()
		require.Zero(t, w.row().LookAt)
		require.Equal(t, "taken back", w.row().Note)
		asked := len(w.fake.Calls())
		w.clock.Advance(day)
		w.settle()
		require.Len(t, w.fake.Calls(), asked)
		require.True(t, w.give().Ended)
	})
}

// A maker that stood still for days makes what was taken back and dies: it is ended as well.
func TestACodeThatIsMadeLongAfterItWasTakenBackEnds(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		way := &meanwhile{left: 2, then: &dying{left: 4}, do: func() {
			w.end()
			w.clock.Advance(25 * time.Hour)
			require.NoError(t, w.Settle(t.Context(), 100))
			require.Zero(t, w.row().LookAt)
		}}
		_, err := w.desk(way).Give(t.Context(), w.shop, tenPercent())
		require.Error(t, err)
		require.True(t, w.code())
		w.settle()
		require.False(t, w.code())
	})
}

// What was made while its maker died is noted; what was not is given to who asks again.
func TestACodeLongInTheMaking(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		_, err := w.desk(&dying{left: 2, sent: true}).Give(t.Context(), w.shop, tenPercent())
		require.Error(t, err)
		w.settle()
		require.Equal(t, store.PromotionMade, w.row().State)
		require.Empty(t, w.row().Note)
		require.True(t, w.code())

		w = newWorld(t, s)
		_, err = w.desk(&dying{left: 2, sent: true}).Give(t.Context(), w.shop, tenPercent())
		require.Error(t, err)
		w.clock.Advance(31 * day)
		w.settle()
		require.Equal(t, store.PromotionEnded, w.row().State, "its time is over")

		w = newWorld(t, s)
		_, err = w.desk(&dying{left: 1}).Give(t.Context(), w.shop, tenPercent())
		require.Error(t, err)
		w.settle()
		require.NotZero(t, w.row().LookAt)
		w.clock.Advance(day)
		w.settle()
		require.Zero(t, w.row().LookAt)
		require.Equal(t, store.PromotionMaking, w.row().State)
		require.Contains(t, w.row().Note, "not made")
		require.False(t, w.give().Ended)
		require.True(t, w.code())
		require.Empty(t, w.row().Note)
	})
}

func TestAnAccountThatCannotBeAskedRests(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		w.takenBack(2, true)
		w.clock.Advance(time.Hour)
		asked := len(w.fake.Calls())
		keyless := w.desk(straight)
		keyless.Accounts.Keys.Live = ""
		require.NoError(t, keyless.Settle(t.Context(), 100), "no noise")
		require.Len(t, w.fake.Calls(), asked)

		w.fake.Disconnect(w.account)
		w.clock.Advance(time.Hour)
		require.Error(t, w.Settle(t.Context(), 100))
		c, err := s.ConnectionByID(t.Context(), w.conn.ID)
		require.NoError(t, err)
		require.Equal(t, commerce.TokenRevoked, c.TokenState)
		asked = len(w.fake.Calls())
		w.settle()
		require.Len(t, w.fake.Calls(), asked)
	})
}

// moves takes the account from one shop to another, an hour later.
func (w *world) moves(from, to commerce.ShopID) {
	w.t.Helper()
	w.clock.Advance(time.Hour)
	require.NoError(w.t, w.store.Transact(w.t.Context(), func(tx *store.Tx) error {
		_, err := tx.CloseConnection(from, w.conn.ID, w.store.Now())
		return err
	}))
	w.clock.Advance(time.Minute)
	id, err := w.store.Connect(w.t.Context(), to, commerce.Connection{
		Platform: commerce.Stripe, ExternalID: w.account, Live: true, InstalledAt: w.store.Now(),
	})
	require.NoError(w.t, err)
	require.Equal(w.t, w.conn.ID, id)
	w.conn, err = w.store.ConnectionByID(w.t.Context(), id)
	require.NoError(w.t, err)
}

// Whose account is another shop's by now is not touched; the row says so.
func TestWhatWasGivenBeforeTheAccountMoved(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		w.give()
		other := storetest.Shop(t, s)
		w.moves(w.shop, other)
		asked := len(w.fake.Calls())
		w.end()
		w.settle()
		require.Len(t, w.fake.Calls(), asked, "the other shop's account is not asked")
		row := w.row()
		require.Equal(t, store.PromotionEnded, row.State)
		require.Contains(t, row.Note, "moved to another shop")
		_, err := w.Give(t.Context(), w.shop, tenPercent())
		require.True(t, fault.Is(err, fault.NotFound), "%v", err)

		theirs, err := w.Give(t.Context(), other, tenPercent())
		require.NoError(t, err)
		require.NotEqual(t, row.Code, theirs.Code)
		require.NoError(t, w.End(t.Context(), w.shop, "order:1001", "loyalty"))
		rows, err := s.PromotionsFor(t.Context(), other, "order:1001", "loyalty")
		require.NoError(t, err)
		require.Equal(t, store.PromotionMade, rows[0].State)

		w.moves(other, w.shop)
		require.True(t, w.code())
		w.settle()
		require.False(t, w.code(), "back again, it ends")
	})
}

// A code for a day, whose maker died, is good for a day from when it is made.
func TestAShortCodeAfterALongCrash(t *testing.T) {
	aDay := func(r *codes.Reward) { r.Days = 1 }
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for n := 1; n <= 2; n++ { // coupon, code
			for _, later := range []time.Duration{23*time.Hour + 30*time.Minute, 25 * time.Hour, 40 * day} {
				w := newWorld(t, s)
				_, err := w.desk(&dying{left: n}).Give(t.Context(), w.shop, tenPercent(aDay))
				require.Error(t, err)
				w.clock.Advance(later)
				got := w.give(aDay)
				require.Equal(t, w.clock.Now().Add(day), got.EndsAt, "dead before request %d, %s later", n, later)
				require.False(t, got.Ended)
				require.True(t, w.code())
				w.clock.Advance(time.Minute)
				require.Equal(t, got.EndsAt, w.give(aDay).EndsAt)
			}
		}
		w := newWorld(t, s)
		_, err := w.desk(&dying{left: 2, sent: true}).Give(t.Context(), w.shop, tenPercent(aDay))
		require.Error(t, err)
		asked := w.row().AskedAt
		w.clock.Advance(25 * time.Hour)
		require.True(t, w.give(aDay).Ended, "Stripe has it, with its own end")
		require.Equal(t, asked, w.row().AskedAt)

		w = newWorld(t, s)
		_, err = w.desk(&dying{left: 2}).Give(t.Context(), w.shop, tenPercent(aDay))
		require.Error(t, err)
		w.clock.Advance(25 * time.Hour)
		w.fake.Fail(1, http.StatusServiceUnavailable)
		_, err = w.Give(t.Context(), w.shop, tenPercent(aDay))
		require.True(t, fault.Is(err, fault.Temporary), "%v", err)
		require.Equal(t, "Stripe is busy", w.row().Note)
	})
}
