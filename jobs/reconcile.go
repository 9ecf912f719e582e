package jobs

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"flywheel/commerce"
	"flywheel/integrations/shopify"
	"flywheel/store"
)

const (
	// lookBehind is how old a change must be: its webhook may be on its way until then.
	lookBehind = 15 * time.Minute
	// lookOverlap is how far looks overlap, since the platform's list may lag.
	lookOverlap = 10 * time.Minute
	// lookRows is how many orders that were read anew one transaction merges.
	lookRows = 10
	// asideTries is after how many failures in a row an order is set aside that
	// cannot be read while others can: a quarter of an hour, by the pauses of trouble.
	asideTries = 3
)

// look is one turn at the look for what a connection's webhooks did not bring, under its lease.
type look struct {
	*Worker
	store.Reconciliation
	conn   commerce.Connection
	access shopify.Access
	owner  string
	end    time.Time
	extra  bool // the look itself is finished: what goes on is beyond it
}

// reconcile looks at what changed at a connection's platform, as far as that is due.
func (w *Worker) reconcile(ctx context.Context, shop commerce.ShopID, connection commerce.ConnectionID) error {
	owner := store.NewID()
	row, ok, err := w.Store.LeaseReconciliation(ctx, shop, connection, owner)
	if err != nil || !ok {
		return err
	}
	defer w.insist("look not given back", shop, func(ctx context.Context) error {
		return w.Store.ReleaseReconciliation(ctx, shop, connection, owner)
	})
	conn, err := w.Store.ConnectionByID(ctx, connection)
	if err != nil {
		return err
	}
	l := &look{Worker: w, Reconciliation: row, conn: conn, owner: owner, end: time.Now().Add(historyTime)}
	if err := l.at(ctx, conn.Platform); err != nil {
		return errors.Join(err, l.trouble(ctx, err))
	}
	return nil
}

// at looks in the platform's own manner. Where nobody can ask it, the look is over.
func (l *look) at(ctx context.Context, p commerce.Platform) error {
	switch {
	case !l.canAsk(p):
		return l.finish(ctx, l.Watermark)
	case p == commerce.Stripe:
		return l.events(ctx)
	}
	return l.all(ctx)
}

// backStep is how far a look goes back behind a clock that ran ahead: nobody
// knows how long it did, and what is known is not merged twice.
const backStep = 24 * time.Hour

// begin begins a look where none is under way, also the first of a new install.
// What a clock marked that ran ahead, and does no longer, is not believed.
func (l *look) begin() {
	now := l.Store.Now()
	ahead := now.Add(-lookBehind + time.Minute) // clocks differ a little
	if l.Watermark > ahead {
		l.Watermark = now.Add(-backStep)
	}
	if l.Bound > ahead {
		l.Bound = 0
	}
	l.LookedAt = min(l.LookedAt, now)
	if l.Bound == 0 || l.Watermark < l.conn.InstalledAt {
		l.Watermark = max(l.Watermark, l.conn.InstalledAt)
		l.Bound, l.Cursor = now.Add(-lookBehind), ""
	}
}

// all looks at page after page, until the look or the turn is over. The
// watermark moves at the end alone, so that what comes in between is seen again.
func (l *look) all(ctx context.Context) error {
	l.begin()
	if l.conn.Token == "" || l.Bound <= l.Watermark { // nobody to ask, or nothing to ask about yet
		return l.finish(ctx, l.Watermark)
	}
	var err error
	if l.access, err = l.Install.Token(ctx, l.conn); err != nil {
		l.Stuck = "" // it is not an order's fault
		return err
	}
	since := max(l.Watermark.Add(-lookOverlap), l.conn.InstalledAt)
	for {
		page, err := l.Shopify.ChangedOrders(ctx, l.access, since.Time(), l.Cursor)
		if err != nil {
			l.Stuck = ""
			return err
		}
		last, err := l.page(ctx, page)
		switch {
		case errors.Is(err, errTurn):
			return l.save(ctx)
		case err != nil:
			return err
		case last || page.Next == "":
			return l.finish(ctx, l.Bound)
		}
		l.Cursor, l.Tries, l.Note, l.Stuck = page.Next, 0, "", ""
		if err := l.save(ctx); err != nil || l.over(ctx) {
			return err
		}
	}
}

func (l *look) over(ctx context.Context) bool {
	return time.Now().After(l.end) || ctx.Err() != nil || l.alive.Err() != nil
}

// page reads what of a page is not known and merges it. last says that all
// behind it changed too lately to be judged.
func (l *look) page(ctx context.Context, page shopify.ChangedPage) (last bool, err error) {
	known, err := l.known(ctx, page.Orders)
	if err != nil {
		return false, err
	}
	batch := answers{look: l}
	looked := int64(0)
	for _, o := range page.Orders {
		if last = o.UpdatedAt > l.Bound; last {
			break // the oldest change comes first
		}
		if err := batch.add(ctx, o, known[o.ID]); err != nil {
			return false, errors.Join(err, batch.merge(ctx))
		}
		if looked++; len(batch.told)+len(batch.aside) < lookRows {
			continue
		}
		if err := batch.merge(ctx); err != nil {
			return false, err
		}
		if l.over(ctx) {
			return false, errTurn // what is merged need not be read again
		}
	}
	if err := batch.merge(ctx); err != nil {
		return false, err
	}
	l.Looked += looked
	return last, nil
}

// known returns what we know of these orders, by their ids at the platform.
func (l *look) known(ctx context.Context, orders []shopify.ChangedOrder) (map[string]*store.StoredOrder, error) {
	keys := make([]commerce.SourceKey, len(orders))
	for i, o := range orders {
		keys[i] = orderKey(o.ID)
	}
	out := map[string]*store.StoredOrder{}
	err := l.Store.Transact(ctx, func(tx *store.Tx) error {
		ids, err := tx.OrdersByKey(l.conn.ShopID, keys)
		if err != nil {
			return err
		}
		found, err := tx.Orders(l.conn.ShopID, unique(slices.Collect(maps.Values(ids))))
		for k, id := range ids {
			out[k.ID] = found[id]
		}
		return err
	})
	return out, err
}

// finish ends a look: what changed up to watermark is known.
func (l *look) finish(ctx context.Context, watermark commerce.Instant) error {
	now := l.Store.Now()
	l.Watermark, l.Cursor, l.Bound = watermark, "", 0
	l.LookedAt, l.NextAt, l.Tries, l.Note = now, store.NextLook(l.conn.ID, now), 0, ""
	l.Stuck = ""
	return l.save(ctx)
}

// trouble plans the next try after an error: five minutes, then twice as long
// each time, at most six hours. The look goes on where it stood. What is beyond
// it goes on with the next one, which is planned.
func (l *look) trouble(ctx context.Context, err error) error {
	if passing(ctx, err) {
		return nil // it is still due
	}
	if !l.extra {
		l.NextAt = l.Store.Now().Add(min(5*time.Minute<<min(l.Tries, 7), 6*time.Hour))
		l.Tries++
	}
	l.Note = inWords(l.conn.Platform, err)
	if errors.Is(err, errPlaceLost) {
		l.Note = errPlaceLost.Error()
	}
	return errors.Join(l.refused(ctx, l.conn, err), l.save(ctx))
}

func (l *look) save(ctx context.Context) error {
	return l.Store.SaveReconciliation(ctx, l.conn.ShopID, l.owner, l.Reconciliation)
}
