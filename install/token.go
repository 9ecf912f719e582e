package install

import (
	"context"

	"flywheel/commerce"
	"flywheel/integrations/shopify"
)

// Token returns what a call to the connection's shop needs.
func (d *Desk) Token(_ context.Context, c commerce.Connection) (shopify.Access, error) {
	return shopify.Access{Shop: c.ExternalID, Token: c.Token}, nil
}
