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
	Paused     string `db:"paused_reason"`
	Version    int    `db:"version"`
	Definition string `db:"definition"`
}

func (r campaignRow) campaign() (campaign.Campaign, error) {
	c := campaign.Campaign{ID: campaign.CampaignID(r.ID), State: campaign.State(r.State), LiveAt: commerce.Instant(r.LiveAt), Version: r.Version, PausedReason: r.Paused}
	if err := json.Unmarshal([]byte(r.Definition), &c.Definition); err != nil {
		return c, fmt.Errorf("definition of campaign %s: %w", r.ID, err)
	}
	return c, nil
}

const selectCampaigns = `SELECT c.id, c.state, c.live_at, c.paused_reason, c.version, v.definition FROM campaigns c
	JOIN campaign_versions v ON v.shop_id = c.shop_id AND v.campaign_id = c.id AND v.version = c.version WHERE c.shop_id = $1`

// Saving says how a version is kept.
type Saving struct {
	State campaign.State // of a campaign that is new; a known one keeps its own
	By    string         // who saves it; "" = the program
	Note  string         // what they say about it
}

// SaveCampaign keeps a definition as the campaign's next version and returns
// its number. A campaign that is new gets state; a known one keeps its own.
func (s *Store) SaveCampaign(ctx context.Context, shop commerce.ShopID, id campaign.CampaignID, d campaign.Definition, state campaign.State) (int, error) {
	return s.SaveVersion(ctx, shop, id, d, Saving{State: state})
}

// SaveVersion is SaveCampaign with who did it and why.
func (s *Store) SaveVersion(ctx context.Context, shop commerce.ShopID, id campaign.CampaignID, d campaign.Definition, saving Saving) (version int, err error) {
	err = s.Transact(ctx, func(tx *Tx) (err error) {
		version, err = tx.saveVersion(shop, id, d, saving)
		return err
	})
	return version, err
}

func (tx *Tx) saveVersion(shop commerce.ShopID, id campaign.CampaignID, d campaign.Definition, saving Saving) (int, error) {
	if err := d.Check(); err != nil {
		return 0, err
	}
	data, err := json.Marshal(d)
	if err != nil {
		return 0, err
	}
	now, liveAt, version := tx.Now(), commerce.Instant(0), 0
	if saving.State == campaign.Live || saving.State == campaign.Rehearsal {
		liveAt = now
	}
	if _, err := tx.one([]any{&version}, `INSERT INTO campaigns (shop_id, id, state, live_at, version, created_at) VALUES ($1, $2, $3, $4, 1, $5)
		ON CONFLICT (shop_id, id) DO UPDATE SET version = campaigns.version + 1, rev = campaigns.rev + 1 RETURNING version`,
		shop, id, saving.State, liveAt, now); err != nil {
		return 0, err
	}
	_, err = tx.exec(`INSERT INTO campaign_versions (shop_id, campaign_id, version, definition, created_at, author, note) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		shop, id, version, string(data), now, saving.By, saving.Note)
	return version, err
}

// Version tells of one saved version.
type Version struct {
	Number int              `db:"version"`
	At     commerce.Instant `db:"created_at"`
	By     string           `db:"author"`
	Note   string           `db:"note"`
}

// Versions lists a campaign's versions, the newest first.
func (s *Store) Versions(ctx context.Context, shop commerce.ShopID, id campaign.CampaignID) ([]Version, error) {
	var out []Version
	err := s.query(ctx).all(&out, `SELECT version, created_at, author, note FROM campaign_versions WHERE shop_id = $1 AND campaign_id = $2 ORDER BY version DESC`, shop, id)
	return out, err
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
