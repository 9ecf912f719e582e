package store

import (
	"context"
	"database/sql"
	"strings"
	"sync"
)

// What the suite beside the package needs to see of its inside.

// DB is the database under s, for plain SQL.
func DB(s *Store) *sql.DB { return s.engine.db() }

// TouchStep is how many enrollments TouchMore takes at once.
const TouchStep = touchStep

// HeldRead is how many refusals ConsentHeld looks at.
const HeldRead = heldRead

// MigrateTo brings the schema as far as version.
func MigrateTo(ctx context.Context, s *Store, version int64) error {
	p, err := s.provider()
	if err == nil {
		_, err = p.UpTo(ctx, version)
	}
	return err
}

// MigrateDown takes the newest migration back.
func MigrateDown(ctx context.Context, s *Store) error {
	p, err := s.provider()
	if err == nil {
		_, err = p.Down(ctx)
	}
	return err
}

// ShopTables are the tables that EraseShop empties.
var ShopTables = shopTables

// Urgent is Transact in the door's lane.
func Urgent(ctx context.Context, s *Store, fn func(*Tx) error) error {
	return s.engine.transact(ctx, true, func(tx *Tx) error { tx.store = s; return fn(tx) })
}

// Exec runs one statement inside a transaction of the store.
func (tx *Tx) Exec(text string, args ...any) error { _, err := tx.exec(text, args...); return err }

// Sought lists the ids of what Seek found.
func Sought(w Whom) (ids []string) {
	for _, p := range w.sought.persons {
		ids = append(ids, string(p))
	}
	for _, d := range w.sought.deliveries {
		ids = append(ids, string(d))
	}
	return ids
}

// Plan is how the database would run a statement.
type Plan struct{ Statement, Text string }

// Plans runs fn with every statement of s explained on its way to the database.
func Plans(s *Store, fn func()) []Plan {
	r := &plans{}
	engine, read := s.engine, s.read
	s.engine, s.read = explainedEngine{engine, r}, &explained{read, engine.dialect(), r}
	defer func() { s.engine, s.read = engine, read }()
	fn()
	return r.list
}

type plans struct {
	mu   sync.Mutex
	list []Plan
}

type explainedEngine struct {
	engine
	plans *plans
}

func (e explainedEngine) transact(ctx context.Context, urgent bool, fn func(*Tx) error) error {
	return e.engine.transact(ctx, urgent, func(tx *Tx) error {
		tx.q = &explained{tx.q, tx.d, e.plans}
		return fn(tx)
	})
}

type explained struct {
	querier
	d     dialect
	plans *plans
}

func (e *explained) ExecContext(ctx context.Context, text string, args ...any) (sql.Result, error) {
	if !strings.HasPrefix(text, "SET ") { // it has no plan
		e.explain(ctx, text, args)
	}
	return e.querier.ExecContext(ctx, text, args...)
}

func (e *explained) QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	e.explain(ctx, text, args)
	return e.querier.QueryContext(ctx, text, args...)
}

func (e *explained) explain(ctx context.Context, text string, args []any) {
	word := map[dialect]string{sqlite: "EXPLAIN QUERY PLAN ", postgres: "EXPLAIN "}[e.d]
	plan := Plan{Statement: text}
	rows, err := e.querier.QueryContext(ctx, word+text, args...)
	if err != nil {
		plan.Text = "error: " + err.Error()
	} else {
		defer rows.Close()
		columns, _ := rows.Columns()
		for rows.Next() {
			cells := make([]any, len(columns))
			for i := range cells {
				cells[i] = new(sql.NullString)
			}
			if err := rows.Scan(cells...); err != nil {
				plan.Text += "error: " + err.Error()
			}
			plan.Text += cells[len(cells)-1].(*sql.NullString).String + "\n"
		}
		rows.Close()
	}
	plan.Text = strings.TrimSpace(plan.Text)
	e.plans.mu.Lock()
	defer e.plans.mu.Unlock()
	e.plans.list = append(e.plans.list, plan)
}
