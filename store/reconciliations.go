package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"hash/fnv"
	"slices"
	"time"

	"flywheel/commerce"
)

// reconcileEvery is how often a connection is looked at for what its webhooks left out.
const reconcileEvery = 30 * time.Minute

// Reconciliation is the look for what a connection's webhooks did not bring.
// Its instants are business time.
type Reconciliation struct {
	Connection commerce.ConnectionID `db:"connection_id"`
	Watermark  commerce.Instant      `db:"watermark"`    // changes up to here are known
	Cursor     string                `db:"cursor"`       // the platform's, within a look that is under way
	Bound      commerce.Instant      `db:"bound"`        // up to which change that look goes; 0 = none is under way
	NextAt     commerce.Instant      `db:"next_at"`      // 0 = it rests, since nobody can be asked
	Tries      int64                 `db:"tries"`        // failures since it last came on
	Looked     int64                 `db:"looked"`       // orders, or a platform's events, looked at so far
	Found      int64                 `db:"found"`        // of those, what no webhook had brought
	Note       string                `db:"note"`         // what stands in the way, in words; "" = nothing
	LookedAt   commerce.Instant      `db:"looked_at"`    // when a look last came to its end; 0 = never
	Stuck      string                `db:"stuck"`        // the platform's id of the order at which it failed last; "" = at none
	SweptAt    commerce.Instant      `db:"swept_at"`     // when the platform was last asked for all it could not deliver; 0 = never
	Sweep      string                `db:"sweep_cursor"` // where that stands; "" = it is not under way
}

// addReconciliation plans looks at a connection from its install on; one that is planned stays.
func (tx *Tx) addReconciliation(shop commerce.ShopID, c commerce.Connection) error {
	_, err := tx.exec(`INSERT INTO reconciliations (shop_id, connection_id, watermark, next_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
		shop, c.ID, c.InstalledAt, NextLook(c.ID, tx.store.Now()))
	return err
}

// NextLook is when a connection is looked at next after now: every half an hour,
// at minutes of its own, so that all shops do not come at once.
func NextLook(c commerce.ConnectionID, now commerce.Instant) commerce.Instant {
	every := commerce.Instant(reconcileEvery.Milliseconds())
	h := fnv.New64a()
	h.Write([]byte(c))
	own := commerce.Instant(h.Sum64() % uint64(every))
	return now - (now-own)%every + every
}

// AddReconciliations plans looks at open connections of platforms that have none
// planned: such as were made without asking for their past. What a clock put off
// that ran ahead, and does no longer, is due now.
func (s *Store) AddReconciliations(ctx context.Context) error {
	if err := s.hasten(ctx); err != nil {
		return err
	}
	var rows []struct {
		Shop        string `db:"shop_id"`
		ID          string `db:"id"`
		InstalledAt int64  `db:"installed_at"`
	}
	err := s.query(ctx).all(&rows, `SELECT c.shop_id, c.id, c.installed_at FROM connections c WHERE c.platform IN ('shopify', 'stripe') AND c.closed_at = 0
		AND NOT EXISTS (SELECT 1 FROM reconciliations r WHERE r.shop_id = c.shop_id AND r.connection_id = c.id) LIMIT 500`)
	if err != nil || len(rows) == 0 {
		return err
	}
	return s.Transact(ctx, func(tx *Tx) (err error) {
		for _, r := range rows {
			c := commerce.Connection{ID: commerce.ConnectionID(r.ID), InstalledAt: commerce.Instant(r.InstalledAt)}
			err = errors.Join(err, tx.addReconciliation(commerce.ShopID(r.Shop), c))
		}
		return err
	})
}

// hasten makes due what is planned for later than anything is planned: looks
// for half an hour hence, or six hours after failures, and a past for one hour.
func (s *Store) hasten(ctx context.Context) error {
	const slack = 5 * time.Minute // clocks differ
	now := s.Now()
	_, err := s.exec(ctx, `UPDATE reconciliations SET next_at = $1 WHERE next_at > $2 AND (tries = 0 OR next_at > $3)`,
		now, now.Add(reconcileEvery+slack), now.Add(6*time.Hour+slack))
	if err != nil {
		return err
	}
	_, err = s.exec(ctx, `UPDATE backfills SET next_at = $1 WHERE next_at > 0 AND next_at > $2`, realNow(), realNow().Add(time.Hour+slack))
	return err
}

// Reconciliation tells how far the looks at a connection have come; fault.NotFound where none is planned.
func (s *Store) Reconciliation(ctx context.Context, shop commerce.ShopID, connection commerce.ConnectionID) (Reconciliation, error) {
	return first[Reconciliation](s.query(ctx), fmt.Sprintf("connection %s is not looked at", connection),
		`SELECT connection_id, watermark, cursor, bound, next_at, tries, looked, found, note, looked_at, stuck, swept_at, sweep_cursor
		FROM reconciliations WHERE shop_id = $1 AND connection_id = $2`, shop, connection)
}

// DueReconciliations lists the connections whose look is due, the longest due first.
func (s *Store) DueReconciliations(ctx context.Context, limit int) ([]ShopConnection, error) {
	return reconciliations.due(ctx, s, s.Now(), limit)
}

// LeaseReconciliation takes a look that is due for owner; false means that none is or somebody else has it.
func (s *Store) LeaseReconciliation(ctx context.Context, shop commerce.ShopID, connection commerce.ConnectionID, owner string) (Reconciliation, bool, error) {
	ok, err := reconciliations.lease(ctx, s, shop, connection, owner, s.Now())
	if err != nil || !ok {
		return Reconciliation{}, false, err
	}
	r, err := s.Reconciliation(ctx, shop, connection)
	return r, err == nil, err
}

// SaveReconciliation keeps how far owner has come and renews the lease; Found
// moves by CountFound alone. Where the connection is closed or refused it rests.
// It is fault.Conflict if owner has lost it.
func (s *Store) SaveReconciliation(ctx context.Context, shop commerce.ShopID, owner string, r Reconciliation) error {
	return s.Transact(ctx, func(tx *Tx) error { return tx.saveReconciliation(shop, owner, r) })
}

func (tx *Tx) saveReconciliation(shop commerce.ShopID, owner string, r Reconciliation) error {
	return reconciliations.set(tx, shop, r.Connection, owner,
		`watermark = $5, cursor = $6, bound = $7, next_at = `+whileAble("$8")+`, tries = $9, note = $10, looked_at = $11, looked = $12, stuck = $13,
		swept_at = $14, sweep_cursor = $15`,
		r.Watermark, r.Cursor, r.Bound, r.NextAt, r.Tries, r.Note, r.LookedAt, r.Looked, r.Stuck, r.SweptAt, r.Sweep)
}

// SaveEventsGap is SaveReconciliation where the platform no longer tells what
// happened before r's Watermark: a finding says so in words, and the past up to
// there is read from the beginning, whatever was read of it before.
func (s *Store) SaveEventsGap(ctx context.Context, owner string, c commerce.Connection, r Reconciliation, words string) error {
	return s.Transact(ctx, func(tx *Tx) error {
		return errors.Join(
			tx.saveReconciliation(c.ShopID, owner, r),
			tx.AddFinding(c.ShopID, "events_gap", string(c.ID), words),
			tx.beginBackfill(c.ShopID, c, r.Watermark, `1 = 1`))
	})
}

var knownDeliveries = newBatch(`shop_id text, connection_id text, topic text, external_id text`,
	`SELECT i.topic, i.external_id FROM {rows} inbox i
	WHERE i.connection_id = v.connection_id AND i.topic = v.topic AND i.external_id = v.external_id AND i.shop_id = v.shop_id`)

// Undelivered returns those of a connection's deliveries that never reached its inbox.
func (s *Store) Undelivered(ctx context.Context, c commerce.Connection, all []commerce.Delivery) ([]commerce.Delivery, error) {
	rows := make([][]any, len(all))
	for i, d := range all {
		rows[i] = []any{c.ShopID, c.ID, d.Topic, d.ExternalID}
	}
	known := map[[2]string]bool{}
	err := s.query(ctx).run(knownDeliveries, rows, func(r *sql.Rows) error {
		var d [2]string
		err := r.Scan(&d[0], &d[1])
		known[d] = true
		return err
	})
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(all), func(d commerce.Delivery) bool { return known[[2]string{d.Topic, d.ExternalID}] }), nil
}

// CountFound counts what was found, in the transaction that merged it. Errors
// as SaveReconciliation's.
func (tx *Tx) CountFound(shop commerce.ShopID, connection commerce.ConnectionID, owner string, found int64) error {
	return reconciliations.set(tx, shop, connection, owner, `found = found + $5`, found)
}

// ReleaseReconciliation gives a look back before its lease ends.
func (s *Store) ReleaseReconciliation(ctx context.Context, shop commerce.ShopID, connection commerce.ConnectionID, owner string) error {
	return reconciliations.release(ctx, s, shop, connection, owner)
}
