package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"hash/maphash"
	"slices"
	"sync"

	"flywheel/commerce"
	"flywheel/fault"
)

// inboxGroup is how many deliveries one commit takes at most.
const inboxGroup = 128

// inboxBytes bounds the sealed bodies that wait for a commit or are in one.
const inboxBytes = 64 << 20

// inboxWriter commits deliveries in groups: many doors wait for one fsync. Rows
// of one shop go to one writer, sorted, so that writers never wait for each
// other in a circle. The queue is bounded in rows and bytes; full is
// fault.Temporary.
type inboxWriter struct {
	store  *Store
	queues []chan *inboxRow
	seed   maphash.Seed
	done   sync.WaitGroup

	mu     sync.Mutex
	bytes  int
	closed bool
}

type inboxRow struct {
	delivery commerce.Delivery
	hash     string
	sealed   []byte
	fresh    bool
	result   chan error
}

func newInboxWriter(s *Store, capacity int) *inboxWriter {
	w := &inboxWriter{store: s, seed: maphash.MakeSeed()}
	n := s.engine.writers()
	for range n {
		queue := make(chan *inboxRow, max(1, cmp.Or(capacity, 4096)/n))
		w.queues = append(w.queues, queue)
		w.done.Add(1)
		go w.write(queue)
	}
	return w
}

func (w *inboxWriter) close() {
	w.mu.Lock()
	w.closed = true
	for _, queue := range w.queues {
		close(queue)
	}
	w.mu.Unlock()
	w.done.Wait()
}

// AddInbox keeps a verified delivery and reports whether it is new. It returns
// after the commit. A full queue or a database that cannot write is
// fault.Temporary: the platform will deliver again.
func (s *Store) AddInbox(ctx context.Context, shop commerce.ShopID, d commerce.Delivery) (fresh bool, err error) {
	k, err := s.dataKey(ctx, shop)
	if err != nil {
		return false, err
	}
	d.ShopID, d.ID = shop, commerce.DeliveryID(NewID())
	sealed, err := k.seal(d.Body, "inbox "+string(d.ID))
	if err != nil {
		return false, err
	}
	row := &inboxRow{delivery: d, hash: k.hash(d.Email), sealed: sealed, result: make(chan error, 1)}
	if err := s.inbox.enqueue(row); err != nil {
		return false, err
	}
	select {
	case err := <-row.result:
		return row.fresh && err == nil, err
	case <-ctx.Done():
		return false, fault.Wrap(fault.Temporary, ctx.Err(), "the delivery was not saved in time")
	}
}

func (w *inboxWriter) enqueue(row *inboxRow) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	full := fault.New(fault.Temporary, "too many deliveries are waiting to be saved")
	if w.closed || w.bytes+len(row.sealed) > inboxBytes {
		return full
	}
	queue := w.queues[maphash.String(w.seed, string(row.delivery.ShopID))%uint64(len(w.queues))]
	select {
	case queue <- row:
		w.bytes += len(row.sealed)
		return nil
	default:
		return full
	}
}

func (w *inboxWriter) write(queue chan *inboxRow) {
	defer w.done.Done()
	for row := range queue {
		group := []*inboxRow{row}
	more:
		for len(group) < inboxGroup {
			select {
			case row, open := <-queue:
				if !open {
					break more
				}
				group = append(group, row)
			default:
				break more
			}
		}
		slices.SortFunc(group, func(a, b *inboxRow) int {
			return cmp.Or(cmp.Compare(a.delivery.ConnectionID, b.delivery.ConnectionID),
				cmp.Compare(a.delivery.Topic, b.delivery.Topic), cmp.Compare(a.delivery.ExternalID, b.delivery.ExternalID))
		})
		w.commit(group)
		w.release(group)
	}
}

func (w *inboxWriter) release(group []*inboxRow) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, row := range group {
		w.bytes -= len(row.sealed)
	}
}

// commit saves a group; one that fails is halved until the bad row stands alone.
func (w *inboxWriter) commit(group []*inboxRow) {
	err := w.insert(group)
	if err == nil {
		for _, row := range group {
			row.result <- nil
		}
		return
	}
	if len(group) > 1 && badData(err) {
		w.commit(group[:len(group)/2])
		w.commit(group[len(group)/2:])
		return
	}
	for _, row := range group {
		if badData(err) {
			row.result <- w.quarantine(row, err)
		} else {
			row.result <- fault.Wrap(fault.Temporary, err, "the delivery could not be saved")
		}
	}
}

// quarantine keeps a row that the database refuses, without the fields it may have refused.
func (w *inboxWriter) quarantine(row *inboxRow, cause error) error {
	d := &row.delivery
	d.OrderRef, d.CustomerRef, row.hash = "", "", ""
	err := w.store.engine.transact(context.Background(), true, func(tx *Tx) error {
		if err := tx.insertInbox([]*inboxRow{row}); err != nil || !row.fresh {
			return err
		}
		_, err := tx.exec(`UPDATE inbox SET state = 2, note = $3 WHERE shop_id = $1 AND id = $2`, d.ShopID, d.ID, "could not be saved whole: "+headline(cause.Error()))
		return err
	})
	if err != nil {
		return fault.Wrap(fault.Temporary, errors.Join(cause, err), "the delivery could not be saved")
	}
	return nil
}

func (w *inboxWriter) insert(group []*inboxRow) error {
	ctx := context.Background()
	if w.store.engine.dialect() == postgres {
		return repeat(func() error { return w.store.query(ctx).insertInbox(group) })
	}
	return w.store.engine.transact(ctx, true, func(tx *Tx) error { return tx.insertInbox(group) })
}

const inboxNames = `shop_id, id, connection_id, platform, topic, external_id, triggered_at, received_at, order_ref, customer_ref, email_hash`

const (
	insertRow  = `INSERT INTO inbox (` + inboxNames + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT DO NOTHING`
	insertBody = `INSERT INTO inbox_bodies (shop_id, inbox_id, day, body) VALUES ($1, $2, $3, $4)`
)

// insertWhole is both for PostgreSQL: a statement of its own needs one round
// trip, where a transaction of two takes four.
var insertWhole = newBatch(`shop_id text, id text, connection_id text, platform text, topic text, external_id text,
	triggered_at bigint, received_at bigint, order_ref text, customer_ref text, email_hash text, day bigint, body bytea`,
	`WITH v AS (SELECT * {from}),
		fresh AS (INSERT INTO inbox (`+inboxNames+`) SELECT `+inboxNames+` FROM v ON CONFLICT DO NOTHING RETURNING id),
		bodies AS (INSERT INTO inbox_bodies (shop_id, inbox_id, day, body) SELECT v.shop_id, v.id, v.day, v.body FROM v JOIN fresh ON fresh.id = v.id)
	SELECT id FROM fresh`)

// insertInbox keeps a group with its bodies and marks the rows that are fresh.
func (q *query) insertInbox(group []*inboxRow) error {
	if q.d == postgres {
		return q.insertInboxAtOnce(group)
	}
	for _, row := range group {
		n, err := q.exec(insertRow, row.values()...)
		if row.fresh = n == 1; err == nil && row.fresh {
			_, err = q.exec(insertBody, string(row.delivery.ShopID), string(row.delivery.ID), day(row.delivery.ReceivedAt), row.sealed)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (q *query) insertInboxAtOnce(group []*inboxRow) error {
	rows := make([][]any, len(group))
	byID := make(map[string]*inboxRow, len(group))
	for i, row := range group {
		row.fresh = false
		byID[string(row.delivery.ID)] = row
		rows[i] = append(row.values(), day(row.delivery.ReceivedAt), row.sealed)
	}
	return q.run(insertWhole, rows, func(r *sql.Rows) error {
		var id string
		err := r.Scan(&id)
		if err == nil {
			byID[id].fresh = true
		}
		return err
	})
}

// values are the row's columns in the order of inboxNames.
func (row *inboxRow) values() []any {
	d := &row.delivery
	return []any{
		string(d.ShopID), string(d.ID), string(d.ConnectionID), string(d.Platform), d.Topic, d.ExternalID,
		int64(d.TriggeredAt), int64(d.ReceivedAt), d.OrderRef, d.CustomerRef, row.hash,
	}
}
