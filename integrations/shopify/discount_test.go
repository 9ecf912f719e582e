package shopify

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/shopify/shopifyfake"
)

// thanks is a discount of five percent for customer 7.
func thanks(change ...func(*Discount)) Discount {
	d := Discount{
		Code: "FWK4T9XQ2M7B", Title: "5% thank you", Key: "ABC123", Kind: PercentOff, Percent: 500, Customer: "7",
		StartsAt: noon, EndsAt: noon.Add(30 * 24 * time.Hour),
	}
	for _, c := range change {
		c(&d)
	}
	return d
}

func TestCreateDiscount(t *testing.T) {
	const customer = "gid://shopify/Customer/7"
	for name, tt := range map[string]struct {
		discount Discount
		want     shopifyfake.DiscountRecord
	}{
		"percent": {thanks(), shopifyfake.DiscountRecord{Kind: "basic", Percentage: 0.05}},
		"a small part": {
			thanks(func(d *Discount) { d.Percent = 1 }), shopifyfake.DiscountRecord{Kind: "basic", Percentage: 0.0001},
		},
		"everything": {
			thanks(func(d *Discount) { d.Percent = 10000 }), shopifyfake.DiscountRecord{Kind: "basic", Percentage: 1},
		},
		"an amount": {
			thanks(func(d *Discount) { d.Kind, d.Amount = AmountOff, commerce.Money{Amount: 250, Currency: "EUR"} }),
			shopifyfake.DiscountRecord{Kind: "basic", Amount: "2.50"},
		},
		"whole yen": {
			thanks(func(d *Discount) { d.Kind, d.Amount = AmountOff, commerce.Money{Amount: 250, Currency: "JPY"} }),
			shopifyfake.DiscountRecord{Kind: "basic", Amount: "250"},
		},
		"fils": {
			thanks(func(d *Discount) { d.Kind, d.Amount = AmountOff, commerce.Money{Amount: 250, Currency: "KWD"} }),
			shopifyfake.DiscountRecord{Kind: "basic", Amount: "0.250"},
		},
		"for some products": {
			thanks(func(d *Discount) { d.Products = []string{"11", "12"} }),
			shopifyfake.DiscountRecord{Kind: "basic", Percentage: 0.05, Products: []string{"gid://shopify/Product/11", "gid://shopify/Product/12"}},
		},
		"of an order that is large enough": {
			thanks(func(d *Discount) { d.Minimum = commerce.Money{Amount: 5000, Currency: "EUR"} }), shopifyfake.DiscountRecord{Kind: "basic", Percentage: 0.05, Minimum: "50.00"},
		},
		"a product for nothing, up to a price": {
			thanks(func(d *Discount) {
				d.Kind, d.Amount, d.Products = AmountOff, commerce.Money{Amount: 900, Currency: "EUR"}, []string{"11"}
			}),
			shopifyfake.DiscountRecord{Kind: "basic", Amount: "9.00", Products: []string{"gid://shopify/Product/11"}},
		},
		"free shipping up to a price": {
			thanks(func(d *Discount) {
				d.Kind, d.Minimum, d.Dearest = FreeShipping, commerce.Money{Amount: 100, Currency: "EUR"}, commerce.Money{Amount: 1250, Currency: "EUR"}
			}),
			shopifyfake.DiscountRecord{Kind: "free_shipping", Minimum: "1.00", Dearest: "12.50"},
		},
		"free shipping": {
			thanks(func(d *Discount) { d.Kind, d.EndsAt = FreeShipping, time.Time{} }), shopifyfake.DiscountRecord{Kind: "free_shipping"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			fake, client := startFake(t)
			fake.PutCustomer(testShop, shopifyfake.Customer{ID: 7, Email: "a@example.com"})
			ref, err := client.CreateDiscount(t.Context(), testAccess, tt.discount)
			require.NoError(t, err)
			assert.True(t, isID(ref.ID), ref.ID)
			assert.False(t, ref.Existing)
			made := fake.Discounts(testShop)
			require.Len(t, made, 1)
			got := made[0]
			assert.Equal(t, "5% thank you · fw:ABC123", got.Title)
			assert.Equal(t, []string{customer}, got.Customers, "for this one only")
			assert.EqualValues(t, 1, got.UsageLimit)
			assert.True(t, got.OncePerCustomer)
			assert.WithinDuration(t, tt.discount.StartsAt, got.StartsAt, 0)
			assert.Equal(t, tt.discount.EndsAt.IsZero(), got.EndsAt.IsZero())
			assert.Equal(t, tt.want, shopifyfake.DiscountRecord{Kind: got.Kind, Percentage: got.Percentage, Amount: got.Amount, Products: got.Products, Minimum: got.Minimum, Dearest: got.Dearest})
		})
	}
}

// Making it again makes nothing: what is found under the code is ours, or not.
func TestDiscountTaken(t *testing.T) {
	fake, client := startFake(t)
	fake.PutCustomer(testShop, shopifyfake.Customer{ID: 7, Email: "a@example.com"})
	first, err := client.CreateDiscount(t.Context(), testAccess, thanks())
	require.NoError(t, err)
	again, err := client.CreateDiscount(t.Context(), testAccess, thanks(func(d *Discount) { d.Code = strings.ToLower(d.Code) }))
	require.NoError(t, err)
	assert.Equal(t, DiscountRef{ID: first.ID, Existing: true}, again)
	_, err = client.CreateDiscount(t.Context(), testAccess, thanks(func(d *Discount) { d.Key = "C123" }))
	assert.Equal(t, fault.Conflict, fault.KindOf(err), "a part of our key is not our key: %v", err)

	require.NoError(t, client.DeactivateDiscount(t.Context(), testAccess, first.ID))
	again, err = client.CreateDiscount(t.Context(), testAccess, thanks())
	require.NoError(t, err)
	assert.Equal(t, DiscountRef{ID: first.ID, Existing: true, Ended: true}, again)

	for i, kind := range []string{"basic", "free_shipping", "bxgy", "app"} {
		code := "THEIRS" + string(rune('A'+i))
		fake.PutDiscount(testShop, shopifyfake.DiscountRecord{Code: code, Kind: kind, Title: "Summer"})
		_, err = client.CreateDiscount(t.Context(), testAccess, thanks(func(d *Discount) { d.Code = code }))
		assert.Equal(t, fault.Conflict, fault.KindOf(err), "%s: %v", kind, err)
	}
	assert.Len(t, fake.Discounts(testShop), 5)
}

// Somebody who is no customer at Shopify gets a code that whoever has it may use, once.
func TestADiscountForAnybody(t *testing.T) {
	fake, client := startFake(t)
	for _, kind := range []DiscountKind{PercentOff, FreeShipping} {
		_, err := client.CreateDiscount(t.Context(), testAccess, thanks(func(d *Discount) { d.Code, d.Kind, d.Customer, d.Anybody = d.Code+string(kind), kind, "", true }))
		require.NoError(t, err)
	}
	for _, got := range fake.Discounts(testShop) {
		assert.True(t, got.Anybody)
		assert.Empty(t, got.Customers)
		assert.EqualValues(t, 1, got.UsageLimit)
	}
}

func TestFindDiscount(t *testing.T) {
	fake, client := startFake(t)
	fake.PutCustomer(testShop, shopifyfake.Customer{ID: 7, Email: "a@example.com"})
	_, err := client.FindDiscount(t.Context(), testAccess, thanks().Code, thanks().Key)
	assert.Equal(t, fault.NotFound, fault.KindOf(err), "%v", err)
	made, err := client.CreateDiscount(t.Context(), testAccess, thanks())
	require.NoError(t, err)
	found, err := client.FindDiscount(t.Context(), testAccess, thanks().Code, thanks().Key)
	require.NoError(t, err)
	assert.Equal(t, DiscountRef{ID: made.ID, Existing: true}, found)
	_, err = client.FindDiscount(t.Context(), testAccess, thanks().Code, "ANOTHER")
	assert.Equal(t, fault.Conflict, fault.KindOf(err), "%v", err)
}

func TestDeactivateDiscount(t *testing.T) {
	fake, client := startFake(t)
	fake.PutCustomer(testShop, shopifyfake.Customer{ID: 7, Email: "a@example.com"})
	ref, err := client.CreateDiscount(t.Context(), testAccess, thanks())
	require.NoError(t, err)
	require.NoError(t, client.DeactivateDiscount(t.Context(), testAccess, ref.ID))
	assert.Equal(t, "EXPIRED", fake.Discounts(testShop)[0].Status)
	require.NoError(t, client.DeactivateDiscount(t.Context(), testAccess, ref.ID), "twice is no harm")
	assert.Equal(t, fault.NotFound, fault.KindOf(client.DeactivateDiscount(t.Context(), testAccess, "77")))
	assert.Equal(t, fault.Invalid, fault.KindOf(client.DeactivateDiscount(t.Context(), testAccess, "x")))
}

func TestDiscountRefused(t *testing.T) {
	fake, client := startFake(t)
	fake.PutCustomer(testShop, shopifyfake.Customer{ID: 7, Email: "a@example.com"})
	for name, change := range map[string]func(*Discount){
		"no code":                 func(d *Discount) { d.Code = "" },
		"no key":                  func(d *Discount) { d.Key = "" },
		"no title":                func(d *Discount) { d.Title = " " },
		"no start":                func(d *Discount) { d.StartsAt = time.Time{} },
		"ends first":              func(d *Discount) { d.EndsAt = d.StartsAt },
		"for everybody":           func(d *Discount) { d.Customer = "" },
		"for one and anybody":     func(d *Discount) { d.Anybody = true },
		"less than no order":      func(d *Discount) { d.Minimum = commerce.Money{Amount: -1, Currency: "EUR"} },
		"an order of nothing":     func(d *Discount) { d.Minimum = commerce.Money{Amount: 1} },
		"shipping that is not":    func(d *Discount) { d.Dearest = commerce.Money{Amount: 1, Currency: "EUR"} },
		"nothing off":             func(d *Discount) { d.Percent = 0 },
		"more than all":           func(d *Discount) { d.Percent = 10001 },
		"no amount":               func(d *Discount) { d.Kind = AmountOff },
		"less than nothing":       func(d *Discount) { d.Kind, d.Amount = AmountOff, commerce.Money{Amount: -1, Currency: "EUR"} },
		"no currency":             func(d *Discount) { d.Kind, d.Amount = AmountOff, commerce.Money{Amount: 1} },
		"no product":              func(d *Discount) { d.Products = []string{"tea"} },
		"products sent free":      func(d *Discount) { d.Kind, d.Products = FreeShipping, []string{"1"} },
		"nobody knows what":       func(d *Discount) { d.Kind = "bxgy" },
		"a customer that is gone": func(d *Discount) { d.Customer = "8" },
	} {
		t.Run(name, func(t *testing.T) {
			_, err := client.CreateDiscount(t.Context(), testAccess, thanks(change))
			assert.Equal(t, fault.Invalid, fault.KindOf(err), "%v", err)
		})
	}
	assert.Empty(t, fake.Discounts(testShop))
	assert.Len(t, fake.Asked(), 1, "only the last one needs to be asked about")
}
