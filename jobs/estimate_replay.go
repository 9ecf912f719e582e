package jobs

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/replay"
	"flywheel/fault"
	"flywheel/store"
)

// replayCount answers a replay.Question. Its answer's fields are its own.
type replayCount struct {
	replay.Answer

	w        *Worker
	shop     commerce.Shop // as it would have been
	campaign campaign.Campaign
	flow     *compiled
	index    *campaign.Index
	way      gateFacts // what holds for every case
}

// newReplay makes ready to answer e.
func (w *Worker) newReplay(ctx context.Context, shop commerce.Shop, e store.Estimate) (*replayCount, error) {
	var q replay.Question
	if err := json.Unmarshal(e.Question, &q); err != nil || q.Days < 1 || q.Days > replay.MaxDays {
		return nil, fault.New(fault.Invalid, "a replay is of a campaign and of 1 to %d days", replay.MaxDays)
	}
	flow, err := compile(q.Definition)
	if err != nil {
		return nil, err
	}
	if slices.Contains(flow.Trigger().Events, commerce.ProductPublished) {
		return nil, fault.New(fault.Invalid, "this campaign begins when a product comes out: what it would have done depends on products that were not out then")
	}
	now := e.AskedAt
	from := now.Add(-time.Duration(q.Days) * 24 * time.Hour)
	r := &replayCount{
		Answer: replay.NewAnswer(q.Definition, from, now), w: w, flow: flow,
		campaign: campaign.Campaign{ID: cmp.Or(e.Campaign, campaign.CampaignID(q.Definition.Name)), Definition: q.Definition, State: campaign.Live, LiveAt: from},
	}
	r.index = campaign.NewIndex([]campaign.Campaign{r.campaign})
	r.shop = asIfLive(shop, from)
	r.way.shop = r.shop
	if r.way.way, err = w.way(ctx, shop.ID); err != nil {
		return nil, err
	}
	r.way.states = map[campaign.CampaignID]store.Standing{r.campaign.ID: {State: campaign.Live}}
	r.way.ties = map[commerce.Platform]commerce.Connection{}
	for p := range r.shop.Installed {
		r.way.ties[p] = commerce.Connection{Platform: p}
	}
	return r, nil
}

// asIfLive is a shop as it would have been: at work since from, and not paused.
func asIfLive(shop commerce.Shop, from commerce.Instant) commerce.Shop {
	shop.State, shop.PausedAt, shop.ResumedAt = commerce.ShopActive, 0, 0
	shop.Installed = maps.Clone(shop.Installed)
	if shop.Installed == nil {
		shop.Installed = map[commerce.Platform]commerce.Instant{}
	}
	for _, p := range []commerce.Platform{commerce.Shopify, commerce.Stripe, commerce.API} {
		if at, there := shop.Installed[p]; !there || at > from {
			shop.Installed[p] = from
		}
	}
	return shop
}

// count goes through shoppers, all of whose orders are looked at in their own
// order: caps and cooling-off depend on it.
func (r *replayCount) count(ctx context.Context, after string, rows int) (string, int, error) {
	shoppers, last, n, err := r.w.nextShoppers(ctx, r.shop.ID, after, rows)
	if err != nil {
		return after, 0, err
	}
	people, err := r.people(ctx, shoppers)
	if err != nil {
		return after, 0, err
	}
	for _, p := range people {
		r.person(p)
	}
	return last, n, nil
}
