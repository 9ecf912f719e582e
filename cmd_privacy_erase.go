package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
)

type privacyEraseCommand struct {
	Shop     string `required:"" help:"Id of the shop."`
	Email    string `help:"The customer's address."`
	Customer string `help:"Or the platform's id of the customer."`
	Platform string `default:"shopify" enum:"shopify,stripe" help:"Whose id --customer is."`
	Yes      bool   `help:"It cannot be undone: say that you mean it."`
}

// whom is whoever the flags name.
func (c privacyEraseCommand) whom() (store.Whom, error) {
	var w store.Whom
	if (c.Email == "") == (c.Customer == "") {
		return w, fault.New(fault.Invalid, "say --email or --customer")
	}
	if c.Customer != "" {
		w.Customers = []commerce.Identity{{Kind: commerce.IdentityKind(c.Platform), Value: c.Customer}}
	}
	if c.Email != "" {
		email := commerce.NormalEmail(c.Email)
		if email == "" {
			return w, fault.New(fault.Invalid, "--email %q is not an address", c.Email)
		}
		w.Emails = []string{email}
	}
	if !c.Yes {
		return w, fault.New(fault.Invalid, "nothing was erased: it cannot be undone, so add --yes")
	}
	return w, nil
}

// Run erases one customer and keeps the request with its proof.
func (c privacyEraseCommand) Run(s *session) error {
	whom, err := c.whom()
	if err != nil {
		return err
	}
	return s.withStore(func(st *store.Store) error {
		erased, err := eraseCustomer(s.ctx, st, commerce.ShopID(c.Shop), whom)
		if err == nil {
			fmt.Printf("%d records of a customer erased: %s\n", len(erased.Persons), rows(erased.Report))
		}
		return err
	})
}

// eraseCustomer erases beside running workers: it holds the shop's inbox, so
// that no delivery that is being merged brings back what goes.
func eraseCustomer(ctx context.Context, st *store.Store, shop commerce.ShopID, whom store.Whom) (erased store.ErasedPerson, err error) {
	if _, err := st.Shop(ctx, shop); err != nil {
		return erased, err
	}
	lease, err := takeInbox(ctx, st, shop)
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
func takeInbox(ctx context.Context, st *store.Store, shop commerce.ShopID) (store.InboxLease, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		lease, ok, err := st.LeaseInbox(ctx, shop, store.NewID())
		if err != nil || ok {
			return lease, err
		}
		select {
		case <-ctx.Done():
			return lease, fault.New(fault.Temporary, "the shop's deliveries have been busy for a minute: try again")
		case <-time.After(100 * time.Millisecond):
		}
	}
}
