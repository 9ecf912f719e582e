package shopifyfake

import (
	"maps"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flywheel/integrations/shopify/gql"
)

type createdDiscount struct {
	Node *struct{ ID string } `json:"codeDiscountNode"`
	userErrors
}

// create makes a discount of the usual input with some members changed; nil takes one away.
func (w *world) create(change vars) createdDiscount {
	w.t.Helper()
	d := vars{
		"code": "THANKS-1", "title": "Flywheel thanks 1", "startsAt": "2026-11-02T12:00:00Z", "endsAt": "2026-12-02T12:00:00Z", "usageLimit": 1,
		"appliesOncePerCustomer": true, "context": vars{"customers": vars{"add": []string{"gid://shopify/Customer/1"}}},
		"customerGets": vars{"value": vars{"percentage": 0.1}, "items": vars{"all": true}},
	}
	maps.Copy(d, change)
	maps.DeleteFunc(d, func(_ string, v any) bool { return v == nil })
	var out struct{ DiscountCodeBasicCreate createdDiscount }
	w.answers(gql.CreateDiscount_Operation, vars{"discount": d}, &out)
	return out.DiscountCodeBasicCreate
}

func discountWorld(t *testing.T) *world {
	w := newWorld(t)
	w.PutCustomer(wool, Customer{ID: 1, Email: "ada@example.com"})
	return w
}

func TestCreateDiscount(t *testing.T) {
	w := discountWorld(t)
	got := w.create(nil)
	require.Empty(t, got.UserErrors)
	require.Len(t, w.Discounts(wool), 1)
	want := DiscountRecord{
		ID: w.Discounts(wool)[0].ID, Kind: "basic", Title: "Flywheel thanks 1", Code: "THANKS-1", Percentage: 0.1, Customers: []string{"gid://shopify/Customer/1"},
		StartsAt: noon, EndsAt: time.Date(2026, 12, 2, 12, 0, 0, 0, time.UTC), UsageLimit: 1, OncePerCustomer: true, Status: "ACTIVE",
	}
	assert.Equal(t, want, w.Discounts(wool)[0])
	assert.Equal(t, id("DiscountCodeNode", want.ID).GID, got.Node.ID)

	products := vars{"products": vars{"productsToAdd": []string{"gid://shopify/Product/5"}}}
	got = w.create(vars{"code": "B", "customerGets": vars{"value": vars{"discountAmount": vars{"amount": "5.00"}}, "items": products}, "startsAt": "2026-11-03T00:00:00Z"})
	require.Empty(t, got.UserErrors)
	second := w.Discounts(wool)[1]
	assert.Equal(t, []any{"5.00", []string{"gid://shopify/Product/5"}, "SCHEDULED"}, []any{second.Amount, second.Products, second.Status})

	r := w.ask(gql.CreateFreeShipping_Operation, vars{"discount": vars{"code": "FREE", "title": "f", "startsAt": "2026-11-02T12:00:00Z", "context": vars{"all": "ALL"}}})
	assert.Empty(t, r.Errors)
	assert.Equal(t, "free_shipping", w.Discounts(wool)[2].Kind, "%s", r.Data)
}

func TestDiscountsAreRefused(t *testing.T) {
	value := func(v vars) vars { return vars{"customerGets": vars{"value": v, "items": vars{"all": true}}} }
	items := func(v vars) vars { return vars{"customerGets": vars{"value": vars{"percentage": 0.1}, "items": v}} }
	tests := map[string]struct {
		change vars
		code   string
	}{
		"taken":              {vars{"code": "thanks-0"}, "TAKEN"},
		"no code":            {vars{"code": nil}, "BLANK"},
		"no title":           {vars{"title": ""}, "BLANK"},
		"nobody's":           {vars{"context": nil}, "BLANK"},
		"an empty list":      {vars{"context": vars{"customers": vars{"add": []string{}}}}, "BLANK"},
		"a stranger's":       {vars{"context": vars{"customers": vars{"add": []string{"gid://shopify/Customer/2"}}}}, "INVALID"},
		"no start":           {vars{"startsAt": nil}, "BLANK"},
		"over before it is":  {vars{"endsAt": "2026-11-02T12:00:00Z"}, "END_DATE_BEFORE_START_DATE"},
		"for nobody":         {vars{"usageLimit": 0}, "GREATER_THAN"},
		"more than all":      {value(vars{"percentage": 1.01}), "VALUE_OUTSIDE_RANGE"},
		"ten times all":      {value(vars{"percentage": 10}), "VALUE_OUTSIDE_RANGE"},
		"nothing off":        {value(vars{"discountAmount": vars{"amount": "0.00"}}), "GREATER_THAN"},
		"no value":           {value(vars{}), "INVALID"},
		"two values":         {value(vars{"percentage": 0.1, "discountAmount": vars{"amount": "1.00"}}), "INVALID"},
		"of nothing":         {items(vars{}), "CONFLICT"},
		"of all and of some": {items(vars{"all": true, "products": vars{"productsToAdd": []string{"gid://shopify/Product/5"}}}), "CONFLICT"},
		"of no product":      {items(vars{"products": vars{"productsToAdd": []string{"gid://shopify/Order/5"}}}), "INVALID"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := discountWorld(t)
			w.PutDiscount(wool, DiscountRecord{Code: "THANKS-0"})
			got := w.create(tt.change)
			assert.Nil(t, got.Node)
			if assert.NotEmpty(t, got.UserErrors) {
				assert.Equal(t, tt.code, got.UserErrors[0].Code)
				assert.Equal(t, "basicCodeDiscount", got.UserErrors[0].Field[0])
			}
			assert.Len(t, w.Discounts(wool), 1)
		})
	}
}

func TestDiscountsAreFoundUsedAndEnded(t *testing.T) {
	w := discountWorld(t)
	made := w.create(nil)
	find := func(code string) string {
		return string(w.ask(gql.DiscountByCode_Operation, vars{"code": code}).Data)
	}
	assert.True(t, w.UseDiscount(wool, "THANKS-1"))
	assert.False(t, w.UseDiscount(wool, "THANKS-1"), "once")
	assert.JSONEq(t, `{"codeDiscountNodeByCode":{"id":"`+made.Node.ID+`","codeDiscount":{"__typename":"DiscountCodeBasic","title":"Flywheel thanks 1","status":"ACTIVE","asyncUsageCount":1}}}`, find("Thanks-1"))
	assert.JSONEq(t, `{"codeDiscountNodeByCode":null}`, find("other"))
	w.PutDiscount(wool, DiscountRecord{Code: "GIFT", Kind: "bxgy", Title: "Three for two"})
	assert.Contains(t, find("gift"), `"__typename":"DiscountCodeBxgy"`)

	end := func(gid string) (out struct{ DiscountCodeDeactivate userErrors }) {
		w.answers(gql.DeactivateDiscount_Operation, vars{"id": gid}, &out)
		return out
	}
	for range 2 {
		assert.Empty(t, end(made.Node.ID).DiscountCodeDeactivate.UserErrors, "twice is once")
		assert.Equal(t, "EXPIRED", w.Discounts(wool)[0].Status)
	}
	assert.Equal(t, "INVALID", end("gid://shopify/DiscountCodeNode/1").DiscountCodeDeactivate.UserErrors[0].Code)
}
