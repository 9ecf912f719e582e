package stripe

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/stripe/stripefake"
)

// thanks is ten percent for cus_1, until 30 days after noon.
func thanks(change ...func(*Promotion)) Promotion {
	p := Promotion{
		Code: "K4T9XQ2M7B8C", Key: "BCDFGHJKMNPQRSTV", Title: "10% thank you", Kind: PercentOff, Percent: 10_00, Customer: "cus_1",
		EndsAt: noon.Add(30 * 24 * time.Hour),
	}
	for _, c := range change {
		c(&p)
	}
	return p
}

// market is a fake with an account in which cus_1 buys prod_1, at a clock that can be moved.
type market struct {
	*stripefake.Server
	url string
	mu  sync.Mutex
	now time.Time
}

func startMarket(t *testing.T) (*market, *Client) {
	t.Helper()
	m := &market{Server: stripefake.New(secretKey), now: noon}
	m.Clock = func() time.Time {
		m.mu.Lock()
		defer m.mu.Unlock()
		return m.now
	}
	m.Permit(secretKey, granted(t)...)
	srv := httptest.NewServer(m.Server)
	t.Cleanup(srv.Close)
	m.url = srv.URL
	m.Connect("acct_1", true, stripefake.AccountInfo{})
	m.Put("acct_1", stripefake.Object{"id": "cus_1", "object": "customer"}, stripefake.Object{"id": "cus_2", "object": "customer"},
		stripefake.Object{"id": "prod_1", "object": "product"}, stripefake.Object{"id": "prod_2", "object": "product"})
	return m, New(Options{URL: srv.URL, HTTP: srv.Client()})
}

func (m *market) advance(d time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.now = m.now.Add(d)
}

// posted counts the writes that were asked for on a path.
func (m *market) posted(path string) (n int) {
	for _, c := range m.Calls() {
		if c.Method == http.MethodPost && c.Path == path {
			n++
		}
	}
	return n
}

// codes are all promotion codes of the account.
func (m *market) codes(t *testing.T, c *Client) []promotionCode {
	t.Helper()
	codes, err := c.promotionCodes(t.Context(), as("acct_1"))
	require.NoError(t, err)
	return codes
}

// theirs is a coupon and code that somebody else has made in the account.
func (m *market) theirs(t *testing.T, c *Client, code, customer string) (promotion string) {
	t.Helper()
	_, err := c.send(t.Context(), as("acct_1"), http.MethodPost, "/v1/coupons", fields("id", "summer", "percent_off", "5"), "")
	require.NoError(t, err)
	raw, err := c.send(t.Context(), as("acct_1"), http.MethodPost, "/v1/promotion_codes", fields("coupon", "summer", "code", code, "customer", customer), "")
	require.NoError(t, err)
	pc, err := read[promotionCode](raw)
	require.NoError(t, err)
	return pc.ID
}

func TestCreatePromotion(t *testing.T) {
	key := stripefake.Object{"flywheel_key": "BCDFGHJKMNPQRSTV"}
	for name, tt := range map[string]struct {
		promotion    Promotion
		coupon, code stripefake.Object // what they hold beside what all do
	}{
		"percent": {thanks(), stripefake.Object{"percent_off": 10.0}, nil},
		"a small part, of a long name": {
			thanks(func(p *Promotion) { p.Percent, p.Title = 1, strings.Repeat("ی", 41) }),
			stripefake.Object{"percent_off": 0.01, "name": strings.Repeat("ی", 40)},
			nil,
		},
		"everything": {thanks(func(p *Promotion) { p.Percent = 100_00 }), stripefake.Object{"percent_off": 100.0}, nil},
		"an amount": {
			thanks(func(p *Promotion) { p.Kind, p.Amount = AmountOff, commerce.Money{Amount: 250, Currency: "EUR"} }),
			stripefake.Object{"amount_off": 250.0, "currency": "eur"},
			nil,
		},
		"whole yen": {
			thanks(func(p *Promotion) { p.Kind, p.Amount = AmountOff, commerce.Money{Amount: 250, Currency: "JPY"} }),
			stripefake.Object{"amount_off": 250.0, "currency": "jpy"},
			nil,
		},
		"fils": {
			thanks(func(p *Promotion) { p.Kind, p.Amount = AmountOff, commerce.Money{Amount: 250, Currency: "KWD"} }),
			stripefake.Object{"amount_off": 250.0, "currency": "kwd"},
			nil,
		},
		"krónur": {
			thanks(func(p *Promotion) { p.Kind, p.Amount = AmountOff, commerce.Money{Amount: 250, Currency: "ISK"} }),
			stripefake.Object{"amount_off": 25000.0, "currency": "isk"},
			nil,
		},
		"for some products": {
			thanks(func(p *Promotion) { p.Products = []string{"prod_1", "prod_2"} }),
			stripefake.Object{"percent_off": 10.0},
			nil, // which ones, Stripe shows only where that is expanded
		},
		"from an amount on, for everybody, for ever": {
			thanks(func(p *Promotion) {
				p.MinimumAmount, p.Customer, p.EndsAt = commerce.Money{Amount: 5000, Currency: "USD"}, "", time.Time{}
			}),
			stripefake.Object{"percent_off": 10.0},
			stripefake.Object{"customer": nil, "expires_at": nil, "restrictions": map[string]any{
				"first_time_transaction": false, "minimum_amount": 5000.0, "minimum_amount_currency": "usd",
			}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			m, client := startMarket(t)
			ref, err := client.CreatePromotion(t.Context(), as("acct_1"), tt.promotion)
			require.NoError(t, err)
			require.Equal(t, PromotionRef{Coupon: "fw_BCDFGHJKMNPQRSTV", Promotion: ref.Promotion, Customer: tt.promotion.Customer}, ref)
			coupon, _ := m.Object("acct_1", ref.Coupon)
			code, _ := m.Object("acct_1", ref.Promotion)
			holds(t, coupon, stripefake.Object{"name": "10% thank you", "duration": "once", "max_redemptions": 1.0, "metadata": key}, tt.coupon)
			holds(t, code, stripefake.Object{
				"code": "K4T9XQ2M7B8C", "coupon": ref.Coupon, "customer": "cus_1", "max_redemptions": 1.0, "active": true, "metadata": key,
				"expires_at": float64(noon.Add(30 * 24 * time.Hour).Unix()),
			}, tt.code)
			require.Len(t, m.codes(t, client), 1)
			for i, id := range tt.promotion.Products {
				require.Contains(t, m.Calls()[0].Form, fmt.Sprintf("applies_to[products][%d]=%s", i, id))
			}
		})
	}
}

// holds requires that o has the fields of wants, the later ones first.
func holds(t *testing.T, o stripefake.Object, wants ...stripefake.Object) {
	t.Helper()
	want := stripefake.Object{}
	for _, w := range wants {
		for field, value := range w {
			want[field] = value
		}
	}
	got := stripefake.Object{}
	for field := range want {
		got[field] = o[field]
	}
	if coupon, ok := got["coupon"].(stripefake.Object); ok {
		got["coupon"] = coupon["id"]
	}
	told, err := json.Marshal(got)
	require.NoError(t, err)
	wanted, err := json.Marshal(want)
	require.NoError(t, err)
	require.JSONEq(t, string(wanted), string(told))
}

func TestACodeOrCouponOfAnotherIsLeftAlone(t *testing.T) {
	t.Run("for everybody", func(t *testing.T) {
		m, client := startMarket(t)
		id := m.theirs(t, client, strings.ToLower(thanks().Code), "")
		for range 2 {
			_, err := client.CreatePromotion(t.Context(), as("acct_1"), thanks())
			require.Equal(t, fault.Conflict, fault.KindOf(err), "%v", err)
		}
		require.NoError(t, client.EndPromotion(t.Context(), as("acct_1"), id))
		ref, err := client.CreatePromotion(t.Context(), as("acct_1"), thanks())
		require.NoError(t, err, "a code is taken as long as it is active; Stripe's old refusal is no answer")
		require.False(t, ref.Existing)
	})
	t.Run("for another customer", func(t *testing.T) {
		m, client := startMarket(t)
		m.theirs(t, client, thanks().Code, "cus_2")
		_, err := client.CreatePromotion(t.Context(), as("acct_1"), thanks())
		require.NoError(t, err)
		require.Len(t, m.codes(t, client), 2)
	})
	t.Run("the coupon", func(t *testing.T) {
		m, client := startMarket(t)
		_, err := client.send(t.Context(), as("acct_1"), http.MethodPost, "/v1/coupons", fields("id", couponID(thanks().Key), "percent_off", "10"), "")
		require.NoError(t, err)
		_, err = client.CreatePromotion(t.Context(), as("acct_1"), thanks())
		require.Equal(t, fault.Conflict, fault.KindOf(err), "%v", err)
		require.Empty(t, m.codes(t, client))
	})
	t.Run("their code of our coupon", func(t *testing.T) {
		m, client := startMarket(t)
		ref, err := client.CreatePromotion(t.Context(), as("acct_1"), thanks())
		require.NoError(t, err)
		_, err = client.send(t.Context(), as("acct_1"), http.MethodPost, "/v1/promotion_codes", fields("coupon", ref.Coupon, "code", "THEIRS"), "")
		require.NoError(t, err)
		got, err := client.CreatePromotion(t.Context(), as("acct_1"), thanks())
		require.NoError(t, err)
		require.Equal(t, ref.Promotion, got.Promotion)
		m.Redeem("acct_1", ref.Promotion)
		theirs := m.codes(t, client)[0]
		require.False(t, theirs.Active, "the coupon is given once, whatever codes it has")
	})
	t.Run("their code of our coupon, when ours has ended", func(t *testing.T) {
		m, client := startMarket(t)
		ref, err := client.CreatePromotion(t.Context(), as("acct_1"), thanks())
		require.NoError(t, err)
		_, err = client.send(t.Context(), as("acct_1"), http.MethodPost, "/v1/promotion_codes", fields("coupon", ref.Coupon, "code", "THEIRS"), "")
		require.NoError(t, err)
		require.NoError(t, client.EndPromotion(t.Context(), as("acct_1"), ref.Promotion))
		got, err := client.CreatePromotion(t.Context(), as("acct_1"), thanks())
		require.NoError(t, err)
		require.Equal(t, PromotionRef{Coupon: ref.Coupon, Promotion: ref.Promotion, Customer: "cus_1", Existing: true, Ended: true}, got)
		require.True(t, m.codes(t, client)[0].Active, "theirs is theirs to end")
	})
}

func TestPromotionRefused(t *testing.T) {
	m, client := startMarket(t)
	for name, change := range map[string]func(*Promotion){
		"no code":                func(p *Promotion) { p.Code = "" },
		"a code with a dash":     func(p *Promotion) { p.Code = "A-1" },
		"no key":                 func(p *Promotion) { p.Key = "" },
		"no title":               func(p *Promotion) { p.Title = " " },
		"no customer's id":       func(p *Promotion) { p.Customer = "ada lovelace" },
		"nothing off":            func(p *Promotion) { p.Percent = 0 },
		"more than all":          func(p *Promotion) { p.Percent = 100_01 },
		"no amount":              func(p *Promotion) { p.Kind = AmountOff },
		"less than nothing":      func(p *Promotion) { p.Kind, p.Amount = AmountOff, commerce.Money{Amount: -1, Currency: "EUR"} },
		"no currency":            func(p *Promotion) { p.Kind, p.Amount = AmountOff, commerce.Money{Amount: 1} },
		"one fils":               func(p *Promotion) { p.Kind, p.Amount = AmountOff, commerce.Money{Amount: 1, Currency: "KWD"} },
		"no product":             func(p *Promotion) { p.Products = []string{""} },
		"nobody knows what":      func(p *Promotion) { p.Kind = "free_shipping" },
		"from less than nothing": func(p *Promotion) { p.MinimumAmount = commerce.Money{Amount: -1, Currency: "EUR"} },
		"from one of nothing":    func(p *Promotion) { p.MinimumAmount = commerce.Money{Amount: 1} },
	} {
		_, err := client.CreatePromotion(t.Context(), as("acct_1"), thanks(change))
		require.Equal(t, fault.Invalid, fault.KindOf(err), "%s: %v", name, err)
	}
	require.Empty(t, m.Calls(), "nobody needs to be asked about these")

	for param, change := range map[string]func(*Promotion){
		"customer":             func(p *Promotion) { p.Customer = "cus_404" },
		"applies_to[products]": func(p *Promotion) { p.Products, p.Key = []string{"prod_404"}, "K2" },
		"expires_at":           func(p *Promotion) { p.EndsAt, p.Key = noon, "K3" },
	} {
		_, err := client.CreatePromotion(t.Context(), as("acct_1"), thanks(change))
		require.Equal(t, fault.Invalid, fault.KindOf(err), "%s: %v", param, err)
		require.Contains(t, fault.Sentence(err), param)
		require.NotContains(t, err.Error(), "404", "Stripe's text stays out: it quotes what it was given")
	}
	require.Empty(t, m.codes(t, client))

	require.Equal(t, fault.NotFound, fault.KindOf(client.EndPromotion(t.Context(), as("acct_1"), "promo_404")))
	require.Equal(t, fault.Invalid, fault.KindOf(client.EndPromotion(t.Context(), as("acct_1"), "")))
	_, err := client.FindPromotion(t.Context(), as("acct_1"), "K404")
	require.Equal(t, fault.NotFound, fault.KindOf(err), "%v", err)
	m.Disconnect("acct_1")
	_, err = client.CreatePromotion(t.Context(), as("acct_1"), thanks())
	require.ErrorIs(t, err, ErrNoAccess)
}
