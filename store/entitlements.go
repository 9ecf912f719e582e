package store

import (
	"context"

	"flywheel/commerce"
)

type entitlementRow struct {
	Plan        string `db:"plan"`
	State       string `db:"state"`
	PendingPlan string `db:"pending_plan"`
	TrialEndsAt int64  `db:"trial_ends_at"`
	PeriodFrom  int64  `db:"period_from"`
	PeriodUntil int64  `db:"period_until"`
	CheckedAt   int64  `db:"checked_at"`
	ChangedAt   int64  `db:"changed_at"`
	HoldsFrom   int64  `db:"holds_from"`
	NextAt      int64  `db:"next_at"`
	Epoch       int64  `db:"epoch"`
}

const entitlementColumns = `plan, state, pending_plan, trial_ends_at, period_from, period_until, checked_at, changed_at, holds_from, next_at, epoch`

// Entitlement returns what a shop may have; one of which nothing is known yet
// has no plan, which is the free one.
func (s *Store) Entitlement(ctx context.Context, shop commerce.ShopID) (commerce.Entitlement, error) {
	return s.query(ctx).entitlement(shop, "")
}

// Entitlement is Store.Entitlement inside a transaction, with the row locked.
func (tx *Tx) Entitlement(shop commerce.ShopID) (commerce.Entitlement, error) {
	return tx.entitlement(shop, tx.forUpdate())
}

func (q *query) entitlement(shop commerce.ShopID, lock string) (commerce.Entitlement, error) {
	var rows []entitlementRow
	err := q.all(&rows, `SELECT `+entitlementColumns+` FROM entitlements WHERE shop_id = $1`+lock, shop)
	if err != nil || len(rows) == 0 {
		return commerce.Entitlement{State: commerce.PlanNone}, err
	}
	return rows[0].entitlement(), nil
}

func (r entitlementRow) entitlement() commerce.Entitlement {
	return commerce.Entitlement{
		Plan: r.Plan, State: commerce.PlanState(r.State), PendingPlan: r.PendingPlan, TrialEndsAt: commerce.Instant(r.TrialEndsAt),
		PeriodFrom: commerce.Instant(r.PeriodFrom), PeriodUntil: commerce.Instant(r.PeriodUntil), CheckedAt: commerce.Instant(r.CheckedAt),
		ChangedAt: commerce.Instant(r.ChangedAt), HoldsFrom: commerce.Instant(r.HoldsFrom), NextAt: commerce.Instant(r.NextAt), Epoch: r.Epoch,
	}
}

// SaveEntitlement keeps what a shop may have. What was held because it was over
// its plan is looked at again once it is not. A shop that is gone gets no row.
func (tx *Tx) SaveEntitlement(shop commerce.ShopID, e commerce.Entitlement) error {
	old, err := tx.Entitlement(shop)
	if err != nil {
		return err
	}
	if _, err := tx.exec(`INSERT INTO entitlements (shop_id, `+entitlementColumns+`)
		SELECT id, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12 FROM shops WHERE id = $1 AND length(data_key) > 0
		ON CONFLICT (shop_id) DO UPDATE SET plan = excluded.plan, state = excluded.state, pending_plan = excluded.pending_plan,
		trial_ends_at = excluded.trial_ends_at, period_from = excluded.period_from, period_until = excluded.period_until,
		checked_at = excluded.checked_at, changed_at = excluded.changed_at, holds_from = excluded.holds_from, next_at = excluded.next_at, epoch = excluded.epoch`,
		shop, e.Plan, e.State, e.PendingPlan, e.TrialEndsAt, e.PeriodFrom, e.PeriodUntil, e.CheckedAt, e.ChangedAt, e.HoldsFrom, e.NextAt, e.Epoch); err != nil {
		return err
	}
	if now := tx.store.Now(); old.Holds(now) && !e.Holds(now) {
		return tx.TouchShop(shop)
	}
	return nil
}

// AskEntitlement has the platform asked about a shop's plan at once.
func (s *Store) AskEntitlement(ctx context.Context, shop commerce.ShopID) error {
	return s.Transact(ctx, func(tx *Tx) error { return tx.askEntitlement(shop) })
}

func (tx *Tx) askEntitlement(shop commerce.ShopID) error {
	_, err := tx.exec(`INSERT INTO entitlements (shop_id, plan, state, next_at)
		SELECT id, '', 'none', $2 FROM shops WHERE id = $1 AND length(data_key) > 0
		ON CONFLICT (shop_id) DO UPDATE SET next_at = excluded.next_at`, shop, tx.Now())
	return err
}

// PlanDue is a shop whose platform is to be asked about its plan.
type PlanDue struct {
	Shop    commerce.ShopID
	Account string // the platform's number of the shop
	Epoch   int64  // of the connection
}

// EntitlementsDue lists shops with an open Shopify install whose turn it is,
// longest due first: those never asked about, those installed again since, and
// those whose time has come. A shop that was connected by hand has no plan.
func (s *Store) EntitlementsDue(ctx context.Context, limit int) ([]PlanDue, error) {
	var rows []struct {
		Shop    string `db:"shop_id"`
		Account string `db:"platform_id"`
		Epoch   int64  `db:"epoch"`
	}
	err := s.query(ctx).all(&rows, `SELECT c.shop_id, c.platform_id, c.epoch FROM connections c LEFT JOIN entitlements e ON e.shop_id = c.shop_id
		WHERE c.platform = 'shopify' AND c.closed_at = 0 AND c.platform_id <> ''
			AND (e.shop_id IS NULL OR e.next_at <= $1 OR e.epoch <> c.epoch)
			AND NOT EXISTS (SELECT 1 FROM connections o WHERE o.shop_id = c.shop_id AND o.platform = 'shopify' AND o.closed_at = 0
				AND o.platform_id <> '' AND o.id < c.id)
		ORDER BY COALESCE(e.next_at, 0), c.shop_id LIMIT $2`, s.Now(), limit)
	out := make([]PlanDue, len(rows))
	for i, r := range rows {
		out[i] = PlanDue{commerce.ShopID(r.Shop), r.Account, r.Epoch}
	}
	return out, err
}

// PlanHolds reports whether a shop's asks are held because it is over its plan.
func (tx *Tx) PlanHolds(shop commerce.ShopID) (bool, error) {
	var from commerce.Instant
	found, err := tx.one([]any{&from}, `SELECT holds_from FROM entitlements WHERE shop_id = $1`, shop)
	return found && from != 0 && from <= tx.store.Now(), err
}
