package jobs

import (
	"context"
	"time"

	"flywheel/codes"
)

const (
	// codesAtOnce bounds one run; an hour later comes the next.
	codesAtOnce = 200
	// codesTime bounds one run, well within the lease of who maintains.
	codesTime = 5 * time.Minute
)

// settleCodes finishes codes that were left in doubt: taken back while they were
// made, or made by somebody who died of it.
func (w *Worker) settleCodes(ctx context.Context) error {
	if w.Accounts == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, codesTime)
	defer cancel()
	return (&codes.Desk{Store: w.Store, Accounts: w.Accounts}).Settle(ctx, codesAtOnce)
}
