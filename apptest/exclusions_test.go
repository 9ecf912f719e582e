package apptest

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/integrations/shopify/shopifyfake"
)

// Orders and people that are left alone: no ask goes to them, for a reason that
// is kept; and what the shop may allow goes once it does.
func TestWhomNobodyAsks(t *testing.T) {
	for name, c := range map[string]struct {
		change  func(o *shopifyfake.Order)
		exclude func(e *commerce.Exclude)
		reason  gate.Reason
		thanks  bool // order mails go all the same
		allow   func(e *commerce.Exclude)
	}{
		"sold on Amazon": {change: func(o *shopifyfake.Order) { o.Amazon() }, reason: gate.Marketplace},
		"sold on eBay":   {change: func(o *shopifyfake.Order) { o.Sold("ebay") }, reason: gate.Marketplace},
		"sold on TikTok": {change: func(o *shopifyfake.Order) { o.Sold("tiktok") }, reason: gate.Marketplace},
		"a relay address": {
			change: func(o *shopifyfake.Order) { o.Customer.Email = "k3v9q2w7x1@marketplace.amazon.com" }, reason: gate.RelayAddress,
		},
		"sold to a company": {
			change: func(o *shopifyfake.Order) { o.B2B(17) }, reason: gate.BusinessOrder,
			allow: func(e *commerce.Exclude) { e.AllowB2B = true },
		},
		"over the counter": {
			change: func(o *shopifyfake.Order) { o.Counter() }, reason: gate.PointOfSale, thanks: true,
			allow: func(e *commerce.Exclude) { e.AllowPOS = true },
		},
		"a draft": {
			change: func(o *shopifyfake.Order) { o.Draft(false) }, reason: gate.DraftOrder,
			allow: func(e *commerce.Exclude) { e.AllowDrafts = true },
		},
		"for nothing": {
			change: func(o *shopifyfake.Order) {
				o.With(shopifyfake.Line{Title: "A sample", Quantity: 1}).Shipping = 0
			}, reason: gate.ZeroTotal,
			allow: func(e *commerce.Exclude) { e.AllowZeroTotal = true },
		},
		"somebody of the shop": {change: func(o *shopifyfake.Order) { o.Customer.Email = "huda@nour.example" }, reason: gate.Staff},
		"a listed colleague": {
			change:  func(o *shopifyfake.Order) { o.Customer.Email = "huda@agency.example" },
			exclude: func(e *commerce.Exclude) { e.Staff = []string{"agency.example"} }, reason: gate.Staff,
		},
		"a gift": {
			change: func(o *shopifyfake.Order) { o.Gift("Happy birthday!") }, reason: gate.GiftOrder, thanks: true,
			allow: func(e *commerce.Exclude) { e.AllowGifts = true },
		},
		"a listed tag": {
			change:  func(o *shopifyfake.Order) { o.Tags = []string{"VIP", "No-Mail"} },
			exclude: func(e *commerce.Exclude) { e.Tags = []string{"no-mail"} }, reason: gate.ExcludedTag,
		},
		"listed products alone": {
			change: func(o *shopifyfake.Order) {
				o.With(shopifyfake.Line{Title: "A voucher", Product: 77, Quantity: 1, Price: 5000})
			},
			exclude: func(e *commerce.Exclude) { e.Products = []string{"77"} }, reason: gate.ExcludedProduct,
		},
		"a listed customer": {
			change:  func(*shopifyfake.Order) {},
			exclude: func(e *commerce.Exclude) { e.Customers = []string{"6001"} }, reason: gate.ExcludedPerson,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			Plain(t, func(t *testing.T, a *App) {
				if c.exclude != nil {
					a.Settings(func(s *commerce.Settings) { c.exclude(&s.Exclude) })
				}
				a.Live(
					Campaign(campaign.OnOrderPaid),
					Campaign(campaign.OnOrderPaid, Named("thanks"), As(gate.Transactional), Then(Mail("tell", "Thank you")), func(d *campaign.Definition) { d.Job = commerce.JobThanks }),
				)
				o := a.Order(1)
				c.change(o)
				a.Send("orders/paid", o.Body())
				a.After(time.Hour)
				to := o.Customer.Email
				require.Contains(t, a.Reasons(to, "story"), string(c.reason))
				want := map[string]int{}
				if c.thanks {
					want["Thank you"] = 1
				}
				require.Equal(t, want, a.Subjects(to))
				if c.allow == nil {
					return
				}
				a.Settings(func(s *commerce.Settings) { c.allow(&s.Exclude) })
				next := a.Order(2)
				c.change(next)
				a.Send("orders/paid", next.Body())
				a.After(time.Hour)
				require.Positive(t, a.Subjects(to)["It happened"], "%v", a.Subjects(to))
			})
		})
	}
}

// A draft whose invoice the customer paid is an order like any other; a sale
// over the counter with a yes as well.
func TestWhatIsNotExcluded(t *testing.T) {
	for name, change := range map[string]func(o *shopifyfake.Order){
		"an invoiced draft":          func(o *shopifyfake.Order) { o.Draft(true) },
		"over the counter, with yes": func(o *shopifyfake.Order) { o.Counter().AcceptsMarketing = true },
		"a voucher beside a scarf": func(o *shopifyfake.Order) {
			o.With(shopifyfake.Line{Title: "A voucher", Product: 77, Quantity: 1, Price: 5000}, shopifyfake.Line{Title: "Merino scarf", Quantity: 1, Price: 4900})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			Plain(t, func(t *testing.T, a *App) {
				a.Settings(func(s *commerce.Settings) { s.Exclude.Products = []string{"77"} }).Live(Campaign(campaign.OnOrderPaid))
				o := a.Order(1)
				change(o)
				a.Send("orders/paid", o.Body())
				a.After(time.Hour)
				a.WantMails(Ada, "It happened")
			})
		})
	}
}

// What the shop says another tool does is not done twice: Go live is refused,
// and a campaign that is live already falls silent.
func TestWhoDoesWhat(t *testing.T) {
	Plain(t, func(t *testing.T, a *App) {
		reviews := Campaign(campaign.OnOrderPaid, func(d *campaign.Definition) { d.Job = commerce.JobReviewAsk })
		a.Live(reviews)
		a.Settings(func(s *commerce.Settings) {
			s.Owners = map[commerce.Job]commerce.Owner{commerce.JobReviewAsk: "judge.me"}
		})
		sold(a, 1)
		a.After(time.Hour)
		a.WantMails(Ada)
		require.Equal(t, []string{"other_tool"}, a.Reasons(Ada, "story"))

		second := reviews
		second.Name = "second"
		a.Save(second)
		err := a.Desk().GoLive(a.Ctx, a.Shop.ID, "second", true)
		require.Error(t, err)
		require.True(t, strings.Contains(err.Error(), "judge.me") && strings.Contains(err.Error(), "other_tool"), err.Error())
	})
}
