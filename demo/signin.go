package demo

import (
	"context"

	"flywheel/commerce"
	"flywheel/store"
)

// OwnerEmail is who leads the demo's shops: the mail of whoever asks at /login
// to sign in as them lands in the demo's mailbox.
const OwnerEmail = "owner@flywheel.example"

// SeatOwner makes somebody of an address an owner of every shop there is.
func (w *World) SeatOwner(ctx context.Context, email string) error {
	shops, err := w.App.Store.ListShops(ctx, "", 100)
	if err != nil {
		return err
	}
	return w.App.Store.Transact(ctx, func(tx *store.Tx) error {
		u, err := tx.MakeUser(email)
		for _, shop := range shops {
			if err != nil {
				break
			}
			var home commerce.AccountID
			if home, err = tx.HomeAccount(shop.ID); err == nil {
				err = tx.SetMember(home, u.ID, commerce.RoleOwner)
			}
		}
		return err
	})
}
