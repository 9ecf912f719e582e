package store_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/store"
	"flywheel/store/storetest"
)

func TestBouncesAreKeptOnce(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		w := claimedWorld(t, s)
		b := store.Bounce{
			Key: "ses:1", Kind: gate.SoftBounce, Effect: w.effect.ID, AddressHash: w.hash, Source: "ses", Code: "4.2.2", Note: "full", At: s.Now() - 5,
		}
		storetest.Do(t, s, func(tx *store.Tx) error {
			m, found, err := tx.Mailed(w.shop, w.effect.ID)
			require.NoError(t, err)
			require.True(t, found)
			require.Equal(t, store.Mailed{Effect: w.effect.ID, Person: w.person.ID, Campaign: w.effect.Campaign, AddressHash: w.hash}, m)
			before, err := tx.BouncedBefore(w.shop, w.hash, w.effect.ID, b.Key)
			require.NoError(t, err)
			require.False(t, before)
			for _, fresh := range []bool{true, false} {
				got, err := tx.AddBounce(w.shop, b)
				require.NoError(t, err)
				require.Equal(t, fresh, got)
			}
			before, err = tx.BouncedBefore(w.shop, w.hash, w.effect.ID, b.Key)
			require.NoError(t, err)
			require.False(t, before, "it is this one itself")
			before, err = tx.BouncedBefore(w.shop, w.hash, w.effect.ID, "ses:2")
			require.True(t, before)
			return err
		})
		all, err := s.Bounces(t.Context(), w.shop, w.hash, 10)
		require.NoError(t, err)
		require.Equal(t, []store.Bounce{b}, all)
		all, err = s.Bounces(t.Context(), storetest.Shop(t, s), w.hash, 10)
		require.NoError(t, err)
		require.Empty(t, all)
	})
}

func TestBounceRuns(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		run := func() (r gate.BounceRun) {
			storetest.Do(t, s, func(tx *store.Tx) (err error) {
				r, err = tx.BounceRun(shop, "h")
				return errors.Join(err, tx.SaveBounceRun(shop, "h", r))
			})
			return r
		}
		require.Zero(t, run())
		require.Zero(t, number(t, s, `SELECT COUNT(*) FROM soft_runs`), "none is no row")
		storetest.Do(t, s, func(tx *store.Tx) error {
			_, err := tx.BounceRun(shop, "h")
			return errors.Join(err, tx.SaveBounceRun(shop, "h", gate.BounceRun{Length: 3, LastAt: 70}))
		})
		require.Equal(t, gate.BounceRun{Length: 3, LastAt: 70}, run())
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.EndBounceRun(shop, "h", 69) })
		require.Equal(t, 3, run().Length, "an older mail has arrived")
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.EndBounceRun(shop, "h", 70) })
		require.Zero(t, run())
	})
}

func TestTakenSince(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		w := claimedWorld(t, s)
		execute(t, s, `UPDATE effects SET state = 'sent', done_at = 100 WHERE id = $1`, string(w.effect.ID))
		taken := func(after, until commerce.Instant) (at commerce.Instant) {
			storetest.Do(t, s, func(tx *store.Tx) (err error) {
				at, err = tx.TakenSince(w.shop, w.person.ID, w.hash, after, until)
				return err
			})
			return at
		}
		require.EqualValues(t, 100, taken(99, 100))
		require.Zero(t, taken(100, 200))
		require.Zero(t, taken(0, 99))
		storetest.Do(t, s, func(tx *store.Tx) error {
			_, err := tx.AddBounce(w.shop, store.Bounce{Key: "k", Kind: gate.Blocked, Effect: w.effect.ID, AddressHash: w.hash, Source: "dsn"})
			return err
		})
		require.Zero(t, taken(0, 200), "it has bounced")
	})
}

// Marketing is withdrawn by a row more, and Shopify is told of the person.
func TestWithdrawnMarketing(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		w := claimedWorld(t, s)
		storetest.Do(t, s, func(tx *store.Tx) error {
			person, err := tx.PersonAt(w.shop, w.person.Email)
			require.Equal(t, w.person.ID, person)
			stranger, failed := tx.PersonAt(w.shop, "nobody@example.com")
			require.Empty(t, stranger)
			no := commerce.ConsentChange{Channel: commerce.ByMail, Class: "marketing", State: commerce.Unsubscribed, Source: "complaint", At: 7}
			return errors.Join(err, failed, tx.AddConsentOf(w.shop, w.hash, no), tx.AddConsentOf(w.shop, w.hash, no),
				tx.TellUnsubscribed(w.shop, w.person.ID), tx.TellUnsubscribed(w.shop, ""))
		})
		storetest.Do(t, s, func(tx *store.Tx) error {
			found, err := tx.Addresses(w.shop, []string{w.person.Email})
			require.Equal(t, []commerce.ConsentChange{{Channel: commerce.ByMail, Class: "marketing", State: commerce.Unsubscribed, Source: "complaint", At: 7}}, found[w.person.Email].Consents)
			return err
		})
		told, found, err := s.NextWriteback(t.Context(), time.Minute)
		require.NoError(t, err)
		require.True(t, found)
		require.Equal(t, w.person.ID, told.Person)

		alone := storetest.Shop(t, s)
		storetest.Connection(t, s, alone, func(c *commerce.Connection) { c.Platform = commerce.Stripe })
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.TellUnsubscribed(alone, "p") })
		require.Zero(t, number(t, s, `SELECT COUNT(*) FROM writebacks WHERE shop_id = $1`, string(alone)), "there is nobody to tell")
	})
}
