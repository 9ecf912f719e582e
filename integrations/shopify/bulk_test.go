package shopify

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/shopify/shopifyfake"
)

// startBulk is startFake with a place for bulk files.
func startBulk(t testing.TB) (*shopifyfake.Fake, *Client) {
	t.Helper()
	fake := shopifyfake.New("hush")
	fake.AddShop(testShop, testToken)
	server := httptest.NewServer(fake.Handler())
	t.Cleanup(server.Close)
	fake.SetBase(server.URL)
	t.Cleanup(func() { assert.Empty(t, fake.Broken()) })
	return fake, New(Options{Key: "key", Secrets: []string{"hush"}, URL: server.URL, HTTP: server.Client()})
}

// bulkOf runs a bulk operation to its end.
func bulkOf(t testing.TB, client *Client) BulkState {
	t.Helper()
	operation, err := client.StartBulk(t.Context(), testAccess)
	require.NoError(t, err)
	s, err := client.Bulk(t.Context(), testAccess, operation)
	require.NoError(t, err)
	require.Equal(t, BulkCompleted, s.Status)
	return s
}

// read collects what ReadBulk hands over.
func readFrom(t testing.TB, client *Client, url string, from int64) (orders []BulkOrder, err error) {
	t.Helper()
	err = client.ReadBulk(t.Context(), url, from, func(o BulkOrder) error {
		orders = append(orders, o)
		return nil
	})
	return orders, err
}

// A bulk file says of an order what its webhook says, but for what no bulk query
// can ask for, the lines and payments of refunds, and for where its buyer came
// from, which is asked of new orders only and is kept as a webhook told it.
func TestBulkOrderIsTheWebhooks(t *testing.T) {
	day := func(n int) time.Time { return noon.Add(time.Duration(n) * 24 * time.Hour) }
	rich := shopifyfake.NewOrder(9007199254740993, day(0)).In("KWD", "SAR", 122, 10)
	rich.Fulfil(day(1)).Deliver(day(2))
	rich.Refund(day(3), 4900, shopifyfake.RefundLine{Line: 0, Quantity: 1})
	rich.CompanyID = 77
	rich.Gift("For you").Lines[0].Properties = []shopifyfake.Attribute{{Name: "Engraving", Value: `"__parentId":"gid://shopify/Order/1"`}}
	unsettled := shopifyfake.NewOrder(3, noon)
	unsettled.Refund(day(1), 700).Settle(day(1), "pending")
	restocked := shopifyfake.NewOrder(4, noon)
	restocked.Refund(day(1), 0, shopifyfake.RefundLine{Line: 0, Quantity: 1})
	put := []*shopifyfake.Order{
		rich, unsettled, restocked, shopifyfake.NewOrder(1, noon),
		shopifyfake.NewOrder(2, noon).Guest("guest@example.com").In("JPY", "JPY", 1, 1).Unpaid("Bank Deposit").Cancel(day(1)),
	}
	fake, client := startBulk(t)
	want := map[string]commerce.OrderChange{}
	for _, o := range put {
		fake.PutOrder(testShop, o)
		ch, err := Decode(delivery("orders/updated", string(o.Body())))
		require.NoError(t, err)
		want[ch.Order.Keys[0].ID] = *ch.Order
	}
	s := bulkOf(t, client)
	assert.EqualValues(t, len(put), s.Orders)
	got, err := readFrom(t, client, s.URL, 0)
	require.NoError(t, err)
	require.Len(t, got, len(put))
	assert.Equal(t, s.Size, got[len(got)-1].End)
	for _, o := range got {
		require.NoError(t, o.Err)
		w := want[o.Change.Keys[0].ID]
		w.Origin = commerce.Origin{}
		for i := range w.Fulfilments {
			w.Fulfilments[i].Lines = nil
		}
		assert.NotZero(t, o.Change.Detail.Hash)
		assert.Empty(t, cmp.Diff(w, o.Change, cmpopts.IgnoreFields(commerce.Detail{}, "Hash"), cmpopts.IgnoreFields(commerce.OrderChange{}, "Refunds", "Returns")))
		// Whatever came first, the refund ends as the webhook tells it.
		var first, last commerce.Order
		first.Merge(w, commerce.Shopify)
		first.Merge(o.Change, commerce.Shopify)
		last.Merge(o.Change, commerce.Shopify)
		last.Merge(w, commerce.Shopify)
		alone := commerce.Order{}
		alone.Merge(w, commerce.Shopify)
		assert.Empty(t, cmp.Diff(alone.Refunds, first.Refunds))
		assert.Empty(t, cmp.Diff(alone.Refunds, last.Refunds))
		bulk := commerce.Order{}
		bulk.Merge(o.Change, commerce.Shopify)
		assert.Equal(t, alone.Refunded(), bulk.Refunded(), o.Change.Keys[0].ID)
		assert.Equal(t, alone.Kept(), bulk.Kept(), "current quantities tell what came back")
	}
}

func TestBulkOfManyResumes(t *testing.T) {
	fake, client := startBulk(t)
	fake.PutOrders(testShop, 100, func(i int) *shopifyfake.Order {
		return shopifyfake.NewOrder(int64(1000+i), noon.Add(time.Duration(i)*time.Minute))
	})
	s := bulkOf(t, client)
	all, err := readFrom(t, client, s.URL, 0)
	require.NoError(t, err)
	require.Len(t, all, 100)

	fake.BreakBulk(all[41].End + 300) // in the middle of the next order's line: the one before may have had more
	some, err := readFrom(t, client, s.URL, 0)
	assert.Equal(t, fault.Temporary, fault.KindOf(err), "%v", err)
	require.Empty(t, cmp.Diff(all[:41], some), "all that were whole")
	rest, err := readFrom(t, client, s.URL, some[40].End)
	require.NoError(t, err)
	assert.Empty(t, cmp.Diff(all[41:], rest))
	rest, err = readFrom(t, client, s.URL, s.Size)
	require.NoError(t, err)
	assert.Empty(t, rest, "there is nothing behind the end")

	fake.ExpireBulk(testShop)
	_, err = readFrom(t, client, s.URL, 0)
	assert.Equal(t, fault.NotFound, fault.KindOf(err), "%v", err)
}

func TestBulkGoesOnItsWay(t *testing.T) {
	fake, client := startBulk(t)
	fake.PutOrder(testShop, shopifyfake.NewOrder(1, noon))
	fake.SlowBulk(1)
	operation, err := client.StartBulk(t.Context(), testAccess)
	require.NoError(t, err)
	_, err = client.StartBulk(t.Context(), testAccess)
	assert.Equal(t, fault.Conflict, fault.KindOf(err), "%v", err)

	s, err := client.Bulk(t.Context(), testAccess, operation)
	require.NoError(t, err)
	assert.Equal(t, BulkState{Status: BulkRunning}, s)
	fake.FailBulk("TIMEOUT")
	s, err = client.Bulk(t.Context(), testAccess, operation)
	require.NoError(t, err)
	assert.Equal(t, BulkFailed, s.Status)
	assert.Equal(t, "TIMEOUT", s.Error)

	_, err = client.Bulk(t.Context(), testAccess, "gid://shopify/BulkOperation/77")
	assert.Equal(t, fault.NotFound, fault.KindOf(err), "%v", err)
	_, err = client.Bulk(t.Context(), Access{"attacker.example", testToken}, operation)
	assert.Equal(t, fault.Invalid, fault.KindOf(err), "%v", err)
}

func TestBulkOfNothing(t *testing.T) {
	_, client := startBulk(t)
	assert.Equal(t, BulkState{Status: BulkCompleted}, bulkOf(t, client), "no file either")
}

// BenchmarkReadBulk reads orders of two lines from a server in the same process.
func BenchmarkReadBulk(b *testing.B) {
	const orders = 5000
	fake, client := startBulk(b)
	fake.PutOrders(testShop, orders, func(i int) *shopifyfake.Order { return shopifyfake.NewOrder(int64(1000+i), noon) })
	s := bulkOf(b, client)
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		err := client.ReadBulk(b.Context(), s.URL, 0, func(o BulkOrder) error { n++; return o.Err })
		if err != nil || n != orders {
			b.Fatal(n, err)
		}
	}
	b.ReportMetric(float64(s.Size/orders), "bytes/order")
	b.ReportMetric(float64(orders*b.N)/b.Elapsed().Seconds(), "orders/s")
}
