package privacy

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
)

// Erase erases one customer beside running workers and keeps the request with
// its proof: it holds the shop's inbox, so that no delivery that is being merged
// brings back what goes. Where that is busy for longer than patience it is fault.Temporary.
func Erase(ctx context.Context, st *store.Store, shop commerce.ShopID, whom store.Whom, patience time.Duration) (erased store.ErasedPerson, err error) {
	if _, err := st.Shop(ctx, shop); err != nil {
		return erased, err
	}
	lease, err := takeInbox(ctx, st, shop, patience)
	if err != nil {
		return erased, err
	}
	if whom, err = st.Seek(ctx, shop, whom); err != nil {
		return erased, errors.Join(err, st.ReleaseInbox(ctx, lease))
	}
	err = st.Transact(ctx, func(tx *store.Tx) (err error) {
		if err := tx.HoldLease(lease); err != nil {
			return err
		}
		if erased, err = tx.Erase(shop, whom); err != nil {
			return err
		}
		_, err = tx.AddPrivacyRequest(shop, store.PrivacyRequest{Kind: commerce.EraseCustomer, DueAt: tx.Now(), DoneAt: tx.Now(), Report: erased.Report})
		return err
	})
	return erased, errors.Join(err, st.ReleaseInbox(ctx, lease))
}

// takeInbox waits until nobody processes the shop's deliveries.
func takeInbox(ctx context.Context, st *store.Store, shop commerce.ShopID, patience time.Duration) (store.InboxLease, error) {
	enough := time.NewTimer(patience)
	defer enough.Stop()
	for {
		lease, ok, err := st.LeaseInbox(ctx, shop, store.NewID())
		if err != nil || ok {
			return lease, err
		}
		select {
		case <-ctx.Done():
			return lease, ctx.Err()
		case <-enough.C:
			return lease, fault.New(fault.Temporary, "the shop's deliveries are being processed just now: try again in a minute")
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// Hand gathers at once what is kept of a customer, for the merchant to hand
// over, and returns the id of the export.
func Hand(ctx context.Context, st *store.Store, shop commerce.ShopID, person commerce.PersonID) (export string, err error) {
	var p store.PrivacyRequest
	err = st.Transact(ctx, func(tx *store.Tx) (err error) {
		p, err = tx.AddPrivacyRequest(shop, store.PrivacyRequest{Kind: commerce.ReportData, Persons: []commerce.PersonID{person}, DueAt: tx.Now()})
		return err
	})
	if err != nil {
		return "", err
	}
	gathered, err := Gather(ctx, st, p)
	if err != nil {
		return "", err
	}
	body, err := json.Marshal(gathered)
	if err != nil {
		return "", err
	}
	if _, err := st.SaveExport(ctx, p, body); err != nil {
		return "", err
	}
	done, err := st.PrivacyRequest(ctx, shop, p.ID)
	return done.Export, err
}
