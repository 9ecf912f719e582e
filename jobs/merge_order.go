package jobs

import (
	"time"

	"flywheel/commerce"
)

// thinTime is how long a purchase waits for a fuller description: Stripe tells
// of the bare payment first and of its lines and language a moment later.
const thinTime = 30 * time.Second

// described is the rank from which a Stripe detail knows language and address.
const described = 30

// stubPatience is how long a refund may wait for its order before we ask the platform.
const stubPatience = time.Hour

func (m *merge) apply(d decoded) error {
	var person *personWork
	if c := d.change.Order; c != nil {
		o, err := m.findOrder(*c)
		if err != nil {
			return err
		}
		person = m.orderPerson(o, *c, d.delivery)
		if err := m.mergeOrder(o, d); err != nil {
			return err
		}
		m.forgetWords(o, person)
	} else if f := d.change.Person; f != nil {
		person = m.findPerson(*f, d.delivery.Platform, dated(d.delivery, f.UpdatedAt))
	} else if d.change.Of != "" {
		person = m.persons[d.change.Of]
	}
	m.dropErased(d, person)
	m.keepConsents(d, person)
	m.happen(d, person)
	return m.applyRest(d)
}

// mergeOrder takes over what the source says and decides what follows for the row itself.
func (m *merge) mergeOrder(o *orderWork, d decoded) (err error) {
	c, unknown := *d.change.Order, o.Stub()
	if c.Origin, err = m.hashed(c.Origin); err != nil {
		return err
	}
	if !o.Merge(c, m.shop.Leading) && !o.fresh && !o.changed {
		m.rereadUnchanged(o, d)
		return nil
	}
	o.changed = true
	if o.Detail.Known() && !o.Detail.Test && m.shop.Currency == "" && o.Detail.ShopTotal.Currency != "" {
		m.shop.Currency = o.Detail.ShopTotal.Currency
		currency := m.shop.Currency
		m.later = append(m.later, func() error {
			return m.tx.UpdateShop(m.shop.ID, commerce.ShopUpdate{Currency: currency})
		})
	}
	o.Freeze(m.shop.Currency)
	o.HeldUntil = m.heldUntil(o)
	m.planFetch(o, d, unknown)
	return nil
}

// heldUntil is how long nothing may be sent, because more will be told soon: by
// the other platform where that leads, or by a fuller description.
func (m *merge) heldUntil(o *orderWork) (until commerce.Instant) {
	if o.TwinKey != "" && !o.toldBy(m.shop.Leading) {
		until = o.CreatedAt.Add(twinTime)
	}
	if o.Detail.Platform == commerce.Stripe && o.Detail.Rank < described {
		until = max(until, o.CreatedAt.Add(thinTime))
	}
	return until
}
