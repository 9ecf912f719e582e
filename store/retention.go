package store

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"time"

	"flywheel/commerce"
)

// How long rows are kept (design.md section 2).
const (
	keepBodies    = 30 * 24 * time.Hour
	keepKeys      = 30 * 24 * time.Hour
	keepDecisions = 395 * 24 * time.Hour // 13 months
	keepEvents    = 760 * 24 * time.Hour // 25 months
	keepEffects   = 760 * 24 * time.Hour
	retentionStep = 500 // rows a transaction
)

// Retain deletes what is past its time, at most 500 rows a transaction, so
// that webhooks are answered between them. It returns how many rows went.
func (s *Store) Retain(ctx context.Context) (int64, error) {
	now := s.Now()
	sum, err := s.dropBodies(ctx, now.Add(-keepBodies))
	if err != nil {
		return sum, err
	}
	for _, c := range []struct {
		table, where string
		before       commerce.Instant
	}{
		{"inbox", "received_at < $1 AND state <> 0", now.Add(-keepKeys)},
		{"pending_deliveries", "received_at < $1", now.Add(-pendingDays * 24 * time.Hour)},
		{"link_tokens", "expires_at < $1", now},
		{"decisions", "last_at < $1", now.Add(-keepDecisions)},
		{"events", "occurred_at < $1 AND recorded_at < $1", now.Add(-keepEvents)},
		{"effects", "claimed_at < $1 AND state NOT IN ('claimed', 'sending', 'retry')", now.Add(-keepEffects)},
		{"enrollments", "state = 'ended' AND due_at < $1 AND created_at < $1", now.Add(-keepEvents)},
	} {
		n, err := s.deleteInSteps(ctx, c.table, c.where, c.before)
		sum += n
		if err != nil {
			return sum, fmt.Errorf("retain %s: %w", c.table, err)
		}
	}
	if s.Embedded() {
		_, err = s.engine.db().ExecContext(ctx, "PRAGMA incremental_vacuum(2000)")
	}
	return sum, err
}

func (s *Store) deleteInSteps(ctx context.Context, table, where string, before commerce.Instant) (int64, error) {
	row := "rowid"
	if !s.Embedded() {
		row = "ctid"
	}
	text := fmt.Sprintf(`DELETE FROM %s WHERE %s IN (SELECT %s FROM %s WHERE %s LIMIT %d)`, table, row, row, table, where, retentionStep)
	var sum int64
	for {
		n, err := s.exec(ctx, text, before)
		sum += n
		if err != nil || n < retentionStep {
			return sum, err
		}
	}
}

var partitionDay = regexp.MustCompile(`^inbox_bodies_d(\d+)$`)

// dropBodies drops raw bodies: a day's partition whole where the engine has them.
func (s *Store) dropBodies(ctx context.Context, before commerce.Instant) (int64, error) {
	limit := day(before)
	if s.Embedded() {
		return s.deleteInSteps(ctx, "inbox_bodies", "day < $1", commerce.Instant(limit))
	}
	if err := s.PreparePartitions(ctx); err != nil {
		return 0, err
	}
	names, err := s.query(ctx).scalars(`SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
		JOIN pg_class p ON p.oid = i.inhparent WHERE p.relname = 'inbox_bodies' AND p.relnamespace = current_schema()::regnamespace`)
	if err != nil {
		return 0, err
	}
	var dropped int64
	for _, name := range names {
		m := partitionDay.FindStringSubmatch(name)
		if m == nil {
			continue
		}
		if d, _ := strconv.ParseInt(m[1], 10, 64); d < limit {
			if _, err := s.query(ctx).exec(`DROP TABLE ` + name); err != nil {
				return dropped, err
			}
			dropped++
		}
	}
	n, err := s.deleteInSteps(ctx, "inbox_bodies_rest", "day < $1", commerce.Instant(limit))
	return dropped + n, err
}
