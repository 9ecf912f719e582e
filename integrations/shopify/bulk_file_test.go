package shopify

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flywheel/fault"
)

const (
	headLine  = `{"id":"gid://shopify/Order/%d","updatedAt":"2026-11-02T09:00:00Z","currencyCode":"EUR","totalPriceSet":{"shopMoney":{"amount":"10.0","currencyCode":"EUR"},"presentmentMoney":{"amount":"10.0","currencyCode":"EUR"}}}`
	lineLine  = `{"id":"gid://shopify/LineItem/%d","title":"Tea","quantity":1,"currentQuantity":1,"__parentId":"gid://shopify/Order/%d"}`
	otherLine = `{"id":"gid://shopify/Order/%d","updatedAt":`
)

// storage serves text as a file; a client takes it for its fake's.
func storage(t *testing.T, text string, serve func(http.ResponseWriter, *http.Request) bool) (*Client, string) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assert.Empty(t, r.Header.Get("X-Shopify-Access-Token"), "the file is no shop's")
		if serve == nil || serve(w, r) {
			http.ServeContent(w, r, "", time.Time{}, strings.NewReader(text))
		}
	}))
	t.Cleanup(server.Close)
	return New(Options{Key: "key", URL: server.URL, HTTP: server.Client()}), server.URL + "/file"
}

func lines(all ...string) string { return strings.Join(all, "\n") + "\n" }

func head(order int) string        { return fmt.Sprintf(headLine, order) }
func child(line, order int) string { return fmt.Sprintf(lineLine, line, order) }

// What cannot be read costs its own order only, and that one is named where it can be.
func TestReadBulkGoesOnBehindABrokenOrder(t *testing.T) {
	long := strings.Repeat("x", maxLine)
	tests := map[string]struct {
		text string
		want []string // "1: 2" is order 1 with two lines; "1!" one that cannot be read
	}{
		"good":               {lines(head(1), child(11, 1), child(12, 1), head(2), head(3), child(31, 3)), []string{"1: 2", "2: 0", "3: 1"}},
		"no end of line":     {strings.TrimSpace(lines(head(1), child(11, 1))), []string{"1: 1"}},
		"empty lines":        {lines("", head(1), "", child(11, 1)), []string{"1: 1"}},
		"a broken line item": {lines(head(1), `{"id":"gid://shopify/LineItem/1","quantity":`, child(12, 1), head(2)), []string{"1!", "2: 0"}},
		"a broken order":     {lines(head(1), fmt.Sprintf(otherLine, 2), child(21, 2), head(3)), []string{"1: 0", "2!", "3: 0"}},
		"no JSON at all":     {lines("<html>", head(1)), []string{"!", "1: 0"}},
		"a strange value":    {lines(strings.Replace(head(1), "2026-11-02T09", "yesterday", 1), head(2)), []string{"1!", "2: 0"}},
		"a strange amount":   {lines(strings.ReplaceAll(head(1), "10.0", "1e3"), head(2)), []string{"1!", "2: 0"}},
		"a line apart":       {lines(head(1), head(2), child(11, 1), head(3)), []string{"1: 0", "2: 0", "1!", "3: 0"}},
		"a line first":       {lines(child(11, 1), head(2)), []string{"1!", "2: 0"}},
		"too long an order":  {lines(`{"id":"gid://shopify/Order/1","name":"`+long+`"}`, child(11, 1), head(2)), []string{"1!", "2: 0"}},
		"too long a line":    {lines(head(1), `{"id":"gid://shopify/LineItem/1","title":"`+long+`","__parentId":"gid://shopify/Order/1"}`, head(2)), []string{"1!", "2: 0"}},
		"nothing":            {"", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			client, url := storage(t, tt.text, nil)
			orders, err := readFrom(t, client, url, 0)
			require.NoError(t, err)
			var got []string
			for _, o := range orders {
				id := ""
				if len(o.Change.Keys) > 0 {
					id = o.Change.Keys[0].ID
				}
				if o.Err != nil {
					assert.Equal(t, fault.Permanent, fault.KindOf(o.Err), "%v", o.Err)
					got = append(got, id+"!")
					continue
				}
				got = append(got, fmt.Sprintf("%s: %d", id, len(o.Change.Detail.Lines)))
			}
			assert.Equal(t, tt.want, got)
			if n := len(orders); n > 0 {
				assert.EqualValues(t, len(tt.text), orders[n-1].End)
			}
		})
	}
}

func TestReadBulkGoesOnFromAnyOrder(t *testing.T) {
	text := lines(head(1), child(11, 1), head(2), head(3), child(31, 3), child(32, 3))
	for name, ranges := range map[string]bool{"by range": true, "by skipping": false} {
		t.Run(name, func(t *testing.T) {
			asked := ""
			client, url := storage(t, text, func(_ http.ResponseWriter, r *http.Request) bool {
				asked = r.Header.Get("Range")
				if !ranges {
					r.Header.Del("Range")
				}
				return true
			})
			all, err := readFrom(t, client, url, 0)
			require.NoError(t, err)
			require.Len(t, all, 3)
			for i, o := range all {
				rest, err := readFrom(t, client, url, o.End)
				require.NoError(t, err)
				assert.Equal(t, all[i+1:], append([]BulkOrder{}, rest...))
				assert.Equal(t, fmt.Sprintf("bytes=%d-", o.End), asked)
			}
		})
	}
}

func TestReadBulkBreaksOff(t *testing.T) {
	text := lines(head(1), child(11, 1), head(2), child(21, 2))
	whole := len(lines(head(1), child(11, 1)))
	for name, tt := range map[string]struct {
		sent    int
		orders  int
		aborted bool
	}{
		"in an order":       {whole + 20, 0, true}, // order 1 may have more lines, for all we know
		"between orders":    {whole, 0, true},
		"in the next lines": {whole + len(head(2)) + 21, 1, true},
		"without a word":    {whole + len(head(2)) + 21, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			client, url := storage(t, text, func(w http.ResponseWriter, _ *http.Request) bool {
				_, _ = io.WriteString(w, text[:tt.sent])
				w.(http.Flusher).Flush()
				if tt.aborted {
					panic(http.ErrAbortHandler)
				}
				return false
			})
			orders, err := readFrom(t, client, url, 0)
			assert.Equal(t, fault.Temporary, fault.KindOf(err), "%v", err)
			assert.Len(t, orders, tt.orders)
		})
	}
}

func TestReadBulkAnswers(t *testing.T) {
	for status, kind := range map[int]fault.Kind{
		400: fault.NotFound, 403: fault.NotFound, 404: fault.NotFound, 410: fault.NotFound, 429: fault.Temporary, 503: fault.Temporary,
		301: fault.Permanent, 401: fault.Permanent, 416: fault.Permanent, 204: fault.Permanent,
	} {
		client, url := storage(t, "", func(w http.ResponseWriter, _ *http.Request) bool {
			w.Header().Set("Location", "https://example.com/")
			w.WriteHeader(status)
			return false
		})
		_, err := readFrom(t, client, url, 0)
		assert.Equal(t, kind, fault.KindOf(err), "%d: %v", status, err)
	}
	client, url := storage(t, "", func(w http.ResponseWriter, _ *http.Request) bool {
		w.Header().Set("Content-Range", "bytes 0-1/2")
		w.WriteHeader(http.StatusPartialContent)
		return false
	})
	_, err := readFrom(t, client, url, 1)
	assert.Equal(t, fault.Permanent, fault.KindOf(err), "another part: %v", err)
	client, url = storage(t, "abc", func(_ http.ResponseWriter, r *http.Request) bool {
		r.Header.Del("Range")
		return true
	})
	_, err = readFrom(t, client, url, 100)
	assert.Equal(t, fault.Temporary, fault.KindOf(err), "shorter than it was: %v", err)
}

// The address is Shopify's word, so it is held to what a file's can be: nothing
// of ours is ever called by it.
func TestReadBulkAddresses(t *testing.T) {
	reached := false
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	t.Cleanup(server.Close)
	client := New(Options{Key: "key", HTTP: server.Client()})
	for _, address := range []string{
		server.URL, // by https, but here
		"https://localhost/file", "https://[::1]/file", "https://169.254.169.254/latest", "https://10.0.0.7/file",
		"https://93.184.216.34:6379/file", "http://example.com/file", "ftp://example.com/file", "https://user@example.com/", "file:///etc/passwd", "", "::",
	} {
		_, err := readFrom(t, client, address, 0)
		assert.Equal(t, fault.Invalid, fault.KindOf(err), "%s: %v", address, err)
	}
	assert.False(t, reached)

	hc, err := client.fileClient("https://storage.googleapis.com/file")
	require.NoError(t, err)
	req := httptest.NewRequest(http.MethodGet, "http://storage.googleapis.com/file", nil)
	assert.Error(t, hc.CheckRedirect(req, nil), "a redirect to http")
	req = httptest.NewRequest(http.MethodGet, "https://storage.googleapis.com/file", nil)
	assert.NoError(t, hc.CheckRedirect(req, nil))
	assert.Error(t, hc.CheckRedirect(req, make([]*http.Request, 4)))
}

func TestReadBulkStops(t *testing.T) {
	text := lines(head(1), head(2), head(3))
	client, url := storage(t, text, nil)
	enough, seen := errors.New("enough"), 0
	err := client.ReadBulk(t.Context(), url, 0, func(BulkOrder) error { seen++; return enough })
	assert.Equal(t, enough, err, "as it is")
	assert.Equal(t, 1, seen)

	ctx, cancel := context.WithCancel(t.Context())
	err = client.ReadBulk(ctx, url, 0, func(BulkOrder) error { cancel(); return nil })
	assert.Equal(t, fault.Temporary, fault.KindOf(err), "%v", err)
	assert.ErrorIs(t, err, context.Canceled)
}

// A connection that falls silent is given up, however long the file is.
func TestFileFallsSilent(t *testing.T) {
	client, url := storage(t, "", func(w http.ResponseWriter, r *http.Request) bool {
		_, _ = io.WriteString(w, "a")
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		return false
	})
	f, err := client.openFile(t.Context(), url, 0, 30*time.Millisecond)
	require.NoError(t, err)
	defer f.Close()
	data, err := io.ReadAll(f)
	assert.Equal(t, "a", string(data))
	assert.Error(t, err)
}
