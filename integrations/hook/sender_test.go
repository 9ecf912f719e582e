package hook_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"flywheel/integrations/hook"
	"flywheel/integrations/hook/hookfake"
)

func TestMain(m *testing.M) {
	_ = os.Setenv("HTTP_PROXY", "http://127.0.0.1:1") // nothing may go there; TestNamesThatChange needs it before the first request
	goleak.VerifyTestMain(m)
}

const secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// token stands in every address: receivers put passwords there, so it is told to nobody.
const token = "t0ken"

var noon = time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)

// thanked is a webhook as a step of a campaign makes it.
func thanked(url string) hook.Request {
	return hook.Request{ID: "0effect1", URL: url + "/hooks/" + token, Secrets: []string{secret}, Body: []byte(`{"type":"step.reached","data":{"order":"#1001"}}`)}
}

func sender(t *testing.T, o hook.Options) *hook.Sender {
	t.Helper()
	o.AllowPrivate = true // the fakes are on this machine
	if o.Now == nil {
		o.Now = func() time.Time { return noon }
	}
	s := hook.New(o)
	t.Cleanup(s.Close)
	return s
}

func serve(t *testing.T, h http.Handler) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func receiver(t *testing.T) (*hookfake.Receiver, string) {
	t.Helper()
	r, err := hookfake.New(secret)
	require.NoError(t, err)
	r.Now = func() time.Time { return noon }
	return r, serve(t, r)
}

// send also asks that nothing is told that is nobody's business.
func send(t *testing.T, s *hook.Sender, r hook.Request) hook.Outcome {
	t.Helper()
	o := s.Send(t.Context(), r)
	for _, hidden := range append([]string{token, "127.0.0.1", "#1001", "trouble made to order"}, r.Secrets...) {
		if hidden = strings.TrimPrefix(hidden, "whsec_"); hidden != "" {
			require.NotContains(t, o.Detail, hidden)
		}
	}
	require.Less(t, len(o.Detail), 120)
	require.Equal(t, o.State == hook.Sent, o.Detail == "", "%+v", o)
	return o
}

func TestWebhookArrivesAsItWasMade(t *testing.T) {
	var got *http.Request
	var body []byte
	url := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r
		body, _ = io.ReadAll(r.Body)
	}))
	// The example of the library's own tests, with a signature they give.
	s := sender(t, hook.Options{Now: func() time.Time { return time.Unix(1614265330, 0) }})
	r := hook.Request{ID: "msg_p5jXN8AQM9LWM0D4loKWxJek", URL: url, Secrets: []string{secret}, Body: []byte(`{"test": 2432232314}`)}
	require.Equal(t, hook.Outcome{State: hook.Sent, Code: 200}, send(t, s, r))
	require.Equal(t, http.MethodPost, got.Method)
	require.Equal(t, string(r.Body), string(body), "byte for byte")
	for name, want := range map[string]string{
		"webhook-id":        r.ID,
		"webhook-timestamp": "1614265330",
		"webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
		"content-type":      "application/json",
		"user-agent":        "Flywheel",
		"accept-encoding":   "",
	} {
		require.Equal(t, want, got.Header.Get(name), name)
	}
}

func TestAnswersAreToldApart(t *testing.T) {
	in := func(d time.Duration) string { return noon.Add(d).Format(http.TimeFormat) }
	for name, tt := range map[string]struct {
		trouble hookfake.Trouble
		want    hook.State
		wait    time.Duration
	}{
		"taken at once":          {hookfake.Trouble{Code: 202}, hook.Sent, 0},
		"gone":                   {hookfake.Trouble{Code: 410, RetryAfter: "9"}, hook.Failed, 0},
		"moved":                  {hookfake.Trouble{Code: 301, Location: "https://example.com/t0ken"}, hook.Failed, 0},
		"moved, keep the method": {hookfake.Trouble{Code: 307, Location: "https://example.com/t0ken"}, hook.Failed, 0},
		"not modified":           {hookfake.Trouble{Code: 304}, hook.Failed, 0},
		"not understood":         {hookfake.Trouble{Code: 400}, hook.Retry, 0},
		"not let in":             {hookfake.Trouble{Code: 401}, hook.Retry, 0},
		"not there":              {hookfake.Trouble{Code: 404}, hook.Retry, 0},
		"broken":                 {hookfake.Trouble{Code: 500}, hook.Retry, 0},
		"odd":                    {hookfake.Trouble{Code: 999}, hook.Retry, 0},
		"too many":               {hookfake.Trouble{Code: 429, RetryAfter: "120"}, hook.Retry, 2 * time.Minute},
		"closed for long":        {hookfake.Trouble{Code: 503, RetryAfter: "86401"}, hook.Retry, 24 * time.Hour},
		"closed for ever":        {hookfake.Trouble{Code: 503, RetryAfter: strings.Repeat("9", 40)}, hook.Retry, 24 * time.Hour},
		"closed until":           {hookfake.Trouble{Code: 503, RetryAfter: in(time.Hour)}, hook.Retry, time.Hour},
		"closed until next year": {hookfake.Trouble{Code: 503, RetryAfter: in(9000 * time.Hour)}, hook.Retry, 24 * time.Hour},
		"closed until past":      {hookfake.Trouble{Code: 503, RetryAfter: in(-time.Hour)}, hook.Retry, 0},
		"negative":               {hookfake.Trouble{Code: 503, RetryAfter: "-5"}, hook.Retry, 0},
		"no number":              {hookfake.Trouble{Code: 503, RetryAfter: "soon"}, hook.Retry, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake, err := hookfake.New(secret)
			require.NoError(t, err)
			fake.Now = func() time.Time { return noon }
			url := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Date", noon.Format(http.TimeFormat))
				fake.ServeHTTP(w, r)
			}))
			s := sender(t, hook.Options{})
			fake.Next(1, tt.trouble)
			got := send(t, s, thanked(url))
			require.Equal(t, tt.want, got.State, "%+v", got)
			require.Equal(t, tt.trouble.Code, got.Code)
			require.Equal(t, tt.wait, got.RetryAfter)
			if tt.want != hook.Sent {
				require.Contains(t, got.Detail, "HTTP "+strconv.Itoa(tt.trouble.Code))
			}
			require.Equal(t, hook.Sent, send(t, s, thanked(url)).State, "the trouble is over")
			require.Empty(t, fake.Refused())
		})
	}
}

// A receiver whose clock is wrong means its own clock when it names a time; one that shows none means ours.
func TestRetryAfterIsHeldAgainstTheReceiversClock(t *testing.T) {
	for name, clock := range map[string]string{"its own": noon.AddDate(1, 0, 0).Format(http.TimeFormat), "none": ""} {
		until := noon
		if clock != "" {
			until, _ = http.ParseTime(clock)
		}
		url := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header()["Date"] = nil // else the server adds it
			if clock != "" {
				w.Header().Set("Date", clock)
			}
			w.Header().Set("Retry-After", until.Add(time.Minute).Format(http.TimeFormat))
			w.WriteHeader(http.StatusServiceUnavailable)
		}))
		require.Equal(t, time.Minute, send(t, sender(t, hook.Options{}), thanked(url)).RetryAfter, name)
	}
}

func TestDoublesAreOneDelivery(t *testing.T) {
	fake, url := receiver(t)
	now := noon
	s := sender(t, hook.Options{Timeout: 2 * time.Second, Now: func() time.Time { return now }})
	fake.Next(1, hookfake.Trouble{Taken: true})
	got := send(t, s, thanked(url))
	require.Equal(t, hook.Outcome{State: hook.Retry, Detail: "the receiver did not answer in time"}, got)
	now = now.Add(time.Minute)
	require.Equal(t, hook.Sent, send(t, s, thanked(url)).State)
	require.Len(t, fake.Deliveries(), 1)
	d := fake.Deliveries()[0]
	require.Equal(t, 2, d.Count)
	require.False(t, d.Changed)
	require.Equal(t, []time.Time{noon, now}, d.Signed, "each attempt is signed with its own time")
}

func TestRotation(t *testing.T) {
	fake, url := receiver(t)
	s := sender(t, hook.Options{})
	fresh := hook.NewSecret()
	both, newOnly := thanked(url), thanked(url)
	both.Secrets, newOnly.Secrets = []string{fresh, secret}, []string{fresh}
	require.Equal(t, 401, send(t, s, newOnly).Code, "the receiver does not know the new one yet")
	require.Equal(t, hook.Sent, send(t, s, both).State)
	require.NoError(t, fake.Rotate(fresh))
	require.Equal(t, hook.Sent, send(t, s, both).State)
	require.Equal(t, hook.Sent, send(t, s, newOnly).State)
	require.Equal(t, 401, send(t, s, thanked(url)).Code, "nor the old one any more")
	require.Len(t, fake.Refused(), 2)
}

func TestWhatWasTamperedWithIsRefused(t *testing.T) {
	fake, _ := receiver(t)
	for name, tamper := range map[string]func(*http.Request){
		"body":      func(r *http.Request) { r.Body = io.NopCloser(bytes.NewBufferString(`{"type":"step.left"}`)) },
		"id":        func(r *http.Request) { r.Header.Set("webhook-id", "0effect2") },
		"time":      func(r *http.Request) { r.Header.Set("webhook-timestamp", strconv.FormatInt(noon.Unix()+1, 10)) },
		"signature": func(r *http.Request) { r.Header.Set("webhook-signature", "v1,"+strings.Repeat("A", 43)+"=") },
		"unsigned":  func(r *http.Request) { r.Header.Del("webhook-signature") },
	} {
		url := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			tamper(r)
			fake.ServeHTTP(w, r)
		}))
		require.Equal(t, 401, send(t, sender(t, hook.Options{}), thanked(url)).Code, name)
	}
	url := serve(t, fake)
	for _, late := range []time.Duration{-6 * time.Minute, 6 * time.Minute} {
		s := sender(t, hook.Options{Now: func() time.Time { return noon.Add(late) }})
		require.Equal(t, 401, send(t, s, thanked(url)).Code, late)
	}
	require.Empty(t, fake.Deliveries())
	require.Len(t, fake.Refused(), 7)
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	inner := 0
	secretPlace := serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { inner++ }))
	fake, url := receiver(t)
	for _, to := range []string{secretPlace, "http://169.254.169.254/latest/meta-data/", "//[::1]/", "/elsewhere"} {
		fake.Next(1, hookfake.Trouble{Code: 307, Location: to})
		require.Equal(t, hook.Failed, send(t, sender(t, hook.Options{}), thanked(url)).State, to)
	}
	require.Zero(t, inner)
	require.Empty(t, fake.Deliveries())
}

func TestCertificatesAndVersionsCount(t *testing.T) {
	fake, _ := receiver(t)
	start := func(top uint16) *httptest.Server {
		s := httptest.NewUnstartedServer(fake)
		s.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: top}
		s.Config.ErrorLog = log.New(io.Discard, "", 0)
		s.StartTLS()
		t.Cleanup(s.Close)
		return s
	}
	good, old := start(tls.VersionTLS12), start(tls.VersionTLS11)
	known := x509.NewCertPool()
	known.AddCert(good.Certificate())
	trusting := sender(t, hook.Options{RootCAs: known})
	require.Equal(t, hook.Sent, send(t, trusting, thanked(good.URL)).State)
	for url, want := range map[string]hook.Outcome{
		old.URL: {State: hook.Retry, Detail: "the receiver has no TLS 1.2 or later"},
		strings.Replace(serve(t, fake), "http", "https", 1): {State: hook.Retry, Detail: "the receiver has no TLS 1.2 or later"},
	} {
		require.Equal(t, want, send(t, trusting, thanked(url)))
	}
	require.Equal(t, hook.Outcome{State: hook.Retry, Detail: "the receiver's certificate is not valid"}, send(t, sender(t, hook.Options{}), thanked(good.URL)))
	require.Len(t, fake.Deliveries(), 1)
}

func TestContextIsHeeded(t *testing.T) {
	fake, url := receiver(t)
	ctx, cancel := context.WithCancel(t.Context())
	s := sender(t, hook.Options{})
	fake.Next(1, hookfake.Trouble{Taken: true})
	ended := make(chan hook.Outcome, 1)
	go func() { ended <- s.Send(ctx, thanked(url)) }()
	require.Eventually(t, func() bool { return len(fake.Deliveries()) == 1 }, time.Minute, time.Millisecond)
	cancel()
	require.Equal(t, hook.Outcome{State: hook.Retry, Detail: "the attempt was cut short"}, <-ended)
	require.Equal(t, hook.NotTried, s.Send(ctx, thanked(url)).State)
	require.Equal(t, 1, fake.Deliveries()[0].Count, "nothing left the house")
}
