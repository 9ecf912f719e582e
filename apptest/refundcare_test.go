package apptest

import (
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/delight/campaign"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/templates"
)

// Playbook lets one of the playbooks go live in the usual shop as it comes.
func (a *App) Playbook(names ...string) *App {
	a.t.Helper()
	for _, name := range names {
		data, err := templates.Playbook(name)
		require.NoError(a.t, err)
		d, err := campaign.Parse(data)
		require.NoError(a.t, err)
		a.Live(d)
	}
	return a
}

// caring is the usual shop of a platform with refund care live.
func caring(a *App) *App { return a.Playbook("refund_care", "refund_care_partial", "cancel_care") }

// links are left out of what is read for words: their tokens spell any.
var links = regexp.MustCompile(`https?://\S+`)

// noAmounts demands that a mail confirms no money: the platform does that.
func noAmounts(t *testing.T, text string) {
	t.Helper()
	text = links.ReplaceAllString(text, "")
	for _, amount := range []string{"82.90", "49.00", "42.00", "€", "EUR", "USD", "$"} {
		require.NotContains(t, text, amount)
	}
}

// A full refund ends the asks, and refund care answers it, once.
func TestFullRefundIsAnswered(t *testing.T) {
	Each(t, func(t *testing.T, a *App) {
		caring(a)
		o := shipped(a, 1)
		a.After(Day)
		a.Send("refunds/create", o.Refund(a.Clock.Now(), o.Total()).Body())
		a.Wait()
		a.WantMails(Ada, "Thank you")
		a.After(2 * time.Hour)
		noAmounts(t, a.WantMails(Ada, "Thank you", "About your refund")[1].Text)
		a.After(60 * Day)
		a.WantMails(Ada, "Thank you", "About your refund")
		require.Contains(t, a.Reasons(Ada, "review_request"), "refunded")
	})
}

// The same on Stripe.
func TestFullRefundIsAnsweredOnStripe(t *testing.T) {
	eachStripe(t, func(t *testing.T, a *App) {
		caring(a)
		p := a.Pays("1")
		a.Stripes("checkout.session.completed", p.Session())
		a.Stripes("charge.succeeded", p.Charge(0))
		a.After(Day)
		a.Stripe.Put(Account, p.Charge(4200), p.Refund("re_1", 4200, "succeeded", a.Clock.Now()))
		a.Stripes("refund.created", p.Refund("re_1", 4200, "succeeded", a.Clock.Now()))
		a.Stripes("charge.refunded", p.Charge(4200))
		a.After(60 * Day)
		noAmounts(t, a.WantMails(Ada, "Thank you", "About your refund")[1].Text)
		require.Contains(t, a.Reasons(Ada, "review_request"), "refunded")
	})
}

// After a part refund the review request speaks of what was kept, and the care
// mail of neither lines nor money. Two refunds in three days are one mail.
func TestPartialRefundIsAnswered(t *testing.T) {
	Each(t, func(t *testing.T, a *App) {
		caring(a)
		o := shipped(a, 1)
		a.After(Day)
		a.Send("refunds/create", o.Refund(a.Clock.Now(), 4900, shopifyfake.RefundLine{Line: 0, Quantity: 1}).Body())
		a.After(Day)
		a.Send("refunds/create", o.Refund(a.Clock.Now(), 100).Body())
		a.After(60 * Day)
		mails := a.WantMails(Ada, "Thank you", "About the refund on your order", "What do you think of your Beeswax candle")
		noAmounts(t, mails[1].Text)
		require.NotContains(t, mails[2].Text, "Merino")
	})
}

// A refund that fails takes the answer back while it has not gone, and the asks
// are taken up again.
func TestFailedRefundIsNotAnswered(t *testing.T) {
	Each(t, func(t *testing.T, a *App) {
		caring(a)
		o := shipped(a, 1)
		a.After(Day)
		r := o.Refund(a.Clock.Now(), o.Total())
		a.Send("refunds/create", r.Body())
		a.After(time.Hour)
		r.Settle(a.Clock.Now(), "failure")
		o.FinancialStatus = "paid"
		a.Send("orders/updated", o.Body())
		a.After(60 * Day)
		a.WantMails(Ada, "Thank you", "What do you think")
	})
}

// A cancelled order that was to be paid at the door: no refund will speak of it.
func TestCancelledAtTheDoorIsAnswered(t *testing.T) {
	t.Parallel()
	a := caring(riyadh(t))
	o, _ := parcel(t, a)
	a.Send("orders/cancelled", o.Cancel(a.Clock.Now()).Body())
	a.After(60 * Day)
	a.WantMails(Ada, "Thank you", "was cancelled")
}

// An open dispute holds the asks, a lost one ends them, on both platforms.
func TestDisputesHoldAndEnd(t *testing.T) {
	for name, c := range map[string]struct {
		start  func(t *testing.T, engine Option) *App
		buys   func(a *App)
		opened func(a *App)
		closed func(a *App, as string)
	}{
		"shopify": {
			func(t *testing.T, engine Option) *App { return WithShop(t, engine) },
			func(a *App) { shipped(a, 1) },
			func(a *App) {
				a.Send("disputes/create", a.Order(1).Dispute("needs_response", a.Clock.Now(), time.Time{}))
			},
			func(a *App, as string) {
				a.Send("disputes/update", a.Order(1).Dispute(as, a.Clock.Now().Add(-20*Day), a.Clock.Now()))
			},
		},
		"stripe": {
			func(t *testing.T, engine Option) *App { return WithStripe(t, engine) },
			func(a *App) { a.Stripes("checkout.session.completed", a.Pays("1").Session()) },
			func(a *App) {
				a.Stripes("charge.dispute.created", a.Pays("1").Dispute("dp_1", "needs_response", a.Clock.Now()))
			},
			func(a *App, as string) {
				a.Stripes("charge.dispute.closed", a.Pays("1").Dispute("dp_1", as, a.Clock.Now()))
			},
		},
	} {
		for as, want := range map[string][]string{"won": {"Thank you", "What do you think"}, "lost": {"Thank you"}} {
			t.Run(name+" "+as, func(t *testing.T) {
				t.Parallel()
				for _, engine := range []string{"sqlite", "postgres"} {
					t.Run(engine, func(t *testing.T) {
						t.Parallel()
						a := c.start(t, On(t, engine))
						c.buys(a)
						a.After(time.Hour)
						c.opened(a)
						a.After(untilAsked + Day)
						a.WantMails(Ada, "Thank you")
						require.Contains(t, a.Reasons(Ada, "review_request"), "dispute_open")
						c.closed(a, as)
						a.After(2 * Day)
						a.WantMails(Ada, want...)
						if as == "lost" {
							require.Contains(t, a.Reasons(Ada, "review_request"), "dispute_lost")
						}
					})
				}
			})
		}
	}
}

// A subscription's payment fails: it is told until somebody has paid.
func TestFailedPaymentIsToldUntilItIsPaid(t *testing.T) {
	for name, paid := range map[string]bool{"never paid": false, "paid within the hour": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachStripe(t, func(t *testing.T, a *App) {
				a.Live(Campaign(campaign.OnPaymentFailed, As("transactional"), Then(Pause("a", time.Hour), Mail("tell", "Your payment"))))
				p := a.Pays("1")
				p.SubscriptionID = "sub_1"
				a.Stripes("invoice.payment_failed", p.FailedInvoice("subscription_cycle", 1))
				a.Wait()
				if paid {
					a.Stripes("invoice.paid", p.Invoice("subscription_cycle"))
				}
				a.After(2 * time.Hour)
				if paid {
					require.NotContains(t, a.Subjects(Ada), "Your payment")
					require.Equal(t, "cause_gone", a.Walk("story").Reason)
				} else {
					a.WantMails(Ada, "Your payment")
				}
			})
		})
	}
}
