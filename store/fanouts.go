package store

import (
	"context"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/fault"
)

// FanoutKind says what is done for many persons.
type FanoutKind string

// The kinds of fan-out.
const (
	FanGoLive  FanoutKind = "go_live" // a campaign whose moments lie behind their events went live
	FanProduct FanoutKind = "product" // a product came out
	// FanUnconfirmed walks persons: a campaign went live that asks people to confirm their yes to news.
	FanUnconfirmed FanoutKind = "unconfirmed"
)

// Fanout is work on many persons that goes on step by step behind a cursor.
type Fanout struct {
	Shop     commerce.ShopID     `db:"shop_id"`
	ID       string              `db:"id"`
	Kind     FanoutKind          `db:"kind"`
	Campaign campaign.CampaignID `db:"campaign_id"`
	Subject  string              `db:"subject"` // the product, or what makes this time another than the last
	Cursor   string              `db:"cursor"`  // the last id that is done
	Finished bool                `db:"finished"`
	Done     int64               `db:"done"`
	Total    int64               `db:"total"` // 0 = unknown
	AddedAt  commerce.Instant    `db:"created_at"`
	DoneAt   commerce.Instant    `db:"done_at"`
}

const fanoutColumns = `shop_id, id, kind, campaign_id, subject, cursor, CASE state WHEN 'done' THEN TRUE ELSE FALSE END AS finished, done, total, created_at, done_at`

// AddFanout notes work to do; one of the same kind, campaign and subject is done once. It reports whether it is new.
func (tx *Tx) AddFanout(shop commerce.ShopID, f Fanout) (fresh bool, err error) {
	n, err := tx.exec(`INSERT INTO fanouts (shop_id, id, kind, campaign_id, subject, cursor, state, total, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, 'open', $7, $8) ON CONFLICT DO NOTHING`, shop, NewID(), f.Kind, f.Campaign, f.Subject, f.Cursor, f.Total, tx.store.Now())
	return n == 1, err
}

// NextFanout leases the oldest fan-out that is open and free to owner; false = there is none.
func (s *Store) NextFanout(ctx context.Context, owner string) (f Fanout, found bool, err error) {
	err = s.Transact(ctx, func(tx *Tx) error {
		now := realNow()
		found = false
		var rows []Fanout
		if err := tx.all(&rows, `SELECT `+fanoutColumns+` FROM fanouts WHERE state = 'open' AND lease_until < $1 ORDER BY id LIMIT 1`+tx.forUpdate(), now); err != nil || len(rows) == 0 {
			return err
		}
		n, err := tx.exec(`UPDATE fanouts SET lease_owner = $3, lease_until = $4 WHERE shop_id = $1 AND id = $2 AND state = 'open' AND lease_until < $5`,
			rows[0].Shop, rows[0].ID, owner, now.Add(leaseTime), now)
		f, found = rows[0], n == 1
		return err
	})
	return f, found, err
}

// AdvanceFanout moves a fan-out on in the transaction that did the step, and
// renews its lease; finished ends it. It is fault.Conflict if owner has lost it.
func (tx *Tx) AdvanceFanout(shop commerce.ShopID, id, owner, cursor string, done int64, finished bool) error {
	state, until, doneAt, now := "open", realNow().Add(leaseTime), commerce.Instant(0), realNow()
	if finished {
		state, until, doneAt = "done", 0, tx.store.Now()
	}
	n, err := tx.exec(`UPDATE fanouts SET cursor = $4, done = done + $5, state = $6, done_at = $7, lease_until = $8
		WHERE shop_id = $1 AND id = $2 AND lease_owner = $3 AND state = 'open' AND lease_until >= $9`, shop, id, owner, cursor, done, state, doneAt, until, now)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "another worker has taken over this fan-out")
	}
	return err
}

// ReleaseFanout gives a fan-out back before its lease ends.
func (s *Store) ReleaseFanout(ctx context.Context, shop commerce.ShopID, id, owner string) error {
	_, err := s.exec(ctx, `UPDATE fanouts SET lease_owner = '', lease_until = 0 WHERE shop_id = $1 AND id = $2 AND lease_owner = $3`, shop, id, owner)
	return err
}

// ListFanouts tells how far a shop's fan-outs have come, the newest first, at most limit.
func (s *Store) ListFanouts(ctx context.Context, shop commerce.ShopID, limit int) ([]Fanout, error) {
	var out []Fanout
	err := s.query(ctx).all(&out, `SELECT `+fanoutColumns+` FROM fanouts WHERE shop_id = $1 ORDER BY id DESC LIMIT $2`, shop, limit)
	return out, err
}

// FanoutsOpen reports whether any fan-out is open.
func (s *Store) FanoutsOpen(ctx context.Context) (bool, error) {
	var n int
	_, err := s.query(ctx).one([]any{&n}, `SELECT COUNT(*) FROM (SELECT 1 FROM fanouts WHERE state = 'open' LIMIT 1) f`)
	return n > 0, err
}
