package install

import (
	"context"
	"errors"
	"fmt"
	"time"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/shopify"
	"flywheel/store"
)

const (
	// freshFor is how long a token must still live to be given out: longer than any task takes.
	freshFor = 5 * time.Minute
	// callTime bounds what is done under a lease, and is how long that lease lasts.
	callTime = 30 * time.Second
	// refreshLife is how long Shopify keeps a refresh token.
	refreshLife = 90 * 24 * time.Hour
)

// Token returns what a call to the connection's shop needs, with a token that
// lives five more minutes at least. One that does not expire is given as it is.
// However many ask at once, over all processes, one of them refreshes and the
// others wait. It is fault.Denied where somebody must open the app first.
func (d *Desk) Token(ctx context.Context, c commerce.Connection) (shopify.Access, error) {
	c, err := d.renew(ctx, c, d.fresh)
	if err != nil {
		return shopify.Access{}, err
	}
	return shopify.Access{Shop: c.ExternalID, Token: c.Token}, nil
}

func (d *Desk) fresh(c commerce.Connection) bool {
	return c.TokenExpiresAt == 0 || c.TokenExpiresAt.Time().Sub(d.now()) >= freshFor
}

// usable says why there is no hope of a token before somebody opens the app; nil = there is.
func usable(c commerce.Connection) error {
	switch {
	case c.ID == "" || !c.Open():
		return fault.New(fault.Denied, "the app is not installed in this shop any more")
	case c.TokenState == commerce.TokenRevoked:
		return fault.New(fault.Denied, "Shopify no longer accepts the app's access: open the app once in the Shopify admin")
	case c.Token == "":
		return fault.New(fault.Denied, "the app has no access to the shop yet: open the app once in the Shopify admin")
	}
	return nil
}

// renew returns the connection with tokens that are good, refreshing them until
// they are. The caller's copy may be old, so the stored one decides.
func (d *Desk) renew(ctx context.Context, c commerce.Connection, good func(commerce.Connection) bool) (commerce.Connection, error) {
	if usable(c) == nil && good(c) {
		return c, nil
	}
	owner := store.NewID()
	for p := newPatience(); ; {
		c, err := d.Store.ConnectionByID(ctx, c.ID)
		if err == nil {
			err = usable(c)
		}
		if err != nil || good(c) {
			return c, err
		}
		token, err := d.Store.LeaseRefresh(ctx, c, owner, callTime)
		if err != nil {
			return c, err
		}
		if token != "" {
			if kept, err := d.refresh(ctx, c, owner, token); err != nil {
				return c, err
			} else if kept {
				return d.Store.ConnectionByID(ctx, c.ID) // however short its life is: nobody gets a better one
			}
		}
		if err := p.wait(ctx); err != nil {
			return c, err
		}
	}
}

// refresh exchanges the pair for the next one, under owner's lease, and says
// whether that one is kept. Whoever dies between the answer and the commit costs
// nothing: the old refresh token is good until the new pair is first used
// (changelog of 2026-08-28).
func (d *Desk) refresh(ctx context.Context, c commerce.Connection, owner, token string) (kept bool, err error) {
	calling, cancel := context.WithTimeout(ctx, callTime*2/3)
	defer cancel()
	g, err := d.Shopify.Refresh(calling, c.ExternalID, token)
	ctx = context.WithoutCancel(ctx) // what was answered is kept, though the caller may have gone
	switch {
	case d.gone(c, err):
		_, err = d.Store.RevokeGrant(ctx, c)
		return false, err
	case err != nil:
		return false, errors.Join(fmt.Errorf("tokens of %s: %w", c.ExternalID, err), d.Store.ReleaseRefresh(ctx, c, owner))
	}
	kept, err = d.Store.SaveGrant(ctx, c, owner, g)
	if err == nil && !kept {
		d.Log.Info("refreshed tokens not kept: the app was uninstalled or opened meanwhile", "shop", c.ShopID, "connection", c.ID)
	}
	return kept, err
}

// gone reports whether c's tokens are lost. invalid_client alone says nothing of
// one shop: with a wrong secret in our own settings every shop answers so. Where
// the refresh token has ended by itself, it does not matter any more.
func (d *Desk) gone(c commerce.Connection, err error) bool {
	return errors.Is(err, shopify.ErrReopen) ||
		errors.Is(err, shopify.ErrUninstalled) && d.now().Sub(c.TokenExpiresAt.Time()) > refreshLife
}

// patience is how a process waits for what another one is doing.
type patience struct {
	pause time.Duration
	end   time.Time
}

func newPatience() *patience {
	return &patience{pause: 5 * time.Millisecond, end: time.Now().Add(15 * time.Second)}
}

// wait waits a little, each time longer; fault.Temporary when it has been long enough.
func (p *patience) wait(ctx context.Context) error {
	if time.Now().After(p.end) {
		return fault.New(fault.Temporary, "the shop's access is being renewed; please try again")
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(p.pause):
	}
	p.pause = min(2*p.pause, 500*time.Millisecond)
	return nil
}
