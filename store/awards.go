package store

import (
	"context"
	"encoding/json"
	"fmt"

	"flywheel/commerce"
	"flywheel/delight/loyalty"
)

type awardRow struct {
	CauseKind string `db:"cause_kind"`
	CauseID   string `db:"cause_id"`
	Person    string `db:"person_id"`
	Terms     string `db:"terms"`
	Pending   int64  `db:"pending"`
	Spendable int64  `db:"spendable"`
	Forgiven  int64  `db:"forgiven"`
	Expired   int64  `db:"expired"`
	Released  int64  `db:"released"`
	Lapsed    int64  `db:"lapsed"`
	ExpiresAt int64  `db:"expires_at"`
}

func (r awardRow) award() (loyalty.Award, error) {
	a := loyalty.Award{
		Cause: loyalty.Cause{Kind: loyalty.CauseKind(r.CauseKind), ID: r.CauseID}, Pending: r.Pending, Spendable: r.Spendable,
		Forgiven: r.Forgiven, Expired: r.Expired, Released: r.Released == 1, Lapsed: r.Lapsed == 1, ExpiresAt: commerce.Instant(r.ExpiresAt),
	}
	if err := json.Unmarshal([]byte(r.Terms), &a.Terms); err != nil {
		return a, fmt.Errorf("terms of the award for %s %s: %w", r.CauseKind, r.CauseID, err)
	}
	return a, nil
}

// Awards reads what was given for causes of one kind so far, by their ids.
func (tx *Tx) Awards(shop commerce.ShopID, kind loyalty.CauseKind, ids []string) (map[string][]loyalty.Award, error) {
	var rows []awardRow
	if err := tx.all(&rows, `SELECT cause_kind, cause_id, person_id, terms, pending, spendable, forgiven, expired, released, lapsed, expires_at
		FROM loyalty_awards WHERE shop_id = $1 AND cause_kind = $2 AND cause_id `+tx.in(3)+` ORDER BY cause_id, rule`, shop, kind, list(&tx.query, ids)); err != nil {
		return nil, err
	}
	out := map[string][]loyalty.Award{}
	for _, r := range rows {
		a, err := r.award()
		if err != nil {
			return nil, err
		}
		out[r.CauseID] = append(out[r.CauseID], a)
	}
	return out, nil
}

var saveAwards = newBatch(`shop_id text, cause_kind text, cause_id text, rule text, person_id text, terms text, pending bigint, spendable bigint,
	forgiven bigint, expired bigint, released bigint, lapsed bigint, expires_at bigint, made_at bigint`,
	`INSERT INTO loyalty_awards (shop_id, cause_kind, cause_id, rule, person_id, terms, pending, spendable, forgiven, expired, released, lapsed, expires_at, made_at)
	{insert} ON CONFLICT (shop_id, cause_kind, cause_id, rule) DO UPDATE SET pending = excluded.pending, spendable = excluded.spendable,
		forgiven = excluded.forgiven, expired = excluded.expired, released = excluded.released, lapsed = excluded.lapsed, expires_at = excluded.expires_at`)

// saveAwards keeps what all rows come to for the awards that posted ones touch.
func (tx *Tx) saveAwards(shop commerce.ShopID, person commerce.PersonID, all, posted []loyalty.Row) error {
	touched := map[string]bool{} // awards, and lots that ended
	for _, r := range posted {
		touched[string(r.Cause.Kind)+r.Cause.ID] = true
	}
	for _, r := range all { // whose lots those were
		if touched[string(loyalty.OfLot)+r.ID] {
			touched[string(r.Cause.Kind)+r.Cause.ID] = true
		}
	}
	var rows [][]any
	for _, a := range loyalty.Awards(all) {
		if !touched[string(a.Cause.Kind)+a.Cause.ID] {
			continue
		}
		terms, err := json.Marshal(a.Terms)
		if err != nil {
			return err
		}
		rows = append(rows, []any{
			shop, a.Cause.Kind, a.Cause.ID, a.Terms.ID, person, string(terms), a.Pending, a.Spendable,
			a.Forgiven, a.Expired, a.Released, a.Lapsed, a.ExpiresAt, tx.Now(),
		})
	}
	return tx.run(saveAwards, rows, nil)
}

// PlanAwards says when what waits for a cause is looked at next; 0 = when its cause changes.
func (tx *Tx) PlanAwards(shop commerce.ShopID, c loyalty.Cause, at commerce.Instant) error {
	_, err := tx.exec(`UPDATE loyalty_awards SET opens_at = $4 WHERE shop_id = $1 AND cause_kind = $2 AND cause_id = $3`, shop, c.Kind, c.ID, at)
	return err
}

// DueAward is a cause whose waiting points are to be looked at.
type DueAward struct {
	Shop  commerce.ShopID
	Cause loyalty.Cause
}

// DueAwards lists causes, of all shops, whose waiting points are to be looked at by now, the oldest first.
func (s *Store) DueAwards(ctx context.Context, limit int) ([]DueAward, error) {
	var rows []struct {
		Shop string `db:"shop_id"`
		Kind string `db:"cause_kind"`
		ID   string `db:"cause_id"`
	}
	err := s.query(ctx).all(&rows, `SELECT shop_id, cause_kind, cause_id FROM loyalty_awards WHERE opens_at > 0 AND pending > 0 AND opens_at <= $1 ORDER BY opens_at LIMIT $2`, s.Now(), limit)
	out := make([]DueAward, len(rows))
	for i, r := range rows {
		out[i] = DueAward{commerce.ShopID(r.Shop), loyalty.Cause{Kind: loyalty.CauseKind(r.Kind), ID: r.ID}}
	}
	return out, err
}

// DueMember is somebody whose points end, or whose tier is to be looked at.
type DueMember struct {
	Shop   commerce.ShopID   `db:"shop_id"`
	Person commerce.PersonID `db:"person_id"`
}

// EndingMembers lists, of all shops, whose next lot has ended by now.
func (s *Store) EndingMembers(ctx context.Context, limit int) (out []DueMember, err error) {
	err = s.query(ctx).all(&out, `SELECT shop_id, person_id FROM loyalty_members WHERE ends_at > 0 AND ends_at <= $1 ORDER BY ends_at LIMIT $2`, s.Now(), limit)
	return out, err
}

// TierMembers lists, of all shops, whose tier is to be looked at by now.
func (s *Store) TierMembers(ctx context.Context, limit int) (out []DueMember, err error) {
	err = s.query(ctx).all(&out, `SELECT shop_id, person_id FROM loyalty_members WHERE tier_look_at > 0 AND tier_look_at <= $1 ORDER BY tier_look_at LIMIT $2`, s.Now(), limit)
	return out, err
}
