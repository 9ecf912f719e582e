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
	return w.store.engine.transact(context.Background(), true, func(tx *Tx) error { return tx.insertInbox(group) })
}

var insertInbox = newBatch(`shop_id text, id text, connection_id text, platform text, topic text, external_id text,
	triggered_at bigint, received_at bigint, order_ref text, customer_ref text, email_hash text`,
	`INSERT INTO inbox (shop_id, id, connection_id, platform, topic, external_id, triggered_at, received_at, order_ref, customer_ref, email_hash)
	{insert} ON CONFLICT DO NOTHING RETURNING id`)

var insertBodies = newBatch(`shop_id text, inbox_id text, day bigint, body bytea`,
	`INSERT INTO inbox_bodies (shop_id, inbox_id, day, body) {insert}`)

func (tx *Tx) insertInbox(group []*inboxRow) error {
	rows := make([][]any, len(group))
	byID := make(map[string]*inboxRow, len(group))
	for i, row := range group {
		d := &row.delivery
		row.fresh = false
		byID[string(d.ID)] = row
		rows[i] = []any{
			d.ShopID, d.ID, d.ConnectionID, d.Platform, d.Topic, d.ExternalID,
			d.TriggeredAt, d.ReceivedAt, d.OrderRef, d.CustomerRef, row.hash,
		}
	}
	var bodies [][]any
	err := tx.run(insertInbox, rows, func(r *sql.Rows) error {
		var id string
		if err := r.Scan(&id); err != nil {
			return err
		}
		row := byID[id]
		row.fresh = true
		bodies = append(bodies, []any{row.delivery.ShopID, id, day(row.delivery.ReceivedAt), row.sealed})
		return nil
	})
	if err != nil {
		return err
	}
	return tx.run(insertBodies, bodies, nil)
}
