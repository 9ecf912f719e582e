package sender

import (
	"context"
	"errors"
	"sync"
	"time"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
)

const (
	lookAgain  = 24 * time.Hour   // at a domain that is in use
	lookSooner = 55 * time.Minute // at one that is not yet, or whose records are gone
	looksAtOne = 500              // run
	looksSide  = 8                // by side
)

// Sweep looks at the shared domain and at the domains whose turn it is, and makes
// keys anew that have signed for long enough. One process does so, hourly.
func (d *Desk) Sweep(ctx context.Context) error {
	_, err := d.CheckPlatform(ctx)
	now := d.Store.Now()
	shops, listed := d.Store.SendersToLook(ctx, now.Add(-lookAgain), now.Add(-lookSooner), looksAtOne)
	if listed != nil {
		return errors.Join(err, listed)
	}
	places := make(chan struct{}, looksSide)
	var mu sync.Mutex
	var all sync.WaitGroup
	for _, shop := range shops {
		places <- struct{}{}
		all.Go(func() {
			defer func() { <-places }()
			if failed := d.tend(ctx, shop); failed != nil && !fault.Is(failed, fault.Conflict) { // somebody is at it: the next run looks again
				mu.Lock()
				defer mu.Unlock()
				err = errors.Join(err, failed)
			}
		})
	}
	all.Wait()
	return err
}

// tend looks at one shop's domain.
func (d *Desk) tend(ctx context.Context, shop commerce.ShopID) error {
	if err := d.Check(ctx, shop); err != nil {
		return err
	}
	row, err := d.Store.Sender(ctx, shop)
	if err != nil || row.Kind != store.SenderDomain {
		return err
	}
	keys, err := d.Store.SenderKeys(ctx, shop, row.Domain)
	if err != nil || !stale(keys, d.Store.Now()) {
		return err
	}
	return d.Rotate(ctx, shop)
}
