package shopifyfake

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flywheel/integrations/shopify/gql"
)

const bulkNames = `{ orders { edges { node { id name lineItems { edges { node { sku } } } } } } }`

type startedBulk struct {
	BulkOperationRunQuery struct {
		BulkOperation *struct{ ID string }
		userErrors
	}
}

type bulkState struct {
	BulkOperation *struct {
		Status, ErrorCode, ObjectCount, RootObjectCount, FileSize, URL string
	}
}

func (w *world) start(document string) startedBulk {
	w.t.Helper()
	var out startedBulk
	w.answers(`mutation ($q: String!) { bulkOperationRunQuery(query: $q, groupObjects: true) { bulkOperation { id } userErrors { code message } } }`, vars{"q": document}, &out)
	return out
}

func (w *world) poll(gid string) bulkState {
	w.t.Helper()
	var out bulkState
	w.answers(gql.Bulk_Operation, vars{"id": gid}, &out)
	return out
}

// run starts a bulk operation and returns its first state.
func (w *world) run(document string) bulkState {
	w.t.Helper()
	started := w.start(document)
	require.Empty(w.t, started.BulkOperationRunQuery.UserErrors)
	return w.poll(started.BulkOperationRunQuery.BulkOperation.ID)
}

func (w *world) download(url string, header ...string) *httptest.ResponseRecorder {
	req := httptest.NewRequest(http.MethodGet, url, nil)
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	rec := httptest.NewRecorder()
	w.Handler().ServeHTTP(rec, req)
	return rec
}

func TestBulkFile(t *testing.T) {
	w := newWorld(t)
	w.PutOrder(wool, NewOrder(1, noon))
	w.PutOrder(wool, NewOrder(2, noon.Add(time.Minute)).With(Line{Title: "Bead", SKU: "B", Quantity: 1, Price: 1}))
	s := w.run(bulkNames).BulkOperation
	assert.Equal(t, []string{"COMPLETED", "", "5", "2"}, []string{s.Status, s.ErrorCode, s.ObjectCount, s.RootObjectCount})
	got := w.download(s.URL)
	assert.Equal(t, strings.Join([]string{
		`{"id":"gid://shopify/Order/1","name":"#1001"}`,
		`{"sku":"SCARF-MOSS","__parentId":"gid://shopify/Order/1"}`,
		`{"sku":"CANDLE-L","__parentId":"gid://shopify/Order/1"}`,
		`{"id":"gid://shopify/Order/2","name":"#1002"}`,
		`{"sku":"B","__parentId":"gid://shopify/Order/2"}`, ``,
	}, "\n"), got.Body.String())
	assert.Equal(t, s.FileSize, asText(int64(got.Body.Len())))

	part := w.download(s.URL, "Range", "bytes=46-")
	assert.Equal(t, http.StatusPartialContent, part.Code)
	assert.Equal(t, got.Body.String()[46:], part.Body.String())
	assert.Equal(t, http.StatusBadRequest, w.download(s.URL, "X-Shopify-Access-Token", "token").Code, "the storage is no shop")
	assert.Equal(t, http.StatusForbidden, w.download(strings.Split(s.URL, "?")[0]).Code)

	w.ExpireBulk(wool)
	assert.Equal(t, http.StatusForbidden, w.download(s.URL).Code)
}

// Without grouping nobody may count on the order of the rows.
func TestBulkUngrouped(t *testing.T) {
	w := newWorld(t)
	w.PutOrder(wool, NewOrder(1, noon))
	w.PutOrder(wool, NewOrder(2, noon))
	var out startedBulk
	w.answers(`mutation ($q: String!) { bulkOperationRunQuery(query: $q) { bulkOperation { id } userErrors { code } } }`, vars{"q": bulkNames}, &out)
	lines := strings.Split(w.download(w.poll(out.BulkOperationRunQuery.BulkOperation.ID).BulkOperation.URL).Body.String(), "\n")
	assert.Contains(t, lines[1], "Order/2")
	assert.Contains(t, lines[2], `"__parentId":"gid://shopify/Order/1"`)
}

func TestBulkIsRefused(t *testing.T) {
	tests := map[string]struct{ document, says string }{
		"no query":                {`orders`, "syntax error"},
		"a misspelt field":        {`{ orders { nodes { id nam } } }`, "Field 'nam' doesn't exist"},
		"a mutation":              {`mutation { discountCodeDeactivate(id: "gid://shopify/DiscountCodeNode/1") { userErrors { message } } }`, "must be a query"},
		"variables":               {`query ($q: String) { orders(query: $q) { nodes { id } } }`, "cannot take variables"},
		"two roots":               {`{ orders { nodes { id } } shop { id } }`, "exactly one top-level connection"},
		"no connection":           {`{ shop { id } }`, "exactly one top-level connection"},
		"a connection in a list":  {`{ orders { nodes { id refunds { refundLineItems { nodes { quantity } } } } } }`, "connection field within a list field"},
		"children of nobody":      {`{ orders { nodes { name lineItems { nodes { id } } } } }`, "must select the 'id' field"},
		"children of an alias":    {`{ orders { nodes { key: id lineItems { nodes { id } } } } }`, "must select the 'id' field"},
		"no rows":                 {`{ orders { pageInfo { hasNextPage } } }`, "must select the nodes"},
		"more than 5 connections": {`{ orders { nodes { id a: lineItems { nodes { id } } b: lineItems { nodes { id } } c: lineItems { nodes { id } } d: lineItems { nodes { id } } e: lineItems { nodes { id } } } } }`, "more than 5"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := newWorld(t).start(tt.document).BulkOperationRunQuery
			assert.Nil(t, got.BulkOperation)
			require.Len(t, got.UserErrors, 1)
			assert.Equal(t, "INVALID", got.UserErrors[0].Code)
			assert.Contains(t, got.UserErrors[0].Message, tt.says)
		})
	}
}

// Nothing of our schema goes three deep; the rule is there all the same.
func TestBulkDepth(t *testing.T) {
	q := question{Query: bulkNames}
	require.Empty(t, q.check(adminSchema()))
	pl := &planner{schema: adminSchema()}
	root := pl.collect(nil, pl.schema.Query, q.op.SelectionSet)[0]
	for above, want := range map[int]int{0: 0, 1: 1} {
		c := &bulkCheck{}
		c.field(pl, root, above, false)
		assert.Len(t, c.wrong, want)
	}
}

func TestBulkGoesItsWay(t *testing.T) {
	w := newWorld(t)
	w.PutOrder(wool, NewOrder(1, noon))
	w.SlowBulk(2)
	first := w.start(bulkNames).BulkOperationRunQuery.BulkOperation.ID
	assert.Equal(t, "RUNNING", w.poll(first).BulkOperation.Status)
	again := w.start(bulkNames).BulkOperationRunQuery
	assert.Equal(t, "OPERATION_IN_PROGRESS", again.UserErrors[0].Code)
	assert.Nil(t, again.BulkOperation)
	assert.Equal(t, "RUNNING", w.poll(first).BulkOperation.Status)
	assert.Equal(t, "COMPLETED", w.poll(first).BulkOperation.Status)
	assert.Equal(t, "COMPLETED", w.poll(first).BulkOperation.Status)

	w.SlowBulk(0)
	w.FailBulk("TIMEOUT")
	s := w.run(bulkNames).BulkOperation
	assert.Equal(t, []string{"FAILED", "TIMEOUT", ""}, []string{s.Status, s.ErrorCode, s.URL})
	w.FailBulk("")
	assert.Nil(t, w.poll("gid://shopify/BulkOperation/1").BulkOperation)

	w.Scopes(wool, "read_customers")
	assert.Equal(t, "ACCESS_DENIED", w.run(bulkNames).BulkOperation.ErrorCode)
	w.Scopes(wool, "read_orders")
	assert.Equal(t, "ACCESS_DENIED", w.run(`{ orders { nodes { customer { id } } } }`).BulkOperation.ErrorCode, "a part of it is enough")
}

func TestBulkOfNothing(t *testing.T) {
	w := newWorld(t)
	s := w.run(bulkNames).BulkOperation
	assert.Equal(t, []string{"COMPLETED", "0", "", ""}, []string{s.Status, s.ObjectCount, s.URL, s.FileSize})
}

// A download breaks off once; the rest can be had from there.
func TestBulkBreaks(t *testing.T) {
	w := newWorld(t)
	server := httptest.NewServer(w.Handler())
	defer server.Close()
	w.SetBase(server.URL)
	w.PutOrders(wool, 200, func(i int) *Order { return NewOrder(int64(i+1), noon) })
	url := w.run(bulkNames).BulkOperation.URL
	read := func() ([]byte, error) {
		resp, err := http.Get(url)
		require.NoError(t, err)
		defer resp.Body.Close()
		return io.ReadAll(resp.Body)
	}
	w.BreakBulk(1000)
	part, err := read()
	assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
	assert.Len(t, part, 1000)
	all, err := read()
	require.NoError(t, err)
	assert.Equal(t, part, all[:1000])
	w.FailOn("bulk", Unavailable)
	part, _ = read()
	assert.Equal(t, page, string(part))
}

// The document of the app passes, and its file is whole.
func TestBulkOfMany(t *testing.T) {
	document, err := os.ReadFile("../gql/bulk.graphql")
	require.NoError(t, err)
	const n = 2000
	w := newWorld(t)
	w.PutOrders(wool, n, func(i int) *Order {
		o := NewOrder(int64(i+1), noon.Add(time.Duration(i)*time.Second))
		if i%10 == 0 {
			o.Refund(noon, 100)
		}
		o.Fulfil(noon)
		return o
	})
	s := w.run(string(document)).BulkOperation
	assert.Equal(t, []string{"COMPLETED", "2000", "6000"}, []string{s.Status, s.RootObjectCount, s.ObjectCount})
	lines, parent := bufio.NewScanner(w.download(s.URL).Body), ""
	count := 0
	for lines.Scan() {
		var row struct {
			ID       string
			ParentID string `json:"__parentId"`
		}
		require.NoError(t, json.Unmarshal(lines.Bytes(), &row))
		if count++; row.ParentID == "" {
			parent = row.ID
		} else {
			require.Equal(t, parent, row.ParentID)
		}
	}
	assert.Equal(t, 3*n, count)
}

func BenchmarkBulkOf50000(b *testing.B) {
	document, err := os.ReadFile("../gql/bulk.graphql")
	require.NoError(b, err)
	f := New("hush")
	f.PutOrders(wool, 50_000, func(i int) *Order { return NewOrder(int64(i+1), noon.Add(time.Duration(i)*time.Second)) })
	op, wrong := bulkDocument(string(document))
	require.Empty(b, wrong)
	for b.Loop() {
		file := &bulk{op: op, grouped: true, status: "RUNNING"}
		for file.status == "RUNNING" {
			f.runBulk(f.shop(wool), file)
		}
		b.SetBytes(file.size)
	}
}
