package store

import (
	"encoding/json"

	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/fault"
)

// Gift is a reward that somebody is to have.
type Gift struct {
	Cause   RewardCause
	Offer   loyalty.Offer
	Month   int64  // whose budget it is of: year * 100 + month
	Depth   int    // of what led to it, as in Tell
	By, Why string // who of the shop gives it, and their reason; "" = nobody did
}

// GiveReward notes that a member who is locked is to have a reward, before
// anybody makes its code: it takes its worth from the month's budget, under the
// lock of that row, and its cost from their points. Given again for the same
// cause it is the same one; where that is somebody else's it is fault.Conflict.
// Other errors are loyalty.ErrBudget, loyalty.ErrTooFew.
func (tx *Tx) GiveReward(shop commerce.ShopID, m LoyaltyMember, g Gift, p loyalty.Program) (Reward, LoyaltyMember, error) {
	o := g.Offer
	if there, ok, err := tx.RewardFor(shop, g.Cause, o.Reward); err != nil || ok {
		if err == nil {
			err = tx.isTheirs(shop, there, m.Person)
		}
		return there, m, err
	}
	b, err := tx.boundBudget(shop, g.Month, p.Budget)
	if err != nil {
		return Reward{}, m, err
	}
	if b, err = b.Reserve(o.Worth); err != nil {
		return Reward{}, m, err
	}
	id := NewID()
	if o.Cost > 0 {
		row, err := loyalty.Balance{Points: m.Points}.Spend(id, o.Cost, tx.Now())
		if err != nil {
			return Reward{}, m, err
		}
		if m, err = tx.PostLedger(shop, m, []loyalty.Row{row}, p.Policy); err != nil {
			return Reward{}, m, err
		}
	}
	if err := tx.saveBudget(shop, g.Month, b); err != nil {
		return Reward{}, m, err
	}
	offer, err := json.Marshal(o)
	if err != nil {
		return Reward{}, m, err
	}
	ends := commerce.At(tx.Now().Time().AddDate(0, 0, o.Days))
	if _, err := tx.exec(`INSERT INTO rewards (shop_id, id, person_id, cause_kind, cause_id, reward, offer, month, worth, state, asked_at, look_at, expires_at, depth, by_whom, why)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'making', $10, $10, $11, $12, $13, $14)`,
		shop, id, m.Person, g.Cause.Kind, g.Cause.ID, o.Reward, string(offer), g.Month, o.Worth, tx.Now(), ends, g.Depth, g.By, g.Why); err != nil {
		return Reward{}, m, err
	}
	got, err := tx.reward(shop, id, "")
	return got, m, err
}

// isTheirs refuses a reward that is somebody else's.
func (tx *Tx) isTheirs(shop commerce.ShopID, r Reward, person commerce.PersonID) error {
	circles, err := tx.circles(shop, []commerce.PersonID{person})
	if err != nil {
		return err
	}
	for _, id := range circles[person] {
		if id == r.Person {
			return nil
		}
	}
	return fault.New(fault.Conflict, "somebody else has a reward for the same cause")
}

// boundBudget locks a month's budget, whose bound is what the program says today.
func (tx *Tx) boundBudget(shop commerce.ShopID, month, bound int64) (loyalty.Budget, error) {
	if _, err := tx.exec(`INSERT INTO reward_budgets (shop_id, month, bound) VALUES ($1, $2, $3)
		ON CONFLICT (shop_id, month) DO UPDATE SET bound = excluded.bound`, shop, month, bound); err != nil {
		return loyalty.Budget{}, err
	}
	return tx.lockBudget(shop, month)
}

func (tx *Tx) lockBudget(shop commerce.ShopID, month int64) (b loyalty.Budget, err error) {
	_, err = tx.one([]any{&b.Limit, &b.Reserved, &b.Settled}, `SELECT bound, reserved, settled FROM reward_budgets WHERE shop_id = $1 AND month = $2`+tx.forUpdate(), shop, month)
	return b, err
}

func (tx *Tx) saveBudget(shop commerce.ShopID, month int64, b loyalty.Budget) error {
	_, err := tx.exec(`UPDATE reward_budgets SET reserved = $3, settled = $4 WHERE shop_id = $1 AND month = $2`, shop, month, b.Reserved, b.Settled)
	return err
}
