package store

import (
	"context"
	"encoding/json"
	"fmt"

	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/fault"
)

// RewardState is how far the giving of a reward has come.
type RewardState string

// States of a reward. What is unknown keeps its budget and its points until somebody knows.
const (
	RewardMaking  RewardState = "making"  // its code is to be made, or may have been
	RewardMade    RewardState = "made"    // it can be used
	RewardFailed  RewardState = "failed"  // certainly no code was made: points and budget were given back
	RewardUnknown RewardState = "unknown" // nobody knows whether there is a code
	RewardUsed    RewardState = "used"
	RewardExpired RewardState = "expired"
	RewardRevoked RewardState = "revoked"
)

// RewardCause is what a reward is given for, once.
type RewardCause struct{ Kind, ID string }

// Kinds of causes of rewards.
const (
	RewardRedeemed = "redeem"   // points; ID is the request's, so that one sent twice counts once
	RewardOfTier   = "tier"     // ID is the tier with its moment
	RewardReferral = "referral" // ID is the referral's
	RewardCampaign = "campaign" // ID is the effect's
	RewardByStaff  = "staff"
)

// Reward is one that somebody was given.
type Reward struct {
	ID        string
	Person    commerce.PersonID
	Cause     RewardCause
	Offer     loyalty.Offer
	Month     int64 // of its budget: year * 100 + month
	State     RewardState
	Code      string
	Note      string
	AskedAt   commerce.Instant
	MadeAt    commerce.Instant
	ExpiresAt commerce.Instant
	EndedAt   commerce.Instant
}

type rewardRow struct {
	ID        string `db:"id"`
	Person    string `db:"person_id"`
	CauseKind string `db:"cause_kind"`
	CauseID   string `db:"cause_id"`
	Offer     string `db:"offer"`
	Month     int64  `db:"month"`
	State     string `db:"state"`
	Code      string `db:"code"`
	Note      string `db:"note"`
	AskedAt   int64  `db:"asked_at"`
	MadeAt    int64  `db:"made_at"`
	ExpiresAt int64  `db:"expires_at"`
	EndedAt   int64  `db:"ended_at"`
}

const rewardColumns = `id, person_id, cause_kind, cause_id, offer, month, state, code, note, asked_at, made_at, expires_at, ended_at`

func (r rewardRow) reward() (Reward, error) {
	out := Reward{
		ID: r.ID, Person: commerce.PersonID(r.Person), Cause: RewardCause{r.CauseKind, r.CauseID}, Month: r.Month, State: RewardState(r.State), Code: r.Code, Note: r.Note,
		AskedAt: commerce.Instant(r.AskedAt), MadeAt: commerce.Instant(r.MadeAt), ExpiresAt: commerce.Instant(r.ExpiresAt), EndedAt: commerce.Instant(r.EndedAt),
	}
	if err := json.Unmarshal([]byte(r.Offer), &out.Offer); err != nil {
		return out, fmt.Errorf("offer of reward %s: %w", r.ID, err)
	}
	return out, nil
}

func (q *query) rewards(where string, args ...any) ([]Reward, error) {
	var rows []rewardRow
	if err := q.all(&rows, `SELECT `+rewardColumns+` FROM rewards WHERE `+where, args...); err != nil {
		return nil, err
	}
	out := make([]Reward, len(rows))
	for i, r := range rows {
		var err error
		if out[i], err = r.reward(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Reward reads one reward; a missing one is fault.NotFound.
func (s *Store) Reward(ctx context.Context, shop commerce.ShopID, id string) (Reward, error) {
	return s.query(ctx).reward(shop, id, "")
}

func (q *query) reward(shop commerce.ShopID, id, lock string) (Reward, error) {
	found, err := q.rewards(`shop_id = $1 AND id = $2`+lock, shop, id)
	if err == nil && len(found) == 0 {
		err = fault.New(fault.NotFound, "there is no such reward in this shop")
	}
	if err != nil {
		return Reward{}, err
	}
	return found[0], nil
}

// RewardsOf lists what somebody, and who is merged with them, was given, the last first; at most limit.
func (s *Store) RewardsOf(ctx context.Context, shop commerce.ShopID, person commerce.PersonID, limit int) ([]Reward, error) {
	q := s.query(ctx)
	circles, err := q.circles(shop, []commerce.PersonID{person})
	if err != nil {
		return nil, err
	}
	return q.rewards(`shop_id = $1 AND person_id `+q.in(2)+` ORDER BY id DESC LIMIT $3`, shop, list(q, circles[person]), limit)
}

// GiveReward notes that a member who is locked is to have a reward, before
// anybody makes its code: it takes its worth from the month's budget, under the
// lock of that row, and its cost from their points. Given again for the same
// cause it is the same one. Errors are loyalty.ErrBudget, loyalty.ErrTooFew.
func (tx *Tx) GiveReward(shop commerce.ShopID, m LoyaltyMember, cause RewardCause, o loyalty.Offer, month int64, p loyalty.Program) (Reward, LoyaltyMember, error) {
	there, err := tx.rewards(`shop_id = $1 AND cause_kind = $2 AND cause_id = $3 AND reward = $4`, shop, cause.Kind, cause.ID, o.Reward)
	if err != nil {
		return Reward{}, m, err
	}
	if len(there) > 0 {
		return there[0], m, nil
	}
	b, err := tx.lockBudget(shop, month, p.Budget)
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
	if err := tx.saveBudget(shop, month, b); err != nil {
		return Reward{}, m, err
	}
	offer, err := json.Marshal(o)
	if err != nil {
		return Reward{}, m, err
	}
	if _, err := tx.exec(`INSERT INTO rewards (shop_id, id, person_id, cause_kind, cause_id, reward, offer, month, worth, state, asked_at, look_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'making', $10, $10)`, shop, id, m.Person, cause.Kind, cause.ID, o.Reward, string(offer), month, o.Worth, tx.Now()); err != nil {
		return Reward{}, m, err
	}
	got, err := tx.reward(shop, id, "")
	return got, m, err
}

// LockReward locks and reads a reward, after its person and membership.
func (tx *Tx) LockReward(shop commerce.ShopID, id string) (Reward, error) {
	return tx.reward(shop, id, tx.forUpdate())
}

// SetReward says what became of a locked reward. Made from making or unknown, it
// settles its budget; failed from there, it gives budget and points back. m is
// its person's membership, locked before it.
func (tx *Tx) SetReward(shop commerce.ShopID, m LoyaltyMember, r Reward, to RewardState, code, note string, policy loyalty.Policy) (LoyaltyMember, error) {
	open := r.State == RewardMaking || r.State == RewardUnknown
	if r.State == to || !open && (to == RewardMade || to == RewardFailed || to == RewardUnknown) {
		return m, nil
	}
	if open && to != RewardUnknown {
		b, err := tx.lockBudget(shop, r.Month, 0)
		if err != nil {
			return m, err
		}
		if b = b.Settle(r.Offer.Worth); to == RewardFailed {
			b = loyalty.Budget{Limit: b.Limit, Reserved: b.Reserved, Settled: b.Settled - r.Offer.Worth}
		}
		if err := tx.saveBudget(shop, r.Month, b); err != nil {
			return m, err
		}
	}
	if to == RewardFailed && r.Offer.Cost > 0 {
		var err error
		back := loyalty.Row{Kind: loyalty.Adjust, Cause: loyalty.Cause{Kind: loyalty.OfReward, ID: r.ID}, Points: r.Offer.Cost, At: tx.Now(), Note: note}
		if m, err = tx.PostLedger(shop, m, []loyalty.Row{back}, policy); err != nil {
			return m, err
		}
	}
	made, ends, ended, look := r.MadeAt, r.ExpiresAt, r.EndedAt, commerce.Instant(0)
	switch to {
	case RewardMade:
		made = tx.Now()
		ends = commerce.At(made.Time().AddDate(0, 0, r.Offer.Days))
		look = ends
	case RewardMaking, RewardUnknown:
	default:
		ended = tx.Now()
	}
	_, err := tx.exec(`UPDATE rewards SET state = $3, code = CASE WHEN $4 = '' THEN code ELSE $4 END, note = $5, made_at = $6, expires_at = $7, ended_at = $8, look_at = $9 WHERE shop_id = $1 AND id = $2`,
		shop, r.ID, to, code, note, made, ends, ended, look)
	return m, err
}

// lockBudget locks a month's budget; bound is that of a month nobody has begun, and raises or lowers one in which it was another.
func (tx *Tx) lockBudget(shop commerce.ShopID, month, bound int64) (b loyalty.Budget, err error) {
	if bound != 0 {
		if _, err := tx.exec(`INSERT INTO reward_budgets (shop_id, month, bound) VALUES ($1, $2, $3)
			ON CONFLICT (shop_id, month) DO UPDATE SET bound = excluded.bound`, shop, month, bound); err != nil {
			return b, err
		}
	}
	_, err = tx.one([]any{&b.Limit, &b.Reserved, &b.Settled}, `SELECT bound, reserved, settled FROM reward_budgets WHERE shop_id = $1 AND month = $2`+tx.forUpdate(), shop, month)
	return b, err
}

func (tx *Tx) saveBudget(shop commerce.ShopID, month int64, b loyalty.Budget) error {
	_, err := tx.exec(`UPDATE reward_budgets SET reserved = $3, settled = $4 WHERE shop_id = $1 AND month = $2`, shop, month, b.Reserved, b.Settled)
	return err
}

// RewardBudget reads what a month's budget has given; the zero one where nothing was.
func (s *Store) RewardBudget(ctx context.Context, shop commerce.ShopID, month int64) (b loyalty.Budget, err error) {
	_, err = s.query(ctx).one([]any{&b.Limit, &b.Reserved, &b.Settled}, `SELECT bound, reserved, settled FROM reward_budgets WHERE shop_id = $1 AND month = $2`, shop, month)
	return b, err
}

// DueReward is a reward to be looked after: its code is to be made, or its time has ended.
type DueReward struct {
	Shop commerce.ShopID `db:"shop_id"`
	ID   string          `db:"id"`
}

// DueRewards lists, of all shops, what is to be looked after by now, the oldest first.
func (s *Store) DueRewards(ctx context.Context, limit int) (out []DueReward, err error) {
	err = s.query(ctx).all(&out, `SELECT shop_id, id FROM rewards WHERE look_at > 0 AND look_at <= $1 ORDER BY look_at LIMIT $2`, s.Now(), limit)
	return out, err
}

// PutOffReward says when a reward is looked after again.
func (tx *Tx) PutOffReward(shop commerce.ShopID, id string, until commerce.Instant, note string) error {
	_, err := tx.exec(`UPDATE rewards SET look_at = $3, note = $4 WHERE shop_id = $1 AND id = $2`, shop, id, until, note)
	return err
}
