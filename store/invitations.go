package store

import (
	"context"

	"flywheel/commerce"
	"flywheel/fault"
)

// Invitation is an offer of access: of a place in Account, or, where that is
// "", of Shop to whatever account takes it up.
type Invitation struct {
	ID        string             `db:"id"`
	Hash      string             `db:"hash"` // of the link's token or the code
	Account   commerce.AccountID `db:"account_id"`
	Shop      commerce.ShopID    `db:"shop_id"` // where it is listed; "" = at the account alone
	Email     string             `db:"email"`   // "" = whoever holds the code
	Role      commerce.Role      `db:"role"`
	Until     commerce.Instant   `db:"until_at"` // when the access ends; 0 = never
	By        string             `db:"made_by"`  // as it is shown
	MadeAt    commerce.Instant   `db:"made_at"`
	ExpiresAt commerce.Instant   `db:"expires_at"`
	UsedAt    commerce.Instant   `db:"used_at"` // 0 = not yet
	RevokedAt commerce.Instant   `db:"revoked_at"`
}

const invitationColumns = `id, hash, account_id, shop_id, email, role, until_at, made_by, made_at, expires_at, used_at, revoked_at`

// AddInvitation keeps one and returns its id. It lists where it is for: i.Shop
// is shop, "" for a place in an account that no shop lists.
func (tx *Tx) AddInvitation(shop commerce.ShopID, i Invitation) (string, error) {
	if !i.Role.Known() || i.Account == "" && shop == "" {
		return "", fault.New(fault.Invalid, "an invitation needs a role and something to invite to")
	}
	id := NewID()
	_, err := tx.exec(`INSERT INTO invitations (id, hash, account_id, shop_id, email, role, until_at, made_by, made_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		id, i.Hash, i.Account, shop, i.Email, i.Role, i.Until, i.By, tx.Now(), i.ExpiresAt)
	return id, err
}

// InvitationByHash returns one that is still open; any other is fault.NotFound.
func (s *Store) InvitationByHash(ctx context.Context, hash string) (Invitation, error) {
	return s.query(ctx).openInvitation(hash, s.Now(), "")
}

func (q *query) openInvitation(hash string, now commerce.Instant, lock string) (Invitation, error) {
	return first[Invitation](q, "this invitation is not open any more", `SELECT `+invitationColumns+` FROM invitations
		WHERE hash = $1 AND used_at = 0 AND revoked_at = 0 AND expires_at > $2`+lock, hash, now)
}

// Invited reports whether an invitation to an address is open.
func (s *Store) Invited(ctx context.Context, email string) (bool, error) {
	var n int64
	found, err := s.query(ctx).one([]any{&n}, `SELECT 1 FROM invitations WHERE email = $1 AND email <> '' AND used_at = 0 AND revoked_at = 0 AND expires_at > $2 LIMIT 1`, email, s.Now())
	return found, err
}

// TakeInvitation takes one up that is open, once; any other is fault.NotFound.
func (tx *Tx) TakeInvitation(hash string, by commerce.AccountID) (Invitation, error) {
	i, err := tx.openInvitation(hash, tx.Now(), tx.forUpdate())
	if err != nil {
		return i, err
	}
	_, err = tx.exec(`UPDATE invitations SET used_at = $2, used_by = $3 WHERE id = $1`, i.ID, tx.Now(), by)
	return i, err
}

// ShopInvitations returns a shop's open ones, the latest first, at most 100.
func (s *Store) ShopInvitations(ctx context.Context, shop commerce.ShopID) ([]Invitation, error) {
	return s.invitations(ctx, `shop_id = $1 AND shop_id <> ''`, string(shop))
}

// AccountInvitations returns an account's open ones, likewise.
func (s *Store) AccountInvitations(ctx context.Context, account commerce.AccountID) ([]Invitation, error) {
	return s.invitations(ctx, `account_id = $1 AND account_id <> ''`, string(account))
}

func (s *Store) invitations(ctx context.Context, where, value string) ([]Invitation, error) {
	var out []Invitation
	err := s.query(ctx).all(&out, `SELECT `+invitationColumns+` FROM invitations WHERE `+where+` AND used_at = 0 AND revoked_at = 0 AND expires_at > $2
		ORDER BY made_at DESC, id DESC LIMIT 100`, value, s.Now())
	return out, err
}

// RevokeShopInvitation takes a shop's offer back; one that is not open is fault.NotFound.
func (tx *Tx) RevokeShopInvitation(shop commerce.ShopID, id string) error {
	return tx.revokeInvitation(`shop_id = $1 AND shop_id <> ''`, string(shop), id)
}

// RevokeAccountInvitation takes an account's offer back, likewise.
func (tx *Tx) RevokeAccountInvitation(account commerce.AccountID, id string) error {
	return tx.revokeInvitation(`account_id = $1 AND account_id <> ''`, string(account), id)
}

func (tx *Tx) revokeInvitation(where, value, id string) error {
	n, err := tx.exec(`UPDATE invitations SET revoked_at = $3 WHERE `+where+` AND id = $2 AND used_at = 0 AND revoked_at = 0`, value, id, tx.Now())
	if err == nil && n == 0 {
		err = fault.New(fault.NotFound, "this invitation is not open any more")
	}
	return err
}
