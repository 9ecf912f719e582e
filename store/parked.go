package store

import (
	"context"

	"flywheel/commerce"
	"flywheel/fault"
)

// Parked is an outward act of which nobody knows whether it went out.
type Parked struct {
	ID       EffectID          `db:"id"`
	Campaign string            `db:"campaign_id"`
	Step     string            `db:"step_id"`
	Person   commerce.PersonID `db:"person_id"`
	Order    commerce.OrderID  `db:"order_id"`
	Since    commerce.Instant  `db:"done_at"`
	Note     string            `db:"note"`
}

// ParkedEffects lists a shop's unknown effects by id after the id after, at most limit.
func (s *Store) ParkedEffects(ctx context.Context, shop commerce.ShopID, after EffectID, limit int) ([]Parked, error) {
	var out []Parked
	err := s.query(ctx).all(&out, `SELECT id, campaign_id, step_id, person_id, order_id, done_at, note FROM effects
		WHERE shop_id = $1 AND parked = 1 AND id > $2 ORDER BY id LIMIT $3`, shop, after, limit)
	return out, err
}

// TreatAsSent says of an unknown effect that it went out. One that is not
// unknown is fault.NotFound.
func (s *Store) TreatAsSent(ctx context.Context, shop commerce.ShopID, id EffectID) error {
	n, err := s.exec(ctx, `UPDATE effects SET state = 'sent', parked = 0, note = 'treated as sent', done_at = $3
		WHERE shop_id = $1 AND id = $2 AND state = 'unknown'`, shop, id, s.Now())
	if err == nil && n == 0 {
		err = fault.New(fault.NotFound, "there is no unknown send %s", id)
	}
	return err
}

// resendUnknown opens the effect for another claim, which keeps its id.
const resendUnknown = `UPDATE effects SET state = 'withdrawn', parked = 0, note = 'to be sent again', done_at = $3
	WHERE shop_id = $1 AND id = $2 AND state = 'unknown' RETURNING enrollment_id, step_id`

// Resend lets an unknown effect be decided again from now on: its enrollment
// goes back to the step, and behind it finds its later steps done. One that is
// not unknown is fault.NotFound, one whose enrollment is at work fault.Conflict.
func (s *Store) Resend(ctx context.Context, shop commerce.ShopID, id EffectID) error {
	return s.Transact(ctx, func(tx *Tx) error { return tx.Resend(shop, id) })
}

// Resend is Store.Resend inside a transaction.
func (tx *Tx) Resend(shop commerce.ShopID, id EffectID) error {
	var enrollment, step string
	now := tx.store.Now()
	found, err := tx.one([]any{&enrollment, &step}, resendUnknown, shop, id, now)
	if err == nil && !found {
		err = fault.New(fault.NotFound, "there is no unknown send %s", id)
	}
	if err != nil {
		return err
	}
	n, err := tx.exec(`UPDATE enrollments SET state = 'active', reason = '', step_id = $3, step_anchor = $4, due_at = $4, rev = rev + 1
		WHERE shop_id = $1 AND id = $2 AND queue = 0`, shop, enrollment, step, now)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "the campaign of %s is at work for this person just now; try again in a minute", id)
	}
	return err
}

// Quarantine is a delivery that could not be read, with the reason.
type Quarantine struct {
	ID         commerce.DeliveryID `db:"id"`
	Platform   commerce.Platform   `db:"platform"`
	Topic      string              `db:"topic"`
	ReceivedAt commerce.Instant    `db:"received_at"`
	Note       string              `db:"note"`
}

// Quarantined lists a shop's deliveries that could not be read by id after the id after, at most limit.
func (s *Store) Quarantined(ctx context.Context, shop commerce.ShopID, after commerce.DeliveryID, limit int) ([]Quarantine, error) {
	var out []Quarantine
	err := s.query(ctx).all(&out, `SELECT id, platform, topic, received_at, note FROM inbox
		WHERE shop_id = $1 AND state = 2 AND id > $2 ORDER BY id LIMIT $3`, shop, after, limit)
	return out, err
}

// WhoIs finds a person by address, else by the platform's id of an order:
// a Shopify order id, or pi_..., in_..., cs_..., ch_... of Stripe. Nobody is fault.NotFound.
func (s *Store) WhoIs(ctx context.Context, shop commerce.ShopID, email, order string) (commerce.PersonID, error) {
	var id string
	q := s.query(ctx)
	found, err := false, error(nil)
	if email != "" {
		found, err = q.one([]any{&id}, `SELECT person_id FROM identities WHERE shop_id = $1 AND kind = 'email' AND value = $2`, shop, email)
	} else {
		found, err = q.one([]any{&id}, `SELECT o.person_id FROM order_keys k JOIN orders o ON o.shop_id = k.shop_id AND o.id = k.order_id
			WHERE k.shop_id = $1 AND k.external_id = $2 AND o.person_id <> ''`, shop, order)
	}
	if err == nil && !found {
		err = fault.New(fault.NotFound, "nobody in this shop is known by that")
	}
	if err != nil {
		return "", err
	}
	persons, err := q.persons(shop, []commerce.PersonID{commerce.PersonID(id)}, "")
	return persons[commerce.PersonID(id)].ID, err
}
