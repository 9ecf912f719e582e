package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/shopify"
	"flywheel/store"
)

// backfillRows is how many orders of the past one transaction merges. A
// delivery that comes meanwhile waits for it, so there are not many.
const backfillRows = 100

// pastOrder is an order of the past as its platform told it.
type pastOrder struct {
	name   string // as a finding names it
	change commerce.OrderChange
	err    error // it cannot be read
	// Of the backfill, once it is merged.
	operation string
	position  int64
}

// errTurn ends the reading of a file because the turn is over.
var errTurn = errors.New("the turn is over")

// read merges the export's file from where it was left.
func (p *past) read(ctx context.Context) error {
	var batch []pastOrder
	var broken error // of merging, which says nothing about the file
	merge := func() error {
		broken = p.mergeAll(ctx, batch)
		batch = batch[:0]
		return broken
	}
	defer p.giveInbox()
	err := p.Shopify.ReadBulk(ctx, p.URL, p.Position, func(o shopify.BulkOrder) error {
		if batch = append(batch, p.exported(o)); len(batch) < backfillRows {
			return nil
		}
		if err := merge(); err != nil {
			return err
		}
		if p.over(ctx) {
			return errTurn
		}
		return nil
	})
	switch {
	case broken != nil:
		return broken
	case errors.Is(err, errTurn):
		p.NextAt = commerce.At(time.Now()) // behind those who wait
		return p.save(ctx)
	}
	if err := errors.Join(merge(), ctx.Err()); err != nil { // what was whole before the file broke off counts
		return err
	}
	switch {
	case fault.Is(err, fault.Temporary):
		return p.trouble(ctx, err)
	case err != nil: // gone after its seven days, or no file
		p.Log.Warn("the file of a backfill cannot be read", "shop", p.conn.ShopID, "error", err)
		return p.anew(ctx, "the export is not there any more")
	case p.Position+2 < p.Size: // a line's end more or less is no order
		return p.later(ctx, "the export ended too early")
	}
	return p.done(ctx)
}

// exported is an order of the export's file.
func (p *past) exported(o shopify.BulkOrder) pastOrder {
	out := pastOrder{change: o.Change, err: o.Err, operation: p.Operation, position: o.End}
	if len(o.Change.Keys) > 0 {
		out.name = o.Change.Keys[0].ID
	} else {
		out.name = fmt.Sprintf("byte %d of the export", o.End)
	}
	return out
}

// done ends a backfill that has read all there is.
func (p *past) done(ctx context.Context) error {
	p.State, p.Note = store.BackfillDone, ""
	p.Log.Info("backfill done", "shop", p.conn.ShopID, "orders", p.Orders, "refused", p.Refused)
	if err := p.Store.CountRows(ctx); err != nil {
		p.Log.Warn("rows not counted", "error", err)
	}
	return p.save(ctx)
}

// mergeAll merges a batch under the shop's inbox lease, after whatever was
// delivered meanwhile: nobody waits for the past.
func (p *past) mergeAll(ctx context.Context, batch []pastOrder) error {
	if len(batch) == 0 {
		return nil
	}
	if err := p.takeInbox(ctx); err != nil {
		return err
	}
	waiting, err := p.Store.NextInbox(ctx, p.conn.ShopID, 1)
	if err == nil && len(waiting) > 0 {
		_, err = p.drainUnder(ctx, p.inbox)
	}
	if err != nil {
		return err
	}
	campaigns, err := p.campaigns.ofShop(ctx, p.conn.ShopID)
	if err != nil {
		return err
	}
	return p.mergeSome(ctx, p.inbox, campaigns, batch)
}

// A backfill gives the inbox back so often, for longer than whoever waits for it looks again.
const (
	inboxTime = 2 * time.Second
	inboxRest = 2 * inboxPoll
)

// takeInbox has the inbox lease for several batches, since taking it costs a
// flush to disk, but lets others have it from time to time.
func (p *past) takeInbox(ctx context.Context) (err error) {
	if time.Since(p.since) < inboxTime {
		return nil
	}
	if p.giveInbox() {
		select {
		case <-time.After(inboxRest):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if p.inbox, err = p.waitForInbox(ctx, p.conn.ShopID); err == nil {
		p.since = time.Now()
	}
	return err
}

// giveInbox gives the inbox back, if we have it.
func (p *past) giveInbox() bool {
	if p.since.IsZero() {
		return false
	}
	p.since = time.Time{}
	lease := p.inbox
	p.insist("inbox lease not given back", lease.Shop, func(ctx context.Context) error { return p.Store.ReleaseInbox(ctx, lease) })
	return true
}

// mergeSome merges a batch and moves the position behind it in one transaction.
// A batch that the database refuses is halved until the order at fault stands alone.
func (p *past) mergeSome(ctx context.Context, lease store.InboxLease, campaigns *shopCampaigns, batch []pastOrder) error {
	var told []decoded
	var refused []pastOrder
	for i := range batch {
		if batch[i].err != nil {
			refused = append(refused, batch[i])
			continue
		}
		told = append(told, p.decoded(&batch[i].change))
	}
	to := p.behind(batch[len(batch)-1])
	m, err := p.apply(ctx, lease, campaigns, told, func(m *merge) error { return p.advance(m.tx, to, batch, refused) })
	switch {
	case err == nil:
		p.Backfill, p.Tries, p.Note = to, 0, ""
		p.Orders += int64(len(batch) - len(refused))
		p.Refused += int64(len(refused))
		return p.afterwards(ctx, lease.Shop, m)
	case passing(ctx, err), len(told) == 0:
		return err
	case len(batch) > 1:
		if err := p.mergeSome(ctx, lease, campaigns, batch[:len(batch)/2]); err != nil {
			return err
		}
		return p.mergeSome(ctx, lease, campaigns, batch[len(batch)/2:])
	}
	p.Log.Error("order of the past not merged", "shop", lease.Shop, "position", p.Position, "error", err)
	batch[0].err = fault.New(fault.Permanent, "it could not be merged")
	return p.mergeSome(ctx, lease, campaigns, batch)
}

// decoded is an order as if a delivery had told of it.
func (p *past) decoded(c *commerce.OrderChange) decoded {
	return decoded{
		delivery: commerce.Delivery{ShopID: p.conn.ShopID, ConnectionID: p.conn.ID, Platform: p.conn.Platform},
		change:   commerce.Change{Order: c},
	}
}

// behind is the backfill once everything up to o is merged.
func (p *past) behind(o pastOrder) store.Backfill {
	b := p.Backfill
	b.Operation, b.Position = o.operation, o.position
	return b
}

// advance moves the backfill behind a batch and notes what of it cannot be read.
func (p *past) advance(tx *store.Tx, to store.Backfill, batch, refused []pastOrder) error {
	for _, o := range refused {
		if _, err := tx.NoteFinding(p.conn.ShopID, "order_not_read", o.name, "an order from before the install could not be read"); err != nil {
			return err
		}
	}
	return tx.AdvanceBackfill(p.conn.ShopID, p.owner, to, int64(len(batch)-len(refused)), int64(len(refused)))
}
