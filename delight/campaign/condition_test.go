package campaign

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"flywheel/commerce"
	"flywheel/fault"
)

func TestConditionReadsTypedFields(t *testing.T) {
	vars := Vars{
		Order: OrderVars{
			Total: 120.5, Currency: "SAR", Items: 3, Country: "SA", Language: "ar", Gateway: "mada", PayOnDelivery: true, Renewal: true,
			Source: "web", Tags: []string{"vip", "gift"}, Products: []string{"p1"}, Discounts: []string{"EID"},
		},
		Person: PersonVars{Country: "AE", Language: "en"},
	}
	for expression, want := range map[string]bool{
		`true`:                true,
		`order.total > 100`:   true,
		`order.total > 120.5`: false,
		`order.total >= 120 && order.total < 121`:                 true,
		`order.items == 3`:                                        true,
		`order.country in ["SA", "AE"]`:                           true,
		`order.currency == "EUR"`:                                 false,
		`"vip" in order.tags`:                                     true,
		`"VIP" in order.tags`:                                     false,
		`!order.renewal`:                                          false,
		`order.pay_on_delivery`:                                   true,
		`order.gateway.startsWith("ma")`:                          true,
		`order.source == "pos"`:                                   false,
		`order.language != person.language`:                       true,
		`person.country == "AE"`:                                  true,
		`"p1" in order.products`:                                  true,
		`order.discount_codes.exists(c, c.lowerAscii() == "eid")`: true,
		`size(order.tags) == 2`:                                   true,
	} {
		c, err := Compile(expression)
		require.NoError(t, err, expression)
		got, err := c.Matches(vars)
		require.NoError(t, err, expression)
		require.Equal(t, want, got, expression)
	}
}

func TestConditionOverAnEmptyOrder(t *testing.T) {
	c, err := Compile(`"vip" in order.tags || order.products.exists(p, p == "p1") || order.total > 0`)
	require.NoError(t, err)
	got, err := c.Matches(Vars{})
	require.NoError(t, err)
	require.False(t, got)
}

func TestConditionErrorsNameTheirPlace(t *testing.T) {
	for expression, want := range map[string]string{
		`order.totl > 1`:                    "1:6",
		`true &&` + "\n" + `ordr.total > 1`: "2:1",
		`order.total >`:                     "1:14",
		`order.total`:                       "not yes or no",
		`"yes"`:                             "not yes or no",
		`order.total > "a lot"`:             "1:13",
		`order.tags == "vip"`:               "1:12",
		`now() > 1`:                         "1:4",
		``:                                  "1:0",
		`person.email == "a@b.c"`:           "1:7",
	} {
		_, err := Compile(expression)
		require.ErrorContains(t, err, want, expression)
		require.True(t, fault.Is(err, fault.Invalid), expression)
	}
}

func TestConditionThatFailsSaysSo(t *testing.T) {
	c, err := Compile(`order.tags[5] == "vip"`)
	require.NoError(t, err)
	got, err := c.Matches(Vars{})
	require.True(t, fault.Is(err, fault.Invalid), "%v", err)
	require.False(t, got)
}

func TestConditionIsBounded(t *testing.T) {
	c, err := Compile(`order.tags.all(a, order.tags.all(b, order.tags.all(c, a == b || b == c || true)))`)
	require.NoError(t, err)
	tags := make([]string, 1000)
	_, err = c.Matches(Vars{Order: OrderVars{Tags: tags}})
	require.ErrorContains(t, err, "cost limit")

	ordinary, err := Compile(`order.total > 100 && order.tags.exists(t, t.startsWith("vip")) && order.country in ["SA", "AE"]`)
	require.NoError(t, err)
	_, err = ordinary.Matches(Vars{Order: OrderVars{Total: 200, Tags: tags[:200]}})
	require.NoError(t, err, "250 tags are all Shopify allows")
}

func TestCompileNeverPanics(t *testing.T) {
	words := rapid.SampledFrom([]string{"order", ".total", ".tags", "person", ">", "1", "\"a\"", "(", ")", "[", "]", "in", "&&", "!", "? :", ".all(x,", "{}", "null", " "})
	rapid.Check(t, func(t *rapid.T) {
		var expression string
		for _, w := range rapid.SliceOfN(words, 0, 8).Draw(t, "words") {
			expression += w
		}
		if c, err := Compile(expression); err == nil {
			_, _ = c.Matches(Vars{})
		}
	})
}

func TestVarsOf(t *testing.T) {
	o := order(described(func(d *commerce.Detail) {
		d.Total, d.ShopTotal = commerce.Money{Amount: 41240, Currency: "KWD"}, commerce.Money{Amount: 50313, Currency: "SAR"}
		d.Gateways, d.Language, d.SourceName, d.Renewal = []string{courier, "gift_card"}, "ar", "web", true
		d.Tags, d.DiscountCodes = []string{"vip"}, []string{"EID"}
		d.Lines = append(d.Lines, commerce.Line{ID: "pot", Product: "p2", Quantity: 1, Current: 1})
	}), commerce.OrderChange{Refunds: []commerce.Refund{{
		ID: "r", Status: commerce.RefundSucceeded, At: after(1), Lines: []commerce.RefundLine{{Line: "pot", Quantity: 1}},
	}}})
	want := Vars{
		Order: OrderVars{
			Total: 41.24, Currency: "KWD", Items: 2, Country: "DE", Language: "ar", Gateway: courier, PayOnDelivery: true,
			Renewal: true, Source: "web", Tags: []string{"vip"}, Products: []string{"p1"}, Discounts: []string{"EID"},
		},
		Person: PersonVars{Country: "KW", Language: "ar"},
	}
	person := commerce.Person{Country: "KW", Language: "ar", Email: "ada@example.com"}
	require.Equal(t, want, VarsOf(o, person, shop.Settings), "as paid, while no rate is known")
	o.Freeze("SAR")
	want.Order.Total, want.Order.Currency = 503.13, "SAR"
	require.Equal(t, want, VarsOf(o, person, shop.Settings), "in the shop's money")
}
