package apptest

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/integrations/shopify/shopifyfake"
)

// until moves business time to a moment.
func (a *App) until(at time.Time) {
	a.t.Helper()
	a.After(at.Sub(a.Clock.Now()))
}

func utc(year int, month time.Month, day, hour, minute int) time.Time {
	return time.Date(year, month, day, hour, minute, 0, 0, time.UTC)
}

// What falls into the night where the customer lives goes in their morning, not
// all at once, and order mails go at any hour.
func TestQuietHours(t *testing.T) {
	for name, c := range map[string]struct {
		country, region string
		at, morning     time.Time // UTC
		reason          string
	}{
		"in London":                              {"GB", "", utc(2026, 3, 2, 22, 30), utc(2026, 3, 3, 8, 0), "quiet_hours"},
		"in New York, by the address":            {"US", "NY", utc(2026, 3, 3, 3, 0), utc(2026, 3, 3, 13, 0), "quiet_hours"},
		"in America, nobody knows where":         {"US", "", utc(2026, 3, 3, 14, 0), utc(2026, 3, 3, 18, 0), "quiet_hours"}, // 8:00 in Honolulu
		"at half past in Kolkata":                {"IN", "", utc(2026, 3, 2, 22, 0), utc(2026, 3, 3, 2, 30), "quiet_hours"},
		"the night that loses an hour":           {"GB", "", utc(2026, 3, 28, 22, 0), utc(2026, 3, 29, 7, 0), "quiet_hours"},
		"the night that gains one":               {"GB", "", utc(2026, 10, 24, 21, 0), utc(2026, 10, 25, 8, 0), "quiet_hours"},
		"by day in Ramadan, in London":           {"GB", "", utc(2026, 3, 10, 12, 0), utc(2026, 3, 10, 12, 0), ""},
		"by day in Ramadan, in Jordan":           {"JO", "", utc(2026, 3, 10, 12, 0), utc(2026, 3, 10, 17, 30), "quiet_day"},
		"the first day of Eid, in Jordan":        {"JO", "", utc(2026, 3, 20, 9, 0), utc(2026, 3, 21, 5, 0), "quiet_day"},
		"the day of a shop that moved its feast": {"OM", "", utc(2026, 3, 20, 9, 0), utc(2026, 3, 20, 16, 30), "quiet_day"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			Plain(t, func(t *testing.T, a *App) {
				if c.country == "OM" {
					a.Settings(func(s *commerce.Settings) {
						s.Calendar.Special = map[string]commerce.SpecialDay{"eid_al_fitr": {Shift: 1}}
					})
				}
				a.Live(
					Campaign(campaign.OnOrderPaid),
					Campaign(campaign.OnOrderPaid, Named("receipt"), As("transactional"), Then(Mail("tell", "Your receipt"))),
				)
				a.until(c.at)
				o := a.Order(1).For(shopifyfake.Customer{ID: 6001, Email: Ada}, c.country)
				o.ShipTo.Region, o.AcceptsMarketing = c.region, true
				a.Send("orders/paid", o.Body())
				a.Wait()
				if c.reason == "" {
					require.Len(t, a.Mails(Ada), 2)
					return
				}
				a.WantMails(Ada, "Your receipt")
				require.Equal(t, []string{c.reason}, a.Reasons(Ada, "story"))
				a.After(30 * time.Hour)
				a.WantMails(Ada, "Your receipt", "It happened")
				at := a.SentAt(Ada)[1]
				require.False(t, at.Before(c.morning), "%s is too early", at)
				require.False(t, at.After(c.morning.Add(30*time.Minute)), "%s is too late", at)
			})
		})
	}
}

// A whole shop's evening does not go out at eight sharp.
func TestTheMorningIsSpread(t *testing.T) {
	t.Parallel()
	a := WithShop(t).Silent().Live(Campaign(campaign.OnOrderPaid))
	a.until(utc(2026, 3, 2, 23, 0))
	minutes := map[time.Duration]int{}
	for i := range 12 {
		a.Send("orders/paid", a.Order(int64(i+1)).For(shopifyfake.Customer{ID: int64(6100 + i), Email: fmt.Sprintf("bo%d@example.com", i)}, "GB").Body())
	}
	a.After(12 * time.Hour)
	for i := range 12 {
		at := a.SentAt(fmt.Sprintf("bo%d@example.com", i))
		require.Len(t, at, 1)
		minutes[at[0].Sub(utc(2026, 3, 3, 8, 0)).Truncate(time.Minute)]++
	}
	require.Greater(t, len(minutes), 5, "%v", minutes)
}

// A shop in Riyadh in Ramadan: asks go in the evening hours, and its customers'
// yes is needed as ever.
func TestRamadanInRiyadh(t *testing.T) {
	Each(t, func(t *testing.T, a *App) {
		a.Shop = a.Add(commerce.Shop{Name: "Nour", Email: "hello@nour.example", Locale: "en", Timezone: "Asia/Riyadh", Country: "SA", Currency: "SAR"},
			commerce.Connection{Platform: commerce.Shopify, ExternalID: "riyadh.myshopify.com", Live: true})
		a.Silent().Live(Campaign(campaign.OnOrderPaid))
		yes, no := a.Order(1).For(shopifyfake.Customer{ID: 6001, Email: Ada}, "SA"), a.Order(2).For(shopifyfake.Customer{ID: 6002, Email: "bo@example.com"}, "SA")
		yes.AcceptsMarketing = true
		for _, o := range []*shopifyfake.Order{yes, no} {
			a.Send("orders/paid", o.Body(), shopifyfake.From("riyadh.myshopify.com"))
		}
		a.After(24 * time.Hour)
		a.WantMails(Ada, "It happened")
		evening := utc(2026, 3, 2, 17, 30)
		require.WithinRange(t, a.SentAt(Ada)[0], evening, evening.Add(30*time.Minute))
		require.Contains(t, a.Reasons(Ada, "story"), "quiet_day")
		a.WantMails("bo@example.com")
		require.Contains(t, a.Reasons("bo@example.com", "story"), "no_consent")
	})
}

// A closed day of the shop is quiet until the next morning.
func TestClosedDay(t *testing.T) {
	Plain(t, func(t *testing.T, a *App) {
		a.Settings(func(s *commerce.Settings) { s.Calendar.Closed = []string{"03-02"} }).Live(Campaign(campaign.OnOrderPaid))
		sold(a, 1)
		a.After(36 * time.Hour)
		a.WantMails(Ada, "It happened")
		require.WithinRange(t, a.SentAt(Ada)[0], utc(2026, 3, 3, 8, 0), utc(2026, 3, 3, 8, 30))
		require.Contains(t, a.Reasons(Ada, "story"), "quiet_day")
	})
}
