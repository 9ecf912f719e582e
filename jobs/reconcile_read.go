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
	told []decoded
	bad  []string // ids of orders that cannot be read
}

// add reads a changed order of which something is not known.
func (b *answers) add(ctx context.Context, o shopify.ChangedOrder, known *store.StoredOrder) error {
	if lacksNothing(known, o) {
		return nil
	}
	change, err := b.Shopify.Order(ctx, b.access, o.ID)
	switch {
	case err == nil:
		b.told = append(b.told, decoded{
			delivery: commerce.Delivery{ShopID: b.conn.ShopID, ConnectionID: b.conn.ID, Platform: commerce.Shopify},
			change:   commerce.Change{Order: &change},
		})
	case fault.Is(err, fault.Permanent):
		b.bad = append(b.bad, o.ID)
	case !fault.Is(err, fault.NotFound): // deleted since, or older than the app may see
		return err
	}
	return nil
}

// lacksNothing reports whether what is known of an order goes as far as its platform's own list does.
func lacksNothing(known *store.StoredOrder, o shopify.ChangedOrder) bool {
	if known == nil || known.Detail.Platform != commerce.Shopify || known.Detail.UpdatedAt < o.UpdatedAt ||
		o.CancelledAt != 0 && known.Cancel.Told == 0 {
		return false
	}
	return !slices.ContainsFunc(o.Refunds, func(id string) bool {
		_, there := known.Refunds[id]
		return !there
	})
}

// merge merges what was read, as deliveries would, and notes what no delivery had brought.
func (b *answers) merge(ctx context.Context) error {
	shop := b.conn.ShopID
	if len(b.told)+len(b.bad) == 0 {
		return nil
	}
	lease, err := b.waitForInbox(ctx, shop)
	if err != nil {
		return err
	}
	defer b.insist("inbox lease not given back", shop, func(ctx context.Context) error { return b.Store.ReleaseInbox(ctx, lease) })
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
	m, err := b.apply(ctx, lease, campaigns, b.told, b.note)
	if err != nil {
		return err
	}
	b.told, b.bad = nil, nil
	return b.afterwards(ctx, lease.Shop, m)
}

// passing reports whether an error says nothing about what was to be merged.
func passing(ctx context.Context, err error) bool {
	return ctx.Err() != nil || fault.Is(err, fault.Conflict) || store.Unavailable(err)
}

// note keeps what was missed, in the transaction that merged it.
func (b *answers) note(m *merge) error {
	shop, found := b.conn.ShopID, int64(0)
	for _, id := range b.bad {
		if err := m.tx.NoteFinding(shop, "order_not_read", id, "an order that changed at the platform could not be read"); err != nil {
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
		if err := m.tx.NoteFinding(shop, kind, string(o.ID), fmt.Sprintf(missedWords[kind], o.Detail.Name, d.change.Order.Keys[0].ID)); err != nil {
			return err
		}
	}
	return m.tx.CountFound(shop, b.conn.ID, b.owner, found)
}

// missedWords tell a finding by the order's name and its number at the platform.
var missedWords = map[string]string{
	orderMissed:  "no webhook told of order %s (Shopify %s)",
	refundMissed: "no webhook told of a refund of order %s (Shopify %s)",
	changeMissed: "no webhook told of a change of order %s (Shopify %s)",
}
