package store

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"flywheel/commerce"
	"flywheel/delight/campaign"
)

// Day is what became of a campaign, or of all, on one of the shop's days.
type Day struct {
	Day       int64               `db:"day"`         // since 1970, by the shop's clocks
	Campaign  campaign.CampaignID `db:"campaign_id"` // "" = all of them
	Entered   int64               `db:"entered"`
	Sent      int64               `db:"sent"` // mails
	Held      int64               `db:"held"` // steps that were last held on that day
	CountedAt commerce.Instant    `db:"counted_at"`
}

// keepDays is how long the figures of a day are kept.
const keepDays = 400

// Days returns what became of a campaign, or of all ("") on the days from from on
// and before until, the first first. A day that was not counted is not among them.
func (s *Store) Days(ctx context.Context, shop commerce.ShopID, id campaign.CampaignID, from, until int64) ([]Day, error) {
	q := s.query(ctx)
	ids := []campaign.CampaignID{""}
	if id != "" {
		ids = append(ids, id)
	}
	var rows []Day
	err := q.all(&rows, `SELECT day, campaign_id, entered, sent, held, counted_at FROM day_figures
		WHERE shop_id = $1 AND `+q.days(2)+` AND campaign_id `+q.in(3)+` ORDER BY day, campaign_id`, shop, q.numbers(from, until), list(q, ids))
	var out []Day
	for _, r := range rows {
		switch {
		case r.Campaign == "" && id == "":
			out = append(out, r)
		case r.Campaign == "": // it was counted, and the campaign's own row follows if there is one
			out = append(out, Day{Day: r.Day, Campaign: id, CountedAt: r.CountedAt})
		case len(out) > 0 && out[len(out)-1].Day == r.Day:
			out[len(out)-1] = r
		}
	}
	return out, err
}

// FleetDays returns the days of several shops, each as Days does for all campaigns.
func (s *Store) FleetDays(ctx context.Context, shops []commerce.ShopID, from, until int64) (map[commerce.ShopID][]Day, error) {
	q := s.query(ctx)
	var rows []struct {
		Shop commerce.ShopID `db:"shop_id"`
		Day
	}
	out := map[commerce.ShopID][]Day{}
	if len(shops) == 0 {
		return out, nil
	}
	err := q.all(&rows, `SELECT shop_id, day, campaign_id, entered, sent, held, counted_at FROM day_figures
		WHERE shop_id `+q.in(1)+` AND `+q.days(2)+` AND campaign_id = '' ORDER BY shop_id, day`, list(q, shops), q.numbers(from, until))
	for _, r := range rows {
		out[r.Shop] = append(out[r.Shop], r.Day)
	}
	return out, err
}

// days names the days of parameter n one by one, so that the index leads to the rows of one campaign.
func (q *query) days(n int) string {
	if q.d == postgres {
		return "day = ANY($" + strconv.Itoa(n) + "::bigint[])"
	}
	return "day " + q.in(n)
}

// numbers is the parameter of days.
func (q *query) numbers(from, until int64) any {
	out := []int64{}
	for day := from; day < until; day++ {
		out = append(out, day)
	}
	if q.d == postgres {
		return out
	}
	data, _ := json.Marshal(out) // numbers always encode
	return string(data)
}

var saveDays = newBatch(`shop_id text, day bigint, campaign_id text, entered bigint, sent bigint, held bigint, counted_at bigint`,
	`INSERT INTO day_figures (shop_id, day, campaign_id, entered, sent, held, counted_at) {insert}`)

// SaveDays keeps what was counted of the days from from on and before until, in
// place of what was known of them. Each day gets a row that sums its campaigns up.
func (s *Store) SaveDays(ctx context.Context, shop commerce.ShopID, from, until int64, days []Day) error {
	all := map[int64]*Day{}
	for day := from; day < until; day++ {
		all[day] = &Day{Day: day}
	}
	now := s.Now()
	rows := make([][]any, 0, len(days)+len(all))
	row := func(d Day) { rows = append(rows, []any{shop, d.Day, d.Campaign, d.Entered, d.Sent, d.Held, now}) }
	for _, d := range days {
		if sum := all[d.Day]; sum != nil && d.Campaign != "" {
			sum.Entered, sum.Sent, sum.Held = sum.Entered+d.Entered, sum.Sent+d.Sent, sum.Held+d.Held
			row(d)
		}
	}
	for _, sum := range all {
		row(*sum)
	}
	return s.Transact(ctx, func(tx *Tx) error {
		if _, err := tx.Shop(shop); err != nil { // nothing is kept of one that is gone
			return err
		}
		if _, err := tx.exec(`DELETE FROM day_figures WHERE shop_id = $1 AND (day >= $2 AND day < $3 OR day < $4)`, shop, from, until, until-keepDays); err != nil {
			return err
		}
		return tx.run(saveDays, rows, nil)
	})
}

// LastDay is the last day of a shop's that was counted; false = none was.
func (s *Store) LastDay(ctx context.Context, shop commerce.ShopID) (day int64, found bool, err error) {
	found, err = s.query(ctx).one([]any{&day}, `SELECT day FROM day_figures WHERE shop_id = $1 ORDER BY day DESC LIMIT 1`, shop)
	return day, found, err
}

// Quarter is how long what CountQuarters counts apart takes: every zone's days begin with one.
const Quarter = commerce.Instant(15 * 60 * 1000)

// claimSlack is how long before it went out a mail may have been begun.
const claimSlack = 14 * 24 * time.Hour

// CountQuarters counts what became of a shop's campaigns from from on and before
// until, by quarters of an hour: Day is the number of the quarter since 1970.
// Rehearsals are left out. It reads whole ranges of rows: for jobs, never for a page.
func (s *Store) CountQuarters(ctx context.Context, shop commerce.ShopID, from, until commerce.Instant) ([]Day, error) {
	q := s.query(ctx)
	by := map[Day]*Day{}
	count := func(text string, into func(*Day) *int64, args ...any) error {
		var rows []struct {
			Day
			N int64 `db:"n"`
		}
		err := q.all(&rows, text, append([]any{shop, from, until, int64(Quarter)}, args...)...)
		for _, r := range rows {
			one := by[r.Day]
			if one == nil {
				key := r.Day
				one = &key
				by[r.Day] = one
			}
			*into(one) += r.N
		}
		return err
	}
	// ids tell when a row was made by the real clock, which a demo's leaves behind
	first := idFrom(min(int64(from.Add(-claimSlack)), int64(realNow()-(s.Now()-from.Add(-claimSlack)))))
	if err := count(`SELECT campaign_id, created_at / $4 AS day, COUNT(*) AS n FROM enrollments
		WHERE shop_id = $1 AND id >= $5 AND created_at >= $2 AND created_at < $3 AND rehearsal = 0 GROUP BY campaign_id, created_at / $4`,
		func(d *Day) *int64 { return &d.Entered }, first); err != nil {
		return nil, err
	}
	if err := count(`SELECT campaign_id, done_at / $4 AS day, COUNT(*) AS n FROM effects
		WHERE shop_id = $1 AND id >= $5 AND done_at >= $2 AND done_at < $3 AND state = 'sent' AND kind = 'send_email' AND rehearsal = 0 GROUP BY campaign_id, done_at / $4`,
		func(d *Day) *int64 { return &d.Sent }, first); err != nil {
		return nil, err
	}
	// What is held again later was held first on one day, whenever somebody looks.
	err := count(`SELECT campaign_id, first_at / $4 AS day, COUNT(*) AS n FROM decisions
		WHERE shop_id = $1 AND last_at >= $2 AND first_at >= $2 AND first_at < $3 AND answer = 'hold' GROUP BY campaign_id, first_at / $4`, func(d *Day) *int64 { return &d.Held })
	out := make([]Day, 0, len(by))
	for _, d := range by {
		out = append(out, *d)
	}
	slices.SortFunc(out, func(a, b Day) int { return int(a.Day - b.Day) })
	return out, err
}

var askDays = newBatch(`shop_id text, id text, kind text, at bigint`,
	`INSERT INTO estimates (shop_id, id, kind, question, state, asked_at) SELECT v.shop_id, v.id, v.kind, '{}', 'asked', v.at {from}
	WHERE EXISTS (SELECT 1 FROM shops s WHERE s.id = v.shop_id AND length(s.data_key) > 0)
		AND NOT EXISTS (SELECT 1 FROM estimates e WHERE e.shop_id = v.shop_id AND e.kind = v.kind AND e.state IN ('asked', 'running'))`)

// AskDays has the days of shops counted by a worker; of those that wait for one it changes nothing.
func (s *Store) AskDays(ctx context.Context, shops []commerce.ShopID) error {
	rows := make([][]any, len(shops))
	for i, shop := range shops {
		rows[i] = []any{shop, NewID(), string(EstimateDays), s.Now()}
	}
	return s.Transact(ctx, func(tx *Tx) error { return tx.run(askDays, rows, nil) })
}
