package store

import (
	"context"
	"time"

	"flywheel/commerce"
	"flywheel/fault"
)

// seenStep is how exactly it is kept when somebody of an account was last in a shop.
const seenStep = time.Hour

// Access returns what a user may do in a shop, and by which account: the lesser
// of their role in the account and of the account's in the shop, the greatest where several accounts
// lead there. A shop that nothing leads to is fault.NotFound, as one that does
// not exist.
func (s *Store) Access(ctx context.Context, shop commerce.ShopID, user commerce.UserID) (commerce.Role, commerce.AccountID, error) {
	var rows []struct {
		Account commerce.AccountID `db:"account_id"`
		Member  commerce.Role      `db:"member"`
		Shop    commerce.Role      `db:"granted"`
		Seen    commerce.Instant   `db:"seen_at"`
	}
	now := s.Now()
	err := s.query(ctx).all(&rows, `SELECT a.account_id, m.role AS member, a.role AS granted, a.seen_at FROM account_shops a JOIN members m ON m.account_id = a.account_id
		WHERE a.shop_id = $1 AND m.user_id = $2 AND a.from_at <= $3 AND (a.until_at = 0 OR a.until_at > $3) ORDER BY a.account_id`, shop, user, now)
	if err != nil {
		return "", "", err
	}
	best, by, seen := commerce.Role(""), commerce.AccountID(""), commerce.Instant(0)
	for _, r := range rows {
		if role := r.Member.Lesser(r.Shop); role.Known() && (best == "" || role.Allows(best) && role != best) {
			best, by, seen = role, r.Account, r.Seen
		}
	}
	if best == "" {
		return "", "", fault.New(fault.NotFound, "there is no such shop, or it is not open to you")
	}
	if seen < now.Add(-seenStep) {
		_, err = s.exec(ctx, `UPDATE account_shops SET seen_at = $3 WHERE shop_id = $1 AND account_id = $2 AND seen_at < $3`, shop, by, now)
	}
	return best, by, err
}

// ShopAccount is an account that a shop is open to, or was.
type ShopAccount struct {
	Account commerce.AccountID `db:"account_id"`
	Name    string             `db:"name"`
	Kind    string             `db:"kind"`
	Role    commerce.Role      `db:"role"`
	From    commerce.Instant   `db:"from_at"`
	Until   commerce.Instant   `db:"until_at"` // 0 = it does not end
	SeenAt  commerce.Instant   `db:"seen_at"`  // when somebody of it was here, to the hour; 0 = never
}

// ShopAccounts returns the accounts that a shop is open to now, the shop's own first.
func (s *Store) ShopAccounts(ctx context.Context, shop commerce.ShopID) ([]ShopAccount, error) {
	var out []ShopAccount
	err := s.query(ctx).all(&out, `SELECT g.account_id, a.name, a.kind, g.role, g.from_at, g.until_at, g.seen_at FROM account_shops g JOIN accounts a ON a.id = g.account_id
		WHERE g.shop_id = $1 AND g.from_at <= $2 AND (g.until_at = 0 OR g.until_at > $2) ORDER BY CASE WHEN a.kind = 'merchant' THEN 0 ELSE 1 END, g.from_at, g.account_id`, shop, s.Now())
	return out, err
}

// AccountShop is a shop that is open to an account.
type AccountShop struct {
	Shop  commerce.ShopID  `db:"id"`
	Name  string           `db:"name"`
	Role  commerce.Role    `db:"role"`
	Until commerce.Instant `db:"until_at"` // 0 = it does not end
}

// AccountShops returns the shops that are open to an account now, by name, at most fleetShops.
func (s *Store) AccountShops(ctx context.Context, account commerce.AccountID) ([]AccountShop, error) {
	var out []AccountShop
	err := s.query(ctx).all(&out, `SELECT s.id, s.name, g.role, g.until_at FROM account_shops g JOIN shops s ON s.id = g.shop_id
		WHERE g.account_id = $1 AND g.from_at <= $2 AND (g.until_at = 0 OR g.until_at > $2) ORDER BY s.name, s.id LIMIT $3`, account, s.Now(), fleetShops)
	return out, err
}

// HomeAccount is the account that was made with a shop and holds its people.
func (s *Store) HomeAccount(ctx context.Context, shop commerce.ShopID) (commerce.AccountID, error) {
	return s.query(ctx).homeAccount(shop)
}

// HomeAccount is Store.HomeAccount inside a transaction.
func (tx *Tx) HomeAccount(shop commerce.ShopID) (commerce.AccountID, error) {
	return tx.homeAccount(shop)
}

func (q *query) homeAccount(shop commerce.ShopID) (commerce.AccountID, error) {
	var id commerce.AccountID
	found, err := q.one([]any{&id}, `SELECT g.account_id FROM account_shops g JOIN accounts a ON a.id = g.account_id
		WHERE g.shop_id = $1 AND g.role = 'owner' AND g.until_at = 0 AND a.kind = 'merchant' ORDER BY g.from_at, g.account_id LIMIT 1`, shop)
	if err == nil && !found {
		err = fault.New(fault.NotFound, "there is no shop %s", shop)
	}
	return id, err
}

// GrantShop opens a shop to an account until an instant, 0 = without end. What
// was granted to it before ends now.
func (tx *Tx) GrantShop(shop commerce.ShopID, account commerce.AccountID, role commerce.Role, until commerce.Instant) error {
	now := tx.Now()
	if !role.Known() || until != 0 && until <= now {
		return fault.New(fault.Invalid, "access needs a role, and an end that is ahead")
	}
	if own, err := tx.homeAccount(shop); err != nil || own == account {
		if err == nil {
			err = fault.New(fault.Conflict, "the shop is this account's own")
		}
		return err
	}
	if _, err := tx.exec(`UPDATE account_shops SET until_at = $3 WHERE shop_id = $1 AND account_id = $2 AND (until_at = 0 OR until_at > $3)`, shop, account, now); err != nil {
		return err
	}
	if _, err := tx.exec(`INSERT INTO account_shops (account_id, shop_id, role, from_at, until_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (account_id, shop_id, from_at) DO UPDATE SET role = excluded.role, until_at = excluded.until_at`, account, shop, role, now, until); err != nil {
		return err
	}
	return tx.turned(account, "")
}

// RevokeShop ends an account's access to a shop at once. The shop's own account
// keeps it (fault.Conflict); one that has none is fault.NotFound.
func (tx *Tx) RevokeShop(shop commerce.ShopID, account commerce.AccountID) error {
	if own, err := tx.homeAccount(shop); err != nil || own == account {
		if err == nil {
			err = fault.New(fault.Conflict, "the shop's own account keeps its access")
		}
		return err
	}
	n, err := tx.exec(`UPDATE account_shops SET until_at = $3 WHERE shop_id = $1 AND account_id = $2 AND (until_at = 0 OR until_at > $3)`, shop, account, tx.Now())
	if err == nil && n == 0 {
		err = fault.New(fault.NotFound, "they have no access to this shop")
	}
	if err != nil {
		return err
	}
	return tx.turned(account, "")
}
