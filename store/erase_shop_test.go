package store_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/store/storetest"
)

// leave ends all of a shop's connections.
func leave(t *testing.T, s *store.Store, shop commerce.ShopID) {
	t.Helper()
	all, err := s.Connections(t.Context(), shop)
	require.NoError(t, err)
	for _, c := range all {
		closeConnection(t, s, shop, c.ID, s.Now())
	}
}

func TestEraseShop(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		mine, other := furnish(t, s, "mine"), furnish(t, s, "other")
		before := rowsOf(t, s, other.shop)
		all, err := s.Connections(t.Context(), mine.shop)
		require.NoError(t, err)
		for _, c := range all {
			if c.ID != mine.connection.ID && c.ID != mine.second.ID {
				closeConnection(t, s, mine.shop, c.ID, s.Now())
			}
		}
		for _, c := range []commerce.Connection{mine.connection, mine.second} {
			fate, err := s.EraseShop(t.Context(), mine.shop, commerce.Shopify, s.Now())
			require.NoError(t, err)
			want := map[commerce.Platform]store.ShopFate{commerce.Shopify: store.ShopReturned, commerce.Stripe: store.ShopWaits}[c.Platform]
			require.Equal(t, want, fate, "a connection is open")
			closeConnection(t, s, mine.shop, c.ID, s.Now())
		}
		storetest.Connection(t, s, mine.shop, func(c *commerce.Connection) { c.ExternalID = mine.connection.ExternalID })
		fate, err := s.EraseShop(t.Context(), mine.shop, commerce.Shopify, s.Now())
		require.NoError(t, err)
		require.Equal(t, store.ShopReturned, fate, "it came back")
		require.Equal(t, "Ada", word(t, s, `SELECT first_name FROM persons WHERE id = $1`, mine.person.ID))
		leave(t, s, mine.shop)

		fate, err = s.EraseShop(t.Context(), mine.shop, commerce.Shopify, s.Now())
		require.NoError(t, err)
		require.Equal(t, store.ShopErased, fate)
		require.Empty(t, rowsOf(t, s, mine.shop))
		require.Equal(t, before, rowsOf(t, s, other.shop))
		require.NotContains(t, strings.Join(dumpAll(t, s), "\n"), "Shop of mine", "nor in its account")
		_, err = s.NextInbox(t.Context(), mine.shop, 1)
		require.True(t, fault.Is(err, fault.NotFound), "%v", err)
		fate, err = s.EraseShop(t.Context(), mine.shop, commerce.Shopify, s.Now())
		require.NoError(t, err)
		require.Equal(t, store.ShopGone, fate, "it is gone")
	})
}

// A worker that dies while erasing leaves a shop without key, which nobody can connect again and which is found.
func TestAHalfErasedShopIsFoundAndFinished(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		w := furnish(t, s, "mine")
		none, err := s.HalfErased(t.Context())
		require.NoError(t, err)
		require.Empty(t, none)
		closeConnection(t, s, w.shop, w.connection.ID, s.Now())
		closeConnection(t, s, w.shop, w.second.ID, s.Now())
		execute(t, s, `UPDATE shops SET data_key = $1`, []byte{})
		half, err := s.HalfErased(t.Context())
		require.NoError(t, err)
		require.Equal(t, []commerce.ShopID{w.shop}, half)
		_, err = s.Connect(t.Context(), w.shop, w.connection)
		require.True(t, fault.Is(err, fault.NotFound), "%v", err)
		fate, err := s.EraseShop(t.Context(), w.shop, commerce.Shopify, 0)
		require.NoError(t, err)
		require.Equal(t, store.ShopErased, fate)
		require.Empty(t, rowsOf(t, s, w.shop))
	})
}

// A shop may return at any moment, also between the question whether it may be erased and the deed.
func TestAShopThatReturnsStays(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		w := furnish(t, s, "mine")
		execute(t, s, `UPDATE connections SET granted_at = 5, closed_at = 100`)
		again := func() error {
			_, err := s.Connect(t.Context(), w.shop, commerce.Connection{Platform: commerce.Shopify, ExternalID: w.connection.ExternalID, Live: true, InstalledAt: 300})
			return err
		}
		if !s.Embedded() { // on SQLite the one writer says the same
			held, done := make(chan struct{}), make(chan error, 1)
			go func() {
				done <- s.Transact(t.Context(), func(tx *store.Tx) error {
					if err := tx.Exec(`SELECT 1 FROM shops WHERE id = $1 FOR UPDATE`, w.shop); err != nil {
						return err
					}
					close(held)
					awaitLock(t, s, `SELECT data_key FROM shops%FOR UPDATE`)
					if err := tx.Exec(`UPDATE connections SET closed_at = 0, granted_at = 300 WHERE id = $1`, w.connection.ID); err != nil {
						return err
					}
					return tx.Exec(`UPDATE shops SET state = 'active' WHERE id = $1`, w.shop)
				})
			}()
			<-held
			fate, err := s.EraseShop(t.Context(), w.shop, commerce.Shopify, 200)
			require.NoError(t, err)
			require.Equal(t, store.ShopReturned, fate, "it came back while the erasure waited")
			require.NoError(t, <-done)
		} else {
			require.NoError(t, again())
		}
		fate, err := s.EraseShop(t.Context(), w.shop, commerce.Shopify, 200)
		require.NoError(t, err)
		require.Equal(t, store.ShopReturned, fate, "it is connected")

		execute(t, s, `UPDATE connections SET closed_at = 400`)
		fate, err = s.EraseShop(t.Context(), w.shop, commerce.Shopify, 200)
		require.NoError(t, err)
		require.Equal(t, store.ShopReturned, fate, "it left again, and nobody has asked since")
		fate, err = s.EraseShop(t.Context(), w.shop, commerce.Shopify, 500)
		require.NoError(t, err)
		require.Equal(t, store.ShopErased, fate)
		require.True(t, fault.Is(again(), fault.NotFound), "who comes back now is a new shop")
	})
}

// awaitLock returns when the database says that a statement like this waits for a lock.
func awaitLock(t *testing.T, s *store.Store, like string) {
	t.Helper()
	require.Eventually(t, func() bool {
		return number(t, s, `SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE $1`, like) > 0
	}, 2*time.Minute, 5*time.Millisecond)
}

// The proof says in figures what went, names no account, and outlives the shop.
func TestAnErasedShopLeavesAProof(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		w := furnish(t, s, "mine")
		require.NoError(t, s.AddPending(t.Context(), w.connection.ExternalID, true, storetest.Delivery(s, w.connection)))
		leave(t, s, w.shop)
		before := number(t, s, `SELECT COUNT(*) FROM effects`)
		fate, err := s.EraseShop(t.Context(), w.shop, commerce.Shopify, s.Now())
		require.NoError(t, err)
		require.Equal(t, store.ShopErased, fate)
		proofs, err := s.Erasures(t.Context(), w.shop, "", 10)
		require.NoError(t, err)
		proof := proofs[len(proofs)-1]
		require.Equal(t, store.ErasedShop, proof.Kind)
		require.True(t, proof.Report.Finished)
		require.Equal(t, before, proof.Report.Rows["effects"])
		require.Len(t, proof.Marks, 3)
		for _, line := range dumpAll(t, s) {
			require.NotContains(t, line, w.connection.ExternalID)
			require.NotContains(t, line, w.second.ExternalID)
		}
	})
}

// What a platform told alone goes when the shop has left it, and only then;
// what was made of it stays as long as another platform is connected.
func TestForgetPlatform(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		mine, other := furnish(t, s, "mine"), furnish(t, s, "other")
		kept := rowsOf(t, s, other.shop)
		storetest.Do(t, s, func(tx *store.Tx) error {
			return tx.FinishInbox(mine.shop, []store.InboxResult{{ID: mine.delivery.ID}})
		})
		bodies := `SELECT COUNT(*) FROM inbox_bodies b JOIN inbox i ON i.shop_id = b.shop_id AND i.id = b.inbox_id WHERE b.shop_id = $1 AND i.state <> 0 AND i.platform = 'shopify'`
		n, err := s.ForgetPlatform(t.Context(), mine.shop, commerce.Shopify)
		require.NoError(t, err)
		require.Zero(t, n, "it is connected")
		require.NotZero(t, number(t, s, bodies, mine.shop))

		all, err := s.Connections(t.Context(), mine.shop)
		require.NoError(t, err)
		for _, c := range all {
			if c.Platform == commerce.Shopify {
				closeConnection(t, s, mine.shop, c.ID, s.Now())
			}
		}
		n, err = s.ForgetPlatform(t.Context(), mine.shop, commerce.Shopify)
		require.NoError(t, err)
		require.Positive(t, n)
		require.Zero(t, number(t, s, bodies, mine.shop))
		all, err = s.Connections(t.Context(), mine.shop)
		require.NoError(t, err, "and what is empty opens")
		for _, c := range all {
			require.Equal(t, c.Platform == commerce.Shopify, c.Token == "", c.Platform)
		}
		for _, table := range []string{"backfills", "reconciliations", "consent_reads"} {
			require.Zero(t, number(t, s, `SELECT COUNT(*) FROM `+table+` WHERE shop_id = $1`, mine.shop), table)
		}
		require.Equal(t, "Ada", word(t, s, `SELECT first_name FROM persons WHERE id = $1`, mine.person.ID))
		require.Equal(t, kept, rowsOf(t, s, other.shop))
		n, err = s.ForgetPlatform(t.Context(), mine.shop, commerce.Shopify)
		require.NoError(t, err)
		require.Zero(t, n)
	})
}

// A wish to erase a shop is found until it is carried out.
func TestOpenShopRequests(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		var p store.PrivacyRequest
		storetest.Do(t, s, func(tx *store.Tx) (err error) {
			if _, err = tx.AddPrivacyRequest(shop, store.PrivacyRequest{Kind: commerce.ReportData}); err == nil {
				p, err = tx.AddPrivacyRequest(shop, store.PrivacyRequest{Kind: commerce.EraseShop, Platform: commerce.Shopify, ReceivedAt: 7})
			}
			return err
		})
		open, err := s.OpenShopRequests(t.Context())
		require.NoError(t, err)
		require.Equal(t, []store.PrivacyRequest{p}, open)
		require.NoError(t, s.FinishRequest(t.Context(), shop, p.ID, store.Report{Note: "it came back"}))
		open, err = s.OpenShopRequests(t.Context())
		require.NoError(t, err)
		require.Empty(t, open)
	})
}
