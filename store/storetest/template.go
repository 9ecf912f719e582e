package storetest

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/store"
)

// emptyFile is a migrated SQLite file without rows, made once a run: copying it
// takes a twentieth of the time of migrating.
var emptyFile = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "storetest")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "empty.db")
	s, err := store.Open(context.Background(), "sqlite:"+path, store.Options{})
	if err != nil {
		return nil, err
	}
	_, err = s.Migrate(context.Background())
	if err := s.Close(); err != nil { // it moves the write-ahead log into the file
		return nil, err
	}
	if err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// Prepared is URL with a head start: for SQLite a copy of the migrated file, for
// PostgreSQL an empty database, where making one from a template of our own takes as long as migrating it.
func Prepared(t testing.TB, engine string) string {
	t.Helper()
	address := URL(t, engine)
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
		data, err := emptyFile()
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, data, 0o600))
	}
	return address
}

// DB opens the database behind a URL for a look at its rows with plain SQL.
func DB(t testing.TB, address string) *sql.DB {
	t.Helper()
	driver := "pgx"
	if path, ok := strings.CutPrefix(address, "sqlite:"); ok {
		driver, address = "sqlite", "file:"+path+"?_pragma=busy_timeout(10000)"
	}
	db, err := sql.Open(driver, address)
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return db
}
