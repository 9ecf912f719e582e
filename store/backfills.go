package store

import (
	"context"
	"fmt"

	"flywheel/commerce"
)

// BackfillState is how far the reading of a shop's past has come.
type BackfillState string

// Backfill states.
const (
	BackfillAsked   BackfillState = "asked"   // the platform is to be asked for an export
	BackfillRunning BackfillState = "running" // the platform makes it
	BackfillReading BackfillState = "reading" // what it gave is being merged
	BackfillDone    BackfillState = "done"
	BackfillFailed  BackfillState = "failed" // Note says why; asking again starts anew
)

// Open reports whether there is more to do.
func (b BackfillState) Open() bool { return b != BackfillDone && b != BackfillFailed }

// Backfill is the reading of what happened before an install, once an epoch. A
// platform either makes a file of it, or is asked for page after page, the newest first.
type Backfill struct {
	Connection commerce.ConnectionID
	Epoch      int64 // of the connection
	State      BackfillState
	ReadUntil  commerce.Instant // the past is read up to here, where that is after the install; 0 = up to the install
	Operation  string           // the platform's id of the export; of pages, up to when the past is read and behind what
	URL        string           // where its file is; whoever has it may read the file
	Position   int64            // bytes of the file that are merged; of pages, milliseconds back from where they began
	Size       int64            // of all, counted likewise; 0 = not known
	Orders     int64            // merged
	Expected   int64            // orders in all; 0 = not known yet
	Refused    int64            // orders that could not be read
	Note       string           // what stands in the way, in words; "" = nothing
	Tries      int64            // failures since it last came on
	Polls      int64            // times the platform was asked about this export
	NextAt     commerce.Instant // real time; 0 = nothing more to do
	AskedAt    commerce.Instant
	FinishedAt commerce.Instant // 0 = not yet
}

type backfillRow struct {
	Connection string `db:"connection_id"`
	Epoch      int64  `db:"epoch"`
	State      string `db:"state"`
	ReadUntil  int64  `db:"read_until"`
	Operation  string `db:"operation"`
	URL        []byte `db:"url"`
	Position   int64  `db:"position"`
	Size       int64  `db:"size"`
	Orders     int64  `db:"orders"`
	Expected   int64  `db:"expected"`
	Refused    int64  `db:"refused"`
	Note       string `db:"note"`
	Tries      int64  `db:"tries"`
	Polls      int64  `db:"polls"`
	NextAt     int64  `db:"next_at"`
	AskedAt    int64  `db:"asked_at"`
	FinishedAt int64  `db:"finished_at"`
}

// AskBackfill has a connection's past read, once for each time it was opened,
// and begins to look for what webhooks leave out. Asking again changes nothing:
// every opening of the app asks, and one that failed waits for somebody to see it.
func (s *Store) AskBackfill(ctx context.Context, shop commerce.ShopID, c commerce.Connection) error {
	var n int
	asked, err := s.query(ctx).one([]any{&n}, `SELECT 1 FROM backfills WHERE shop_id = $1 AND connection_id = $2 AND epoch = $3`, shop, c.ID, c.Epoch)
	if asked || err != nil {
		return err
	}
	return s.beginBackfill(ctx, shop, c, `backfills.epoch <> excluded.epoch`)
}

// RetryBackfill has a connection's past read anew that could not be read, or
// that is read and of which more may be seen now. One under way goes on.
func (s *Store) RetryBackfill(ctx context.Context, shop commerce.ShopID, c commerce.Connection) error {
	return s.beginBackfill(ctx, shop, c, `backfills.epoch <> excluded.epoch OR backfills.state IN ('failed', 'done')`)
}

func (s *Store) beginBackfill(ctx context.Context, shop commerce.ShopID, c commerce.Connection, again string) error {
	return s.Transact(ctx, func(tx *Tx) error {
		if err := tx.beginBackfill(shop, c, 0, again); err != nil {
			return err
		}
		return tx.addReconciliation(shop, c)
	})
}

// beginBackfill has a past read from the beginning, up to until or what was
// asked for before, where there is no row of it, or one as again says.
func (tx *Tx) beginBackfill(shop commerce.ShopID, c commerce.Connection, until commerce.Instant, again string) error {
	_, err := tx.exec(`INSERT INTO backfills (shop_id, connection_id, epoch, state, url, next_at, asked_at, read_until) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (shop_id, connection_id) DO UPDATE SET epoch = excluded.epoch, state = excluded.state, url = excluded.url,
		read_until = CASE WHEN backfills.read_until > excluded.read_until THEN backfills.read_until ELSE excluded.read_until END,
		next_at = excluded.next_at, asked_at = excluded.asked_at, operation = '', position = 0, size = 0, orders = 0, expected = 0,
		refused = 0, note = '', tries = 0, polls = 0, lease_owner = '', lease_until = 0, finished_at = 0
		WHERE `+again, shop, c.ID, c.Epoch, BackfillAsked, []byte{}, realNow(), tx.store.Now(), until)
	return err
}

// Backfill tells how far the reading of a connection's past has come; fault.NotFound where it was never asked for.
func (s *Store) Backfill(ctx context.Context, shop commerce.ShopID, connection commerce.ConnectionID) (Backfill, error) {
	r, err := first[backfillRow](s.query(ctx), fmt.Sprintf("nobody asked for the past of connection %s", connection),
		`SELECT connection_id, epoch, state, read_until, operation, url, position, size, orders, expected, refused, note, tries, polls, next_at, asked_at, finished_at
		FROM backfills WHERE shop_id = $1 AND connection_id = $2`, shop, connection)
	if err != nil {
		return Backfill{}, err
	}
	b := Backfill{
		Connection: connection, Epoch: r.Epoch, State: BackfillState(r.State), ReadUntil: commerce.Instant(r.ReadUntil), Operation: r.Operation, Position: r.Position, Size: r.Size,
		Orders: r.Orders, Expected: r.Expected, Refused: r.Refused, Note: r.Note, Tries: r.Tries, Polls: r.Polls,
		NextAt: commerce.Instant(r.NextAt), AskedAt: commerce.Instant(r.AskedAt), FinishedAt: commerce.Instant(r.FinishedAt),
	}
	if len(r.URL) == 0 {
		return b, nil
	}
	k, err := s.dataKey(ctx, shop)
	if err != nil {
		return b, err
	}
	url, err := k.open(r.URL, "backfill "+string(connection))
	b.URL = string(url)
	return b, err
}

// DueBackfills lists what is to go on now, the longest due first.
func (s *Store) DueBackfills(ctx context.Context, limit int) ([]ShopConnection, error) {
	return backfills.due(ctx, s, realNow(), limit)
}

// LeaseBackfill takes a backfill that is due for owner; false means that there is none or somebody else has it.
func (s *Store) LeaseBackfill(ctx context.Context, shop commerce.ShopID, connection commerce.ConnectionID, owner string) (Backfill, bool, error) {
	ok, err := backfills.lease(ctx, s, shop, connection, owner, realNow())
	if err != nil || !ok {
		return Backfill{}, false, err
	}
	b, err := s.Backfill(ctx, shop, connection)
	return b, err == nil, err
}

// SaveBackfill keeps a backfill as owner has changed it and renews the lease.
// One that has come to an end is not due any more and forgets its file; one
// whose connection is closed or refused rests. It is
// fault.Conflict if owner has lost it, also because it was asked for anew.
func (s *Store) SaveBackfill(ctx context.Context, shop commerce.ShopID, owner string, b Backfill) error {
	if !b.State.Open() {
		b.NextAt, b.URL, b.FinishedAt = 0, "", s.Now()
	}
	url := []byte{}
	if b.URL != "" {
		k, err := s.dataKey(ctx, shop)
		if err != nil {
			return err
		}
		if url, err = k.seal([]byte(b.URL), "backfill "+string(b.Connection)); err != nil {
			return err
		}
	}
	return s.Transact(ctx, func(tx *Tx) error {
		return backfills.set(tx, shop, b.Connection, owner, `state = $5, operation = $6, url = $7, position = $8, size = $9, orders = $10,
			expected = $11, refused = $12, note = $13, tries = $14, polls = $15, next_at = `+whileAble("$16")+`, finished_at = $17`,
			b.State, b.Operation, url, b.Position, b.Size, b.Orders, b.Expected, b.Refused, b.Note, b.Tries, b.Polls, b.NextAt, b.FinishedAt)
	})
}

// AdvanceBackfill moves a backfill on to b's Operation, Position and Size in the
// transaction that merged so many more orders, or found that they cannot be read.
// Errors as SaveBackfill's; it is fault.Conflict too where the app was uninstalled,
// or installed anew, meanwhile.
func (tx *Tx) AdvanceBackfill(shop commerce.ShopID, owner string, b Backfill, orders, refused int64) error {
	return backfills.setWhile(tx, shop, b.Connection, owner, `EXISTS (SELECT 1 FROM connections c
			WHERE c.shop_id = $1 AND c.id = $2 AND c.closed_at = 0 AND c.epoch = backfills.epoch)`,
		`operation = $5, position = $6, size = $7, orders = orders + $8, refused = refused + $9, note = '', tries = 0`,
		b.Operation, b.Position, b.Size, orders, refused)
}

// ReleaseBackfill gives a backfill back before its lease ends.
func (s *Store) ReleaseBackfill(ctx context.Context, shop commerce.ShopID, connection commerce.ConnectionID, owner string) error {
	return backfills.release(ctx, s, shop, connection, owner)
}

// CountRows has PostgreSQL count the rows of what a bulk load fills, so that it
// plans by what is there and not by what was; by itself it does so a minute
// later. SQLite plans without counts.
func (s *Store) CountRows(ctx context.Context) error {
	if s.Embedded() {
		return nil
	}
	_, err := s.engine.db().ExecContext(ctx, `ANALYZE orders, order_keys, persons, identities, events`)
	return err
}
