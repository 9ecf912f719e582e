package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/store/storetest"
)

// ownAccount is a shop's account with everything filled in.
func ownAccount() store.Sender {
	return store.Sender{
		Kind: store.SenderSMTP, State: store.SenderReady, Address: "hello@nour.example", Name: "Nour", ReplyTo: "team@nour.example", Domain: "nour.example",
		Account:  store.Account{Host: "smtp.example", Port: 587, User: "nour", Password: "s3cret", Region: "eu", Stream: "orders", Secret: "whsec"},
		Provider: "postmark", Endpoint: "door" + store.NewID(), ReadySince: 7, StoppedReason: "3 complaints",
	}
}

// What a shop chooses is read as it was saved, its account sealed, and two who
// change it at once do not overwrite each other.
func TestSenderIsKept(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		ctx, shop, other := t.Context(), storetest.Shop(t, s), storetest.Shop(t, s)
		none, err := s.Sender(ctx, shop)
		require.NoError(t, err)
		require.Equal(t, store.Sender{Kind: store.SenderShared, State: store.SenderReady}, none, "nothing is chosen")

		want := ownAccount()
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.SaveSender(shop, want) })
		got, err := s.Sender(ctx, shop)
		require.NoError(t, err)
		want.Looked, want.ChangedAt, want.Rev = []byte("{}"), s.Now(), 1
		require.Equal(t, want, got)
		any, err := s.AnySender(ctx)
		require.NoError(t, err)
		require.True(t, any)

		at, found, err := s.SenderAt(ctx, want.Endpoint)
		require.NoError(t, err)
		require.Equal(t, shop, at)
		require.Equal(t, "whsec", found.Account.Secret)
		for _, endpoint := range []string{"", "nobody"} {
			_, _, err = s.SenderAt(ctx, endpoint)
			require.True(t, fault.Is(err, fault.NotFound), endpoint)
		}
		for _, row := range table(t, s, `SELECT * FROM senders WHERE shop_id = $1`, shop) {
			require.NotContains(t, row, "s3cret")
		}

		stale := got
		storetest.Do(t, s, func(tx *store.Tx) error {
			locked, err := tx.Sender(shop)
			require.NoError(t, err)
			locked.Name = "first"
			return tx.SaveSender(shop, locked)
		})
		err = s.Transact(ctx, func(tx *store.Tx) error { return tx.SaveSender(shop, stale) })
		require.True(t, fault.Is(err, fault.Conflict), err)
		err = s.Transact(ctx, func(tx *store.Tx) error {
			return tx.SaveSender(shop, store.Sender{Kind: store.SenderShared, State: store.SenderReady})
		})
		require.True(t, fault.Is(err, fault.Conflict), "somebody has chosen meanwhile: %v", err)
		got, err = s.Sender(ctx, other)
		require.NoError(t, err)
		require.Zero(t, got.Rev)
	})
}

func TestSendersToLook(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		const hour, day = commerce.Instant(3_600_000), commerce.Instant(86_400_000)
		now := s.Now()
		add := func(kind store.SenderKind, state store.SenderState, age commerce.Instant, looked string) commerce.ShopID {
			shop := storetest.Shop(t, s)
			storetest.Do(t, s, func(tx *store.Tx) error {
				return tx.SaveSender(shop, store.Sender{Kind: kind, State: state, Domain: "x.example", LookedAt: now - age, Looked: []byte(looked)})
			})
			return shop
		}
		checking := add(store.SenderDomain, store.SenderChecking, 2*hour, `{}`)
		old := add(store.SenderDomain, store.SenderReady, 25*hour, `{}`)
		broken := add(store.SenderDomain, store.SenderReady, 3*hour, `{"broken_since":7}`)
		add(store.SenderDomain, store.SenderReady, 2*hour, `{}`)
		add(store.SenderDomain, store.SenderChecking, hour/2, `{}`)
		add(store.SenderSMTP, store.SenderReady, 99*day, `{}`)
		got, err := s.SendersToLook(t.Context(), now-day, now-hour, 10)
		require.NoError(t, err)
		require.Equal(t, []commerce.ShopID{old, broken, checking}, got, "the longest unseen first")
		got, err = s.SendersToLook(t.Context(), now-day, now-hour, 1)
		require.NoError(t, err)
		require.Equal(t, []commerce.ShopID{old}, got)
	})
}

// Keys are sealed, move from state to state, and belong to a shop's domain.
func TestSenderKeys(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		ctx, shop := t.Context(), storetest.Shop(t, s)
		key := func(domain, selector string) store.SenderKey {
			return store.SenderKey{Domain: domain, Selector: selector, Kind: "rsa", State: store.KeyNext, Public: "v=DKIM1; " + selector, Private: []byte("private " + selector), MadeAt: 5, Since: 5}
		}
		a, b, elsewhere := key("nour.example", "a"), key("nour.example", "b"), key("old.example", "a")
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.SaveSenderKeys(shop, []store.SenderKey{b, a, elsewhere}) })
		a.State, a.Since = store.KeyActive, 9
		moved := a
		moved.Public = "somebody else's"
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.SaveSenderKeys(shop, []store.SenderKey{moved}) })
		got, err := s.SenderKeys(ctx, shop, "nour.example")
		require.NoError(t, err)
		require.Equal(t, []store.SenderKey{a, b}, got, "only the state of a key moves")
		for _, row := range table(t, s, `SELECT * FROM sender_keys WHERE shop_id = $1`, shop) {
			require.NotContains(t, row, "private")
		}
		storetest.Do(t, s, func(tx *store.Tx) error {
			require.NoError(t, tx.DropSenderKeys(shop, "nour.example", nil))
			require.NoError(t, tx.DropSenderKeys(shop, "nour.example", []string{"a"}))
			return tx.DropOtherKeys(shop, "nour.example")
		})
		got, err = s.SenderKeys(ctx, shop, "nour.example")
		require.NoError(t, err)
		require.Equal(t, []store.SenderKey{b}, got)
		got, err = s.SenderKeys(ctx, shop, "old.example")
		require.NoError(t, err)
		require.Empty(t, got)

		storetest.Do(t, s, func(tx *store.Tx) error { return tx.SavePlatformKeys([]store.SenderKey{a, b}) })
		b.State = store.KeyOld
		storetest.Do(t, s, func(tx *store.Tx) error {
			require.NoError(t, tx.SavePlatformKeys([]store.SenderKey{b}))
			return tx.DropPlatformKeys("nour.example", []string{"a"})
		})
		got, err = s.PlatformKeys(ctx, "nour.example")
		require.NoError(t, err)
		require.Equal(t, []store.SenderKey{b}, got)
	})
}

// A day takes on as many as its limit, however they come, and gives back what did not go.
func TestTakingFromADaysLimit(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		ctx, shop := t.Context(), storetest.Shop(t, s)
		day := store.SendingDay(s.Now())
		require.Equal(t, s.Now().Time().UTC().Truncate(24*time.Hour), day.Time().UTC())
		take := func(n, limit int64) int64 {
			got, err := s.TakeSending(ctx, shop, "shared", day, n, limit)
			require.NoError(t, err)
			return got
		}
		require.EqualValues(t, 8, take(8, 10))
		require.EqualValues(t, 2, take(8, 10), "what is left")
		require.Zero(t, take(8, 10))
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.GiveBackSending(shop, "shared", day, 3) })
		require.EqualValues(t, 3, take(8, 10))
		require.Zero(t, take(0, 10))
		require.Zero(t, take(1, 0))
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.GiveBackSending(shop, "shared", day, 99) })
		got, err := s.TakeSending(ctx, shop, "nour.example", day, 70, 50)
		require.NoError(t, err)
		require.EqualValues(t, 50, got, "more at once than a fresh day has")

		yesterday := day.Add(-24 * time.Hour)
		_, err = s.TakeSending(ctx, shop, "shared", yesterday, 4, 10)
		require.NoError(t, err)
		require.EqualValues(t, 6, take(6, 10))
		before, taken, err := s.SendingDays(ctx, shop, "shared", day)
		require.NoError(t, err)
		require.EqualValues(t, []int64{1, 6}, []int64{before, taken})
	})
}

func TestComplaintsAndBuyers(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		ctx, shop, other := t.Context(), storetest.Shop(t, s), storetest.Shop(t, s)
		day := store.SendingDay(s.Now())
		for _, d := range []time.Duration{0, -24 * time.Hour, -40 * 24 * time.Hour} {
			_, err := s.TakeSending(ctx, shop, "shared", day.Add(d), 20, 100)
			require.NoError(t, err)
		}
		for i, c := range []struct {
			shop commerce.ShopID
			kind string
			at   commerce.Instant
		}{{shop, "complaint", s.Now()}, {shop, "complaint", s.Now().Add(-40 * 24 * time.Hour)}, {shop, "hard", s.Now()}, {other, "complaint", s.Now()}} {
			execute(t, s, `INSERT INTO bounces (shop_id, id, event_key, kind, effect_id, address_hash, source, at, received_at) VALUES ($1, $2, $2, $3, '', 'h', 'arf', $4, 0)`,
				string(c.shop), string(rune('a'+i)), c.kind, int64(c.at))
		}
		sent, complaints, err := s.Complaints(ctx, shop, "shared", s.Now().Add(-30*24*time.Hour))
		require.NoError(t, err)
		require.EqualValues(t, []int64{40, 1}, []int64{sent, complaints})

		buyer, stranger, merged := storetest.Person(t, s, shop), storetest.Person(t, s, shop), storetest.Person(t, s, shop)
		storetest.Order(t, s, shop, merged.ID)
		storetest.Do(t, s, func(tx *store.Tx) error {
			require.NoError(t, tx.MergePersons(shop, merged.ID, buyer.ID, "same address"))
			bought, err := tx.Bought(shop, []commerce.PersonID{buyer.ID, stranger.ID})
			require.NoError(t, err)
			require.True(t, bought[buyer.ID], "under the name that was merged")
			require.False(t, bought[stranger.ID])
			return nil
		})
	})
}
