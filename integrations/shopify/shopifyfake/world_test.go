package shopifyfake

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const wool = "wool.myshopify.com"

// world is a fake with one shop, and a clock of its own.
type world struct {
	*Fake
	t     *testing.T
	clock time.Time
	token string
}

func newWorld(t *testing.T) *world {
	w := &world{Fake: New("hush"), t: t, clock: noon, token: "token"}
	w.Now = func() time.Time { return w.clock }
	w.SetBase("http://fake.test")
	w.AddShop(wool, "token")
	t.Cleanup(func() { assert.Empty(t, w.Broken(), "the fake fits the schema") })
	return w
}

// result is an answer of a GraphQL API.
type result struct {
	Status int
	Header http.Header
	Data   json.RawMessage
	Errors []struct {
		Message    string
		Path       []any
		Extensions struct{ Code string }
	}
	Extensions struct {
		Cost struct {
			Requested int  `json:"requestedQueryCost"`
			Actual    *int `json:"actualQueryCost"`
			Throttle  struct {
				Max     float64 `json:"maximumAvailable"`
				Left    float64 `json:"currentlyAvailable"`
				Restore float64 `json:"restoreRate"`
			} `json:"throttleStatus"`
		}
	}
}

type vars map[string]any

func (w *world) post(host, path string, body any, header ...string) (int, http.Header, []byte) {
	w.t.Helper()
	req := httptest.NewRequest(http.MethodPost, path, strings.NewReader(string(write(body))))
	req.Host = host
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	rec := httptest.NewRecorder()
	w.Handler().ServeHTTP(rec, req)
	return rec.Code, rec.Header(), rec.Body.Bytes()
}

// ask puts a document to the Admin API of the shop.
func (w *world) ask(document string, v vars) result {
	w.t.Helper()
	var r result
	var body []byte
	r.Status, r.Header, body = w.post(wool, "/admin/api/2026-10/graphql.json", map[string]any{"query": document, "variables": v}, "X-Shopify-Access-Token", w.token)
	if r.Status == http.StatusOK {
		require.NoError(w.t, json.Unmarshal(body, &r), "%s", body)
	}
	return r
}

// answers demands an answer without errors and reads it into into.
func (w *world) answers(document string, v vars, into any) result {
	w.t.Helper()
	r := w.ask(document, v)
	require.Equal(w.t, http.StatusOK, r.Status)
	require.Empty(w.t, r.Errors)
	require.NoError(w.t, json.Unmarshal(r.Data, into))
	return r
}

// codes are those of the errors of an answer.
func (r result) codes() (out []string) {
	for _, e := range r.Errors {
		out = append(out, e.Extensions.Code)
	}
	return out
}

// says are the messages of the errors of an answer.
func (r result) says() string {
	text := ""
	for _, e := range r.Errors {
		text += e.Message + "\n"
	}
	return text
}
