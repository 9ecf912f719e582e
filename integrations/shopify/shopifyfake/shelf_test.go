package shopifyfake

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

const changed = `query ($q: String, $after: String, $n: Int!) {
	orders(first: $n, after: $after, query: $q, sortKey: UPDATED_AT) { nodes { id updatedAt } pageInfo { hasNextPage endCursor } }
}`

type orderPage struct {
	Orders struct {
		Nodes []struct{ ID, UpdatedAt string }
		Page  struct {
			HasNextPage bool
			EndCursor   string
		} `json:"pageInfo"`
	}
}

// pages reads all pages of a search and says which orders came.
func (w *world) pages(query string, size int, between func(page int)) (ids []string) {
	v := vars{"q": query, "n": size}
	for n := 0; ; n++ {
		var p orderPage
		w.answers(changed, v, &p)
		for _, o := range p.Orders.Nodes {
			ids = append(ids, o.ID[len("gid://shopify/Order/"):])
		}
		if !p.Orders.Page.HasNextPage {
			return ids
		}
		v["after"] = p.Orders.Page.EndCursor
		if between != nil {
			between(n)
		}
	}
}

func TestChangedOrders(t *testing.T) {
	w := newWorld(t)
	for i, minutes := range []int{30, 10, 20, 10, 50} {
		w.PutOrder(wool, NewOrder(int64(i+1), noon.Add(time.Duration(minutes)*time.Minute)))
	}
	assert.Equal(t, []string{"2", "4", "3", "1", "5"}, w.pages("", 2, nil), "by their last change, and by their numbers")
	assert.Equal(t, []string{"3", "1", "5"}, w.pages("updated_at:>='2026-11-02T12:20:00Z'", 1, nil), "the moment itself is in")
	assert.Equal(t, []string{"5"}, w.pages(`updated_at:>="2026-11-02T15:31:00+03:00"`, 1, nil))
	assert.Empty(t, w.pages("updated_at:>='2026-11-03T00:00:00Z'", 250, nil))

	for query, says := range map[string]string{"status:open": "knows no search", "updated_at:>'2026-11-02T12:20:00Z'": "knows no search", "updated_at:>='tomorrow'": "Invalid timestamp"} {
		assert.Contains(t, w.ask(changed, vars{"q": query, "n": 1}).says(), says)
	}
	assert.Equal(t, []string{"INVALID_CURSOR"}, w.ask(changed, vars{"n": 1, "after": "x"}).codes())
}

// An order that changes while the pages are read moves behind the cursor.
func TestAnOrderThatMoves(t *testing.T) {
	w := newWorld(t)
	for i := range 4 {
		w.PutOrder(wool, NewOrder(int64(i+1), noon.Add(time.Duration(i)*time.Minute)))
	}
	got := w.pages("", 2, func(page int) {
		if page == 0 {
			w.PutOrder(wool, NewOrder(1, noon).Touch(noon.Add(time.Hour)))
		}
	})
	assert.Equal(t, []string{"1", "2", "3", "4", "1"}, got)
}

// However large the pages are, each order comes once and in order.
func TestPagesHoldAll(t *testing.T) {
	w := newWorld(t)
	rapid.Check(t, func(r *rapid.T) {
		w.RemoveShop(wool)
		w.AddShop(wool, "token")
		moments := rapid.SliceOfN(rapid.IntRange(0, 5), 0, 12).Draw(r, "changed in minute")
		for i, m := range moments {
			w.PutOrder(wool, NewOrder(int64(i+1), noon.Add(time.Duration(m)*time.Minute)))
		}
		all := w.pages("", 250, nil)
		if len(all) != len(moments) {
			r.Fatalf("%d of %d", len(all), len(moments))
		}
		if got := w.pages("", rapid.IntRange(1, 4).Draw(r, "page"), nil); !assert.ObjectsAreEqual(all, got) {
			r.Fatalf("%v, and in pages %v", all, got)
		}
	})
}

// Without read_all_orders only the last 60 days are there, counted from the
// newest order or from the day that was set.
func TestTheLastSixtyDays(t *testing.T) {
	w := newWorld(t)
	w.Install(wool, ShopInfo{})
	w.PutOrder(wool, NewOrder(1, noon.Add(-61*24*time.Hour)))
	w.PutOrder(wool, NewOrder(2, noon.Add(-60*24*time.Hour)))
	w.PutOrder(wool, NewOrder(3, noon))
	old := func() string {
		var got struct{ Order json.RawMessage }
		w.answers(`{ order(id: "gid://shopify/Order/1") { id } }`, nil, &got)
		return string(got.Order)
	}
	assert.Equal(t, []string{"2", "3"}, w.pages("", 10, nil))
	assert.Equal(t, "null", old())
	w.SetToday(wool, noon.Add(24*time.Hour))
	assert.Equal(t, []string{"3"}, w.pages("", 10, nil))
	w.Scopes(wool, "read_orders", "read_all_orders")
	assert.Equal(t, []string{"1", "2", "3"}, w.pages("", 10, nil))
	assert.NotEqual(t, "null", old())
}

func TestAnOrderIsAsItWasPut(t *testing.T) {
	w := newWorld(t)
	o := NewOrder(1, noon)
	w.PutOrder(wool, o)
	o.Cancel(noon.Add(time.Hour))
	var got struct{ Order struct{ CancelledAt *string } }
	const cancelled = `{ order(id: "gid://shopify/Order/1") { cancelledAt } }`
	w.answers(cancelled, nil, &got)
	assert.Nil(t, got.Order.CancelledAt)
	w.PutOrder(wool, o)
	w.answers(cancelled, nil, &got)
	require.NotNil(t, got.Order.CancelledAt)
	w.DropOrder(wool, 1)
	assert.JSONEq(t, `{"order":null}`, string(w.ask(cancelled, nil).Data))
}

func TestManyOrdersAreBuiltWhenAsked(t *testing.T) {
	w := newWorld(t)
	w.PutOrders(wool, 500, func(i int) *Order { return NewOrder(int64(1000+i), noon.Add(time.Duration(i)*time.Minute)) })
	assert.Len(t, w.pages("", 200, nil), 500)
	assert.Contains(t, string(w.ask(`{ order(id: "gid://shopify/Order/1499") { name } }`, nil).Data), "#2499")
	_, known := w.Person(wool, 1499+6_000_000_000_000)
	assert.True(t, known, "its customer is the shop's, too")
}
