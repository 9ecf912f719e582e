package store_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
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

// A database of the first schema keeps its rows through the second, which the first binary may go on writing to.
func TestTheSecondMigrationKeepsTheRowsOfTheFirst(t *testing.T) {
	for _, engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			clock := func() time.Time { return storetest.Noon }
			s, err := store.Open(t.Context(), storetest.URL(t, engine), store.Options{Keys: keyring(t, secretKey(1)), Now: clock})
			require.NoError(t, err)
			defer s.Close()
			require.NoError(t, store.MigrateTo(t.Context(), s, 1))
			old := func(id string) {
				execute(t, s, `INSERT INTO orders (shop_id, id, person_id, name, stub, facts, paid_at, reporting_amount, reporting_currency, refunded, created_at)
					VALUES ($1, $2, 'p', '', 0, $3, 1, 0, '', 0, 0)`, "shop", id, `{"id":"`+id+`","person_id":"p","payment":{"told":5},"detail":{"platform":"shopify"}}`)
				execute(t, s, `INSERT INTO enrollments (shop_id, id, campaign_id, entry_key, version, person_id, order_id, anchor, step_anchor, state, due_at, created_at)
					VALUES ('shop', $1, 'c', $1, 1, 'p', 'o', 0, 0, 'active', 0, 0)`, id)
				execute(t, s, `INSERT INTO events (shop_id, kind, subject, ordinal, order_id, person_id, occurred_at, recorded_at, historic, assumed)
					VALUES ('shop', 'order_paid', $1, 0, 'o', 'p', 5, 0, 0, 0)`, id)
			}
			execute(t, s, `INSERT INTO shops (id, name, email, locale, timezone, country, currency, state, leading_platform, settings, data_key, created_at)
				VALUES ('shop', '', '', '', '', '', '', 'active', '', '{}', $1, 0)`, []byte("key"))
			old("before")
			n, err := s.Migrate(t.Context())
			require.NoError(t, err)
			require.Positive(t, n)
			require.EqualValues(t, 1, number(t, s, `SELECT binary_schema FROM schema_minimum`), "the first binary may run on it")
			old("after")
			h, err := s.Histories(t.Context(), "shop", []commerce.PersonID{"p"})
			require.NoError(t, err)
			require.Equal(t, 2, h["p"].Count(), "old rows are worked out when they are first read")
			for _, id := range []campaign.EnrollmentID{"before", "after"} {
				e, err := s.Enrollment(t.Context(), "shop", id)
				require.NoError(t, err)
				require.Zero(t, e.Ask)
				require.Empty(t, e.Cause+e.WaitsFor+e.SkipStep)
			}
			events, err := s.EventsOf(t.Context(), "shop", []commerce.PersonID{"p"}, []commerce.EventKind{commerce.OrderPaid}, 0)
			require.NoError(t, err)
			require.Len(t, events["p"], 2)
			require.NoError(t, store.MigrateDown(t.Context(), s), "and back")
			old("back")
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
