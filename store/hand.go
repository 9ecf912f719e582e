package store

import (
	"context"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/fault"
)

// byHand changes a walk that has not ended; set is what to change, with $4 =
// value. A run that is under way notices by the raised rev.
func (tx *Tx) byHand(shop commerce.ShopID, id campaign.EnrollmentID, set string, value any) error {
	n, err := tx.exec(`UPDATE enrollments SET rev = rev + 1, due_at = $3, `+set+` WHERE shop_id = $1 AND id = $2 AND state = 'active'`,
		shop, id, tx.store.Now(), value)
	if err != nil || n == 1 {
		return err
	}
	var reason string
	found, err := tx.one([]any{&reason}, `SELECT reason FROM enrollments WHERE shop_id = $1 AND id = $2`, shop, id)
	switch {
	case err != nil:
		return err
	case !found:
		return fault.New(fault.NotFound, "there is no enrollment %s in this shop", id)
	}
	return fault.New(fault.Conflict, "this person's way through the campaign has ended already (%s)", reason)
}

// StopEnrollment ends a walk by hand; what is being sent at this moment still
// goes. A missing one is fault.NotFound, one that has ended fault.Conflict.
func (s *Store) StopEnrollment(ctx context.Context, shop commerce.ShopID, id campaign.EnrollmentID) error {
	return s.Transact(ctx, func(tx *Tx) error {
		if err := tx.byHand(shop, id, `state = 'ended', waits_for = '', queue = CASE WHEN queue = 1 THEN 0 ELSE queue END, reason = $4`, gate.StoppedByHand); err != nil {
			return err
		}
		return tx.CloseEffects(shop, id, Withdrawn, string(gate.StoppedByHand))
	})
}

// SkipStep has a walk leave out a step, at once where it stands at it. Errors as StopEnrollment's.
func (s *Store) SkipStep(ctx context.Context, shop commerce.ShopID, id campaign.EnrollmentID, step string) error {
	return s.Transact(ctx, func(tx *Tx) error { return tx.byHand(shop, id, `skip_step = $4`, step) })
}

// GoNow has a walk's next step done now, without its wait. Errors as StopEnrollment's.
func (s *Store) GoNow(ctx context.Context, shop commerce.ShopID, id campaign.EnrollmentID) error {
	return s.Transact(ctx, func(tx *Tx) error { return tx.byHand(shop, id, `go_now = $4`, tx.store.Now()) })
}
