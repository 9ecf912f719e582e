package store

import (
	"context"
	"time"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/fault"
)

// SetCampaignState changes a campaign's state. Each time it goes live, or into
// rehearsal, what happened before enrolls nobody, and what a pause held is
// looked at again. reason says why it is paused; "" = somebody wished it.
// Going live out of a rehearsal ends the walks of the rehearsal. To be live once
// more changes nothing.
func (s *Store) SetCampaignState(ctx context.Context, shop commerce.ShopID, id campaign.CampaignID, state campaign.State, reason gate.Reason) error {
	if state == campaign.Live {
		for ended := rehearsalStep; ended == rehearsalStep; {
			if err := s.Transact(ctx, func(tx *Tx) (err error) {
				ended, err = tx.endRehearsal(shop, id)
				return err
			}); err != nil {
				return err
			}
		}
	}
	return s.Transact(ctx, func(tx *Tx) error { return tx.SetCampaignState(shop, id, state, reason) })
}

// SetCampaignState is Store.SetCampaignState inside a transaction. It ends at most 500 walks of a rehearsal.
func (tx *Tx) SetCampaignState(shop commerce.ShopID, id campaign.CampaignID, state campaign.State, reason gate.Reason) error {
	var old string
	found, err := tx.one([]any{&old}, `SELECT state FROM campaigns WHERE shop_id = $1 AND id = $2`+tx.forUpdate(), shop, id)
	if err == nil && !found {
		err = fault.New(fault.NotFound, "there is no campaign %s in this shop", id)
	}
	if err != nil || old == string(state) {
		return err
	}
	if state != campaign.Paused {
		reason = ""
	}
	if _, err := tx.exec(`UPDATE campaigns SET state = $3, paused_reason = $4, rev = rev + 1,
		live_at = CASE WHEN $3 IN ('live', 'rehearsal') THEN $5 ELSE live_at END,
		paused_at = CASE WHEN $3 = 'paused' AND resumed_at <= $6 THEN $5 ELSE paused_at END,
		resumed_at = CASE WHEN $3 = 'paused' THEN 0 WHEN $3 IN ('live', 'rehearsal') AND state IN ('paused', 'archived') THEN $5 ELSE resumed_at END
		WHERE shop_id = $1 AND id = $2`, shop, id, state, reason, tx.store.Now(), tx.store.Now().Add(-samePause)); err != nil {
		return err
	}
	if state != campaign.Live && state != campaign.Rehearsal {
		return nil
	}
	if state == campaign.Live {
		if _, err := tx.endRehearsal(shop, id); err != nil {
			return err
		}
	}
	return tx.TouchShop(shop)
}

// samePause is how soon after the end of a pause another is the same one: what
// waited through the first has not had its chance.
const samePause = 24 * time.Hour

// rehearsalStep is how many walks of a rehearsal one transaction ends.
const rehearsalStep = 500

// endRehearsal ends walks of a rehearsal and frees their entry keys, so that the same persons may enter in earnest.
func (tx *Tx) endRehearsal(shop commerce.ShopID, id campaign.CampaignID) (int, error) {
	ids, err := tx.scalars(`SELECT id FROM enrollments WHERE shop_id = $1 AND campaign_id = $2 AND rehearsal = 1 ORDER BY id LIMIT $3`+tx.forUpdate(), shop, id, rehearsalStep)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	these := list(&tx.query, ids)
	if _, err := tx.exec(`UPDATE enrollments SET rehearsal = 2, entry_key = entry_key || '~' || id, rev = rev + 1,
		reason = CASE WHEN state = 'active' THEN $3 ELSE reason END, state = 'ended', queue = CASE WHEN queue = 1 THEN 0 ELSE queue END
		WHERE shop_id = $1 AND id `+tx.in(2), shop, these, gate.RehearsalOver); err != nil {
		return 0, err
	}
	_, err = tx.exec(`UPDATE effects SET state = 'withdrawn', note = $3, done_at = $4
		WHERE shop_id = $1 AND enrollment_id `+tx.in(2)+` AND state IN ('claimed', 'retry', 'withdrawn')`, shop, these, gate.RehearsalOver, tx.store.Now())
	return len(ids), err
}

// Standing is what a campaign is up to.
type Standing struct {
	State        campaign.State
	PausedReason gate.Reason      // why it is paused; "" = somebody wished it, or it is not
	PausedAt     commerce.Instant // beginning and
	ResumedAt    commerce.Instant // end of its last pause; 0 = there was none, or it has not ended
	LiveAt       commerce.Instant
}

// CampaignStates returns what these campaigns of a shop are up to.
func (tx *Tx) CampaignStates(shop commerce.ShopID, ids []campaign.CampaignID) (map[campaign.CampaignID]Standing, error) {
	var rows []struct {
		ID        string `db:"id"`
		State     string `db:"state"`
		Reason    string `db:"paused_reason"`
		PausedAt  int64  `db:"paused_at"`
		ResumedAt int64  `db:"resumed_at"`
		LiveAt    int64  `db:"live_at"`
	}
	err := tx.all(&rows, `SELECT id, state, paused_reason, paused_at, resumed_at, live_at FROM campaigns WHERE shop_id = $1 AND id `+tx.in(2), shop, list(&tx.query, ids))
	out := make(map[campaign.CampaignID]Standing, len(rows))
	for _, r := range rows {
		out[campaign.CampaignID(r.ID)] = Standing{
			State: campaign.State(r.State), PausedReason: gate.Reason(r.Reason), PausedAt: commerce.Instant(r.PausedAt),
			ResumedAt: commerce.Instant(r.ResumedAt), LiveAt: commerce.Instant(r.LiveAt),
		}
	}
	return out, err
}

// FuseFigures counts what a campaign's mails since an instant led to, without
// its rehearsals. A campaign of order mails asks for nothing and has no figures.
func (s *Store) FuseFigures(ctx context.Context, shop commerce.ShopID, id campaign.CampaignID, since commerce.Instant) (gate.Figures, error) {
	var f gate.Figures
	// A refund is looked up by the order's person: their events are few.
	bounced := func(kinds string) string {
		return `COALESCE(SUM(CASE WHEN f.address_hash <> '' AND (SELECT COUNT(*) FROM bounces b WHERE b.shop_id = f.shop_id AND b.address_hash = f.address_hash
				AND b.effect_id = f.id AND b.kind IN (` + kinds + `)) > 0 THEN 1 ELSE 0 END), 0)`
	}
	_, err := s.query(ctx).one([]any{&f.Sends, &f.Failures, &f.Unsubscribes, &f.Refunds, &f.Bounces, &f.Complaints}, `SELECT COUNT(*),
			COALESCE(SUM(CASE WHEN f.state = 'failed' THEN 1 ELSE 0 END), 0),
			COALESCE(SUM(CASE WHEN (SELECT COUNT(*) FROM suppressions u WHERE u.shop_id = f.shop_id AND u.address_hash = f.address_hash
				AND u.effect_id = f.id) > 0 THEN 1 ELSE 0 END), 0),
			COUNT(DISTINCT CASE WHEN f.order_id <> '' AND (SELECT COUNT(*) FROM orders o JOIN events v ON v.shop_id = o.shop_id AND v.person_id = o.person_id
				WHERE o.shop_id = f.shop_id AND o.id = f.order_id AND v.occurred_at > f.sending_at AND v.order_id = o.id AND v.kind || '' = 'refund_made') > 0 THEN f.order_id END),
			`+bounced(`'hard', 'block'`)+`, `+bounced(`'complaint'`)+`
		FROM effects f WHERE f.shop_id = $1 AND f.campaign_id = $2 AND f.claimed_at >= $3 AND f.class <> 'transactional' AND f.rehearsal = 0
			AND f.kind = 'send_email' AND f.state IN ('sent', 'unknown', 'failed')`, shop, id, since)
	return f, err
}
