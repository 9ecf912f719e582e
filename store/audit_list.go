package store

import (
	"context"
	"encoding/json"
	"fmt"

	"flywheel/commerce"
)

// AuditFilter says which lines are wanted; its zero value is all of them.
type AuditFilter struct {
	Who     string // as it is shown
	Act     string // the route
	Account commerce.AccountID
	Before  string // the id of the last line that was seen; "" = from the latest on
}

type auditRow struct {
	ID      string             `db:"id"`
	At      commerce.Instant   `db:"at"`
	User    commerce.UserID    `db:"user_id"`
	Account commerce.AccountID `db:"account_id"`
	Who     string             `db:"who"`
	Via     commerce.Via       `db:"via"`
	Act     string             `db:"act"`
	Subject string             `db:"subject"`
	Detail  string             `db:"detail"`
	Done    int64              `db:"done"`
	Times   int64              `db:"times"`
	Last    commerce.Instant   `db:"last_at"`
}

// AuditLines returns what was changed in a shop, the latest first, at most limit.
// Each filter has an index that ends in the id, by which it is paged.
func (s *Store) AuditLines(ctx context.Context, shop commerce.ShopID, f AuditFilter, limit int) ([]Audit, error) {
	where, args := `shop_id = $1`, []any{shop, limit}
	add := func(text, value string) {
		if value != "" {
			args = append(args, value)
			where += fmt.Sprintf(" AND %s$%d", text, len(args))
		}
	}
	add("who = ", f.Who)
	add("act = ", f.Act)
	if f.Account != "" { // the index holds these alone
		where += " AND account_id <> ''"
	}
	add("account_id = ", string(f.Account))
	add("id < ", f.Before)
	var rows []auditRow
	err := s.query(ctx).all(&rows, `SELECT id, at, user_id, account_id, who, via, act, subject, detail, done, times, last_at FROM audit WHERE `+where+` ORDER BY id DESC LIMIT $2`, args...)
	out := make([]Audit, 0, len(rows))
	for _, r := range rows {
		a := Audit{ID: r.ID, At: r.At, User: r.User, Account: r.Account, Who: r.Who, Via: r.Via, Act: r.Act, Subject: r.Subject, Done: r.Done == 1, Times: r.Times, Last: r.Last}
		_ = json.Unmarshal([]byte(r.Detail), &a.Detail) // written by us; what cannot be read says nothing
		out = append(out, a)
	}
	return out, err
}

// AuditPeople returns who ever changed something in a shop, AuditActs what was
// ever done, by name, at most 200. They leap from value to value by the index,
// whatever the number of lines.
func (s *Store) AuditPeople(ctx context.Context, shop commerce.ShopID) ([]string, error) {
	return s.auditValues(ctx, shop, "who")
}

// AuditActs is described at AuditPeople.
func (s *Store) AuditActs(ctx context.Context, shop commerce.ShopID) ([]string, error) {
	return s.auditValues(ctx, shop, "act")
}

func (s *Store) auditValues(ctx context.Context, shop commerce.ShopID, column string) ([]string, error) {
	return s.query(ctx).scalars(`WITH RECURSIVE leap (v) AS (
			SELECT MIN(`+column+`) FROM audit WHERE shop_id = $1
			UNION ALL SELECT (SELECT MIN(a.`+column+`) FROM audit a WHERE a.shop_id = $1 AND a.`+column+` > leap.v) FROM leap WHERE leap.v IS NOT NULL)
		SELECT v FROM leap WHERE v IS NOT NULL LIMIT 200`, shop)
}

// AccountAudit is one change that somebody made in an account.
type AccountAudit struct {
	ID      string           `db:"id"`
	At      commerce.Instant `db:"at"`
	User    commerce.UserID  `db:"user_id"`
	Who     string           `db:"who"`
	Act     string           `db:"act"`
	Subject string           `db:"subject"`
}

// AuditAccount writes down what is changed in an account, in the transaction that changes it.
func (tx *Tx) AuditAccount(account commerce.AccountID, a AccountAudit) error {
	_, err := tx.exec(`INSERT INTO account_audit (account_id, id, at, user_id, who, act, subject) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		account, NewID(), tx.Now(), a.User, a.Who, a.Act, a.Subject)
	return err
}

// AccountAuditLines returns what was changed in an account, the latest first, before the id before where that is not "".
func (s *Store) AccountAuditLines(ctx context.Context, account commerce.AccountID, before string, limit int) ([]AccountAudit, error) {
	var out []AccountAudit
	err := s.query(ctx).all(&out, `SELECT id, at, user_id, who, act, subject FROM account_audit WHERE account_id = $1 AND ($2 = '' OR id < $2) ORDER BY id DESC LIMIT $3`, account, before, limit)
	return out, err
}
