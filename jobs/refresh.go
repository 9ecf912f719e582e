package jobs

import (
	"context"
	"time"
)

// refreshTime bounds one run, well within the lease of who maintains.
const refreshTime = 10 * time.Minute

// refreshTokens keeps the access to shops alive in which nothing happens: pairs
// of tokens that are a week old are refreshed, whether anybody needs them or not.
func (w *Worker) refreshTokens(ctx context.Context) error {
	if w.Install == nil || w.Install.Shopify == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, refreshTime)
	defer cancel()
	return w.Install.RefreshDue(ctx)
}
