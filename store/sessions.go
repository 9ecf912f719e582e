package store

import (
	"context"
	"time"

	"flywheel/commerce"
)

// Session is a browser that is signed in, or about to be. Its times are real ones.
type Session struct {
	Hash      string           `db:"hash"` // of the token, which only the browser has
	User      commerce.UserID  `db:"user_id"`
	Data      []byte           `db:"data"`
	Agent     string           `db:"agent"` // what the browser calls itself
	BegunAt   commerce.Instant `db:"begun_at"`
	SeenAt    commerce.Instant `db:"seen_at"`
	ExpiresAt commerce.Instant `db:"expires_at"` // the absolute end
}

// Session returns one that has not ended at now and was seen within idle; false = there is none.
func (s *Store) Session(ctx context.Context, hash string, now commerce.Instant, idle time.Duration) (Session, bool, error) {
	var rows []Session
	err := s.query(ctx).all(&rows, `SELECT hash, user_id, data, agent, begun_at, seen_at, expires_at FROM sessions WHERE hash = $1 AND expires_at > $2 AND seen_at > $3`, hash, now, now.Add(-idle))
	if err != nil || len(rows) == 0 {
		return Session{}, false, err
	}
	return rows[0], true, nil
}

// AddSession keeps a new one by its hash.
func (s *Store) AddSession(ctx context.Context, x Session) error {
	_, err := s.exec(ctx, `INSERT INTO sessions (hash, user_id, data, agent, begun_at, seen_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		x.Hash, x.User, x.Data, x.Agent, x.BegunAt, x.SeenAt, x.ExpiresAt)
	return err
}

// UpdateSession keeps what has changed of one. One that was signed out meanwhile stays so.
func (s *Store) UpdateSession(ctx context.Context, x Session) error {
	_, err := s.exec(ctx, `UPDATE sessions SET user_id = $2, data = $3, agent = $4, expires_at = $5 WHERE hash = $1`, x.Hash, x.User, x.Data, x.Agent, x.ExpiresAt)
	return err
}

// SawSession notes that a browser came again at now, and that its user did.
func (s *Store) SawSession(ctx context.Context, hash string, user commerce.UserID, now commerce.Instant) error {
	return s.Transact(ctx, func(tx *Tx) error {
		if _, err := tx.exec(`UPDATE sessions SET seen_at = $2 WHERE hash = $1 AND seen_at < $2`, hash, now); err != nil {
			return err
		}
		_, err := tx.exec(`UPDATE users SET seen_at = $2 WHERE id = $1 AND seen_at < $2`, user, now)
		return err
	})
}

// DropSession signs a browser out, and reports whether it was signed in.
func (s *Store) DropSession(ctx context.Context, hash string) (bool, error) {
	n, err := s.exec(ctx, `DELETE FROM sessions WHERE hash = $1`, hash)
	return n > 0, err
}

// Sessions returns somebody's browsers that are signed in, the last seen first, without their data.
func (s *Store) Sessions(ctx context.Context, user commerce.UserID, now commerce.Instant, idle time.Duration) ([]Session, error) {
	var out []Session
	err := s.query(ctx).all(&out, `SELECT hash, user_id, agent, begun_at, seen_at, expires_at FROM sessions
		WHERE user_id = $1 AND expires_at > $2 AND seen_at > $3 ORDER BY seen_at DESC, hash LIMIT 100`, user, now, now.Add(-idle))
	return out, err
}

// DropSessions signs somebody out in all browsers but the one of the hash except,
// or, where only is not "", in the one whose hash it is. It says in how many.
func (s *Store) DropSessions(ctx context.Context, user commerce.UserID, except, only string) (int64, error) {
	return s.exec(ctx, `DELETE FROM sessions WHERE user_id = $1 AND user_id <> '' AND hash <> $2 AND ($3 = '' OR hash = $3)`, user, except, only)
}
