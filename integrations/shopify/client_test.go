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

const testShop, testToken = "wool.myshopify.com", "shpat_do_not_log_me"

var testAccess = Access{testShop, testToken}

func startFake(t testing.TB) (*shopifyfake.Fake, *Client) {
	t.Helper()
	fake := shopifyfake.New("hush")
	fake.AddShop(testShop, testToken)
	server := httptest.NewServer(fake.Handler())
	t.Cleanup(server.Close)
	return fake, New(Options{Key: "key", Secrets: []string{"hush"}, URL: server.URL, HTTP: server.Client(), Pause: time.Millisecond})
}

// What the API says of an order is what its webhook says, but for the hash of
// the text, the moment of payment that only orders/paid names, what lies in a
// parcel, and the return behind a refund, for which the app has no scope.
func TestClientOrderIsTheWebhooks(t *testing.T) {
	day := func(n int) time.Time { return noon.Add(time.Duration(n) * 24 * time.Hour) }
	rich := shopifyfake.NewOrder(9007199254740993, day(0)).In("KWD", "SAR", 122, 10)
	rich.Tags, rich.DiscountCodes, rich.SourceName = []string{"vip", "Subscription Recurring Order"}, []string{"WELCOME10"}, "pos"
	rich.Fulfil(day(1)).Deliver(day(2))
	rich.Refund(day(3), 4900, shopifyfake.RefundLine{Line: 0, Quantity: 1})
	rich.Refund(day(4), 100).Settle(day(4), "failure")
	rich.Removed(day(5), 1, 1)
	rich.CompanyID, rich.ShipTo.Region, rich.Lines[1].Vendor = 77, "9", ""
	rich.Gift("For you").Lines[0].Properties = []shopifyfake.Attribute{{Name: "Engraving", Value: "A"}}
	orders := map[string]*shopifyfake.Order{
		"paid":         shopifyfake.NewOrder(1, noon),
		"rich":         rich,
		"a guest's":    shopifyfake.NewOrder(2, noon).Guest("guest@example.com").In("JPY", "JPY", 1, 1),
		"on delivery":  shopifyfake.NewOrder(3, noon).Unpaid("Cash on Delivery (COD)"),
		"cancelled":    shopifyfake.NewOrder(4, noon).Unpaid("Bank Deposit").Cancel(day(1)),
		"nothing sent": shopifyfake.NewOrder(5, noon).With(shopifyfake.Line{Title: "Gift card", Quantity: 1, Price: 5000, GiftCard: true}),
		"not arrived":  shopifyfake.NewOrder(6, noon).For(shopifyfake.Customer{Email: "b@example.com", Phone: "+43555", Unverified: true}, "DE"),
	}
	orders["delayed"] = shopifyfake.NewOrder(8, noon).By("Express")
	orders["delayed"].Fulfil(day(1)).Delay(day(2))
	orders["to fetch"] = shopifyfake.NewOrder(9, noon).ToPickUp("Shop Vienna")
	orders["to fetch"].Fulfil(day(1)).Ready(day(1))
	orders["counter"] = shopifyfake.NewOrder(10, noon).Counter()
	orders["draft"], orders["invoiced"] = shopifyfake.NewOrder(11, noon).Draft(false), shopifyfake.NewOrder(12, noon).Draft(true)
	orders["Amazon"] = shopifyfake.NewOrder(13, noon).Amazon()
	orders["returned"] = shopifyfake.NewOrder(14, noon)
	orders["returned"].Return(day(2), shopifyfake.RefundLine{Line: 1, Quantity: 1}).Refund(day(2), 1450)
	orders["nothing sent"].ShipLess = true
	orders["not arrived"].Fulfil(day(1)).Fail(day(9))
	orders["paid"].Test, orders["paid"].Unconfirmed = true, true
	fake, client := startFake(t)
	for name, o := range orders {
		t.Run(name, func(t *testing.T) {
			fake.PutOrder(testShop, o)
			want, err := Decode(delivery("orders/updated", string(o.Body())))
			require.NoError(t, err)
			want.Order.Returns, want.Order.Origin = nil, commerce.Origin{} // the API is not asked where the buyer came from: what a webhook told stays
			for i := range want.Order.Fulfilments {
				want.Order.Fulfilments[i].Lines = nil
			}
			got, err := client.Order(t.Context(), testAccess, want.Order.Keys[0].ID)
			require.NoError(t, err)
			assert.Empty(t, cmp.Diff(*want.Order, got, cmpopts.IgnoreFields(commerce.Detail{}, "Hash")))
			assert.NotZero(t, got.Detail.Hash)
		})
	}
}

func TestClientOrderWithManyLines(t *testing.T) {
	o := shopifyfake.NewOrder(7, noon)
	lines := make([]shopifyfake.Line, 120)
	for i := range lines {
		lines[i] = shopifyfake.Line{Title: "Bead", Quantity: 1, Price: 10}
	}
	fake, client := startFake(t)
	fake.PutOrder(testShop, o.With(lines...))
	got, err := client.Order(t.Context(), testAccess, "7")
	require.NoError(t, err)
	assert.Len(t, got.Detail.Lines, 120)
	assert.Len(t, fake.Asked(), 3)
	assert.Equal(t, "gid://shopify/Order/7", fake.Asked()[0].Order)
}

// A field that the app may not see must not cost the rest of the order.
func TestClientFieldDenied(t *testing.T) {
	fake, client := startFake(t)
	o := shopifyfake.NewOrder(1, noon)
	fake.PutOrder(testShop, o)
	fake.Fail(shopifyfake.FieldDenied)
	got, err := client.Order(t.Context(), testAccess, "1")
	require.NoError(t, err)
	require.NotNil(t, got.Person)
	assert.Empty(t, got.Person.CustomerID)
	assert.Len(t, got.Detail.Lines, 2)
}

func TestClientRefuses(t *testing.T) {
	fake, client := startFake(t)
	fake.PutOrder(testShop, shopifyfake.NewOrder(1, noon))
	fake.AddShop("silk.myshopify.com", "another")
	tests := map[string]struct {
		shop, token, order string
		kind               fault.Kind
	}{
		"no such order":        {testShop, testToken, "2", fault.NotFound},
		"another shop's order": {"silk.myshopify.com", "another", "1", fault.NotFound},
		"another shop's token": {testShop, "another", "1", fault.Denied},
		"an uninstalled shop":  {"gone.myshopify.com", testToken, "1", fault.Denied},
		"no token":             {testShop, "", "1", fault.Denied},
		"another host":         {"attacker.example/myshopify.com", testToken, "1", fault.Invalid},
		"a query for a shop":   {"attacker.example?myshopify.com", testToken, "1", fault.Invalid},
		"no shop":              {"", testToken, "1", fault.Invalid},
		"no id":                {testShop, testToken, "", fault.Invalid},
		"a gid":                {testShop, testToken, "gid://shopify/Order/1", fault.Invalid},
		"more than an id":      {testShop, testToken, `1") { id } }`, fault.Invalid},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := client.Order(t.Context(), Access{tt.shop, tt.token}, tt.order)
			assert.Equal(t, tt.kind, fault.KindOf(err), "%v", err)
			assert.NotContains(t, err.Error(), testToken)
		})
	}
}
