package jobs

import (
	"context"
	"time"

	"github.com/hibiken/asynq"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/shopify"
	"flywheel/store"
)

// tierTagID is the TaskID of the one task that tells Shopify of tiers' tags.
const tierTagID = "tags:next"

// hintTags has a worker tell Shopify which customers have which tier's tag.
func (s *sweep) hintTags(ctx context.Context) error {
	return s.hintTelling(ctx, s.Store.TagsDue, taskTags, tierTagID)
}

func (w *Worker) handleTags(ctx context.Context, _ *asynq.Task) error {
	for end := time.Now().Add(writebackTime); time.Now().Before(end) && ctx.Err() == nil; {
		t, found, err := w.Store.NextTag(ctx, writebackLease)
		if err != nil || !found {
			return nil //nolint:nilerr // the sweep asks again
		}
		if err := w.tagTier(ctx, t); err != nil {
			w.Log.Warn("tag of a tier not told", "shop", t.Shop, "person", t.Person, "try", t.Tries, "error", err)
		}
	}
	return nil
}

// tagTier makes one try: a tag is there or it is not, so what is unclear is done again.
func (w *Worker) tagTier(ctx context.Context, t store.DueTag) error {
	err := w.setTags(ctx, t)
	if ctx.Err() != nil {
		return err // it is we who go away; another takes it up
	}
	if err == nil {
		return w.Store.FinishTag(ctx, t.Shop, t)
	}
	next := commerce.Instant(0)
	if !fault.Is(err, fault.Invalid) && t.Tries <= int64(len(writebackPauses)) {
		next = w.Store.Now().Add(writebackPauses[t.Tries-1])
	}
	if kept := w.Store.PutOffTag(ctx, t.Shop, t, next); kept != nil {
		return kept
	}
	if next == 0 {
		if kept := w.findTag(ctx, t, err); kept != nil {
			return kept
		}
	}
	return err
}

// findTag tells the shop that a tag could not be set.
func (w *Worker) findTag(ctx context.Context, t store.DueTag, why error) error {
	return w.Store.Transact(ctx, func(tx *store.Tx) error {
		return tx.AddFinding(t.Shop, "tier_not_tagged", string(t.Person),
			"a customer's level changed here, but their tag at Shopify could not be: "+fault.Sentence(why))
	})
}

// setTags gives a person's customers the tag they are to have and takes the others of tiers.
// Who was erased, or is no customer there, has none.
func (w *Worker) setTags(ctx context.Context, t store.DueTag) error {
	customers, err := w.Store.Customers(ctx, t.Shop, commerce.Shopify, []commerce.PersonID{t.Person})
	if err != nil || len(customers[t.Person]) == 0 {
		return err
	}
	conn, found, err := w.shopifyOf(ctx, t.Shop)
	if err == nil && !found {
		err = fault.New(fault.Temporary, "the shop is not connected")
	}
	if err != nil {
		return err
	}
	var add []string
	if t.Want != "" {
		add = []string{t.Want}
	}
	_, err = eachCustomer(customers[t.Person], func(id string) error {
		return w.atShopify(ctx, conn, func(a shopify.Access) error {
			if err := w.Shopify.AddTags(ctx, a, id, add); err != nil {
				return err
			}
			return w.Shopify.RemoveTags(ctx, a, id, t.Drop)
		})
	})
	return err
}
