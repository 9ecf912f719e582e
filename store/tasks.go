package store

import (
	"context"
	"fmt"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/fault"
)

// TaskState is how far a task has come.
type TaskState string

// Task states.
const (
	TaskOpen    TaskState = "open"
	TaskDone    TaskState = "done"
	TaskDropped TaskState = "dropped" // there is no more reason for it
)

// Task is a call for staff to make.
type Task struct {
	ID       EffectID            `db:"id"` // of the effect that made it
	Person   commerce.PersonID   `db:"person_id"`
	Order    commerce.OrderID    `db:"order_id"`
	Campaign campaign.CampaignID `db:"campaign_id"`
	StepID   string              `db:"step_id"`
	Title    string              `db:"title"`
	Script   string              `db:"script"`
	DueAt    commerce.Instant    `db:"due_at"`
	State    TaskState           `db:"state"`
	Outcome  string              `db:"outcome"` // how the call went, in the caller's words or of a list
	Note     string              `db:"note"`
	AddedAt  commerce.Instant    `db:"created_at"`
	DoneAt   commerce.Instant    `db:"done_at"`
}

const taskColumns = `id, person_id, order_id, campaign_id, step_id, title, script, due_at, state, outcome, note, created_at, done_at`

// AddTask keeps a task that is open from now on; one that is there already stays
// as it is. Of somebody who was erased while it was written none is kept.
func (tx *Tx) AddTask(shop commerce.ShopID, t Task) error {
	persons, err := tx.LockPersons(shop, []commerce.PersonID{t.Person})
	if err != nil || persons[t.Person].Erased {
		return err
	}
	_, err = tx.exec(`INSERT INTO tasks (shop_id, id, person_id, order_id, campaign_id, step_id, title, script, due_at, state, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'open', $10) ON CONFLICT DO NOTHING`,
		shop, t.ID, t.Person, t.Order, t.Campaign, t.StepID, t.Title, t.Script, t.DueAt, tx.store.Now())
	return err
}

// Task returns one task; a missing one is fault.NotFound.
func (s *Store) Task(ctx context.Context, shop commerce.ShopID, id EffectID) (Task, error) {
	return first[Task](s.query(ctx), fmt.Sprintf("there is no task %s in this shop", id), `SELECT `+taskColumns+` FROM tasks WHERE shop_id = $1 AND id = $2`, shop, id)
}

// ListTasks returns a shop's tasks in a state, the first due first, after the
// task after, of which DueAt and ID count, at most limit.
func (s *Store) ListTasks(ctx context.Context, shop commerce.ShopID, state TaskState, after Task, limit int) ([]Task, error) {
	var out []Task
	err := s.query(ctx).all(&out, `SELECT `+taskColumns+` FROM tasks WHERE shop_id = $1 AND state = $2 AND (due_at, id) > ($3, $4)
		ORDER BY due_at, id LIMIT $5`, shop, state, after.DueAt, after.ID, limit)
	return out, err
}

// FinishTask closes an open task with how it went. A missing one is fault.NotFound, one that is not open fault.Conflict.
func (s *Store) FinishTask(ctx context.Context, shop commerce.ShopID, id EffectID, outcome, note string) error {
	return s.setTask(ctx, shop, id, "this task is not open any more",
		`state = 'done', outcome = $3, note = $4, done_at = $5`, `state = 'open'`, outcome, note, s.Now())
}

// ReopenTask opens a task again that is done or dropped. Errors as FinishTask's.
func (s *Store) ReopenTask(ctx context.Context, shop commerce.ShopID, id EffectID) error {
	return s.setTask(ctx, shop, id, "this task is open", `state = 'open', outcome = '', done_at = $3`, `state <> 'open'`, 0)
}

func (s *Store) setTask(ctx context.Context, shop commerce.ShopID, id EffectID, refusal, set, where string, args ...any) error {
	n, err := s.exec(ctx, `UPDATE tasks SET `+set+` WHERE shop_id = $1 AND id = $2 AND `+where, append([]any{shop, id}, args...)...)
	if err != nil || n == 1 {
		return err
	}
	if _, err := s.Task(ctx, shop, id); err != nil {
		return err
	}
	return fault.New(fault.Conflict, "%s", refusal)
}

// DropTasks drops the open tasks that hang on an order whose outcome leaves no reason for them.
func (tx *Tx) DropTasks(shop commerce.ShopID, order commerce.OrderID, note string) error {
	_, err := tx.exec(`UPDATE tasks SET state = 'dropped', note = $3, done_at = $4 WHERE shop_id = $1 AND order_id = $2 AND state = 'open'`,
		shop, order, note, tx.store.Now())
	return err
}
