package store

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
)

// EffectID names one outward act. It is the idempotency key everywhere, the same on every retry.
type EffectID string

// EffectState is how far an outward act has come.
type EffectState string

// Effect states. Only sending without a result becomes unknown.
const (
	Claimed   EffectState = "claimed"
	Sending   EffectState = "sending"
	Sent      EffectState = "sent"
	Retry     EffectState = "retry"
	Failed    EffectState = "failed"
	Withdrawn EffectState = "withdrawn"
	Expired   EffectState = "expired"
	Unknown   EffectState = "unknown"
)

// Effect is one row of the table of outward acts.
type Effect struct {
	ID          EffectID
	Enrollment  campaign.EnrollmentID
	StepID      string
	Kind        campaign.StepKind
	Class       gate.Class
	Topic       string
	Campaign    campaign.CampaignID
	Person      commerce.PersonID
	Order       commerce.OrderID
	AddressHash string
	Connection  commerce.ConnectionID
	Epoch       int64
	Dispatch    int64
	Tries       int64 // provider attempts that were certainly not accepted
	Rehearsal   bool  // it goes to the team, whoever it is about

	// The revisions the decision saw.
	EnrollmentRev, OrderRev, PersonRev int64
}

var claimEffects = newBatch(`shop_id text, id text, enrollment_id text, step_id text, kind text, class text, topic text, campaign_id text,
	person_id text, order_id text, address_hash text, connection_id text, epoch bigint, dispatch bigint,
	enrollment_rev bigint, order_rev bigint, person_rev bigint, claimed_at bigint, state text, rehearsal bigint`,
	`INSERT INTO effects (shop_id, id, enrollment_id, step_id, kind, class, topic, campaign_id, person_id, order_id, address_hash,
		connection_id, epoch, dispatch, enrollment_rev, order_rev, person_rev, claimed_at, state, rehearsal)
	{insert} ON CONFLICT (shop_id, enrollment_id, step_id, ordinal) DO UPDATE SET state = 'claimed', dispatch = excluded.dispatch,
		address_hash = excluded.address_hash, connection_id = excluded.connection_id, epoch = excluded.epoch, person_id = excluded.person_id, order_id = excluded.order_id,
		enrollment_rev = excluded.enrollment_rev, order_rev = excluded.order_rev, person_rev = excluded.person_rev, claimed_at = excluded.claimed_at
	WHERE effects.state IN ('claimed', 'retry', 'withdrawn') AND effects.dispatch <= excluded.dispatch
	RETURNING id, enrollment_id, tries`)

// ClaimEffects claims one effect an enrollment, in the transaction of the
// decision. A row that was claimed before keeps its id. What is missing from
// the answer is past claiming: sent, failed or unknown.
func (tx *Tx) ClaimEffects(shop commerce.ShopID, effects []Effect) (map[campaign.EnrollmentID]Effect, error) {
	rows := make([][]any, len(effects))
	wanted := make(map[campaign.EnrollmentID]Effect, len(effects))
	now := tx.store.Now()
	for i, e := range effects {
		wanted[e.Enrollment] = e
		rows[i] = []any{
			shop, EffectID(NewID()), e.Enrollment, e.StepID, e.Kind, e.Class, e.Topic, e.Campaign, e.Person, e.Order, e.AddressHash,
			e.Connection, e.Epoch, e.Dispatch, e.EnrollmentRev, e.OrderRev, e.PersonRev, now, Claimed, e.Rehearsal,
		}
	}
	claimed := make(map[campaign.EnrollmentID]Effect, len(effects))
	err := tx.run(claimEffects, rows, func(r *sql.Rows) error {
		var id, enrollment string
		var tries int64
		if err := r.Scan(&id, &enrollment, &tries); err != nil {
			return err
		}
		e := wanted[campaign.EnrollmentID(enrollment)]
		e.ID, e.Tries = EffectID(id), tries
		claimed[e.Enrollment] = e
		return nil
	})
	return claimed, err
}

// stillHolds is what a decision rested on. Each check is a scalar subquery, which
// PostgreSQL probes by its whole key; an EXISTS it turns into a join, and while a
// table is young that join read every row of the shop for each mail.
//
// {now} is business time: a pause that somebody asked for ends by itself.
const stillHolds = `AND (SELECT e.rev FROM enrollments e WHERE e.shop_id = effects.shop_id AND e.id = effects.enrollment_id
			AND e.dispatch = effects.dispatch AND e.state = 'active') = effects.enrollment_rev
		AND (effects.order_id = '' OR (SELECT o.rev FROM orders o WHERE o.shop_id = effects.shop_id AND o.id = effects.order_id) = effects.order_rev)
		AND (SELECT p.rev FROM persons p WHERE p.shop_id = effects.shop_id AND p.id = effects.person_id) = effects.person_rev
		AND (SELECT g.state FROM campaigns g WHERE g.shop_id = effects.shop_id AND g.id = effects.campaign_id) = CASE effects.rehearsal WHEN 1 THEN 'rehearsal' ELSE 'live' END
		AND (SELECT s.state FROM shops s WHERE s.id = effects.shop_id) = 'active'
		AND (SELECT c.epoch FROM connections c WHERE c.id = effects.connection_id AND c.shop_id = effects.shop_id AND c.closed_at = 0) = effects.epoch
		AND (SELECT COUNT(*) FROM switches w WHERE w.name = 'pause_all') = 0
		AND (effects.kind IN ('notify_team', 'webhook', 'tag_customer', 'give_points', 'give_reward') OR (SELECT COUNT(*) FROM suppressions u WHERE u.shop_id = effects.shop_id AND u.address_hash = effects.address_hash
			AND (u.until_at = 0 OR u.until_at > {now})
			AND (u.scope = 'all' OR (effects.class <> 'transactional' AND u.scope IN ('non_transactional', 'pause', 'topic:' || effects.topic)))) = 0)`

func stillHoldsAt(now string) string { return strings.ReplaceAll(stillHolds, "{now}", now) }

// beginSending is the last word before the provider's first byte: everything
// the decision rested on must still be so.
var beginSending = newBatch(`shop_id text, id text, dispatch bigint, now bigint`,
	`UPDATE effects SET state = 'sending', sending_at = v.now {from}
	WHERE effects.shop_id = v.shop_id AND effects.id = v.id AND effects.state = 'claimed' AND effects.dispatch = v.dispatch
	`+stillHoldsAt("v.now")+`
	RETURNING effects.id`)

// withdrawEffects takes claims back. A row in sending stays: a mail may be on its way.
var withdrawEffects = newBatch(`shop_id text, id text, dispatch bigint, now bigint`,
	`UPDATE effects SET state = 'withdrawn', note = 'something changed since the decision', done_at = v.now {from}
	WHERE effects.shop_id = v.shop_id AND effects.id = v.id AND effects.dispatch = v.dispatch AND effects.state = 'claimed'`)

// BeginSending moves claimed effects to sending where everything the decision
// saw still holds, and says which. The others are withdrawn and must be decided anew.
func (s *Store) BeginSending(ctx context.Context, shop commerce.ShopID, effects []Effect) (map[EffectID]bool, error) {
	var going map[EffectID]bool
	err := s.Transact(ctx, func(tx *Tx) error {
		going = map[EffectID]bool{}
		rows := make([][]any, len(effects))
		for i, e := range effects {
			rows[i] = []any{shop, e.ID, e.Dispatch, s.Now()}
		}
		if err := tx.run(beginSending, rows, func(r *sql.Rows) error {
			var id string
			err := r.Scan(&id)
			going[EffectID(id)] = true
			return err
		}); err != nil {
			return err
		}
		back := slices.DeleteFunc(rows, func(row []any) bool { return going[row[1].(EffectID)] })
		return tx.run(withdrawEffects, back, nil)
	})
	return going, err
}

// StillSending reports whether an effect in sending may still go: for one whose
// turn comes a while after BeginSending, as at a slow mail server.
func (s *Store) StillSending(ctx context.Context, shop commerce.ShopID, e Effect) (bool, error) {
	var n int
	_, err := s.query(ctx).one([]any{&n}, `SELECT COUNT(*) FROM effects WHERE shop_id = $1 AND id = $2 AND dispatch = $3 AND state = 'sending' `+stillHoldsAt("$4"),
		shop, e.ID, e.Dispatch, s.Now())
	return n == 1, err
}

// EffectResult is how an attempt ended.
type EffectResult struct {
	ID       EffectID
	Dispatch int64
	State    EffectState
	Tries    int64
	Note     string
}

var finishEffects = newBatch(`shop_id text, id text, dispatch bigint, state text, tries bigint, note text, now bigint`,
	`UPDATE effects SET state = v.state, tries = v.tries, note = v.note, done_at = v.now, parked = CASE v.state WHEN 'unknown' THEN 1 ELSE 0 END {from}
	WHERE effects.shop_id = v.shop_id AND effects.id = v.id AND effects.dispatch = v.dispatch
		AND (effects.state IN ('claimed', 'sending') OR (effects.state = 'unknown' AND v.state IN ('sent', 'failed')))`)

// FinishEffects records how attempts ended. A result that comes after the row
// was parked as unknown still counts where it is certain.
func (tx *Tx) FinishEffects(shop commerce.ShopID, results []EffectResult) error {
	rows := make([][]any, len(results))
	for i, r := range results {
		rows[i] = []any{shop, r.ID, r.Dispatch, r.State, r.Tries, r.Note, tx.store.Now()}
	}
	return tx.run(finishEffects, rows, nil)
}

// CloseEffects ends the open effect of a step that the gate will not let go any more.
func (tx *Tx) CloseEffects(shop commerce.ShopID, enrollment campaign.EnrollmentID, state EffectState, note string) error {
	_, err := tx.exec(`UPDATE effects SET state = $3, note = $4, done_at = $5
		WHERE shop_id = $1 AND enrollment_id = $2 AND state IN ('claimed', 'retry', 'withdrawn')`, shop, enrollment, state, note, tx.store.Now())
	return err
}

// Asked returns which orders campaigns have asked persons, and all who are
// merged with them, about: mails that went out, are going or may have.
func (s *Store) Asked(ctx context.Context, shop commerce.ShopID, persons []commerce.PersonID) (map[commerce.PersonID]map[campaign.CampaignID][]commerce.OrderID, error) {
	q := s.query(ctx)
	circles, err := q.circles(shop, persons)
	if err != nil || len(circles) == 0 {
		return nil, err
	}
	var rows []struct {
		Person   string `db:"person_id"`
		Campaign string `db:"campaign_id"`
		Order    string `db:"order_id"`
	}
	if err := q.all(&rows, `SELECT person_id, campaign_id, order_id FROM effects WHERE shop_id = $1 AND person_id `+q.in(2)+`
		AND state IN ('sending', 'sent', 'unknown') AND order_id <> '' AND rehearsal = 0 ORDER BY id`, shop, list(q, members(circles))); err != nil {
		return nil, err
	}
	type asked struct {
		campaign campaign.CampaignID
		order    commerce.OrderID
	}
	byPerson := map[commerce.PersonID][]asked{}
	for _, r := range rows {
		id := commerce.PersonID(r.Person)
		byPerson[id] = append(byPerson[id], asked{campaign.CampaignID(r.Campaign), commerce.OrderID(r.Order)})
	}
	out := map[commerce.PersonID]map[campaign.CampaignID][]commerce.OrderID{}
	for id, all := range gather(circles, byPerson) {
		out[id] = map[campaign.CampaignID][]commerce.OrderID{}
		for _, a := range all {
			out[id][a.campaign] = append(out[id][a.campaign], a.order)
		}
	}
	return out, nil
}
