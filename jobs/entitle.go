package jobs

import (
	"context"
	"hash/fnv"
	"slices"
	"time"

	"flywheel/billing"
	"flywheel/commerce"
	"flywheel/integrations/shopify"
	"flywheel/store"
)

// entitleLease names the one process that asks what shops pay for.
const entitleLease = "entitle"

const (
	// entitlePace is how often we look whose turn it is: a merchant who opens the plan page waits for it.
	entitlePace = 500 * time.Millisecond
	// entitleGap keeps calls apart: the Partner API takes four a second from one
	// client (shopify.dev/docs/api/partner, "Rate limits").
	entitleGap = 250 * time.Millisecond
	// entitleEvery is how often each shop is asked about, entitleAgain when there was no answer.
	entitleEvery = time.Hour
	entitleAgain = 5 * time.Minute
	entitleBatch = 20
	// entitleTimeout ends a call that hangs, so that others get their turn.
	entitleTimeout   = 10 * time.Second
	entitleLeaseTime = time.Minute
)

// entitleLoop asks the platform what each shop pays for, and weighs its orders against it.
func (w *Worker) entitleLoop(ctx context.Context) {
	e := &entitler{Worker: w}
	for {
		if err := e.round(ctx); err != nil && ctx.Err() == nil {
			w.Log.Warn("entitlements", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(entitlePace):
		}
	}
}

// entitler asks for all processes while it leads.
type entitler struct {
	*Worker
	led time.Time // when the lease was last taken
}

// lead keeps the lease, which is a write and so not renewed in every round.
func (e *entitler) lead(ctx context.Context) (bool, error) {
	if time.Since(e.led) < entitleLeaseTime/4 {
		return true, nil
	}
	began := time.Now()
	leads, err := e.Store.Lead(ctx, entitleLease, e.id, entitleLeaseTime)
	if e.led = (time.Time{}); leads && err == nil {
		e.led = began
	}
	return leads, err
}

// round asks about the shops whose turn it is.
func (e *entitler) round(ctx context.Context) error {
	if leads, err := e.lead(ctx); err != nil || !leads {
		return err
	}
	due, err := e.Store.EntitlementsDue(ctx, entitleBatch)
	if err != nil {
		return err
	}
	for i, d := range due {
		if i > 0 {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(entitleGap):
			}
		}
		if leads, err := e.lead(ctx); err != nil || !leads {
			return err
		}
		if err := e.entitle(ctx, d); err != nil {
			return err
		}
	}
	return nil
}

// entitle asks about one shop. Without an answer what was known stands, and
// its orders are weighed all the same.
func (w *Worker) entitle(ctx context.Context, d store.PlanDue) error {
	asking, cancel := context.WithTimeout(ctx, entitleTimeout)
	defer cancel()
	told, err := w.Partner.Subscription(asking, d.Account)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		w.Log.Warn("entitlement not told", "shop", d.Shop, "error", err)
	}
	return w.Store.Transact(ctx, func(tx *store.Tx) error {
		e, kept := tx.Entitlement(d.Shop)
		if kept != nil {
			return kept
		}
		now := tx.Now()
		e.Epoch, e.NextAt = d.Epoch, now.Add(entitleAgain)
		if err == nil {
			e = billing.After(e, w.contract(told), now)
			e.NextAt = now.Add(entitleEvery + jitter(d.Shop))
		}
		from, until := billing.Period(e, now)
		used, err := tx.Usage(d.Shop, from, until)
		if err != nil {
			return err
		}
		return tx.SaveEntitlement(d.Shop, w.Plans.Weigh(e, used, now))
	})
}

// contract puts the platform's answer into our words. A plan may have items that
// are counted beside it: the one that is a plan of ours names it.
func (w *Worker) contract(s *shopify.Subscription) *billing.Contract {
	if s == nil {
		return nil
	}
	return &billing.Contract{
		Plan: w.planOf(s.Handles), Pending: w.planOf(s.Pending), Cancelling: s.Cancelling, TrialEndsAt: s.TrialEndsAt, From: s.From, Until: s.Until,
	}
}

func (w *Worker) planOf(handles []string) string {
	i := slices.IndexFunc(handles, func(h string) bool { _, known := w.Plans.By(h); return known })
	switch {
	case i >= 0:
		return handles[i]
	case len(handles) > 0:
		w.Log.Warn("a plan that templates/plans.yaml does not know counts as one of any number of orders", "plan", handles[0])
		return handles[0]
	}
	return ""
}

// jitter spreads shops over six minutes, each by the same time.
func jitter(shop commerce.ShopID) time.Duration {
	h := fnv.New32a()
	_, _ = h.Write([]byte(shop))
	return time.Duration(h.Sum32()%360) * time.Second
}

// hearPlan keeps what a delivery tells of the shop's plan, and has the platform asked.
func (m *merge) hearPlan(w commerce.PlanWord) error {
	e, err := m.tx.Entitlement(m.shop.ID)
	if err != nil {
		return err
	}
	return m.tx.SaveEntitlement(m.shop.ID, billing.Heard(e, w, m.tx.Now()))
}
