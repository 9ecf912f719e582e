package account

import (
	"cmp"
	"context"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
)

// SetRole gives a member of an account another role; see store.Tx.SetMember.
func (d *Desk) SetRole(ctx context.Context, by commerce.Actor, account commerce.AccountID, user commerce.UserID, role commerce.Role) error {
	return d.inAccount(ctx, by, account, "role", user, string(role), func(tx *store.Tx) error {
		if was, err := tx.RoleIn(account, user); err != nil || was == "" {
			return cmp.Or(err, fault.New(fault.NotFound, "they do not belong to this account"))
		}
		return tx.SetMember(account, user, role)
	})
}

// Remove takes somebody out of an account; see store.Tx.DropMember.
func (d *Desk) Remove(ctx context.Context, by commerce.Actor, account commerce.AccountID, user commerce.UserID) error {
	return d.inAccount(ctx, by, account, "removed", user, "", func(tx *store.Tx) error { return tx.DropMember(account, user) })
}

// inAccount does something to a member and writes it down, both or neither.
func (d *Desk) inAccount(ctx context.Context, by commerce.Actor, account commerce.AccountID, act string, user commerce.UserID, more string, do func(*store.Tx) error) error {
	whom, err := d.Store.User(ctx, user)
	if err != nil {
		return err
	}
	subject := whom.Email
	if more != "" {
		subject += " " + more
	}
	return d.Store.Transact(ctx, func(tx *store.Tx) error {
		if err := do(tx); err != nil {
			return err
		}
		return tx.AuditAccount(account, store.AccountAudit{User: by.User, Who: by.Name, Act: act, Subject: subject})
	})
}

// Uninvite takes back what an account has offered.
func (d *Desk) Uninvite(ctx context.Context, by commerce.Actor, account commerce.AccountID, invitation string) error {
	return d.Store.Transact(ctx, func(tx *store.Tx) error {
		if err := tx.RevokeAccountInvitation(account, invitation); err != nil {
			return err
		}
		return tx.AuditAccount(account, store.AccountAudit{User: by.User, Who: by.Name, Act: "uninvited"})
	})
}

// Rename calls an account something else.
func (d *Desk) Rename(ctx context.Context, by commerce.Actor, account commerce.AccountID, name string) error {
	return d.Store.Transact(ctx, func(tx *store.Tx) error {
		if err := tx.RenameAccount(account, name); err != nil {
			return err
		}
		return tx.AuditAccount(account, store.AccountAudit{User: by.User, Who: by.Name, Act: "renamed"})
	})
}
