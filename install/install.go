// Package install ties a merchant's Shopify store to a shop of ours and keeps
// the tie good: it exchanges the ID token of an opened app for tokens, makes the
// shop with its campaigns as drafts, refreshes tokens before they end, and notes
// when the platform no longer accepts them. The web and the workers share it.
package install

import (
	"log/slog"

	"flywheel/integrations/shopify"
	"flywheel/store"
)

// Desk holds what installing needs.
type Desk struct {
	Store   *store.Store
	Shopify *shopify.Client
	Log     *slog.Logger
}
