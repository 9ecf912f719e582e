package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"

	"github.com/jmoiron/sqlx"

	"flywheel/commerce"
	"flywheel/fault"
)

// querier is a pool, a connection or a transaction that keeps its statements prepared.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// query runs SQL written once for both engines with $n placeholders.
type query struct {
	ctx context.Context
	q   querier
	d   dialect
}

// Tx is a transaction with the store's methods.
type Tx struct {
	query
	store *Store
}

func (q *query) exec(text string, args ...any) (int64, error) {
	res, err := q.q.ExecContext(q.ctx, text, plain(args)...)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", headline(text), err)
	}
	n, err := res.RowsAffected()
	return n, err
}

// all scans every row into dest, a pointer to a slice of structs or scalars.
func (q *query) all(dest any, text string, args ...any) error {
	rows, err := q.q.QueryContext(q.ctx, text, plain(args)...)
	if err != nil {
		return fmt.Errorf("%s: %w", headline(text), err)
	}
	defer rows.Close()
	if err := sqlx.StructScan(rows, dest); err != nil {
		return fmt.Errorf("%s: %w", headline(text), err)
	}
	return nil
}

// one scans the single row into dests and reports whether there was one.
func (q *query) one(dests []any, text string, args ...any) (bool, error) {
	rows, err := q.q.QueryContext(q.ctx, text, plain(args)...)
	if err != nil {
		return false, fmt.Errorf("%s: %w", headline(text), err)
	}
	defer rows.Close()
	found := rows.Next()
	if found {
		err = rows.Scan(dests...)
	}
	if err = errors.Join(err, rows.Err()); err != nil {
		return false, fmt.Errorf("%s: %w", headline(text), err)
	}
	return found, nil
}

// first is one for a struct; missing rows are fault.NotFound with the sentence.
func first[T any](q *query, missing, text string, args ...any) (T, error) {
	var found []T
	if err := q.all(&found, text, args...); err != nil || len(found) == 0 {
		var zero T
		if err == nil {
			err = fault.New(fault.NotFound, "%s", missing)
		}
		return zero, err
	}
	return found[0], nil
}

// scalars returns a column of strings.
func (q *query) scalars(text string, args ...any) ([]string, error) {
	rows, err := q.q.QueryContext(q.ctx, text, plain(args)...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", headline(text), err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var v string
		if err := rows.Scan(&v); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// in returns the text that compares with the list in placeholder n; list makes its value.
func (q *query) in(n int) string {
	if q.d == postgres {
		return fmt.Sprintf("= ANY($%d)", n)
	}
	return fmt.Sprintf("IN (SELECT value FROM json_each($%d))", n)
}

func list[T ~string](q *query, values []T) any {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = string(v)
	}
	if q.d == postgres {
		return out
	}
	data, _ := json.Marshal(out) // strings always encode
	return string(data)
}

// forUpdate locks the selected rows in the order of the statement. SQLite has
// one writer, which a transaction holds from its first statement.
func (q *query) forUpdate() string {
	if q.d == postgres {
		return " FOR UPDATE"
	}
	return ""
}

// batch is one statement for many rows: on SQLite run once a row, prepared, on
// PostgreSQL once for all, over unnest. Its text names a row's values v.column
// and marks the rows' place: {insert} after INSERT, {from} after SET, {rows} first in FROM.
// {lock e} locks the rows read of the table e.
type batch struct {
	lite, pg string
	types    []string
	returns  bool
}

var rowValue = regexp.MustCompile(`\bv\.(\w+)`)

// newBatch makes a batch from "name type, ..." and a statement. Types are text, bigint, bytea.
func newBatch(columns, text string) *batch {
	b := &batch{returns: strings.Contains(text, "RETURNING") || strings.HasPrefix(strings.TrimSpace(text), "SELECT")}
	var names, arrays, places []string
	index := map[string]int{}
	for i, column := range strings.Split(columns, ",") {
		name, kind, _ := strings.Cut(strings.TrimSpace(column), " ")
		names, b.types = append(names, name), append(b.types, kind)
		arrays = append(arrays, fmt.Sprintf("$%d::%s[]", i+1, kind))
		places = append(places, fmt.Sprintf("$%d", i+1))
		index[name] = i + 1
	}
	source := fmt.Sprintf("unnest(%s) AS v(%s)", strings.Join(arrays, ", "), strings.Join(names, ", "))
	b.pg = strings.NewReplacer("{insert}", "SELECT * FROM "+source, "{from}", "FROM "+source, "{rows}", source+", ", "{lock e}", "FOR UPDATE OF e").Replace(text)
	lite := strings.NewReplacer("{insert}", "VALUES ("+strings.Join(places, ", ")+")", "{from}", "", "{rows}", "", "{lock e}", "").Replace(text)
	b.lite = rowValue.ReplaceAllStringFunc(lite, func(m string) string { return fmt.Sprintf("$%d", index[m[2:]]) })
	return b
}

// run executes b for rows and hands each returned row to scan.
func (q *query) run(b *batch, rows [][]any, scan func(*sql.Rows) error) error {
	if len(rows) == 0 {
		return nil
	}
	if q.d == postgres {
		return q.step(b, b.pg, columnar(b.types, rows), scan)
	}
	for _, row := range rows {
		if err := q.step(b, b.lite, plain(row), scan); err != nil {
			return err
		}
	}
	return nil
}

func (q *query) step(b *batch, text string, args []any, scan func(*sql.Rows) error) error {
	if !b.returns {
		_, err := q.exec(text, args...)
		return err
	}
	rows, err := q.q.QueryContext(q.ctx, text, args...)
	if err != nil {
		return fmt.Errorf("%s: %w", headline(text), err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return fmt.Errorf("%s: %w", headline(text), err)
		}
	}
	return rows.Err()
}

// columnar turns rows into one array a column.
func columnar(types []string, rows [][]any) []any {
	out := make([]any, len(types))
	for c, kind := range types {
		switch kind {
		case "text":
			column := make([]string, len(rows))
			for r := range rows {
				column[r] = reflect.ValueOf(rows[r][c]).String()
			}
			out[c] = column
		case "bytea":
			column := make([][]byte, len(rows))
			for r := range rows {
				column[r] = blob(rows[r][c].([]byte))
			}
			out[c] = column
		default:
			column := make([]int64, len(rows))
			for r := range rows {
				column[r] = number(rows[r][c])
			}
			out[c] = column
		}
	}
	return out
}

// plain strips the types of ids, instants, states and flags for the drivers.
func plain(args []any) []any {
	out := make([]any, len(args))
	for i, a := range args {
		switch v := a.(type) {
		case string, int64, []string, []int64, [][]byte:
			out[i] = v
		case []byte:
			out[i] = blob(v)
		case nil:
			out[i] = nil
		default:
			if rv := reflect.ValueOf(a); rv.Kind() == reflect.String {
				out[i] = rv.String()
			} else {
				out[i] = number(a)
			}
		}
	}
	return out
}

// blob keeps an empty value from becoming NULL.
func blob(v []byte) []byte {
	if v == nil {
		return []byte{}
	}
	return v
}

func number(a any) int64 {
	if flag, ok := a.(bool); ok {
		if flag {
			return 1
		}
		return 0
	}
	return reflect.ValueOf(a).Int()
}

// headline is the statement's first words, for errors.
func headline(text string) string {
	words := strings.Fields(text)
	return strings.Join(words[:min(len(words), 4)], " ")
}

// Now is the store's business time.
func (tx *Tx) Now() commerce.Instant { return tx.store.Now() }

// AddressHash is Store.AddressHash inside a transaction.
func (tx *Tx) AddressHash(shop commerce.ShopID, email string) (string, error) {
	k, err := tx.dataKey(shop)
	if err != nil {
		return "", err
	}
	return k.hash(email), nil
}
