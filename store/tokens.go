package store

import (
	"context"
	"slices"
	"time"

	"flywheel/commerce"
	"flywheel/fault"
)

// Role is what somebody may do in a shop. Each may all that the one before it may.
type Role string

// Roles.
const (
	Viewer    Role = "viewer"
	Builder   Role = "builder"   // drafts campaigns
	Publisher Role = "publisher" // lets them go to customers
	Owner     Role = "owner"
)

var roles = []Role{Viewer, Builder, Publisher, Owner}

// Known reports whether r is a role.
func (r Role) Known() bool { return slices.Contains(roles, r) }

// May reports whether r includes what need asks for.
func (r Role) May(need Role) bool {
	return r.Known() && need.Known() && slices.Index(roles, r) >= slices.Index(roles, need)
}

// Token lets a program in at the API. Only its hash is kept.
type Token struct {
	ID       string           `db:"id"`
	Account  string           `db:"account_id"`
	Shop     commerce.ShopID  `db:"shop_id"`
	Name     string           `db:"name"`
	Role     Role             `db:"role"`
	AddedAt  commerce.Instant `db:"created_at"`
	LastUsed commerce.Instant `db:"last_used_at"` // to the minute; 0 = never
	Revoked  commerce.Instant `db:"revoked_at"`   // 0 = valid
}

const tokenColumns = `id, account_id, shop_id, name, role, created_at, last_used_at, revoked_at`

// AddToken keeps a token of the shop's owner by its hash and returns its id. An unknown role is fault.Invalid.
func (s *Store) AddToken(ctx context.Context, shop commerce.ShopID, name string, role Role, hash []byte) (string, error) {
	if !role.Known() {
		return "", fault.New(fault.Invalid, "there is no role %q: viewer, builder, publisher, owner", role)
	}
	id := NewID()
	return id, s.Transact(ctx, func(tx *Tx) error {
		var account string
		found, err := tx.one([]any{&account}, `SELECT account_id FROM account_shops WHERE shop_id = $1 AND role = 'owner' AND until_at = 0 ORDER BY from_at LIMIT 1`, shop)
		if err == nil && !found {
			err = fault.New(fault.NotFound, "there is no shop %s", shop)
		}
		if err != nil {
			return err
		}
		_, err = tx.exec(`INSERT INTO api_tokens (id, hash, account_id, shop_id, name, role, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			id, hash, account, shop, name, role, s.Now())
		return err
	})
}

// tokenUse is how exactly it is known when a token was used last.
const tokenUse = time.Minute

// TokenByHash finds a valid token and notes its use; an unknown or revoked one is fault.Denied.
func (s *Store) TokenByHash(ctx context.Context, hash []byte) (Token, error) {
	var found []Token
	err := s.query(ctx).all(&found, `SELECT `+tokenColumns+` FROM api_tokens WHERE hash = $1 AND revoked_at = 0`, hash)
	if err == nil && len(found) == 0 {
		err = fault.New(fault.Denied, "this token is not valid")
	}
	if err != nil {
		return Token{}, err
	}
	t, now := found[0], s.Now()
	if now < t.LastUsed.Add(tokenUse) {
		return t, nil
	}
	t.LastUsed = now
	_, err = s.exec(ctx, `UPDATE api_tokens SET last_used_at = $2 WHERE id = $1`, t.ID, now)
	return t, err
}

// ListTokens returns a shop's tokens, the newest first, revoked ones too.
func (s *Store) ListTokens(ctx context.Context, shop commerce.ShopID) ([]Token, error) {
	var out []Token
	err := s.query(ctx).all(&out, `SELECT `+tokenColumns+` FROM api_tokens WHERE shop_id = $1 ORDER BY id DESC`, shop)
	return out, err
}

// RevokeToken ends a token for good; a missing one is fault.NotFound.
func (s *Store) RevokeToken(ctx context.Context, shop commerce.ShopID, id string) error {
	n, err := s.exec(ctx, `UPDATE api_tokens SET revoked_at = CASE WHEN revoked_at = 0 THEN $3 ELSE revoked_at END WHERE shop_id = $1 AND id = $2`, shop, id, s.Now())
	if err == nil && n == 0 {
		err = fault.New(fault.NotFound, "there is no token %s in this shop", id)
	}
	return err
}
