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
	ID             string `db:"id"`
	ShopID         string `db:"shop_id"`
	Platform       string `db:"platform"`
	ExternalID     string `db:"external_id"`
	Live           int64  `db:"live"`
	OwnAccount     int64  `db:"own_account"`
	Secrets        []byte `db:"secrets"`
	Token          []byte `db:"token"`
	Epoch          int64  `db:"epoch"`
	InstalledAt    int64  `db:"installed_at"`
	ClosedAt       int64  `db:"closed_at"`
	PlatformID     string `db:"platform_id"`
	TokenExpiresAt int64  `db:"token_expires_at"`
	TokenState     string `db:"token_state"`
	RefusedKey     string `db:"refused_key"`
	Scopes         string `db:"scopes"`
}

const connectionColumns = `id, shop_id, platform, external_id, live, own_account, secrets, token, epoch, installed_at, closed_at,
	platform_id, token_expires_at, token_state, refused_key, scopes`

// Connect ties shop to a platform account with a token that does not expire, or
// none. An account that was tied to this shop before is opened again with a new
// epoch. It is fault.Conflict where the account is open in another shop, or
// another connection is the own account.
func (s *Store) Connect(ctx context.Context, shop commerce.ShopID, c commerce.Connection) (id commerce.ConnectionID, err error) {
	err = s.Transact(ctx, func(tx *Tx) (err error) {
		id, err = tx.connect(shop, c, commerce.Grant{Access: c.Token, Scopes: c.Scopes}, c.InstalledAt)
		return err
	})
	return id, err
}

// connect is Connect with tokens of any kind; seen is when the account was surely connected.
func (tx *Tx) connect(shop commerce.ShopID, c commerce.Connection, g commerce.Grant, seen commerce.Instant) (commerce.ConnectionID, error) {
	if err := tx.mayConnect(shop, c); err != nil {
		return "", err
	}
	old, found, err := tx.account(c)
	if err != nil {
		return "", err
	}
	if found && old.ShopID != shop && old.Open() {
		return "", fault.New(fault.Conflict, "%s %s is connected to another shop", c.Platform, c.ExternalID)
	}
	if c.ID = old.ID; !found {
		c.ID = commerce.ConnectionID(NewID())
	}
	c.ShopID = shop
	if err := errors.Join(tx.tie(c, g, seen), tx.wake(shop, c.ID)); err != nil {
		return "", err
	}
	_, err = tx.exec(`UPDATE shops SET leading_platform = CASE WHEN leading_platform = '' OR $2 = 'shopify' THEN $2 ELSE leading_platform END,
		state = CASE WHEN state = 'closed' AND EXISTS (`+keeps+`) THEN 'active' ELSE state END, rev = rev + 1 WHERE id = $1`, shop, c.Platform)
	return c.ID, err
}

// account finds, without opening what is sealed, the connection of c's account in whichever shop it is.
func (tx *Tx) account(c commerce.Connection) (commerce.Connection, bool, error) {
	found, err := tx.one([]any{&c.ID, &c.ShopID, &c.Epoch, &c.ClosedAt}, `SELECT id, shop_id, epoch, closed_at FROM connections
		WHERE platform = $1 AND external_id = $2 AND live = $3`+tx.forUpdate(), c.Platform, c.ExternalID, c.Live)
	return c, found, err
}

// tie writes the row. Nobody else's is taken over: where another made one of the
// account meanwhile, its id differs and nothing is written.
func (tx *Tx) tie(c commerce.Connection, g commerce.Grant, seen commerce.Instant) error {
	k, err := tx.dataKey(c.ShopID)
	if err != nil {
		return err
	}
	secrets, err := sealSecrets(k, c)
	if err != nil {
		return err
	}
	token, refresh, err := sealGrant(k, c.ID, g)
	if err != nil {
		return err
	}
	n, err := tx.exec(`INSERT INTO connections (id, shop_id, platform, external_id, live, own_account, secrets, epoch, installed_at, granted_at, closed_at,
		platform_id, token, refresh_token, token_expires_at, refresh_expires_at, refreshed_at, scopes, token_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 1, $8, $9, 0, $10, $11, $12, $13, $14, $15, $16, $9)
		ON CONFLICT (platform, external_id, live) DO UPDATE SET shop_id = excluded.shop_id, own_account = excluded.own_account,
		secrets = excluded.secrets, token = excluded.token, refresh_token = excluded.refresh_token, token_expires_at = excluded.token_expires_at,
		refresh_expires_at = excluded.refresh_expires_at, refreshed_at = excluded.refreshed_at, token_at = excluded.token_at, token_state = '', refused_at = 0, refused_key = '', asked_at = 0, scopes = excluded.scopes,
		refresh_owner = '', refresh_until = 0, epoch = connections.epoch + 1,
		platform_id = CASE WHEN excluded.platform_id <> '' THEN excluded.platform_id ELSE connections.platform_id END,
		installed_at = CASE WHEN connections.closed_at = 0 AND connections.shop_id = excluded.shop_id
			THEN connections.installed_at ELSE excluded.installed_at END, granted_at = excluded.granted_at, closed_at = 0
		WHERE connections.id = excluded.id`,
		c.ID, c.ShopID, c.Platform, c.ExternalID, c.Live, c.OwnAccount, secrets, c.InstalledAt, seen,
		c.PlatformID, token, refresh, g.ExpiresAt, g.RefreshExpiresAt, realNow(), joined(g.Scopes))
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "%s %s was connected to another shop a moment ago", c.Platform, c.ExternalID)
	}
	return err
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

func sealSecrets(k *dataKey, c commerce.Connection) ([]byte, error) {
	data, err := json.Marshal(c.Secrets)
	if err != nil {
		return nil, err
	}
	return k.seal(data, "secrets "+string(c.ID))
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
		PlatformID: row.PlatformID, TokenExpiresAt: commerce.Instant(row.TokenExpiresAt), TokenState: commerce.TokenState(row.TokenState),
		RefusedKey: row.RefusedKey, Scopes: apart(row.Scopes),
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

// Ties returns the shop's open connections by platform, a live one before a test one, and the oldest where there are several.
func (tx *Tx) Ties(shop commerce.ShopID) (map[commerce.Platform]commerce.Connection, error) {
	var rows []struct {
		ID       string `db:"id"`
		Platform string `db:"platform"`
		Epoch    int64  `db:"epoch"`
	}
	err := tx.all(&rows, `SELECT id, platform, epoch FROM connections WHERE shop_id = $1 AND closed_at = 0 ORDER BY live, installed_at DESC, id DESC`, shop)
	out := map[commerce.Platform]commerce.Connection{}
	for _, r := range rows {
		p := commerce.Platform(r.Platform)
		out[p] = commerce.Connection{ID: commerce.ConnectionID(r.ID), ShopID: shop, Platform: p, Epoch: r.Epoch}
	}
	return out, err
}

// PausedAll reports whether the stop switch for every shop is on.
func (tx *Tx) PausedAll() (bool, error) { return tx.pausedAll() }
