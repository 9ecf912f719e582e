package store

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"

	"github.com/jackc/pgx/v5/pgconn"

	"flywheel/commerce"
)

// daysAhead is for how many days partitions are made before they are needed.
const daysAhead = 7

var bodiesDay = regexp.MustCompile(`^inbox_bodies_d(\d+)$`)

// PreparePartitions makes the days of inbox_bodies for the coming week
// (PostgreSQL). What falls outside lands in the rest partition, and a day whose
// first rows lie there stays there whole.
func (s *Store) PreparePartitions(ctx context.Context) error {
	if s.engine.dialect() != postgres {
		return nil
	}
	have, err := s.bodyDays(ctx)
	if err != nil {
		return err
	}
	today := day(s.Now())
	for d := today; d < today+daysAhead; d++ {
		if slices.Contains(have, d) {
			continue
		}
		table := fmt.Sprintf("inbox_bodies_d%d", d)
		err := s.alterBodies(ctx,
			fmt.Sprintf(`CREATE TABLE IF NOT EXISTS %s PARTITION OF inbox_bodies FOR VALUES FROM (%d) TO (%d)`, table, d, d+1),
			`ALTER TABLE `+table+` ALTER COLUMN body SET STORAGE EXTERNAL`)
		if err != nil {
			return fmt.Errorf("prepare %s: %w", table, err)
		}
	}
	return nil
}

// bodyDays lists the days that have a partition.
func (s *Store) bodyDays(ctx context.Context) ([]int64, error) {
	names, err := s.query(ctx).scalars(`SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
		JOIN pg_class p ON p.oid = i.inhparent WHERE p.relname = 'inbox_bodies' AND p.relnamespace = current_schema()::regnamespace`)
	var days []int64
	for _, name := range names {
		if m := bodiesDay.FindStringSubmatch(name); m != nil {
			d, _ := strconv.ParseInt(m[1], 10, 64)
			days = append(days, d)
		}
	}
	return days, err
}

// alterBodies changes partitions in one transaction. That locks the whole
// table, so that the doors wait behind it; where somebody reads it for long (a
// backup), it gives up at once and is tried again with the next maintenance.
func (s *Store) alterBodies(ctx context.Context, statements ...string) error {
	err := s.Transact(ctx, func(tx *Tx) error {
		for _, text := range append([]string{`SET LOCAL lock_timeout = '200ms'`}, statements...) {
			if _, err := tx.exec(text); err != nil {
				return err
			}
		}
		return nil
	})
	var pg *pgconn.PgError
	const lockNotAvailable, checkViolation = "55P03", "23514" // the latter: the rest partition has rows of that day
	if errors.As(err, &pg) && (pg.Code == lockNotAvailable || pg.Code == checkViolation) {
		return nil
	}
	return err
}

// dropBodies drops raw bodies, a day's partition whole where the engine has
// them, and returns how many rows it deleted one by one.
func (s *Store) dropBodies(ctx context.Context, before commerce.Instant) (int64, error) {
	limit := day(before)
	if s.Embedded() {
		return s.deleteInSteps(ctx, "inbox_bodies", "day < $1", limit)
	}
	if err := s.PreparePartitions(ctx); err != nil {
		return 0, err
	}
	days, err := s.bodyDays(ctx)
	if err != nil {
		return 0, err
	}
	for _, d := range days {
		if d >= limit {
			continue
		}
		if err := s.alterBodies(ctx, fmt.Sprintf(`DROP TABLE IF EXISTS inbox_bodies_d%d`, d)); err != nil {
			return 0, err
		}
	}
	return s.deleteInSteps(ctx, "inbox_bodies_rest", "day < $1", limit)
}
