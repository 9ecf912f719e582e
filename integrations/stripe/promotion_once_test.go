package stripe

import (
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
)

// However often it is made, and whenever, there is one.
func TestAPromotionIsMadeOnce(t *testing.T) {
	m, client := startMarket(t)
	first, err := client.CreatePromotion(t.Context(), as("acct_1"), thanks())
	require.NoError(t, err)
	again := PromotionRef{Coupon: first.Coupon, Promotion: first.Promotion, Customer: "cus_1", Existing: true}
	for _, later := range []time.Duration{time.Second, 25 * time.Hour, 25 * time.Hour} { // Stripe forgets the keys after a day
		m.advance(later)
		got, err := client.CreatePromotion(t.Context(), as("acct_1"), thanks())
		require.NoError(t, err)
		require.Equal(t, again, got)
	}
	_, err = client.CreatePromotion(t.Context(), as("acct_1"), thanks(func(p *Promotion) { p.Title = "another name" }))
	require.NoError(t, err, "what it is called is no other promotion, though Stripe's key says so")
	for name, change := range map[string]func(*Promotion){
		"another customer":   func(p *Promotion) { p.Customer = "cus_2" },
		"another percentage": func(p *Promotion) { p.Percent++ },
		"an amount":          func(p *Promotion) { p.Kind, p.Amount = AmountOff, commerce.Money{Amount: 250, Currency: "EUR"} },
	} {
		_, err = client.CreatePromotion(t.Context(), as("acct_1"), thanks(change))
		require.Equal(t, fault.Conflict, fault.KindOf(err), "%s: %v", name, err)
	}
	require.Len(t, m.codes(t, client), 1)
	require.Equal(t, 1, m.posted("/v1/promotion_codes"))

	euros := func(n int64) Promotion {
		return thanks(func(p *Promotion) {
			p.Key, p.Code, p.Kind, p.Amount = "EUROS", "EUROS", AmountOff, commerce.Money{Amount: n, Currency: "EUR"}
		})
	}
	_, err = client.CreatePromotion(t.Context(), as("acct_1"), euros(250))
	require.NoError(t, err)
	_, err = client.CreatePromotion(t.Context(), as("acct_1"), euros(251))
	require.Equal(t, fault.Conflict, fault.KindOf(err), "another amount: %v", err)
}

// A promotion that is over is found, never made again: used, out of time, ended.
func TestAPromotionThatIsOverIsNotMadeAgain(t *testing.T) {
	for name, end := range map[string]func(*testing.T, *market, *Client, string){
		"used":     func(_ *testing.T, m *market, _ *Client, id string) { m.Redeem("acct_1", id) },
		"too late": func(_ *testing.T, m *market, _ *Client, _ string) { m.advance(31 * 24 * time.Hour) },
		"ended": func(t *testing.T, _ *market, c *Client, id string) {
			require.NoError(t, c.EndPromotion(t.Context(), as("acct_1"), id))
			require.NoError(t, c.EndPromotion(t.Context(), as("acct_1"), id), "twice is no harm")
		},
	} {
		t.Run(name, func(t *testing.T) {
			m, client := startMarket(t)
			first, err := client.CreatePromotion(t.Context(), as("acct_1"), thanks())
			require.NoError(t, err)
			end(t, m, client, first.Promotion)
			for _, later := range []time.Duration{0, 25 * time.Hour} {
				m.advance(later)
				got, err := client.CreatePromotion(t.Context(), as("acct_1"), thanks())
				require.NoError(t, err)
				require.Equal(t, PromotionRef{Coupon: first.Coupon, Promotion: first.Promotion, Customer: "cus_1", Existing: true, Ended: true}, got)
			}
			require.Len(t, m.codes(t, client), 1)
		})
	}
}

func TestTwoMakeAPromotionAtOnce(t *testing.T) {
	m, client := startMarket(t)
	refs, all := make([]PromotionRef, 8), sync.WaitGroup{}
	for i := range refs {
		all.Go(func() {
			ref, err := client.CreatePromotion(t.Context(), as("acct_1"), thanks())
			if err == nil {
				refs[i] = ref
			}
		})
	}
	all.Wait()
	require.Len(t, m.codes(t, client), 1)
	for _, ref := range refs {
		require.Equal(t, m.codes(t, client)[0].ID, ref.Promotion)
	}
}

// crash is the way to Stripe of a process that dies at its nth request: before
// it is sent, or before its answer came.
type crash struct {
	mu   sync.Mutex
	at   int
	sent bool
}

func (c *crash) RoundTrip(r *http.Request) (*http.Response, error) {
	c.mu.Lock()
	c.at--
	dead, sent := c.at <= 0, c.at == 0 && c.sent
	c.mu.Unlock()
	if !dead {
		return http.DefaultTransport.RoundTrip(r)
	}
	if sent {
		answer, err := http.DefaultTransport.RoundTrip(r)
		if err == nil {
			_ = answer.Body.Close()
		}
	}
	return nil, errors.New("the process is gone")
}

func TestAPromotionSurvivesACrashAtEachRequest(t *testing.T) {
	for n := 1; ; n++ {
		whole := false
		for _, sent := range []bool{false, true} {
			m, client := startMarket(t)
			dying := New(Options{URL: m.url, HTTP: &http.Client{Transport: &crash{at: n, sent: sent}}})
			first, err := dying.CreatePromotion(t.Context(), as("acct_1"), thanks())
			if whole = err == nil; !whole {
				require.Equal(t, fault.Temporary, fault.KindOf(err), "request %d, sent %v: %v", n, sent, err)
			}
			m.advance(time.Duration(n%2) * 25 * time.Hour) // within the memory of the keys, and after it
			ref, err := client.CreatePromotion(t.Context(), as("acct_1"), thanks())
			require.NoError(t, err, "request %d, sent %v", n, sent)
			require.False(t, ref.Ended)
			require.Len(t, m.codes(t, client), 1, "request %d, sent %v", n, sent)
			require.True(t, !whole || first.Promotion == ref.Promotion)
		}
		if whole {
			require.Greater(t, n, 3, "it asks more than that")
			return
		}
	}
}

// Stripe repeats a 500 for a day, whether or not it made something.
func TestA500ThatIsRepeatedIsOvercome(t *testing.T) {
	for name, fail := range map[string]func(*market){
		"nothing was made":         func(m *market) { m.Fail(1, 500) },
		"it was made all the same": func(m *market) { m.FailAfter(1, 500) },
		"the answer was lost":      func(m *market) { m.FailAfter(1, 0) },
		"it was a proxy's":         func(m *market) { m.FailAfter(1, 502) },
	} {
		for _, part := range []string{"coupon", "code"} {
			t.Run(name+", the "+part, func(t *testing.T) {
				m, client := startMarket(t)
				if part == "code" { // the coupon is there already
					form, err := thanks().couponForm()
					require.NoError(t, err)
					_, err = client.send(t.Context(), as("acct_1"), http.MethodPost, "/v1/coupons", form, "fw-coupon-BCDFGHJKMNPQRSTV-1")
					require.NoError(t, err)
					require.NoError(t, client.ourCoupon(t.Context(), as("acct_1"), thanks()))
					fail(m)
					form, err = thanks().codeForm()
					require.NoError(t, err)
					_, err = client.post(t.Context(), as("acct_1"), "/v1/promotion_codes", form, "fw-code-BCDFGHJKMNPQRSTV-1")
					require.True(t, err == nil || fault.Is(err, fault.Temporary), "%v", err) // Go itself sends again what has a key
				} else {
					fail(m)
				}
				var ref PromotionRef
				var err error
				for range 3 { // the tries of a job
					if ref, err = client.CreatePromotion(t.Context(), as("acct_1"), thanks()); err == nil {
						break
					}
					require.Equal(t, fault.Temporary, fault.KindOf(err), "%v", err)
				}
				require.NoError(t, err)
				require.Len(t, m.codes(t, client), 1)
				require.Equal(t, m.codes(t, client)[0].ID, ref.Promotion)
			})
		}
	}
	t.Run("of another name, under the same key", func(t *testing.T) {
		m, client := startMarket(t)
		m.Fail(1, 500)
		_, err := client.CreatePromotion(t.Context(), as("acct_1"), thanks())
		require.Equal(t, fault.Temporary, fault.KindOf(err), "%v", err)
		_, err = client.CreatePromotion(t.Context(), as("acct_1"), thanks(func(p *Promotion) { p.Title = "another name" }))
		require.NoError(t, err)
		require.Len(t, m.codes(t, client), 1)
	})
	t.Run("as long as there are keys", func(t *testing.T) {
		m, client := startMarket(t)
		form, err := thanks().couponForm()
		require.NoError(t, err)
		for n := 1; n < onceKeys; n++ {
			m.Fail(1, 500)
			_, err := client.post(t.Context(), as("acct_1"), "/v1/coupons", form, fmt.Sprintf("fw-coupon-BCDFGHJKMNPQRSTV-%d", n))
			require.Equal(t, fault.Temporary, fault.KindOf(err), "%v", err)
		}
		_, err = client.CreatePromotion(t.Context(), as("acct_1"), thanks())
		require.NoError(t, err)
		require.Len(t, m.codes(t, client), 1)
	})
}
