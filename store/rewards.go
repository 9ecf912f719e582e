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
	Code      string // "" until it is made
	Note      string // why it is not made yet, was not taken back yet, or failed
	AskedAt   commerce.Instant
	MadeAt    commerce.Instant
	ExpiresAt commerce.Instant // frozen when it was given
	EndedAt   commerce.Instant
	NoticeAt  commerce.Instant // when its owner is told that it ends; 0 = they were, or are not
	// RecallAt is since when it is to be taken back; it can be used until State says that it was.
	RecallAt   commerce.Instant
	RecalledBy string // who of the shop asked for it, and why
	RecallNote string
	Order      commerce.OrderID // it was used on
	By, Why    string           // who of the shop gave it, and their reason
	Depth      int              // of what led to it, as in Tell
	LookAt     commerce.Instant // when it is looked after next; who has taken it has it until then
	// Connection is where its code is made; "" = nowhere yet, or it is the shop's own. PlatformID names the discount there.
	// Doubts is how often the platform was asked, last at TriedAt, of which nobody knows what came: 0 = certainly nothing is there.
	Doubts     int64
	TriedAt    commerce.Instant
	Connection commerce.ConnectionID
	PlatformID string
}

// Open reports whether it is not known yet whether there is a code.
func (r Reward) Open() bool { return r.State == RewardMaking || r.State == RewardUnknown }

type rewardRow struct {
	ID         string `db:"id"`
	Person     string `db:"person_id"`
	CauseKind  string `db:"cause_kind"`
	CauseID    string `db:"cause_id"`
	Offer      string `db:"offer"`
	Month      int64  `db:"month"`
	State      string `db:"state"`
	Code       string `db:"code"`
	Note       string `db:"note"`
	AskedAt    int64  `db:"asked_at"`
	MadeAt     int64  `db:"made_at"`
	ExpiresAt  int64  `db:"expires_at"`
	EndedAt    int64  `db:"ended_at"`
	NoticeAt   int64  `db:"notice_at"`
	RecallAt   int64  `db:"recall_at"`
	RecalledBy string `db:"recalled_by"`
	RecallNote string `db:"recall_note"`
	Order      string `db:"order_id"`
	By         string `db:"by_whom"`
	Why        string `db:"why"`
	Depth      int    `db:"depth"`
	Doubts     int64  `db:"doubts"`
	TriedAt    int64  `db:"tried_at"`
	Connection string `db:"connection_id"`
	PlatformID string `db:"platform_id"`
	LookAt     int64  `db:"look_at"`
}

const rewardColumns = `id, person_id, cause_kind, cause_id, offer, month, state, code, note, asked_at, made_at, expires_at, ended_at,
	notice_at, recall_at, recalled_by, recall_note, order_id, by_whom, why, depth, doubts, tried_at, connection_id, platform_id, look_at`

func (r rewardRow) reward() (Reward, error) {
	out := Reward{
		ID: r.ID, Person: commerce.PersonID(r.Person), Cause: RewardCause{r.CauseKind, r.CauseID}, Month: r.Month, State: RewardState(r.State), Code: r.Code, Note: r.Note,
		AskedAt: commerce.Instant(r.AskedAt), MadeAt: commerce.Instant(r.MadeAt), ExpiresAt: commerce.Instant(r.ExpiresAt), EndedAt: commerce.Instant(r.EndedAt),
		NoticeAt: commerce.Instant(r.NoticeAt), RecallAt: commerce.Instant(r.RecallAt), RecalledBy: r.RecalledBy, RecallNote: r.RecallNote, Order: commerce.OrderID(r.Order), By: r.By, Why: r.Why, Depth: r.Depth,
		Doubts: r.Doubts, TriedAt: commerce.Instant(r.TriedAt), Connection: commerce.ConnectionID(r.Connection), PlatformID: r.PlatformID, LookAt: commerce.Instant(r.LookAt),
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

// RewardFor finds what was given for a cause: at most one of each of the program's rewards; ok = false where nothing was.
func (tx *Tx) RewardFor(shop commerce.ShopID, cause RewardCause, reward string) (r Reward, ok bool, err error) {
	there, err := tx.rewards(`shop_id = $1 AND cause_kind = $2 AND cause_id = $3 AND reward = $4`, shop, cause.Kind, cause.ID, reward)
	if err != nil || len(there) == 0 {
		return Reward{}, false, err
	}
	return there[0], true, nil
}

// CountRewards counts how often somebody, or who is merged with them, was given one of the program's rewards that did not fail.
func (tx *Tx) CountRewards(shop commerce.ShopID, person commerce.PersonID, reward string) (n int, err error) {
	circles, err := tx.circles(shop, []commerce.PersonID{person})
	if err != nil {
		return 0, err
	}
	_, err = tx.one([]any{&n}, `SELECT COUNT(*) FROM rewards WHERE shop_id = $1 AND person_id `+tx.in(2)+` AND reward = $3 AND state <> 'failed'`,
		shop, list(&tx.query, circles[person]), reward)
	return n, err
}

// RewardBudget reads what a month's budget has given; the zero one where nothing was.
func (s *Store) RewardBudget(ctx context.Context, shop commerce.ShopID, month int64) (b loyalty.Budget, err error) {
	_, err = s.query(ctx).one([]any{&b.Limit, &b.Reserved, &b.Settled}, `SELECT bound, reserved, settled FROM reward_budgets WHERE shop_id = $1 AND month = $2`, shop, month)
	return b, err
}
