package store

import (
	"cmp"
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

// saveAwards keeps what all rows of some causes come to.
func (tx *Tx) saveAwards(shop commerce.ShopID, person commerce.PersonID, all []loyalty.Row) error {
	var rows [][]any
	for _, a := range loyalty.Awards(all) {
		terms, err := json.Marshal(a.Terms)
		if err != nil {
			return err
		}
		rows = append(rows, []any{
			shop, a.Cause.Kind, a.Cause.ID, a.Terms.ID, person, string(terms), a.Pending, a.Spendable,
			a.Forgiven, a.Expired, a.Released, a.Lapsed, a.ExpiresAt, cmp.Or(a.Terms.At, tx.Now()),
		})
	}
	return tx.run(saveAwards, rows, nil)
}

// AwardHolders tells whose ledger holds what was given for causes of a kind, by their ids.
func (tx *Tx) AwardHolders(shop commerce.ShopID, kind loyalty.CauseKind, ids []string) (map[string]commerce.PersonID, error) {
	var rows []struct {
		ID     string `db:"cause_id"`
		Person string `db:"person_id"`
	}
	err := tx.all(&rows, `SELECT DISTINCT cause_id, person_id FROM loyalty_awards WHERE shop_id = $1 AND cause_kind = $2 AND cause_id `+tx.in(3)+` ORDER BY cause_id, person_id`,
		shop, kind, list(&tx.query, ids))
	out := map[string]commerce.PersonID{}
	for _, r := range rows {
		out[r.ID] = commerce.PersonID(r.Person)
	}
	return out, err
}

// PlacedOrders are the orders for which somebody, or who is merged with them, was
// given something for the place of the order among theirs.
func (tx *Tx) PlacedOrders(shop commerce.ShopID, persons []commerce.PersonID) (map[commerce.OrderID]commerce.PersonID, error) {
	circles, err := tx.circles(shop, persons)
	if err != nil {
		return nil, err
	}
	out := map[commerce.OrderID]commerce.PersonID{}
	for asked, circle := range circles {
		// "nth" stands in terms that ask for a place, and in no others
		found, err := tx.scalars(`SELECT DISTINCT cause_id FROM loyalty_awards WHERE shop_id = $1 AND person_id `+tx.in(2)+` AND cause_kind = $3 AND terms LIKE '%"nth":%'`,
			shop, list(&tx.query, circle), loyalty.OfOrder)
		if err != nil {
			return nil, err
		}
		for _, id := range found {
			out[commerce.OrderID(id)] = asked
		}
	}
	return out, nil
}

// GivenByRules is what rules gave somebody, and all who are merged with them,
// for other causes than one: from a moment to another, and in all.
func (tx *Tx) GivenByRules(shop commerce.ShopID, person commerce.PersonID, rules []string, but loyalty.Cause, from, to commerce.Instant) (map[string]loyalty.Given, error) {
	circles, err := tx.circles(shop, []commerce.PersonID{person})
	if err != nil {
		return nil, err
	}
	var rows []struct {
		Rule string `db:"rule"`
		Day  int64  `db:"day"`
		Ever int64  `db:"ever"`
	}
	err = tx.all(&rows, `SELECT rule, COALESCE(SUM(CASE WHEN made_at >= $6 AND made_at < $7 THEN pending + spendable - forgiven ELSE 0 END), 0) AS day,
		COALESCE(SUM(pending + spendable - forgiven), 0) AS ever FROM loyalty_awards
		WHERE shop_id = $1 AND person_id `+tx.in(2)+` AND rule `+tx.in(3)+` AND NOT (cause_kind = $4 AND cause_id = $5) GROUP BY rule`,
		shop, list(&tx.query, circles[person]), list(&tx.query, rules), but.Kind, but.ID, from, to)
	out := make(map[string]loyalty.Given, len(rows))
	for _, r := range rows {
		out[r.Rule] = loyalty.Given{Day: r.Day, Ever: r.Ever}
	}
	return out, err
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

// DueAwards lists a shop's causes whose waiting points are to be looked at by now, the oldest first; at most limit.
func (s *Store) DueAwards(ctx context.Context, shop commerce.ShopID, limit int) ([]DueAward, error) {
	var rows []struct {
		Kind string `db:"cause_kind"`
		ID   string `db:"cause_id"`
	}
	err := s.query(ctx).all(&rows, `SELECT cause_kind, cause_id FROM loyalty_awards WHERE shop_id = $1 AND `+dueOpen+` AND look_after <= $2 ORDER BY opens_at LIMIT $3`, shop, s.Now(), limit)
	out := make([]DueAward, len(rows))
	for i, r := range rows {
		out[i] = DueAward{shop, loyalty.Cause{Kind: loyalty.CauseKind(r.Kind), ID: r.ID}}
	}
	return out, err
}

// EarnedSince lists what somebody, and all who are merged with them, were given
// for causes after a moment, each at its cause's date and less what was taken back.
func (tx *Tx) EarnedSince(shop commerce.ShopID, person commerce.PersonID, since commerce.Instant) ([]loyalty.Point, error) {
	circles, err := tx.circles(shop, []commerce.PersonID{person})
	if err != nil {
		return nil, err
	}
	var rows []struct {
		At     int64 `db:"made_at"`
		Points int64 `db:"points"`
	}
	err = tx.all(&rows, `SELECT made_at, pending + spendable - forgiven AS points FROM loyalty_awards WHERE shop_id = $1 AND person_id `+tx.in(2)+` AND made_at > $3`,
		shop, list(&tx.query, circles[person]), since)
	out := make([]loyalty.Point, len(rows))
	for i, r := range rows {
		out[i] = loyalty.Point{At: commerce.Instant(r.At), Amount: r.Points}
	}
	return out, err
}
