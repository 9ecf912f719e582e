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
	pulseRows = 10_000
)

// Pulse is what came of a campaign in the last PulseDays.
type Pulse struct {
	Entered int64
	Active  int64 // of those, who is still in it
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
		err := q.all(&rows, `SELECT campaign_id, what, COUNT(*) AS n FROM (`+text+` LIMIT $3) newest GROUP BY campaign_id, what`, shop, since, pulseRows)
		all := int64(0)
		for _, r := range rows {
			all += r.N
			p := out[campaign.CampaignID(r.Campaign)]
			add(&p, r.What, r.N)
			out[campaign.CampaignID(r.Campaign)] = p
		}
		newest = newest || all == pulseRows
		return err
	}
	first := idFrom(int64(realNow() - back))
	err = count(`SELECT campaign_id, state AS what FROM enrollments WHERE shop_id = $1 AND id > $2 AND rehearsal = 0 ORDER BY id DESC`, first, func(p *Pulse, what string, n int64) {
		if p.Entered += n; what == "active" {
			p.Active += n
		}
	})
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
	return out, newest, err
}
