package store

import (
	"context"
	"encoding/json"
	"fmt"

	"flywheel/commerce"
	"flywheel/delight/referral"
	"flywheel/fault"
)

// Referral is a friend whom an advocate sent, and what came of it.
type Referral struct {
	ID        string
	Advocate  commerce.PersonID
	Friend    commerce.PersonID
	Order     commerce.OrderID // the friend's first one with a sign
	Via       referral.Via
	Code      string // that they used; "" = none
	TouchedAt commerce.Instant
	Verdict   referral.Verdict
	State     referral.State
	Reason    referral.Reason
	Decision  referral.Decision
	DecidedBy string
	DecidedAt commerce.Instant
	Note      string // why somebody decided so
	SaleAt    commerce.Instant
	Counts    int64            // what is left of the order, minor units of the reporting currency
	OpensAt   commerce.Instant // the end of its return window; 0 = not known
	Payouts   int64            // how often it was paid, each time after the one before was taken back
	Reward    string           // the id of the last payout's; "" = none
	PaidAt    commerce.Instant
	MadeAt    commerce.Instant
	ChangedAt commerce.Instant
}

type referralRow struct {
	ID        string `db:"id"`
	Advocate  string `db:"advocate_id"`
	Friend    string `db:"friend_id"`
	Order     string `db:"order_id"`
	Via       string `db:"via"`
	Code      string `db:"code"`
	TouchedAt int64  `db:"touched_at"`
	Verdict   string `db:"verdict"`
	State     string `db:"state"`
	Reason    string `db:"reason"`
	Decision  string `db:"decision"`
	DecidedBy string `db:"decided_by"`
	DecidedAt int64  `db:"decided_at"`
	Note      string `db:"note"`
	SaleAt    int64  `db:"sale_at"`
	Counts    int64  `db:"counts"`
	OpensAt   int64  `db:"opens_at"`
	Payouts   int64  `db:"payouts"`
	Reward    string `db:"reward_id"`
	PaidAt    int64  `db:"paid_at"`
	MadeAt    int64  `db:"made_at"`
	ChangedAt int64  `db:"changed_at"`
}

const referralColumns = `id, advocate_id, friend_id, order_id, via, code, touched_at, verdict, state, reason, decision, decided_by, decided_at, note,
	sale_at, counts, opens_at, payouts, reward_id, paid_at, made_at, changed_at`

func (r referralRow) referral() (Referral, error) {
	out := Referral{
		ID: r.ID, Advocate: commerce.PersonID(r.Advocate), Friend: commerce.PersonID(r.Friend), Order: commerce.OrderID(r.Order), Via: referral.Via(r.Via), Code: r.Code,
		TouchedAt: commerce.Instant(r.TouchedAt), State: referral.State(r.State), Reason: referral.Reason(r.Reason), Decision: referral.Decision(r.Decision),
		DecidedBy: r.DecidedBy, DecidedAt: commerce.Instant(r.DecidedAt), Note: r.Note, SaleAt: commerce.Instant(r.SaleAt), Counts: r.Counts, OpensAt: commerce.Instant(r.OpensAt),
		Payouts: r.Payouts, Reward: r.Reward, PaidAt: commerce.Instant(r.PaidAt), MadeAt: commerce.Instant(r.MadeAt), ChangedAt: commerce.Instant(r.ChangedAt),
	}
	if err := json.Unmarshal([]byte(r.Verdict), &out.Verdict); err != nil {
		return out, fmt.Errorf("verdict of referral %s: %w", r.ID, err)
	}
	return out, nil
}

func (q *query) referrals(where string, args ...any) ([]Referral, error) {
	var rows []referralRow
	if err := q.all(&rows, `SELECT `+referralColumns+` FROM referrals WHERE `+where, args...); err != nil {
		return nil, err
	}
	out := make([]Referral, len(rows))
	for i, r := range rows {
		var err error
		if out[i], err = r.referral(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Referral reads one; a missing one is fault.NotFound.
func (s *Store) Referral(ctx context.Context, shop commerce.ShopID, id string) (Referral, error) {
	found, err := s.query(ctx).referrals(`shop_id = $1 AND id = $2`, shop, id)
	if err == nil && len(found) == 0 {
		err = fault.New(fault.NotFound, "there is no such referral in this shop")
	}
	if err != nil {
		return Referral{}, err
	}
	return found[0], nil
}

// ReferralFilter chooses among a shop's referrals; the zero one takes all.
type ReferralFilter struct {
	State    referral.State
	Advocate commerce.PersonID // and whoever is merged with them
}

// Referrals lists a shop's, the last first, behind the id after where there is one; at most limit.
func (s *Store) Referrals(ctx context.Context, shop commerce.ShopID, f ReferralFilter, after string, limit int) (out []Referral, more bool, err error) {
	q := s.query(ctx)
	where, args := `shop_id = $1`, []any{shop, limit + 1}
	add := func(text string, value any) {
		args = append(args, value)
		where += fmt.Sprintf(text, len(args))
	}
	if f.State != "" {
		add(` AND state = $%d`, f.State)
	}
	if f.Advocate != "" {
		circles, err := q.circles(shop, []commerce.PersonID{f.Advocate})
		if err != nil {
			return nil, false, err
		}
		args = append(args, list(q, circles[f.Advocate]))
		where += ` AND advocate_id ` + q.in(len(args))
	}
	if after != "" {
		add(` AND id < $%d`, after)
	}
	out, err = q.referrals(where+` ORDER BY id DESC LIMIT $2`, args...)
	if more = len(out) > limit; more {
		out = out[:limit]
	}
	return out, more, err
}

// ReferralCounts counts a shop's referrals by state.
func (s *Store) ReferralCounts(ctx context.Context, shop commerce.ShopID) (map[referral.State]int64, error) {
	var rows []struct {
		State string `db:"state"`
		N     int64  `db:"n"`
	}
	err := s.query(ctx).all(&rows, `SELECT state, COUNT(*) AS n FROM referrals WHERE shop_id = $1 GROUP BY state`, shop)
	out := map[referral.State]int64{}
	for _, r := range rows {
		out[referral.State(r.State)] = r.N
	}
	return out, err
}

// ReferralsOfFriend lists those of a friend and of all who are merged with them,
// the oldest first: each person was sent once, so there are several only of those
// who were several. They change under the friend's lock alone.
func (tx *Tx) ReferralsOfFriend(shop commerce.ShopID, friend commerce.PersonID) ([]Referral, error) {
	circles, err := tx.circles(shop, []commerce.PersonID{friend})
	if err != nil {
		return nil, err
	}
	return tx.referrals(`shop_id = $1 AND friend_id `+tx.in(2)+` ORDER BY id`, shop, list(&tx.query, circles[friend]))
}

// SentWithin counts an advocate's friends, and those of all who are merged with
// them, who bought later than from and before a friend who did so at a moment. Of
// two who did at one moment one is the first, by id.
func (tx *Tx) SentWithin(shop commerce.ShopID, advocate commerce.PersonID, from, at commerce.Instant, friend commerce.PersonID) (n int, err error) {
	circles, err := tx.circles(shop, []commerce.PersonID{advocate})
	if err != nil {
		return 0, err
	}
	_, err = tx.one([]any{&n}, `SELECT COUNT(*) FROM referrals WHERE shop_id = $1 AND advocate_id `+tx.in(2)+` AND sale_at > $3 AND (sale_at < $4 OR sale_at = $4 AND friend_id < $5)`,
		shop, list(&tx.query, circles[advocate]), from, at, friend)
	return n, err
}

// SaveReferral writes what is known of a referral now, whose friend and advocate are locked.
func (tx *Tx) SaveReferral(shop commerce.ShopID, r Referral) error {
	verdict, err := json.Marshal(r.Verdict)
	if err != nil {
		return err
	}
	_, err = tx.exec(`INSERT INTO referrals (shop_id, id, advocate_id, friend_id, order_id, via, code, touched_at, verdict, state, reason, sale_at, counts, opens_at, payouts, reward_id, paid_at, made_at, changed_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $18)
		ON CONFLICT (shop_id, id) DO UPDATE SET advocate_id = excluded.advocate_id, friend_id = excluded.friend_id, order_id = excluded.order_id, via = excluded.via, code = excluded.code,
			touched_at = excluded.touched_at, verdict = excluded.verdict, state = excluded.state, reason = excluded.reason, sale_at = excluded.sale_at, counts = excluded.counts,
			opens_at = excluded.opens_at, payouts = excluded.payouts, reward_id = excluded.reward_id, paid_at = excluded.paid_at, changed_at = excluded.changed_at`,
		shop, r.ID, r.Advocate, r.Friend, r.Order, r.Via, r.Code, r.TouchedAt, string(verdict), r.State, r.Reason, r.SaleAt, r.Counts, r.OpensAt, r.Payouts, r.Reward, r.PaidAt, tx.Now())
	return err
}

// DecideReferral keeps what somebody of the shop says about a referral, or that
// they say nothing any more, and has it looked at; a missing one is fault.NotFound.
func (s *Store) DecideReferral(ctx context.Context, shop commerce.ShopID, id string, d referral.Decision, by, note string) error {
	return s.Transact(ctx, func(tx *Tx) error {
		at := tx.Now()
		if d == referral.Undecided {
			at, by, note = 0, "", ""
		}
		friends, err := tx.scalars(`UPDATE referrals SET decision = $3, decided_by = $4, decided_at = $5, note = $6 WHERE shop_id = $1 AND id = $2 RETURNING friend_id`, shop, id, d, by, at, note)
		if err == nil && len(friends) == 0 {
			err = fault.New(fault.NotFound, "there is no such referral in this shop")
		}
		if err != nil {
			return err
		}
		return tx.LookAtFriends(shop, personIDs(friends), tx.Now())
	})
}
