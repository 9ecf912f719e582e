package main

import (
	"fmt"
	"time"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/privacy"
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
		erased, err := privacy.Erase(s.ctx, st, commerce.ShopID(c.Shop), whom, time.Minute)
		if err == nil {
			fmt.Printf("%d records of a customer erased: %s\n", len(erased.Persons), rows(erased.Report))
		}
		return err
	})
}
