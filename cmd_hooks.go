package main

import (
	"fmt"
	"net/url"
	"time"

	"flywheel/commerce"
	"flywheel/manage"
	"flywheel/store"
)

type hooksCommand struct {
	Add    hooksAddCommand    `cmd:"" help:"Add an endpoint for outgoing webhooks and print its signing secret, once."`
	List   hooksListCommand   `cmd:"" help:"List a shop's endpoints."`
	Rotate hooksRotateCommand `cmd:"" help:"Make a new signing secret; the present one counts for another day."`
	Remove hooksRemoveCommand `cmd:"" help:"Forget an endpoint."`
}

// endpoint names one.
type endpoint struct {
	ofShop
	Name string `arg:"" help:"What webhook steps call it by: small letters, digits, _ and -."`
}

type hooksAddCommand struct {
	endpoint
	URL string `arg:"" name:"url" help:"https://... of a public host."`
}

// Run adds an endpoint. Whoever receives checks the signature with the secret (standardwebhooks.com).
func (c hooksAddCommand) Run(s *session) error {
	return s.atDesk(func(d manage.Desk) error {
		secret, err := d.AddHook(s.ctx, c.id(), c.Name, c.URL)
		if err == nil {
			fmt.Printf("endpoint %s\nsecret %s\nkeep it: it is not shown again\n", c.Name, secret)
		}
		return err
	})
}

type hooksListCommand struct{ ofShop }

// Run prints endpoints, never their secrets: the path of an address may be one.
func (c hooksListCommand) Run(s *session) error {
	return s.inShop(c.id(), func(st *store.Store, _ commerce.Shop) error {
		all, err := st.ListEndpoints(s.ctx, c.id())
		if err != nil {
			return err
		}
		w := table("NAME\tSTATE\tSINCE\tURL")
		for _, e := range all {
			state, since := "in use", e.AddedAt
			if e.DisabledAt != 0 {
				state, since = "off, it said that it is gone", e.DisabledAt
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", e.Name, state, since.Time().Format(time.RFC3339), host(e.URL))
		}
		return finish(w, min(len(all), listed))
	})
}

// host is as much of an address as may be shown.
func host(address string) string {
	u, err := url.Parse(address)
	switch {
	case err != nil:
		return "?"
	case u.Path == "" && u.RawQuery == "":
		return u.Scheme + "://" + u.Host
	}
	return u.Scheme + "://" + u.Host + "/..."
}

type hooksRotateCommand struct{ endpoint }

// Run makes a new secret.
func (c hooksRotateCommand) Run(s *session) error {
	return s.atDesk(func(d manage.Desk) error {
		secret, err := d.RotateHook(s.ctx, c.id(), c.Name)
		if err == nil {
			fmt.Printf("secret %s\nkeep it: it is not shown again; the former one counts for another day\n", secret)
		}
		return err
	})
}

type hooksRemoveCommand struct{ endpoint }

// Run forgets an endpoint.
func (c hooksRemoveCommand) Run(s *session) error {
	return s.atDesk(func(d manage.Desk) error {
		err := d.RemoveHook(s.ctx, c.id(), c.Name)
		if err == nil {
			fmt.Println(c.Name, "is removed; webhook steps that name it are left out from now on")
		}
		return err
	})
}
