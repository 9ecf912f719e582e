// Package install ties a merchant's Shopify store to a shop of ours and keeps
// the tie good: it exchanges the ID token of an opened app for tokens, makes the
// shop with its campaigns as drafts, refreshes tokens before they end, and notes
// when the platform no longer accepts them. The web and the workers share it.
package install

import (
	"context"
	"log/slog"
	"time"

	"flywheel/commerce"
	"flywheel/integrations/shopify"
	"flywheel/store"
)

// Desk holds what installing needs. It is safe for several goroutines, and any
// number of desks may work on one database.
type Desk struct {
	Store   *store.Store
	Shopify *shopify.Client
	Log     *slog.Logger
	// Now is real time, by which tokens end; nil = time.Now.
	Now func() time.Time
	// Backfill has what happened before an install read; asking again must be
	// harmless. nil = nobody reads the past.
	Backfill func(context.Context, commerce.Connection) error
	// Arrived hints that deliveries wait in a shop's inbox; nil = nobody is told.
	Arrived func(commerce.ShopID)
}

// Opened is the shop whose app was opened.
type Opened struct {
	Shop       commerce.Shop
	Connection commerce.Connection
	// Fresh says that the app was installed, or installed again, just now.
	Fresh bool
}

func (d *Desk) now() time.Time {
	if d.Now != nil {
		return d.Now()
	}
	return time.Now()
}
