package install

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"
	"time"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/stripe"
	"flywheel/store"
)

const (
	// lostAfter is how long an account must have given no access to be taken for
	// one that has left, and whose goodbye was lost.
	lostAfter = 30 * 24 * time.Hour
	// askLimit bounds one run.
	askLimit = 500
	// crowd is how many accounts, all refused, make it likelier that our key is the
	// wrong one than that all have left.
	crowd = 3
	// witnesses is how many accounts that were never refused are asked then.
	witnesses = 5
	// keyAge is how long a key that Stripe took is believed to be good.
	keyAge = 5 * time.Minute
)

// goodKeys remembers when Stripe last took a key of the platform.
type goodKeys struct {
	mu sync.Mutex
	at map[string]time.Time
}

// markOf tells keys apart without giving one away.
func markOf(key string) string {
	if key == "" {
		return ""
	}
	sum := sha256.Sum256([]byte("flywheel key of stripe " + key))
	return hex.EncodeToString(sum[:8])
}

// key is what the connection's account is asked with; "" = there is none.
func (d *StripeDesk) key(c commerce.Connection) string {
	if c.Token != "" {
		return c.Token
	}
	return d.Keys.Of(c.Live)
}

// Refused hears what a call in the connection's name was refused with. Where
// Stripe says that the account gives no access any more, that is noted, and with
// this key nothing is asked until AskRefused finds otherwise or somebody connects
// it again. Other refusals change nothing, nor does any while the platform's key
// itself is not good.
func (d *StripeDesk) Refused(ctx context.Context, c commerce.Connection, cause error) error {
	if !errors.Is(cause, stripe.ErrNoAccess) {
		return nil
	}
	now, err := d.Store.ConnectionByID(ctx, c.ID)
	if err != nil || now.Token != c.Token || now.Epoch != c.Epoch {
		return err
	}
	if now.Token == "" && !d.keyGood(ctx, now.Live) {
		return nil
	}
	now.RefusedKey = markOf(d.key(now))
	_, err = d.Store.RevokeGrant(ctx, now)
	return err
}

// Regained hears that a call in the connection's name was answered.
func (d *StripeDesk) Regained(ctx context.Context, c commerce.Connection) error {
	if c.TokenState != commerce.TokenRevoked {
		return nil
	}
	again, err := d.Store.RegainGrant(ctx, c)
	if again {
		d.Log.Info("the account gives access again", "shop", c.ShopID, "connection", c.ID)
	}
	return err
}

// keyGood reports whether Stripe takes the platform's key of a mode as such.
func (d *StripeDesk) keyGood(ctx context.Context, live bool) bool {
	key := d.Keys.Of(live)
	d.good.mu.Lock()
	at, known := d.good.at[key]
	d.good.mu.Unlock()
	if known && time.Since(at) < keyAge {
		return true
	}
	if _, err := d.Stripe.Account(ctx, stripe.Access{Key: key}); err != nil {
		d.Log.Error("STRIPE_SECRET_KEY is not known to be good, so no account counts as lost", "live", live, "error", err)
		return false
	}
	d.good.mu.Lock()
	defer d.good.mu.Unlock()
	if d.good.at == nil {
		d.good.at = map[string]time.Time{}
	}
	d.good.at[key] = time.Now()
	return true
}

// AskRefused asks Stripe again about open accounts whose access it refused. One
// that answers goes on as before. One that has been refused for 30 days has left,
// and nobody told us: it is closed as of the first refusal. Nothing is closed
// while the key may be the wrong one.
func (d *StripeDesk) AskRefused(ctx context.Context) error {
	ids, err := d.Store.RefusedConnections(ctx, commerce.Stripe, askLimit)
	lost, answered, failed := map[bool][]commerce.Connection{}, map[bool]bool{}, 0
	for _, id := range ids {
		c, asked := d.askRefused(ctx, id)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case asked == nil:
			answered[c.Live] = true
		case errors.Is(asked, stripe.ErrNoAccess):
			lost[c.Live] = append(lost[c.Live], c)
		default:
			failed++
			d.Log.Warn("an account whose access was refused was not asked again", "connection", id, "error", asked)
		}
		if failed >= outage && len(lost) == 0 && len(answered) == 0 {
			break // Stripe is down
		}
	}
	for live, all := range lost {
		if answered[live] || d.mayBeLost(ctx, live, len(all)) {
			err = errors.Join(err, d.closeLost(ctx, all))
		}
	}
	return err
}

// askRefused asks about one account; nil = it gives access.
func (d *StripeDesk) askRefused(ctx context.Context, id commerce.ConnectionID) (commerce.Connection, error) {
	c, err := d.Store.ConnectionByID(ctx, id)
	if err == nil {
		err = d.Store.NoteAsk(ctx, id)
	}
	if err == nil {
		err = d.letsIn(ctx, c)
	}
	if err == nil {
		err = d.Regained(ctx, c)
	}
	return c, err
}

// letsIn asks Stripe whether it gives access to a connection's account.
func (d *StripeDesk) letsIn(ctx context.Context, c commerce.Connection) error {
	a, err := d.access(c)
	if err != nil {
		return err
	}
	facts, err := d.Stripe.Account(ctx, a)
	if err == nil && facts.ID != c.ExternalID {
		err = fault.New(fault.Denied, "the key belongs to another account")
	}
	return err
}

// mayBeLost reports whether n accounts of a mode, of which none answered, are
// refused for their own sake and not for our key's.
func (d *StripeDesk) mayBeLost(ctx context.Context, live bool, n int) bool {
	if !d.keyGood(ctx, live) {
		return false
	}
	if n < crowd {
		return true
	}
	ids, err := d.Store.SoundConnections(ctx, commerce.Stripe, live, 4*witnesses)
	asked := 0
	for _, id := range ids {
		c, e := d.Store.ConnectionByID(ctx, id)
		if e != nil || c.Token != "" || asked == witnesses {
			continue
		}
		asked++
		if d.letsIn(ctx, c) == nil {
			return true
		}
	}
	d.Log.Error("many accounts give no access and none does: is STRIPE_SECRET_KEY of the platform whose app they have? Nothing is closed",
		"live", live, "accounts", n, "error", err)
	return false
}

// closeLost ends those that have been refused for long. What has a key of its own
// is its operator's to end.
func (d *StripeDesk) closeLost(ctx context.Context, all []commerce.Connection) (err error) {
	first := d.Store.Now().Add(-lostAfter)
	for _, c := range all {
		if c.Token != "" {
			continue
		}
		closed := false
		e := d.Store.Transact(ctx, func(tx *store.Tx) (err error) {
			closed, err = tx.CloseRefused(c, first)
			return err
		})
		if e != nil {
			err = errors.Join(err, fmt.Errorf("connection %s: %w", c.ID, e))
		} else if closed {
			d.Log.Info("account closed: it gave no access for a month", "shop", c.ShopID, "connection", c.ID)
		}
	}
	return err
}
