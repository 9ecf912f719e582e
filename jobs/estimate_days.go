package jobs

import (
	"context"
	"strconv"

	"flywheel/commerce"
	"flywheel/delight/calendar"
	"flywheel/delight/campaign"
	"flywheel/store"
)

const (
	// daysBack is how many days are counted of a shop of which none were.
	daysBack = 90
	// daysAtOnce is how many of them one portion has.
	daysAtOnce = 7
)

// dayCount counts what became of a shop's campaigns, day by day as the shop's
// clocks go. What is over stays as it was counted: it begins with the last day
// that was, which was not over then.
type dayCount struct {
	Until int `json:"until"` // all days before it are counted

	w    *Worker
	shop commerce.Shop
}

func (c *dayCount) count(ctx context.Context, after string, rows int) (string, int, error) {
	zone := c.shop.Timezone
	today := calendar.DayOf(zone, c.w.Store.Now())
	from, err := strconv.Atoi(after)
	if err != nil { // the first portion
		last, found, err := c.w.Store.LastDay(ctx, c.shop.ID)
		if err != nil {
			return after, 0, err
		}
		if from = today - daysBack + 1; found && int(last) > from {
			from = min(int(last), today)
		}
	}
	until := min(from+daysAtOnce, today+1)
	quarters, err := c.w.Store.CountQuarters(ctx, c.shop.ID, calendar.DayBegins(zone, from), calendar.DayBegins(zone, until))
	if err != nil {
		return after, 0, err
	}
	if err := c.w.Store.SaveDays(ctx, c.shop.ID, int64(from), int64(until), daysOf(quarters, zone)); err != nil {
		return after, 0, err
	}
	if c.Until = until; until > today {
		return after, 0, nil
	}
	return strconv.Itoa(until), rows, nil
}

// daysOf sums quarters of an hour up to days of a zone.
func daysOf(quarters []store.Day, zone string) (out []store.Day) {
	type key struct {
		day int64
		id  campaign.CampaignID
	}
	at := map[key]int{}
	for _, q := range quarters {
		k := key{int64(calendar.DayOf(zone, commerce.Instant(q.Day)*store.Quarter)), q.Campaign}
		i, known := at[k]
		if !known {
			i = len(out)
			at[k], out = i, append(out, store.Day{Day: k.day, Campaign: k.id})
		}
		out[i].Entered, out[i].Sent, out[i].Held = out[i].Entered+q.Entered, out[i].Sent+q.Sent, out[i].Held+q.Held
	}
	return out
}
