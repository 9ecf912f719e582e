package store

import "flywheel/commerce"

// keeps selects the open connections of shop $1 that count: the live ones or,
// where it never had a live one, those of the test mode. Who has left with what
// is live does not stay for the sake of a test.
const keeps = `SELECT 1 FROM connections WHERE shop_id = $1 AND closed_at = 0 AND live = (SELECT MAX(live) FROM connections WHERE shop_id = $1)`

// CloseConnection ends a connection that was last connected before at; a late
// uninstall of an earlier install changes nothing and gives false. With the last
// live connection at a platform the test connections there end too, and with the
// shop's last live one all of them, and the shop closes. Of a Stripe account
// nobody asks anything afterwards, so what key and secrets it had are forgotten
// at once.
func (tx *Tx) CloseConnection(shop commerce.ShopID, id commerce.ConnectionID, at commerce.Instant) (bool, error) {
	var c commerce.Connection
	closed, err := tx.one([]any{&c.Platform, &c.Live}, `UPDATE connections SET closed_at = $3, epoch = epoch + 1
		WHERE shop_id = $1 AND id = $2 AND closed_at = 0 AND granted_at <= $3 RETURNING platform, live`, shop, id, at)
	if err != nil || !closed {
		return false, err
	}
	if err := tx.settleClosed(shop, id, c.Platform); err != nil {
		return false, err
	}
	if c.Live {
		if err := tx.closeTests(shop, c.Platform, at); err != nil {
			return false, err
		}
	}
	// A pause outlives it: who comes back finds the shop as it was left.
	_, err = tx.exec(`UPDATE shops SET state = 'closed', rev = rev + 1 WHERE id = $1 AND state <> 'paused' AND NOT EXISTS (`+keeps+`)`, shop)
	return true, err
}

// closeTests ends what is left of the test mode where nothing live is, at a platform or at all.
func (tx *Tx) closeTests(shop commerce.ShopID, p commerce.Platform, at commerce.Instant) error {
	var rows []struct {
		ID       commerce.ConnectionID `db:"id"`
		Platform commerce.Platform     `db:"platform"`
	}
	err := tx.all(&rows, `UPDATE connections SET closed_at = $3, epoch = epoch + 1 WHERE shop_id = $1 AND live = 0 AND closed_at = 0 AND granted_at <= $3
		AND NOT EXISTS (SELECT 1 FROM connections o WHERE o.shop_id = $1 AND o.live = 1 AND o.closed_at = 0 AND (o.platform = $2 OR connections.platform <> $2))
		RETURNING id, platform`, shop, p, at)
	for _, r := range rows {
		if err == nil {
			err = tx.settleClosed(shop, r.ID, r.Platform)
		}
	}
	return err
}

// settleClosed lets the rows of a closed connection rest, and forgets what a Stripe account had.
func (tx *Tx) settleClosed(shop commerce.ShopID, id commerce.ConnectionID, p commerce.Platform) error {
	if err := tx.rest(shop, id); err != nil || p != commerce.Stripe {
		return err
	}
	k, err := tx.dataKey(shop)
	if err != nil {
		return err
	}
	return tx.forgetGrant(k, shop, id)
}

// EndConnection ends a connection now, as its merchant wishes, whatever another
// process's clock said when it was connected. false: it is closed, or there is none.
func (tx *Tx) EndConnection(shop commerce.ShopID, id commerce.ConnectionID) (bool, error) {
	var granted commerce.Instant
	found, err := tx.one([]any{&granted}, `SELECT granted_at FROM connections WHERE shop_id = $1 AND id = $2 AND closed_at = 0`+tx.forUpdate(), shop, id)
	if err != nil || !found {
		return false, err
	}
	return tx.CloseConnection(shop, id, max(tx.Now(), granted))
}
