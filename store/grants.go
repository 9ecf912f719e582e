package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"flywheel/commerce"
)

// What a connection's tokens are kept by. Both tokens are sealed and written in
// one statement, since half a pair is worth nothing. Their instants and the lease
// are real time: the platform keeps it.

// sealGrant seals both tokens; the refresh token of a grant without one is empty and not sealed.
func sealGrant(k *dataKey, id commerce.ConnectionID, g commerce.Grant) (token, refresh []byte, err error) {
	if token, err = k.seal([]byte(g.Access), "token "+string(id)); err != nil || g.Refresh == "" {
		return token, []byte{}, err
	}
	refresh, err = k.seal([]byte(g.Refresh), "refresh "+string(id))
	return token, refresh, err
}

// LeaseRefresh lets owner alone refresh c's tokens for d of real time, and gives
// the refresh token. It gives "" where another has the lease, and where c no
// longer has the tokens the caller saw: who waited for the lease must not
// refresh once more.
func (s *Store) LeaseRefresh(ctx context.Context, c commerce.Connection, owner string, d time.Duration) (string, error) {
	var sealed []byte
	var found bool
	now := realNow()
	err := s.Transact(ctx, func(tx *Tx) (err error) {
		found, err = tx.one([]any{&sealed}, `UPDATE connections SET refresh_owner = $3, refresh_until = $4
			WHERE shop_id = $1 AND id = $2 AND epoch = $5 AND token_expires_at = $6 AND token_state = '' AND closed_at = 0
			AND LENGTH(refresh_token) > 0 AND (refresh_owner = $3 OR refresh_until < $7) RETURNING refresh_token`,
			c.ShopID, c.ID, owner, now.Add(d), c.Epoch, c.TokenExpiresAt, now)
		return err
	})
	if err != nil || !found {
		return "", err
	}
	k, err := s.dataKey(ctx, c.ShopID)
	if err != nil {
		return "", err
	}
	token, err := k.open(sealed, "refresh "+string(c.ID))
	return string(token), err
}

// SaveGrant keeps the tokens that owner got under its lease, and ends the lease.
// false: the lease was lost, or the app was uninstalled or installed anew
// meanwhile, and the tokens are not kept. A grant that names no scopes has those
// of before.
func (s *Store) SaveGrant(ctx context.Context, c commerce.Connection, owner string, g commerce.Grant) (bool, error) {
	k, err := s.dataKey(ctx, c.ShopID)
	if err != nil {
		return false, err
	}
	token, refresh, err := sealGrant(k, c.ID, g)
	if err != nil {
		return false, err
	}
	n, err := s.exec(ctx, `UPDATE connections SET token = $5, refresh_token = $6, token_expires_at = $7, refresh_expires_at = $8,
		refreshed_at = $9, token_at = $11, scopes = CASE WHEN $10 <> '' THEN $10 ELSE scopes END, refresh_owner = '', refresh_until = 0
		WHERE shop_id = $1 AND id = $2 AND epoch = $3 AND refresh_owner = $4 AND closed_at = 0`,
		c.ShopID, c.ID, c.Epoch, owner, token, refresh, g.ExpiresAt, g.RefreshExpiresAt, realNow(), joined(g.Scopes), s.Now())
	return n == 1, err
}

// ReleaseRefresh gives owner's lease back without new tokens.
func (s *Store) ReleaseRefresh(ctx context.Context, c commerce.Connection, owner string) error {
	_, err := s.exec(ctx, `UPDATE connections SET refresh_owner = '', refresh_until = 0 WHERE shop_id = $1 AND id = $2 AND refresh_owner = $3`,
		c.ShopID, c.ID, owner)
	return err
}

// RevokeGrant notes that the platform refuses c's tokens, or a key of ours that
// c.RefusedKey marks, with a finding for the merchant. The refresh token is
// forgotten. false: the connection has other tokens by now, or it was noted before.
func (s *Store) RevokeGrant(ctx context.Context, c commerce.Connection) (bool, error) {
	revoked := false
	err := s.Transact(ctx, func(tx *Tx) (err error) {
		revoked, err = tx.revokeGrant(c)
		return err
	})
	return revoked, err
}

func (tx *Tx) revokeGrant(c commerce.Connection) (bool, error) {
	n, err := tx.exec(`UPDATE connections SET token_state = $5, refresh_token = $6, refresh_expires_at = 0, refresh_owner = '', refresh_until = 0,
		refused_at = $7, refused_key = $8, asked_at = $7
		WHERE shop_id = $1 AND id = $2 AND epoch = $3 AND token_expires_at = $4 AND token_state = '' AND closed_at = 0`,
		c.ShopID, c.ID, c.Epoch, c.TokenExpiresAt, commerce.TokenRevoked, []byte{}, tx.store.Now(), c.RefusedKey)
	if err == nil && n == 0 && c.RefusedKey != "" { // another key of ours fares no better
		_, err = tx.exec(`UPDATE connections SET refused_key = $4 WHERE shop_id = $1 AND id = $2 AND epoch = $3 AND token_state = $5 AND closed_at = 0`,
			c.ShopID, c.ID, c.Epoch, c.RefusedKey, commerce.TokenRevoked)
	}
	if err != nil || n == 0 {
		return false, err
	}
	if err := tx.rest(c.ShopID, c.ID); err != nil {
		return false, err
	}
	words := "the platform no longer accepts the app's access: open the app once in the Shopify admin"
	if c.Platform == commerce.Stripe {
		words = "Stripe no longer gives the app access to the account: connect it once more"
	}
	if err := tx.AddNotice(c.ShopID, NoticeAccessRefused, fmt.Sprintf("%s %d", c.ID, tx.store.Now()), map[string]string{
		"Connection": string(c.ID), "Platform": map[commerce.Platform]string{commerce.Shopify: "Shopify", commerce.Stripe: "Stripe"}[c.Platform],
	}); err != nil {
		return false, err
	}
	return true, tx.AddFinding(c.ShopID, "token_revoked", string(c.ID), words)
}

// How long a pair that was tried is left alone: on the first day for an hour,
// then for a day. Both are a little less, since the runs are an hour apart.
const (
	retrySoon = 50 * time.Minute
	retryLate = 23*time.Hour + 30*time.Minute
)

// ConnectionsToRefresh lists at most limit open connections of all shops whose
// pair of tokens is older than age at now, which is real time: those that were
// tried the longest ago first. One that was tried lately is left out, so that
// those that fail take no turn of others.
func (s *Store) ConnectionsToRefresh(ctx context.Context, now commerce.Instant, age time.Duration, limit int) ([]commerce.ConnectionID, error) {
	before := now.Add(-age)
	ids, err := s.query(ctx).scalars(`SELECT id FROM connections WHERE refreshed_at < $1 AND refresh_expires_at > 0 AND closed_at = 0
		AND refresh_tried_at <= CASE WHEN refreshed_at < $2 THEN CAST($3 AS BIGINT) ELSE $4 END
		ORDER BY refresh_tried_at, refreshed_at, id LIMIT $5`, before, before.Add(-24*time.Hour), now.Add(-retryLate), now.Add(-retrySoon), limit)
	out := make([]commerce.ConnectionID, len(ids))
	for i, id := range ids {
		out[i] = commerce.ConnectionID(id)
	}
	return out, err
}

// NoteRefreshTry notes that a connection of ConnectionsToRefresh is tried at an
// instant of real time, whatever comes of it.
func (s *Store) NoteRefreshTry(ctx context.Context, id commerce.ConnectionID, at commerce.Instant) error {
	_, err := s.exec(ctx, `UPDATE connections SET refresh_tried_at = $2 WHERE id = $1`, id, at)
	return err
}

// joined writes scopes as they are kept.
func joined(scopes []string) string { return strings.Join(scopes, ",") }

// apart reads what joined wrote; "" is none.
func apart(scopes string) []string {
	if scopes == "" {
		return nil
	}
	return strings.Split(scopes, ",")
}
