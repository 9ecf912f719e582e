package stripe

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
)

// heard is one request and what came of it.
type heard struct {
	what   string // GET /v1/charges/ch_1
	status int
	told   string // Stripe's message, where it refuses
}

// listener passes requests on, as change makes them, and hears the answers.
type listener struct {
	change func(path, form string) string // nil = as they are
	all    []heard
}

func (l *listener) RoundTrip(r *http.Request) (*http.Response, error) {
	if l.change != nil && r.Body != nil {
		form, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		changed := l.change(r.URL.Path, string(form))
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(changed)), int64(len(changed))
	}
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(res.Body)
	_ = res.Body.Close()
	var refused struct{ Error struct{ Message string } }
	_ = json.Unmarshal(body, &refused)
	res.Body = io.NopCloser(bytes.NewReader(body))
	l.all = append(l.all, heard{r.Method + " " + r.URL.Path, res.StatusCode, refused.Error.Message})
	return res, err
}

// askEverything makes every call that a client has. What the answers say is not
// looked at: of stripe-mock they are the same whatever is asked.
func askEverything(t *testing.T, c *Client, a Access) {
	ctx, at := t.Context(), commerce.At(noon)
	promotion := Promotion{
		Code: "THANKS1", Key: "k1", Title: "Thank you", Kind: PercentOff, Percent: 1250, Products: []string{"prod_1"}, Customer: "cus_1",
		MinimumAmount: usd(1000), EndsAt: noon.AddDate(10, 0, 0),
	}
	amount := promotion
	amount.Code, amount.Key, amount.Kind, amount.Percent, amount.Amount = "THANKS2", "k2", AmountOff, 0, usd(500)
	_, _ = c.Account(ctx, a)
	_, _ = c.Charge(ctx, a, "ch_1", at)
	_, _ = c.PaymentIntent(ctx, a, "pi_1", at)
	_, _ = c.PastCharges(ctx, a, commerce.At(noon.Add(time.Hour)), "ch_1")
	_ = each(ctx, c, a, "/v1/refunds", "ch_1", "re_1", func(refund) (string, error) { return "re_1", nil })
	_ = each(ctx, c, a, "/v1/disputes", "ch_1", "dp_1", func(dispute) (string, error) { return "dp_1", nil })
	for _, types := range EventTypes() {
		_, _ = c.Events(ctx, a, EventQuery{Types: types, After: at, Until: at, Undelivered: true, Cursor: "evt_1"})
	}
	own := Access{Key: a.Key} // endpoints are ours, not the merchants'
	_, _ = c.CreateEndpoint(ctx, own, EndpointWish{URL: "https://fly.example/webhooks/stripe", Connect: true, Description: "Flywheel"})
	_, _ = c.Endpoints(ctx, own)
	_ = c.DeleteEndpoint(ctx, own, "we_1")
	for _, p := range []Promotion{promotion, amount} {
		code, err := p.codeForm()
		require.NoError(t, err)
		_, _ = c.CreatePromotion(ctx, a, p)
		_, _ = c.send(ctx, a, http.MethodPost, "/v1/promotion_codes", code, "") // whatever became of the coupon
		_ = c.ourCoupon(ctx, a, p)
		_ = c.taken(ctx, a, p, nil)
	}
	_ = c.EndPromotion(ctx, a, "promo_1")
}

// calls are the requests that askEverything must have led to.
var calls = []string{
	"GET /v1/account", "GET /v1/charges/ch_1", "GET /v1/payment_intents/pi_1", "GET /v1/charges",
	"GET /v1/refunds", "GET /v1/disputes", "GET /v1/events", "POST /v1/webhook_endpoints", "GET /v1/webhook_endpoints",
	"DELETE /v1/webhook_endpoints/we_1", "POST /v1/coupons", "GET /v1/coupons/fw_k1", "POST /v1/promotion_codes", "GET /v1/promotion_codes",
	"POST /v1/promotion_codes/promo_1",
}

// Every request has the shape that Stripe's own specification demands. That of
// stripe-mock v0.148.0 is 2022-11-15, a little older than our version: of an
// endpoint's it lacks the version and three event types, which the fake checks.
func TestRequestShapes(t *testing.T) {
	mock := &listener{change: func(path, form string) string {
		if path != "/v1/webhook_endpoints" || form == "" {
			return form
		}
		for _, since := range []string{"&enabled_events[]=refund.created", "&enabled_events[]=refund.updated", "&enabled_events[]=refund.failed", "&api_version=" + APIVersion} {
			require.Contains(t, form, since)
			form = strings.Replace(form, since, "", 1)
		}
		return form
	}}
	address := startMock(t)
	c := New(Options{URL: address, HTTP: &http.Client{Transport: mock}})
	askEverything(t, c, Access{Key: "sk_test_mock", Account: "acct_1"})
	require.Subset(t, whatOf(mock.all), calls)
	for _, h := range mock.all {
		require.Equal(t, http.StatusOK, h.status, "%s: %s", h.what, h.told)
	}

	// it does look at what is asked
	for path, form := range map[string]string{
		"/v1/coupons": "percent_off=much", "/v1/promotion_codes": "code=A", "/v1/webhook_endpoints": "url=https://fly.example&enabled_events[]=order.paid",
	} {
		pair := strings.Split(strings.ReplaceAll(form, "&", "="), "=")
		_, err := New(Options{URL: address}).send(t.Context(), Access{Key: "sk_test_mock"}, http.MethodPost, path, fields(pair...), "")
		require.Error(t, err, path)
	}
}

// The fake, stricter, takes them too, with nothing but what merchants have granted.
func TestRequestShapesAtTheFake(t *testing.T) {
	all := answersTo(t, granted(t))
	require.Subset(t, whatOf(all), calls)
	for _, h := range all {
		taken := h.what == "POST /v1/promotion_codes" && strings.Contains(h.told, "already exists") // by CreatePromotion just before
		require.True(t, h.status == http.StatusOK || taken, "%s: %d %s", h.what, h.status, h.told)
	}
}

func whatOf(all []heard) (out []string) {
	for _, h := range all {
		out = append(out, h.what)
	}
	return out
}

// startMock runs the real stripe-mock for the test and returns its address. It
// opens HTTPS as well, on all interfaces, unless it is told where.
func startMock(t *testing.T) string {
	t.Helper()
	find := exec.CommandContext(t.Context(), "go", "tool", "-modfile=tools/go.mod", "-n", "stripe-mock")
	find.Dir = "../.."
	path, err := find.Output()
	require.NoError(t, err)
	cmd := exec.Command(strings.TrimSpace(string(path)), "-http-addr", "127.0.0.1:0", "-https-addr", "127.0.0.1:0")
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if address, found := strings.CutPrefix(lines.Text(), "Listening for HTTP at address: "); found {
			return "http://" + address
		}
	}
	require.FailNow(t, "stripe-mock ended before it listened")
	return ""
}
