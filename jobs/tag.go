package jobs

import (
	"context"

	"golang.org/x/sync/errgroup"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/fault"
	"flywheel/integrations/shopify"
	"flywheel/store"
)

// tagsAtOnce is how many customers of one chunk get their tags side by side.
const tagsAtOnce = 4

// deniedTries is after how many refusals, some days by backoff, a step is given
// up whose shop does not let us: a token is mended within hours or not at all.
const deniedTries = 9

// tag changes customers' tags at Shopify and records how each ended. A tag is
// there or it is not, so what is unclear is simply done again.
func (w *Worker) tag(ctx context.Context, shop commerce.Shop, runs []*run) {
	going, ok := w.begin(ctx, shop.ID, runs)
	if !ok {
		return
	}
	t, err := w.tagger(ctx, shop.ID, going)
	results := make([]store.EffectResult, len(going))
	var all errgroup.Group
	all.SetLimit(tagsAtOnce)
	for i, r := range going {
		all.Go(func() error {
			results[i] = w.attempted(shop.ID, r, w.tagged(ctx, t, r, err))
			return nil
		})
	}
	_ = all.Wait()
	w.record(shop.ID, runs, results)
}

// tagger is whom a chunk is about, and how to reach their shop.
type tagger struct {
	conn      commerce.Connection
	connected bool
	customers map[commerce.PersonID][]store.Customer
}

func (w *Worker) tagger(ctx context.Context, shop commerce.ShopID, runs []*run) (t tagger, err error) {
	if t.conn, t.connected, err = w.shopifyOf(ctx, shop); err != nil || !t.connected {
		return t, err
	}
	persons := make([]commerce.PersonID, len(runs))
	for i, r := range runs {
		persons[i] = r.Person
	}
	t.customers, err = w.Store.Customers(ctx, shop, commerce.Shopify, unique(persons))
	return t, err
}

// tagged makes one attempt; err is why it cannot be made.
func (w *Worker) tagged(ctx context.Context, t tagger, r *run, err error) store.EffectResult {
	result := store.EffectResult{ID: r.effect.ID, Dispatch: r.effect.Dispatch, Tries: r.effect.Tries, State: store.Sent}
	if r.Rehearsal {
		result.Note = "rehearsal: no tag is changed"
		return result
	}
	n, step := 0, r.next.Step
	if err == nil && t.connected {
		n, err = eachCustomer(t.customers[r.Person], func(id string) error {
			return w.atShopify(ctx, t.conn, func(a shopify.Access) error {
				if err := w.Shopify.AddTags(ctx, a, id, step.Add); err != nil {
					return err
				}
				return w.Shopify.RemoveTags(ctx, a, id, step.Remove)
			})
		})
	}
	switch {
	case err == nil && n == 0:
		return r.gaveUp(result, gate.NoCustomer, "no Shopify customer")
	case err == nil:
		return result
	case fault.Is(err, fault.Invalid), !fault.Is(err, fault.Temporary) && fault.KindOf(err) != "" && r.effect.Tries+1 >= deniedTries:
		return r.gaveUp(result, gate.PlatformRefused, fault.Sentence(err))
	}
	result.State, result.Tries, result.Note = store.Retry, r.effect.Tries+1, fault.Sentence(err)
	pause := wait(r.effect.ID, r.effect.Tries)
	r.move = r.again(min(w.Store.Now().Add(pause), r.next.Latest+1))
	return result
}
