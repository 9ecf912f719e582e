package store

import (
	"context"
	"fmt"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/fault"
)

// listWindow is how many rows one page of a list looks through for those of a
// choice that no index carries. A page may so be short and yet have a next.
const listWindow = 5000

// Outward is one outward act: a mail, a task, a webhook.
type Outward struct {
	ID        EffectID            `db:"id"`
	At        commerce.Instant    `db:"at"`
	Campaign  campaign.CampaignID `db:"campaign_id"`
	StepID    string              `db:"step_id"`
	Kind      string              `db:"kind"`
	Person    commerce.PersonID   `db:"person_id"`
	Order     commerce.OrderID    `db:"order_id"`
	State     EffectState         `db:"state"`
	Note      string              `db:"note"`
	Rehearsal int64               `db:"rehearsal"`
}

// OutwardFilter narrows a list of outward acts; its zero value takes all.
type OutwardFilter struct {
	State    EffectState
	Campaign campaign.CampaignID
	Before   EffectID // "" = from the last on
}

const outwardColumns = `id, CASE WHEN done_at > 0 THEN done_at WHEN sending_at > 0 THEN sending_at ELSE claimed_at END AS at,
	campaign_id, step_id, kind, person_id, order_id, state, note, rehearsal`

// Outwards lists a shop's outward acts, the last first, at most limit; next is
// where the next page begins, "" at the end.
func (s *Store) Outwards(ctx context.Context, shop commerce.ShopID, f OutwardFilter, limit int) (out []Outward, next EffectID, err error) {
	where, args := "", []any{shop, limit + 1}
	add := func(text string, value any) {
		args = append(args, value)
		where += fmt.Sprintf(" AND %s $%d", text, len(args))
	}
	if f.Campaign != "" {
		add("campaign_id =", f.Campaign)
	}
	if f.Before != "" {
		add("id <", f.Before)
	}
	if f.State == Unknown { // these have an index
		where += " AND parked = 1"
	}
	q := s.query(ctx)
	if f.State == "" || f.State == Unknown {
		err = q.all(&out, `SELECT `+outwardColumns+` FROM effects WHERE shop_id = $1`+where+` ORDER BY id DESC LIMIT $2`, args...)
		out, next = cutAt(out, limit, func(o Outward) EffectID { return o.ID })
		return out, next, err
	}
	window := `(SELECT ` + outwardColumns + ` FROM effects WHERE shop_id = $1` + where + fmt.Sprintf(` ORDER BY id DESC LIMIT %d) w`, listWindow)
	if err := q.all(&out, `SELECT id, at, campaign_id, step_id, kind, person_id, order_id, state, note, rehearsal FROM `+window+fmt.Sprintf(` WHERE state = $%d ORDER BY id DESC LIMIT $2`, len(args)+1),
		append(args, f.State)...); err != nil {
		return nil, "", err
	}
	if out, next = cutAt(out, limit, func(o Outward) EffectID { return o.ID }); next != "" {
		return out, next, nil
	}
	last, err := q.endOf(`SELECT id FROM effects WHERE shop_id = $1`+where, append([]any{shop, 0}, args[2:]...))
	return out, EffectID(last), err
}

// Outward returns one outward act; a missing one is fault.NotFound.
func (s *Store) Outward(ctx context.Context, shop commerce.ShopID, id EffectID) (Outward, error) {
	return first[Outward](s.query(ctx), fmt.Sprintf("there is no message %s in this shop", id), `SELECT `+outwardColumns+` FROM effects WHERE shop_id = $1 AND id = $2`, shop, id)
}

// cutAt is a page of rows and, where there are more, the id of its last.
func cutAt[R any, T ~string](rows []R, limit int, id func(R) T) ([]R, T) {
	if len(rows) > limit {
		return rows[:limit], id(rows[limit-1])
	}
	return rows, ""
}

// endOf is the id at which a window over rows ends, the last first; "" where it
// holds all. $2 of the statement is not read.
func (q *query) endOf(text string, args []any) (string, error) {
	var n int
	var last *string
	args[1] = listWindow
	_, err := q.one([]any{&n, &last}, `SELECT COUNT(*), MIN(id) FROM (`+text+` ORDER BY id DESC LIMIT $2) w`, args...)
	if err != nil || n < listWindow || last == nil {
		return "", err
	}
	return *last, nil
}

// Received is a webhook as it was kept.
type Received struct {
	ID          commerce.DeliveryID   `db:"id"`
	Connection  commerce.ConnectionID `db:"connection_id"`
	Platform    commerce.Platform     `db:"platform"`
	Topic       string                `db:"topic"`
	ExternalID  string                `db:"external_id"`
	TriggeredAt commerce.Instant      `db:"triggered_at"`
	ReceivedAt  commerce.Instant      `db:"received_at"`
	State       ReceivedState         `db:"state"`
	Note        string                `db:"note"`
}

// ReceivedState is how far a webhook has come.
type ReceivedState int64

// States of webhooks.
const (
	ReceivedNew         ReceivedState = 0
	ReceivedDone        ReceivedState = 1
	ReceivedQuarantined ReceivedState = 2
)

// ReceivedFilter narrows a list of webhooks; its zero value takes all.
type ReceivedFilter struct {
	State  *ReceivedState
	Topic  string
	Before commerce.DeliveryID // "" = from the last on
}

const receivedColumns = `id, connection_id, platform, topic, external_id, triggered_at, received_at, state, note`

// Receiveds lists a shop's webhooks, the last first, at most limit; next as at Outwards.
func (s *Store) Receiveds(ctx context.Context, shop commerce.ShopID, f ReceivedFilter, limit int) (out []Received, next commerce.DeliveryID, err error) {
	where, args := "", []any{shop, limit + 1}
	if f.Before != "" {
		args = append(args, f.Before)
		where = " AND id < $3"
	}
	if f.State != nil && *f.State != ReceivedDone { // these have an index
		where += fmt.Sprintf(" AND state = %d", *f.State)
	}
	q, choice := s.query(ctx), ""
	if f.State != nil && *f.State == ReceivedDone {
		choice = " AND state = 1"
	}
	windowed := args
	if f.Topic != "" {
		windowed = append(args, f.Topic) //nolint:gocritic // args is used without it below
		choice += fmt.Sprintf(" AND topic = $%d", len(windowed))
	}
	window := `(SELECT ` + receivedColumns + ` FROM inbox WHERE shop_id = $1` + where + fmt.Sprintf(` ORDER BY id DESC LIMIT %d) w`, listWindow)
	if choice == "" {
		window = `inbox w`
		choice = " AND shop_id = $1" + where
	}
	if err := q.all(&out, `SELECT `+receivedColumns+` FROM `+window+` WHERE 1 = 1`+choice+` ORDER BY id DESC LIMIT $2`, windowed...); err != nil {
		return nil, "", err
	}
	if out, next = cutAt(out, limit, func(r Received) commerce.DeliveryID { return r.ID }); next != "" || window == `inbox w` {
		return out, next, nil
	}
	last, err := q.endOf(`SELECT id FROM inbox WHERE shop_id = $1`+where, append([]any{shop, 0}, args[2:]...))
	return out, commerce.DeliveryID(last), err
}

// ReceivedTopics returns the topics among a shop's last webhooks, by name.
func (s *Store) ReceivedTopics(ctx context.Context, shop commerce.ShopID) ([]string, error) {
	return s.query(ctx).scalars(`SELECT DISTINCT topic FROM (SELECT topic FROM inbox WHERE shop_id = $1 ORDER BY id DESC LIMIT $2) w ORDER BY topic`, shop, listWindow)
}

// ReceivedWhole returns a webhook with its body; nil where that is not kept any
// more or cannot be opened. A missing one is fault.NotFound.
func (s *Store) ReceivedWhole(ctx context.Context, shop commerce.ShopID, id commerce.DeliveryID) (Received, []byte, error) {
	q := s.query(ctx)
	r, err := first[Received](q, fmt.Sprintf("there is no webhook %s in this shop", id), `SELECT `+receivedColumns+` FROM inbox WHERE shop_id = $1 AND id = $2`, shop, id)
	if err != nil {
		return r, nil, err
	}
	var sealed []byte
	found, err := q.one([]any{&sealed}, `SELECT body FROM inbox_bodies WHERE shop_id = $1 AND inbox_id = $2 AND day = $3`, shop, id, int64(r.ReceivedAt)/86400000)
	if err != nil || !found {
		return r, nil, err
	}
	k, err := s.dataKey(ctx, shop)
	if err != nil {
		return r, nil, err
	}
	body, _ := k.open(sealed, "inbox "+string(id)) // nil on an error
	return r, body, nil
}

// FindingFilter narrows a list of findings; its zero value takes all.
type FindingFilter struct {
	Kind   string
	Before string // the id of the last that was seen; "" = from the last on
}

// Findings lists what a shop should look at, the last first, at most limit; next as at Outwards.
func (s *Store) Findings(ctx context.Context, shop commerce.ShopID, f FindingFilter, limit int) (out []Finding, next string, err error) {
	q := s.query(ctx)
	if f.Before == "" {
		f.Before = behindIDs
	}
	const columns = `id, kind, subject, detail, found_at`
	if f.Kind == "" {
		err = q.all(&out, `SELECT `+columns+` FROM findings WHERE shop_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3`, shop, f.Before, limit+1)
		out, next = cutAt(out, limit, func(f Finding) string { return f.ID })
		return out, next, err
	}
	if err := q.all(&out, `SELECT `+columns+` FROM (SELECT `+columns+` FROM findings WHERE shop_id = $1 AND id < $2 ORDER BY id DESC LIMIT $5) w
		WHERE kind = $4 ORDER BY id DESC LIMIT $3`, shop, f.Before, limit+1, f.Kind, listWindow); err != nil {
		return nil, "", err
	}
	if out, next = cutAt(out, limit, func(f Finding) string { return f.ID }); next != "" {
		return out, next, nil
	}
	next, err = q.endOf(`SELECT id FROM findings WHERE shop_id = $1 AND id < $3`, []any{shop, 0, f.Before})
	return out, next, err
}

// FindingKinds returns the kinds of a shop's findings, by name. It leaps through the index.
func (s *Store) FindingKinds(ctx context.Context, shop commerce.ShopID) ([]string, error) {
	return s.query(ctx).scalars(`WITH RECURSIVE leap (v) AS (
			SELECT MIN(kind) FROM findings WHERE shop_id = $1
			UNION ALL SELECT (SELECT MIN(f.kind) FROM findings f WHERE f.shop_id = $1 AND f.kind > leap.v) FROM leap WHERE leap.v IS NOT NULL)
		SELECT v FROM leap WHERE v IS NOT NULL LIMIT 100`, shop)
}

var errNoStop = fault.New(fault.NotFound, "the list has no such line, or it stands for somebody who was erased")
