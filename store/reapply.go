package store

import (
	"context"
	"strings"

	"flywheel/commerce"
	"flywheel/fault"
)

// Reapply carries out again what a restored database does not know of: erasures
// of one shop. Customers are found by the marks of what they are known by; who
// came after the erasure is somebody new. A shop that was connected again since
// stays. What has been carried out already is left alone; it returns how many were not.
func (s *Store) Reapply(ctx context.Context, shop commerce.ShopID, told []Erasure) (int, error) {
	done := 0
	known, err := s.Erasures(ctx, shop, "", 1<<30)
	if err != nil {
		return 0, err
	}
	have := map[string]bool{}
	for _, e := range known {
		have[e.ID] = e.Report.Finished || e.Kind == ErasedShop // an unfinished one is HalfErased's
	}
	var missing []Erasure
	for _, e := range told {
		if e.Shop != shop {
			return 0, fault.New(fault.Invalid, "erasure %s is of another shop", e.ID)
		}
		if !have[e.ID] {
			missing = append(missing, e)
		}
	}
	for _, e := range missing {
		if e.Kind != ErasedShop {
			continue
		}
		if _, err := s.eraseShop(ctx, shop, e, func(tx *Tx) (bool, error) {
			var since int
			_, err := tx.one([]any{&since}, `SELECT COUNT(*) FROM connections WHERE shop_id = $1 AND granted_at > $2`, shop, e.At)
			return since > 0, err
		}); err != nil {
			return done, err
		}
	}
	marked, err := s.marked(ctx, shop, missing)
	if err != nil {
		return done, err
	}
	for _, e := range missing {
		if err := s.again(ctx, e, marked[e.ID]); err != nil {
			return done, err
		}
		done++
	}
	return done, nil
}

// again erases the persons who were found, or keeps the proof alone where the
// shop is gone.
func (s *Store) again(ctx context.Context, e Erasure, persons []commerce.PersonID) error {
	var key []byte
	found, err := s.query(ctx).one([]any{&key}, `SELECT data_key FROM shops WHERE id = $1`, e.Shop)
	if err != nil {
		return err
	}
	if e.Kind == ErasedShop || !found || len(key) == 0 {
		return s.Transact(ctx, func(tx *Tx) error { return tx.saveErasure(e) })
	}
	whom, err := s.Seek(ctx, e.Shop, Whom{Persons: persons, marks: e.Marks, at: e.At, id: e.ID})
	if err != nil {
		return err
	}
	return s.Transact(ctx, func(tx *Tx) error {
		_, err := tx.Erase(e.Shop, whom)
		return err
	})
}

// markedRows are how many persons or orders are looked at in one read.
const markedRows = 1000

// marked walks what a shop's persons and orders are known by and returns whom
// each erasure means.
func (s *Store) marked(ctx context.Context, shop commerce.ShopID, told []Erasure) (map[string][]commerce.PersonID, error) {
	byMark, orders := map[string][]Erasure{}, false
	for _, e := range told {
		for _, m := range e.Marks {
			if e.Kind == ErasedCustomer {
				byMark[m] = append(byMark[m], e)
				orders = orders || strings.HasPrefix(m, "o:")
			}
		}
	}
	k, err := s.dataKey(ctx, shop)
	if len(byMark) == 0 || fault.Is(err, fault.NotFound) { // or the shop is gone
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	out := map[string][]commerce.PersonID{}
	meet := func(mark string, p commerce.PersonID, since commerce.Instant) {
		for _, e := range byMark[mark] {
			if !isAddress(mark) || since <= e.At { // who has the address since is somebody new
				out[e.ID] = append(out[e.ID], p)
			}
		}
	}
	if err := s.walkPersons(ctx, shop, func(id knownAs, since commerce.Instant) { meet(k.mark(id.Identity), id.person, since) }); err != nil {
		return nil, err
	}
	if !orders {
		return out, nil
	}
	return out, s.walkOrders(ctx, shop, func(o *StoredOrder) {
		for _, key := range o.Keys {
			meet(k.orderMark(key), o.PersonID, 0)
		}
	})
}

// walkPersons shows everything that a shop's persons are known by, with since when there is such a person.
func (s *Store) walkPersons(ctx context.Context, shop commerce.ShopID, each func(knownAs, commerce.Instant)) error {
	for after := ""; ; {
		var rows []struct {
			ID        string `db:"id"`
			CreatedAt int64  `db:"created_at"`
		}
		q := s.query(ctx)
		if err := q.all(&rows, `SELECT id, created_at FROM persons WHERE shop_id = $1 AND id > $2 ORDER BY id LIMIT $3`, shop, after, markedRows); err != nil || len(rows) == 0 {
			return err
		}
		ids, since := make([]commerce.PersonID, len(rows)), map[commerce.PersonID]commerce.Instant{}
		for i, r := range rows {
			ids[i], after = commerce.PersonID(r.ID), r.ID
			since[ids[i]] = commerce.Instant(r.CreatedAt)
		}
		known, err := q.knownBy(shop, ids)
		if err != nil {
			return err
		}
		for _, id := range known {
			each(id, since[id.person])
		}
	}
}

// walkOrders shows a shop's orders that are somebody's.
func (s *Store) walkOrders(ctx context.Context, shop commerce.ShopID, each func(*StoredOrder)) error {
	for after := commerce.OrderID(""); ; {
		orders, err := s.OrdersAfter(ctx, shop, after, markedRows)
		if err != nil || len(orders) == 0 {
			return err
		}
		for _, o := range orders {
			if after = o.ID; o.PersonID != "" {
				each(o)
			}
		}
	}
}
