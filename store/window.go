package store

import (
	"context"
	"database/sql"
	"time"

	"flywheel/commerce"
	"flywheel/delight/campaign"
)

// Chunk is a shop's share of one refill: rows that one task will run.
type Chunk struct {
	Shop   commerce.ShopID
	TaskID string
	Runs   []Run
}

// How a refill walks: so many shops a round, so many rows of each, so that one
// shop's million due rows starve nobody.
const (
	shopsPerRound = 64
	rowsPerShop   = 16
)

// queuedFor is after how long a queued row may be looked for in the queue.
const queuedFor = 2 * time.Second

// queuedAtMost is after how long a queued row is dispatched again in any case.
const queuedAtMost = 10 * time.Minute

// WindowSize returns how many rows are queued, over all processes.
func (s *Store) WindowSize(ctx context.Context) (int, error) {
	var n int
	_, err := s.query(ctx).one([]any{&n}, `SELECT COUNT(*) FROM enrollments WHERE queue = 1`)
	return n, err
}

// DueShops walks the shops that have rows due by now, after the shop id after;
// it skips from shop to shop through the index.
func (s *Store) DueShops(ctx context.Context, after commerce.ShopID) ([]commerce.ShopID, error) {
	ids, err := s.query(ctx).scalars(`WITH RECURSIVE walk (shop_id) AS (
			SELECT (SELECT MIN(shop_id) FROM enrollments WHERE state = 'active' AND queue = 0 AND shop_id > $1)
			UNION ALL
			SELECT (SELECT MIN(e.shop_id) FROM enrollments e WHERE e.state = 'active' AND e.queue = 0 AND e.shop_id > walk.shop_id)
			FROM walk WHERE walk.shop_id IS NOT NULL)
		SELECT shop_id FROM walk WHERE shop_id IS NOT NULL AND EXISTS (SELECT 1 FROM enrollments e
			WHERE e.shop_id = walk.shop_id AND e.state = 'active' AND e.queue = 0 AND e.due_at <= $2)
		LIMIT $3`, after, s.Now(), shopsPerRound)
	out := make([]commerce.ShopID, len(ids))
	for i, id := range ids {
		out[i] = commerce.ShopID(id)
	}
	return out, err
}

var queueRows = newBatch(`shop_id text, id text, task_id text, now bigint`,
	`UPDATE enrollments SET queue = 1, queued_at = v.now, task_id = v.task_id, dispatch = enrollments.dispatch + 1 {from}
	WHERE enrollments.shop_id = v.shop_id AND enrollments.id = v.id AND enrollments.state = 'active' AND enrollments.queue = 0
	RETURNING enrollments.id, enrollments.dispatch`)

// QueueDue moves up to 16 due rows of each shop into the window, the longest
// due first, and returns them as chunks to enqueue.
func (s *Store) QueueDue(ctx context.Context, shops []commerce.ShopID) ([]Chunk, error) {
	var chunks []Chunk
	err := s.Transact(ctx, func(tx *Tx) error {
		chunks = nil
		if err := tx.DeferFlush(); err != nil {
			return err
		}
		for _, shop := range shops {
			ids, err := tx.scalars(`SELECT id FROM enrollments WHERE shop_id = $1 AND state = 'active' AND queue = 0 AND due_at <= $2
				ORDER BY due_at, id LIMIT $3`, shop, s.Now(), rowsPerShop)
			if err != nil {
				return err
			}
			chunk := Chunk{Shop: shop, TaskID: "step:" + NewID()}
			rows := make([][]any, len(ids))
			for i, id := range ids {
				rows[i] = []any{shop, id, chunk.TaskID, realNow()}
			}
			err = tx.run(queueRows, rows, func(r *sql.Rows) error {
				var run Run
				var id string
				err := r.Scan(&id, &run.Dispatch)
				run.ID = campaign.EnrollmentID(id)
				chunk.Runs = append(chunk.Runs, run)
				return err
			})
			if err != nil {
				return err
			}
			if len(chunk.Runs) > 0 {
				chunks = append(chunks, chunk)
			}
		}
		return nil
	})
	return chunks, err
}

// Unqueue gives back rows whose task could not be enqueued or is gone.
func (s *Store) Unqueue(ctx context.Context, taskID string) error {
	_, err := s.exec(ctx, `UPDATE enrollments SET queue = 0, task_id = '' WHERE queue = 1 AND task_id = $1`, taskID)
	return err
}

// StaleTasks lists the tasks of rows that have been queued for a while, so that
// the caller can look whether the queue still has them. Overdue ones are to be
// given back in any case.
func (s *Store) StaleTasks(ctx context.Context, limit int) (look, overdue []string, err error) {
	var rows []struct {
		TaskID   string `db:"task_id"`
		QueuedAt int64  `db:"queued_at"`
	}
	now := realNow()
	err = s.query(ctx).all(&rows, `SELECT task_id, MIN(queued_at) AS queued_at FROM enrollments
		WHERE queue = 1 AND queued_at <= $1 GROUP BY task_id ORDER BY 2 LIMIT $2`, now.Add(-queuedFor), limit)
	for _, r := range rows {
		if commerce.Instant(r.QueuedAt) < now.Add(-queuedAtMost) {
			overdue = append(overdue, r.TaskID)
		} else {
			look = append(look, r.TaskID)
		}
	}
	return look, overdue, err
}

// Recovered counts what a lost worker left behind.
type Recovered struct{ Rows, Unknown int64 }

// RecoverLeases takes back runs whose lease has ended; with except set, every
// run but that owner's, for the embedded mode in which no other process may
// live. A mail that was being sent becomes unknown; a claim is made anew.
func (s *Store) RecoverLeases(ctx context.Context, except string) (Recovered, error) {
	var got Recovered
	lost, limit := `queue = 2 AND lease_until < $1 AND $2 = ''`, realNow()
	if except != "" {
		lost, limit = `queue = 2 AND lease_until > $1 AND lease_owner <> $2`, 0
	}
	if except != "" {
		if err := s.freeLeases(ctx); err != nil {
			return got, err
		}
	}
	for {
		step, err := s.recoverStep(ctx, lost, limit, except)
		got.Rows, got.Unknown = got.Rows+step.Rows, got.Unknown+step.Unknown
		if err != nil || step.Rows < recoverRows {
			return got, err
		}
	}
}

// recoverRows is how many runs one transaction takes back.
const recoverRows = 200

func (s *Store) recoverStep(ctx context.Context, lost string, limit commerce.Instant, except string) (got Recovered, err error) {
	err = s.Transact(ctx, func(tx *Tx) error {
		var rows []struct {
			Shop string `db:"shop_id"`
			ID   string `db:"id"`
		}
		if err := tx.all(&rows, `SELECT shop_id, id FROM enrollments WHERE `+lost+` ORDER BY shop_id, id LIMIT $3`+tx.forUpdate(), limit, except, recoverRows); err != nil {
			return err
		}
		got = Recovered{Rows: int64(len(rows))}
		for _, r := range rows {
			// Whoever is told twice drops the double by its id, a task has the effect's id, a tag is there or it is not, and a gift is given once for its effect: these are simply done again.
			if _, err := tx.exec(`UPDATE effects SET state = 'retry', done_at = $3, note = 'the worker was lost meanwhile'
				WHERE shop_id = $1 AND enrollment_id = $2 AND state = 'sending' AND kind IN ('webhook', 'call_task', 'tag_customer', 'give_points', 'give_reward')`, r.Shop, r.ID, s.Now()); err != nil {
				return err
			}
			n, err := tx.exec(`UPDATE effects SET state = 'unknown', parked = 1, done_at = $3, note = 'the worker was lost while sending'
				WHERE shop_id = $1 AND enrollment_id = $2 AND state = 'sending'`, r.Shop, r.ID, s.Now())
			if err != nil {
				return err
			}
			got.Unknown += n
			if _, err := tx.exec(`UPDATE enrollments SET queue = 0, task_id = '', lease_owner = '', lease_until = 0, due_at = $3,
				dispatch = dispatch + 1, rev = rev + 1 WHERE shop_id = $1 AND id = $2 AND queue = 2`, r.Shop, r.ID, s.Now()); err != nil {
				return err
			}
		}
		return nil
	})
	return got, err
}

// freeLeases gives inboxes, fan-outs, work on connections and the named leases of a predecessor back,
// which would stand still until they end by themselves.
func (s *Store) freeLeases(ctx context.Context) error {
	return s.Transact(ctx, func(tx *Tx) error {
		if _, err := tx.exec(`UPDATE shop_work SET lease_owner = '', lease_until = 0 WHERE lease_until > 0`); err != nil {
			return err
		}
		if _, err := tx.exec(`UPDATE fanouts SET lease_owner = '', lease_until = 0 WHERE state = 'open' AND lease_until > 0`); err != nil {
			return err
		}
		for _, d := range []duty{backfills, reconciliations} {
			if _, err := tx.exec(`UPDATE ` + string(d) + ` SET lease_owner = '', lease_until = 0 WHERE lease_until > 0`); err != nil {
				return err
			}
		}
		_, err := tx.exec(`DELETE FROM leases`)
		return err
	})
}

// Lead takes or keeps a named lease for owner; false means another process leads.
func (s *Store) Lead(ctx context.Context, name, owner string, d time.Duration) (bool, error) {
	now := realNow()
	n, err := s.exec(ctx, `INSERT INTO leases (name, owner, until_at) VALUES ($1, $2, $3)
		ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until_at = excluded.until_at
		WHERE leases.owner = excluded.owner OR leases.until_at < $4`, name, owner, now.Add(d), now)
	return n == 1, err
}

// Yield gives a named lease back.
func (s *Store) Yield(ctx context.Context, name, owner string) error {
	_, err := s.exec(ctx, `DELETE FROM leases WHERE name = $1 AND owner = $2`, name, owner)
	return err
}
