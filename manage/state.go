package manage

import (
	"cmp"
	"context"
	"slices"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/fault"
	"flywheel/store"
)

// GoLive lets a draft, a rehearsed or an archived campaign reach customers:
// what happens from now on. It is refused while anything makes it unfit, also
// while another live campaign does the same job, unless forced. People whose
// past orders count for a clock's campaign, as for a win-back, enter step by step;
// so does whoever said yes to news before one that asks them to confirm it.
func (k Desk) GoLive(ctx context.Context, shop commerce.ShopID, id campaign.CampaignID, force bool) error {
	return k.start(ctx, shop, id, "go live", force, campaign.Draft, campaign.Rehearsal, campaign.Archived)
}

// start lets a campaign reach customers if nothing makes it unfit.
func (k Desk) start(ctx context.Context, shop commerce.ShopID, id campaign.CampaignID, act string, force bool, from ...campaign.State) error {
	settings, c, err := k.may(ctx, shop, id, act, from...)
	if err != nil {
		return err
	}
	if err := k.fit(ctx, settings, c); err != nil {
		return err
	}
	if !force {
		if err := k.alone(ctx, shop, c); err != nil {
			return err
		}
	}
	return k.begin(ctx, shop, c)
}

// begin sets a campaign live and notes in the same transaction who of before is
// to be looked at for it.
func (k Desk) begin(ctx context.Context, shop commerce.ShopID, c campaign.Campaign) error {
	err := k.Store.Transact(ctx, func(tx *store.Tx) error {
		if err := tx.SetCampaignState(shop, c.ID, campaign.Live, ""); err != nil {
			return err
		}
		return lookBack(tx, shop, c.ID, c.Definition)
	})
	if err != nil || c.State != campaign.Rehearsal {
		return err
	}
	// A transaction ends some walks of the rehearsal; there may be more.
	return k.Store.SetCampaignState(ctx, shop, c.ID, campaign.Live, "")
}

// Rehearse plays a draft for real orders, to the team's addresses only.
func (k Desk) Rehearse(ctx context.Context, shop commerce.ShopID, id campaign.CampaignID) error {
	_, c, err := k.may(ctx, shop, id, "rehearse", campaign.Draft)
	if err != nil {
		return err
	}
	if err := compiles(c.Definition); err != nil {
		return err
	}
	return k.Store.SetCampaignState(ctx, shop, id, campaign.Rehearsal, "")
}

// Pause holds a live campaign with everybody in it, and makes a draft of one
// in rehearsal again.
func (k Desk) Pause(ctx context.Context, shop commerce.ShopID, id campaign.CampaignID) error {
	_, c, err := k.may(ctx, shop, id, "be paused", campaign.Live, campaign.Rehearsal)
	if err != nil {
		return err
	}
	if c.State == campaign.Rehearsal {
		return k.Store.SetCampaignState(ctx, shop, id, campaign.Draft, "")
	}
	return k.Store.SetCampaignState(ctx, shop, id, campaign.Paused, "")
}

// Resume lets a paused campaign go on. What was due in the pause and is old
// news by now is not sent, and what happened in it enrolls nobody; but whose
// moment still lies ahead in a clock's campaign enters. Refused as GoLive is.
func (k Desk) Resume(ctx context.Context, shop commerce.ShopID, id campaign.CampaignID, force bool) error {
	return k.start(ctx, shop, id, "be resumed", force, campaign.Paused)
}

// Archive puts away a campaign that is not live. Nobody in it gets anything
// more unless it goes live again.
func (k Desk) Archive(ctx context.Context, shop commerce.ShopID, id campaign.CampaignID) error {
	if _, _, err := k.may(ctx, shop, id, "be archived", campaign.Draft, campaign.Rehearsal, campaign.Paused); err != nil {
		return err
	}
	return k.Store.SetCampaignState(ctx, shop, id, campaign.Archived, "")
}

// instead says for each state what to do when an act does not fit it.
var instead = map[campaign.State]string{
	campaign.Draft:     "it is a draft: it can rehearse or go live",
	campaign.Rehearsal: "it is in rehearsal: it can go live, or pause to be a draft again",
	campaign.Live:      "it is live: pause it first",
	campaign.Paused:    "it is paused: it can be resumed or archived",
	campaign.Archived:  "it is archived: it can go live again",
}

// already answers who asks for what is so.
var already = map[string]string{
	"go live " + string(campaign.Live):         "it is live already",
	"go live " + string(campaign.Paused):       "it is paused: resume it",
	"be resumed " + string(campaign.Live):      "it is live already, nothing holds it",
	"rehearse " + string(campaign.Rehearsal):   "it is in rehearsal already",
	"rehearse " + string(campaign.Live):        "it is live: save a copy under another name to rehearse that",
	"be paused " + string(campaign.Paused):     "it is paused already",
	"be archived " + string(campaign.Archived): "it is archived already",
}

// may reads shop and campaign and refuses an act that its state does not allow.
func (k Desk) may(ctx context.Context, shop commerce.ShopID, id campaign.CampaignID, act string, from ...campaign.State) (commerce.Shop, campaign.Campaign, error) {
	settings, err := k.Store.Shop(ctx, shop)
	if err != nil {
		return settings, campaign.Campaign{}, err
	}
	c, err := k.Campaign(ctx, shop, id)
	if err == nil && !slices.Contains(from, c.State) {
		err = fault.New(fault.Conflict, "%s cannot %s now; %s", id, act, cmp.Or(already[act+" "+string(c.State)], instead[c.State]))
	}
	return settings, c, err
}
