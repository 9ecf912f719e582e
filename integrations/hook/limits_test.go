package hook_test

import (
	"bytes"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/integrations/hook"
)

// plain serves every connection with talk, below HTTP, after the request's head came.
func plain(t *testing.T, talk func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = c.Read(make([]byte, 4096))
			talk(c)
			_ = c.Close()
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-done
	})
	return "http://" + l.Addr().String()
}

// drip writes text again and again until the other side hangs up.
func drip(c net.Conn, text string) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for range tick.C {
		if _, err := c.Write([]byte(text)); err != nil {
			return
		}
	}
}

func TestNobodyHoldsUsUp(t *testing.T) {
	late := hook.Outcome{State: hook.Retry, Detail: "the receiver did not answer in time"}
	broken := hook.Outcome{State: hook.Retry, Detail: "the connection broke off"}
	for name, tt := range map[string]struct {
		talk func(net.Conn)
		want hook.Outcome
	}{
		"silent": {func(c net.Conn) { _, _ = c.Read(make([]byte, 1)) }, late},
		"head drips": {func(c net.Conn) {
			_, _ = c.Write([]byte("HTTP/1.1 200 OK\r\nX-Slow: "))
			drip(c, "a")
		}, late},
		"for ever nearly there": {func(c net.Conn) { drip(c, "HTTP/1.1 102 Processing\r\n\r\n") }, late},
		"body drips": {func(c net.Conn) {
			_, _ = c.Write([]byte("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n"))
			drip(c, "a")
		}, hook.Outcome{State: hook.Sent, Code: 200}},
		"body never comes": {func(c net.Conn) {
			_, _ = c.Write([]byte("HTTP/1.1 503 No\r\nContent-Length: 10\r\n\r\n"))
			_, _ = c.Read(make([]byte, 1))
		}, hook.Outcome{State: hook.Retry, Code: 503, Detail: "the receiver did not take it (HTTP 503)"}},
		"another protocol": {func(c net.Conn) { // net/http hands over the connection, which no context ends
			_, _ = c.Write([]byte("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: t0ken\r\n\r\n"))
			_, _ = c.Read(make([]byte, 1))
		}, hook.Outcome{State: hook.Retry, Code: 101, Detail: "the receiver did not take it (HTTP 101)"}},
		"endless body": {func(c net.Conn) {
			_, _ = c.Write([]byte("HTTP/1.1 200 OK\r\n\r\n"))
			for more := bytes.Repeat([]byte("a"), 1<<16); ; {
				if _, err := c.Write(more); err != nil {
					return
				}
			}
		}, hook.Outcome{State: hook.Sent, Code: 200}},
		"endless head": {func(c net.Conn) {
			_, _ = c.Write([]byte("HTTP/1.1 200 OK\r\n" + strings.Repeat("X-More: a\r\n", 10000)))
			_, _ = c.Read(make([]byte, 1))
		}, broken},
		"not HTTP": {func(c net.Conn) { _, _ = c.Write([]byte("SSH-2.0-t0ken\r\n")) }, broken},
		"hangs up": {func(net.Conn) {}, broken},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			limit := 10 * time.Minute
			if tt.want == late {
				limit = time.Second
			}
			s := sender(t, hook.Options{Timeout: limit})
			url, start := plain(t, tt.talk), time.Now()
			require.Equal(t, tt.want, send(t, s, thanked(url)))
			require.Less(t, time.Since(start), time.Minute)
		})
	}
}

func TestNobodyThere(t *testing.T) {
	s := httptest.NewServer(nil)
	s.Close()
	require.Equal(t, hook.Outcome{State: hook.Retry, Detail: "the receiver refuses connections"}, send(t, sender(t, hook.Options{}), thanked(s.URL)))
}

func TestWhatCannotBeSentNeverIs(t *testing.T) {
	fake, url := receiver(t)
	s := sender(t, hook.Options{})
	json := func(n int) []byte { return []byte(`"` + strings.Repeat("a", n-2) + `"`) }
	for name, tt := range map[string]struct {
		change func(*hook.Request)
		want   string
	}{
		"too large":        {func(r *hook.Request) { r.Body = json(64<<10 + 1) }, "larger than 64 KB"},
		"empty":            {func(r *hook.Request) { r.Body = nil }, "not JSON"},
		"not JSON":         {func(r *hook.Request) { r.Body = []byte(`{"order":`) }, "not JSON"},
		"no id":            {func(r *hook.Request) { r.ID = "" }, "id must be"},
		"id with a stop":   {func(r *hook.Request) { r.ID = "0effect1.1614265330" }, "id must be"},
		"id with a line":   {func(r *hook.Request) { r.ID = "0effect1\r\nX: y" }, "id must be"},
		"id with last nl":  {func(r *hook.Request) { r.ID = "0effect1\n" }, "id must be"},
		"id too long":      {func(r *hook.Request) { r.ID = strings.Repeat("a", 129) }, "id must be"},
		"no secret":        {func(r *hook.Request) { r.Secrets = nil }, "no signing secret"},
		"empty secret":     {func(r *hook.Request) { r.Secrets = []string{""} }, "cannot be read"},
		"empty key":        {func(r *hook.Request) { r.Secrets = []string{"whsec_"} }, "cannot be read"},
		"short secret":     {func(r *hook.Request) { r.Secrets = []string{"whsec_czNjcmV0"} }, "cannot be read"},
		"secret without":   {func(r *hook.Request) { r.Secrets = []string{strings.TrimPrefix(secret, "whsec_")} }, "cannot be read"},
		"second not valid": {func(r *hook.Request) { r.Secrets = []string{secret, "whsec_*"} }, "cannot be read"},
		"address":          {func(r *hook.Request) { r.URL = "ftp://127.0.0.1/t0ken" }, "must start with https://"},
		"address, odd":     {func(r *hook.Request) { r.URL = "http://127.0.0.1:t0ken/" }, "cannot be read"},
	} {
		r := thanked(url)
		tt.change(&r)
		got := send(t, s, r)
		require.Equal(t, hook.Failed, got.State, name)
		require.Contains(t, got.Detail, tt.want, name)
	}
	require.Empty(t, fake.Deliveries())
	require.Empty(t, fake.Refused())

	largest := thanked(url)
	largest.Body = json(64 << 10)
	require.Equal(t, hook.Sent, send(t, s, largest).State)
}

func TestConnectionsAreUsedAgain(t *testing.T) {
	fake, _ := receiver(t)
	var opened atomic.Int32
	s := httptest.NewUnstartedServer(fake)
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	s.Start()
	t.Cleanup(s.Close)
	to := sender(t, hook.Options{})
	for range 5 {
		require.Equal(t, hook.Sent, send(t, to, thanked(s.URL)).State)
	}
	require.EqualValues(t, 1, opened.Load())
	s.CloseClientConnections()
	require.Eventually(t, func() bool { return send(t, to, thanked(s.URL)).State == hook.Sent }, time.Minute, time.Millisecond, "a connection that was closed meanwhile is replaced")
}

func TestNewSecret(t *testing.T) {
	seen := map[string]bool{}
	fake, url := receiver(t)
	for range 20 {
		fresh := hook.NewSecret()
		require.Regexp(t, `^whsec_[A-Za-z0-9+/]{40}$`, fresh)
		require.False(t, seen[fresh])
		seen[fresh] = true
		require.NoError(t, fake.Rotate(fresh))
		r := thanked(url)
		r.Secrets = []string{fresh}
		require.Equal(t, hook.Sent, send(t, sender(t, hook.Options{}), r).State)
	}
}
