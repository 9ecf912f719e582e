package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"flywheel/commerce"
	"flywheel/store"
)

// events is how many come in a round.
const events = 200

// waiting measures what it costs to find who waits for an event that has come:
// among 1,000,000 walks that wait for one compared with 10,000.
func waiting(ctx context.Context, where string, rounds int, bound float64) ([]figure, error) {
	few, err := newLine(ctx, where, fewRows)
	if err != nil {
		return nil, err
	}
	defer few.close()
	many, err := newLine(ctx, where, manyRows)
	if err != nil {
		return nil, err
	}
	cost := figure{Name: "event_match_cost_" + where, Unit: "x", Goal: atMost(bound), Note: "seconds of 200 events with 1,000,000 walks waiting by seconds with 10,000"}
	for round := range rounds + 1 {
		reference, err := few.touch(ctx, fewRows, round)
		if err != nil {
			return nil, errors.Join(err, many.close())
		}
		ours, err := many.touch(ctx, manyRows, round)
		if err != nil {
			return nil, errors.Join(err, many.close())
		}
		if round > 0 {
			cost.Pairs = append(cost.Pairs, pair{Ours: ours.Seconds(), Reference: reference.Seconds()})
		}
	}
	return []figure{cost}, many.close()
}

// newLine fills a fresh database with one shop whose persons each wait for an event.
func newLine(ctx context.Context, where string, rows int) (*crowd, error) {
	p, err := newPlace(ctx, where)
	if err != nil {
		return nil, err
	}
	c := &crowd{place: p}
	if err := c.line(ctx, rows); err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

// line gives the shop so many persons and walks, all of which wait for months still.
func (c *crowd) line(ctx context.Context, rows int) error {
	if err := c.open(ctx); err != nil {
		return err
	}
	later := commerce.At(time.Now()).Add(90 * 24 * time.Hour)
	for _, statement := range []string{
		`INSERT INTO persons (shop_id, id, email, phone, first_name, last_name, language, country, timezone, updated_at, created_at)
			WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %[2]d)
			SELECT '%[1]s', 'p' || (10000000 + n.i), '', '', '', '', '', '', '', 0, 0 FROM n`,
		`INSERT INTO enrollments (shop_id, id, campaign_id, entry_key, version, person_id, order_id, anchor, step_anchor, state, due_at, created_at, waits_for)
			WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %[2]d)
			SELECT '%[1]s', 'e' || (10000000 + n.i), 'c', 'k' || (10000000 + n.i), 1, 'p' || (10000000 + n.i), '', %[3]d, %[3]d, 'active', %[3]d, 0, 'order_paid'
			FROM n`,
	} {
		if _, err := c.db.ExecContext(ctx, fmt.Sprintf(statement+`%[4]s`, c.large, rows, later, "")); err != nil {
			return fmt.Errorf("%.40s: %w", statement, err)
		}
	}
	return c.count(ctx)
}

// touch tells of events of persons all over the line, other ones each round, one a transaction.
func (c *crowd) touch(ctx context.Context, rows, round int) (time.Duration, error) {
	began := time.Now()
	for i := range events {
		person := commerce.PersonID(fmt.Sprint("p", 10_000_001+(i*rows/events+round)%rows))
		if err := c.store.Transact(ctx, func(tx *store.Tx) error {
			return tx.TouchWaiting(c.large, []store.Waiting{{Person: person, Kind: commerce.OrderPaid}})
		}); err != nil {
			return 0, err
		}
	}
	took := time.Since(began)
	var due int
	err := c.db.QueryRowContext(ctx, `SELECT COUNT(*) FROM enrollments WHERE shop_id = $1 AND state = 'active' AND queue = 0 AND due_at <= $2`,
		c.large, int64(c.store.Now())).Scan(&due)
	if want := events * (round + 1); err == nil && due != want {
		err = fmt.Errorf("%d walks are due after %d events", due, want)
	}
	return took, err
}
