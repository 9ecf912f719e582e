package store

import (
	"context"
	"encoding/json"
	"fmt"

	"flywheel/commerce"
	"flywheel/fault"
)

// Bounds of what is kept for accounts we do not know yet.
const (
	pendingPerAccount = 1000
	pendingInAll      = 50_000
	pendingDays       = 7
)

// AddPending keeps a validly signed delivery of an account no shop has yet,
// sealed, until that account is connected or seven days have passed. Over the
// bounds it is fault.Temporary, so that the platform tries again.
func (s *Store) AddPending(ctx context.Context, account string, live bool, d commerce.Delivery) error {
	id := NewID()
	data, err := json.Marshal(d)
	if err != nil {
		return err
	}
	sealed, err := s.keys.Seal(data, "pending "+id)
	if err != nil {
		return err
	}
	return s.Transact(ctx, func(tx *Tx) error {
		var mine, all int
		_, err := tx.one([]any{&mine, &all}, `SELECT COALESCE(SUM(CASE WHEN platform = $1 AND account = $2 THEN 1 ELSE 0 END), 0), COUNT(*)
			FROM pending_deliveries`, d.Platform, account)
		if err != nil {
			return err
		}
		if mine >= pendingPerAccount || all >= pendingInAll {
			return fault.New(fault.Temporary, "too many deliveries wait for an account that is not connected")
		}
		_, err = tx.exec(`INSERT INTO pending_deliveries (id, platform, account, live, topic, external_id, triggered_at, received_at, body)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`,
			id, d.Platform, account, live, d.Topic, d.ExternalID, d.TriggeredAt, d.ReceivedAt, sealed)
		return err
	})
}

// TakePending moves what waited for a connection's account into its shop's
// inbox and returns how many deliveries that were.
func (s *Store) TakePending(ctx context.Context, c commerce.Connection) (int, error) {
	var rows []struct {
		ID   string `db:"id"`
		Body []byte `db:"body"`
	}
	err := s.query(ctx).all(&rows, `SELECT id, body FROM pending_deliveries WHERE platform = $1 AND account = $2 AND live = $3
		ORDER BY received_at, id`, c.Platform, c.ExternalID, c.Live)
	if err != nil {
		return 0, err
	}
	for _, row := range rows {
		plain, err := s.keys.Open(row.Body, "pending "+row.ID)
		if err != nil {
			return 0, err
		}
		var d commerce.Delivery
		if err := json.Unmarshal(plain, &d); err != nil {
			return 0, fmt.Errorf("pending delivery %s: %w", row.ID, err)
		}
		d.ShopID, d.ConnectionID = c.ShopID, c.ID
		if _, err := s.AddInbox(ctx, c.ShopID, d); err != nil {
			return 0, err
		}
		if _, err := s.exec(ctx, `DELETE FROM pending_deliveries WHERE id = $1`, row.ID); err != nil {
			return 0, err
		}
	}
	return len(rows), nil
}

// exec runs one statement in a transaction of its own.
func (s *Store) exec(ctx context.Context, text string, args ...any) (n int64, err error) {
	err = s.Transact(ctx, func(tx *Tx) error {
		n, err = tx.exec(text, args...)
		return err
	})
	return n, err
}
