package store

import (
	"context"
	"fmt"
	"time"

	"flywheel/commerce"
	"flywheel/fault"
)

// InboxLease is a drain's right to process one shop's deliveries alone. It
// lasts 30 s of real time and is checked in each of the drain's transactions.
type InboxLease struct {
	Shop  commerce.ShopID
	Owner string
}

const leaseTime = 30 * time.Second

// LeaseInbox takes the shop's inbox for owner; false means somebody else has it.
func (s *Store) LeaseInbox(ctx context.Context, shop commerce.ShopID, owner string) (InboxLease, bool, error) {
	now := realNow()
	n, err := s.exec(ctx, `UPDATE shop_work SET lease_owner = $2, lease_until = $3
		WHERE shop_id = $1 AND (lease_until < $4 OR lease_owner = $2)`, shop, owner, now.Add(leaseTime), now)
	return InboxLease{shop, owner}, n == 1, err
}

// ReleaseInbox gives the lease back.
func (s *Store) ReleaseInbox(ctx context.Context, l InboxLease) error {
	_, err := s.exec(ctx, `UPDATE shop_work SET lease_owner = '', lease_until = 0 WHERE shop_id = $1 AND lease_owner = $2`, l.Shop, l.Owner)
	return err
}

// HoldLease renews the lease within a transaction; one that was lost is fault.Conflict.
func (tx *Tx) HoldLease(l InboxLease) error {
	now := realNow()
	n, err := tx.exec(`UPDATE shop_work SET lease_until = $3, progressed_at = $4 WHERE shop_id = $1 AND lease_owner = $2 AND lease_until >= $4`,
		l.Shop, l.Owner, now.Add(leaseTime), now)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "the inbox of %s was taken over", l.Shop)
	}
	return err
}

// NextInbox returns the oldest undone deliveries of a shop with their bodies.
// A body that cannot be opened comes with a nil Body.
func (s *Store) NextInbox(ctx context.Context, shop commerce.ShopID, limit int) ([]commerce.Delivery, error) {
	k, err := s.dataKey(ctx, shop)
	if err != nil {
		return nil, err
	}
	var rows []struct {
		ID           string `db:"id"`
		ConnectionID string `db:"connection_id"`
		Platform     string `db:"platform"`
		Topic        string `db:"topic"`
		ExternalID   string `db:"external_id"`
		TriggeredAt  int64  `db:"triggered_at"`
		ReceivedAt   int64  `db:"received_at"`
		Body         []byte `db:"body"`
	}
	q := s.query(ctx)
	err = q.all(&rows, `SELECT i.id, i.connection_id, i.platform, i.topic, i.external_id, i.triggered_at, i.received_at, b.body
		FROM (SELECT id, connection_id, platform, topic, external_id, triggered_at, received_at FROM inbox
			WHERE shop_id = $1 AND state = 0 ORDER BY id LIMIT $2) i
		LEFT JOIN inbox_bodies b ON b.shop_id = $1 AND b.inbox_id = i.id AND b.day = i.received_at / 86400000 ORDER BY i.id`, shop, limit)
	if err != nil {
		return nil, err
	}
	out := make([]commerce.Delivery, len(rows))
	for i, r := range rows {
		out[i] = commerce.Delivery{
			ID: commerce.DeliveryID(r.ID), ShopID: shop, ConnectionID: commerce.ConnectionID(r.ConnectionID),
			Platform: commerce.Platform(r.Platform), Topic: r.Topic, ExternalID: r.ExternalID,
			TriggeredAt: commerce.Instant(r.TriggeredAt), ReceivedAt: commerce.Instant(r.ReceivedAt),
		}
		if body, err := k.open(r.Body, "inbox "+r.ID); err == nil {
			out[i].Body = body
		}
	}
	return out, nil
}

// KeptBody returns the body of a delivery that was told before, found by what
// makes d unique; nil where there is none, or it is kept no longer or cannot be opened.
func (s *Store) KeptBody(ctx context.Context, shop commerce.ShopID, d commerce.Delivery) ([]byte, error) {
	var id string
	var sealed []byte
	found, err := s.query(ctx).one([]any{&id, &sealed}, `SELECT i.id, b.body FROM inbox i
		JOIN inbox_bodies b ON b.shop_id = $1 AND b.inbox_id = i.id AND b.day = i.received_at / 86400000
		WHERE i.connection_id = $2 AND i.topic = $3 AND i.external_id = $4 AND i.shop_id = $1`, shop, d.ConnectionID, d.Topic, d.ExternalID)
	if err != nil || !found {
		return nil, err
	}
	k, err := s.dataKey(ctx, shop)
	if err != nil {
		return nil, err
	}
	body, _ := k.open(sealed, "inbox "+id) // nil on an error
	return body, nil
}

var finishInbox = newBatch(`shop_id text, id text, state bigint, note text`,
	`UPDATE inbox SET state = v.state, note = v.note {from} WHERE inbox.shop_id = v.shop_id AND inbox.id = v.id AND inbox.state = 0`)

// InboxResult is what became of a delivery. Quarantined ones stay visible and replayable.
type InboxResult struct {
	ID          commerce.DeliveryID
	Quarantined bool
	Note        string // the error, or why nothing came of it
}

// FinishInbox marks deliveries as processed.
func (tx *Tx) FinishInbox(shop commerce.ShopID, results []InboxResult) error {
	rows := make([][]any, len(results))
	for i, r := range results {
		state := 1
		if r.Quarantined {
			state = 2
		}
		rows[i] = []any{shop, r.ID, state, r.Note}
	}
	return tx.run(finishInbox, rows, nil)
}

// ReplayInbox puts a quarantined delivery back in line.
func (s *Store) ReplayInbox(ctx context.Context, shop commerce.ShopID, id commerce.DeliveryID) error {
	n, err := s.exec(ctx, `UPDATE inbox SET state = 0, note = '' WHERE shop_id = $1 AND id = $2 AND state = 2`, shop, id)
	if err == nil && n == 0 {
		err = fault.New(fault.NotFound, "there is no quarantined delivery %s", id)
	}
	return err
}

// Backlog is a shop with deliveries nobody is processing.
type Backlog struct {
	Shop         commerce.ShopID  `db:"shop_id"`
	Generation   int64            `db:"generation"`
	ProgressedAt commerce.Instant `db:"progressed_at"` // real time
}

// Backlogs walks shops that have undone deliveries and no lease, after the
// shop id after. It skips from shop to shop through the index.
func (s *Store) Backlogs(ctx context.Context, after commerce.ShopID, limit int) ([]Backlog, error) {
	var out []Backlog
	err := s.query(ctx).all(&out, `WITH RECURSIVE walk (shop_id) AS (
			SELECT (SELECT MIN(shop_id) FROM inbox WHERE state = 0 AND shop_id > $1)
			UNION ALL
			SELECT (SELECT MIN(i.shop_id) FROM inbox i WHERE i.state = 0 AND i.shop_id > walk.shop_id) FROM walk WHERE walk.shop_id IS NOT NULL)
		SELECT w.shop_id, w.generation, w.progressed_at FROM (SELECT shop_id FROM walk WHERE shop_id IS NOT NULL
			AND (SELECT f.lease_until FROM shop_work f WHERE f.shop_id = walk.shop_id) < $3 LIMIT $2) due
		JOIN shop_work w ON w.shop_id = due.shop_id ORDER BY w.shop_id`, after, limit, realNow())
	return out, err
}

// BumpGeneration frees a shop's drain from a TaskID that is taken for good.
func (s *Store) BumpGeneration(ctx context.Context, shop commerce.ShopID, from int64) error {
	_, err := s.exec(ctx, `UPDATE shop_work SET generation = generation + 1 WHERE shop_id = $1 AND generation = $2`, shop, from)
	return err
}

// Generation returns the number that a shop's next drain task carries.
func (s *Store) Generation(ctx context.Context, shop commerce.ShopID) (int64, error) {
	var g int64
	found, err := s.query(ctx).one([]any{&g}, `SELECT generation FROM shop_work WHERE shop_id = $1`, shop)
	if err == nil && !found {
		err = fault.New(fault.NotFound, "there is no shop %s", shop)
	}
	if err != nil {
		return 0, fmt.Errorf("generation: %w", err)
	}
	return g, nil
}
