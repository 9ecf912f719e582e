package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
)

// elephant is the PostgreSQL engine. Statements are cached on each connection
// by pgx; behind PgBouncer in transaction mode add
// default_query_exec_mode=exec to DATABASE_URL (docs/operations.md).
type elephant struct{ pool *sql.DB }

func openPostgres(ctx context.Context, url string, o Options) (engine, querier, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, nil, errors.New("DATABASE_URL is not a PostgreSQL address") // pgx's text may show the password
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = 5 * time.Second
	}
	pool := stdlib.OpenDB(*config, stdlib.OptionAfterConnect(settle))
	n := o.Readers
	if n == 0 {
		n = 24
	}
	pool.SetMaxOpenConns(n)
	pool.SetMaxIdleConns(n)
	pool.SetConnMaxIdleTime(5 * time.Minute)
	if err := pool.PingContext(ctx); err != nil {
		return nil, nil, errors.Join(err, pool.Close())
	}
	return &elephant{pool}, pool, nil
}

// session is how every connection is set. By SET and not as startup parameters,
// which PgBouncer refuses.
const session = `
-- A transaction whose process stands still in the middle of it (a paused machine) ends before
-- that process's leases do: its locks would stop whoever takes over.
SET idle_in_transaction_session_timeout = '20s';
-- Every hot statement probes a few rows by the full key, in pages that are in memory. At the
-- default of 4 the planner reads a young table whole instead, for every batch (a fifth of the mails a second).
SET random_page_cost = 1.1;
-- Compiling a statement takes longer than any of ours runs: what the planner thinks dear ends after a page of rows.
SET jit = off`

// settle sets a new connection.
func settle(ctx context.Context, c *pgx.Conn) error {
	_, err := c.PgConn().Exec(ctx, session).ReadAll()
	return err
}

func (e *elephant) dialect() dialect { return postgres }
func (e *elephant) writers() int     { return 2 }
func (e *elephant) db() *sql.DB      { return e.pool }
func (e *elephant) close() error     { return e.pool.Close() }

// transact repeats fn at most five times on a serialization failure or deadlock.
func (e *elephant) transact(ctx context.Context, _ bool, fn func(*Tx) error) error {
	return repeat(func() error { return e.once(ctx, fn) })
}

func repeat(do func() error) (err error) {
	for try := 0; try < 5; try++ {
		if err = do(); !conflict(err) {
			return err
		}
	}
	return err
}

func (e *elephant) once(ctx context.Context, fn func(*Tx) error) error {
	tx, err := e.pool.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	if err != nil {
		return err
	}
	defer tx.Rollback() // also where fn panics; after the commit it does nothing
	if err := fn(&Tx{query: query{ctx: ctx, q: tx, d: postgres}}); err != nil {
		return err
	}
	return tx.Commit()
}

func conflict(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01")
}
