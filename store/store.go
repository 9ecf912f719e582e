// Package store keeps everything in one SQL database, SQLite or PostgreSQL, by
// one concrete Store. The shop is the first parameter of every method that
// touches a shop's rows and stands in every WHERE. Rules live in commerce and
// delight; the store only reads, locks and writes.
package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"sync"
	"time"

	"flywheel/commerce"
	"flywheel/fault"
)

// Options are what a Store is made with. Now is business time.
type Options struct {
	Keys *Keyring
	Now  func() time.Time
	// MaxPages bounds a SQLite file, for tests of a full disk; 0 = no bound.
	MaxPages int
	// Readers is the size of the read pool (SQLite) or of the whole pool (PostgreSQL); 0 = a default.
	Readers int
	// InboxQueue bounds the rows waiting for the group-commit writer; 0 = 4096.
	InboxQueue int
}

// Store is the database. It is safe for concurrent use.
type Store struct {
	engine engine
	read   querier
	now    func() time.Time
	keys   *Keyring
	inbox  *inboxWriter

	dataKeys sync.Map // commerce.ShopID -> *dataKey
	closing  sync.Once
}

// engine is what differs between the two databases.
type engine interface {
	// transact runs fn in one transaction and repeats it on a conflict.
	transact(ctx context.Context, urgent bool, fn func(*Tx) error) error
	dialect() dialect
	writers() int // how many goroutines feed the inbox
	db() *sql.DB  // for migrations and statistics
	close() error
}

type dialect int

const (
	sqlite dialect = iota
	postgres
)

// Open connects to url (sqlite:PATH or postgres://...) and refuses a schema
// that this binary is too old for. It does not migrate.
func Open(ctx context.Context, url string, o Options) (*Store, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Store{now: o.Now, keys: o.Keys}
	var err error
	switch {
	case strings.HasPrefix(url, "sqlite:"):
		s.engine, s.read, err = openSQLite(ctx, strings.TrimPrefix(url, "sqlite:"), o)
	case strings.HasPrefix(url, "postgres://"), strings.HasPrefix(url, "postgresql://"):
		s.engine, s.read, err = openPostgres(ctx, url, o)
	default:
		err = fault.New(fault.Invalid, "DATABASE_URL must start with sqlite: or postgres://")
	}
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	s.inbox = newInboxWriter(s, o.InboxQueue)
	return s, nil
}

// Close waits for what is being written and closes the database. A second call does nothing.
func (s *Store) Close() (err error) {
	s.closing.Do(func() {
		s.inbox.close()
		err = s.engine.close()
	})
	return err
}

// Embedded reports whether the database is SQLite, for one process only.
func (s *Store) Embedded() bool { return s.engine.dialect() == sqlite }

// Now returns business time at the precision the database keeps.
func (s *Store) Now() commerce.Instant { return commerce.At(s.now()) }

// realNow is for leases, which must not follow a business clock.
func realNow() commerce.Instant { return commerce.At(time.Now()) }

// Transact runs fn in one transaction, at most five times where the database
// reports a conflict. fn must do no network calls and end within 20 ms.
func (s *Store) Transact(ctx context.Context, fn func(*Tx) error) error {
	return s.engine.transact(ctx, false, func(tx *Tx) error {
		tx.store = s
		return fn(tx)
	})
}

// DeferFlush lets this transaction's commit return before PostgreSQL has
// flushed it to disk; SQLite commits in groups anyway. A crash of the database
// server may undo it, and the work is done again. Any later commit that waits
// for its flush flushes this one too, so nothing that rests on it, such as a
// mail that is marked as being sent, is ever kept without it.
func (tx *Tx) DeferFlush() error {
	if tx.d != postgres {
		return nil
	}
	_, err := tx.exec(`SET LOCAL synchronous_commit = off`)
	return err
}

// query reads outside a transaction.
func (s *Store) query(ctx context.Context) *query {
	return &query{ctx: ctx, q: s.read, d: s.engine.dialect()}
}

// Ping asks the database for a sign of life.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.engine.db().PingContext(ctx); err != nil {
		return fault.Wrap(fault.Temporary, err, "the database does not answer")
	}
	return nil
}
