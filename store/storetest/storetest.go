// Package storetest gives tests real databases of both engines, each empty and
// gone at the test's end, and builders whose defaults let a test name only what
// matters. The suite that both engines pass stands beside the store itself.
package storetest

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver named pgx
	"github.com/stretchr/testify/require"

	"flywheel/store"
)

// Engines are the databases that every test of stored things runs on.
var Engines = []string{"sqlite", "postgres"}

// SecretKey is the one key of the keyring that Open gives a store, as SECRET_KEY is written.
var SecretKey = base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32))

var databases atomic.Int64

// URL returns the address of a fresh, empty, unmigrated database that is gone at the test's end.
func URL(t testing.TB, engine string) string {
	t.Helper()
	switch engine {
	case "sqlite":
		return "sqlite:" + filepath.Join(t.TempDir(), "flywheel.db")
	case "postgres":
		return createDatabase(t, "template0")
	}
	t.Fatalf("there is no engine %q", engine)
	return ""
}

// Open returns a migrated store on a database of its own, closed at the test's
// end. Its business clock stands at Noon until ClockOf moves it.
func Open(t testing.TB, engine string, change ...func(*store.Options)) *store.Store {
	t.Helper()
	return OpenURL(t, Prepared(t, engine), change...)
}

// OpenURL is Open on a database that exists, for a second store beside the first.
func OpenURL(t testing.TB, address string, change ...func(*store.Options)) *store.Store {
	t.Helper()
	clock := &Clock{now: Noon}
	keys, err := store.ParseKeyring(SecretKey)
	require.NoError(t, err)
	o := store.Options{Keys: keys, Now: clock.Now, Readers: 8}
	for _, c := range change {
		c(&o)
	}
	s, err := store.Open(t.Context(), address, o)
	require.NoError(t, err)
	clocks.Store(s, clock)
	t.Cleanup(func() {
		clocks.Delete(s)
		_ = s.Close()
	})
	if s.CheckSchema(t.Context()) != nil { // a copy has one already
		_, err = s.Migrate(t.Context())
	} else {
		err = s.PreparePartitions(t.Context()) // of the week of a clock that is not ours
	}
	require.NoError(t, err)
	return s
}

// Each runs a test on a fresh store of every engine, both at once.
func Each(t *testing.T, run func(t *testing.T, s *store.Store)) {
	t.Helper()
	for _, engine := range Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			run(t, Open(t, engine))
		})
	}
}

// server is the address of the PostgreSQL server that make test started.
func server(t testing.TB) *url.URL {
	t.Helper()
	address := os.Getenv("TEST_DATABASE_URL")
	if address == "" {
		t.Fatal("TEST_DATABASE_URL is not set: these tests need a PostgreSQL server, run `make test`, which starts one")
	}
	u, err := url.Parse(address)
	require.NoError(t, err, "TEST_DATABASE_URL")
	return u
}

// createDatabase copies template into a database with a name of its own.
func createDatabase(t testing.TB, template string) string {
	t.Helper()
	u := server(t)
	db := DB(t, u.String())
	name := fmt.Sprintf("test_%d_%s_%d", os.Getpid(), strings.ToLower(store.NewID()[:12]), databases.Add(1))
	_, err := db.ExecContext(t.Context(), "CREATE DATABASE "+name+" TEMPLATE "+template)
	require.NoError(t, err)
	t.Cleanup(func() {
		if _, err := db.Exec("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)"); err != nil {
			t.Errorf("drop %s: %v", name, err)
		}
	})
	u.Path = "/" + name
	return u.String()
}
