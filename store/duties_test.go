package store_test

import (
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/store/storetest"
)

// The work of a connection rests while nobody can be asked, whoever was at it
// meanwhile, and goes on at once when the app is opened again.
func TestDutiesRestWithTheirConnection(t *testing.T) {
	for name, c := range map[string]struct {
		end   func(t *testing.T, s *store.Store, c commerce.Connection)
		again func(t *testing.T, s *store.Store, c commerce.Connection)
	}{
		"uninstalled": {
			func(t *testing.T, s *store.Store, c commerce.Connection) {
				storetest.Do(t, s, func(tx *store.Tx) error {
					closed, err := tx.CloseConnection(c.ShopID, c.ID, s.Now())
					require.True(t, closed)
					return err
				})
			},
			func(t *testing.T, s *store.Store, c commerce.Connection) {
				_, err := s.Connect(t.Context(), c.ShopID, c)
				require.NoError(t, err)
			},
		},
		"refused": {
			func(t *testing.T, s *store.Store, c commerce.Connection) {
				revoked, err := s.RevokeGrant(t.Context(), c)
				require.NoError(t, err)
				require.True(t, revoked)
			},
			func(t *testing.T, s *store.Store, c commerce.Connection) {
				_, err := s.Install(t.Context(), store.Installation{Connection: c, Grant: commerce.Grant{Access: "shpat_2"}, SeenAt: s.Now()})
				require.NoError(t, err)
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, s *store.Store) {
				shop := storetest.Shop(t, s)
				conn := storetest.Connection(t, s, shop)
				other := storetest.Connection(t, s, shop)
				for _, o := range []commerce.Connection{conn, other} {
					require.NoError(t, s.AskBackfill(t.Context(), shop, o))
				}
				storetest.ClockOf(s).Advance(time.Hour)
				b, ok, err := s.LeaseBackfill(t.Context(), shop, conn.ID, "one")
				require.NoError(t, err)
				require.True(t, ok)
				r, ok, err := s.LeaseReconciliation(t.Context(), shop, conn.ID, "one")
				require.NoError(t, err)
				require.True(t, ok)
				resting := func() int64 {
					return number(t, s, `SELECT COUNT(*) FROM (SELECT next_at, connection_id FROM backfills UNION ALL SELECT next_at, connection_id FROM reconciliations) d
						WHERE next_at = 0 AND connection_id = $1`, conn.ID)
				}

				c.end(t, s, conn)
				require.EqualValues(t, 2, resting())
				b.NextAt, r.NextAt = commerce.At(time.Now()), s.Now() // whoever is at it plans to go on
				require.NoError(t, s.SaveBackfill(t.Context(), shop, "one", b))
				require.NoError(t, s.SaveReconciliation(t.Context(), shop, "one", r))
				require.EqualValues(t, 2, resting())
				require.NoError(t, s.ReleaseBackfill(t.Context(), shop, conn.ID, "one"))
				require.NoError(t, s.ReleaseReconciliation(t.Context(), shop, conn.ID, "one"))
				require.EqualValues(t, 1, number(t, s, `SELECT COUNT(*) FROM reconciliations r JOIN backfills b ON b.connection_id = r.connection_id
					WHERE r.connection_id = $1 AND r.next_at > 0 AND b.next_at > 0`, other.ID), "the other's goes on")

				c.again(t, s, conn)
				require.Zero(t, resting())
				for _, due := range []func() ([]store.ShopConnection, error){
					func() ([]store.ShopConnection, error) { return s.DueBackfills(t.Context(), 10) },
					func() ([]store.ShopConnection, error) { return s.DueReconciliations(t.Context(), 10) },
				} {
					list, err := due()
					require.NoError(t, err)
					require.Contains(t, list, store.ShopConnection{Shop: shop, Connection: conn.ID})
				}
			})
		})
	}
}

// What is read of the past of an install that is over is not kept.
func TestAdvanceBackfillOfAnInstallThatIsOver(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		conn := storetest.Connection(t, s, shop)
		require.NoError(t, s.AskBackfill(t.Context(), shop, conn))
		_, ok, err := s.LeaseBackfill(t.Context(), shop, conn.ID, "one")
		require.NoError(t, err)
		require.True(t, ok)
		advance := func() error {
			return s.Transact(t.Context(), func(tx *store.Tx) error {
				return tx.AdvanceBackfill(shop, "one", store.Backfill{Connection: conn.ID, Position: 1}, 1, 0)
			})
		}
		require.NoError(t, advance())
		execute(t, s, `UPDATE connections SET closed_at = 1`)
		require.True(t, fault.Is(advance(), fault.Conflict), "uninstalled")
		execute(t, s, `UPDATE connections SET closed_at = 0, epoch = epoch + 1`)
		require.True(t, fault.Is(advance(), fault.Conflict), "installed anew")
		b, err := s.Backfill(t.Context(), shop, conn.ID)
		require.NoError(t, err)
		require.Equal(t, int64(1), b.Orders)

		conn.Epoch++
		require.NoError(t, s.RetryBackfill(t.Context(), shop, conn))
		_, ok, err = s.LeaseBackfill(t.Context(), shop, conn.ID, "one")
		require.NoError(t, err)
		require.True(t, ok)
		require.NoError(t, advance(), "it is this install's")
	})
}

// Every second the sweep asks what is due: whoever uninstalled the app, or let
// its token end, costs it nothing for ever after.
func TestDutiesThatRestAreNotWalkedOver(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		conn := storetest.Connection(t, s, shop)
		require.NoError(t, s.AskBackfill(t.Context(), shop, conn))
		for _, text := range []string{
			`INSERT INTO backfills (shop_id, connection_id, epoch, state, url, next_at, asked_at) SELECT 'gone', 'c' || i, 1, 'reading', (SELECT url FROM backfills LIMIT 1), 0, 0 FROM n`,
			`INSERT INTO reconciliations (shop_id, connection_id, watermark, next_at) SELECT 'gone', 'c' || i, 0, 0 FROM n`,
		} {
			execute(t, s, fill(8000)+text)
		}
		if !s.Embedded() {
			execute(t, s, `ANALYZE`)
		}
		storetest.ClockOf(s).Advance(time.Hour)
		plans := store.Plans(s, func() {
			for _, due := range []func() ([]store.ShopConnection, error){
				func() ([]store.ShopConnection, error) { return s.DueBackfills(t.Context(), 20) },
				func() ([]store.ShopConnection, error) { return s.DueReconciliations(t.Context(), 20) },
			} {
				list, err := due()
				require.NoError(t, err)
				require.Len(t, list, 1)
			}
		})
		require.Len(t, plans, 2)
		for i, index := range []string{"backfills_next", "reconciliations_next"} {
			sought := regexp.MustCompile(`SEARCH d USING INDEX ` + index + ` \(next_at>\? AND next_at<\?\)|` + index + `.*\n\s+Index Cond: \(\(next_at > 0\) AND \(next_at <= |` + index + `.*\n\s+Index Cond: \(next_at <= `)
			require.Regexp(t, sought, plans[i].Text)
		}
	})
}
