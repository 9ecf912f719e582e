package app

import (
	"context"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/fault"
	"flywheel/install"
	"flywheel/store"
)

// AddShop registers a shop with its connection and starts its default
// playbooks: for shops that an operator adds. One that arrives by install gets
// them as drafts.
func AddShop(ctx context.Context, s *store.Store, shop commerce.Shop, c commerce.Connection) (commerce.ShopID, commerce.Connection, error) {
	if old, err := s.ConnectionByAccount(ctx, c.Platform, c.ExternalID, c.Live); err == nil {
		return "", c, fault.New(fault.Conflict, "%s belongs to the shop %s: flywheel shop connect --shop %s connects it again, with its history", c.ExternalID, old.ShopID, old.ShopID)
	} else if !fault.Is(err, fault.NotFound) {
		return "", c, err
	}
	id, err := s.AddShop(ctx, shop)
	if err != nil {
		return "", c, err
	}
	drafts, err := install.DefaultCampaigns()
	for _, d := range drafts {
		if err == nil {
			_, err = s.SaveCampaign(ctx, id, campaign.CampaignID(d.Name), d, campaign.Live)
		}
	}
	if err != nil {
		return id, c, err
	}
	c, err = Connect(ctx, s, id, c)
	return id, c, err
}

// Connect ties a platform account to a shop and takes up the deliveries that
// came before.
func Connect(ctx context.Context, s *store.Store, shop commerce.ShopID, c commerce.Connection) (commerce.Connection, error) {
	c.InstalledAt = s.Now()
	id, err := s.Connect(ctx, shop, c)
	if err != nil {
		return c, err
	}
	if c, err = s.ConnectionByID(ctx, id); err != nil {
		return c, err
	}
	_, err = s.TakePending(ctx, c)
	return c, err
}
