package store

import (
	"context"
	"errors"
	"time"

	"flywheel/commerce"
)

// A platform that refuses access may give it again without a word: the key that
// it refused was the wrong one, or its trouble is over. So it is asked again, and
// only who is refused for long is taken for gone. The instants are business time.

// RefusedConnections lists at most limit open connections at p whose access was
// refused and that are to be asked about again: within the hour on the first day
// and after a sign of life, else once a day. Those asked about the longest ago come first.
func (s *Store) RefusedConnections(ctx context.Context, p commerce.Platform, limit int) ([]commerce.ConnectionID, error) {
	now := s.Now()
	return s.connectionIDs(ctx, `SELECT id FROM connections WHERE platform = $1 AND token_state = $2 AND closed_at = 0
		AND asked_at <= CASE WHEN refused_at > $3 THEN CAST($4 AS BIGINT) ELSE $5 END ORDER BY asked_at, id LIMIT $6`,
		p, commerce.TokenRevoked, now.Add(-24*time.Hour), now.Add(-retrySoon), now.Add(-retryLate), limit)
}

// SoundConnections lists at most limit open connections at p, of one mode, whose
// access was not refused, the last connected first.
func (s *Store) SoundConnections(ctx context.Context, p commerce.Platform, live bool, limit int) ([]commerce.ConnectionID, error) {
	return s.connectionIDs(ctx, `SELECT id FROM connections WHERE platform = $1 AND live = $2 AND token_state = '' AND closed_at = 0
		ORDER BY granted_at DESC, id LIMIT $3`, p, live, limit)
}

// OpenConnections lists at most limit open connections at p, in the order of their ids, from after one on.
func (s *Store) OpenConnections(ctx context.Context, p commerce.Platform, after commerce.ConnectionID, limit int) ([]commerce.ConnectionID, error) {
	return s.connectionIDs(ctx, `SELECT id FROM connections WHERE platform = $1 AND closed_at = 0 AND id > $2 ORDER BY id LIMIT $3`, p, after, limit)
}

func (s *Store) connectionIDs(ctx context.Context, text string, args ...any) ([]commerce.ConnectionID, error) {
	ids, err := s.query(ctx).scalars(text, args...)
	out := make([]commerce.ConnectionID, len(ids))
	for i, id := range ids {
		out[i] = commerce.ConnectionID(id)
	}
	return out, err
}

// NoteAsk notes that the platform is asked now whether it still refuses c, whatever comes of it.
func (s *Store) NoteAsk(ctx context.Context, id commerce.ConnectionID) error {
	_, err := s.exec(ctx, `UPDATE connections SET asked_at = $2, refused_at = CASE WHEN refused_at = 0 THEN $2 ELSE refused_at END
		WHERE id = $1 AND token_state = $3`, id, s.Now(), commerce.TokenRevoked)
	return err
}

// HearOf takes what came of these connections for a sign of life: those whose
// access was refused are asked about again with the next run.
func (tx *Tx) HearOf(shop commerce.ShopID, ids []commerce.ConnectionID) error {
	_, err := tx.exec(`UPDATE connections SET asked_at = 0 WHERE shop_id = $1 AND token_state = $2 AND closed_at = 0 AND asked_at <= $3
		AND asked_at > 0 AND id `+tx.in(4), shop, commerce.TokenRevoked, tx.store.Now().Add(-retrySoon), list(&tx.query, ids))
	return err
}

// RegainGrant notes that the platform gives access again: what rested goes on at
// once. false: nothing was refused, or the connection is another by now.
func (s *Store) RegainGrant(ctx context.Context, c commerce.Connection) (bool, error) {
	again := false
	err := s.Transact(ctx, func(tx *Tx) error {
		n, err := tx.exec(`UPDATE connections SET token_state = '', refused_at = 0, refused_key = '', asked_at = 0
			WHERE shop_id = $1 AND id = $2 AND epoch = $3 AND token_state = $4 AND closed_at = 0`, c.ShopID, c.ID, c.Epoch, commerce.TokenRevoked)
		if again = n == 1; err != nil || !again {
			return err
		}
		return tx.wake(c.ShopID, c.ID)
	})
	return again && err == nil, err
}

// CloseRefused ends a connection whose access was refused first at an instant or
// before, as of then: its goodbye was lost. false: it was not, or it told of
// something that happened later, so that the app is still there.
func (tx *Tx) CloseRefused(c commerce.Connection, first commerce.Instant) (bool, error) {
	var at commerce.Instant
	found, err := tx.one([]any{&at}, `SELECT CASE WHEN refused_at > granted_at THEN refused_at ELSE granted_at END FROM connections
		WHERE shop_id = $1 AND id = $2 AND epoch = $3 AND token_state = $4 AND closed_at = 0 AND refused_at > 0 AND refused_at <= $5
		AND NOT EXISTS (SELECT 1 FROM inbox i WHERE i.shop_id = $1 AND i.connection_id = $2 AND i.triggered_at > refused_at + 60000)`+tx.forUpdate(),
		c.ShopID, c.ID, c.Epoch, commerce.TokenRevoked, first)
	if err != nil || !found {
		return false, err
	}
	closed, err := tx.CloseConnection(c.ShopID, c.ID, at)
	return closed, errors.Join(err, tx.TouchShop(c.ShopID))
}
