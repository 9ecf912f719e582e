package apptest

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/integrations/mail/mailfake"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/store"
)

// lostAtTheDot is a mail that is not taken and never answered: nobody knows.
var lostAtTheDot = mailfake.Trouble{At: "dot"}

// times makes the first n mails go wrong, and counts all attempts.
func (a *App) times(n int64, trouble mailfake.Trouble) *atomic.Int64 {
	var tries atomic.Int64
	a.Mail.Trouble(func(string) *mailfake.Trouble {
		if tries.Add(1) <= n {
			return &trouble
		}
		return &mailfake.Trouble{} // none, and not asked again for this mail
	})
	return &tries
}

// Refused for now: tried again after a minute, five, fifteen, under the same id.
func TestRefusedForNow(t *testing.T) {
	for name, trouble := range map[string]mailfake.Trouble{
		"at the recipient":       {At: "rcpt", Code: 451},
		"at the final dot":       {At: "dot", Code: 452},
		"dropped before the dot": {At: "rcpt"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			Each(t, func(t *testing.T, a *App) {
				tries := a.times(3, trouble)
				a.Send("orders/paid", a.Order(1).Body())
				a.Wait()
				require.EqualValues(t, 1, tries.Load())
				require.Equal(t, []string{"retry"}, a.Effects(Ada, "thank_you"))
				first := a.effectID()
				for i, pause := range []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute} {
					due, err := a.App.Store.NextDue(a.Ctx)
					require.NoError(t, err)
					wait := due.Time().Sub(a.Clock.Now())
					require.GreaterOrEqual(t, wait, pause)
					require.LessOrEqual(t, wait, pause+pause/10, "spread by a tenth")
					a.After(wait)
					require.EqualValues(t, i+2, tries.Load())
				}
				m := a.WantMails(Ada, "Thank you")[0]
				require.Equal(t, first, m.Get("X-Flywheel-ID"))
				require.Contains(t, m.Get("Message-ID"), first)
				require.Equal(t, []string{"sent"}, a.Effects(Ada, "thank_you"))
				require.Equal(t, 1, a.Count(`SELECT COUNT(*) FROM effects`))
			})
		})
	}
}

// effectID is the id of Ada's one outward act.
func (a *App) effectID() string {
	a.t.Helper()
	for _, line := range a.Timeline(Ada) {
		if line.Kind == "effect" {
			return line.Effect
		}
	}
	a.t.Fatal("there is no effect")
	return ""
}

// The gate is asked again before each try.
func TestRefundBetweenTwoTries(t *testing.T) {
	Each(t, func(t *testing.T, a *App) {
		tries := a.times(1, mailfake.Trouble{At: "rcpt", Code: 451})
		o := a.Order(1)
		a.Send("orders/paid", o.Body())
		a.Wait()
		a.Send("refunds/create", o.Refund(a.Clock.Now(), o.Total()).Body())
		a.After(24 * time.Hour)
		require.EqualValues(t, 1, tries.Load())
		a.WantMails(Ada)
		require.Equal(t, []string{"withdrawn"}, a.Effects(Ada, "thank_you"), "no try is left open")
	})
}

func TestRefusedUntilItIsOfNoUse(t *testing.T) {
	t.Parallel()
	a := WithShop(t)
	tries := a.times(1000, mailfake.Trouble{At: "rcpt", Code: 451})
	a.Send("orders/paid", a.Order(1).Body())
	a.After(10 * 24 * time.Hour)
	require.Equal(t, []string{"expired"}, a.Effects(Ada, "thank_you"))
	require.Contains(t, a.Reasons(Ada, "thank_you"), "expired")
	require.InDelta(t, 11, tries.Load(), 2)
}

func TestRefusedForGood(t *testing.T) {
	Each(t, func(t *testing.T, a *App) {
		tries := a.times(1000, mailfake.Trouble{At: "rcpt", Code: 550})
		a.Send("orders/paid", a.Order(1).Body())
		a.After(10 * 24 * time.Hour)
		require.EqualValues(t, 1, tries.Load())
		require.Equal(t, []string{"failed"}, a.Effects(Ada, "thank_you"))
		require.Equal(t, 1, a.Count(`SELECT COUNT(*) FROM enrollments WHERE state = 'ended' AND reason = 'mail_refused'`))
	})
}

// No answer to the final dot: nobody knows. It is shown, counts, and is never tried again.
func TestNoAnswerToTheDot(t *testing.T) {
	for name, taken := range map[string]bool{"taken": true, "lost": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			Each(t, func(t *testing.T, a *App) {
				tries := a.times(1, mailfake.Trouble{At: "dot", Taken: taken})
				o := a.Order(1)
				o.Fulfil(a.Clock.Now())
				a.Send("orders/paid", o.Body())
				a.Wait()
				require.Equal(t, []string{"unknown"}, a.Effects(Ada, "thank_you"))
				a.Send("orders/updated", o.Touch(a.Clock.Now()).Body())
				a.After(untilAsked)
				require.EqualValues(t, 2, tries.Load(), "the thanks once, and the request of two weeks later")
				if taken {
					a.WantMails(Ada, "Thank you", "What do you think")
				} else {
					a.WantMails(Ada, "What do you think")
				}
				require.Equal(t, 1, a.Count(`SELECT COUNT(*) FROM enrollments WHERE state = 'ended' AND reason = 'outcome_unknown'`))
			})
		})
	}
}

// A mail that waits for its next try is stopped by whatever stops mails.
func TestStopsBetweenTwoTries(t *testing.T) {
	for name, stop := range map[string]func(a *App, o *shopifyfake.Order){
		"a pause": func(a *App, _ *shopifyfake.Order) { require.NoError(a.t, a.App.Store.SetPauseAll(a.Ctx, true)) },
		"a refund": func(a *App, o *shopifyfake.Order) {
			a.Send("refunds/create", o.Refund(a.Clock.Now(), o.Total()).Body())
		},
		"an unsubscribe": func(a *App, _ *shopifyfake.Order) {
			hash, err := a.App.Store.AddressHash(a.Ctx, a.Shop.ID, Ada)
			require.NoError(a.t, err)
			require.NoError(a.t, a.App.Store.Transact(a.Ctx, func(tx *store.Tx) error {
				return tx.Suppress(a.Shop.ID, hash, gate.ScopeAll, "complained")
			}))
		},
		"a wish to be forgotten": func(a *App, _ *shopifyfake.Order) {
			a.Send("customers/redact", shopifyfake.RedactCustomer(Domain, 6001, Ada, 1))
		},
		"a goodbye": func(a *App, _ *shopifyfake.Order) { goodbye(a, a.Clock.Now()) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := WithShop(t)
			a.times(1, mailfake.Trouble{At: "rcpt", Code: 451}) // claimed once, back in line
			o := a.Order(1)
			a.Send("orders/paid", o.Body())
			a.Wait()
			stop(a, o)
			a.After(2 * time.Minute)
			a.WantMails(Ada)
		})
	}
}

// A slow mail server slows nothing but its own mails.
func TestSlowMailServer(t *testing.T) {
	t.Parallel()
	a := WithShop(t)
	answer := make(chan struct{})
	a.Mail.Trouble(func(to string) *mailfake.Trouble {
		if to == Ada {
			return &mailfake.Trouble{At: "rcpt", Code: 250, Hold: answer}
		}
		return nil
	})
	a.Send("orders/paid", a.Order(1).Body())
	require.Eventually(t, func() bool { return a.Count(`SELECT COUNT(*) FROM effects WHERE state = 'sending'`) == 1 }, 10*time.Second, 5*time.Millisecond)
	a.Send("orders/paid", a.Order(2).For(shopifyfake.Customer{ID: 6002, Email: "bo@example.com"}, "GB").Body())
	require.Eventually(t, func() bool { return len(a.Mails("bo@example.com")) == 1 }, 10*time.Second, 5*time.Millisecond)
	// What is being sent cannot be called back; what comes after it can.
	require.NoError(t, a.App.Store.SetShopState(a.Ctx, a.Shop.ID, commerce.ShopPaused))
	close(answer)
	a.Wait()
	a.WantMails(Ada, "Thank you")
	require.Equal(t, []string{"sent"}, a.Effects(Ada, "thank_you"))
}
