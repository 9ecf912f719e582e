package shopifyfake

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"flywheel/integrations/shopify/gql"
)

func TestDocumentsAreHeldToTheSchema(t *testing.T) {
	tests := map[string]struct {
		query, says, code string
	}{
		"a missing brace":       {`{ shop { id }`, "syntax error", ""},
		"nothing":               {``, "syntax error", ""},
		"an empty selection":    {`{ shop { } }`, "syntax error", ""},
		"an open parenthesis":   {`query X($id: ID! { shop { id } }`, "syntax error", ""},
		"two without a name":    {`{ shop { id } } { shop { id } }`, "only defined operation", "loneAnonymousOperation"},
		"two, none chosen":      {`query A { shop { id } } query B { shop { id } }`, "operation name is required", ""},
		"a misspelt field":      {`{ shop { idd } }`, "Field 'idd' doesn't exist on type 'Shop'", "undefinedField"},
		"a mutation's query":    {`mutation { shop { id } }`, "Field 'shop' doesn't exist on type 'Mutation'", "undefinedField"},
		"a scalar's fields":     {`{ shop { name { x } } }`, "Selections can't be made on scalars (field 'name'", "selectionMismatch"},
		"an object's none":      {`{ shop }`, "Field must have selections (field 'shop'", "selectionMismatch"},
		"no argument":           {`{ order { id } }`, "Field 'order' is missing required arguments: id", "missingRequiredArguments"},
		"an unknown argument":   {`{ shop(id: 1) { id } }`, "Field 'shop' doesn't accept argument 'id'", "argumentNotAccepted"},
		"a plain id":            {`{ order(id: "1") { id } }`, "Invalid global id '1'", "argumentLiteralsIncompatible"},
		"an undeclared":         {`{ order(id: $id) { id } }`, "Variable $id is used but not declared", "variableNotDefined"},
		"an unused":             {`query ($x: ID) { shop { id } }`, "Variable $x is declared but not used", "variableNotUsed"},
		"another type":          {`query ($x: Int!) { order(id: $x) { id } }`, "Type mismatch on variable", "variableMismatch"},
		"an unused fragment":    {`{ shop { id } } fragment F on Shop { id }`, "Fragment F was defined, but not used", "useAndDefineFragment"},
		"an undefined fragment": {`{ shop { ...F } }`, "Fragment F was used, but not defined", "useAndDefineFragment"},
		"a missing variable":    {`query ($x: ID!) { order(id: $x) { id } }`, "Variable $x of type ID! was provided invalid value", "INVALID_VARIABLE"},
		"an unknown enum":       {`{ orders(first: 1, sortKey: LUCK) { nodes { id } } }`, "LUCK", "argumentLiteralsIncompatible"},
		"no page size":          {`{ orders { nodes { id } } }`, "you must provide one of first or last", "BAD_REQUEST"},
		"too large a page":      {`{ orders(first: 251) { nodes { id } } }`, "first can't be above 250", "BAD_REQUEST"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			r := w.ask(tt.query, nil)
			assert.Equal(t, http.StatusOK, r.Status)
			assert.Contains(t, r.says(), tt.says)
			assert.Contains(t, r.codes(), tt.code)
			assert.Contains(t, []string{"", "null"}, string(r.Data))
		})
	}
}

func TestVariablesAreHeldToTheSchema(t *testing.T) {
	w := newWorld(t)
	w.PutCustomer(wool, Customer{ID: 1, Email: "ada@example.com"})
	const created = `mutation ($d: DiscountCodeBasicInput!) { discountCodeBasicCreate(basicCodeDiscount: $d) { userErrors { message } } }`
	discount := func(change vars) vars {
		d := vars{"code": "A", "title": "A", "startsAt": "2026-11-02T12:00:00Z", "context": vars{"all": "ALL"}}
		for k, v := range change {
			d[k] = v
		}
		return vars{"d": d}
	}
	tests := map[string]vars{
		"a number for a text":      discount(vars{"code": 12}),
		"a text for a number":      discount(vars{"usageLimit": "1"}),
		"a part for a whole":       discount(vars{"usageLimit": 1.5}),
		"no moment":                discount(vars{"startsAt": "yesterday"}),
		"a moment without zone":    discount(vars{"startsAt": "2026-11-02T12:00:00"}),
		"a field of nobody":        discount(vars{"color": "red"}),
		"a text for a truth":       discount(vars{"appliesOncePerCustomer": "yes"}),
		"two of one":               discount(vars{"context": vars{"all": "ALL", "customers": vars{"add": []string{"gid://shopify/Customer/1"}}}}),
		"none of one":              discount(vars{"context": vars{}}),
		"small letters of an enum": discount(vars{"context": vars{"all": "all"}}),
		"a plain id":               discount(vars{"context": vars{"customers": vars{"add": []string{"1"}}}}),
		"no input":                 {"d": nil},
	}
	for name, v := range tests {
		t.Run(name, func(t *testing.T) {
			r := w.ask(created, v)
			assert.Equal(t, []string{"INVALID_VARIABLE"}, r.codes(), "%s", r.Data)
		})
	}
	assert.Empty(t, w.Discounts(wool))
	assert.Empty(t, w.Asked(), "what fails the checks is not asked")
}

func TestFragmentsAliasesAndTypes(t *testing.T) {
	w := newWorld(t)
	w.PutOrder(wool, NewOrder(1, noon).B2B(77))
	w.PutCustomer(wool, Customer{ID: 5, Email: "ada@example.com"})
	r := w.ask(`query ($yes: Boolean = true, $no: Boolean = false) {
		one: order(id: "gid://shopify/Order/1") {
			...A
			totalPriceSet { shopMoney { currencyCode } }
			... on Order { sum: totalPriceSet { presentmentMoney { amount } } }
			... @include(if: $no) { name }
			test @skip(if: $yes)
			purchasingEntity { __typename ... on PurchasingCompany { company { id } } ... on Customer { firstName } }
		}
		nodes(ids: ["gid://shopify/Customer/5", "gid://shopify/Customer/6", "gid://shopify/Order/1"]) { __typename id ... on Customer { verifiedEmail } }
	}
	fragment A on Order { id totalPriceSet { ...M } }
	fragment M on MoneyBag { shopMoney { amount } }`, nil)
	assert.Empty(t, r.Errors)
	assert.JSONEq(t, `{
		"one": {
			"id": "gid://shopify/Order/1", "totalPriceSet": {"shopMoney": {"currencyCode": "EUR", "amount": "82.90"}}, "sum": {"presentmentMoney": {"amount": "82.90"}},
			"purchasingEntity": {"__typename": "PurchasingCompany", "company": {"id": "gid://shopify/Company/77"}}
		},
		"nodes": [{"__typename": "Customer", "id": "gid://shopify/Customer/5", "verifiedEmail": true}, null, {"__typename": "Order", "id": "gid://shopify/Order/1"}]
	}`, string(r.Data))
}

// What the fake would answer against the schema is loud.
func TestBrokenIsLoud(t *testing.T) {
	tests := map[string]func(*Order){
		"an unknown status":   func(o *Order) { o.FinancialStatus = "sold" },
		"an unknown currency": func(o *Order) { o.ShopCurrency = "XEU" },
		"a missing moment":    func(o *Order) { o.UpdatedAt = o.UpdatedAt.AddDate(-3000, 0, 0) },
	}
	for name, change := range tests {
		t.Run(name, func(t *testing.T) {
			f := installed()
			o := NewOrder(1, noon)
			change(o)
			f.PutOrder(wool, o)
			status, _ := ask(t, f, gql.Order_Operation, nil)
			assert.Equal(t, http.StatusInternalServerError, status)
			assert.Len(t, f.Broken(), 1)
			assert.Contains(t, f.Broken()[0], "Order: ")
		})
	}
}

func TestDrift(t *testing.T) {
	w := newWorld(t)
	assert.Equal(t, "2026-10", w.ask(`{ shop { id } }`, nil).Header.Get("X-Shopify-API-Version"))
	w.Drift("2027-01")
	assert.Equal(t, "2027-01", w.ask(`{ shop { id } }`, nil).Header.Get("X-Shopify-API-Version"))
}

func TestShop(t *testing.T) {
	w := newWorld(t)
	w.Install(wool, ShopInfo{ID: 9, Name: "Wool & Co", Zone: "Asia/Riyadh", Currency: "SAR", Country: "SA", Locales: []string{"ar", "en"}})
	w.Scopes(wool, "read_orders", "read_locales")
	r := w.ask(`{
		shop {
			id name email contactEmail ianaTimezone currencyCode myshopifyDomain
			shopAddress { address1 address2 city zip country countryCodeV2 } primaryDomain { url }
		}
		currentAppInstallation { accessScopes { handle } }
	}`, nil)
	assert.Empty(t, r.Errors)
	assert.JSONEq(t, `{
		"shop": {
			"id": "gid://shopify/Shop/9", "name": "Wool & Co", "email": "owner@wool.example", "contactEmail": "hello@wool.example",
			"ianaTimezone": "Asia/Riyadh", "currencyCode": "SAR", "myshopifyDomain": "wool.myshopify.com",
			"shopAddress": {"address1": "1 High Street", "address2": null, "city": "Vienna", "zip": "1010", "country": "Austria", "countryCodeV2": "SA"},
			"primaryDomain": {"url": "https://wool.myshopify.com"}
		},
		"currentAppInstallation": {"accessScopes": [{"handle": "read_orders"}, {"handle": "read_locales"}]}
	}`, string(r.Data))
	r = w.ask(gql.Locales_Operation, nil)
	assert.Empty(t, r.Errors)
	assert.JSONEq(t, `{"shopLocales": [{"locale": "ar", "primary": true}, {"locale": "en", "primary": false}]}`, string(r.Data))
}
