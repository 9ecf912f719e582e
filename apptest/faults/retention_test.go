package faults

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/store/storetest"
)

// rowsPastTheirTime is what retention finds to remove: on SQLite it begins as soon
// as the process does, and must not be through before anybody knocks at the door.
const rowsPastTheirTime = 20_000

// The door stays quick while old rows are removed and somebody reads the whole
// table. Not parallel: its figure is a time.
func TestDoorDuringRetentionAndExport(t *testing.T) {
	for _, engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			s := newSite(t, engine)
			s.fillWithOldRows(engine)
			export, err := s.db.Query(`SELECT body FROM inbox_bodies`) // before retention begins: it reads what that removes
			require.NoError(t, err)
			defer export.Close()
			require.True(t, export.Next())
			door := s.web(engine)
			l := s.post(0, 4, 5*time.Millisecond, door)
			if engine == "postgres" {
				s.run("work")
			}
			until(t, "retention has removed what is old", func() bool {
				return s.old() == 0 && l.taken() >= 200 && export.Next() // a slow reader, there all the while
			})
			during := l.taken()
			require.NoError(t, export.Close())
			until(t, "usual times", func() bool { return l.taken() >= during+200 })
			l.stop()
			require.Zero(t, l.answered(http.StatusServiceUnavailable)+l.answered(http.StatusInternalServerError)+l.answered(0), "always 200")
			busy, usual := l.p90(0, during), l.p90(during, l.taken())
			t.Logf("p90 of %d answers during retention and export %s, of %d after it %s", during, busy, l.taken()-during, usual)
			require.Less(t, busy, max(time.Second, 8*usual), "a machine that is slow for other reasons may be slow here too")
		})
	}
}

func (s *site) old() int64 {
	return s.number(`SELECT COUNT(*) FROM inbox WHERE received_at < $1`, time.Now().Add(-31*24*time.Hour).UnixMilli())
}

// fillWithOldRows puts processed deliveries of 60 days ago in the inbox.
func (s *site) fillWithOldRows(engine string) {
	s.t.Helper()
	series, body := `(WITH RECURSIVE g (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM g WHERE n < $1) SELECT n FROM g) AS g`, `zeroblob(1000)`
	if engine == "postgres" {
		series, body = `generate_series(1, $1::bigint) AS g (n)`, `decode(repeat('00', 1000), 'hex')`
	}
	at := time.Now().Add(-60 * 24 * time.Hour).UnixMilli()
	tx, err := s.db.Begin()
	require.NoError(s.t, err)
	_, err = tx.Exec(`INSERT INTO inbox (shop_id, id, connection_id, platform, topic, external_id, triggered_at, received_at, order_ref, customer_ref, email_hash, state)
		SELECT $2, 'old' || CAST(n AS TEXT), 'old', 'shopify', 'orders/paid', 'old' || CAST(n AS TEXT), $3, $3, '', '', '', 1 FROM `+series, rowsPastTheirTime, s.shop, at)
	require.NoError(s.t, err)
	_, err = tx.Exec(`INSERT INTO inbox_bodies (shop_id, inbox_id, day, body) SELECT shop_id, id, received_at / 86400000, ` + body + ` FROM inbox WHERE connection_id = 'old'`)
	require.NoError(s.t, err)
	require.NoError(s.t, tx.Commit())
}
