package store

import (
	"cmp"
	"context"
	"database/sql"
	"time"

	"flywheel/commerce"
	"flywheel/delight/campaign"
)

// Where an enrollment is in the queue.
const (
	idle    = 0
	queued  = 1
	running = 2
)

type enrollmentRow struct {
	ID         string `db:"id"`
	CampaignID string `db:"campaign_id"`
	EntryKey   string `db:"entry_key"`
	Version    int    `db:"version"`
	PersonID   string `db:"person_id"`
	OrderID    string `db:"order_id"`
	Anchor     int64  `db:"anchor"`
	StepID     string `db:"step_id"`
	StepAnchor int64  `db:"step_anchor"`
	State      string `db:"state"`
	Reason     string `db:"reason"`
	DueAt      int64  `db:"due_at"`
	Dispatch   int64  `db:"dispatch"`
	Rev        int64  `db:"rev"`
}

const enrollmentColumns = `id, campaign_id, entry_key, version, person_id, order_id, anchor, step_id, step_anchor, state, reason, due_at, dispatch, rev`

func (r enrollmentRow) enrollment() campaign.Enrollment {
	return campaign.Enrollment{
		ID: campaign.EnrollmentID(r.ID), Campaign: campaign.CampaignID(r.CampaignID), EntryKey: r.EntryKey, Version: r.Version,
		Person: commerce.PersonID(r.PersonID), Order: commerce.OrderID(r.OrderID), Anchor: commerce.Instant(r.Anchor),
		Position: campaign.Position{StepID: r.StepID, Anchor: commerce.Instant(r.StepAnchor)}, Ended: r.State == "ended",
		Reason: r.Reason, DueAt: commerce.Instant(r.DueAt), Dispatch: r.Dispatch, Rev: r.Rev,
	}
}

// Run names an enrollment and the number of its run.
type Run struct {
	ID       campaign.EnrollmentID `json:"id"`
	Dispatch int64                 `json:"n"`
}

var insertEnrollments = newBatch(`shop_id text, id text, campaign_id text, entry_key text, version bigint, person_id text, order_id text,
	anchor bigint, step_id text, step_anchor bigint, due_at bigint, queue bigint, dispatch bigint, lease_owner text, lease_until bigint, created_at bigint, state text`,
	`INSERT INTO enrollments (shop_id, id, campaign_id, entry_key, version, person_id, order_id, anchor, step_id, step_anchor, due_at,
		queue, dispatch, lease_owner, lease_until, created_at, state)
	{insert} ON CONFLICT DO NOTHING RETURNING id`)

// AddEnrollments enrolls; a cause that is enrolled already stays as it is. With
// an owner, those due by now are leased to it at once, so that it can run them
// without the queue. It returns the ids that are new.
func (tx *Tx) AddEnrollments(shop commerce.ShopID, enrollments []campaign.Enrollment, owner string) (map[campaign.EnrollmentID]bool, error) {
	rows := make([][]any, len(enrollments))
	now, until := tx.store.Now(), realNow().Add(leaseTime)
	for i, e := range enrollments {
		row := []any{
			shop, e.ID, e.Campaign, e.EntryKey, e.Version, e.Person, e.Order, e.Anchor, e.Position.StepID, e.Position.Anchor,
			e.DueAt, idle, 0, "", 0, now, "active",
		}
		if owner != "" && e.DueAt <= now {
			row[11], row[12], row[13], row[14] = running, 1, owner, until
		}
		rows[i] = row
	}
	fresh := map[campaign.EnrollmentID]bool{}
	err := tx.run(insertEnrollments, rows, func(r *sql.Rows) error {
		var id string
		err := r.Scan(&id)
		fresh[campaign.EnrollmentID(id)] = true
		return err
	})
	return fresh, err
}

// EnrollmentsForRun returns the enrollments whose run numbers are still the present ones.
func (s *Store) EnrollmentsForRun(ctx context.Context, shop commerce.ShopID, runs []Run) ([]campaign.Enrollment, error) {
	ids, numbers := make([]campaign.EnrollmentID, len(runs)), make(map[campaign.EnrollmentID]int64, len(runs))
	for i, r := range runs {
		ids[i], numbers[r.ID] = r.ID, r.Dispatch
	}
	var rows []enrollmentRow
	q := s.query(ctx)
	err := q.all(&rows, `SELECT `+enrollmentColumns+` FROM enrollments WHERE shop_id = $1 AND state = 'active' AND queue > 0 AND id `+q.in(2)+` ORDER BY id`,
		shop, list(q, ids))
	out := make([]campaign.Enrollment, 0, len(rows))
	for _, row := range rows {
		if e := row.enrollment(); e.Dispatch == numbers[e.ID] {
			out = append(out, e)
		}
	}
	return out, err
}

var takeEnrollments = newBatch(`shop_id text, id text, dispatch bigint, rev bigint, owner text, until bigint`,
	`UPDATE enrollments SET queue = 2, lease_owner = v.owner, lease_until = v.until {from}
	WHERE enrollments.shop_id = v.shop_id AND enrollments.id = v.id AND enrollments.dispatch = v.dispatch AND enrollments.rev = v.rev
		AND enrollments.state = 'active' AND (enrollments.queue = 1 OR enrollments.lease_owner = v.owner)
	RETURNING enrollments.id`)

// heldEnrollments finds those that their owner has leased already: locking
// them does, where an update would write every index of the row once more.
var heldEnrollments = newBatch(`shop_id text, id text, dispatch bigint, rev bigint, owner text, now bigint`,
	`SELECT e.id FROM {rows} enrollments e WHERE e.shop_id = v.shop_id AND e.id = v.id AND e.dispatch = v.dispatch AND e.rev = v.rev
		AND e.state = 'active' AND e.queue = 2 AND e.lease_owner = v.owner AND e.lease_until > v.now {lock e}`)

// TakeEnrollments leases rows to owner if they are as they were read; the rest
// is somebody else's or has changed. Enrollments are locked after orders and persons.
func (tx *Tx) TakeEnrollments(shop commerce.ShopID, owner string, es []campaign.Enrollment) (map[campaign.EnrollmentID]bool, error) {
	taken := map[campaign.EnrollmentID]bool{}
	take := func(b *batch, until commerce.Instant) error {
		rows := make([][]any, 0, len(es))
		for _, e := range es {
			if !taken[e.ID] {
				rows = append(rows, []any{shop, e.ID, e.Dispatch, e.Rev, owner, until})
			}
		}
		return tx.run(b, rows, func(r *sql.Rows) error {
			var id string
			err := r.Scan(&id)
			taken[campaign.EnrollmentID(id)] = true
			return err
		})
	}
	now := realNow()
	if err := take(heldEnrollments, now); err != nil {
		return nil, err
	}
	return taken, take(takeEnrollments, now.Add(leaseTime))
}

// Move is where an enrollment goes after a run.
type Move struct {
	ID       campaign.EnrollmentID
	Dispatch int64
	Rev      int64 // as the run read it; a greater one makes the row due at once
	Position campaign.Position
	Ended    bool
	Reason   string
	DueAt    commerce.Instant
	// Owner is who ends the run: a row that another has leased stays with it. "" = whoever has it.
	Owner string
}

var moveEnrollments = newBatch(`shop_id text, id text, owner text, dispatch bigint, rev bigint, step_id text, step_anchor bigint, state text, reason text, due_at bigint, now bigint`,
	`UPDATE enrollments SET step_id = v.step_id, step_anchor = v.step_anchor,
		state = CASE WHEN enrollments.state = 'ended' THEN enrollments.state ELSE v.state END,
		reason = CASE WHEN enrollments.state = 'ended' THEN enrollments.reason ELSE v.reason END,
		due_at = CASE WHEN enrollments.rev = v.rev THEN v.due_at ELSE v.now END,
		queue = 0, task_id = '', lease_owner = '', lease_until = 0, rev = enrollments.rev + 1 {from}
	WHERE enrollments.shop_id = v.shop_id AND enrollments.id = v.id AND enrollments.dispatch = v.dispatch AND enrollments.queue > 0
		AND (v.owner = '' OR enrollments.queue = 1 OR enrollments.lease_owner = v.owner)`)

// MoveEnrollments ends a run: the row leaves the queue at its new place. One
// that was ended meanwhile stays ended.
func (tx *Tx) MoveEnrollments(shop commerce.ShopID, moves []Move) error {
	rows := make([][]any, len(moves))
	now := tx.store.Now()
	for i, m := range moves {
		state := "active"
		if m.Ended {
			state = "ended"
		}
		rows[i] = []any{shop, m.ID, m.Owner, m.Dispatch, m.Rev, m.Position.StepID, m.Position.Anchor, state, m.Reason, m.DueAt, now}
	}
	return tx.run(moveEnrollments, rows, nil)
}

// ShopRow names an enrollment with its shop.
type ShopRow struct {
	Shop commerce.ShopID
	ID   campaign.EnrollmentID
}

// Compare orders rows as they are locked.
func (r ShopRow) Compare(o ShopRow) int {
	return cmp.Or(cmp.Compare(r.Shop, o.Shop), cmp.Compare(r.ID, o.ID))
}

var renewLeases = newBatch(`shop_id text, id text, owner text, until bigint`,
	`UPDATE enrollments SET lease_until = v.until {from}
	WHERE enrollments.shop_id = v.shop_id AND enrollments.id = v.id AND enrollments.lease_owner = v.owner AND enrollments.queue = 2`)

// RenewLeases prolongs what owner is working on.
func (s *Store) RenewLeases(ctx context.Context, owner string, working []ShopRow) error {
	until := realNow().Add(leaseTime)
	rows := make([][]any, len(working))
	for i, r := range working {
		rows[i] = []any{r.Shop, r.ID, owner, until}
	}
	return s.Transact(ctx, func(tx *Tx) error { return tx.run(renewLeases, rows, nil) })
}

// LeaseRenewal is how often an owner must renew.
const LeaseRenewal = 10 * time.Second

// Enrolled says which campaigns have each of these orders' causes in them, ended walks too.
func (tx *Tx) Enrolled(shop commerce.ShopID, orders []commerce.OrderID) (map[commerce.OrderID]map[campaign.CampaignID]bool, error) {
	out := map[commerce.OrderID]map[campaign.CampaignID]bool{}
	if len(orders) == 0 {
		return out, nil
	}
	var rows []struct {
		Order    string `db:"order_id"`
		Campaign string `db:"campaign_id"`
	}
	err := tx.all(&rows, `SELECT order_id, campaign_id FROM enrollments WHERE shop_id = $1 AND order_id `+tx.in(2), shop, list(&tx.query, orders))
	for _, r := range rows {
		id := commerce.OrderID(r.Order)
		if out[id] == nil {
			out[id] = map[campaign.CampaignID]bool{}
		}
		out[id][campaign.CampaignID(r.Campaign)] = true
	}
	return out, err
}
