package store

import (
	"context"

	"flywheel/commerce"
)

// SetupState says what became of one step of setting up.
type SetupState string

// The states; a step without one is still to come.
const (
	SetupDone    SetupState = "done"
	SetupSkipped SetupState = "skipped" // passed by; it may be done later
)

// Setup says how far a shop has come with setting up, by step.
func (s *Store) Setup(ctx context.Context, shop commerce.ShopID) (map[string]SetupState, error) {
	var rows []struct {
		Step  string `db:"step"`
		State string `db:"state"`
	}
	err := s.query(ctx).all(&rows, `SELECT step, state FROM setups WHERE shop_id = $1`, shop)
	out := make(map[string]SetupState, len(rows))
	for _, r := range rows {
		out[r.Step] = SetupState(r.State)
	}
	return out, err
}

// SaveSetup keeps what became of a step. What is done is not skipped any more.
func (s *Store) SaveSetup(ctx context.Context, shop commerce.ShopID, step string, state SetupState) error {
	_, err := s.exec(ctx, `INSERT INTO setups (shop_id, step, state, at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (shop_id, step) DO UPDATE SET state = CASE setups.state WHEN 'done' THEN 'done' ELSE excluded.state END, at = excluded.at`, shop, step, state, s.Now())
	return err
}
