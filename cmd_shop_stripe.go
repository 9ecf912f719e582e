package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"flywheel/app"
	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/install"
	"flywheel/integrations/stripe"
	"flywheel/store"
)

// checkKey holds a key of Stripe against the mode that the connection is to have.
func (t tie) checkKey() error {
	if t.Token == "" {
		return nil
	}
	live, err := stripe.KeyMode(t.Token)
	switch {
	case err != nil:
		return fmt.Errorf("--token: %w", err)
	case live && t.Test:
		return fault.New(fault.Invalid, "--token is a live key: leave out --test, or give a test key")
	case !live && !t.Test:
		return fault.New(fault.Invalid, "--token is a test key: add --test, or give a live key")
	}
	return nil
}

// checkEndpoint says why no endpoint can be made.
func (t tie) checkEndpoint() error {
	switch {
	case !t.Endpoint:
		return nil
	case t.Token == "":
		return fault.New(fault.Invalid, "--endpoint needs --token: a key of the account, which may write webhook endpoints")
	case t.Secret != "":
		return fault.New(fault.Invalid, "--endpoint makes a secret of its own: leave out --secret")
	}
	return nil
}

// keepGiven lets a Stripe account that is connected to the shop keep what is not
// given anew: who rolls its key does not lose the secret of its endpoint. kept
// says in words what that is.
func keepGiven(ctx context.Context, st *store.Store, shop commerce.ShopID, c commerce.Connection) (_ commerce.Connection, kept string, err error) {
	if c.Platform != commerce.Stripe {
		return c, "", nil
	}
	old, err := st.ConnectionByAccount(ctx, c.Platform, c.ExternalID, c.Live)
	switch {
	case fault.Is(err, fault.NotFound):
		return c, "", nil
	case err != nil || old.ShopID != shop || !old.Open():
		return c, "", err
	}
	var all []string
	if c.Token == "" && old.Token != "" {
		c.Token, all = old.Token, append(all, "its own key")
	}
	if len(c.Secrets) == 0 && len(old.Secrets) > 0 {
		c.Secrets, all = old.Secrets, append(all, "the secret of its endpoint")
	}
	if !c.OwnAccount && old.OwnAccount {
		c.OwnAccount, all = true, append(all, "that it is the own account")
	}
	return c, strings.Join(all, ", "), nil
}

// asker calls Stripe with the settings of the program.
type asker struct {
	*session
	client *stripe.Client
}

func (s *session) stripe() asker {
	return asker{s, stripe.New(stripe.Options{URL: s.config.StripeURL})}
}

// checkAccount asks Stripe whose the key is. Another account's is refused; where
// Stripe cannot be asked, or says nothing, a warning goes to the operator.
func (a asker) checkAccount(c commerce.Connection) error {
	if c.Platform != commerce.Stripe {
		return nil
	}
	c.ID = "new" // it is asked about before it is kept
	desk := install.StripeDesk{Keys: a.config.StripeKeys}
	access, err := desk.Access(c)
	if err != nil {
		warn("there is no key to ask Stripe with: purchases that were missed and past ones will not be read")
		return nil
	}
	facts, err := a.client.Account(a.ctx, access)
	switch {
	case err != nil:
		warn("%s was not checked: %s", c.ExternalID, fault.Sentence(err))
	case facts.ID != c.ExternalID:
		return fault.New(fault.Invalid, "the key belongs to %s, not to %s", facts.ID, c.ExternalID)
	}
	return nil
}

// warn tells the operator of something that stops nothing.
func warn(format string, values ...any) {
	fmt.Fprintln(os.Stderr, "warning: "+fmt.Sprintf(format, values...))
}

// settleStripe does what follows a connection of Stripe: its own endpoint, if
// that is wished, and the reading of what was before.
func (a asker) settleStripe(st *store.Store, c commerce.Connection, endpoint bool) error {
	if c.Platform != commerce.Stripe {
		return nil
	}
	var err error
	if endpoint {
		if c, err = a.makeEndpoint(st, c); err != nil {
			return fmt.Errorf("the account is connected, and its endpoint is not made yet (flywheel shop connect --shop %s ... --endpoint does it): %w", c.ShopID, err)
		}
		fmt.Println("endpoint made, and its secret kept: nothing more is to be done at Stripe")
	}
	return st.AskBackfill(a.ctx, c.ShopID, c)
}

// makeEndpoint makes an endpoint in the connection's account and seals its secret
// with it. Those that led to the same address before end.
func (a asker) makeEndpoint(st *store.Store, c commerce.Connection) (commerce.Connection, error) {
	address := a.config.BaseURL + "/webhooks/stripe/" + string(c.ID)
	made, err := a.createEndpoint(stripe.Access{Key: c.Token}, stripe.EndpointWish{URL: address, Description: "Flywheel"}, c.Live)
	if err != nil {
		return c, err
	}
	c.Secrets = []string{made.Secret}
	kept, err := app.Connect(a.ctx, st, c.ShopID, c)
	if err != nil {
		// Nobody knows its secret: it would be delivered to in vain.
		return c, errors.Join(err, a.client.DeleteEndpoint(context.WithoutCancel(a.ctx), stripe.Access{Key: c.Token}, made.ID))
	}
	return kept, a.endOthers(stripe.Access{Key: c.Token}, made)
}

// createEndpoint makes an endpoint. Stripe delivers live events by https alone.
func (a asker) createEndpoint(access stripe.Access, w stripe.EndpointWish, live bool) (stripe.Endpoint, error) {
	if live && !strings.HasPrefix(w.URL, "https://") {
		return stripe.Endpoint{}, fault.New(fault.Invalid, "BASE_URL must begin with https://: Stripe delivers live events nowhere else")
	}
	return a.client.CreateEndpoint(a.ctx, access, w)
}

// endOthers ends the other endpoints of one address and kind.
func (a asker) endOthers(access stripe.Access, kept stripe.Endpoint) error {
	all, err := a.client.Endpoints(a.ctx, access)
	for _, e := range all {
		if e.URL == kept.URL && e.ID != kept.ID && e.Connect == kept.Connect {
			err = errors.Join(err, a.client.DeleteEndpoint(a.ctx, access, e.ID))
		}
	}
	return err
}
