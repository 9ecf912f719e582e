package store

import (
	"cmp"
	"strings"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
)

// JoinEnrollments gives what hangs on an order to another that is the same
// purchase. Of two enrollments that come to have one key the one that has sent
// stays, else the one whose cause is older; the other ends, so that nobody is thanked twice.
func (tx *Tx) JoinEnrollments(shop commerce.ShopID, from, into commerce.OrderID) error {
	both := list(&tx.query, []commerce.OrderID{from, into})
	rows, err := tx.keyRows(shop, `order_id `+tx.in(2), both)
	if err != nil {
		return err
	}
	// Claims are taken back first. That writes the very rows a send begins with, so
	// a send that is just beginning is either seen below or finds its claim gone.
	if _, err := tx.exec(`UPDATE effects SET state = 'withdrawn', note = 'two orders are one purchase', done_at = $3 WHERE shop_id = $1 AND state = 'claimed'
		AND enrollment_id IN (SELECT id FROM enrollments WHERE shop_id = $1 AND order_id `+tx.in(2)+`)`, shop, both, tx.store.Now()); err != nil {
		return err
	}
	if err := tx.rename(shop, rows, string(from), string(into), gate.SamePurchase); err != nil {
		return err
	}
	for _, text := range []string{
		`UPDATE enrollments SET order_id = $3, cause = REPLACE(cause, $2, $3), rev = rev + 1, due_at = $4 WHERE shop_id = $1 AND order_id = $2`,
		`UPDATE tasks SET order_id = $3 WHERE shop_id = $1 AND order_id = $2 AND created_at <= $4`,
		`UPDATE passes SET order_id = $3 WHERE shop_id = $1 AND order_id = $2 AND at <= $4 AND enrollment_id IN (SELECT id FROM enrollments WHERE shop_id = $1 AND order_id = $3)`,
	} {
		if _, err := tx.exec(text, shop, from, into, tx.store.Now()); err != nil {
			return err
		}
	}
	return nil
}

// joinOnce lets the enrollments whose keys name a person name whom that person,
// whose circle is given, was merged into. Who has entered once as either has entered.
func (tx *Tx) joinOnce(shop commerce.ShopID, circle []commerce.PersonID, from, into commerce.PersonID) error {
	rows, err := tx.keyRows(shop, `person_id `+tx.in(2)+` AND entry_key LIKE $3`, list(&tx.query, circle), "%"+string(from)+"%")
	if err != nil {
		return err
	}
	return tx.rename(shop, rows, string(from), string(into), gate.AlreadyIn)
}

// keyRow is an enrollment whose key may become another's.
type keyRow struct {
	ID       string `db:"id"`
	Campaign string `db:"campaign_id"`
	Key      string `db:"entry_key"`
	Anchor   int64  `db:"anchor"`
}

// keyRows locks and reads enrollments; where has the shop as $1 and args from $2 on.
func (tx *Tx) keyRows(shop commerce.ShopID, where string, args ...any) ([]keyRow, error) {
	var rows []keyRow
	err := tx.all(&rows, `SELECT id, campaign_id, entry_key, anchor FROM enrollments WHERE shop_id = $1 AND `+where+` ORDER BY id`+tx.forUpdate(),
		append([]any{shop}, args...)...)
	return rows, err
}

// rename puts into in the place of from in the keys of rows. Where another
// enrollment has that key, one of the two ends for reason.
func (tx *Tx) rename(shop commerce.ShopID, rows []keyRow, from, into string, reason gate.Reason) error {
	const setKey = `UPDATE enrollments SET entry_key = $3 WHERE shop_id = $1 AND id = $2`
	for _, r := range rows {
		key := strings.ReplaceAll(r.Key, from, into)
		if key == r.Key {
			continue
		}
		others, err := tx.keyRows(shop, `campaign_id = $2 AND entry_key = $3`, r.Campaign, key)
		if err != nil {
			return err
		}
		if len(others) == 1 {
			stays, ends, err := tx.settle(shop, others[0], r)
			if err != nil {
				return err
			}
			if err := tx.endDouble(shop, ends.ID, reason); err != nil {
				return err
			}
			if stays.ID != r.ID {
				continue
			}
			if _, err := tx.exec(setKey, shop, ends.ID, key+"~"+ends.ID); err != nil {
				return err
			}
		}
		if _, err := tx.exec(setKey, shop, r.ID, key); err != nil {
			return err
		}
	}
	return nil
}

// settle says which of two stays: the one that has sent, else the one whose cause is older.
func (tx *Tx) settle(shop commerce.ShopID, a, b keyRow) (stays, ends keyRow, err error) {
	sent := func(r keyRow) (n int64) {
		if err == nil {
			_, err = tx.one([]any{&n}, `SELECT COUNT(*) FROM effects WHERE shop_id = $1 AND enrollment_id = $2
				AND state IN ('sending', 'sent', 'unknown', 'failed')`, shop, r.ID)
		}
		return min(n, 1)
	}
	if cmp.Or(cmp.Compare(sent(a), sent(b)), cmp.Compare(b.Anchor, a.Anchor), cmp.Compare(b.ID, a.ID)) < 0 {
		a, b = b, a
	}
	return a, b, err
}

// endDouble ends one of two enrollments that are one.
func (tx *Tx) endDouble(shop commerce.ShopID, id string, reason gate.Reason) error {
	if _, err := tx.exec(`UPDATE enrollments SET state = 'ended', reason = $3, rev = rev + 1, queue = CASE WHEN queue = 1 THEN 0 ELSE queue END
		WHERE shop_id = $1 AND id = $2 AND state = 'active'`, shop, id, reason); err != nil {
		return err
	}
	return tx.CloseEffects(shop, campaign.EnrollmentID(id), Withdrawn, string(reason))
}

// ReopenEnrollments takes up again, where they stood, enrollments of these
// orders that ended for a reason which later facts have taken back.
func (tx *Tx) ReopenEnrollments(shop commerce.ShopID, orders []commerce.OrderID) error {
	if len(orders) == 0 {
		return nil
	}
	return tx.reopen(shop, `order_id `+tx.in(2), list(&tx.query, orders))
}

// Reopen is ReopenEnrollments for single ones.
func (tx *Tx) Reopen(shop commerce.ShopID, ids []campaign.EnrollmentID) error {
	if len(ids) == 0 {
		return nil
	}
	return tx.reopen(shop, `id `+tx.in(2), list(&tx.query, ids))
}

func (tx *Tx) reopen(shop commerce.ShopID, where string, arg any) error {
	var rows []struct {
		ID     string `db:"id"`
		Reason string `db:"reason"`
	}
	if err := tx.all(&rows, `SELECT id, reason FROM enrollments WHERE shop_id = $1 AND state = 'ended' AND `+where+` ORDER BY id`+tx.forUpdate(),
		shop, arg); err != nil {
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
