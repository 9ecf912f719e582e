package store

import (
	"context"
	"encoding/json"

	"flywheel/commerce"
	"flywheel/delight/gate"
)

// fleetShops is how many shops of one person are listed.
const fleetShops = 1000

// FleetShop is a shop of somebody's with what is wrong there.
type FleetShop struct {
	Shop        commerce.ShopID    `db:"id"`
	Name        string             `db:"name"`
	Country     string             `db:"country"`
	Timezone    string             `db:"timezone"`
	State       commerce.ShopState `db:"state"`
	Account     commerce.AccountID `db:"account_id"` // by which it is theirs
	AccountName string             `db:"account_name"`
	Role        commerce.Role      `db:"role"`

	Entitlement  commerce.Entitlement
	LastDelivery commerce.Instant // when a platform last told of something; 0 = never
	Open         int64            // connections
	Revoked      int64            // and those of them that let us in no more
	Fuses        int64            // campaigns that a fuse has paused
	Unknown      int64            // messages of which nobody knows whether they went out
	Quarantined  int64            // deliveries that could not be read
	Backfills    int64            // pasts that could not be read
	Stopped      bool             // nothing goes out by the shared sender
	Broken       bool             // the DNS of its own domain does not hold
}

// Fleet returns the shops that are open to somebody, by whatever account, each
// once with the greatest role, and what is wrong in each. It asks a fixed number
// of questions, however many shops there are.
func (s *Store) Fleet(ctx context.Context, user commerce.UserID) ([]*FleetShop, error) {
	all, err := s.fleetShops(ctx, user)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	by, ids := map[commerce.ShopID]*FleetShop{}, make([]commerce.ShopID, 0, len(all))
	for _, f := range all {
		by[f.Shop], ids = f, append(ids, f.Shop)
	}
	for _, fill := range []func(*query, any, map[commerce.ShopID]*FleetShop) error{s.fleetCounts, s.fleetLooks} {
		q := s.query(ctx)
		if err := fill(q, list(q, ids), by); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (s *Store) fleetShops(ctx context.Context, user commerce.UserID) ([]*FleetShop, error) {
	var rows []struct {
		fleetRow
		Member  commerce.Role `db:"member"`
		Granted commerce.Role `db:"granted"`
	}
	err := s.query(ctx).all(&rows, `SELECT s.id, s.name, s.country, s.timezone, s.state, a.id AS account_id, a.name AS account_name, m.role AS member, g.role AS granted
		FROM members m JOIN account_shops g ON g.account_id = m.account_id JOIN accounts a ON a.id = m.account_id JOIN shops s ON s.id = g.shop_id
		WHERE m.user_id = $1 AND g.from_at <= $2 AND (g.until_at = 0 OR g.until_at > $2) AND length(s.data_key) > 0 ORDER BY s.name, s.id, a.id LIMIT $3`, user, s.Now(), fleetShops)
	by, out := map[commerce.ShopID]*FleetShop{}, []*FleetShop(nil)
	for _, r := range rows {
		role := r.Member.Lesser(r.Granted)
		if old := by[r.Shop]; old != nil {
			if role.Allows(old.Role) && role != old.Role {
				old.Role, old.Account, old.AccountName = role, r.Account, r.AccountName
			}
			continue
		}
		f := &FleetShop{
			Shop: r.Shop, Name: r.Name, Country: r.Country, Timezone: r.Timezone, State: r.State, Account: r.Account, AccountName: r.AccountName, Role: role,
			Entitlement: commerce.Entitlement{State: commerce.PlanNone},
		}
		by[r.Shop], out = f, append(out, f)
	}
	return out, err
}

// fleetRow is what a shop and the account say of themselves.
type fleetRow struct {
	Shop        commerce.ShopID    `db:"id"`
	Name        string             `db:"name"`
	Country     string             `db:"country"`
	Timezone    string             `db:"timezone"`
	State       commerce.ShopState `db:"state"`
	Account     commerce.AccountID `db:"account_id"`
	AccountName string             `db:"account_name"`
}

// fleetCounts counts what is wrong, by indexes that hold nothing else.
func (s *Store) fleetCounts(q *query, shops any, by map[commerce.ShopID]*FleetShop) error {
	of := q.in(1)
	for _, c := range []struct {
		text string
		args []any
		to   func(*FleetShop) *int64
	}{
		{`SELECT shop_id, COUNT(*) AS n FROM connections WHERE shop_id ` + of + ` AND closed_at = 0 GROUP BY shop_id`, nil, func(f *FleetShop) *int64 { return &f.Open }},
		{`SELECT shop_id, COUNT(*) AS n FROM connections WHERE shop_id ` + of + ` AND closed_at = 0 AND token_state = 'revoked' GROUP BY shop_id`, nil, func(f *FleetShop) *int64 { return &f.Revoked }},
		{`SELECT shop_id, COUNT(*) AS n FROM campaigns WHERE shop_id ` + of + ` AND state = 'paused' AND paused_reason = $2 GROUP BY shop_id`, []any{gate.Fuse}, func(f *FleetShop) *int64 { return &f.Fuses }},
		{`SELECT shop_id, COUNT(*) AS n FROM effects WHERE shop_id ` + of + ` AND parked = 1 GROUP BY shop_id`, nil, func(f *FleetShop) *int64 { return &f.Unknown }},
		{`SELECT shop_id, COUNT(*) AS n FROM inbox WHERE shop_id ` + of + ` AND state = 2 GROUP BY shop_id`, nil, func(f *FleetShop) *int64 { return &f.Quarantined }},
		{`SELECT shop_id, COUNT(*) AS n FROM backfills WHERE shop_id ` + of + ` AND state = 'failed' GROUP BY shop_id`, nil, func(f *FleetShop) *int64 { return &f.Backfills }},
		{
			`SELECT s.id AS shop_id, COALESCE((SELECT i.received_at FROM inbox i WHERE i.shop_id = s.id ORDER BY i.id DESC LIMIT 1), 0) AS n FROM shops s WHERE s.id ` + of,
			nil, func(f *FleetShop) *int64 { return (*int64)(&f.LastDelivery) },
		},
	} {
		var rows []struct {
			Shop commerce.ShopID `db:"shop_id"`
			N    int64           `db:"n"`
		}
		if err := q.all(&rows, c.text, append([]any{shops}, c.args...)...); err != nil {
			return err
		}
		for _, r := range rows {
			*c.to(by[r.Shop]) = r.N
		}
	}
	return nil
}

// fleetLooks reads how senders and plans stand.
func (s *Store) fleetLooks(q *query, shops any, by map[commerce.ShopID]*FleetShop) error {
	var senders []struct {
		Shop    commerce.ShopID `db:"shop_id"`
		Stopped string          `db:"stopped_reason"`
		Looked  string          `db:"looked"`
	}
	if err := q.all(&senders, `SELECT shop_id, stopped_reason, looked FROM senders WHERE shop_id `+q.in(1), shops); err != nil {
		return err
	}
	for _, r := range senders {
		var look struct {
			BrokenSince commerce.Instant `json:"broken_since"` // as package sender writes it
		}
		_ = json.Unmarshal([]byte(r.Looked), &look) // of another binary: the next look writes it anew
		by[r.Shop].Stopped, by[r.Shop].Broken = r.Stopped != "", look.BrokenSince != 0
	}
	var plans []struct {
		Shop commerce.ShopID `db:"shop_id"`
		entitlementRow
	}
	if err := q.all(&plans, `SELECT shop_id, `+entitlementColumns+` FROM entitlements WHERE shop_id `+q.in(1), shops); err != nil {
		return err
	}
	for _, r := range plans {
		by[r.Shop].Entitlement = r.entitlement()
	}
	return nil
}

// FleetSize says how many shops are open to somebody, up to two, and names one of them.
func (s *Store) FleetSize(ctx context.Context, user commerce.UserID) (int, commerce.ShopID, error) {
	ids, err := s.query(ctx).scalars(`SELECT DISTINCT s.id FROM members m JOIN account_shops g ON g.account_id = m.account_id JOIN shops s ON s.id = g.shop_id
		WHERE m.user_id = $1 AND g.from_at <= $2 AND (g.until_at = 0 OR g.until_at > $2) AND length(s.data_key) > 0 ORDER BY s.id LIMIT 2`, user, s.Now())
	if err != nil || len(ids) == 0 {
		return 0, "", err
	}
	return len(ids), commerce.ShopID(ids[0]), nil
}
