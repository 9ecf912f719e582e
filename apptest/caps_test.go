package apptest

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/jobs"
	"flywheel/store"
)

// capped is the usual shop with at most one ask a week.
func capped(a *App) *App {
	return a.Settings(func(s *commerce.Settings) { s.Caps.Asks = commerce.Cap{Limit: 1, Days: 7} })
}

// Twenty steps of one person fall due in one minute while more than fifty workers,
// 24 in each of three processes, look for work: one is sent, the one that matters
// most; the others wait.
func TestFiftyWorkersTwentyStepsOneMail(t *testing.T) {
	Each(t, func(t *testing.T, a *App) {
		capped(a.Silent())
		want := ""
		for i := range 20 {
			name := fmt.Sprintf("story_%02d", i)
			priority := (i*7)%20 + 1 // the greatest is neither the first nor the last
			if priority == 20 {
				want = name
			}
			a.Live(Campaign(campaign.OnOrderPaid, Named(name), Ranked(priority), Then(Pause("a", time.Hour), Mail("tell", "From "+name))))
		}
		sold(a, 1)
		a.Wait()
		require.Equal(t, 20, a.Count(`SELECT COUNT(*) FROM enrollments WHERE state = 'active'`))
		a.crowd(2)
		a.After(2 * time.Hour)
		a.WantMails(Ada, "From "+want)
		require.Equal(t, 1, a.Count(`SELECT COUNT(*) FROM effects`), "nothing else was even claimed")
		require.Equal(t, 19, a.Count(`SELECT COUNT(*) FROM enrollments WHERE state = 'active'`))
		for _, line := range a.Timeline(Ada) {
			if line.Kind == "decision" {
				require.Contains(t, []string{"frequency_cap", "yielded"}, line.Reason)
				require.Equal(t, "defer", line.What)
			}
		}
		a.After(8 * Day)
		require.Len(t, a.Mails(Ada), 2, "and the next one a week later")
	})
}

// crowd starts more workers over the world's store and queue, as more processes
// would. They stop side by side.
func (a *App) crowd(n int) {
	a.t.Helper()
	workers := make([]*jobs.Worker, n)
	for i := range workers {
		o := a.App.Worker.Options
		o.Alone, o.Metrics = false, nil
		workers[i] = jobs.New(o)
		require.NoError(a.t, workers[i].Start(a.Ctx))
	}
	a.t.Cleanup(func() {
		var stopping sync.WaitGroup
		for _, w := range workers {
			stopping.Go(w.Stop)
		}
		stopping.Wait()
	})
}

// Two campaigns in the same minute under a cap of one: the more important one
// is sent, the other is put off, and comes if it still makes sense then.
func TestTwoCampaignsInOneMinute(t *testing.T) {
	for name, c := range map[string]struct {
		useful time.Duration
		mails  []string
		reason string
	}{
		"it comes a week later": {14 * Day, []string{"The urgent", "The other"}, "frequency_cap"},
		"it comes too late":     {3 * Day, []string{"The urgent"}, "expired"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			PlainOnEach(t, func(t *testing.T, a *App) {
				capped(a)
				other := Mail("tell", "The other")
				other.Useful = campaign.Duration(c.useful)
				a.Live(
					Campaign(campaign.OnOrderPaid, Named("other"), Ranked(20), Then(other)),
					Campaign(campaign.OnOrderPaid, Named("urgent"), Ranked(60), Then(Mail("tell", "The urgent"))),
				)
				sold(a, 1)
				a.Wait()
				a.WantMails(Ada, "The urgent")
				a.After(8 * Day)
				a.WantMails(Ada, c.mails...)
				require.Contains(t, a.Reasons(Ada, "other"), c.reason)
				require.Empty(t, strings.Join(a.Reasons(Ada, "urgent"), " "))
			})
		})
	}
}

// Whoever has two customer accounts with one address is one reader.
func TestTwoPersonsWithOneAddressShareTheCap(t *testing.T) {
	PlainOnEach(t, func(t *testing.T, a *App) {
		capped(a).Live(Campaign(campaign.OnOrderPaid))
		sold(a, 1)
		a.Send("orders/paid", a.Order(2).For(shopifyfake.Customer{ID: 6002, Email: Ada, FirstName: "Ada", Unverified: true}, "GB").Body())
		a.Wait()
		require.Len(t, a.Persons(Ada), 2)
		a.WantMails(Ada, "It happened")
		a.After(8 * Day)
		a.WantMails(Ada, "It happened", "It happened")
	})
}

// The same with many accounts, whose steps several workers decide side by side.
func TestManyPersonsWithOneAddressGetOneMail(t *testing.T) {
	PlainOnEach(t, func(t *testing.T, a *App) {
		capped(a).Live(Campaign(campaign.OnOrderPaid, Then(Pause("a", time.Hour), Mail("tell", "It happened"))))
		for i := range 64 {
			o := a.Order(int64(i+1)).For(shopifyfake.Customer{ID: int64(7000 + i), Email: Ada, FirstName: "Ada", Unverified: true}, "GB")
			a.Send("orders/paid", o.Body())
		}
		a.Wait()
		require.Len(t, a.Persons(Ada), 64)
		a.crowd(7)
		a.After(2 * time.Hour)
		a.WantMails(Ada, "It happened")
	})
}

// What another tool sent counts like our own.
func TestOtherToolsSendsCount(t *testing.T) {
	PlainOnEach(t, func(t *testing.T, a *App) {
		capped(a).Live(Campaign(campaign.OnOrderPaid))
		for range 2 { // told twice, it is one
			a.API("POST", "/touches", `{"email": "Ada@Example.com", "source": "klaviyo", "campaign": "Spring news", "external_id": "m1", "at": "2026-03-02T10:00:00Z"}`)
		}
		sold(a, 1)
		a.After(6 * Day)
		a.WantMails(Ada)
		require.Contains(t, a.Reasons(Ada, "story"), "frequency_cap")
		require.Contains(t, a.Touches(Ada), "klaviyo: Spring news")
		a.After(Day)
		a.WantMails(Ada, "It happened")
	})
}

// An order mail is no ask: it neither counts nor waits.
func TestOrderMailsNeitherCountNorWait(t *testing.T) {
	PlainOnEach(t, func(t *testing.T, a *App) {
		capped(a).Live(
			Campaign(campaign.OnOrderPaid, Named("receipt"), As("transactional"), Then(Mail("tell", "Your receipt"))),
			Campaign(campaign.OnOrderPaid, Named("howto"), Then(Mail("tell", "How to care for it"))),
		)
		sold(a, 1)
		a.Wait()
		sold(a, 2)
		a.Wait()
		require.Equal(t, map[string]int{"Your receipt": 2, "How to care for it": 1}, a.Subjects(Ada))
	})
}

// A mail whose outcome nobody knows counts: it may have come.
func TestUnknownCountsInTheCap(t *testing.T) {
	PlainOnEach(t, func(t *testing.T, a *App) {
		capped(a).Live(Campaign(campaign.OnOrderPaid))
		a.times(1, lostAtTheDot)
		sold(a, 1)
		a.Wait()
		require.Equal(t, []string{string(store.Unknown)}, a.Effects(Ada, "story"))
		sold(a, 2)
		a.After(time.Hour)
		a.WantMails(Ada)
		require.Contains(t, a.Reasons(Ada, "story"), "frequency_cap")
	})
}
