package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hibiken/asynq"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/shopify"
	"flywheel/integrations/stripe"
	"flywheel/store"
)

// stubLife is how long an order may stay unknown before it is closed and reported.
const stubLife = 30 * 24 * time.Hour

// giveUpTries is after how many failures an order that is known otherwise is
// taken as it is: two months and more, by the pauses of fetchLater.
const giveUpTries = 40

// errNobody says that there is nobody who could read the order.
var errNobody = fault.New(fault.Permanent, "no token to read the order with")

func (w *Worker) handleFetch(ctx context.Context, t *asynq.Task) error {
	var p FetchPayload
	if err := json.Unmarshal(t.Payload(), &p); err != nil {
		return fmt.Errorf("fetch payload: %w: %w", err, asynq.RevokeTask)
	}
	if err := w.fetch(ctx, p.Shop, p.Order); err != nil {
		w.Log.Warn("order not read at its platform", "shop", p.Shop, "order", p.Order, "error", err)
	}
	return nil
}

// fetch reads an order at its platform and merges what it says, as a delivery
// would. It holds up nothing: what is known goes its way meanwhile.
func (w *Worker) fetch(ctx context.Context, shop commerce.ShopID, id commerce.OrderID) error {
	o, err := w.Store.Order(ctx, shop, id)
	if err != nil || o.FetchAt == 0 || o.FetchAt > w.Store.Now() {
		return err
	}
	told, err := w.ask(ctx, shop, o)
	if err != nil {
		return errors.Join(err, w.fetchLater(ctx, shop, o, err))
	}
	campaigns, err := w.campaigns.ofShop(ctx, shop)
	if err != nil {
		return err
	}
	lease, err := w.waitForInbox(ctx, shop)
	if err != nil {
		return err // the sweep asks again
	}
	defer w.insist("inbox lease not given back", shop, func(ctx context.Context) error { return w.Store.ReleaseInbox(ctx, lease) })
	m, err := w.apply(ctx, lease, campaigns, told, func(m *merge) error { return m.answered(o) })
	if err != nil {
		return errors.Join(err, w.fetchLater(ctx, shop, o, err))
	}
	return w.afterwards(ctx, shop, m)
}

// inboxPoll is how often whoever waits for a shop's inbox looks again.
const inboxPoll = 50 * time.Millisecond

// waitForInbox takes the shop's inbox lease, so that no drain creates the same
// rows meanwhile. A drain under way has it for some seconds at most.
func (w *Worker) waitForInbox(ctx context.Context, shop commerce.ShopID) (store.InboxLease, error) {
	owner := store.NewID()
	for end := time.Now().Add(2 * drainTime); ; {
		lease, ok, err := w.Store.LeaseInbox(ctx, shop, owner)
		if err != nil || ok {
			return lease, err
		}
		if time.Now().After(end) {
			return lease, fault.New(fault.Temporary, "the inbox of %s is busy", shop)
		}
		select {
		case <-ctx.Done():
			return lease, ctx.Err()
		case <-time.After(inboxPoll):
		}
	}
}

// ask reads the order again where it comes from: at each platform that told of
// it, each of its charges at Stripe. Sums that disagree are Stripe's, so Stripe
// alone is asked about them. Nobody to ask is fault.Permanent; with an error
// nothing is told.
func (w *Worker) ask(ctx context.Context, shop commerce.ShopID, o *store.StoredOrder) ([]decoded, error) {
	connections, err := w.Store.Connections(ctx, shop)
	if err != nil {
		return nil, err
	}
	asOf := w.Store.Now()
	for _, c := range o.Charge {
		asOf = max(asOf, c.AsOf+1) // what Stripe says now comes after all it said before, whatever our clock says
	}
	var out []decoded
	var gone error // where one platform knows it no more, the other may
	for _, k := range keysToAsk(o) {
		switch change, asked, err := w.askFor(ctx, connections, k, asOf); {
		case !asked:
		case fault.Is(err, fault.NotFound):
			gone = err
		case err != nil:
			return nil, err
		default:
			out = append(out, decoded{
				delivery: commerce.Delivery{ShopID: shop, Platform: k.Platform}, change: commerce.Change{Order: &change},
			})
		}
	}
	switch {
	case len(out) == 0 && gone != nil:
		return nil, gone
	case len(out) == 0:
		return nil, errNobody
	}
	return out, nil
}

// keysToAsk are the keys to ask by: Shopify's, and Stripe's charges, or the
// payment where no charge is known yet.
func keysToAsk(o *store.StoredOrder) []commerce.SourceKey {
	charged := slices.ContainsFunc(o.Keys, func(k commerce.SourceKey) bool { return k.Kind == "charge" })
	return slices.DeleteFunc(slices.Clone(o.Keys), func(k commerce.SourceKey) bool {
		if k.Platform == commerce.Stripe {
			return k.Kind != "charge" && (charged || k.Kind != "payment_intent")
		}
		return o.RefundsDisagree()
	})
}

// askFor asks the connections about one key until one of them knows it.
func (w *Worker) askFor(ctx context.Context, cs []commerce.Connection, k commerce.SourceKey, asOf commerce.Instant) (change commerce.OrderChange, asked bool, err error) {
	for _, c := range cs {
		if !c.Open() || c.Platform != k.Platform {
			continue
		}
		told, could, failed := w.askAt(ctx, c, k, asOf)
		if could {
			change, asked, err = told, true, failed
		}
		if could && !fault.Is(failed, fault.NotFound) {
			break
		}
	}
	return change, asked, err
}

// askAt asks one connection about one key, if it can be asked.
func (w *Worker) askAt(ctx context.Context, c commerce.Connection, k commerce.SourceKey, asOf commerce.Instant) (change commerce.OrderChange, asked bool, err error) {
	switch {
	case k.Platform == commerce.Shopify && w.Shopify != nil && w.Install != nil && c.Token != "":
		err = w.atShopify(ctx, c, func(a shopify.Access) (err error) { // the token of the row may have ended
			change, err = w.Shopify.Order(ctx, a, k.ID)
			return err
		})
	case k.Platform == commerce.Stripe && w.Accounts != nil && (k.Kind == "charge" || k.Kind == "payment_intent"):
		err = w.atStripe(ctx, c, func(a stripe.Access) (err error) {
			if k.Kind == "charge" {
				change, err = w.Accounts.Stripe.Charge(ctx, a, k.ID, asOf)
				return err
			}
			change, err = w.Accounts.Stripe.PaymentIntent(ctx, a, k.ID, asOf)
			return err
		})
	default:
		return change, false, nil
	}
	return change, true, err
}

// fetchLater plans the next try: an hour, then twice as long each time. A stub
// that stays unknown for 30 days is closed and reported. Of an order that is
// known, a platform that has it no more, or where nobody can ask, tells nothing new.
func (w *Worker) fetchLater(ctx context.Context, shop commerce.ShopID, asked *store.StoredOrder, cause error) error {
	id := asked.ID
	return w.Store.Transact(ctx, func(tx *store.Tx) error {
		found, err := tx.LockOrders(shop, []commerce.OrderID{id})
		if err != nil || found[id] == nil {
			return err
		}
		o, now := found[id], tx.Now()
		if o.Rev != asked.Rev || o.FetchAt != asked.FetchAt {
			return nil // something came meanwhile, and settled when it is asked for
		}
		end := o.CreatedAt.Add(stubLife)
		switch {
		case !o.Stub() && fault.Is(cause, fault.NotFound), !o.Stub() && !o.RefundsDisagree() && errors.Is(cause, errNobody):
			return tx.PlanFetch(shop, id, 0, 0)
		case o.Stub() && now >= end:
			err = tx.AddFinding(shop, "order_never_seen", string(id), "an order was told of, by a refund, a dispute or its platform's list, that never came and could not be read")
			return errors.Join(err, tx.PlanFetch(shop, id, 0, o.FetchTries+1))
		case o.FetchTries >= giveUpTries:
			kind, what := "order_not_read", "an order that changed at the platform could not be read"
			if o.RefundsDisagree() {
				kind, what = "charge_not_read", "sums and refunds of a charge disagree, and it could not be read"
			}
			err = tx.AddFinding(shop, kind, string(id), what)
			return errors.Join(err, tx.PlanFetch(shop, id, 0, o.FetchTries+1))
		}
		pause := min(time.Hour<<min(o.FetchTries, 6), 48*time.Hour)
		if fault.Is(cause, fault.Permanent) || fault.Is(cause, fault.Denied) {
			pause = 48 * time.Hour
		}
		next := now.Add(pause)
		if o.Stub() {
			next = min(next, end)
		}
		return tx.PlanFetch(shop, id, next, o.FetchTries+1)
	})
}
