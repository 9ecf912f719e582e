package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	modernc "modernc.org/sqlite" // the driver named sqlite
	lib "modernc.org/sqlite/lib"

	"flywheel/fault"
)

// A group ends when it holds this many transactions or has run this long, so
// that no webhook waits long for its answer.
const (
	groupSize = 64
	groupTime = 20 * time.Millisecond
)

// lite is the SQLite engine: one writing connection, driven by one goroutine
// that commits waiting transactions together, and a pool of readers.
type lite struct {
	writer  *sql.DB
	readers *sql.DB
	stmts   stmtCache // of the writing connection
	conn    *sql.Conn

	urgent, normal chan *liteJob
	stop           chan struct{}
	done           sync.WaitGroup
}

// liteJob is a waiting transaction. Its function runs on its caller's own
// goroutine, so that one which panics takes the caller down and not the writer.
type liteJob struct {
	ctx    context.Context
	turn   chan *Tx      // closed without a Tx where the group was lost before
	ran    chan struct{} // closed once err is set
	result chan error
	err    error
}

var (
	errClosed  = fault.New(fault.Temporary, "the database is being closed")
	errGaveOut = errors.New("the transaction's function did not return")
)

func openSQLite(ctx context.Context, path string, o Options) (engine, querier, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, nil, err
	}
	pragmas := "_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=foreign_keys(1)&_pragma=busy_timeout(10000)" +
		"&_pragma=temp_store(MEMORY)&_pragma=cache_size(-24000)&_pragma=wal_autocheckpoint(0)"
	if info, err := os.Stat(path); err != nil || info.Size() == 0 {
		// It counts only before the first table exists, must come before WAL, and
		// takes the write lock, for which a command beside a busy process might wait in vain.
		pragmas = "_pragma=auto_vacuum(2)&" + pragmas
	}
	file := "file:" + (&url.URL{Path: path}).EscapedPath()
	writer, err := sql.Open("sqlite", file+"?_txlock=immediate&"+pragmas)
	if err != nil {
		return nil, nil, err
	}
	writer.SetMaxOpenConns(3) // the writing connection, one for checkpoints and one for migrations
	readers, err := sql.Open("sqlite", file+"?_pragma=busy_timeout(10000)&_pragma=query_only(1)&_pragma=cache_size(-4000)")
	if err != nil {
		return nil, nil, errors.Join(err, writer.Close())
	}
	n := o.Readers
	if n == 0 {
		n = 2 * runtime.NumCPU()
	}
	readers.SetMaxOpenConns(n)
	readers.SetMaxIdleConns(n)
	l := &lite{
		writer: writer, readers: readers,
		urgent: make(chan *liteJob), normal: make(chan *liteJob), stop: make(chan struct{}),
	}
	side, err := l.connect(ctx, o.MaxPages)
	if err != nil {
		return nil, nil, errors.Join(err, writer.Close(), readers.Close())
	}
	l.stmts.prepare = l.conn.PrepareContext
	l.done.Add(2)
	go l.write()
	go l.checkpoint(side)
	return l, &stmtCache{prepare: readers.PrepareContext}, nil
}

// connect takes the writing connection, and one beside it for checkpoints.
func (l *lite) connect(ctx context.Context, maxPages int) (side *sql.Conn, err error) {
	if l.conn, err = l.writer.Conn(ctx); err != nil {
		return nil, err
	}
	// begin waits in its own way.
	if _, err := l.conn.ExecContext(ctx, "PRAGMA busy_timeout = 1"); err != nil {
		return nil, err
	}
	if maxPages > 0 {
		if _, err := l.conn.ExecContext(ctx, fmt.Sprintf("PRAGMA max_page_count = %d", maxPages)); err != nil {
			return nil, err
		}
	}
	if side, err = l.writer.Conn(ctx); err != nil {
		return nil, err
	}
	// A checkpoint that waits for a reader keeps the writer waiting too, so it gives up soon.
	_, err = side.ExecContext(ctx, "PRAGMA busy_timeout = 50")
	return side, err
}

func (l *lite) dialect() dialect { return sqlite }
func (l *lite) writers() int     { return 1 }
func (l *lite) db() *sql.DB      { return l.writer }

func (l *lite) close() error {
	close(l.stop)
	l.done.Wait()
	l.stmts.close()
	return errors.Join(l.conn.Close(), l.writer.Close(), l.readers.Close())
}

// transact queues fn for the writing goroutine and waits for its commit.
func (l *lite) transact(ctx context.Context, urgent bool, fn func(*Tx) error) error {
	job := &liteJob{ctx: ctx, turn: make(chan *Tx), ran: make(chan struct{}), result: make(chan error, 1)}
	queue := l.normal
	if urgent {
		queue = l.urgent
	}
	select {
	case queue <- job:
	case <-ctx.Done():
		return ctx.Err()
	case <-l.stop:
		return errClosed
	}
	if tx := <-job.turn; tx != nil {
		job.run(tx, fn)
	}
	return <-job.result
}

func (j *liteJob) run(tx *Tx, fn func(*Tx) error) {
	defer close(j.ran)
	j.err = errGaveOut // stands where fn panics
	j.err = fn(tx)
}

// write commits transactions in groups: each stands in a savepoint, so that one
// that fails takes nothing else with it; all are answered after the commit.
func (l *lite) write() {
	defer l.done.Done()
	for {
		job := l.next(true)
		if job == nil {
			return
		}
		var group []*liteJob
		err := l.begin()
		for began := time.Now(); job != nil && err == nil; job = l.next(false) {
			group = append(group, job)
			err = l.perform(job)
			if err != nil || len(group) == groupSize || time.Since(began) > groupTime {
				job = nil
				break
			}
		}
		if job != nil { // BEGIN itself failed
			group = append(group, job)
		}
		l.finish(group, err)
	}
}

// next takes a waiting job, the door's first; with wait it blocks, and gives nil when the store closes.
func (l *lite) next(wait bool) *liteJob {
	select {
	case job := <-l.urgent:
		return job
	default:
	}
	if !wait {
		select {
		case job := <-l.urgent:
			return job
		case job := <-l.normal:
			return job
		default:
			return nil
		}
	}
	select {
	case job := <-l.urgent:
		return job
	case job := <-l.normal:
		return job
	case <-l.stop:
		return nil
	}
}

// perform lets one job run in a savepoint. It returns an error only when the
// whole group is lost. The job's context counts until it begins: SQLite rolls
// back the whole transaction, and so the group, when a statement is interrupted.
func (l *lite) perform(job *liteJob) error {
	if err := job.ctx.Err(); err != nil {
		job.err = err
		return nil
	}
	if err := l.execute("SAVEPOINT job"); err != nil {
		return err
	}
	job.turn <- &Tx{query: query{ctx: context.WithoutCancel(job.ctx), q: &l.stmts, d: sqlite}}
	<-job.ran
	if job.err != nil {
		if err := l.execute("ROLLBACK TO job"); err != nil { // a full disk rolls back by itself
			return errors.Join(job.err, err)
		}
	}
	return l.execute("RELEASE job")
}

// busyTime is how long a group waits for another process to let go of the file.
const busyTime = 10 * time.Second

// begin takes the write lock. Another process that writes without a pause lets
// go of it only for an instant between two groups: SQLite's own waiting looks
// every 100 ms and can miss that for ever, so this one looks often.
func (l *lite) begin() error {
	for until := time.Now().Add(busyTime); ; time.Sleep(200 * time.Microsecond) {
		err := l.execute("BEGIN IMMEDIATE")
		var lite *modernc.Error
		if !errors.As(err, &lite) || lite.Code()&0xff != lib.SQLITE_BUSY || time.Now().After(until) {
			return err
		}
	}
}

func (l *lite) finish(group []*liteJob, err error) {
	if err == nil {
		err = l.execute("COMMIT")
	}
	if err != nil {
		_ = l.execute("ROLLBACK") // it may be rolled back already
	}
	for _, job := range group {
		if job.err == nil {
			job.err = err
		}
		job.result <- job.err
		close(job.turn)
	}
}

func (l *lite) execute(text string) error {
	_, err := l.stmts.ExecContext(context.Background(), text)
	return err
}

// checkpoint moves the write-ahead log into the file apart from the writes:
// each second without waiting for anybody, whole when the log has grown large.
func (l *lite) checkpoint(side *sql.Conn) {
	defer l.done.Done()
	defer side.Close()
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-l.stop:
			return
		case <-ticker.C:
		}
		var busy, logged, moved int
		row := side.QueryRowContext(context.Background(), "PRAGMA wal_checkpoint(PASSIVE)")
		if row.Scan(&busy, &logged, &moved) == nil && logged > 16384 { // pages of 4 KB: 64 MB
			_ = side.QueryRowContext(context.Background(), "PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &logged, &moved)
		}
	}
}

// stmtCache keeps every statement prepared; modernc.org/sqlite compiles anew otherwise.
type stmtCache struct {
	prepare func(ctx context.Context, text string) (*sql.Stmt, error)
	cache   sync.Map // text -> *sql.Stmt
}

func (c *stmtCache) stmt(text string) (*sql.Stmt, error) {
	if s, ok := c.cache.Load(text); ok {
		return s.(*sql.Stmt), nil
	}
	s, err := c.prepare(context.Background(), text)
	if err != nil {
		return nil, err
	}
	if other, raced := c.cache.LoadOrStore(text, s); raced {
		s.Close()
		return other.(*sql.Stmt), nil
	}
	return s, nil
}

func (c *stmtCache) ExecContext(ctx context.Context, text string, args ...any) (sql.Result, error) {
	s, err := c.stmt(text)
	if err != nil {
		return nil, err
	}
	return s.ExecContext(ctx, args...)
}

func (c *stmtCache) QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	s, err := c.stmt(text)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(ctx, args...)
}

func (c *stmtCache) close() {
	c.cache.Range(func(_, s any) bool {
		s.(*sql.Stmt).Close()
		return true
	})
}
