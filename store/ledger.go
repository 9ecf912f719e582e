package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"flywheel/commerce"
	"flywheel/delight/loyalty"
)

// LedgerRow is a row with what only the store knows of it.
type LedgerRow struct {
	loyalty.Row
	Person  commerce.PersonID // whom it was posted for; they may be merged into another since
	Seq     int64
	Balance int64 // points to spend behind it
}

type ledgerRow struct {
	Person    string `db:"person_id"`
	Seq       int64  `db:"seq"`
	ID        string `db:"id"`
	Kind      string `db:"kind"`
	CauseKind string `db:"cause_kind"`
	CauseID   string `db:"cause_id"`
	Rule      string `db:"rule"`
	Pending   int64  `db:"pending"`
	Points    int64  `db:"points"`
	Forgiven  int64  `db:"forgiven"`
	Terms     string `db:"terms"`
	At        int64  `db:"at"`
	ExpiresAt int64  `db:"expires_at"`
	By        string `db:"by_whom"`
	Note      string `db:"note"`
	Balance   int64  `db:"balance"`
}

const ledgerColumns = `person_id, seq, id, kind, cause_kind, cause_id, rule, pending, points, forgiven, terms, at, expires_at, by_whom, note, balance`

func (r ledgerRow) row() (LedgerRow, error) {
	out := LedgerRow{Person: commerce.PersonID(r.Person), Seq: r.Seq, Balance: r.Balance, Row: loyalty.Row{
		ID: r.ID, Kind: loyalty.Kind(r.Kind), Cause: loyalty.Cause{Kind: loyalty.CauseKind(r.CauseKind), ID: r.CauseID}, Rule: r.Rule,
		Pending: r.Pending, Points: r.Points, Forgiven: r.Forgiven, At: commerce.Instant(r.At), ExpiresAt: commerce.Instant(r.ExpiresAt), By: r.By, Note: r.Note,
	}}
	if r.Terms != "" {
		if err := json.Unmarshal([]byte(r.Terms), &out.Terms); err != nil {
			return out, fmt.Errorf("terms of ledger row %s: %w", r.ID, err)
		}
	}
	return out, nil
}

// Statement lists somebody's ledger, the last row first, below the row of a seq
// where that is not 0; at most limit. Rows of all who are merged with them are theirs.
func (s *Store) Statement(ctx context.Context, shop commerce.ShopID, person commerce.PersonID, below int64, limit int) (out []LedgerRow, more bool, err error) {
	q := s.query(ctx)
	circles, err := q.circles(shop, []commerce.PersonID{person})
	if err != nil {
		return nil, false, err
	}
	if below == 0 {
		below = 1 << 62
	}
	for _, id := range circles[person] { // each by its key: a circle is small
		rows, err := q.ledger(`shop_id = $1 AND person_id = $2 AND seq < $3 ORDER BY seq DESC LIMIT $4`, shop, id, below, limit+1)
		if err != nil {
			return nil, false, err
		}
		out = append(out, rows...)
	}
	slices.SortFunc(out, func(a, b LedgerRow) int { return int(max(-1, min(1, b.Seq-a.Seq))) })
	if more = len(out) > limit; more {
		out = out[:limit]
	}
	return out, more, nil
}

func (q *query) ledger(where string, args ...any) ([]LedgerRow, error) {
	var rows []ledgerRow
	if err := q.all(&rows, `SELECT `+ledgerColumns+` FROM ledger WHERE `+where, args...); err != nil {
		return nil, err
	}
	out := make([]LedgerRow, len(rows))
	for i, r := range rows {
		var err error
		if out[i], err = r.row(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Ledger reads all rows of somebody and of all who are merged with them, in the order in which they were posted.
func (tx *Tx) Ledger(shop commerce.ShopID, person commerce.PersonID) ([]loyalty.Row, error) {
	circles, err := tx.circles(shop, []commerce.PersonID{person})
	if err != nil {
		return nil, err
	}
	rows, err := tx.ledger(`shop_id = $1 AND person_id `+tx.in(2)+` ORDER BY seq, person_id`, shop, list(&tx.query, circles[person]))
	out := make([]loyalty.Row, len(rows))
	for i, r := range rows {
		out[i] = r.Row
	}
	return out, err
}

var addLedger = newBatch(`shop_id text, person_id text, seq bigint, id text, kind text, cause_kind text, cause_id text, rule text, ordinal bigint,
	pending bigint, points bigint, forgiven bigint, terms text, at bigint, expires_at bigint, by_whom text, note text, balance bigint`,
	`INSERT INTO ledger (shop_id, person_id, seq, id, kind, cause_kind, cause_id, rule, ordinal, pending, points, forgiven, terms, at, expires_at, by_whom, note, balance) {insert}`)

// PostLedger adds rows to the ledger of a member who is locked, in their order,
// and brings balance and awards up to date. policy is the shop's of today. A row
// whose like is there already (its kind, cause, rule and ordinal) is refused by the table.
func (tx *Tx) PostLedger(shop commerce.ShopID, m LoyaltyMember, rows []loyalty.Row, policy loyalty.Policy) (LoyaltyMember, error) {
	if len(rows) == 0 {
		return m, nil
	}
	before, err := tx.Ledger(shop, m.Person)
	if err != nil {
		return m, err
	}
	ordinals := map[ledgerKey]int64{}
	for _, r := range before {
		ordinals[keyOf(r)]++
	}
	all := slices.Clone(before)
	batch := make([][]any, len(rows))
	for i, r := range rows {
		r.ID = NewID()
		m.seq = max(m.seq+1, int64(realNow())*1000)
		m.Points += r.Points
		terms := ""
		if r.Terms != nil {
			data, err := json.Marshal(r.Terms)
			if err != nil {
				return m, err
			}
			terms = string(data)
		}
		batch[i] = []any{
			shop, m.Person, m.seq, r.ID, r.Kind, r.Cause.Kind, r.Cause.ID, r.Rule, ordinals[keyOf(r)],
			r.Pending, r.Points, r.Forgiven, terms, r.At, r.ExpiresAt, r.By, r.Note, m.Points,
		}
		ordinals[keyOf(r)]++
		all = append(all, r)
	}
	if err := tx.run(addLedger, batch, nil); err != nil {
		return m, err
	}
	if err := tx.saveAwards(shop, m.Person, all, rows); err != nil {
		return m, err
	}
	return tx.saveBalance(shop, m, loyalty.Replay(all), policy)
}

// ledgerKey is what a row is known by beside its ordinal.
type ledgerKey struct {
	kind  loyalty.Kind
	cause loyalty.Cause
	rule  string
}

func keyOf(r loyalty.Row) ledgerKey { return ledgerKey{r.Kind, r.Cause, r.Rule} }

func (tx *Tx) saveBalance(shop commerce.ShopID, m LoyaltyMember, b loyalty.Balance, policy loyalty.Policy) (LoyaltyMember, error) {
	m.Pending, m.Points, m.Earned, m.ActiveAt = b.Pending, b.Points, b.Earned, b.ActiveAt
	m.EndsAt, m.Ending = b.Ending(policy)
	_, err := tx.exec(`UPDATE loyalty_members SET seq = $3, pending = $4, points = $5, earned = $6, active_at = $7, ends_at = $8, ending = $9 WHERE shop_id = $1 AND person_id = $2`,
		shop, m.Person, m.seq, m.Pending, m.Points, m.Earned, m.ActiveAt, m.EndsAt, m.Ending)
	return m, err
}

// RebuildMember makes somebody's balance anew from their rows, as after a merge
// or where the policy has changed, and reports whether it was another.
func (tx *Tx) RebuildMember(shop commerce.ShopID, person commerce.PersonID, policy loyalty.Policy) (differs bool, err error) {
	found, err := tx.LockMembers(shop, []commerce.PersonID{person})
	if err != nil {
		return false, err
	}
	rows, err := tx.Ledger(shop, person)
	if err != nil {
		return false, err
	}
	was := found[person]
	is, err := tx.saveBalance(shop, was, loyalty.Replay(rows), policy)
	return was.Pending != is.Pending || was.Points != is.Points || was.Earned != is.Earned, err
}

// Liability is what a shop owes its customers in points.
type Liability struct {
	Members         int64
	Pending, Points int64 // of balances above zero
	Owed            int64 // what customers owe, of those below
	Expired, Given  int64 // ever: what breakage is expected from
}

// Liability sums a shop's outstanding points.
func (s *Store) Liability(ctx context.Context, shop commerce.ShopID) (l Liability, err error) {
	q := s.query(ctx)
	if _, err = q.one([]any{&l.Members, &l.Pending, &l.Points, &l.Owed}, `SELECT COUNT(*), COALESCE(SUM(pending), 0), COALESCE(SUM(CASE WHEN points > 0 THEN points ELSE 0 END), 0),
		COALESCE(SUM(CASE WHEN points < 0 THEN -points ELSE 0 END), 0) FROM loyalty_members WHERE shop_id = $1`, shop); err != nil {
		return l, err
	}
	_, err = q.one([]any{&l.Expired, &l.Given}, `SELECT COALESCE(SUM(expired), 0), COALESCE(SUM(spendable), 0) FROM loyalty_awards WHERE shop_id = $1`, shop)
	return l, err
}
