package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"flywheel/commerce"
	"flywheel/fault"
)

type connectionRow struct {
	ID          string `db:"id"`
	ShopID      string `db:"shop_id"`
	Platform    string `db:"platform"`
	ExternalID  string `db:"external_id"`
	Live        int64  `db:"live"`
	OwnAccount  int64  `db:"own_account"`
	Secrets     []byte `db:"secrets"`
	Token       []byte `db:"token"`
	Epoch       int64  `db:"epoch"`
	InstalledAt int64  `db:"installed_at"`
	ClosedAt    int64  `db:"closed_at"`
}

const connectionColumns = `id, shop_id, platform, external_id, live, own_account, secrets, token, epoch, installed_at, closed_at`

// Connect ties shop to a platform account. An account that was tied to this
// shop before is opened again with a new epoch. It is fault.Conflict where the
// account is open in another shop, or another connection is the own account.
func (s *Store) Connect(ctx context.Context, shop commerce.ShopID, c commerce.Connection) (commerce.ConnectionID, error) {
	k, err := s.dataKey(ctx, shop)
	if err != nil {
		return "", err
	}
	id := commerce.ConnectionID(NewID())
	err = s.Transact(ctx, func(tx *Tx) error {
		if err := tx.mayConnect(shop, c); err != nil {
			return err
		}
		var old, oldShop string
		var closed int64
		found, err := tx.one([]any{&old, &oldShop, &closed}, `SELECT id, shop_id, closed_at FROM connections
			WHERE platform = $1 AND external_id = $2 AND live = $3`, c.Platform, c.ExternalID, c.Live)
		if err != nil {
			return err
		}
		if found && oldShop != string(shop) && closed == 0 {
			return fault.New(fault.Conflict, "%s %s is connected to another shop", c.Platform, c.ExternalID)
		}
		if found {
			id = commerce.ConnectionID(old)
		}
		secrets, token, err := sealConnection(k, id, c)
		if err != nil {
			return err
		}
		_, err = tx.exec(`INSERT INTO connections (`+connectionColumns+`, granted_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, 0, $9)
			ON CONFLICT (platform, external_id, live) DO UPDATE SET shop_id = excluded.shop_id, own_account = excluded.own_account,
			secrets = excluded.secrets, token = excluded.token, epoch = connections.epoch + 1,
			installed_at = CASE WHEN connections.closed_at = 0 AND connections.shop_id = excluded.shop_id
				THEN connections.installed_at ELSE excluded.installed_at END, granted_at = excluded.granted_at, closed_at = 0`,
			id, shop, c.Platform, c.ExternalID, c.Live, c.OwnAccount, secrets, token, c.InstalledAt)
		if err != nil {
			return err
		}
		_, err = tx.exec(`UPDATE shops SET leading_platform = CASE WHEN leading_platform = '' OR $2 = 'shopify' THEN $2 ELSE leading_platform END,
			state = CASE WHEN state = 'closed' THEN 'active' ELSE state END, rev = rev + 1 WHERE id = $1`, shop, c.Platform)
		return err
	})
	return id, err
}

// mayConnect refuses a shop that is being erased and a second own account.
func (tx *Tx) mayConnect(shop commerce.ShopID, c commerce.Connection) error {
	var key []byte
	found, err := tx.one([]any{&key}, `SELECT data_key FROM shops WHERE id = $1`+tx.forUpdate(), shop)
	if err == nil && (!found || len(key) == 0) {
		err = fault.New(fault.NotFound, "there is no shop %s", shop)
	}
	if err != nil || !c.OwnAccount {
		return err
	}
	var other string
	found, err = tx.one([]any{&other}, `SELECT external_id FROM connections
		WHERE platform = $1 AND live = $2 AND own_account = 1 AND closed_at = 0 AND external_id <> $3`, c.Platform, c.Live, c.ExternalID)
	if err == nil && found {
		err = fault.New(fault.Conflict, "another %s account is the own account already", c.Platform)
	}
	return err
}

func sealConnection(k *dataKey, id commerce.ConnectionID, c commerce.Connection) (secrets, token []byte, err error) {
	data, err := json.Marshal(c.Secrets)
	if err != nil {
		return nil, nil, err
	}
	secrets, err = k.seal(data, "secrets "+string(id))
	if err == nil {
		token, err = k.seal([]byte(c.Token), "token "+string(id))
	}
	return secrets, token, err
}

// ConnectionByAccount finds the connection a verified platform id names.
func (s *Store) ConnectionByAccount(ctx context.Context, p commerce.Platform, externalID string, live bool) (commerce.Connection, error) {
	return s.connection(ctx, fmt.Sprintf("%s %s is not connected", p, externalID),
		`platform = $1 AND external_id = $2 AND live = $3`, p, externalID, live)
}

// ConnectionByID finds the connection a webhook's own path names.
func (s *Store) ConnectionByID(ctx context.Context, id commerce.ConnectionID) (commerce.Connection, error) {
	return s.connection(ctx, fmt.Sprintf("there is no connection %s", id), `id = $1`, id)
}

// OwnAccount finds the one open connection that Stripe events without an account belong to.
func (s *Store) OwnAccount(ctx context.Context, p commerce.Platform, live bool) (commerce.Connection, error) {
	return s.connection(ctx, "no connection is marked as the own account",
		`platform = $1 AND own_account = 1 AND live = $2 AND closed_at = 0`, p, live)
}

// Connections lists a shop's connections, open ones first.
func (s *Store) Connections(ctx context.Context, shop commerce.ShopID) ([]commerce.Connection, error) {
	var rows []connectionRow
	err := s.query(ctx).all(&rows, `SELECT `+connectionColumns+` FROM connections WHERE shop_id = $1 ORDER BY closed_at, id`, shop)
	out := make([]commerce.Connection, 0, len(rows))
	for _, row := range rows {
		c, openErr := s.openConnection(ctx, row)
		err = errors.Join(err, openErr)
		out = append(out, c)
	}
	return out, err
}

func (s *Store) connection(ctx context.Context, missing, where string, args ...any) (commerce.Connection, error) {
	row, err := first[connectionRow](s.query(ctx), missing, `SELECT `+connectionColumns+` FROM connections WHERE `+where, args...)
	if err != nil {
		return commerce.Connection{}, err
	}
	return s.openConnection(ctx, row)
}

func (s *Store) openConnection(ctx context.Context, row connectionRow) (commerce.Connection, error) {
	c := commerce.Connection{
		ID: commerce.ConnectionID(row.ID), ShopID: commerce.ShopID(row.ShopID), Platform: commerce.Platform(row.Platform),
		ExternalID: row.ExternalID, Live: row.Live == 1, OwnAccount: row.OwnAccount == 1, Epoch: row.Epoch,
		InstalledAt: commerce.Instant(row.InstalledAt), ClosedAt: commerce.Instant(row.ClosedAt),
	}
	k, err := s.dataKey(ctx, c.ShopID)
	if err != nil {
		return c, err
	}
	secrets, err := k.open(row.Secrets, "secrets "+row.ID)
	if err != nil {
		return c, err
	}
	if err := json.Unmarshal(secrets, &c.Secrets); err != nil {
		return c, fmt.Errorf("secrets of connection %s: %w", row.ID, err)
	}
	token, err := k.open(row.Token, "token "+row.ID)
	c.Token = string(token)
	return c, err
}

// CloseConnection ends a connection that was last connected before at; a late
// uninstall of an earlier install changes nothing and gives false. The last
// open connection closes the shop.
func (tx *Tx) CloseConnection(shop commerce.ShopID, id commerce.ConnectionID, at commerce.Instant) (bool, error) {
	n, err := tx.exec(`UPDATE connections SET closed_at = $3, epoch = epoch + 1
		WHERE shop_id = $1 AND id = $2 AND closed_at = 0 AND granted_at <= $3`, shop, id, at)
	if err != nil || n == 0 {
		return false, err
	}
	// A pause outlives it: who comes back finds the shop as it was left.
	_, err = tx.exec(`UPDATE shops SET state = 'closed', rev = rev + 1 WHERE id = $1 AND state <> 'paused'
		AND NOT EXISTS (SELECT 1 FROM connections WHERE shop_id = $1 AND closed_at = 0)`, shop)
	return true, err
}

// Ties returns the shop's open connections by platform, the oldest where there are several.
func (tx *Tx) Ties(shop commerce.ShopID) (map[commerce.Platform]commerce.Connection, error) {
	var rows []struct {
		ID       string `db:"id"`
		Platform string `db:"platform"`
		Epoch    int64  `db:"epoch"`
	}
	err := tx.all(&rows, `SELECT id, platform, epoch FROM connections WHERE shop_id = $1 AND closed_at = 0 ORDER BY installed_at DESC, id DESC`, shop)
	out := map[commerce.Platform]commerce.Connection{}
	for _, r := range rows {
		p := commerce.Platform(r.Platform)
		out[p] = commerce.Connection{ID: commerce.ConnectionID(r.ID), ShopID: shop, Platform: p, Epoch: r.Epoch}
	}
	return out, err
}

// PausedAll reports whether the stop switch for every shop is on.
func (tx *Tx) PausedAll() (bool, error) { return tx.pausedAll() }
