package hookfake_test

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/require"

	"flywheel/integrations/hook/hookfake"
)

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// post makes a webhook that is signed as it should be.
func post(t *testing.T, method, kind, body string) *http.Request {
	t.Helper()
	by, err := standardwebhooks.NewWebhook(secret)
	require.NoError(t, err)
	now := time.Now()
	signature, err := by.Sign("0effect1", now, []byte(body))
	require.NoError(t, err)
	req := httptest.NewRequestWithContext(t.Context(), method, "/hooks", strings.NewReader(body))
	req.Header.Set("Content-Type", kind)
	req.Header.Set("webhook-id", "0effect1")
	req.Header.Set("webhook-timestamp", strconv.FormatInt(now.Unix(), 10))
	req.Header.Set("webhook-signature", signature)
	return req
}

func TestReceiverRefusesWhatARealOneWould(t *testing.T) {
	r, err := hookfake.New(secret)
	require.NoError(t, err)
	r.Next(1, hookfake.Trouble{Code: 500})
	for name, tt := range map[string]struct {
		method, kind, body string
		want               int
	}{
		"fetched":   {"GET", "application/json", `{}`, 405},
		"a form":    {"POST", "application/x-www-form-urlencoded", `{}`, 415},
		"not JSON":  {"POST", "application/json", `{`, 400},
		"too large": {"POST", "application/json", `"` + strings.Repeat("a", 64<<10) + `"`, 413},
	} {
		w := httptest.NewRecorder()
		r.ServeHTTP(w, post(t, tt.method, tt.kind, tt.body))
		require.Equal(t, tt.want, w.Code, name)
	}
	require.Len(t, r.Refused(), 4)
	require.Empty(t, r.Deliveries())

	for _, want := range []int{500, 204} {
		w := httptest.NewRecorder()
		r.ServeHTTP(w, post(t, "POST", "application/json; charset=utf-8", `{}`))
		require.Equal(t, want, w.Code, "what was refused has not used up the trouble")
	}
}

func TestReceiverSeesThatADoubleIsNone(t *testing.T) {
	r, err := hookfake.New(secret)
	require.NoError(t, err)
	for i, body := range []string{`{"a":1}`, `{"a":1}`, `{"a":2}`} {
		r.ServeHTTP(httptest.NewRecorder(), post(t, "POST", "application/json", body))
		d := r.Deliveries()
		require.Len(t, d, 1)
		require.Equal(t, i+1, d[0].Count)
		require.Equal(t, `{"a":1}`, string(d[0].Body), "the first counts")
		require.Equal(t, i == 2, d[0].Changed)
	}
	_, err = hookfake.New("whsec_*")
	require.Error(t, err)
}
