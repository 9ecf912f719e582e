package jobs

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"flywheel/commerce"
	"flywheel/integrations/stripe"
	"flywheel/store"
)

// take puts what no webhook brought of a page where webhooks do, the oldest
// first, and notes it. The note comes before: a worker that is lost between the
// two finds the event missing once more, and it is noted once.
func (l *look) take(ctx context.Context, page stripe.EventPage) error {
	missing, err := l.Store.Undelivered(ctx, l.conn, page.Events)
	if err != nil {
		return err
	}
	slices.Reverse(missing)
	for i := range missing {
		missing[i].ShopID, missing[i].ConnectionID, missing[i].ReceivedAt = l.conn.ShopID, l.conn.ID, l.Store.Now()
	}
	if err := l.noteMissing(ctx, missing, page.Bad); err != nil {
		return err
	}
	for _, d := range missing {
		if _, err := l.Store.AddInbox(ctx, l.conn.ShopID, d); err != nil {
			return err
		}
	}
	if len(missing) > 0 {
		l.Log.Info("events that no webhook brought", "shop", l.conn.ShopID, "connection", l.conn.ID, "events", len(missing))
		l.Queue.InboxArrived(l.conn.ShopID)
	}
	l.Looked += int64(len(page.Events) + page.Bad)
	return nil
}

// noteMissing makes one finding for each purchase and kind.
func (l *look) noteMissing(ctx context.Context, missing []commerce.Delivery, bad int) error {
	if len(missing) == 0 && bad == 0 {
		return nil
	}
	shop := l.conn.ShopID
	return l.Store.Transact(ctx, func(tx *store.Tx) error {
		found := int64(0)
		for _, d := range missing {
			c, err := decode(d)
			if err == nil && c.Ignored != "" {
				continue // nothing was missed by it
			}
			fresh, err := tx.NoteFinding(shop, missedKind(d.Topic), purchaseOf(d, c),
				fmt.Sprintf("no webhook brought %s (%s) of %s", d.Topic, d.ExternalID, objectOf(d)))
			if err != nil {
				return err
			}
			if fresh {
				found++
			}
		}
		if bad > 0 {
			if _, err := tx.NoteFinding(shop, "event_not_read", string(l.conn.ID), "Stripe lists events that cannot be read"); err != nil {
				return err
			}
		}
		return tx.CountFound(shop, l.conn.ID, l.owner, found)
	})
}

// missedKind is what kind of finding an event is that no webhook brought.
func missedKind(topic string) string {
	switch {
	case strings.Contains(topic, "refund"):
		return refundMissed
	case slices.ContainsFunc([]string{".succeeded", ".captured", ".paid", "session.completed", "payment_succeeded"},
		func(end string) bool { return strings.HasSuffix(topic, end) }):
		return orderMissed
	}
	return changeMissed
}

// purchaseOf is what an event is about, as all events of one purchase name it:
// of a subscription's, only the invoice is known to each. What is about none is
// about itself.
func purchaseOf(d commerce.Delivery, c commerce.Change) string {
	if c.Order != nil {
		for _, k := range c.Order.Keys {
			if k.Kind == "invoice" {
				return k.ID
			}
		}
	}
	return cmp.Or(d.OrderRef, d.ExternalID)
}

// objectOf is the id of an event's object.
func objectOf(d commerce.Delivery) string {
	var body struct {
		Data struct{ Object struct{ ID string } }
	}
	_ = json.Unmarshal(d.Body, &body) // what cannot be read has no id that could be told
	id := body.Data.Object.ID
	if len(id) > 255 || strings.Trim(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != "" {
		id = ""
	}
	return cmp.Or(id, d.OrderRef, "an object without an id")
}
