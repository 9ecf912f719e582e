package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/fault"
)

// StoredOrder is an order with what only the store knows of it. Rev rises when
// something a decision reads has changed.
type StoredOrder struct {
	commerce.Order
	Rev        int64
	TwinKey    string // keyed hash, currency and amount, while a twin may come
	FetchAt    commerce.Instant
	FetchTries int64
	CreatedAt  commerce.Instant
	Billed     commerce.Billed // what AddUsage was told of it
	// Purchase is the order in its person's history, for SaveOrders alone; nil =
	// to be worked out when the history is first read.
	Purchase *commerce.Purchase
}

type orderRow struct {
	Facts      string `db:"facts"`
	Rev        int64  `db:"rev"`
	TwinKey    string `db:"twin_key"`
	FetchAt    int64  `db:"fetch_at"`
	FetchTries int64  `db:"fetch_tries"`
	CreatedAt  int64  `db:"created_at"`
	Since      int64  `db:"billed_since"`
	Day        int64  `db:"billed_day"`
	Back       int64  `db:"billed_back"`
}

const orderColumns = `facts, rev, twin_key, fetch_at, fetch_tries, created_at, billed_since, billed_day, billed_back`

func (r orderRow) order() (*StoredOrder, error) {
	o := &StoredOrder{
		Rev: r.Rev, TwinKey: r.TwinKey, FetchAt: commerce.Instant(r.FetchAt), FetchTries: r.FetchTries, CreatedAt: commerce.Instant(r.CreatedAt),
		Billed: commerce.Billed{Since: commerce.Instant(r.Since), Day: r.Day, Back: r.Back == 1},
	}
	if err := json.Unmarshal([]byte(r.Facts), &o.Order); err != nil {
		return nil, fmt.Errorf("facts of an order: %w", err)
	}
	return o, nil
}

// Order returns one order; a missing one is fault.NotFound.
func (s *Store) Order(ctx context.Context, shop commerce.ShopID, id commerce.OrderID) (*StoredOrder, error) {
	found, err := s.query(ctx).orders(shop, []commerce.OrderID{id}, "")
	if err == nil && found[id] == nil {
		err = fault.New(fault.NotFound, "there is no order %s in this shop", id)
	}
	return found[id], err
}

// Orders returns the orders with these ids.
func (s *Store) Orders(ctx context.Context, shop commerce.ShopID, ids []commerce.OrderID) (map[commerce.OrderID]*StoredOrder, error) {
	return s.query(ctx).orders(shop, ids, "")
}

// Orders is Store.Orders inside a transaction, without locking.
func (tx *Tx) Orders(shop commerce.ShopID, ids []commerce.OrderID) (map[commerce.OrderID]*StoredOrder, error) {
	return tx.orders(shop, ids, "")
}

// LockOrders locks and returns orders. They are the first roots a transaction locks.
func (tx *Tx) LockOrders(shop commerce.ShopID, ids []commerce.OrderID) (map[commerce.OrderID]*StoredOrder, error) {
	return tx.orders(shop, ids, tx.forUpdate())
}

func (q *query) orders(shop commerce.ShopID, ids []commerce.OrderID, lock string) (map[commerce.OrderID]*StoredOrder, error) {
	out := make(map[commerce.OrderID]*StoredOrder, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	var rows []orderRow
	err := q.all(&rows, `SELECT `+orderColumns+` FROM orders WHERE shop_id = $1 AND id `+q.in(2)+` ORDER BY id`+lock, shop, list(q, ids))
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		o, err := row.order()
		if err != nil {
			return nil, err
		}
		out[o.ID] = o
	}
	return out, nil
}

var findOrderKeys = newBatch(`shop_id text, platform text, kind text, external_id text`,
	`SELECT k.platform, k.kind, k.external_id, k.order_id FROM {rows} order_keys k
	WHERE k.shop_id = v.shop_id AND k.platform = v.platform AND k.kind = v.kind AND k.external_id = v.external_id`)

// OrdersByKey returns which order each platform id belongs to.
func (tx *Tx) OrdersByKey(shop commerce.ShopID, keys []commerce.SourceKey) (map[commerce.SourceKey]commerce.OrderID, error) {
	rows := make([][]any, len(keys))
	for i, k := range keys {
		rows[i] = []any{shop, k.Platform, k.Kind, k.ID}
	}
	out := map[commerce.SourceKey]commerce.OrderID{}
	err := tx.run(findOrderKeys, rows, func(r *sql.Rows) error {
		var k commerce.SourceKey
		var id string
		err := r.Scan(&k.Platform, &k.Kind, &k.ID, &id)
		out[k] = commerce.OrderID(id)
		return err
	})
	return out, err
}

var addOrderKeys = newBatch(`shop_id text, platform text, kind text, external_id text, order_id text`,
	`INSERT INTO order_keys (shop_id, platform, kind, external_id, order_id) {insert} ON CONFLICT DO NOTHING`)

// AddOrderKeys makes orders known by platform ids.
func (tx *Tx) AddOrderKeys(shop commerce.ShopID, keys map[commerce.SourceKey]commerce.OrderID) error {
	rows := make([][]any, 0, len(keys))
	for k, id := range keys {
		rows = append(rows, []any{shop, k.Platform, k.Kind, k.ID, id})
	}
	return tx.run(addOrderKeys, rows, nil)
}

var saveOrders = newBatch(`shop_id text, id text, person_id text, name text, stub bigint, facts text, paid_at bigint,
	reporting_amount bigint, reporting_currency text, refunded bigint, twin_key text, fetch_at bigint, fetch_tries bigint, created_at bigint,
	sale_at bigint, counts bigint, net bigint, net_known bigint, purchase_rev bigint,
	billed_since bigint, billed_day bigint, billed_back bigint`,
	`INSERT INTO orders (shop_id, id, person_id, name, stub, facts, paid_at, reporting_amount, reporting_currency, refunded,
		twin_key, fetch_at, fetch_tries, created_at, sale_at, counts, net, net_known, purchase_rev,
		billed_since, billed_day, billed_back)
	{insert} ON CONFLICT (shop_id, id) DO UPDATE SET person_id = excluded.person_id, name = excluded.name, stub = excluded.stub,
		facts = excluded.facts, paid_at = excluded.paid_at, reporting_amount = excluded.reporting_amount,
		reporting_currency = excluded.reporting_currency, refunded = excluded.refunded, twin_key = excluded.twin_key,
		fetch_at = excluded.fetch_at, fetch_tries = excluded.fetch_tries, rev = orders.rev + 1,
		sale_at = excluded.sale_at, counts = excluded.counts, net = excluded.net, net_known = excluded.net_known,
		purchase_rev = CASE WHEN excluded.purchase_rev = 0 THEN 0 ELSE orders.rev + 1 END,
		billed_since = excluded.billed_since, billed_day = excluded.billed_day, billed_back = excluded.billed_back`)

// SaveOrders writes new or changed orders, which must be locked or new, each once.
func (tx *Tx) SaveOrders(shop commerce.ShopID, orders []*StoredOrder) error {
	rows := make([][]any, len(orders))
	now := tx.store.Now()
	for i, o := range orders {
		facts, err := json.Marshal(&o.Order)
		if err != nil {
			return fmt.Errorf("facts of order %s: %w", o.ID, err)
		}
		var p commerce.Purchase
		if o.Purchase != nil {
			p = *o.Purchase
		}
		rows[i] = []any{
			shop, o.ID, o.PersonID, o.Detail.Name, o.Stub(), string(facts), o.Payment.At(), o.Reporting.Amount.Amount,
			o.Reporting.Amount.Currency, o.Refunded(), o.TwinKey, o.FetchAt, o.FetchTries, now,
			p.At, p.Counts, p.Amount, p.Known, o.Purchase != nil,
			o.Billed.Since, o.Billed.Day, o.Billed.Back,
		}
	}
	return tx.run(saveOrders, rows, nil)
}

// TwinCandidates returns the orders whose email hash, currency and amount are
// those of key and that still wait for the other platform's word.
func (tx *Tx) TwinCandidates(shop commerce.ShopID, keys []string) (map[string][]*StoredOrder, error) {
	out := map[string][]*StoredOrder{}
	if len(keys) == 0 {
		return out, nil
	}
	var rows []orderRow
	// id || '' keeps SQLite from walking all orders of the shop because they lie in order.
	err := tx.all(&rows, `SELECT `+orderColumns+` FROM orders WHERE shop_id = $1 AND twin_key <> '' AND twin_key `+tx.in(2)+` ORDER BY id || ''`+tx.forUpdate(),
		shop, list(&tx.query, keys))
	for _, row := range rows {
		o, err := row.order()
		if err != nil {
			return nil, err
		}
		out[o.TwinKey] = append(out[o.TwinKey], o)
	}
	return out, err
}

// DueFetch is an order that must be read again at its platform.
type DueFetch struct {
	Shop  commerce.ShopID  `db:"shop_id"`
	Order commerce.OrderID `db:"id"`
}

// DueFetches lists orders whose platform must be asked by now, the oldest first.
func (s *Store) DueFetches(ctx context.Context, limit int) ([]DueFetch, error) {
	var out []DueFetch
	err := s.query(ctx).all(&out, `SELECT shop_id, id FROM orders WHERE fetch_at > 0 AND fetch_at <= $1 ORDER BY fetch_at LIMIT $2`, s.Now(), limit)
	return out, err
}

// RepointOrderKeys moves platform ids to another order of the shop.
func (tx *Tx) RepointOrderKeys(shop commerce.ShopID, keys []commerce.SourceKey, to commerce.OrderID) error {
	for _, k := range keys {
		if _, err := tx.exec(`UPDATE order_keys SET order_id = $5 WHERE shop_id = $1 AND platform = $2 AND kind = $3 AND external_id = $4`,
			shop, k.Platform, k.Kind, k.ID, to); err != nil {
			return err
		}
	}
	return nil
}

// RepointPerson gives what hangs on an order to the person it turned out to be of.
func (tx *Tx) RepointPerson(shop commerce.ShopID, order commerce.OrderID, from, to commerce.PersonID) error {
	rows, err := tx.keyRows(shop, `order_id = $2 AND entry_key LIKE $3`, order, "%"+string(from)+"%")
	if err != nil {
		return err
	}
	if err := tx.rename(shop, rows, string(from), string(to), gate.AlreadyIn); err != nil {
		return err
	}
	for _, text := range []string{
		`UPDATE enrollments SET person_id = $4, rev = rev + 1, due_at = $5 WHERE shop_id = $1 AND order_id = $2 AND person_id = $3 AND state = 'active'`,
		`UPDATE events SET person_id = $4 WHERE shop_id = $1 AND order_id = $2 AND person_id = $3 AND recorded_at <= $5`,
		`UPDATE tasks SET person_id = $4 WHERE shop_id = $1 AND order_id = $2 AND person_id = $3 AND created_at <= $5`,
		`UPDATE passes SET person_id = $4 WHERE shop_id = $1 AND order_id = $2 AND person_id = $3 AND rehearsal < $5`,
	} {
		if _, err := tx.exec(text, shop, order, from, to, tx.store.Now()); err != nil {
			return err
		}
	}
	if err := tx.moveLedger(shop, order, to); err != nil {
		return err
	}
	_, err = tx.exec(`UPDATE decisions SET person_id = $4 WHERE shop_id = $1 AND person_id = $3 AND entry_key = $2`,
		shop, "order:"+string(order), from, to)
	return err
}

// PlanFetch says when an order is to be read at its platform, 0 = not again, and how often that failed.
func (tx *Tx) PlanFetch(shop commerce.ShopID, id commerce.OrderID, at commerce.Instant, tries int64) error {
	_, err := tx.exec(`UPDATE orders SET fetch_at = $3, fetch_tries = $4 WHERE shop_id = $1 AND id = $2`, shop, id, at, tries)
	return err
}
