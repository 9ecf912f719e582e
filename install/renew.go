package install

import (
	"context"

	"flywheel/integrations/shopify"
)

// Renew is Open that gets new tokens even where there are good ones: a merchant
// has just granted an optional scope, and only new tokens tell of it.
func (d *Desk) Renew(ctx context.Context, s shopify.Session) (Opened, error) {
	return d.open(ctx, arrival{shop: s.Shop, seen: d.Store.Now(), always: true, grant: d.exchange(s)})
}
