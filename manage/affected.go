package manage

import (
	"context"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/fault"
)

// Affected is what going live would mean, before anybody presses it.
type Affected struct {
	Campaign campaign.Campaign
	// Past says that people whose past orders count enter step by step: of a
	// campaign of the clock. Unconfirmed, that those do who said yes to news before.
	Past, Unconfirmed bool
	Inside            int64     // people who are in it now
	More              bool      // there are more of them
	Older             []Waiting // of them, who is in older versions
	Remarks           []Remark  // what refuses it, first
	// Owner is who the shop says does this job, where that is not us; nobody = nobody does.
	Owner commerce.Owner
	// Rivals are the live campaigns that do the same job for the same sort of cause.
	Rivals []campaign.Campaign
	// May says that nothing refuses it; Force, that only rivals do, so that it can be forced.
	May, Force bool
}

// Affects says who is affected by going live with a campaign's present version,
// and what stands in the way. Nothing is changed.
func (k Desk) Affects(ctx context.Context, id commerce.ShopID, name campaign.CampaignID) (Affected, error) {
	shop, err := k.Store.Shop(ctx, id)
	if err != nil {
		return Affected{}, err
	}
	c, err := k.Campaign(ctx, id, name)
	if err != nil {
		return Affected{}, err
	}
	out := Affected{Campaign: c, Past: byClock(c.Definition), Unconfirmed: c.Trigger.Kind == campaign.OnConsentAsked}
	_, waiting, err := k.PreviewNow(ctx, id, name)
	if err != nil {
		return out, err
	}
	for _, w := range waiting {
		out.More = out.More || w.More
		if out.Inside += w.Count; w.Version != c.Version {
			out.Older = append(out.Older, w)
		}
	}
	if out.Remarks, err = k.Inspect(ctx, shop, c.Definition); err != nil {
		return out, err
	}
	if owner := shop.Settings.OwnerOf(c.Job); c.Job != "" && owner != commerce.OwnerFlywheel {
		out.Owner = owner
	}
	if out.Rivals, err = k.rivals(ctx, id, c); err != nil {
		return out, err
	}
	out.Force = Worst(out.Remarks, Wrong)+Worst(out.Remarks, Refused) == 0 && out.Owner == ""
	out.May, out.Force = out.Force && len(out.Rivals) == 0, out.Force && len(out.Rivals) > 0
	return out, nil
}

// rivals are the live campaigns for the same job and the same sort of cause.
func (k Desk) rivals(ctx context.Context, shop commerce.ShopID, c campaign.Campaign) (out []campaign.Campaign, err error) {
	if c.Job == "" {
		return nil, nil
	}
	all, err := k.Store.ListCampaigns(ctx, shop)
	for _, other := range all {
		if other.ID != c.ID && other.State == campaign.Live && other.Job == c.Job && meet(other.Trigger, c.Trigger) {
			out = append(out, other)
		}
	}
	return out, err
}

// ErrNoReason answers who forces a campaign and does not say why.
var ErrNoReason = fault.New(fault.Invalid, "say why both are to be live: whoever looks at this later will want to know")

// Start lets a campaign that is not live reach customers, also a paused one. With
// force it does so beside another that does the same job; that takes a reason,
// else it is fault.Invalid.
func (k Desk) Start(ctx context.Context, shop commerce.ShopID, id campaign.CampaignID, force bool, why string) error {
	if force && why == "" {
		return ErrNoReason
	}
	c, err := k.Campaign(ctx, shop, id)
	if err != nil {
		return err
	}
	if c.State == campaign.Paused {
		return k.Resume(ctx, shop, id, force)
	}
	return k.GoLive(ctx, shop, id, force)
}
