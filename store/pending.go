package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"flywheel/commerce"
	"flywheel/fault"
)

// Bounds of what is kept for accounts we do not know yet.
const (
	pendingPerAccount = 1000 // and mode, so that tests take no room from what is live
	pendingInAll      = 50_000
	pendingDays       = 7
)

// ErrPendingFull is within what AddPending returns over the bounds.
var ErrPendingFull = errors.New("too many deliveries wait for an account that is not connected")

// AddPending keeps a validly signed delivery of an account no shop has yet,
// sealed, until that account is connected or seven days have passed. Over the
// bounds it is fault.Temporary (ErrPendingFull), so that the platform tries again. The account may
// have been connected meanwhile: the caller looks once more (TakePending).
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
		_, err := tx.one([]any{&mine, &all}, `SELECT COALESCE(SUM(CASE WHEN platform = $1 AND account = $2 AND live = $3 THEN 1 ELSE 0 END), 0), COUNT(*)
			FROM pending_deliveries`, d.Platform, account, live)
		if err != nil {
			return err
		}
		if mine >= pendingPerAccount || all >= pendingInAll {
			return fault.Wrap(fault.Temporary, ErrPendingFull, "too much waits for this account already")
		}
		_, err = tx.exec(`INSERT INTO pending_deliveries (id, platform, account, live, topic, external_id, triggered_at, received_at, body)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`,
			id, d.Platform, account, live, d.Topic, d.ExternalID, d.TriggeredAt, d.ReceivedAt, sealed)
		return err
	})
}

// TakePending moves what waited for a connection's account into its shop's
// inbox and returns how many deliveries that were. One that cannot be opened is
// set aside: it stays until its seven days have passed, and the others are moved
// before its error is returned.
//
// Whoever connects an account calls it after the commit, and whoever added to
// what waits looks for the account once more after theirs: one of the two finds
// what the other did.
func (s *Store) TakePending(ctx context.Context, c commerce.Connection) (int, error) {
	var rows []pendingRow
	err := s.query(ctx).all(&rows, `SELECT id, body FROM pending_deliveries WHERE platform = $1 AND account = $2 AND live = $3
		ORDER BY received_at, id`, c.Platform, c.ExternalID, c.Live)
	if err != nil {
		return 0, err
	}
	taken, aside := 0, 0
	var why error // of the last that was set aside
	for _, row := range rows {
		d, err := s.openPending(row)
		if err != nil {
			aside, why = aside+1, err
			continue
		}
		d.ShopID, d.ConnectionID = c.ShopID, c.ID
		if _, err := s.AddInbox(ctx, c.ShopID, d); err != nil {
			return taken, err
		}
		if _, err := s.exec(ctx, `DELETE FROM pending_deliveries WHERE id = $1`, row.ID); err != nil {
			return taken, err
		}
		taken++
	}
	if aside > 0 {
		why = fmt.Errorf("%d pending deliveries of %s set aside: %w", aside, c.ExternalID, why)
	}
	return taken, why
}

type pendingRow struct {
	ID   string `db:"id"`
	Body []byte `db:"body"`
}

func (s *Store) openPending(row pendingRow) (d commerce.Delivery, err error) {
	plain, err := s.keys.Open(row.Body, "pending "+row.ID)
	if err == nil {
		err = json.Unmarshal(plain, &d)
	}
	return d, err
}

// exec runs one statement in a transaction of its own.
func (s *Store) exec(ctx context.Context, text string, args ...any) (n int64, err error) {
	err = s.Transact(ctx, func(tx *Tx) error {
		n, err = tx.exec(text, args...)
		return err
	})
	return n, err
}
