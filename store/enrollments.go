package store

import (
	"cmp"
	"context"
	"database/sql"
	"time"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
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
	Cause      string `db:"cause"`
	Anchor     int64  `db:"anchor"`
	StepID     string `db:"step_id"`
	StepAnchor int64  `db:"step_anchor"`
	State      string `db:"state"`
	Reason     string `db:"reason"`
	DueAt      int64  `db:"due_at"`
	WaitsFor   string `db:"waits_for"`
	NextClass  string `db:"next_class"`
	NextTopic  string `db:"next_topic"`
	Priority   int    `db:"priority"`
	FirstDue   int64  `db:"first_due"`
	LatestAt   int64  `db:"latest_at"`
	Answers    int64  `db:"answers"`
	Rehearsal  int64  `db:"rehearsal"`
	SkipStep   string `db:"skip_step"`
	GoNow      int64  `db:"go_now"`
	Dispatch   int64  `db:"dispatch"`
	Rev        int64  `db:"rev"`
}

const enrollmentColumns = `id, campaign_id, entry_key, version, person_id, order_id, cause, anchor, step_id, step_anchor, state, reason, due_at,
	waits_for, next_class, next_topic, priority, first_due, latest_at, answers, rehearsal, skip_step, go_now, dispatch, rev`

func (r enrollmentRow) enrollment() campaign.Enrollment {
	return campaign.Enrollment{
		ID: campaign.EnrollmentID(r.ID), Campaign: campaign.CampaignID(r.CampaignID), EntryKey: r.EntryKey, Version: r.Version,
		Person: commerce.PersonID(r.PersonID), Order: commerce.OrderID(r.OrderID), Cause: r.Cause, Anchor: commerce.Instant(r.Anchor),
		Position: campaign.Position{StepID: r.StepID, Anchor: commerce.Instant(r.StepAnchor)}, Ended: r.State == "ended",
		Reason: r.Reason, DueAt: commerce.Instant(r.DueAt), WaitsFor: r.WaitsFor,
		Ask: campaign.Ask{
			Class: gate.Class(r.NextClass), Topic: r.NextTopic, Priority: r.Priority,
			Due: commerce.Instant(r.FirstDue), Latest: commerce.Instant(r.LatestAt), Answers: r.Answers == 1,
		},
		Rehearsal: r.Rehearsal > 0, SkipStep: r.SkipStep, GoNow: commerce.Instant(r.GoNow), Dispatch: r.Dispatch, Rev: r.Rev,
	}
}

// Run names an enrollment and the number of its run.
type Run struct {
	ID       campaign.EnrollmentID `json:"id"`
	Dispatch int64                 `json:"n"`
}

var insertEnrollments = newBatch(`shop_id text, id text, campaign_id text, entry_key text, version bigint, person_id text, order_id text,
	cause text, anchor bigint, step_id text, step_anchor bigint, due_at bigint, waits_for text, next_class text, next_topic text, priority bigint, first_due bigint, latest_at bigint,
	answers bigint, rehearsal bigint, queue bigint, dispatch bigint, lease_owner text, lease_until bigint, created_at bigint, state text`,
	`INSERT INTO enrollments (shop_id, id, campaign_id, entry_key, version, person_id, order_id, cause, anchor, step_id, step_anchor, due_at,
		waits_for, next_class, next_topic, priority, first_due, latest_at, answers, rehearsal, queue, dispatch, lease_owner, lease_until, created_at, state)
	{insert} ON CONFLICT DO NOTHING RETURNING id`)

// AddEnrollments enrolls; a cause that is enrolled already stays as it is. With
// an owner, those due by now are leased to it at once, so that it can run them
// without the queue. It returns the ids that are new.
func (tx *Tx) AddEnrollments(shop commerce.ShopID, enrollments []campaign.Enrollment, owner string) (map[campaign.EnrollmentID]bool, error) {
	rows := make([][]any, len(enrollments))
	now, until := tx.store.Now(), realNow().Add(leaseTime)
	for i, e := range enrollments {
		queue, dispatch, holder, held := idle, 0, "", commerce.Instant(0)
		if owner != "" && e.DueAt <= now {
			queue, dispatch, holder, held = running, 1, owner, until
		}
		rows[i] = []any{
			shop, e.ID, e.Campaign, e.EntryKey, e.Version, e.Person, e.Order, e.Cause, e.Anchor, e.Position.StepID, e.Position.Anchor, e.DueAt,
			e.WaitsFor, e.Ask.Class, e.Ask.Topic, e.Ask.Priority, e.Ask.Due, e.Ask.Latest, e.Ask.Answers, e.Rehearsal, queue, dispatch, holder, held, now, "active",
		}
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
	WaitsFor string
	Ask      campaign.Ask
	// Version is the one that the run walked by. Somebody who was given another
	// meanwhile stands behind step Behind in that, or where they stood if it is "".
	Version int
	Behind  campaign.Position
	// Used clears what somebody asked for by hand, unless they did so during the run.
	Used bool
	// Owner is who ends the run: a row that another has leased stays with it. "" = whoever has it.
	Owner string
}

var moveEnrollments = newBatch(`shop_id text, id text, owner text, dispatch bigint, rev bigint, step_id text, step_anchor bigint, state text, reason text, due_at bigint,
	waits_for text, next_class text, next_topic text, priority bigint, first_due bigint, latest_at bigint, answers bigint, used bigint, version bigint, behind text, behind_at bigint, now bigint`,
	`UPDATE enrollments SET
		step_id = CASE WHEN enrollments.version = v.version OR v.version = 0 THEN v.step_id WHEN v.behind <> '' THEN v.behind ELSE enrollments.step_id END,
		step_anchor = CASE WHEN enrollments.version = v.version OR v.version = 0 THEN v.step_anchor WHEN v.behind <> '' THEN v.behind_at ELSE enrollments.step_anchor END,
		state = CASE WHEN enrollments.state = 'ended' OR (enrollments.version <> v.version AND v.version <> 0) THEN enrollments.state ELSE v.state END,
		reason = CASE WHEN enrollments.state = 'ended' OR (enrollments.version <> v.version AND v.version <> 0) THEN enrollments.reason ELSE v.reason END,
		due_at = CASE WHEN enrollments.rev = v.rev THEN v.due_at ELSE v.now END,
		waits_for = v.waits_for, next_class = v.next_class, next_topic = v.next_topic, priority = v.priority, first_due = v.first_due, latest_at = v.latest_at, answers = v.answers,
		skip_step = CASE WHEN v.used = 1 AND enrollments.rev = v.rev THEN '' ELSE enrollments.skip_step END,
		go_now = CASE WHEN v.used = 1 AND enrollments.rev = v.rev THEN 0 ELSE enrollments.go_now END,
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
		rows[i] = []any{
			shop, m.ID, m.Owner, m.Dispatch, m.Rev, m.Position.StepID, m.Position.Anchor, state, m.Reason, m.DueAt,
			m.WaitsFor, m.Ask.Class, m.Ask.Topic, m.Ask.Priority, m.Ask.Due, m.Ask.Latest, m.Ask.Answers, m.Used, m.Version, m.Behind.StepID, m.Behind.Anchor, now,
		}
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
