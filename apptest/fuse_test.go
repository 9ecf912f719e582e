package apptest

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/integrations/mail/mailfake"
	"flywheel/integrations/shopify/shopifyfake"
)

// fuseOrders is how many people a campaign writes to: enough to judge it by.
const fuseOrders = 60

// A campaign that does harm pauses itself, says so to the team and in the
// findings, and can be taken up again without blowing at once by old figures.
func TestFuse(t *testing.T) {
	for name, c := range map[string]struct {
		harm func(a *App, orders []*shopifyfake.Order) // done to some of those who were written to
	}{
		"failures": {harm: func(*App, []*shopifyfake.Order) {}},
		"unsubscribes": {harm: func(a *App, _ []*shopifyfake.Order) {
			for i := range 8 {
				a.visit(a.Mails(boAt(i))[0], http.MethodPost, oneClick)
			}
		}},
		"refunds": {harm: func(a *App, orders []*shopifyfake.Order) {
			a.After(time.Hour)
			for _, o := range orders[:20] {
				a.Send("refunds/create", o.Refund(a.Clock.Now(), o.Total()).Body())
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			Plain(t, func(t *testing.T, a *App) {
				a.Settings(func(s *commerce.Settings) { s.Team = []string{team} })
				a.Live(twoMails("One", "Two"))
				if name == "failures" {
					a.Mail.Trouble(func(to string) *mailfake.Trouble {
						if strings.HasSuffix(to, "5@example.com") || strings.HasSuffix(to, "7@example.com") {
							return &mailfake.Trouble{At: "rcpt", Code: 550}
						}
						return nil
					})
				}
				var orders []*shopifyfake.Order
				for i := range fuseOrders {
					o := a.Order(int64(i+1)).For(bo(i), "GB")
					a.Send("orders/paid", o.Body())
					orders = append(orders, o)
				}
				a.Wait()
				c.harm(a, orders)
				require.Eventually(t, func() bool { return a.State("story").State == campaign.Paused }, 30*time.Second, 20*time.Millisecond)
				require.Equal(t, "fuse", a.State("story").PausedReason)
				require.Equal(t, 1, a.Count(`SELECT COUNT(*) FROM findings WHERE kind = 'fuse_`+name+`'`))
				require.Eventually(t, func() bool { return len(a.Mails(team)) == 1 }, 10*time.Second, 20*time.Millisecond)
				require.Contains(t, a.Mails(team)[0].Text, "more than")

				a.After(3 * Day) // what follows is held
				require.Contains(t, a.Reasons(boAt(40), "story"), "fuse")
				a.WantMails(boAt(40), "One")

				a.Mail.Trouble(nil)
				require.NoError(t, a.Desk().Resume(a.Ctx, a.Shop.ID, "story", false))
				a.Wait()
				a.WantMails(boAt(40), "One", "Two")
				a.askFuse()
				require.Equal(t, campaign.Live, a.State("story").State, "the old figures were weighed already")
				require.Len(t, a.Mails(team), 1)
			})
		})
	}
}

// askFuse has the shop's campaigns looked at, and waits until somebody has.
func (a *App) askFuse() {
	a.t.Helper()
	o := a.Order(900).For(bo(900), "GB")
	a.Send("orders/paid", o.Body())
	a.Wait()
	a.Send("refunds/create", o.Refund(a.Clock.Now(), o.Total()).Body())
	a.Wait()
	require.Eventually(a.t, func() bool {
		asked, err := a.App.Store.FuseAsked(a.Ctx, "", 10)
		return err == nil && len(asked) == 0
	}, 30*time.Second, 20*time.Millisecond)
}

// A few bad days of a small campaign blow nothing.
func TestFuseNeedsVolume(t *testing.T) {
	PlainOnEach(t, func(t *testing.T, a *App) {
		a.Live(Campaign(campaign.OnOrderPaid))
		a.times(1000, mailfake.Trouble{At: "rcpt", Code: 550})
		for i := range 20 {
			a.Send("orders/paid", a.Order(int64(i+1)).For(bo(i), "GB").Body())
		}
		a.Wait()
		a.askFuse()
		require.Equal(t, campaign.Live, a.State("story").State)
	})
}
