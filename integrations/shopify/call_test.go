package shopify

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/Khan/genqlient/graphql"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flywheel/fault"
)

// reply is one answer of Shopify, or the failure to get one.
type reply struct {
	status int // 0 = 200
	header map[string]string
	body   string
	err    error
	broken bool          // the body breaks off
	after  time.Duration // how long it takes
}

// script is a Shopify that gives its replies in turn, the last one for ever.
// It is a transport, so a test's time may be that of a bubble.
type script struct {
	replies []reply

	mu    sync.Mutex
	asked []time.Time
	last  *http.Request
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	a := s.replies[min(len(s.asked), len(s.replies)-1)]
	s.asked, s.last = append(s.asked, time.Now()), r
	s.mu.Unlock()
	if a.after > 0 {
		select {
		case <-r.Context().Done():
			return nil, r.Context().Err()
		case <-time.After(a.after):
		}
	}
	if a.err != nil {
		return nil, a.err
	}
	h := http.Header{"X-Shopify-Api-Version": {apiVersion}}
	for k, v := range a.header {
		h.Set(k, v)
	}
	var body io.Reader = strings.NewReader(a.body)
	if a.broken {
		body = io.MultiReader(body, brokenReader{})
	}
	return &http.Response{StatusCode: cmp.Or(a.status, http.StatusOK), Header: h, Body: io.NopCloser(body), Request: r}, nil
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// pauses are the times between the requests.
func (s *script) pauses() []time.Duration {
	var out []time.Duration
	for i := 1; i < len(s.asked); i++ {
		out = append(out, s.asked[i].Sub(s.asked[i-1]))
	}
	return out
}

func scripted(change func(*Options), replies ...reply) (*script, *Client) {
	s := &script{replies: replies}
	o := Options{Key: "key", Secrets: []string{"hush"}, HTTP: &http.Client{Transport: s}}
	if change != nil {
		change(&o)
	}
	return s, New(o)
}

type named struct {
	Shop struct {
		Name string `json:"name"`
	} `json:"shop"`
}

const (
	askName  = "\nquery Name {\n shop { name } }"
	askTags  = "\nmutation AddTags {\n tagsAdd { userErrors { message } } }"
	goodName = `{"data":{"shop":{"name":"Wool"}}}`
)

// ask puts one question, or with a mutation's document one mutation, and returns the shop's name.
func ask(ctx context.Context, c *Client, document string) (string, error) {
	var into named
	err := c.graph(testAccess).MakeRequest(ctx, &graphql.Request{Query: document, OpName: "Name"}, &graphql.Response{Data: &into})
	return into.Shop.Name, err
}

func throttled(requested, available, rate int) string {
	return fmt.Sprintf(`{"errors":[{"message":"Throttled","extensions":{"code":"THROTTLED"}}],"extensions":{"cost":{"requestedQueryCost":%d,"actualQueryCost":null,
		"throttleStatus":{"maximumAvailable":1000.0,"currentlyAvailable":%d,"restoreRate":%d.0}}}}`, requested, available, rate)
}

func TestCallAsksTheShopsOwnHost(t *testing.T) {
	s, c := scripted(nil, reply{body: goodName})
	name, err := ask(t.Context(), c, askName)
	require.NoError(t, err)
	assert.Equal(t, "Wool", name)
	assert.Equal(t, "https://wool.myshopify.com/admin/api/2026-10/graphql.json", s.last.URL.String())
	assert.Equal(t, testToken, s.last.Header.Get("X-Shopify-Access-Token"))
}

// Traps: REST is closed, the shop's name is anchored, a token goes nowhere else.
func TestCallTellsNoOtherHost(t *testing.T) {
	for _, shop := range []string{
		"attacker.example/myshopify.com", "attacker.example?myshopify.com", "attacker.example#.myshopify.com", "wool.myshopify.com.attacker.example",
		"wool.myshopify.com@attacker.example", "wool.myshopify.com:8080", "a.wool.myshopify.com", "wool", " wool.myshopify.com", "wool.myshopify.com\n", "",
	} {
		s, c := scripted(nil, reply{body: goodName})
		err := c.graph(Access{shop, testToken}).MakeRequest(t.Context(), &graphql.Request{Query: askName}, &graphql.Response{})
		assert.Equal(t, fault.Invalid, fault.KindOf(err), "%q", shop)
		assert.Empty(t, s.asked, "%q", shop)
	}
}

// What each answer means, how often a question is asked for it, and how often a
// mutation, which is repeated only where it was certainly not carried out.
func TestCallVerdicts(t *testing.T) {
	refused := &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
	page := "<!DOCTYPE html><h1>Something went wrong</h1>"
	tests := map[string]struct {
		reply               reply
		kind                fault.Kind
		questions, mutation int
	}{
		"good":                {reply{body: goodName}, "", 1, 1},
		"throttled":           {reply{body: throttled(100, 50, 50)}, fault.Temporary, 4, 4},
		"HTTP 429":            {reply{status: 429, body: `{"errors":"Exceeded"}`}, fault.Temporary, 4, 4},
		"nobody there":        {reply{err: refused}, fault.Temporary, 4, 4},
		"connection lost":     {reply{err: io.ErrUnexpectedEOF}, fault.Temporary, 4, 1},
		"answer breaks off":   {reply{body: `{"da`, broken: true}, fault.Temporary, 4, 1},
		"HTML 500":            {reply{status: 500, body: page}, fault.Temporary, 4, 1},
		"HTML 502":            {reply{status: 502, body: page}, fault.Temporary, 4, 1},
		"HTML 503":            {reply{status: 503, body: page}, fault.Temporary, 4, 1},
		"HTML 200":            {reply{body: page}, fault.Temporary, 4, 1},
		"internal error":      {reply{body: `{"errors":[{"extensions":{"code":"INTERNAL_SERVER_ERROR"}}]}`}, fault.Temporary, 4, 1},
		"locked":              {reply{status: 423}, fault.Temporary, 1, 1},
		"suspicious":          {reply{status: 430}, fault.Temporary, 1, 1},
		"token gone":          {reply{status: 401, body: `{"errors":"[API] Invalid API key or access token"}`}, fault.Denied, 1, 1},
		"frozen":              {reply{status: 402}, fault.Denied, 1, 1},
		"forbidden":           {reply{status: 403}, fault.Denied, 1, 1},
		"no such shop":        {reply{status: 404}, fault.NotFound, 1, 1},
		"moved":               {reply{status: 307, header: map[string]string{"Location": "https://attacker.example/"}}, fault.Permanent, 1, 1},
		"huge":                {reply{body: strings.Repeat(" ", maxAnswer) + goodName}, fault.Permanent, 1, 1},
		"may not at all":      {reply{body: `{"data":{"shop":null},"errors":[{"message":"no","extensions":{"code":"ACCESS_DENIED"}}]}`}, fault.Denied, 1, 1},
		"closed shop":         {reply{body: `{"errors":[{"extensions":{"code":"SHOP_INACTIVE"}}]}`}, fault.Denied, 1, 1},
		"no such field":       {reply{body: `{"errors":[{"message":"Field 'x' doesn't exist"}]}`}, fault.Permanent, 1, 1},
		"errors as text":      {reply{body: `{"errors":"Not Found"}`}, fault.Permanent, 1, 1},
		"another shape":       {reply{body: `{"data":{"shop":[1]}}`}, fault.Permanent, 1, 1},
		"too large a request": {reply{body: `{"errors":[{"extensions":{"code":"MAX_COST_EXCEEDED"}}]}`}, fault.Permanent, 1, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for document, times := range map[string]int{askName: tt.questions, askTags: tt.mutation} {
					s, c := scripted(nil, tt.reply)
					_, err := ask(t.Context(), c, document)
					assert.Equal(t, tt.kind, fault.KindOf(err), "%v", err)
					assert.Len(t, s.asked, times, document)
					if err != nil {
						assert.NotContains(t, err.Error(), testToken)
					}
				}
			})
		})
	}
}

// Only a 401 says that the token is gone, or that it is one of the kind that
// Shopify takes no more: the scopes or the shop's bill have nothing to do with it.
func TestCallKnowsADeadToken(t *testing.T) {
	old := "Non-expiring access tokens are no longer accepted for the Admin API. Start using expiring offline tokens."
	for name, tt := range map[string]struct {
		reply reply
		dead  bool
	}{
		"401":                {reply{status: 401}, true},
		"403, never expires": {reply{status: 403, body: old}, true},
		"403":                {reply{status: 403, body: "This action requires merchant approval for read_orders scope."}, false},
		"402":                {reply{status: 402}, false},
	} {
		_, c := scripted(nil, tt.reply)
		_, err := ask(t.Context(), c, askName)
		assert.Equal(t, tt.dead, errors.Is(err, ErrToken), "%s: %v", name, err)
	}
}

func TestCallPausesGrow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, c := scripted(nil, reply{status: 503}, reply{status: 500}, reply{err: io.EOF}, reply{body: goodName})
		name, err := ask(t.Context(), c, askName)
		require.NoError(t, err)
		assert.Equal(t, "Wool", name)
		for i, least := range []time.Duration{200 * time.Millisecond, 600 * time.Millisecond, 1800 * time.Millisecond} {
			assert.GreaterOrEqual(t, s.pauses()[i], least)
			assert.LessOrEqual(t, s.pauses()[i], least*5/4)
		}
	})
}

// Trap: go-shopify takes a Retry-After of 0.6 for none, and waits without end for a long one.
func TestCallWaitsAsTold(t *testing.T) {
	tests := map[string]struct {
		told  reply
		wait  time.Duration // 0 = it does not come again
		times int
	}{
		"a fraction":       {reply{status: 429, header: map[string]string{"Retry-After": "0.6"}}, 600 * time.Millisecond, 2},
		"seconds":          {reply{status: 503, header: map[string]string{"Retry-After": "4"}}, 4 * time.Second, 2},
		"throttle status":  {reply{body: throttled(300, 50, 50)}, 5 * time.Second, 2},
		"longer than time": {reply{status: 429, header: map[string]string{"Retry-After": "60"}}, 0, 1},
		"nonsense":         {reply{status: 429, header: map[string]string{"Retry-After": "NaN"}}, 200 * time.Millisecond, 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, c := scripted(nil, tt.told, reply{body: goodName})
				began := time.Now()
				_, err := ask(t.Context(), c, askName)
				require.Len(t, s.asked, tt.times)
				if tt.wait == 0 {
					assert.Equal(t, began, time.Now(), "it does not wait for nothing")
					assert.Equal(t, fault.Temporary, fault.KindOf(err))
					return
				}
				require.NoError(t, err)
				assert.GreaterOrEqual(t, s.pauses()[0], tt.wait)
				assert.LessOrEqual(t, s.pauses()[0], tt.wait*5/4)
			})
		})
	}
}

// Trap: go-shopify's waits ignore the context.
func TestCallHeedsTheContextInAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		began := time.Now()
		_, c := scripted(nil, reply{body: throttled(1000, 0, 50)})
		_, err := ask(ctx, c, askName)
		assert.Equal(t, fault.Temporary, fault.KindOf(err), "%v", err)
		assert.Equal(t, time.Second, time.Since(began))
	})
}

func TestCallHasAnEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		_, c := scripted(nil, reply{after: time.Hour})
		_, err := ask(t.Context(), c, askName)
		assert.Equal(t, fault.Temporary, fault.KindOf(err), "%v", err)
		assert.LessOrEqual(t, time.Since(began), patience)

		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
		defer cancel()
		began = time.Now()
		_, err = ask(ctx, c, askName)
		assert.Equal(t, fault.Temporary, fault.KindOf(err), "%v", err)
		assert.ErrorIs(t, err, context.DeadlineExceeded)
		assert.Equal(t, 30*time.Millisecond, time.Since(began))
	})
}

// Trap: ACCESS_DENIED beside data. The fields are empty, which is no error, but is told.
func TestCallWithoutAField(t *testing.T) {
	var log bytes.Buffer
	_, c := scripted(func(o *Options) {
		o.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	},
		reply{body: `{"data":{"shop":{"name":"Wool","email":null}},"errors":[{"message":"no","path":["shop","email"],"extensions":{"code":"ACCESS_DENIED"}}]}`})
	name, err := ask(t.Context(), c, askName)
	require.NoError(t, err)
	assert.Equal(t, "Wool", name)
	assert.Contains(t, log.String(), "operation=Name")
	assert.NotContains(t, log.String(), testToken)
}

// Trap: a version that has died falls forward to another one, silently.
func TestCallRaisesTheAlarmOnDrift(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		var heard []string
		_, c := scripted(func(o *Options) {
			o.Log = slog.New(slog.NewTextHandler(&log, nil))
			o.Drift = func(shop, seen string) { heard = append(heard, shop+" "+seen) }
		}, reply{body: goodName}, reply{body: goodName, header: map[string]string{"X-Shopify-Api-Version": "2027-01"}})
		for range 4 {
			_, err := ask(t.Context(), c, askName)
			require.NoError(t, err)
		}
		assert.Equal(t, []string{"wool.myshopify.com 2027-01", "wool.myshopify.com 2027-01", "wool.myshopify.com 2027-01"}, heard)
		assert.Equal(t, 1, strings.Count(log.String(), "WARN"), log.String())
		time.Sleep(time.Hour) // the bubble's, which takes no time
		_, err := ask(t.Context(), c, askName)
		require.NoError(t, err)
		assert.Equal(t, 2, strings.Count(log.String(), "WARN"), log.String())
	})
}

// Trap: one go-shopify client used by several goroutines is a data race; ours is not.
func TestCallByMany(t *testing.T) {
	_, c := scripted(func(o *Options) { o.Pause = time.Millisecond }, reply{status: 503}, reply{body: goodName, header: map[string]string{"X-Shopify-Api-Version": "2027-01"}})
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			name, err := ask(t.Context(), c, askName)
			assert.NoError(t, err)
			assert.Equal(t, "Wool", name)
		})
	}
	all.Wait()
}

// A fake is asked by its own address, and told the shop as Host.
func TestCallOfAFake(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "wool.myshopify.com", r.Host)
		assert.Equal(t, "/fake/admin/api/2026-10/graphql.json", r.URL.Path)
		_, _ = io.WriteString(w, goodName)
	}))
	defer server.Close()
	name, err := ask(t.Context(), New(Options{URL: server.URL + "/fake/", HTTP: server.Client()}), askName)
	require.NoError(t, err)
	assert.Equal(t, "Wool", name)

	_, err = ask(t.Context(), New(Options{URL: "not a url"}), askName)
	assert.Equal(t, fault.Permanent, fault.KindOf(err), "%v", err)
}

// Nobody listens: the request certainly did not leave.
func TestCallOfNobody(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	c := New(Options{URL: server.URL, Pause: time.Millisecond})
	_, err := ask(t.Context(), c, askName)
	assert.Equal(t, fault.Temporary, fault.KindOf(err), "%v", err)
	assert.True(t, unsent(err), "%v", err)
}
