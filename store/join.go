package store

import (
	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
)

// joinRow is an enrollment of one of two orders that are one purchase.
type joinRow struct {
	ID       string `db:"id"`
	Campaign string `db:"campaign_id"`
	Order    string `db:"order_id"`
	Sent     int64  `db:"sent"` // outward acts that have happened or may have
}

// JoinEnrollments gives what hangs on an order to another that is the same
// purchase. Of two enrollments of one campaign the one that has sent stays,
// else the older; the other ends, so that nobody is thanked twice.
func (tx *Tx) JoinEnrollments(shop commerce.ShopID, from, into commerce.OrderID) error {
	both := list(&tx.query, []commerce.OrderID{from, into})
	if _, err := tx.scalars(`SELECT id FROM enrollments WHERE shop_id = $1 AND order_id `+tx.in(2)+` ORDER BY id`+tx.forUpdate(), shop, both); err != nil {
		return err
	}
	// Claims are taken back first. That writes the very rows a send begins with, so
	// a send that is just beginning is either seen below or finds its claim gone.
	if _, err := tx.exec(`UPDATE effects SET state = 'withdrawn', note = 'two orders are one purchase', done_at = $3 WHERE shop_id = $1 AND state = 'claimed'
		AND enrollment_id IN (SELECT id FROM enrollments WHERE shop_id = $1 AND order_id `+tx.in(2)+`)`, shop, both, tx.store.Now()); err != nil {
		return err
	}
	var rows []joinRow
	err := tx.all(&rows, `SELECT e.id, e.campaign_id, e.order_id, (SELECT COUNT(*) FROM effects f WHERE f.shop_id = $1 AND f.enrollment_id = e.id
			AND f.state IN ('sending', 'sent', 'unknown', 'failed')) AS sent
		FROM enrollments e WHERE e.shop_id = $1 AND e.order_id `+tx.in(2)+` ORDER BY e.id`, shop, both)
	if err != nil {
		return err
	}
	for _, loser := range losers(rows) {
		if _, err := tx.exec(`UPDATE enrollments SET state = 'ended', reason = $3, rev = rev + 1, queue = CASE WHEN queue = 1 THEN 0 ELSE queue END WHERE shop_id = $1 AND id = $2 AND state = 'active'`,
			shop, loser, gate.SamePurchase); err != nil {
			return err
		}
		if err := tx.CloseEffects(shop, campaign.EnrollmentID(loser), Withdrawn, string(gate.SamePurchase)); err != nil {
			return err
		}
	}
	_, err = tx.exec(`UPDATE enrollments SET order_id = $3, rev = rev + 1, due_at = $4 WHERE shop_id = $1 AND order_id = $2`, shop, from, into, tx.store.Now())
	if err != nil {
		return err
	}
	_, err = tx.exec(`UPDATE enrollments SET entry_key = $3 WHERE shop_id = $1 AND order_id = $4 AND entry_key = $2 AND NOT EXISTS (SELECT 1 FROM enrollments o
		WHERE o.shop_id = $1 AND o.campaign_id = enrollments.campaign_id AND o.entry_key = $3)`,
		shop, campaign.EntryKey(from), campaign.EntryKey(into), into)
	return err
}

// losers picks those that end: all but one of a campaign.
func losers(rows []joinRow) (out []string) {
	best := map[string]joinRow{}
	for _, r := range rows {
		if b, seen := best[r.Campaign]; !seen || r.Sent > 0 && b.Sent == 0 {
			best[r.Campaign] = r
		}
	}
	for _, r := range rows {
		if best[r.Campaign].ID != r.ID {
			out = append(out, r.ID)
		}
	}
	return out
}

// ReopenEnrollments takes up again, where they stood, enrollments of these
// orders that ended for a reason which later facts have taken back.
func (tx *Tx) ReopenEnrollments(shop commerce.ShopID, orders []commerce.OrderID) error {
	if len(orders) == 0 {
		return nil
	}
	var rows []struct {
		ID     string `db:"id"`
		Reason string `db:"reason"`
	}
	if err := tx.all(&rows, `SELECT id, reason FROM enrollments WHERE shop_id = $1 AND state = 'ended' AND order_id `+tx.in(2)+` ORDER BY id`+tx.forUpdate(),
		shop, list(&tx.query, orders)); err != nil {
		return err
	}
	for _, r := range rows {
		if !gate.Reason(r.Reason).Reversible() {
			continue
		}
		if _, err := tx.exec(`UPDATE enrollments SET state = 'active', reason = '', due_at = $3, rev = rev + 1 WHERE shop_id = $1 AND id = $2`,
			shop, r.ID, tx.store.Now()); err != nil {
			return err
		}
	}
	return nil
}

// DeleteEvent takes back an event that another row of the same purchase tells.
func (tx *Tx) DeleteEvent(shop commerce.ShopID, kind commerce.EventKind, subject string) error {
	_, err := tx.exec(`DELETE FROM events WHERE shop_id = $1 AND kind = $2 AND subject = $3`, shop, kind, subject)
	return err
}
