package install

import (
	"context"
	"errors"
	"fmt"
	"time"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/shopify"
)

const (
	// refreshAge is the age at which a pair of tokens is refreshed though nobody
	// needs it: refresh tokens end after 90 days, and an outage must not cost any.
	refreshAge = 7 * 24 * time.Hour
	// refreshLimit bounds one run; an hourly one so keeps 168,000 idle shops.
	refreshLimit = 1000
	// outage is after how many failures that look like one a run takes the platform
	// for down, unless a shop was served.
	outage = 10
)

// RefreshDue refreshes all pairs of tokens that are a week old, so that no shop
// idles past the 90 days after which its merchant would have to open the app.
// One shop's failure stops no other, and is tried again after a pause; the error
// counts them.
func (d *Desk) RefreshDue(ctx context.Context) error {
	ids, err := d.Store.ConnectionsToRefresh(ctx, commerce.At(d.now()), refreshAge, refreshLimit)
	served, failed, down := 0, 0, 0
	for _, id := range ids {
		err := d.refreshOnce(ctx, id)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil:
			served++
			continue
		case fault.Is(err, fault.Temporary) && !errors.Is(err, shopify.ErrTurnedAway):
			down++
		}
		failed++
		d.Log.Warn("tokens not refreshed", "connection", id, "error", err)
		if down >= outage && served == 0 {
			break
		}
	}
	if failed > 0 {
		err = errors.Join(err, fmt.Errorf("tokens of %d connections not refreshed", failed))
	}
	return err
}

// refreshOnce refreshes a pair unless somebody else does.
func (d *Desk) refreshOnce(ctx context.Context, id commerce.ConnectionID) error {
	if err := d.Store.NoteRefreshTry(ctx, id, commerce.At(d.now())); err != nil {
		return err
	}
	old, err := d.Store.ConnectionByID(ctx, id)
	if err != nil {
		return err
	}
	_, err = d.renew(ctx, old, func(c commerce.Connection) bool {
		return c.TokenExpiresAt != old.TokenExpiresAt || c.Epoch != old.Epoch
	})
	return err
}

// Refused hears what a call with the connection's token was refused with. Where
// that is the token itself (HTTP 401), and no other is there by now, it is
// refreshed; where that is refused too, or it cannot be refreshed, the tokens
// are noted as revoked, and the next Open gets others. The shop stays open: an
// uninstall is told of by its webhook. Other refusals change nothing.
func (d *Desk) Refused(ctx context.Context, c commerce.Connection, cause error) error {
	if !errors.Is(cause, shopify.ErrToken) {
		return nil
	}
	now, err := d.Store.ConnectionByID(ctx, c.ID)
	if err != nil || usable(now) != nil || now.Token != c.Token || now.Epoch != c.Epoch {
		return err
	}
	if now.TokenExpiresAt != 0 {
		_, err = d.renew(ctx, now, func(n commerce.Connection) bool { return n.Token != now.Token })
		if err == nil || !fault.Is(err, fault.Denied) {
			return err
		}
	}
	_, err = d.Store.RevokeGrant(ctx, now)
	return err
}
