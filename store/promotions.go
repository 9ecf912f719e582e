package store

import (
	"context"
	"strings"

	"flywheel/commerce"
	"flywheel/fault"
)

// PromotionState is how far the making of a code has come.
type PromotionState string

// Promotion states. An ended promotion is never made again.
const (
	PromotionMaking PromotionState = "making" // the platform may have it, or not yet
	PromotionMade   PromotionState = "made"
	PromotionEnded  PromotionState = "ended"
)

// Promotion is a code that a merchant's account has, or is to have, once for
// each cause and rule. The platform forgets after a day what it was asked; this
// row does not.
type Promotion struct {
	Connection commerce.ConnectionID
	Cause      string // what it is given for, such as an order
	Rule       string
	Customer   string // the platform's id of the only one who may use it; "" = everybody, or erased
	Code       string // derived from cause and rule, as Key is
	Key        string // by which the platform's objects are known as ours; not kept, and told nobody but the platform
	Coupon     string // the platform's id; "" = not made, or not known
	Promotion  string // likewise
	State      PromotionState
	Terms      string // JSON of package codes: what it takes off
	Note       string
	AskedAt    commerce.Instant
	MadeAt     commerce.Instant
	EndedAt    commerce.Instant
	LookAt     commerce.Instant // when the platform is looked at for what became of it; 0 = it has what State says
}

type promotionRow struct {
	Connection string `db:"connection_id"`
	Cause      string `db:"cause"`
	Rule       string `db:"rule"`
	Customer   string `db:"customer_id"`
	Code       string `db:"code"`
	Coupon     string `db:"coupon_id"`
	Promotion  string `db:"promotion_id"`
	State      string `db:"state"`
	Terms      string `db:"terms"`
	Note       string `db:"note"`
	AskedAt    int64  `db:"asked_at"`
	MadeAt     int64  `db:"made_at"`
	EndedAt    int64  `db:"ended_at"`
	LookAt     int64  `db:"look_at"`
}

const promotionColumns = `connection_id, cause, rule, customer_id, code, coupon_id, promotion_id, state, terms, note, asked_at, made_at, ended_at, look_at`

// maxPromotionKey bounds cause and rule, in bytes: they are part of a key.
const maxPromotionKey = 200

// BeginPromotion notes that p's connection is to have a code for p's cause and
// rule, before anybody asks the platform, and returns the row with code and key.
// Of p the connection, cause, rule, customer and terms count. A row that is there
// is returned as it is, also when it was made or ended long ago, but that one in
// the making is looked after anew; where it has another customer or other terms,
// that is fault.Conflict. A connection that is not open in this shop is fault.NotFound.
func (s *Store) BeginPromotion(ctx context.Context, shop commerce.ShopID, p Promotion) (Promotion, error) {
	for _, part := range []string{p.Cause, p.Rule} {
		if strings.TrimSpace(part) == "" || len(part) > maxPromotionKey {
			return Promotion{}, fault.New(fault.Invalid, "a code needs a cause and a rule of at most %d letters", maxPromotionKey)
		}
	}
	k, err := s.dataKey(ctx, shop)
	if err != nil {
		return Promotion{}, err
	}
	var out Promotion
	err = s.Transact(ctx, func(tx *Tx) error {
		var n int
		open, err := tx.one([]any{&n}, `SELECT 1 FROM connections WHERE shop_id = $1 AND id = $2 AND closed_at = 0`, shop, p.Connection)
		if err == nil && !open {
			err = fault.New(fault.NotFound, "the shop has no open connection %s", p.Connection)
		}
		if err != nil {
			return err
		}
		if _, err := tx.exec(`INSERT INTO promotions (shop_id, connection_id, cause, rule, customer_id, code, state, terms, asked_at, look_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
			ON CONFLICT (shop_id, connection_id, cause, rule) DO UPDATE SET look_at = excluded.look_at WHERE promotions.state = 'making'`,
			shop, p.Connection, p.Cause, p.Rule, p.Customer, k.rewardCode(p), PromotionMaking, p.Terms, s.Now(), s.Now().Add(lookAfter)); err != nil {
			return err
		}
		out, err = tx.promotion(k, shop, p.Connection, p.Cause, p.Rule)
		return err
	})
	if err == nil && (out.Terms != p.Terms || out.Customer != p.Customer) {
		return Promotion{}, fault.New(fault.Conflict, "the rule %s has given %s another code: same cause, other terms or another customer", p.Rule, p.Cause)
	}
	return out, err
}

// PromotionMade notes the platform's ids of p, which BeginPromotion returned. One that was
// ended meanwhile stays ended: the caller sees the state and takes it back at the platform.
func (s *Store) PromotionMade(ctx context.Context, shop commerce.ShopID, p Promotion, coupon, promotion string) (Promotion, error) {
	return s.setPromotion(ctx, shop, p, `coupon_id = $5, promotion_id = $6, made_at = CASE WHEN made_at = 0 THEN CAST($7 AS BIGINT) ELSE made_at END,
		state = CASE WHEN state = 'making' THEN 'made' ELSE state END, note = CASE WHEN state = 'ended' THEN note ELSE '' END,
		look_at = CASE WHEN state = 'ended' THEN CAST($7 AS BIGINT) ELSE 0 END`, coupon, promotion, s.Now())
}

// TakeBackPromotion notes that p's code is to be worth nothing any more, with the
// reason, before the platform has ended it: that is looked after until
// PromotionEnded. Noted again, the first time and reason stay.
func (s *Store) TakeBackPromotion(ctx context.Context, shop commerce.ShopID, p Promotion, note string) (Promotion, error) {
	return s.setPromotion(ctx, shop, p, `look_at = CASE WHEN state = 'ended' THEN look_at ELSE CAST($7 AS BIGINT) END, `+endedNow, note, s.Now(), s.Now().Add(lookAfter))
}

// PromotionEnded notes that p's code is worth nothing any more at the platform
// either, with the reason. Noted again, the first time and reason stay.
func (s *Store) PromotionEnded(ctx context.Context, shop commerce.ShopID, p Promotion, note string) (Promotion, error) {
	return s.setPromotion(ctx, shop, p, `look_at = 0, `+endedNow, note, s.Now())
}

// endedNow takes a note and now.
const endedNow = `state = 'ended', note = CASE WHEN state = 'ended' THEN note ELSE CAST($5 AS TEXT) END,
	ended_at = CASE WHEN ended_at = 0 THEN CAST($6 AS BIGINT) ELSE ended_at END`

// PromotionFailed notes why a code could not be made so far.
func (s *Store) PromotionFailed(ctx context.Context, shop commerce.ShopID, p Promotion, note string) error {
	_, err := s.setPromotion(ctx, shop, p, `note = CASE WHEN state = 'making' THEN CAST($5 AS TEXT) ELSE note END`, note)
	return err
}

// DropPromotion forgets a code that the platform refused to make, so that it can
// be asked for with other terms. One that was made or ended stays.
func (s *Store) DropPromotion(ctx context.Context, shop commerce.ShopID, p Promotion) error {
	_, err := s.exec(ctx, `DELETE FROM promotions WHERE shop_id = $1 AND connection_id = $2 AND cause = $3 AND rule = $4 AND state = 'making' AND promotion_id = ''`,
		shop, p.Connection, p.Cause, p.Rule)
	return err
}

func (s *Store) setPromotion(ctx context.Context, shop commerce.ShopID, p Promotion, set string, args ...any) (out Promotion, err error) {
	k, err := s.dataKey(ctx, shop)
	if err != nil {
		return out, err
	}
	err = s.Transact(ctx, func(tx *Tx) error {
		args := append([]any{shop, p.Connection, p.Cause, p.Rule}, args...)
		if _, err := tx.exec(`UPDATE promotions SET `+set+` WHERE shop_id = $1 AND connection_id = $2 AND cause = $3 AND rule = $4`, args...); err != nil {
			return err
		}
		out, err = tx.promotion(k, shop, p.Connection, p.Cause, p.Rule)
		return err
	})
	return out, err
}

// promotion reads one row; none is fault.NotFound.
func (q *query) promotion(k *dataKey, shop commerce.ShopID, c commerce.ConnectionID, cause, rule string) (Promotion, error) {
	row, err := first[promotionRow](q, "no code was given for that cause by that rule",
		`SELECT `+promotionColumns+` FROM promotions WHERE shop_id = $1 AND connection_id = $2 AND cause = $3 AND rule = $4`, shop, c, cause, rule)
	if err != nil {
		return Promotion{}, err
	}
	return row.promotion(k), nil
}

// PromotionsFor returns what a rule has given for a cause, at each connection of the shop.
func (s *Store) PromotionsFor(ctx context.Context, shop commerce.ShopID, cause, rule string) ([]Promotion, error) {
	return s.promotions(ctx, shop, `cause = $2 AND rule = $3 ORDER BY connection_id`, cause, rule)
}

// PromotionsAfter lists a shop's promotions by connection, cause and rule, after the
// one given, of which only these count, at most limit.
func (s *Store) PromotionsAfter(ctx context.Context, shop commerce.ShopID, after Promotion, limit int) ([]Promotion, error) {
	return s.promotions(ctx, shop, `(connection_id > $2 OR connection_id = $2 AND (cause > $3 OR cause = $3 AND rule > $4))
		ORDER BY connection_id, cause, rule LIMIT $5`, after.Connection, after.Cause, after.Rule, limit)
}

func (s *Store) promotions(ctx context.Context, shop commerce.ShopID, where string, args ...any) ([]Promotion, error) {
	k, err := s.dataKey(ctx, shop)
	if err != nil {
		return nil, err
	}
	var rows []promotionRow
	err = s.query(ctx).all(&rows, `SELECT `+promotionColumns+` FROM promotions WHERE shop_id = $1 AND `+where, append([]any{shop}, args...)...)
	out := make([]Promotion, len(rows))
	for i, row := range rows {
		out[i] = row.promotion(k)
	}
	return out, err
}

func (r promotionRow) promotion(k *dataKey) Promotion {
	p := Promotion{
		Connection: commerce.ConnectionID(r.Connection), Cause: r.Cause, Rule: r.Rule, Customer: r.Customer, Code: r.Code,
		Coupon: r.Coupon, Promotion: r.Promotion, State: PromotionState(r.State), Terms: r.Terms, Note: r.Note,
		AskedAt: commerce.Instant(r.AskedAt), MadeAt: commerce.Instant(r.MadeAt), EndedAt: commerce.Instant(r.EndedAt), LookAt: commerce.Instant(r.LookAt),
	}
	p.Key = commerce.RewardKey(k.reward, r.Connection, r.Cause, r.Rule)
	return p
}

// rewardCode is the code of p's cause and rule. Nobody can guess it without the shop's data key.
func (k *dataKey) rewardCode(p Promotion) string {
	return commerce.RewardCode(k.reward, string(p.Connection), p.Cause, p.Rule)
}
