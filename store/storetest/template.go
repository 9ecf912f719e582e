package storetest

import (
	"context"
	"database/sql"
	"errors"
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
	if err := migrate("sqlite:" + path); err != nil { // its end moves the write-ahead log into the file
		return nil, err
	}
	return os.ReadFile(path)
})

// migrate brings a database to the schema of this binary, as at Noon.
func migrate(address string) error {
	s, err := store.Open(context.Background(), address, store.Options{Now: (&Clock{now: Noon}).Now})
	if err != nil {
		return err
	}
	_, err = s.Migrate(context.Background())
	return errors.Join(err, s.Close())
}

// Prepared is URL with a head start: a copy of a database that was migrated once.
func Prepared(t testing.TB, engine string) string {
	t.Helper()
	if engine == "postgres" {
		server(t)
		name, err := emptyDatabase()
		require.NoError(t, err)
		return createDatabase(t, name)
	}
	address := URL(t, engine)
	data, err := emptyFile()
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(strings.TrimPrefix(address, "sqlite:"), data, 0o600))
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
