package store

import (
	"slices"

	"flywheel/commerce"
	"flywheel/delight/loyalty"
)

// RewardOutcome is what became of a reward.
type RewardOutcome struct {
	State      RewardState
	Code       string           // of a made one
	PlatformID string           // of the discount at its platform; "" = as before
	Note       string           // why, in a sentence
	Order      commerce.OrderID // a used one was used on
	LookAt     commerce.Instant // when somebody looks again at one that is not made yet
}

// becomes says what may become of a reward. One that has run out or was taken back was used where an order says so.
var becomes = map[RewardState][]RewardState{
	RewardMaking:  {RewardUnknown, RewardMade, RewardFailed},
	RewardUnknown: {RewardUnknown, RewardMade, RewardFailed},
	RewardMade:    {RewardUsed, RewardExpired, RewardRevoked},
	RewardExpired: {RewardUsed},
	RewardRevoked: {RewardUsed},
}

// LockReward locks and reads a reward, after its person and membership; a missing one is fault.NotFound.
func (tx *Tx) LockReward(shop commerce.ShopID, id string) (Reward, error) {
	return tx.reward(shop, id, tx.forUpdate())
}

// SetReward says what became of a locked reward, and reports whether it could:
// what is made does not fail any more. Made, it settles its budget; failed, it
// gives budget and points back. m is its person's membership, locked before it.
func (tx *Tx) SetReward(shop commerce.ShopID, m LoyaltyMember, r Reward, o RewardOutcome, policy loyalty.Policy) (set bool, err error) {
	if !slices.Contains(becomes[r.State], o.State) {
		return false, nil
	}
	if r.Open() && o.State != RewardUnknown {
		if err := tx.closeBudget(shop, r, o.State == RewardMade); err != nil {
			return false, err
		}
	}
	if o.State == RewardFailed && r.Offer.Cost > 0 {
		rows, err := tx.Ledger(shop, m.Person)
		if err != nil {
			return false, err
		}
		if _, err := tx.PostLedger(shop, m, loyalty.GiveBack(rows, r.ID, o.Note, tx.Now()), policy); err != nil {
			return false, err
		}
	}
	r.State, r.Note = o.State, o.Note
	switch o.State {
	case RewardMade:
		r.MadeAt = tx.Now()
		r.NoticeAt = noticeOf(r, policy)
		if o.LookAt = min(r.NoticeAt, r.ExpiresAt); r.RecallAt != 0 {
			o.LookAt = r.MadeAt
		}
	case RewardUnknown:
	default:
		r.EndedAt, o.LookAt = tx.Now(), 0
	}
	_, err = tx.exec(`UPDATE rewards SET state = $3, note = $4, made_at = $5, ended_at = $6, look_at = $7, notice_at = $8,
		code = CASE WHEN CAST($9 AS TEXT) = '' THEN code ELSE $9 END, platform_id = CASE WHEN CAST($10 AS TEXT) = '' THEN platform_id ELSE $10 END,
		order_id = CASE WHEN CAST($11 AS TEXT) = '' THEN order_id ELSE $11 END WHERE shop_id = $1 AND id = $2`,
		shop, r.ID, r.State, r.Note, r.MadeAt, r.EndedAt, o.LookAt, r.NoticeAt, o.Code, o.PlatformID, o.Order)
	return true, err
}

// closeBudget settles what was reserved for a reward, or gives it back.
func (tx *Tx) closeBudget(shop commerce.ShopID, r Reward, made bool) error {
	b, err := tx.lockBudget(shop, r.Month)
	if err != nil {
		return err
	}
	if made {
		b = b.Settle(r.Offer.Worth)
	} else {
		b = b.Release(r.Offer.Worth)
	}
	return tx.saveBudget(shop, r.Month, b)
}

// noticeOf is when the owner of a reward that was just made is told that it
// ends: as the policy says, or where it lives no longer than that, half way.
func noticeOf(r Reward, policy loyalty.Policy) commerce.Instant {
	if at := policy.NoticeBy(r.ExpiresAt); at > r.MadeAt {
		return at
	}
	return r.MadeAt + max(0, r.ExpiresAt-r.MadeAt)/2
}

// RewardNoticed notes that the owner of a locked reward was told that it ends, which is looked at next.
func (tx *Tx) RewardNoticed(shop commerce.ShopID, r Reward) error {
	_, err := tx.exec(`UPDATE rewards SET notice_at = 0, look_at = $3 WHERE shop_id = $1 AND id = $2`, shop, r.ID, r.ExpiresAt)
	return err
}

// RecallReward asks for a locked reward to be taken back, by whom and why. It is looked after
// at once, or by who has it in hand just now, and revoked when that is certain; asked again the first time stays.
func (tx *Tx) RecallReward(shop commerce.ShopID, r Reward, note, by string) error {
	_, err := tx.exec(`UPDATE rewards SET recall_at = $3, look_at = CASE WHEN look_at > 0 AND (look_at = lease OR look_at <= $3) THEN look_at ELSE $3 END, recall_note = $4, recalled_by = $5
		WHERE shop_id = $1 AND id = $2 AND recall_at = 0`, shop, r.ID, tx.Now(), note, by)
	return err
}

// KeepReward lets a locked reward stand that was to be taken back, if it was: nobody asks for it any more. note says why.
func (tx *Tx) KeepReward(shop commerce.ShopID, r Reward, note string) error {
	look := r.LookAt
	switch {
	case r.State == RewardMade && r.NoticeAt == 0:
		look = r.ExpiresAt
	case r.State == RewardMade:
		look = min(r.NoticeAt, r.ExpiresAt)
	}
	_, err := tx.exec(`UPDATE rewards SET recall_at = 0, recall_note = '', recalled_by = '', look_at = $3, note = $4 WHERE shop_id = $1 AND id = $2`, shop, r.ID, look, note)
	return err
}

// UseRewards notes that an order came with these codes, of which some may be
// rewards of ours: those are used from then on. Codes are told in any case, or by
// the ids of the platform's promotions.
func (tx *Tx) UseRewards(shop commerce.ShopID, order commerce.OrderID, codes, promotions []string) error {
	codes, err := tx.codesUsed(shop, codes, promotions)
	if err != nil || len(codes) == 0 {
		return err
	}
	_, err = tx.exec(`UPDATE rewards SET state = 'used', order_id = $3, ended_at = $4, look_at = 0, notice_at = 0
		WHERE shop_id = $1 AND code `+tx.in(2)+` AND code <> '' AND state IN ('made', 'expired', 'revoked')`, shop, list(&tx.query, codes), order, tx.Now())
	return err
}

// codesUsed are the codes of rewards as they are kept, of those an order tells and of the platform's promotions.
func (tx *Tx) codesUsed(shop commerce.ShopID, codes, promotions []string) ([]string, error) {
	if len(promotions) == 0 {
		return upper(codes), nil
	}
	told, err := tx.scalars(`SELECT code FROM promotions WHERE shop_id = $1 AND promotion_id `+tx.in(2)+` AND promotion_id <> ''`, shop, list(&tx.query, promotions))
	return upper(append(slices.Clone(codes), told...)), err
}
