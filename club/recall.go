package club

import (
	"context"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
)

// Revoke takes a reward back that was not used yet, for a reason. A worker has
// its code end at the platform; the reward is revoked when that is certain. One
// of which no code was made fails instead: its points and budget come back; the
// points of a revoked one do not. What has ended already is fault.Conflict.
func (d Desk) Revoke(ctx context.Context, shop commerce.Shop, reward, note, by string) error {
	if err := noted(note); err != nil {
		return err
	}
	r, err := d.Store.Reward(ctx, shop.ID, reward)
	if err != nil {
		return err
	}
	return d.Store.Transact(ctx, func(tx *store.Tx) error {
		if _, err := tx.LockPersons(shop.ID, []commerce.PersonID{r.Person}); err != nil {
			return err
		}
		return Recall(tx, shop, reward, note, by)
	})
}

// Recall is Revoke inside a transaction whose person is locked.
func Recall(tx *store.Tx, shop commerce.Shop, reward, note, by string) error {
	r, err := tx.LockReward(shop.ID, reward)
	switch {
	case err != nil:
		return err
	case !r.Open() && r.State != store.RewardMade:
		return fault.New(fault.Conflict, "this reward has ended already: there is nothing to take back")
	case r.RecallAt != 0:
		return nil
	}
	return tx.RecallReward(shop.ID, r, note, by)
}
