package store

import (
	"context"
	"time"

	"flywheel/commerce"
	"flywheel/delight/campaign"
)

// What a list of campaigns counts: so far back, and so many rows of each kind at most.
const (
	PulseDays = 30
	PulseRows = 3000
)

// Pulse is what came of a campaign in the last PulseDays.
type Pulse struct {
	Entered int64
	Active  int64 // who is in it now, up to WaitingMost and one more
	Sent    int64
	Held    int64 // how often a step was held, for a while or to its end
}

// Pulses counts for each campaign of a shop. Of a shop with very much the newest
// rows alone are counted, so that it takes as long; newest says so. Rehearsals
// are left out.
func (s *Store) Pulses(ctx context.Context, shop commerce.ShopID) (out map[campaign.CampaignID]Pulse, newest bool, err error) {
	q := s.query(ctx)
	out = map[campaign.CampaignID]Pulse{}
	back := commerce.Instant(time.Duration(PulseDays * 24 * time.Hour).Milliseconds())
	count := func(text string, since any, add func(p *Pulse, what string, n int64)) error {
		var rows []struct {
			Campaign string `db:"campaign_id"`
			What     string `db:"what"`
			N        int64  `db:"n"`
		}
		err := q.all(&rows, `SELECT campaign_id, what, COUNT(*) AS n FROM (`+text+` LIMIT $3) newest GROUP BY campaign_id, what`, shop, since, PulseRows)
		all := int64(0)
		for _, r := range rows {
			all += r.N
			p := out[campaign.CampaignID(r.Campaign)]
			add(&p, r.What, r.N)
			out[campaign.CampaignID(r.Campaign)] = p
		}
		newest = newest || all == PulseRows
		return err
	}
	first := idFrom(int64(realNow() - back))
	err = count(`SELECT campaign_id, state AS what FROM enrollments WHERE shop_id = $1 AND id > $2 AND rehearsal = 0 ORDER BY id DESC`, first, func(p *Pulse, _ string, n int64) { p.Entered += n })
	if err != nil {
		return nil, false, err
	}
	err = count(`SELECT campaign_id, state AS what FROM effects WHERE shop_id = $1 AND id > $2 AND rehearsal = 0 ORDER BY id DESC`, first, func(p *Pulse, what string, n int64) {
		if what == string(Sent) {
			p.Sent += n
		}
	})
	if err != nil {
		return nil, false, err
	}
	err = count(`SELECT campaign_id, answer AS what FROM decisions WHERE shop_id = $1 AND last_at > $2 AND answer = 'hold' ORDER BY last_at DESC`, s.Now()-back, func(p *Pulse, _ string, n int64) { p.Held += n })
	if err != nil {
		return nil, false, err
	}
	return out, newest, q.inside(shop, out)
}

// inside counts who is in each campaign now, by an index that holds nobody else;
// who is in a rehearsal is taken off.
func (q *query) inside(shop commerce.ShopID, out map[campaign.CampaignID]Pulse) error {
	var rows []struct {
		Campaign string `db:"campaign_id"`
		N        int64  `db:"n"`
	}
	err := q.all(&rows, `SELECT c.id AS campaign_id, (SELECT COUNT(*) FROM (SELECT 1 AS one FROM enrollments e WHERE e.shop_id || ' ' || e.campaign_id = c.shop_id || ' ' || c.id AND e.state = 'active' LIMIT $2) now)
			- (SELECT COUNT(*) FROM enrollments r WHERE r.shop_id = $1 AND r.campaign_id = c.id AND r.rehearsal = 1 AND r.state = 'active') AS n
		FROM campaigns c WHERE c.shop_id = $1`, shop, WaitingMost+1)
	for _, r := range rows {
		if p := out[campaign.CampaignID(r.Campaign)]; r.N > 0 {
			p.Active = r.N
			out[campaign.CampaignID(r.Campaign)] = p
		}
	}
	return err
}

// CountedPulses are the sums of what a worker has counted of a shop's days, from
// from on and before until, for each campaign. Active is not among them.
func (s *Store) CountedPulses(ctx context.Context, shop commerce.ShopID, from, until int64) (map[campaign.CampaignID]Pulse, error) {
	var rows []struct {
		Campaign string `db:"campaign_id"`
		Entered  int64  `db:"entered"`
		Sent     int64  `db:"sent"`
		Held     int64  `db:"held"`
	}
	err := s.query(ctx).all(&rows, `SELECT campaign_id, CAST(SUM(entered) AS BIGINT) AS entered, CAST(SUM(sent) AS BIGINT) AS sent, CAST(SUM(held) AS BIGINT) AS held FROM day_figures
		WHERE shop_id = $1 AND day >= $2 AND day < $3 AND campaign_id <> '' GROUP BY campaign_id`, shop, from, until)
	out := map[campaign.CampaignID]Pulse{}
	for _, r := range rows {
		out[campaign.CampaignID(r.Campaign)] = Pulse{Entered: r.Entered, Sent: r.Sent, Held: r.Held}
	}
	return out, err
}
