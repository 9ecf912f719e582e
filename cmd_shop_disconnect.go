package main

import (
	"fmt"
	"log/slog"

	"flywheel/commerce"
	"flywheel/install"
	"flywheel/store"
)

type shopDisconnectCommand struct {
	Shop       string `required:"" help:"Id of the shop."`
	Connection string `required:"" help:"Id of its Stripe connection, as shop list shows it."`
}

// Run ends a Stripe connection, as its merchant would on the home: nothing of it
// is asked or taken any more, and its own key and secret are forgotten at once.
// A shop at Shopify ends by removing the app there.
func (c shopDisconnectCommand) Run(s *session) error {
	return s.withStore(func(st *store.Store) error {
		desk := install.StripeDesk{Store: st, Log: slog.New(slog.DiscardHandler)}
		if err := desk.Leave(s.ctx, commerce.ShopID(c.Shop), commerce.ConnectionID(c.Connection)); err != nil {
			return err
		}
		fmt.Println("disconnected", c.Connection)
		return nil
	})
}
