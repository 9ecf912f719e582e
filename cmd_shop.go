package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/text/language"

	"flywheel/app"
	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/shopify"
	"flywheel/integrations/stripe"
	"flywheel/store"
)

type shopCommand struct {
	Add     shopAddCommand     `cmd:"" help:"Register a shop and start its two default campaigns."`
	Connect shopConnectCommand `cmd:"" help:"Connect a second platform to a shop."`
	List    shopListCommand    `cmd:"" help:"List shops and their connections."`

	Disconnect shopDisconnectCommand `cmd:"" help:"End a Stripe connection; its key and secret are forgotten at once."`

	Settings shopSettingsCommand `cmd:"" help:"Print a shop's settings as YAML, or replace them by a file's."`
}

// tie is what names a platform account.
type tie struct {
	Platform   string `required:"" enum:"shopify,stripe" help:"shopify or stripe."`
	Domain     string `help:"NAME.myshopify.com, for Shopify."`
	Account    string `help:"acct_..., for Stripe."`
	Test       bool   `help:"A Stripe test connection; others are live."`
	OwnAccount bool   `help:"Stripe events without an account belong here."`
	Token      string `help:"Access token (Shopify) or a restricted key of the account (Stripe), to read what was missed."`
	Endpoint   bool   `help:"Make the account's own webhook endpoint at Stripe, by --token, and keep its secret."`
	Secret     string `help:"Webhook secret of this connection; without one the app's own counts."`
}

type shopAddCommand struct {
	tie
	Name          string   `required:"" help:"What customers know the shop by."`
	Email         string   `required:"" help:"The From and Reply-To address of its mails."`
	Locale        string   `default:"en" help:"Language of last resort, such as ar."`
	Timezone      string   `default:"" help:"Such as Asia/Riyadh; empty is unknown."`
	Country       string   `default:"" help:"Two letters, such as SA."`
	Currency      string   `default:"" help:"Reporting currency; empty takes the first order's."`
	PayOnDelivery []string `default:"Cash on Delivery (COD)" sep:"none" help:"Gateway whose unpaid orders count once placed; may be repeated."`
	ReviewURL     string   `help:"The shop's own page for reviews."`
	Address       string   `help:"Postal address for the footer of mails."`
}

// Run registers a shop without OAuth: the operator's own act, so its two
// playbooks are live at once.
func (c shopAddCommand) Run(s *session) error {
	conn, err := c.connection()
	if err != nil {
		return err
	}
	shop, err := c.shop()
	if err != nil {
		return err
	}
	return s.withStore(func(st *store.Store) error {
		if err := s.stripe().checkAccount(conn); err != nil {
			return err
		}
		id, conn, err := app.AddShop(s.ctx, st, shop, conn)
		if err != nil {
			return err
		}
		fmt.Printf("shop %s\nconnection %s\nwebhooks %s/webhooks/%s", id, conn.ID, s.config.BaseURL, conn.Platform)
		if c.Secret != "" || c.Endpoint {
			fmt.Printf("/%s", conn.ID)
		}
		fmt.Println()
		return s.stripe().settleStripe(st, conn, c.Endpoint)
	})
}

func (c shopAddCommand) shop() (commerce.Shop, error) {
	shop := commerce.Shop{
		Name: c.Name, Email: commerce.NormalEmail(c.Email), Locale: c.Locale, Timezone: c.Timezone, Country: c.Country, Currency: c.Currency,
		Settings: commerce.Settings{PayOnDelivery: c.PayOnDelivery, ReviewURL: c.ReviewURL, PostalAddress: c.Address},
	}
	if shop.Email == "" {
		return shop, fault.New(fault.Invalid, "--email %q is not an address", c.Email)
	}
	if _, err := language.Parse(c.Locale); err != nil {
		return shop, fault.New(fault.Invalid, "--locale %q is not a language tag such as en or ar-SA", c.Locale)
	}
	if _, err := time.LoadLocation(c.Timezone); err != nil {
		return shop, fault.New(fault.Invalid, "--timezone %q is not a zone such as Asia/Riyadh", c.Timezone)
	}
	if c.Country != "" {
		if r, err := language.ParseRegion(c.Country); err != nil || !r.IsCountry() || len(c.Country) != 2 {
			return shop, fault.New(fault.Invalid, "--country %q is not a country such as SA", c.Country)
		}
	}
	if c.Currency != "" {
		if _, err := commerce.ParseMoney("0", c.Currency); err != nil {
			return shop, fault.New(fault.Invalid, "--currency %q is not a currency such as SAR", c.Currency)
		}
	}
	return shop, nil
}

func (t tie) connection() (commerce.Connection, error) {
	c := commerce.Connection{
		Platform: commerce.Platform(t.Platform), ExternalID: strings.ToLower(t.Domain), Live: !t.Test, OwnAccount: t.OwnAccount, Token: t.Token,
	}
	if t.Secret != "" {
		c.Secrets = []string{t.Secret}
	}
	switch {
	case c.Platform == commerce.Shopify && !shopify.ValidShop(t.Domain):
		return c, fault.New(fault.Invalid, "--domain %q is not NAME.myshopify.com", t.Domain)
	case c.Platform == commerce.Shopify && (t.Test || t.OwnAccount || t.Account != "" || t.Endpoint):
		return c, fault.New(fault.Invalid, "--test, --own-account, --account and --endpoint are for Stripe")
	case c.Platform == commerce.Stripe:
		c.ExternalID = t.Account
		if !stripe.ValidAccount(t.Account) {
			return c, fault.New(fault.Invalid, "--account %q is not acct_...", t.Account)
		}
		return c, errors.Join(t.checkKey(), t.checkEndpoint())
	}
	return c, nil
}

type shopConnectCommand struct {
	tie
	Shop string `required:"" help:"Id of the shop."`
}

// Run connects one more platform account to a shop, or gives one that is
// connected another key or secret.
func (c shopConnectCommand) Run(s *session) error {
	conn, err := c.connection()
	if err != nil {
		return err
	}
	return s.withStore(func(st *store.Store) error {
		kept := ""
		if conn, kept, err = keepGiven(s.ctx, st, commerce.ShopID(c.Shop), conn); err != nil {
			return err
		}
		if err := s.stripe().checkAccount(conn); err != nil {
			return err
		}
		conn, err := app.Connect(s.ctx, st, commerce.ShopID(c.Shop), conn)
		if err != nil {
			return err
		}
		fmt.Println("connection", conn.ID)
		if kept != "" {
			fmt.Println("kept as it was:", kept)
		}
		return s.stripe().settleStripe(st, conn, c.Endpoint)
	})
}

type shopListCommand struct{}

// Run prints every shop with its connections.
func (shopListCommand) Run(s *session) error {
	return s.withStore(func(st *store.Store) error {
		w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
		fmt.Fprintln(w, "SHOP\tNAME\tSTATE\tCONNECTION\tPLATFORM\tACCOUNT\tSINCE")
		for after := commerce.ShopID(""); ; {
			shops, err := st.ListShops(s.ctx, after, 100)
			if err != nil || len(shops) == 0 {
				_ = w.Flush()
				return err
			}
			for _, shop := range shops {
				if err := printShop(s.ctx, w, st, shop); err != nil {
					return err
				}
			}
			after = shops[len(shops)-1].ID
		}
	})
}

func printShop(ctx context.Context, w *tabwriter.Writer, st *store.Store, shop commerce.Shop) error {
	connections, err := st.Connections(ctx, shop.ID)
	for _, c := range connections {
		state := "open since " + c.InstalledAt.Time().Format(time.DateOnly)
		if !c.Open() {
			state = "closed on " + c.ClosedAt.Time().Format(time.DateOnly)
		}
		mode := ""
		if !c.Live {
			mode = " (test)"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s%s\t%s\t%s\n", shop.ID, shop.Name, shop.State, c.ID, c.Platform, mode, c.ExternalID, state)
	}
	return err
}
