package apptest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/store/storetest"
)

// historyCampaigns read a person's purchases. Each writes 30 days behind its
// moment, so that all deliveries come before the first mail.
func historyCampaigns() []campaign.Definition {
	read := func(name string, trigger campaign.Trigger, cooling time.Duration) campaign.Definition {
		tell := Mail("tell", name+" {{ order.name }}")
		tell.Useful = campaign.Duration(90 * Day)
		return Campaign(trigger.Kind, Named(name), Then(Pause("later", 30*Day), tell), func(d *campaign.Definition) {
			d.Trigger, d.Entry.CoolingOff = trigger, campaign.Duration(cooling)
		})
	}
	return []campaign.Definition{
		read("first", campaign.Trigger{Kind: campaign.OnFirstOrder}, 0),
		read("second", campaign.Trigger{Kind: campaign.OnNthOrder, N: 2}, 0),
		read("spent", campaign.Trigger{Kind: campaign.OnSpendThreshold, Amount: "150"}, 0),
		read("ask", campaign.Trigger{Kind: campaign.OnOrderPaid}, 7*Day),
		read("lapsed", campaign.Trigger{Kind: campaign.OnLapsed, After: campaign.Duration(20 * Day)}, 0),
	}
}

// permutations lists all orders of n things.
func permutations(n int) (all [][]int) {
	if n == 0 {
		return [][]int{nil}
	}
	for _, p := range permutations(n - 1) {
		for i := range n {
			all = append(all, slices.Insert(slices.Clone(p), i, n-1))
		}
	}
	return all
}

// Four orders of one person, of 82.90 each on four days, one of them given back:
// in whatever order they are told, in the end the same mails are sent.
func TestAnyOrderOfDeliveriesSendsTheSame(t *testing.T) {
	for name, c := range map[string]struct {
		engines  []string // a shop for each order of arrival: all 24 on one engine once, some of them elsewhere
		refunded int      // which order; 0 = none
		want     []string
	}{
		"nothing is given back": {[]string{"sqlite"}, 0, []string{"ask #1001", "ask #1003", "first #1001", "lapsed #1004", "second #1002", "spent #1002"}},
		"the first is":          {storetest.Engines, 1, []string{"ask #1002", "ask #1004", "first #1002", "lapsed #1004", "second #1003", "spent #1003"}},
		"the last is":           {[]string{"postgres"}, 4, []string{"ask #1001", "ask #1003", "first #1001", "lapsed #1003", "second #1002", "spent #1002"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, engine := range c.engines {
				t.Run(engine, func(t *testing.T) {
					t.Parallel()
					a := Start(t, Noon, On(t, engine))
					all := permutations(4)
					if engine != "sqlite" || c.refunded != 1 {
						all = slices.Concat(all[0:3], all[9:12], all[18:21])
					}
					shops := make([]commerce.Shop, len(all))
					for i := range all {
						a.Shop = a.Add(commerce.Shop{Name: "Nour & Co", Email: "hello@nour.example", Locale: "en", Timezone: "Europe/London", Country: "GB", Currency: "EUR"},
							commerce.Connection{Platform: commerce.Shopify, ExternalID: domainOf(i), Live: true})
						a.Silent().Settings(func(s *commerce.Settings) { s.Caps.Asks.Limit, s.Caps.Asks.Days = -1, 1 }).Live(historyCampaigns()...)
						shops[i] = a.Shop
					}
					begin := a.Clock.Now()
					a.After(15 * Day)
					for i, order := range all {
						a.tellHistory(i, order, begin, c.refunded)
					}
					a.After(100 * Day)
					for i, order := range all {
						var got []string
						for _, m := range a.Mails(boAt(i)) {
							got = append(got, m.Subject)
						}
						slices.Sort(got)
						require.Equal(t, c.want, got, "told in the order %v", order)
					}
				})
			}
		})
	}
}

// tellHistory delivers the four orders of a shop's one customer in an order,
// with a rest behind some of them.
func (a *App) tellHistory(shop int, order []int, begin time.Time, refunded int) {
	for _, which := range order {
		o := shopifyfake.NewOrder(int64(which+1), begin.Add(time.Duration(1+4*which)*Day)).For(bo(shop), "GB")
		paid := func() {
			a.Send("orders/paid", o.Body(), shopifyfake.From(domainOf(shop)), shopifyfake.TriggeredAt(o.PlacedAt))
		}
		if which+1 == refunded && shop%2 == 0 { // the refund may be told first
			back := begin.Add(14 * Day)
			body := *o
			a.Send("refunds/create", o.Refund(back, o.Total()).Body(), shopifyfake.From(domainOf(shop)), shopifyfake.TriggeredAt(back))
			*o = body
			paid()
		} else if paid(); which+1 == refunded {
			back := begin.Add(14 * Day)
			a.Send("refunds/create", o.Refund(back, o.Total()).Body(), shopifyfake.From(domainOf(shop)), shopifyfake.TriggeredAt(back))
		}
		if shop%3 == 0 {
			a.Wait()
		}
	}
}

// Who buys again has not lapsed, and their next absence counts anew.
func TestLapsedEndsWithTheNextPurchase(t *testing.T) {
	Plain(t, func(t *testing.T, a *App) {
		a.Live(Campaign(campaign.OnLapsed, func(d *campaign.Definition) { d.Trigger.After = campaign.Duration(60 * Day) },
			Then(Mail("one", "One"), Pause("a", 10*Day), Mail("two", "Two"))))
		sold(a, 1)
		a.After(61 * Day)
		a.WantMails(Ada, "One")
		sold(a, 2)
		a.After(20 * Day)
		a.WantMails(Ada, "One")
		require.Contains(t, a.Reasons(Ada, "story"), "bought_again")
		a.After(60 * Day)
		a.WantMails(Ada, "One", "One", "Two")
	})
}

// Going live, a campaign of the clock looks through past orders and enters those
// whose moment is to come, once: who is past it is left in peace.
func TestGoLiveFansOut(t *testing.T) {
	Plain(t, func(t *testing.T, a *App) {
		for i := range 6 {
			a.Send("orders/paid", a.Order(int64(i+1)).For(bo(i), "GB").Body())
			a.After(10 * Day)
		}
		d := Campaign(campaign.OnLapsed, func(d *campaign.Definition) { d.Trigger.After = campaign.Duration(35 * Day) })
		a.Live(d)
		require.Len(t, a.Walks("story"), 3, "of 60, 50, 40, 30, 20 and 10 days ago")
		require.NoError(t, a.Desk().Pause(a.Ctx, a.Shop.ID, "story"))
		require.NoError(t, a.Desk().Resume(a.Ctx, a.Shop.ID, "story", false)) // looks again
		a.Wait()
		require.Len(t, a.Walks("story"), 3)
		a.After(40 * Day)
		for i := range 6 {
			want := 1
			if i < 3 {
				want = 0
			}
			require.Len(t, a.Mails(boAt(i)), want, boAt(i))
		}
	})
}

// A new product reaches those who bought a related one, each once, however many
// such orders they have and however often the product is told.
func TestNewProductReachesBuyersOfRelatedOnes(t *testing.T) {
	Plain(t, func(t *testing.T, a *App) {
		a.API("PUT", "/products", `{"products": [{"id": "501", "title": "Merino scarf", "type": "Scarves"}, {"id": "502", "title": "Beeswax candle", "type": "Candles"}]}`)
		a.Live(Campaign(campaign.OnNewProduct, func(d *campaign.Definition) { d.Trigger.Related = []string{campaign.SameType} },
			Then(Mail("tell", "New: {{ product.title }}"))))
		scarf, candle := shopifyfake.Line{Title: "Merino scarf", Product: 501, Quantity: 1, Price: 4900}, shopifyfake.Line{Title: "Beeswax candle", Product: 502, Quantity: 1, Price: 1900}
		for i, line := range []shopifyfake.Line{scarf, candle, scarf} {
			a.Send("orders/paid", a.Order(int64(i+1)).For(bo(i), "GB").With(line).Body())
		}
		a.Send("orders/paid", a.Order(9).For(bo(0), "GB").With(scarf).Body())
		back := a.Order(10).For(bo(3), "GB").With(scarf)
		a.Send("orders/paid", back.Body())
		a.Send("refunds/create", back.Refund(a.Clock.Now(), back.Total()).Body())
		a.Wait()
		p := shopifyfake.NewProduct(77, a.Clock.Now())
		p.Title, p.Type = "Cashmere scarf", "Scarves"
		a.Send("products/create", p.Publish(a.Clock.Now()).Body())
		a.Send("products/update", p.Body())
		a.Wait()
		a.After(Day)
		for i, want := range []int{1, 0, 1, 0} {
			require.Len(t, a.Mails(boAt(i)), want, boAt(i))
		}
		a.WantMails(boAt(0), "New: Cashmere scarf")
		require.Equal(t, 1, a.Count(fmt.Sprintf(`SELECT COUNT(*) FROM fanouts WHERE shop_id = '%s' AND kind = 'product'`, a.Shop.ID)))
	})
}
