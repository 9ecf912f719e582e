package store

import (
	"context"
	"time"

	"flywheel/commerce"
	"flywheel/fault"
)

// Passkey is a key on somebody's device that they sign in by.
type Passkey struct {
	ID         string           `db:"id"` // the credential's, base64url
	User       commerce.UserID  `db:"user_id"`
	Name       string           `db:"name"`
	Credential string           `db:"credential"` // JSON
	MadeAt     commerce.Instant `db:"made_at"`    // real time, as is UsedAt
	UsedAt     commerce.Instant `db:"used_at"`    // 0 = never
}

// maxPasskeys is how many one user may have.
const maxPasskeys = 20

// AddPasskey keeps one. One that is there already, or one too many, is fault.Conflict.
func (s *Store) AddPasskey(ctx context.Context, p Passkey) error {
	return s.Transact(ctx, func(tx *Tx) error {
		var n int64
		if _, err := tx.one([]any{&n}, `SELECT COUNT(*) FROM passkeys WHERE user_id = $1`, p.User); err != nil {
			return err
		}
		if n >= maxPasskeys {
			return fault.New(fault.Conflict, "you have %d passkeys: remove one first", n)
		}
		n, err := tx.exec(`INSERT INTO passkeys (id, user_id, name, credential, made_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING`,
			p.ID, p.User, p.Name, p.Credential, commerce.At(time.Now()))
		if err == nil && n == 0 {
			err = fault.New(fault.Conflict, "this passkey is there already")
		}
		return err
	})
}

// Passkeys returns somebody's, the oldest first.
func (s *Store) Passkeys(ctx context.Context, user commerce.UserID) ([]Passkey, error) {
	var out []Passkey
	err := s.query(ctx).all(&out, `SELECT id, user_id, name, credential, made_at, used_at FROM passkeys WHERE user_id = $1 ORDER BY made_at, id`, user)
	return out, err
}

// UsePasskey notes that somebody signed in by one, with what it counts now. One
// that was removed meanwhile is fault.NotFound.
func (s *Store) UsePasskey(ctx context.Context, user commerce.UserID, id, credential string) error {
	n, err := s.exec(ctx, `UPDATE passkeys SET credential = $3, used_at = $4 WHERE user_id = $1 AND id = $2`, user, id, credential, commerce.At(time.Now()))
	return gone(n, err)
}

// DropPasskey removes one of somebody's; another's, or a missing one, is fault.NotFound.
func (s *Store) DropPasskey(ctx context.Context, user commerce.UserID, id string) error {
	n, err := s.exec(ctx, `DELETE FROM passkeys WHERE user_id = $1 AND id = $2`, user, id)
	return gone(n, err)
}

func gone(n int64, err error) error {
	if err == nil && n == 0 {
		err = fault.New(fault.NotFound, "there is no such passkey")
	}
	return err
}
