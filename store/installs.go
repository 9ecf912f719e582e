package store

import (
	"context"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/fault"
)

// Installation is what comes of an app being installed in an account.
type Installation struct {
	Shop       commerce.Shop       // made where the account has none
	Connection commerce.Connection // Platform, ExternalID, Live, PlatformID and InstalledAt
	Grant      commerce.Grant
	// SeenAt is when the tokens were asked for, so the app was surely installed,
	// by the platform's clock: an uninstall told of from before is a former install's.
	SeenAt commerce.Instant
	Drafts []campaign.Definition // of a shop that is new
	// Into is the shop that the account joins; "" = its own, which is made where it has none.
	Into commerce.ShopID
	// Anew opens an open connection with a new epoch too, and without the key and
	// secrets that it had: for an account whose access was lost.
	Anew bool
}

// Installed is what Install did.
type Installed struct {
	Connection commerce.ConnectionID
	Shop       commerce.ShopID
	Made       bool // the shop is new
	Opened     bool // the connection is new, or was closed before
}

// Install makes the account's shop, its campaigns as drafts and its connection
// with both tokens, all or nothing. An account that was here before keeps its
// shop with campaigns and history: where its connection was closed it is opened
// with a new epoch, where it is open it gets the tokens and nothing else. The
// caller sees to it that one installs at a time; two at once never make two
// shops, one is fault.Conflict, and so is an account that is open in another shop
// than it is to join. A shop that is being erased is fault.Temporary.
func (s *Store) Install(ctx context.Context, in Installation) (Installed, error) {
	var out Installed
	err := s.Transact(ctx, func(tx *Tx) error {
		out = Installed{}
		old, found, err := tx.account(in.Connection)
		switch {
		case err != nil:
			return err
		case in.Into != "":
			out.Shop = in.Into
		case found && old.Open() && !in.Anew:
			out.Shop, out.Connection = old.ShopID, old.ID
			if err := tx.mayConnect(old.ShopID, old); err != nil {
				return err
			}
			return tx.replaceGrant(old, in)
		case found:
			out.Shop = old.ShopID
		case in.Shop.Name == "":
			return fault.New(fault.Temporary, "the shop was removed a moment ago; please open the app again")
		default:
			out.Made = true
			if out.Shop, err = tx.newShop(in.Shop, in.Drafts); err != nil {
				return err
			}
		}
		out.Opened = !found || !old.Open()
		if out.Connection, err = tx.connect(out.Shop, in.Connection, in.Grant, in.SeenAt); err != nil || !found || old.ShopID == out.Shop {
			return err
		}
		return tx.abandon(old)
	})
	if fault.Is(err, fault.NotFound) { // its data key is destroyed, its rows are not all gone
		err = fault.Wrap(fault.Temporary, err, "what was kept of this shop is being removed; please open the app again in an hour")
	}
	return out, err
}

// abandon has the shop that a closed connection was in erased, unless it has
// another: nobody could open it any more, nor ask that it be forgotten.
func (tx *Tx) abandon(old commerce.Connection) error {
	var n int
	if _, err := tx.one([]any{&n}, `SELECT COUNT(*) FROM connections WHERE shop_id = $1`, old.ShopID); err != nil || n > 0 {
		return err
	}
	_, err := tx.AddPrivacyRequest(old.ShopID, PrivacyRequest{Kind: commerce.EraseShop, Platform: old.Platform, ReceivedAt: old.ClosedAt, DueAt: tx.Now()})
	return err
}

func (tx *Tx) newShop(shop commerce.Shop, drafts []campaign.Definition) (commerce.ShopID, error) {
	id, err := tx.addShop(shop)
	for _, d := range drafts {
		if err == nil {
			_, err = tx.saveVersion(id, campaign.CampaignID(d.Name), d, Saving{State: campaign.Draft})
		}
	}
	return id, err
}

// replaceGrant gives an open connection other tokens. Whoever refreshes those of
// before loses the lease, and so keeps nothing.
func (tx *Tx) replaceGrant(c commerce.Connection, in Installation) error {
	k, err := tx.dataKey(c.ShopID)
	if err != nil {
		return err
	}
	token, refresh, err := sealGrant(k, c.ID, in.Grant)
	if err != nil {
		return err
	}
	_, err = tx.exec(`UPDATE connections SET token = $3, refresh_token = $4, token_expires_at = $5, refresh_expires_at = $6, refreshed_at = $7,
		token_state = '', refused_at = 0, refused_key = '', asked_at = 0, scopes = $8, refresh_owner = '', refresh_until = 0,
		platform_id = CASE WHEN $9 <> '' THEN $9 ELSE platform_id END, token_at = $10, granted_at = CASE WHEN granted_at < $10 THEN $10 ELSE granted_at END
		WHERE shop_id = $1 AND id = $2`,
		c.ShopID, c.ID, token, refresh, in.Grant.ExpiresAt, in.Grant.RefreshExpiresAt, realNow(), joined(in.Grant.Scopes), in.Connection.PlatformID, in.SeenAt)
	if err != nil {
		return err
	}
	return tx.wake(c.ShopID, c.ID)
}

// confirmStep, in ms, is how much later a proof of being installed must be to be
// noted. The pages of one opening are one proof; but who removes and installs
// again needs some seconds only, and the proof must be of after that.
const confirmStep = 2_000

// ConfirmInstall notes that the app is installed at an instant, as an ID token
// proves: an uninstall of before that is told of late closes nothing.
func (s *Store) ConfirmInstall(ctx context.Context, c commerce.Connection, at commerce.Instant) error {
	var known bool
	if _, err := s.query(ctx).one([]any{&known}, `SELECT granted_at >= $3 FROM connections WHERE shop_id = $1 AND id = $2`,
		c.ShopID, c.ID, at-confirmStep); err != nil || known {
		return err
	}
	_, err := s.exec(ctx, `UPDATE connections SET granted_at = $4 WHERE shop_id = $1 AND id = $2 AND epoch = $3 AND closed_at = 0 AND granted_at < $4`,
		c.ShopID, c.ID, c.Epoch, at)
	return err
}

// OutliveUninstall hears of an uninstall at an instant that closed nothing, since
// the app was opened after it. Tokens that were got before it ended with that
// install: they are revoked (true), so that the next opening gets others. The
// plan ended too, so the platform is asked. Nothing of this is so where the
// connection is closed. Both instants compared are business time, as granted_at is.
func (tx *Tx) OutliveUninstall(shop commerce.ShopID, id commerce.ConnectionID, at commerce.Instant) (bool, error) {
	c := commerce.Connection{ID: id, ShopID: shop}
	var got commerce.Instant
	found, err := tx.one([]any{&c.Epoch, &c.TokenExpiresAt, &got}, `SELECT epoch, token_expires_at, token_at FROM connections
		WHERE shop_id = $1 AND id = $2 AND platform = 'shopify' AND closed_at = 0 AND granted_at > $3`+tx.forUpdate(), shop, id, at)
	if err == nil && found {
		err = tx.askEntitlement(shop)
	}
	if err != nil || !found || got == 0 || got >= at {
		return false, err
	}
	return tx.revokeGrant(c)
}
