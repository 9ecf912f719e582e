package jobs

import (
	"context"
	"fmt"
	"slices"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/shopify"
	"flywheel/store"
)

// answers are orders of a page that were read whole and are not merged yet.
type answers struct {
	*look
	told  []decoded
	bad   []string // ids of orders that cannot be read
	aside []string // ids of orders that could not be read so far
}

// add reads a changed order of which something is not known.
func (b *answers) add(ctx context.Context, o shopify.ChangedOrder, known *store.StoredOrder) error {
	if lacksNothing(known, o) {
		return nil
	}
	change, err := b.Shopify.Order(ctx, b.access, o.ID)
	switch {
	case err == nil:
		b.told = append(b.told, b.decoded(change))
	case fault.Is(err, fault.Permanent):
		b.bad = append(b.bad, o.ID)
	case fault.Is(err, fault.NotFound): // deleted since, or older than the app may see
	case passing(ctx, err), fault.Is(err, fault.Denied):
		return err
	case known != nil && known.FetchAt != 0: // it is tried by itself
	case b.tired(o.ID):
		b.Log.Warn("an order is set aside", "shop", b.conn.ShopID, "order", o.ID, "error", err)
		b.aside = append(b.aside, o.ID)
	default:
		return err
	}
	return nil
}

// tired reports whether an order at which the look has failed once more failed
// often enough to be set aside: where the list can be read, one order must not
// hold up the others for ever.
func (l *look) tired(id string) bool {
	if l.Stuck != id {
		l.Stuck, l.Tries = id, 0
	}
	return l.Tries+1 >= asideTries
}

// decoded is an order as if a delivery had told of it.
func (l *look) decoded(c commerce.OrderChange) decoded {
	return decoded{
		delivery: commerce.Delivery{ShopID: l.conn.ShopID, ConnectionID: l.conn.ID, Platform: commerce.Shopify},
		change:   commerce.Change{Order: &c},
	}
}

// lacksNothing reports whether what is known of an order goes as far as its platform's own list does.
func lacksNothing(known *store.StoredOrder, o shopify.ChangedOrder) bool {
	if known == nil || known.Detail.Platform != commerce.Shopify || known.Detail.UpdatedAt < o.UpdatedAt ||
		o.CancelledAt != 0 && known.Cancel.Told == 0 ||
		o.Status != "" && known.Detail.FinancialStatus != o.Status || o.Total.Currency != "" && known.Detail.CurrentTotal != o.Total {
		return false
	}
	return !slices.ContainsFunc(o.Refunds, func(id string) bool {
		_, there := known.Refunds[id]
		return !there
	})
}

// merge merges what was read, as deliveries would, and notes what no delivery
// had brought. Deliveries that wait are heard first: what they tell was not missed.
func (b *answers) merge(ctx context.Context) error {
	shop := b.conn.ShopID
	if len(b.told)+len(b.bad)+len(b.aside) == 0 {
		return nil
	}
	lease, err := b.waitForInbox(ctx, shop)
	if err != nil {
		return err
	}
	defer b.insist("inbox lease not given back", shop, func(ctx context.Context) error { return b.Store.ReleaseInbox(ctx, lease) })
	for left := true; left; {
		if left, err = b.drainUnder(ctx, lease); err != nil {
			return err
		}
		if left && b.over(ctx) {
			return errTurn // what was read is read again
		}
	}
	campaigns, err := b.campaigns.ofShop(ctx, shop)
	if err != nil {
		return err
	}
	err = b.mergeSome(ctx, lease, campaigns)
	if err == nil || passing(ctx, err) {
		return err
	}
	for one := range slices.Chunk(b.told, 1) { // the one at fault must not hold up the others
		single := answers{look: b.look, told: one}
		if err := single.mergeSome(ctx, lease, campaigns); err != nil {
			if passing(ctx, err) {
				return err
			}
			b.bad = append(b.bad, one[0].change.Order.Keys[0].ID)
		}
	}
	b.told = nil
	return b.mergeSome(ctx, lease, campaigns)
}

func (b *answers) mergeSome(ctx context.Context, lease store.InboxLease, campaigns *shopCampaigns) error {
	batch := b.told
	for _, id := range b.aside { // as much of it as makes a row, with tries of its own
		batch = append(batch, b.decoded(commerce.OrderChange{Keys: []commerce.SourceKey{orderKey(id)}}))
	}
	m, err := b.apply(ctx, lease, campaigns, batch, b.note)
	if err != nil {
		return err
	}
	b.told, b.bad, b.aside = nil, nil, nil
	return b.afterwards(ctx, lease.Shop, m)
}

// passing reports whether an error says nothing about what was to be merged.
func passing(ctx context.Context, err error) bool {
	return ctx.Err() != nil || fault.Is(err, fault.Conflict) || store.Unavailable(err)
}

// note keeps what was missed, in the transaction that merged it.
func (b *answers) note(m *merge) error {
	shop, found := b.conn.ShopID, int64(0)
	for _, id := range slices.Concat(b.bad, b.aside) {
		if _, err := m.tx.NoteFinding(shop, "order_not_read", id, "an order that changed at the platform could not be read"); err != nil {
			return err
		}
	}
	for _, id := range b.aside {
		if err := m.tx.PlanFetch(shop, m.byKey[orderKey(id)], m.tx.Now().Add(stubPatience), 0); err != nil {
			return err
		}
	}
	for _, d := range b.told {
		o := m.orders[m.byKey[d.change.Order.Keys[0]]]
		kind := m.missed(o, b.conn.InstalledAt)
		if kind == "" {
			continue
		}
		found++
		// What is merged is not missed again, so each is told of, also another refund of the same order.
		if err := m.tx.AddFinding(shop, kind, string(o.ID), fmt.Sprintf(missedWords[kind], o.Detail.Name, d.change.Order.Keys[0].ID)); err != nil {
			return err
		}
	}
	return m.tx.CountFound(shop, b.conn.ID, b.owner, found)
}

// orderKey is how an order of Shopify is found by its id there.
func orderKey(id string) commerce.SourceKey {
	return commerce.SourceKey{Platform: commerce.Shopify, Kind: "order", ID: id}
}

// missedWords tell a finding by the order's name and its number at the platform.
var missedWords = map[string]string{
	orderMissed:  "no webhook told of order %s (Shopify %s)",
	refundMissed: "no webhook told of a refund of order %s (Shopify %s)",
	changeMissed: "no webhook told of a change of order %s (Shopify %s)",
}
