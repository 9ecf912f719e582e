package store

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"flywheel/commerce"
)

var saveProducts = newBatch(`shop_id text, id text, facts text, updated_at bigint`,
	`INSERT INTO products (shop_id, id, facts, updated_at) {insert} ON CONFLICT (shop_id, id) DO UPDATE SET facts = excluded.facts, updated_at = excluded.updated_at`)

// SaveProducts takes over what is told of products: of two descriptions the one
// with the later UpdatedAt stands, and what was deleted stays so.
func (tx *Tx) SaveProducts(shop commerce.ShopID, products []commerce.Product) error {
	ids := make([]string, len(products))
	for i, p := range products {
		ids[i] = p.ID
	}
	known, err := tx.products(shop, ids, tx.forUpdate())
	if err != nil {
		return err
	}
	for _, p := range products {
		old, seen := known[p.ID]
		known[p.ID] = p
		if seen {
			known[p.ID] = later(old, p)
		}
	}
	rows := make([][]any, 0, len(known))
	for _, id := range slices.Sorted(maps.Keys(known)) {
		facts, err := json.Marshal(known[id])
		if err != nil {
			return fmt.Errorf("facts of product %s: %w", id, err)
		}
		rows = append(rows, []any{shop, id, string(facts), known[id].UpdatedAt})
	}
	return tx.run(saveProducts, rows, nil)
}

func later(a, b commerce.Product) commerce.Product {
	deleted := commerce.Earliest(a.DeletedAt, b.DeletedAt)
	if b.UpdatedAt >= a.UpdatedAt {
		a = b
	}
	a.DeletedAt = deleted
	return a
}

// Products returns those of these products that the shop's catalogue knows.
func (s *Store) Products(ctx context.Context, shop commerce.ShopID, ids []string) (map[string]commerce.Product, error) {
	return s.query(ctx).products(shop, ids, "")
}

func (q *query) products(shop commerce.ShopID, ids []string, lock string) (map[string]commerce.Product, error) {
	out := map[string]commerce.Product{}
	if len(ids) == 0 {
		return out, nil
	}
	rows, err := q.scalars(`SELECT facts FROM products WHERE shop_id = $1 AND id `+q.in(2)+` ORDER BY id`+lock, shop, list(q, ids))
	if err != nil {
		return nil, err
	}
	for _, facts := range rows {
		var p commerce.Product
		if err := json.Unmarshal([]byte(facts), &p); err != nil {
			return nil, fmt.Errorf("facts of a product: %w", err)
		}
		out[p.ID] = p
	}
	return out, nil
}

// Products is Store.Products inside a transaction.
func (tx *Tx) Products(shop commerce.ShopID, ids []string) (map[string]commerce.Product, error) {
	return tx.products(shop, ids, "")
}
