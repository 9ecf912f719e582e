package store

import (
	"cmp"
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
	circle := circles[person]
	for _, id := range circle { // each by its key: a circle is small
		rows, err := q.ledger(`shop_id = $1 AND person_id = $2 AND seq < $3 ORDER BY seq DESC LIMIT $4`, shop, id, below, limit+1)
		if err != nil {
			return nil, false, err
		}
		out = append(out, rows...)
	}
	slices.SortFunc(out, laterFirst)
	if more = len(out) > limit; more {
		if out, more, err = q.endPage(shop, circle, out[:limit], out[limit:]); err != nil {
			return nil, false, err
		}
	}
	if len(circle) > 1 {
		err = q.runningBalance(shop, circle, below, out)
	}
	return out, more, err
}

func laterFirst(a, b LedgerRow) int {
	return cmp.Or(cmp.Compare(b.Seq, a.Seq), cmp.Compare(b.Person, a.Person), cmp.Compare(b.ID, a.ID))
}

// endPage ends a page behind all rows of its last seq, which rows of different
// persons may share: the next page begins below it.
func (q *query) endPage(shop commerce.ShopID, circle []commerce.PersonID, page, rest []LedgerRow) ([]LedgerRow, bool, error) {
	last := page[len(page)-1].Seq
	if rest[0].Seq < last {
		return page, true, nil
	}
	whole, err := q.ledger(`shop_id = $1 AND person_id `+q.in(2)+` AND seq = $3`, shop, list(q, circle), last)
	if err != nil {
		return nil, false, err
	}
	slices.SortFunc(whole, laterFirst)
	page = append(slices.DeleteFunc(page, func(r LedgerRow) bool { return r.Seq == last }), whole...)
	var below int64
	_, err = q.one([]any{&below}, `SELECT COUNT(*) FROM (SELECT 1 FROM ledger WHERE shop_id = $1 AND person_id `+q.in(2)+` AND seq < $3 LIMIT 1) l`, shop, list(q, circle), last)
	return page, below > 0, err
}

// runningBalance puts into a page of several persons who are one what they had
// together behind each row; the rows say only what each had then.
func (q *query) runningBalance(shop commerce.ShopID, circle []commerce.PersonID, below int64, page []LedgerRow) error {
	var sum int64
	if _, err := q.one([]any{&sum}, `SELECT COALESCE(SUM(points), 0) FROM ledger WHERE shop_id = $1 AND person_id `+q.in(2)+` AND seq < $3`, shop, list(q, circle), below); err != nil {
		return err
	}
	for i := range page {
		page[i].Balance = sum
		sum -= page[i].Points
	}
	return nil
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
	return tx.wholeLedger(shop, person)
}

// Ledger is Tx.Ledger outside a transaction.
func (s *Store) Ledger(ctx context.Context, shop commerce.ShopID, person commerce.PersonID) ([]loyalty.Row, error) {
	return s.query(ctx).wholeLedger(shop, person)
}

func (q *query) wholeLedger(shop commerce.ShopID, person commerce.PersonID) ([]loyalty.Row, error) {
	circles, err := q.circles(shop, []commerce.PersonID{person})
	if err != nil {
		return nil, err
	}
	rows, err := q.ledgerOf(shop, circles[person])
	return rowsOf(rows), err
}

func (q *query) ledgerOf(shop commerce.ShopID, circle []commerce.PersonID) ([]LedgerRow, error) {
	return q.ledger(`shop_id = $1 AND person_id `+q.in(2)+` ORDER BY seq, person_id, id`, shop, list(q, circle))
}

func rowsOf(rows []LedgerRow) []loyalty.Row {
	out := make([]loyalty.Row, len(rows))
	for i, r := range rows {
		out[i] = r.Row
	}
	return out
}
