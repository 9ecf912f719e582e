package store

import (
	"context"
	"encoding/json"
	"fmt"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/fault"
)

type campaignRow struct {
	ID         string `db:"id"`
	State      string `db:"state"`
	LiveAt     int64  `db:"live_at"`
	Version    int    `db:"version"`
	Definition string `db:"definition"`
}

func (r campaignRow) campaign() (campaign.Campaign, error) {
	c := campaign.Campaign{ID: campaign.CampaignID(r.ID), State: campaign.State(r.State), LiveAt: commerce.Instant(r.LiveAt), Version: r.Version}
	if err := json.Unmarshal([]byte(r.Definition), &c.Definition); err != nil {
		return c, fmt.Errorf("definition of campaign %s: %w", r.ID, err)
	}
	return c, nil
}

const selectCampaigns = `SELECT c.id, c.state, c.live_at, c.version, v.definition FROM campaigns c
	JOIN campaign_versions v ON v.shop_id = c.shop_id AND v.campaign_id = c.id AND v.version = c.version WHERE c.shop_id = $1`

// SaveCampaign keeps a definition as the campaign's next version and returns
// its number. A campaign that is new gets state; a known one keeps its own.
func (s *Store) SaveCampaign(ctx context.Context, shop commerce.ShopID, id campaign.CampaignID, d campaign.Definition, state campaign.State) (int, error) {
	if err := d.Check(); err != nil {
		return 0, err
	}
	data, err := json.Marshal(d)
	if err != nil {
		return 0, err
	}
	var version int
	err = s.Transact(ctx, func(tx *Tx) error {
		now := s.Now()
		liveAt := commerce.Instant(0)
		if state == campaign.Live {
			liveAt = now
		}
		if _, err := tx.one([]any{&version}, `INSERT INTO campaigns (shop_id, id, state, live_at, version) VALUES ($1, $2, $3, $4, 1)
			ON CONFLICT (shop_id, id) DO UPDATE SET version = campaigns.version + 1, rev = campaigns.rev + 1 RETURNING version`,
			shop, id, state, liveAt); err != nil {
			return err
		}
		_, err := tx.exec(`INSERT INTO campaign_versions (shop_id, campaign_id, version, definition, created_at) VALUES ($1, $2, $3, $4, $5)`,
			shop, id, version, string(data), now)
		return err
	})
	return version, err
}

// SetCampaignState changes a campaign's state; going live for the first time
// sets its moment, and what a pause held is looked at again.
func (s *Store) SetCampaignState(ctx context.Context, shop commerce.ShopID, id campaign.CampaignID, state campaign.State) error {
	return s.Transact(ctx, func(tx *Tx) error {
		n, err := tx.exec(`UPDATE campaigns SET state = $3, rev = rev + 1,
			live_at = CASE WHEN $3 = 'live' AND live_at = 0 THEN $4 ELSE live_at END WHERE shop_id = $1 AND id = $2`, shop, id, state, s.Now())
		if err == nil && n == 0 {
			err = fault.New(fault.NotFound, "there is no campaign %s in this shop", id)
		}
		if err != nil || state != campaign.Live {
			return err
		}
		return tx.TouchShop(shop)
	})
}

// ListCampaigns returns a shop's campaigns in their present versions.
func (s *Store) ListCampaigns(ctx context.Context, shop commerce.ShopID) ([]campaign.Campaign, error) {
	return s.query(ctx).campaigns(shop)
}

func (q *query) campaigns(shop commerce.ShopID) ([]campaign.Campaign, error) {
	var rows []campaignRow
	if err := q.all(&rows, selectCampaigns+` ORDER BY c.id`, shop); err != nil {
		return nil, err
	}
	out := make([]campaign.Campaign, 0, len(rows))
	for _, row := range rows {
		c, err := row.campaign()
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// CampaignVersion returns one version of a campaign's definition. Versions never change.
func (s *Store) CampaignVersion(ctx context.Context, shop commerce.ShopID, id campaign.CampaignID, version int) (campaign.Definition, error) {
	var d campaign.Definition
	var data string
	found, err := s.query(ctx).one([]any{&data}, `SELECT definition FROM campaign_versions WHERE shop_id = $1 AND campaign_id = $2 AND version = $3`,
		shop, id, version)
	if err == nil && !found {
		err = fault.New(fault.NotFound, "campaign %s has no version %d", id, version)
	}
	if err != nil {
		return d, err
	}
	return d, json.Unmarshal([]byte(data), &d)
}

// CampaignRevs returns a number that changes whenever a shop's campaigns do, so
// that compiled ones can be kept.
func (s *Store) CampaignRevs(ctx context.Context, shop commerce.ShopID) (int64, error) {
	var sum int64
	_, err := s.query(ctx).one([]any{&sum}, `SELECT COALESCE(SUM(rev), 0) + COUNT(*) * 1000000 FROM campaigns WHERE shop_id = $1`, shop)
	return sum, err
}

// CampaignStates returns which of a shop's campaigns are live.
func (tx *Tx) CampaignStates(shop commerce.ShopID) (map[campaign.CampaignID]campaign.State, error) {
	var rows []struct {
		ID    string `db:"id"`
		State string `db:"state"`
	}
	err := tx.all(&rows, `SELECT id, state FROM campaigns WHERE shop_id = $1`, shop)
	out := make(map[campaign.CampaignID]campaign.State, len(rows))
	for _, r := range rows {
		out[campaign.CampaignID(r.ID)] = campaign.State(r.State)
	}
	return out, err
}
