package store_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"flywheel/fault"
	"flywheel/store"
	"flywheel/store/storetest"
)

func TestMigrateTwiceIsOnce(t *testing.T) {
	for _, engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			s, err := store.Open(t.Context(), storetest.URL(t, engine), store.Options{Keys: keyring(t, secretKey(1))})
			require.NoError(t, err)
			defer s.Close()
			require.NoError(t, s.Ping(t.Context()))
			require.True(t, fault.Is(s.CheckSchema(t.Context()), fault.Invalid), "an empty database")
			n, err := s.Migrate(t.Context())
			require.NoError(t, err)
			require.Positive(t, n)
			require.NoError(t, s.CheckSchema(t.Context()))
			n, err = s.Migrate(t.Context())
			require.NoError(t, err)
			require.Zero(t, n)
		})
	}
}

func TestCheckSchemaRefusesWhatIsTooNew(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		execute(t, s, `UPDATE schema_minimum SET binary_schema = $1`, store.BinarySchema+1)
		err := s.CheckSchema(t.Context())
		require.True(t, fault.Is(err, fault.Invalid), "%v", err)
		require.Contains(t, fault.Sentence(err), "deploy the newer version")
		execute(t, s, `UPDATE schema_minimum SET binary_schema = $1`, store.BinarySchema-1)
		require.NoError(t, s.CheckSchema(t.Context()))
	})
}

// One SQL text needs one schema: same files, same tables, same columns in the same order, same indexes.
func TestBothEnginesHaveTheSameSchema(t *testing.T) {
	lite, pg := storetest.Open(t, "sqlite"), storetest.Open(t, "postgres")
	require.Empty(t, cmp.Diff(columnsOf(t, lite), columnsOf(t, pg)))
	indexes := map[*store.Store]string{
		lite: `SELECT name FROM sqlite_master WHERE type = 'index' AND name NOT LIKE 'sqlite_%' ORDER BY name`,
		pg:   `SELECT indexname AS name FROM pg_indexes WHERE schemaname = current_schema() AND indexname NOT LIKE '%_pkey' AND indexname NOT LIKE '%_key' ORDER BY indexname`,
	}
	own := []string{
		`name="inbox_bodies_day"`, // PostgreSQL has a partition for each day
		`name="inbox_received"`,   // a BRIN index costs the door next to nothing; SQLite has none of the kind
	}
	shared := func(s *store.Store) []string {
		return slices.DeleteFunc(table(t, s, indexes[s]), func(i string) bool { return slices.Contains(own, i) })
	}
	require.Empty(t, cmp.Diff(shared(lite), shared(pg)))
	files := func(engine string) (names []string) {
		entries, err := os.ReadDir(filepath.Join("migrations", engine))
		require.NoError(t, err)
		for _, e := range entries {
			names = append(names, e.Name())
		}
		return names
	}
	require.Equal(t, files("sqlite"), files("postgres"))
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	for address, want := range map[string]string{
		"mysql://x": "must start with", "": "must start with", "postgres://user:hush@[": "not a PostgreSQL address",
		"postgres://user:hush@127.0.0.1:1/x?connect_timeout=1": "open store",
		"sqlite:/dev/null/x.db":                                "open store",
	} {
		_, err := store.Open(t.Context(), address, store.Options{})
		require.ErrorContains(t, err, want)
		require.NotContains(t, err.Error(), "hush", "passwords are not for logs")
	}
}

func TestPingAndClockDrift(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		require.NoError(t, s.Ping(t.Context()))
		drift, err := s.ClockDrift(t.Context())
		require.NoError(t, err)
		require.Less(t, drift.Abs(), 2*time.Second, "it is the same machine")
		require.Equal(t, int64(s.Now()), storetest.ClockOf(s).Now().UnixMilli())
	})
}
