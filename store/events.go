package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"flywheel/commerce"
	"flywheel/fault"
)

const eventValues = `shop_id text, kind text, subject text, ordinal bigint, order_id text, person_id text, occurred_at bigint, recorded_at bigint,
	historic bigint, assumed bigint, name text, props text, platform text`

const insertEvents = `INSERT INTO events (shop_id, kind, subject, ordinal, order_id, person_id, occurred_at, recorded_at, historic, assumed, name, props, platform)
	{insert} ON CONFLICT `

var saveEvents = newBatch(eventValues, insertEvents+`(shop_id, kind, subject, ordinal) DO UPDATE SET occurred_at = excluded.occurred_at,
	historic = excluded.historic, assumed = excluded.assumed, person_id = excluded.person_id`)

// SaveEvents writes events; better evidence of when one happened replaces the former.
func (tx *Tx) SaveEvents(shop commerce.ShopID, events []commerce.Event) error {
	rows, err := tx.eventRows(shop, events)
	if err != nil {
		return err
	}
	return tx.run(saveEvents, rows, nil)
}

var addEvents = newBatch(eventValues, insertEvents+`DO NOTHING RETURNING kind, subject, ordinal`)

type eventKey struct {
	kind, subject string
	ordinal       int
}

// AddEvents writes events that happen once and returns those that are new, in their order.
func (tx *Tx) AddEvents(shop commerce.ShopID, events []commerce.Event) ([]commerce.Event, error) {
	rows, err := tx.eventRows(shop, events)
	if err != nil {
		return nil, err
	}
	added := map[eventKey]bool{}
	if err := tx.run(addEvents, rows, func(r *sql.Rows) error {
		var k eventKey
		err := r.Scan(&k.kind, &k.subject, &k.ordinal)
		added[k] = true
		return err
	}); err != nil {
		return nil, err
	}
	var fresh []commerce.Event
	for _, e := range events {
		if k := (eventKey{string(e.Kind), e.Subject, e.Ordinal}); added[k] {
			fresh = append(fresh, e)
			delete(added, k) // told twice in one batch
		}
	}
	return fresh, nil
}

func (tx *Tx) eventRows(shop commerce.ShopID, events []commerce.Event) ([][]any, error) {
	rows := make([][]any, len(events))
	now := tx.store.Now()
	for i, e := range events {
		props := ""
		if len(e.Props) > 0 {
			data, err := json.Marshal(e.Props)
			if err != nil {
				return nil, fault.Wrap(fault.Invalid, err, "what event %s says cannot be written as JSON", e.Subject)
			}
			props = string(data)
		}
		rows[i] = []any{shop, e.Kind, e.Subject, e.Ordinal, e.OrderID, e.PersonID, e.OccurredAt, now, e.Historic, e.Assumed, e.Name, props, e.Platform}
	}
	return rows, nil
}

type eventRow struct {
	Kind       string `db:"kind"`
	Subject    string `db:"subject"`
	Ordinal    int    `db:"ordinal"`
	OrderID    string `db:"order_id"`
	PersonID   string `db:"person_id"`
	OccurredAt int64  `db:"occurred_at"`
	Historic   int64  `db:"historic"`
	Assumed    int64  `db:"assumed"`
	Name       string `db:"name"`
	Props      string `db:"props"`
	Platform   string `db:"platform"`
}

const eventColumns = `kind, subject, ordinal, order_id, person_id, occurred_at, historic, assumed, name, props, platform`

func (r eventRow) event() (commerce.Event, error) {
	e := commerce.Event{
		Kind: commerce.EventKind(r.Kind), Subject: r.Subject, Ordinal: r.Ordinal, OrderID: commerce.OrderID(r.OrderID),
		PersonID: commerce.PersonID(r.PersonID), OccurredAt: commerce.Instant(r.OccurredAt),
		Historic: r.Historic == 1, Assumed: r.Assumed == 1, Name: r.Name,
		Platform: commerce.Platform(r.Platform),
	}
	if r.Props == "" {
		return e, nil
	}
	if err := json.Unmarshal([]byte(r.Props), &e.Props); err != nil {
		return e, fmt.Errorf("props of event %s %s: %w", r.Kind, r.Subject, err)
	}
	return e, nil
}

// Event returns the event of a kind and subject; a missing one is fault.NotFound.
func (s *Store) Event(ctx context.Context, shop commerce.ShopID, kind commerce.EventKind, subject string) (commerce.Event, error) {
	row, err := first[eventRow](s.query(ctx), fmt.Sprintf("there is no event %s of %s in this shop", kind, subject),
		`SELECT `+eventColumns+` FROM events WHERE shop_id = $1 AND kind = $2 AND subject = $3 ORDER BY ordinal LIMIT 1`, shop, kind, subject)
	if err != nil {
		return commerce.Event{}, err
	}
	return row.event()
}

var findCauses = newBatch(`shop_id text, kind text, subject text`,
	`SELECT e.kind, e.subject, e.ordinal, e.order_id, e.person_id, e.occurred_at, e.historic, e.assumed, e.name, e.props, e.platform FROM {rows} events e
	WHERE e.shop_id = v.shop_id AND e.kind = v.kind AND e.subject = v.subject AND e.ordinal = 0`)

// Causes returns the events that enrollments began with, by campaign.Enrollment's Cause ("kind|subject").
func (s *Store) Causes(ctx context.Context, shop commerce.ShopID, causes []string) (map[string]commerce.Event, error) {
	var rows [][]any
	for _, c := range causes {
		if kind, subject, ok := strings.Cut(c, "|"); ok {
			rows = append(rows, []any{shop, kind, subject})
		}
	}
	out := map[string]commerce.Event{}
	err := s.query(ctx).run(findCauses, rows, func(r *sql.Rows) error {
		var row eventRow
		if err := r.Scan(&row.Kind, &row.Subject, &row.Ordinal, &row.OrderID, &row.PersonID, &row.OccurredAt, &row.Historic, &row.Assumed, &row.Name, &row.Props, &row.Platform); err != nil {
			return err
		}
		e, err := row.event()
		out[row.Kind+"|"+row.Subject] = e
		return err
	})
	return out, err
}

// EventsOf returns what happened to persons, and to all who are merged with
// them, from since on, oldest first; kinds are custom ones in full, as commerce.CustomKind makes them.
func (s *Store) EventsOf(ctx context.Context, shop commerce.ShopID, persons []commerce.PersonID, kinds []commerce.EventKind, since commerce.Instant) (map[commerce.PersonID][]commerce.Event, error) {
	return s.query(ctx).eventsOf(shop, persons, kinds, since)
}

// EventsOf is Store.EventsOf inside a transaction.
func (tx *Tx) EventsOf(shop commerce.ShopID, persons []commerce.PersonID, kinds []commerce.EventKind, since commerce.Instant) (map[commerce.PersonID][]commerce.Event, error) {
	return tx.eventsOf(shop, persons, kinds, since)
}

func (q *query) eventsOf(shop commerce.ShopID, persons []commerce.PersonID, kinds []commerce.EventKind, since commerce.Instant) (map[commerce.PersonID][]commerce.Event, error) {
	if len(kinds) == 0 {
		return nil, nil
	}
	circles, err := q.circles(shop, persons)
	if err != nil || len(circles) == 0 {
		return nil, err
	}
	// kind || '' leaves the index of the person: by kind a shop has far more.
	var rows []eventRow
	if err := q.all(&rows, `SELECT `+eventColumns+` FROM events WHERE shop_id = $1 AND person_id `+q.in(2)+` AND occurred_at >= $3
		AND kind || '' `+q.in(4), shop, list(q, members(circles)), since, list(q, kinds)); err != nil {
		return nil, err
	}
	byPerson := map[commerce.PersonID][]commerce.Event{}
	for _, r := range rows {
		e, err := r.event()
		if err != nil {
			return nil, err
		}
		byPerson[e.PersonID] = append(byPerson[e.PersonID], e)
	}
	out := gather(circles, byPerson)
	for _, events := range out {
		slices.SortFunc(events, func(a, b commerce.Event) int {
			return cmp.Or(cmp.Compare(a.OccurredAt, b.OccurredAt), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Subject, b.Subject))
		})
	}
	return out, nil
}

// Event is Store.Event inside a transaction; false = there is none.
func (tx *Tx) Event(shop commerce.ShopID, kind commerce.EventKind, subject string) (e commerce.Event, found bool, err error) {
	var rows []eventRow
	err = tx.all(&rows, `SELECT `+eventColumns+` FROM events WHERE shop_id = $1 AND kind = $2 AND subject = $3 ORDER BY ordinal LIMIT 1`, shop, kind, subject)
	if err != nil || len(rows) == 0 {
		return e, false, err
	}
	e, err = rows[0].event()
	return e, true, err
}
