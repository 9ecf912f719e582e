package store

import (
	"context"
	"encoding/json"
	"time"

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
	// Times is how often it was done; more than once, Last is when it was last.
	// Fold asks that it is counted in the line of a moment ago, if that is the same.
	Times int64
	Last  commerce.Instant
	Fold  bool
}

// foldTime is for how long what is done again belongs to one line.
const foldTime = time.Hour

// sameLine is the newest line of somebody's, if it says what a new one would say
// and its end was heard: then it counts once more, and waits for its end again.
const sameLine = `UPDATE audit SET times = times + 1, last_at = $8, done = 0
	WHERE shop_id = $1 AND id = (SELECT MAX(id) FROM audit WHERE shop_id = $1 AND who = $2)
	AND user_id = $3 AND account_id = $4 AND via = $5 AND act = $6 AND subject = $7 AND done = 1 AND at > $9 RETURNING id`

// BeginAudit writes down that somebody is about to change something: in a line of
// its own or, with Fold, in the one that says so already.
func (s *Store) BeginAudit(ctx context.Context, shop commerce.ShopID, a Audit) (id string, err error) {
	detail, err := json.Marshal(a.Detail)
	if err != nil {
		return "", err
	}
	fresh := NewID()
	err = s.Transact(ctx, func(tx *Tx) error {
		now := s.Now()
		if a.Fold {
			if found, err := tx.one([]any{&id}, sameLine, shop, a.Who, a.User, a.Account, a.Via, a.Act, a.Subject, now, now.Add(-foldTime)); err != nil || found {
				return err
			}
		}
		id = fresh
		_, err := tx.exec(`INSERT INTO audit (shop_id, id, at, user_id, account_id, who, via, act, subject, detail) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			shop, id, now, a.User, a.Account, a.Who, a.Via, a.Act, a.Subject, string(detail))
		return err
	})
	return id, err
}

// EndAudit marks what was begun as done. Where nothing was changed it takes the
// line away, or counts once less what was done before.
func (s *Store) EndAudit(ctx context.Context, shop commerce.ShopID, id string, done bool) error {
	return s.Transact(ctx, func(tx *Tx) error {
		if done {
			_, err := tx.exec(`UPDATE audit SET done = 1 WHERE shop_id = $1 AND id = $2`, shop, id)
			return err
		}
		if _, err := tx.exec(`DELETE FROM audit WHERE shop_id = $1 AND id = $2 AND done = 0 AND times = 1`, shop, id); err != nil {
			return err
		}
		_, err := tx.exec(`UPDATE audit SET done = 1, times = times - 1 WHERE shop_id = $1 AND id = $2 AND done = 0`, shop, id)
		return err
	})
}
