package store_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"flywheel/store"
	"flywheel/store/storetest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// each runs a test on both engines.
func each(t *testing.T, run func(t *testing.T, s *store.Store)) { storetest.Each(t, run) }

// Whoever adds a method to the store adds its test: a file of the suite other
// than those on isolation calls it by name.
func TestEveryMethodIsInTheSuite(t *testing.T) {
	files, err := filepath.Glob("*_test.go")
	require.NoError(t, err)
	called := map[string]bool{}
	for _, file := range files {
		if file == "isolation_test.go" || strings.HasPrefix(file, "reaches_") || file == "export_test.go" {
			continue
		}
		source, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, m := range regexp.MustCompile(`\b(s|tx|k|other)\.([A-Z]\w+)\(`).FindAllStringSubmatch(string(source), -1) {
			called[m[2]] = true
		}
	}
	for _, name := range methods(reflect.TypeFor[*store.Store](), reflect.TypeFor[*store.Tx](), reflect.TypeFor[*store.Keyring]()) {
		if !called[name] {
			t.Errorf("no test calls %s", name)
		}
	}
}

// methods names the exported methods of types, without those the tests add.
func methods(types ...reflect.Type) []string {
	var names []string
	for _, typ := range types {
		for i := range typ.NumMethod() {
			if name := typ.Method(i).Name; name != "Exec" {
				names = append(names, name)
			}
		}
	}
	return names
}

// number reads one figure with plain SQL.
func number(t testing.TB, s *store.Store, text string, args ...any) (n int64) {
	t.Helper()
	require.NoError(t, store.DB(s).QueryRowContext(t.Context(), text, plain(args)...).Scan(&n), text)
	return n
}

// word reads one text with plain SQL.
func word(t testing.TB, s *store.Store, text string, args ...any) (w string) {
	t.Helper()
	require.NoError(t, store.DB(s).QueryRowContext(t.Context(), text, plain(args)...).Scan(&w), text)
	return w
}

// execute changes rows with plain SQL.
func execute(t testing.TB, s *store.Store, text string, args ...any) {
	t.Helper()
	storetest.Do(t, s, func(tx *store.Tx) error { return tx.Exec(text, args...) })
}

// table reads all rows of a query as text, sorted by the database or not at all.
func table(t testing.TB, s *store.Store, text string, args ...any) []string {
	t.Helper()
	rows, err := store.DB(s).QueryContext(t.Context(), text, plain(args)...)
	require.NoError(t, err, text)
	defer rows.Close()
	columns, err := rows.Columns()
	require.NoError(t, err)
	var out []string
	for rows.Next() {
		cells, dests := make([]sql.RawBytes, len(columns)), make([]any, len(columns))
		for i := range cells {
			dests[i] = &cells[i]
		}
		require.NoError(t, rows.Scan(dests...))
		fields := make([]string, len(columns))
		for i := range cells {
			fields[i] = fmt.Sprintf("%s=%q", columns[i], cells[i])
		}
		out = append(out, strings.Join(fields, " "))
	}
	require.NoError(t, rows.Err())
	return out
}

// plain takes the types off ids, as the drivers want it.
func plain(args []any) []any {
	out := make([]any, len(args))
	for i, a := range args {
		if v := reflect.ValueOf(a); v.Kind() == reflect.String {
			a = v.String()
		} else if v.CanInt() {
			a = v.Int()
		}
		out[i] = a
	}
	return out
}
