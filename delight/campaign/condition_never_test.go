package campaign

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWhatNeverHoldsIsRefused(t *testing.T) {
	for expression, want := range map[string]string{
		`order.total > 10.0 && order.total < 5.0`:                            `"order.total > 10.0" and "order.total < 5.0" are never true together.`,
		`order.total < 5.0 && order.gift && order.total > 10.0`:              `"order.total < 5.0" and "order.total > 10.0" are never true together.`,
		`order.total > 5.0 && order.total <= 5.0`:                            `never true together`,
		`10.0 < order.total && 5.0 > order.total`:                            `never true together`,
		`order.total >= 5.0 && order.total <= 5.0 && order.total < 5.0`:      `"order.total >= 5.0" and "order.total < 5.0" are never true together.`,
		`order.total >= 5.0 && order.total <= 5.0 && order.total > 5.0`:      `"order.total <= 5.0" and "order.total > 5.0" are never true together.`,
		`order.items == 2 && order.items == 3`:                               `never true together`,
		`order.items >= 2 && order.items == 1`:                               `never true together`,
		`order.country == "SA" && order.country == "AE"`:                     `"order.country == "SA"" and "order.country == "AE"" are never true together.`,
		`order.country in ["SA", "AE"] && order.country == "DE"`:             `never true together`,
		`order.gift && !order.gift`:                                          `"order.gift" and "!order.gift" are never true together.`,
		`has(order.paid_at) && !has(order.paid_at)`:                          `never true together`,
		`order.gift || order.total > 10.0 && order.total < 5.0`:              `never true together`,
		`person.days_since_last_order == -1`:                                 `"person.days_since_last_order == -1" is never true: "person.days_since_last_order" is 0 or more. Where it is not known, "!has(person.days_since_last_order)" is true.`,
		`order.items < 0`:                                                    `"order.items < 0" is never true: "order.items" is 0 or more.`,
		`order.country == "Saudi"`:                                           `1:18: "Saudi" is no country code of two letters, such as SA.`,
		`order.country in ["SA", "Emirates"]`:                                `"Emirates" is no country code`,
		`order.country != "XX"`:                                              `"XX" is no country code`,
		`order.country == "sa"`:                                              `"order.country" is never "sa". Did you mean "SA"?`,
		`shop.weekday == "Monday"`:                                           `"shop.weekday" is never "Monday". Did you mean "monday"?`,
		`!("payday" == shop.weekday)`:                                        `"shop.weekday" is never "payday".`,
		`event.kind == "order_payd"`:                                         `"event.kind" is never "order_payd". Did you mean "order_paid"?`,
		`order.gift && (order.first || order.country in ["Saudi", "Egypt"])`: `"Saudi" is no country code`,
	} {
		_, err := Compile(expression)
		require.ErrorContains(t, wantExplained(t, err), want, expression)
	}
}

func TestWhatMayHoldIsKept(t *testing.T) {
	for _, expression := range []string{
		`order.total > 5.0 && order.total < 10.0`, `order.total >= 5.0 && order.total <= 5.0`, `order.total > 10.0 || order.total < 5.0`,
		`order.items != 2 && order.items != 3`, `order.total > 10.0 && order.subtotal < 5.0`, `order.total < -1.0`, `order.items >= 0`,
		`order.country == "SA" && shop.country == "AE"`, `order.country in ["SA", "AE"] && order.country == "AE"`, `order.country != "SA" && order.country != "AE"`,
		`order.gift && !order.first`, `order.gift || !order.gift`, `"a" in order.tags && "b" in order.tags`, `order.country == ""`, `order.country in []`,
		`order.name == "Saudi"`, `order.country == order.region`, `order.country in order.tags`, `event.props.a == 1 && event.props.a == 2`, `order.country == "XK"`,
	} {
		_, err := Compile(expression)
		require.NoError(t, err, expression)
	}
}

func TestCountries(t *testing.T) {
	for _, code := range []string{"SA", "AE", "IR", "DE", "US", "ZW", "AC"} {
		require.True(t, isCountry(code), code)
	}
	for _, code := range []string{"", "S", "SAU", "XX", "UK", "A ", " A", "sa", "E "} {
		require.False(t, isCountry(code), code)
	}
}
