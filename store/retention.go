package store

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"flywheel/commerce"
)

// How long rows are kept (design.md section 2).
const (
	keepBodies    = 30 * 24 * time.Hour
	keepKeys      = 30 * 24 * time.Hour
	keepDecisions = 395 * 24 * time.Hour // 13 months
	keepTouches   = 395 * 24 * time.Hour
	keepPasses    = 395 * 24 * time.Hour
	keepFanouts   = 395 * 24 * time.Hour
	keepFindings  = 395 * 24 * time.Hour
	keepEvents    = 760 * 24 * time.Hour // 25 months
	keepEffects   = 760 * 24 * time.Hour
	keepTasks     = 760 * 24 * time.Hour
	// what was read longer ago than that counts for nothing any more (package jobs)
	keepReads      = 48 * time.Hour
	keepWritebacks = 395 * 24 * time.Hour
	keepRequests   = 760 * 24 * time.Hour
	retentionStep  = 500    // rows a transaction
	retentionRead  = 20_000 // rows looked up at once
)

// Retain deletes what is past its time. What is old enough is looked for
// outside the transactions, each of which deletes at most 500 rows, so that
// webhooks are answered between them. It returns how many rows
// went, without the days of bodies that PostgreSQL drops whole.
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
		{"consent_reads", "read_at < $1", now.Add(-keepReads)},
		{"writebacks", "next_at = 0 AND done_at < $1", now.Add(-keepWritebacks)},
		{"link_tokens", "expires_at < $1", now},
		{"exports", "expires_at < $1", now},
		{"privacy_requests", "done_at > 0 AND received_at < $1", now.Add(-keepRequests)},
		{"decisions", "last_at < $1", now.Add(-keepDecisions)},
		{"touches", "at < $1", now.Add(-keepTouches)},
		{"referral_touches", "keep_until < $1", now},
		{"passes", "at < $1", now.Add(-keepPasses)},
		{"fanouts", "state = 'done' AND done_at < $1", now.Add(-keepFanouts)},
		{"findings", "found_at < $1", now.Add(-keepFindings)},
		{"estimates", "state IN ('done', 'failed') AND done_at < $1", now.Add(-keepKeys)},
		{"bounces", "received_at < $1", now.Add(-keepTouches)},
		{"soft_runs", "last_at < $1", now.Add(-keepTouches)},
		{"message_acts", "last_at < $1", now.Add(-keepTouches)},
		{"sender_days", "day < $1", now.Add(-keepTouches)},
		{"notices", "done_at > 0 AND done_at < $1", now.Add(-keepTouches)},
		{"tasks", "created_at < $1 AND due_at < $1", now.Add(-keepTasks)},
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
	n, err := s.retainPeople(ctx)
	if sum += n; err != nil {
		return sum, err
	}
	return sum, s.giveBackPages(ctx)
}

// giveBackPages returns free pages of a SQLite file to the disk, few at a time.
func (s *Store) giveBackPages(ctx context.Context) error {
	if !s.Embedded() {
		return nil
	}
	for before := int64(math.MaxInt64); ; {
		var free int64
		if _, err := s.query(ctx).one([]any{&free}, `PRAGMA freelist_count`); err != nil || free == 0 || free >= before {
			return err
		}
		before = free
		if _, err := s.exec(ctx, `PRAGMA incremental_vacuum(500)`); err != nil {
			return err
		}
	}
}

// deleteInSteps deletes the rows of table that where, with $1 = value, names.
func (s *Store) deleteInSteps(ctx context.Context, table, where string, value any) (int64, error) {
	row, chosen := "rowid", "rowid IN (SELECT CAST(value AS INTEGER) FROM json_each($2))"
	if !s.Embedded() {
		row, chosen = "ctid", "ctid = ANY($2::tid[])"
	}
	find := fmt.Sprintf(`SELECT CAST(%s AS TEXT) FROM %s WHERE %s LIMIT %d`, row, table, where, retentionRead)
	remove := fmt.Sprintf(`DELETE FROM %s WHERE %s AND %s`, table, chosen, where) // it may be another row by now
	var sum int64
	for {
		q := s.query(ctx)
		rows, err := q.scalars(find, value)
		if err != nil {
			return sum, err
		}
		var gone int64
		for step := range slices.Chunk(rows, retentionStep) {
			n, err := s.exec(ctx, remove, value, list(q, step))
			gone += n
			if err != nil {
				return sum + gone, err
			}
		}
		if sum += gone; len(rows) < retentionRead || gone == 0 {
			return sum, nil
		}
	}
}
