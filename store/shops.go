package store

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"flywheel/commerce"
	"flywheel/fault"
)

type shopRow struct {
	ID       string `db:"id"`
	Name     string `db:"name"`
	Email    string `db:"email"`
	Locale   string `db:"locale"`
	Timezone string `db:"timezone"`
	Country  string `db:"country"`
	Currency string `db:"currency"`
	State    string `db:"state"`
	Leading  string `db:"leading_platform"`
	Settings string `db:"settings"`
	Paused   int64  `db:"paused_at"`
	Resumed  int64  `db:"resumed_at"`
	Learned  string `db:"learned"`
	Site     string `db:"site"`
}

const shopColumns = `id, name, email, locale, timezone, country, currency, state, leading_platform, settings, site`

// AddShop makes a shop with an account that owns it and a data key of its own.
func (s *Store) AddShop(ctx context.Context, shop commerce.Shop) (id commerce.ShopID, err error) {
	err = s.Transact(ctx, func(tx *Tx) (err error) {
		id, err = tx.addShop(shop)
		return err
	})
	return id, err
}

func (tx *Tx) addShop(shop commerce.Shop) (commerce.ShopID, error) {
	raw, err := newDataKey()
	if err != nil {
		return "", err
	}
	id, account, now := commerce.ShopID(NewID()), NewID(), tx.Now()
	wrapped, err := tx.store.keys.Seal(raw, "shop "+string(id))
	if err != nil {
		return "", err
	}
	settings, err := json.Marshal(shop.Settings)
	if err != nil {
		return "", err
	}
	if _, err := tx.exec(`INSERT INTO accounts (id, name, kind, created_at) VALUES ($1, $2, 'merchant', $3)`, account, shop.Name, now); err != nil {
		return "", err
	}
	if _, err := tx.exec(`INSERT INTO account_shops (account_id, shop_id, role, from_at) VALUES ($1, $2, 'owner', $3)`, account, id, now); err != nil {
		return "", err
	}
	if _, err := tx.exec(`INSERT INTO shop_work (shop_id) VALUES ($1)`, id); err != nil {
		return "", err
	}
	_, err = tx.exec(`INSERT INTO shops (`+shopColumns+`, data_key, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		id, shop.Name, shop.Email, shop.Locale, shop.Timezone, shop.Country, shop.Currency,
		commerce.ShopActive, shop.Leading, string(settings), shop.Site, wrapped, now)
	return id, err
}

// Shop returns a shop with the platforms where it sells.
func (s *Store) Shop(ctx context.Context, id commerce.ShopID) (commerce.Shop, error) {
	return s.query(ctx).shop(id)
}

// Shop is Store.Shop inside a transaction.
func (tx *Tx) Shop(id commerce.ShopID) (commerce.Shop, error) { return tx.shop(id) }

func (q *query) shop(id commerce.ShopID) (commerce.Shop, error) {
	row, err := first[shopRow](q, fmt.Sprintf("there is no shop %s", id), `SELECT `+shopColumns+`, paused_at, resumed_at, learned FROM shops WHERE id = $1`, id)
	if err != nil {
		return commerce.Shop{}, err
	}
	var ties []struct {
		Platform  string `db:"platform"`
		Live      int64  `db:"live"`
		Installed int64  `db:"installed"`
	}
	err = q.all(&ties, `SELECT platform, live, MIN(installed_at) AS installed FROM connections
		WHERE shop_id = $1 AND closed_at = 0 GROUP BY platform, live ORDER BY platform, live`, id)
	if err != nil {
		return commerce.Shop{}, err
	}
	shop := commerce.Shop{
		ID: commerce.ShopID(row.ID), Name: row.Name, Email: row.Email, Locale: row.Locale, Timezone: row.Timezone,
		Country: row.Country, Currency: row.Currency, State: commerce.ShopState(row.State), Leading: commerce.Platform(row.Leading), Site: row.Site,
		Installed: map[commerce.Platform]commerce.Instant{}, PausedAt: commerce.Instant(row.Paused), ResumedAt: commerce.Instant(row.Resumed),
	}
	for _, t := range ties { // of a platform the live one comes last, and counts
		shop.Installed[commerce.Platform(t.Platform)] = commerce.Instant(t.Installed)
		if t.Live == 1 {
			shop.Platforms = append(shop.Platforms, commerce.Platform(t.Platform))
		}
	}
	if err := json.Unmarshal([]byte(row.Settings), &shop.Settings); err != nil {
		return commerce.Shop{}, fmt.Errorf("settings of shop %s: %w", id, err)
	}
	if row.Learned != "" {
		if err := json.Unmarshal([]byte(row.Learned), &shop.Learned); err != nil {
			return commerce.Shop{}, fmt.Errorf("transit days of shop %s: %w", id, err)
		}
	}
	return shop, nil
}

// ListShops returns every shop after the id after, at most limit, by id.
func (s *Store) ListShops(ctx context.Context, after commerce.ShopID, limit int) ([]commerce.Shop, error) {
	ids, err := s.query(ctx).scalars(`SELECT id FROM shops WHERE id > $1 ORDER BY id LIMIT $2`, after, limit)
	if err != nil {
		return nil, err
	}
	shops := make([]commerce.Shop, 0, len(ids))
	for _, id := range ids {
		shop, err := s.Shop(ctx, commerce.ShopID(id))
		if err != nil {
			return nil, err
		}
		shops = append(shops, shop)
	}
	return shops, nil
}

// SetShopState pauses, resumes or closes a shop.
func (s *Store) SetShopState(ctx context.Context, shop commerce.ShopID, state commerce.ShopState) error {
	return s.Transact(ctx, func(tx *Tx) error { return tx.SetShopState(shop, state) })
}

// SetShopState pauses, resumes or closes a shop; an unknown one is fault.NotFound.
func (tx *Tx) SetShopState(shop commerce.ShopID, state commerce.ShopState) error {
	n, err := tx.exec(`UPDATE shops SET state = $2, rev = rev + 1,
		paused_at = CASE WHEN $2 = 'paused' AND state <> 'paused' THEN $3 ELSE paused_at END,
		resumed_at = CASE WHEN $2 = 'paused' AND state <> 'paused' THEN 0 WHEN $2 <> 'paused' AND state = 'paused' THEN $3 ELSE resumed_at END
		WHERE id = $1`, shop, state, tx.store.Now())
	if err == nil && n == 0 {
		err = fault.New(fault.NotFound, "there is no shop %s", shop)
	}
	if err != nil || state != commerce.ShopActive {
		return err
	}
	return tx.TouchShop(shop)
}

// SaveSettings replaces a shop's choices, and has all of it looked at again.
// Which orders count as sales may be another question now: their purchases are
// worked out anew when they are next read.
func (s *Store) SaveSettings(ctx context.Context, shop commerce.ShopID, settings commerce.Settings) error {
	_, err := s.ChangeSettings(ctx, shop, func(now *commerce.Shop) error {
		now.Settings = settings
		return nil
	})
	return err
}

// settingsTries is how often a change is made anew because the shop was changed meanwhile.
const settingsTries = 5

// ChangeSettings changes a shop's choices as SaveSettings does, from what they
// are: change gets the shop, and of what it changes there the settings are kept.
// Where the shop was changed meanwhile it is asked again with that, so that two
// people never write over each other. It returns the settings as they were.
func (s *Store) ChangeSettings(ctx context.Context, shop commerce.ShopID, change func(*commerce.Shop) error) (was commerce.Settings, err error) {
	var now commerce.Settings
	for try, kept := 0, false; !kept; try++ {
		if try == settingsTries {
			return was, fault.New(fault.Temporary, "the shop is being changed by others just now: try again")
		}
		if was, now, kept, err = s.changeSettings(ctx, shop, change); err != nil {
			return was, err
		}
	}
	if slices.Equal(was.PayOnDelivery, now.PayOnDelivery) {
		return was, nil
	}
	return was, s.forgetPurchases(ctx, shop)
}

// changeSettings does it once; kept = false: somebody was faster. The shop is
// read twice, since change may alter what the first of them holds.
func (s *Store) changeSettings(ctx context.Context, shop commerce.ShopID, change func(*commerce.Shop) error) (was, now commerce.Settings, kept bool, err error) {
	err = s.Transact(ctx, func(tx *Tx) error {
		var rev int64
		if _, err := tx.one([]any{&rev}, `SELECT rev FROM shops WHERE id = $1`, shop); err != nil {
			return err
		}
		old, err := tx.shop(shop)
		if err != nil {
			return err
		}
		was = old.Settings
		next, err := tx.shop(shop)
		if err != nil {
			return err
		}
		if err := change(&next); err != nil {
			return err
		}
		now = next.Settings
		data, err := json.Marshal(now)
		if err != nil {
			return err
		}
		n, err := tx.exec(`UPDATE shops SET settings = $2, rev = rev + 1 WHERE id = $1 AND rev = $3`, shop, string(data), rev)
		if kept = n == 1; err != nil || !kept {
			return err
		}
		return tx.TouchShop(shop)
	})
	return was, now, kept, err
}

// forgetPurchases goes in steps: a shop may have a million orders.
func (s *Store) forgetPurchases(ctx context.Context, shop commerce.ShopID) error {
	for after := ""; ; {
		ids, err := s.query(ctx).scalars(`SELECT id FROM orders WHERE shop_id = $1 AND id > $2 ORDER BY id LIMIT $3`, shop, after, touchStep)
		if err != nil || len(ids) == 0 {
			return err
		}
		after = ids[len(ids)-1]
		if _, err := s.exec(ctx, `UPDATE orders SET purchase_rev = 0 WHERE shop_id = $1 AND id `+s.query(ctx).in(2), shop, list(s.query(ctx), ids)); err != nil {
			return err
		}
	}
}

// UpdateShop takes over what the platform says about the shop; empty fields
// stay. The language of last resort is only filled in: afterwards it is the
// merchant's choice of what customers read, not that of their admin.
func (tx *Tx) UpdateShop(shop commerce.ShopID, u commerce.ShopUpdate) error {
	_, err := tx.exec(`UPDATE shops SET
		name = CASE WHEN $2 <> '' THEN $2 ELSE name END, timezone = CASE WHEN $3 <> '' THEN $3 ELSE timezone END,
		country = CASE WHEN $4 <> '' THEN $4 ELSE country END, currency = CASE WHEN currency = '' THEN $5 ELSE currency END,
		locale = CASE WHEN locale = '' THEN $6 ELSE locale END, site = CASE WHEN $7 <> '' THEN $7 ELSE site END, rev = rev + 1 WHERE id = $1`, shop, u.Name, u.Timezone, u.Country, u.Currency, u.Locale, u.Site)
	return err
}

const pauseAll = "pause_all"

// SetPauseAll turns the stop switch for every shop on or off.
func (s *Store) SetPauseAll(ctx context.Context, on bool) error {
	return s.Transact(ctx, func(tx *Tx) error {
		if on {
			_, err := tx.exec(`INSERT INTO switches (name, value, changed_at) VALUES ($1, 'on', $2) ON CONFLICT DO NOTHING`, pauseAll, s.Now())
			return err
		}
		var since commerce.Instant
		found, err := tx.one([]any{&since}, `DELETE FROM switches WHERE name = $1 RETURNING changed_at`, pauseAll)
		if err != nil {
			return err
		}
		if found { // each shop knows of its pause afterwards, as of one of its own
			if _, err := tx.exec(`UPDATE shops SET paused_at = $1, resumed_at = $2, rev = rev + 1 WHERE state = 'active'`, since, s.Now()); err != nil {
				return err
			}
		}
		_, err = tx.exec(`UPDATE shop_work SET touch_below = $1 WHERE shop_id IN (SELECT id FROM shops WHERE state = 'active')`, int64(math.MaxInt64))
		if err != nil {
			return err
		}
		_, err = tx.exec(`UPDATE enrollments SET rev = rev + 1 WHERE queue = 1 OR queue = 2`)
		return err
	})
}

// PausedAll reports whether the stop switch for every shop is on.
func (s *Store) PausedAll(ctx context.Context) (bool, error) { return s.query(ctx).pausedAll() }

func (q *query) pausedAll() (bool, error) {
	var value string
	return q.one([]any{&value}, `SELECT value FROM switches WHERE name = $1`, pauseAll)
}
