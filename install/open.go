package install

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/fault"
	"flywheel/integrations/shopify"
	"flywheel/store"
	"flywheel/templates"
)

// idTokenLife is how long Shopify's ID tokens live (shopify.dev, session tokens).
const idTokenLife = time.Minute

// Open is what every document load of the embedded app begins with. The session
// was verified by the caller: it alone says which shop this is. A shop with good
// tokens costs no call. Otherwise the ID token is exchanged, and shop, campaigns
// and connection are made or opened again. Two tabs make one exchange, and
// whatever a crash left undone the next Open does.
//
// Errors beside the store's: shopify.ErrIDToken (the browser is to bring a fresh
// one), fault.Denied (uninstalled, or the app's credentials are wrong), and
// fault.Temporary.
func (d *Desk) Open(ctx context.Context, s shopify.Session) (Opened, error) {
	seen := commerce.At(s.ExpiresAt.Add(-idTokenLife))
	if now := d.Store.Now(); s.ExpiresAt.IsZero() || seen > now {
		seen = now
	}
	return d.open(ctx, arrival{shop: s.Shop, seen: seen, grant: d.exchange(s)})
}

// exchange gets tokens for the session's ID token.
func (d *Desk) exchange(s shopify.Session) func(context.Context) (commerce.Grant, error) {
	return func(ctx context.Context) (commerce.Grant, error) { return d.Shopify.Exchange(ctx, s.Shop, s.Token) }
}

// Redeem is Open by the code of an authorization-code grant, for custom and
// stand-alone apps. A code is good once, so it is always used.
func (d *Desk) Redeem(ctx context.Context, shop, code string) (Opened, error) {
	return d.open(ctx, arrival{shop: shop, seen: d.Store.Now(), always: true, grant: func(ctx context.Context) (commerce.Grant, error) {
		return d.Shopify.Redeem(ctx, shop, code)
	}})
}

// arrival is a merchant who opens the app.
type arrival struct {
	shop   string
	seen   commerce.Instant // business time when the app was surely installed
	always bool             // get tokens even where there are good ones
	grant  func(context.Context) (commerce.Grant, error)
}

func (d *Desk) open(ctx context.Context, a arrival) (Opened, error) {
	a.shop = strings.ToLower(a.shop)
	if !shopify.ValidShop(a.shop) {
		return Opened{}, fault.New(fault.Denied, "this is not the name of a Shopify store")
	}
	c, err := d.present(ctx, a.shop)
	if err != nil {
		return Opened{}, err
	}
	if a.always || !d.settled(c) {
		return d.arrive(ctx, a)
	}
	return d.welcome(ctx, a, c, false)
}

// present finds the store's connection; the zero one where there is none.
func (d *Desk) present(ctx context.Context, domain string) (commerce.Connection, error) {
	c, err := d.Store.ConnectionByAccount(ctx, commerce.Shopify, domain, true)
	if fault.Is(err, fault.NotFound) {
		return commerce.Connection{}, nil
	}
	return c, err
}

// settled reports whether nothing need be asked of the platform.
func (d *Desk) settled(c commerce.Connection) bool { return usable(c) == nil && d.fresh(c) }

// arrive gets tokens, one tab at a time, and makes of them what is missing.
func (d *Desk) arrive(ctx context.Context, a arrival) (Opened, error) {
	owner, name := store.NewID(), "install "+a.shop
	for p := newPatience(); ; {
		c, err := d.present(ctx, a.shop)
		if err != nil {
			return Opened{}, err
		}
		if !a.always && d.settled(c) { // another tab was first
			return d.welcome(ctx, a, c, false)
		}
		alone, err := d.Store.Lead(ctx, name, owner, callTime)
		if err != nil {
			return Opened{}, err
		}
		if alone {
			defer d.yield(ctx, name, owner)
			return d.settle(ctx, a)
		}
		if err := p.wait(ctx); err != nil {
			return Opened{}, err
		}
	}
}

func (d *Desk) yield(ctx context.Context, name, owner string) {
	if err := d.Store.Yield(context.WithoutCancel(ctx), name, owner); err != nil {
		d.Log.Warn("install lease not given back", "error", err)
	}
}

// settle looks once more, since another tab may have been here before the lease was free.
func (d *Desk) settle(ctx context.Context, a arrival) (Opened, error) {
	c, err := d.present(ctx, a.shop)
	if err != nil || !a.always && d.settled(c) {
		return d.welcomeUnless(ctx, err, a, c, false)
	}
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	called := d.Store.Now()
	g, err := a.grant(ctx)
	switch {
	case fault.Is(err, fault.Temporary) && !a.always && usable(c) == nil:
		// The page can do without, and whoever needs a token refreshes it.
		d.Log.Warn("tokens not exchanged", "shop", c.ShopID, "error", err)
		return d.welcome(ctx, a, c, false)
	case err != nil:
		return Opened{}, fmt.Errorf("tokens of %s: %w", a.shop, err)
	}
	in := store.Installation{
		Connection: commerce.Connection{Platform: commerce.Shopify, ExternalID: a.shop, Live: true, Secrets: c.Secrets, OwnAccount: c.OwnAccount, PlatformID: c.PlatformID},
		Grant:      g, SeenAt: called, // Shopify took the ID token then, however old it is
	}
	if err := d.fillIn(ctx, &in, c); err != nil {
		return Opened{}, err
	}
	in.Connection.InstalledAt = d.Store.Now()
	out, err := d.Store.Install(ctx, in)
	if err != nil {
		return Opened{}, err
	}
	if out.Opened {
		d.Log.Info("app installed", "shop", out.Shop, "connection", out.Connection, "again", !out.Made)
	}
	if c, err = d.Store.ConnectionByID(ctx, out.Connection); err == nil && !out.Made {
		err = d.update(ctx, c, in.Shop)
	}
	return d.welcomeUnless(ctx, err, a, c, out.Opened)
}

// fillIn reads what the shop says of itself where that is needed. A shop whose
// connection is open does not fail for it.
func (d *Desk) fillIn(ctx context.Context, in *store.Installation, c commerce.Connection) error {
	if c.Open() && c.PlatformID != "" {
		return nil
	}
	f, err := d.Shopify.Shop(ctx, shopify.Access{Shop: in.Connection.ExternalID, Token: in.Grant.Access})
	switch {
	case err != nil && !c.Open(), err != nil && c.ID == "":
		return fmt.Errorf("facts of %s: %w", in.Connection.ExternalID, err)
	case err != nil:
		d.Log.Warn("facts of the shop not read", "shop", c.ShopID, "error", err)
		return nil
	}
	in.Shop, in.Connection.PlatformID = newShop(f), f.ID
	in.Drafts, err = DefaultCampaigns()
	return err
}

// update takes over what a shop that was here before says of itself now: what it
// changed while the app was away was told to nobody.
func (d *Desk) update(ctx context.Context, c commerce.Connection, shop commerce.Shop) error {
	u := commerce.ShopUpdate{Name: shop.Name, Timezone: shop.Timezone, Country: shop.Country, Currency: shop.Currency, Locale: shop.Locale, Site: shop.Site}
	if u == (commerce.ShopUpdate{}) {
		return nil
	}
	return d.Store.Transact(ctx, func(tx *store.Tx) error { return tx.UpdateShop(c.ShopID, u) })
}

// welcome does what may still be undone and returns the shop. What fails of it is
// done at the next Open, so it keeps nobody out.
func (d *Desk) welcome(ctx context.Context, a arrival, c commerce.Connection, fresh bool) (Opened, error) {
	err := d.Store.ConfirmInstall(ctx, c, a.seen)
	n, taken := d.Store.TakePending(ctx, c)
	if n > 0 && d.Arrived != nil {
		d.Arrived(c.ShopID)
	}
	err = errors.Join(err, taken)
	if d.Backfill != nil {
		err = errors.Join(err, d.Backfill(ctx, c))
	}
	if err != nil {
		d.Log.Warn("install not complete yet", "shop", c.ShopID, "error", err)
	}
	shop, err := d.Store.Shop(ctx, c.ShopID)
	return Opened{Shop: shop, Connection: c, Fresh: fresh}, err
}

func (d *Desk) welcomeUnless(ctx context.Context, err error, a arrival, c commerce.Connection, fresh bool) (Opened, error) {
	if err != nil {
		return Opened{}, err
	}
	return d.welcome(ctx, a, c, fresh)
}

// newShop makes a shop of what Shopify says of it.
func newShop(f shopify.ShopFacts) commerce.Shop {
	email := commerce.NormalEmail(f.ContactEmail)
	if email == "" {
		email = commerce.NormalEmail(f.Email)
	}
	return commerce.Shop{
		Name: f.Name, Email: email, Locale: f.Locale, Timezone: f.Timezone, Country: f.Country, Currency: f.Currency, Site: f.URL,
		Settings: commerce.Settings{
			// Shopify's own name of the payment method, as merchants switch it on.
			PayOnDelivery: []string{"Cash on Delivery (COD)"},
			StoreURL:      f.URL, PostalAddress: f.Address,
		},
	}
}

// DefaultCampaigns are what a new shop begins with.
func DefaultCampaigns() ([]campaign.Definition, error) {
	var out []campaign.Definition
	for _, name := range templates.DefaultPlaybooks() {
		data, err := templates.Playbook(name)
		if err != nil {
			return nil, err
		}
		d, err := campaign.Parse(data)
		if err != nil {
			return nil, fmt.Errorf("playbook %s: %w", name, err)
		}
		out = append(out, d)
	}
	return out, nil
}
