package store

import (
	"context"

	"flywheel/commerce"
	"flywheel/fault"
)

// The kinds of accounts.
const (
	MerchantAccount = "merchant" // made with a shop; it holds the people of that shop
	AgencyAccount   = "agency"   // of whoever works for several shops
)

// Membership is an account, whom shops are open to, with what one member may do
// there: the people of one shop, or an agency.
type Membership struct {
	ID   commerce.AccountID `db:"id"`
	Name string             `db:"name"`
	Kind string             `db:"kind"`
	Role commerce.Role      `db:"role"` // of the member; "" where nobody was asked for
}

// Member is somebody who belongs to an account.
type Member struct {
	User   commerce.UserID  `db:"id"`
	Email  string           `db:"email"`
	Name   string           `db:"name"`
	Role   commerce.Role    `db:"role"`
	Since  commerce.Instant `db:"since"`
	SeenAt commerce.Instant `db:"seen_at"` // real time; 0 = never
}

// AccountByID returns an account by itself; a missing one is fault.NotFound.
func (s *Store) AccountByID(ctx context.Context, id commerce.AccountID) (Membership, error) {
	return first[Membership](s.query(ctx), "there is no such account", `SELECT id, name, kind, '' AS role FROM accounts WHERE id = $1`, id)
}

// Memberships returns the accounts that somebody belongs to, with their role in each, by name.
func (s *Store) Memberships(ctx context.Context, user commerce.UserID) ([]Membership, error) {
	var out []Membership
	err := s.query(ctx).all(&out, `SELECT a.id, a.name, a.kind, m.role FROM members m JOIN accounts a ON a.id = m.account_id WHERE m.user_id = $1 ORDER BY a.name, a.id`, user)
	return out, err
}

// Membership returns an account with the role somebody has in it; one that they
// do not belong to is fault.NotFound, as one that does not exist.
func (s *Store) Membership(ctx context.Context, account commerce.AccountID, user commerce.UserID) (Membership, error) {
	return first[Membership](s.query(ctx), "there is no such account, or you do not belong to it",
		`SELECT a.id, a.name, a.kind, m.role FROM members m JOIN accounts a ON a.id = m.account_id WHERE m.account_id = $1 AND m.user_id = $2`, account, user)
}

// Members returns who belongs to an account, by address.
func (s *Store) Members(ctx context.Context, account commerce.AccountID) ([]Member, error) {
	var out []Member
	err := s.query(ctx).all(&out, `SELECT u.id, u.email, u.name, m.role, m.since, u.seen_at FROM members m JOIN users u ON u.id = m.user_id
		WHERE m.account_id = $1 ORDER BY u.email`, account)
	return out, err
}

// AddAccount makes an account.
func (tx *Tx) AddAccount(name, kind string) (commerce.AccountID, error) {
	id := commerce.AccountID(NewID())
	_, err := tx.exec(`INSERT INTO accounts (id, name, kind, created_at) VALUES ($1, $2, $3, $4)`, id, name, kind, tx.Now())
	return id, err
}

// RenameAccount calls an account something else.
func (tx *Tx) RenameAccount(account commerce.AccountID, name string) error {
	_, err := tx.exec(`UPDATE accounts SET name = $2 WHERE id = $1`, account, name)
	return err
}

// RoleIn returns the role somebody has in an account; "" = they do not belong to it.
func (tx *Tx) RoleIn(account commerce.AccountID, user commerce.UserID) (role commerce.Role, err error) {
	_, err = tx.one([]any{&role}, `SELECT role FROM members WHERE account_id = $1 AND user_id = $2`, account, user)
	return role, err
}

// SetMember gives somebody a role in an account, in which they are from now on.
// The last owner keeps theirs: that is fault.Conflict.
func (tx *Tx) SetMember(account commerce.AccountID, user commerce.UserID, role commerce.Role) error {
	if !role.Known() {
		return fault.New(fault.Invalid, "there is no role %q", role)
	}
	if role != commerce.RoleOwner {
		if err := tx.keepOwner(account, user); err != nil {
			return err
		}
	}
	if _, err := tx.exec(`INSERT INTO members (account_id, user_id, role, since) VALUES ($1, $2, $3, $4)
		ON CONFLICT (account_id, user_id) DO UPDATE SET role = excluded.role`, account, user, role, tx.Now()); err != nil {
		return err
	}
	return tx.turned(account, user)
}

// DropMember takes somebody out of an account. The last owner stays: that is
// fault.Conflict. Who does not belong to it is fault.NotFound.
func (tx *Tx) DropMember(account commerce.AccountID, user commerce.UserID) error {
	if err := tx.keepOwner(account, user); err != nil {
		return err
	}
	if err := tx.turned(account, user); err != nil {
		return err
	}
	n, err := tx.exec(`DELETE FROM members WHERE account_id = $1 AND user_id = $2`, account, user)
	if err == nil && n == 0 {
		err = fault.New(fault.NotFound, "they do not belong to this account")
	}
	return err
}

// keepOwner refuses where user is the only owner. Two owners who leave at once
// wait for each other at the account's row.
func (tx *Tx) keepOwner(account commerce.AccountID, user commerce.UserID) error {
	if _, err := tx.scalars(`SELECT id FROM accounts WHERE id = $1`+tx.forUpdate(), account); err != nil {
		return err
	}
	owners, err := tx.scalars(`SELECT user_id FROM members WHERE account_id = $1 AND role = $2`, account, commerce.RoleOwner)
	if err == nil && len(owners) == 1 && owners[0] == string(user) {
		err = fault.New(fault.Conflict, "an account always has an owner: make somebody else one first")
	}
	return err
}
