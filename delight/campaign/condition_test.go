package campaign

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestConditionReadsTypedFields(t *testing.T) {
	c, err := Compile(`order.total > 100 && order.country in ["SA", "AE"] && !order.renewal && "vip" in order.tags`)
	require.NoError(t, err)
	ok, err := c.Matches(Vars{Order: OrderVars{Total: 120.5, Country: "SA", Tags: []string{"vip"}}})
	require.NoError(t, err)
	require.True(t, ok)
	ok, err = c.Matches(Vars{Order: OrderVars{Total: 120.5, Country: "SA"}})
	require.NoError(t, err)
	require.False(t, ok)
}

func TestConditionErrorsNameTheirPlace(t *testing.T) {
	for expression, want := range map[string]string{
		`order.totl > 1`: "1:6",
		`order.total`:    "not yes or no",
		`order.total >`:  "1:14",
	} {
		_, err := Compile(expression)
		require.ErrorContains(t, err, want, expression)
	}
}

func TestConditionIsBounded(t *testing.T) {
	c, err := Compile(`order.tags.all(a, order.tags.all(b, order.tags.all(c, a == b || b == c || true)))`)
	require.NoError(t, err)
	tags := make([]string, 1000)
	_, err = c.Matches(Vars{Order: OrderVars{Tags: tags}})
	require.ErrorContains(t, err, "cost limit")
}
