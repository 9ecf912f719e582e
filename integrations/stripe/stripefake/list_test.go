package stripefake_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"flywheel/integrations/stripe/stripefake"
)

// Whatever the page size, pages forward and backward show every charge once,
// the newest first.
func TestPaging(t *testing.T) {
	w := start(t)
	account := 0
	rapid.Check(t, func(r *rapid.T) {
		account++
		name := fmt.Sprintf("acct_p%d", account)
		n, limit := rapid.IntRange(0, 40).Draw(r, "n"), rapid.IntRange(1, 15).Draw(r, "limit")
		var want []string
		w.Connect(name, true, stripefake.AccountInfo{})
		for i := range n {
			p := stripefake.Purchase{N: fmt.Sprint(i), At: noon.Add(-time.Duration(rapid.IntRange(0, 5).Draw(r, "ago")) * time.Second)}
			w.Put(name, p.Charge(0))
			want = append([]string{p.ChargeID()}, want...)
		}
		created := func(id string) int64 { o, _ := w.Object(name, id); return numberOf(o["created"]) }
		slices.SortStableFunc(want, func(a, b string) int { return int(created(b) - created(a)) })
		walk := func(cursor string, next func(ids []string) string, keep func(all, ids []string) []string, last string) (all []string) {
			for {
				q := fmt.Sprintf("limit=%d", limit)
				if last != "" {
					q += "&" + cursor + "=" + last
				}
				a := w.get("charges", q, in(name))
				require.Equal(r, 200, a.status)
				all = keep(all, a.ids())
				if a.o["has_more"] != true {
					return all
				}
				require.Len(r, a.ids(), limit)
				last = next(a.ids())
			}
		}
		got := walk("starting_after", func(ids []string) string { return ids[len(ids)-1] }, func(all, ids []string) []string { return append(all, ids...) }, "")
		require.Equal(r, want, got)
		if n > 1 {
			back := walk("ending_before", func(ids []string) string { return ids[0] }, func(all, ids []string) []string { return append(slices.Clone(ids), all...) }, want[n-1])
			require.Equal(r, want[:n-1], back)
		}
	})
}

func numberOf(v any) int64 {
	if n, ok := v.(interface{ Int64() (int64, error) }); ok {
		whole, _ := n.Int64()
		return whole
	}
	return 0
}

func TestFilters(t *testing.T) {
	w := start(t)
	for i, customer := range []string{"cus_a", "cus_b", "cus_a"} {
		w.Put("acct_1", stripefake.Purchase{N: fmt.Sprint(i), At: noon.Add(time.Duration(i) * time.Second), Customer: customer}.Charge(0))
	}
	for query, want := range map[string][]string{
		"":                             {"ch_2", "ch_1", "ch_0"},
		"customer=cus_a":               {"ch_2", "ch_0"},
		"payment_intent=pi_1":          {"ch_1"},
		"created=1772366401":           {"ch_1"},
		"created[gt]=1772366401":       {"ch_2"},
		"created[gte]=1772366401":      {"ch_2", "ch_1"},
		"created[lt]=1772366401":       {"ch_0"},
		"created[lte]=1772366401":      {"ch_1", "ch_0"},
		"limit=1":                      {"ch_2"},
		"limit=1&starting_after=ch_2":  {"ch_1"},
		"limit=1&ending_before=ch_0":   {"ch_1"},
		"starting_after=ch_0":          nil,
		"limit=1&customer=cus_a":       {"ch_2"},
		"customer=cus_a&created[lt]=9": nil,
		"customer=cus_a&starting_after=ch_1": { // a cursor that the filter leaves out
			"ch_0",
		},
	} {
		require.Equal(t, want, w.get("charges", query).ids(), query)
	}
	require.Equal(t, false, w.get("charges", "limit=3").o["has_more"])
	require.Equal(t, true, w.get("charges", "limit=2").o["has_more"])
}

func TestExpansion(t *testing.T) {
	w := start(t)
	p := stripefake.Purchase{Customer: "cus_1", SubscriptionID: "sub_1"}
	w.Put("acct_1", p.Charge(0), p.PaymentIntent(), p.Invoice("subscription_cycle"), p.CustomerObject(), p.Subscription(time.Time{}, ""))
	for i := range 12 {
		w.Put("acct_1", p.Refund(fmt.Sprintf("re_%02d", i), 10, "succeeded", noon))
	}
	inside := func(a answer, path ...string) any {
		var v any = map[string]any(a.o)
		for _, field := range path {
			v = v.(map[string]any)[field]
		}
		return v
	}
	plain := w.get("charges/ch_1", "")
	require.Equal(t, "cus_1", plain.o["customer"])
	require.NotContains(t, plain.o, "refunds", "since 2022-11-15")
	require.EqualValues(t, 120, plain.o["amount_refunded"])

	whole := w.get("charges/ch_1", "expand[]=customer&expand[]=invoice.subscription&expand[]=refunds")
	require.Equal(t, "customer1@example.com", inside(whole, "customer", "email"))
	require.Equal(t, "active", inside(whole, "invoice", "subscription", "status"))
	require.Len(t, inside(whole, "refunds", "data"), 10)
	require.Equal(t, true, inside(whole, "refunds", "has_more"))
	require.EqualValues(t, 120, inside(w.get("payment_intents/pi_1", "expand[]=latest_charge"), "latest_charge", "amount_refunded"))
	row := w.get("charges", "expand[]=data.payment_intent.latest_charge.refunds").o["data"].([]any)[0].(map[string]any)
	require.Len(t, inside(answer{o: row}, "payment_intent", "latest_charge", "refunds", "data"), 10)

	w.Emit("acct_1", stripefake.Event{Type: "customer.deleted", Object: p.CustomerObject()})
	gone := map[string]any{"id": "cus_1", "object": "customer", "deleted": true}
	require.Equal(t, gone, map[string]any(w.get("customers/cus_1", "").o))
	require.Equal(t, gone, inside(w.get("charges/ch_1", "expand[]=customer"), "customer"))
	require.Equal(t, 404, w.get("customers/cus_9", "").status)
}

func TestAccount(t *testing.T) {
	w := start(t)
	w.Connect("acct_1", true, stripefake.AccountInfo{
		Name: "Nour & Co", Email: "owner@nour.example", Support: "hello@nour.example", Timezone: "Asia/Riyadh", Country: "SA", Currency: "sar",
		URL: "https://nour.example", Address: stripefake.Address{Line1: "King Fahd Road 1", City: "Riyadh", Country: "SA"}, Created: noon,
	})
	w.Connect("acct_1", true, stripefake.AccountInfo{}) // once more, nothing new
	a := w.get("account", "").o
	require.Equal(t, "acct_1", a["id"])
	require.Equal(t, "owner@nour.example", a["email"])
	require.EqualValues(t, noon.Unix(), a["created"])
	require.Equal(t, "Riyadh", a["business_profile"].(map[string]any)["support_address"].(map[string]any)["city"])
	require.Equal(t, map[string]any{"display_name": nil, "timezone": "Asia/Riyadh"}, a["settings"].(map[string]any)["dashboard"])
	require.Equal(t, "acct_platform", w.get("account", "", in("")).id())
}
