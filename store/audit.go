package store

import (
	"context"
	"encoding/json"

	"flywheel/commerce"
)

// Audit is one change that somebody made in a shop.
type Audit struct {
	ID      string
	At      commerce.Instant
	User    commerce.UserID
	Account commerce.AccountID // by whose access; "" = not one of ours
	Who     string
	Via     commerce.Via
	Act     string // the route, such as /campaigns/:campaign/live
	Subject string // what the route named, such as thank_you
	Detail  map[string]string
	Done    bool // false = it was begun and its end was not heard
}

// BeginAudit writes down that somebody is about to change something.
func (s *Store) BeginAudit(ctx context.Context, shop commerce.ShopID, a Audit) (id string, err error) {
	detail, err := json.Marshal(a.Detail)
	if err != nil {
		return "", err
	}
	id = NewID()
	return id, s.Transact(ctx, func(tx *Tx) error {
		_, err := tx.exec(`INSERT INTO audit (shop_id, id, at, user_id, account_id, who, via, act, subject, detail) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			shop, id, s.Now(), a.User, a.Account, a.Who, a.Via, a.Act, a.Subject, string(detail))
		return err
	})
}

// EndAudit marks what was begun as done, or takes the line away where nothing was changed.
func (s *Store) EndAudit(ctx context.Context, shop commerce.ShopID, id string, done bool) error {
	return s.Transact(ctx, func(tx *Tx) error {
		text := `DELETE FROM audit WHERE shop_id = $1 AND id = $2 AND done = 0`
		if done {
			text = `UPDATE audit SET done = 1 WHERE shop_id = $1 AND id = $2`
		}
		_, err := tx.exec(text, shop, id)
		return err
	})
}
