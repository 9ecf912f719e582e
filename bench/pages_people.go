package main

import (
	"context"
	"errors"
	"sync"

	"github.com/jackc/pgx/v5"

	"flywheel/commerce"
)

// copyPeople streams persons, what they are known by, and the words by which
// they are found, as the app itself makes them.
func (f *filling) copyPeople(ctx context.Context) error {
	if err := f.run(ctx, `CREATE UNLOGGED TABLE fill_people (n BIGINT, id TEXT, hash TEXT, at BIGINT)`); err != nil {
		return err
	}
	shop := string(f.shop)
	streams := []struct {
		table   string
		columns []string
		rows    func(n int) ([][]any, error)
	}{
		{"persons", []string{
			"shop_id", "id", "email", "phone", "first_name", "last_name", "language", "country", "timezone", "updated_at", "created_at", "worded",
		}, func(n int) ([][]any, error) {
			p := f.person(n)
			return [][]any{{shop, string(p.ID), p.Email, p.Phone, p.FirstName, p.LastName, p.Language, p.Country, "", p.at, p.at, int64(1)}}, nil
		}},
		{"fill_people", []string{"n", "id", "hash", "at"}, func(n int) ([][]any, error) {
			p := f.person(n)
			hash, err := f.store.AddressHash(ctx, f.shop, p.Email)
			return [][]any{{int64(n), string(p.ID), hash, p.at}}, err
		}},
		{"identities", []string{"shop_id", "kind", "value", "person_id"}, func(n int) (out [][]any, _ error) {
			p := f.person(n)
			for _, id := range p.ids() {
				out = append(out, []any{shop, string(id.Kind), id.Value, string(p.ID)})
			}
			return out, nil
		}},
		{"person_words", []string{"shop_id", "word", "person_id"}, func(n int) (out [][]any, _ error) {
			p := f.person(n)
			for _, w := range p.Words(p.ids()) {
				out = append(out, []any{shop, w, string(p.ID)})
			}
			return out, nil
		}},
	}
	errs := make([]error, len(streams))
	var wg sync.WaitGroup
	for i, s := range streams {
		wg.Go(func() { errs[i] = f.stream(ctx, s.table, s.columns, s.rows) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

func (p somebody) ids() []commerce.Identity {
	ids := []commerce.Identity{{Kind: commerce.ByEmail, Value: p.Email}, {Kind: commerce.ByShopify, Value: p.shopify}}
	if p.Phone != "" {
		ids = append(ids, commerce.Identity{Kind: commerce.ByPhone, Value: p.Phone})
	}
	return ids
}

func (f *filling) stream(ctx context.Context, table string, columns []string, rows func(n int) ([][]any, error)) error {
	c, err := pgx.Connect(ctx, f.databaseURL)
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	source := &personRows{rows: rows, last: f.persons}
	_, err = c.CopyFrom(ctx, pgx.Identifier{table}, columns, source)
	return err
}

// personRows hands out what is kept of each customer in turn.
type personRows struct {
	rows    func(n int) ([][]any, error)
	n, last int
	held    [][]any
	err     error
}

// Next goes to the next row.
func (p *personRows) Next() bool {
	if len(p.held) > 0 {
		p.held = p.held[1:]
	}
	for len(p.held) == 0 && p.n < p.last && p.err == nil {
		p.n++
		p.held, p.err = p.rows(p.n)
	}
	return len(p.held) > 0 && p.err == nil
}

// Values is the row.
func (p *personRows) Values() ([]any, error) { return p.held[0], nil }

// Err is why there are no more.
func (p *personRows) Err() error { return p.err }
