package server

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"flywheel/commerce"
	"flywheel/delight/calendar"
	"flywheel/delight/campaign"
	"flywheel/manage"
	"flywheel/store"
	"flywheel/templates"
)

const (
	// daysShown is how far back charts go, daysFar how far they go where that is asked for.
	daysShown, daysFar = 28, 90
	// dayAge is how old the figures of today may be before they are counted anew.
	dayAge = 10 * time.Minute
)

// lastDays are the days of a shop up to today, those that were counted.
type lastDays struct {
	from, until int64
	known       map[int64]store.Day
	at          commerce.Instant // when today's was counted; 0 = it was not
	anew        bool             // it is being counted
}

// days reads what became of a campaign, or of all (""), in the last n days of the
// shop. What is old is counted anew by a worker meanwhile: that changes nothing
// but how fresh the figures are.
func (s *Server) days(ctx context.Context, v visit, id campaign.CampaignID, n int64) (lastDays, error) {
	today := int64(calendar.DayOf(v.Shop.Timezone, s.Store.Now()))
	out := lastDays{from: today - n + 1, until: today + 1, known: map[int64]store.Day{}}
	days, err := s.Store.Days(ctx, v.Shop.ID, id, out.from, out.until)
	if err != nil {
		return out, err
	}
	for _, d := range days {
		out.known[d.Day], out.at = d, max(out.at, d.CountedAt)
	}
	if _, counted := out.known[today]; !counted || out.at.Add(dayAge) < s.Store.Now() {
		out.anew = true
		err = s.Store.AskDays(ctx, []commerce.ShopID{v.Shop.ID})
	}
	return out, err
}

// figure is one of a day's.
type figure struct {
	key, all string // the strings of its name and of its sum
	of       func(store.Day) int64
	href     string // where it is listed
}

// dayChart draws figures of days.
func (v visit) dayChart(id, title string, d lastDays, figures ...figure) *templates.Chart {
	n := d.until - d.from
	c := &templates.Chart{
		ID: id, Kind: "bars", Title: templates.Count(v.lang, v.Shop.Country, title, n, nil), First: templates.Say(v.lang, "chart_day", nil), Anew: d.anew,
		Note: templates.Say(v.lang, "chart_held_is", nil),
	}
	if d.at > 0 {
		c.At = d.at.Time()
	}
	busy, sums := 0, make([]int64, len(figures))
	for _, f := range figures {
		c.Series = append(c.Series, templates.ChartSeries{Name: templates.Say(v.lang, f.key, nil)})
	}
	for day := d.from; day < d.until; day++ {
		row, any := v.dayRow(day), false
		for i, f := range figures {
			one, counted := d.known[day]
			if !counted {
				row.Cells = append(row.Cells, templates.ChartCell{Text: "–"})
				continue
			}
			row.Cells = append(row.Cells, templates.Figure(v.lang, v.Shop.Country, f.of(one)))
			sums[i], any = sums[i]+f.of(one), any || f.of(one) > 0
		}
		if c.Rows = append(c.Rows, row); any {
			busy++
		}
	}
	switch {
	case len(d.known) == 0:
		c.Few, c.Rows, c.Anew, c.Note = templates.Say(v.lang, "chart_first", nil), nil, false, ""
		return c
	case busy < 2:
		c.Few = templates.Say(v.lang, "chart_few", nil)
	}
	for i, f := range figures {
		c.Said = append(c.Said, templates.ChartSaid{Text: templates.Count(v.lang, v.Shop.Country, f.all, sums[i], nil), Href: f.href})
	}
	return c
}

// dayRow names a day, counted since 1970, in the reader's calendar.
func (v visit) dayRow(day int64) templates.ChartRow {
	style := templates.Style{Lang: templates.Language(v.lang), Country: v.Shop.Country}
	at := time.Unix(day*24*60*60, 0)
	return templates.ChartRow{Label: style.Date(at, "%-d %b"), Long: style.Date(at, "medium")}
}

func sentOf(d store.Day) int64    { return d.Sent }
func heldOf(d store.Day) int64    { return d.Held }
func enteredOf(d store.Day) int64 { return d.Entered }

// fillDays shows on the home what became of messages day by day.
func (s *Server) fillDays(ctx context.Context, v visit, h *templates.Home) error {
	d, err := s.days(ctx, v, "", daysShown)
	h.Days = v.dayChart("days", "chart_days_title", d,
		figure{"chart_sent", "chart_all_sent", sentOf, h.Link("/lists/messages?state=sent")}, figure{"chart_held", "chart_all_held", heldOf, h.Link("/lists/held")})
	return err
}

// campaignDays shows how one campaign went, over more days where that is asked for.
func (s *Server) campaignDays(ctx context.Context, v visit, a templates.Admin, id campaign.CampaignID, far bool) (*templates.Chart, error) {
	n := int64(daysShown)
	if far {
		n = daysFar
	}
	d, err := s.days(ctx, v, id, n)
	if err != nil {
		return nil, err
	}
	mine := "campaign=" + url.QueryEscape(string(id))
	c := v.dayChart("days", "chart_campaign_title", d, figure{"chart_entered", "chart_all_entered", enteredOf, a.Link("/lists/walks?" + mine)},
		figure{"chart_sent", "chart_all_sent", sentOf, a.Link("/lists/messages?state=sent&" + mine)}, figure{"chart_held", "chart_all_held", heldOf, a.Link("/lists/held?" + mine)})
	c.Kind = "line"
	for _, span := range []int64{daysShown, daysFar} {
		c.More = append(c.More, templates.Choice{
			Name: templates.Count(v.lang, v.Shop.Country, "chart_span_days", span, nil), Value: a.Link(campaignPath(id, "?days="+strconv.FormatInt(span, 10))), On: span == n,
		})
	}
	return c, nil
}

// planChart shows how far the orders of a period have filled the plan; nil where it has no limit.
func (s *Server) planChart(ctx context.Context, v visit, from, until, now commerce.Instant, limit int64) (*templates.Chart, error) {
	if limit <= 0 {
		return nil, nil
	}
	days, err := s.Store.UsageDays(ctx, v.Shop.ID, from, until)
	if err != nil {
		return nil, err
	}
	of := map[int64]int64{}
	for _, d := range days {
		of[d.Day] += d.Paid - d.Refunded
	}
	c := &templates.Chart{
		ID: "usage", Kind: "line", Title: templates.Say(v.lang, "chart_plan_title", nil), First: templates.Say(v.lang, "chart_day", nil),
		Series: []templates.ChartSeries{{Name: templates.Say(v.lang, "chart_orders", nil)}, {Name: templates.Say(v.lang, "chart_limit", nil), Limit: true}},
	}
	sum, busy := int64(0), 0
	for day := from.DayOf(); day < until.DayOf() && len(c.Rows) < 400; day++ {
		row := v.dayRow(day)
		if sum += of[day]; of[day] != 0 {
			busy++
		}
		if day <= now.DayOf() {
			row.Cells = append(row.Cells, templates.Figure(v.lang, v.Shop.Country, sum))
		} else {
			row.Cells = append(row.Cells, templates.ChartCell{Text: "–"})
		}
		row.Cells = append(row.Cells, templates.Figure(v.lang, v.Shop.Country, limit))
		c.Rows = append(c.Rows, row)
	}
	if busy < 2 {
		c.Few = templates.Say(v.lang, "chart_few", nil)
	}
	return c, nil
}

// splitChart shows each way's share with what it lies between.
func (s speaker) splitChart(sp manage.Split) *templates.Chart {
	c := &templates.Chart{ID: "split-" + sp.Step, Kind: "ranges", Title: s.say("chart_split_title"), Level: "h3", First: s.say("campaigns_arm"), Series: []templates.ChartSeries{{Name: s.say("chart_share")}}}
	percent := func(share float64) string { return strconv.FormatFloat(100*share, 'f', 1, 64) }
	for _, a := range sp.Arms {
		if a.Entered == 0 {
			continue
		}
		share := float64(a.Converted) / float64(a.Entered)
		c.Rows = append(c.Rows, templates.ChartRow{Label: a.Name, Cells: []templates.ChartCell{{
			Value: percent(share), Text: s.percent(share) + " (" + s.percent(a.Low) + " – " + s.percent(a.High) + ")", Low: percent(a.Low), Up: percent(a.High),
		}}})
	}
	return c
}
