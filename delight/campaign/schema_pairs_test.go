package campaign

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Schema and Parse refuse the same, so that an editor that knows the schema
// shows what saving would say. Each case is a change of whole.
func TestSchemaAndParseRefuseTheSame(t *testing.T) {
	s := compiledSchema(t)
	const rest = "{id: rest, kind: wait, for: 2d}"
	row := func(rest string) [2]string { return [2]string{"topic: care", "topic: care\nrows: [{" + rest + "}]"} }
	split := func(rest string) [2]string {
		return [2]string{"{id: rest, kind: wait, for: 2d}", "{id: rest, kind: split, arms: [{name: a, weight: 1}, {name: b, weight: 1}]" + rest + "}"}
	}
	cases := map[string][2]string{
		"a priority in parts":     {"priority: 5", "priority: 5.5"},
		"a priority in quotes":    {"priority: 5", "priority: '5'"},
		"a priority below nought": {"priority: 5", "priority: -1"},
		"too great a priority":    {"priority: 5", "priority: 1001"},
		"a number for a name":     {"name: whole", "name: 5"},
		"a number for a topic":    {"topic: care", "topic: 5"},
		"a yes for a topic":       {"topic: care", "topic: true"},
		"a blank topic":           {"topic: care", "topic: ' '"},
		"a long topic":            {"topic: care", "topic: " + strings.Repeat("a", 65)},
		"a topic of nothing":      {"topic: care", "topic:"},
		"a title's tongue":        {"title: {en:", "title: {en_US:"},
		"a mail's tongue":         {"email: {en:", "email: {en_US:"},
		"no rows":                 {"topic: care", "topic: care\nrows: []"},
		"no products":             {"{kind: order_paid}", "{kind: replenishment, after: 9d, products: []}"},
		"an amount of nothing":    {"{kind: order_paid}", "{kind: spend_threshold, amount: '0'}"},
		"nothing with a point":    {"{kind: order_paid}", "{kind: spend_threshold, amount: '0.00'}"},
		"an amount as a number":   {"{kind: order_paid}", "{kind: spend_threshold, amount: 500}"},
		"half an order":           {"{kind: order_paid}", "{kind: nth_order, n: 2.5}"},
		"a day or a working day":  {rest, "{id: rest, kind: wait_until, weekday: monday, working: true}"},
		"no working day":          {rest, "{id: rest, kind: wait_until, working: false}"},
		"working in words":        {rest, "{id: rest, kind: wait_until, working: 'true'}"},
		"a list for a value":      row("field: order.country, op: is, list: [DE]"),
		"a value for a list":      row("field: order.country, op: one_of, value: DE"),
		"both":                    row("field: order.country, op: one_of, value: DE, list: [DE]"),
		"neither":                 row("field: order.total, op: greater"),
		"a blank value":           row("field: order.total, op: greater, value: ' '"),
		"a number for a value":    row("field: order.total, op: greater, value: 5"),
		"a value to be set":       row("field: order.country, op: set, value: DE"),
		"an empty list":           row("field: order.country, op: one_of, list: []"),
		"a goal without within":   split(", goal: orders, sample: 50"),
		"a goal without sample":   split(", goal: orders, within: 9d"),
		"a sample without goal":   split(", sample: 50"),
		"a within without goal":   split(", within: 9d"),
		"no tags":                 {rest, "{id: rest, kind: tag_customer, useful: 2d, add: []}"},
		"a tag twice":             {rest, "{id: rest, kind: tag_customer, useful: 2d, add: [vip, vip]}"},
		"a tag with a blank":      {rest, "{id: rest, kind: tag_customer, useful: 2d, remove: [' vip']}"},
		"an empty tag":            {rest, "{id: rest, kind: tag_customer, useful: 2d, remove: ['']}"},
		"a long tag":              {rest, "{id: rest, kind: tag_customer, useful: 2d, add: [" + strings.Repeat("a", 41) + "]}"},
		"a number for a tag":      {rest, "{id: rest, kind: tag_customer, useful: 2d, add: [5]}"},
		"tags of a wait":          {rest, "{id: rest, kind: wait, for: 2d, add: [vip]}"},
		"a blank subject":         {"subject: Hello", "subject: ''"},
	}
	for _, name := range []string{"Whole", "a b", "شكر", "a/b", "''", strings.Repeat("a", 65)} {
		cases["the name "+name] = [2]string{"name: whole", "name: " + name}
	}
	for _, d := range []string{"0d", "0h", "0m", "0h30m", "3651d", "9999d", "10000d", "014d", "87601h", "100000h", ".5h", "1.5h", "1ms", "1d12h", "1h60m", "-1d", "14", "two weeks"} {
		cases["for "+d] = [2]string{"for: 2d", "for: " + d}
	}
	cases["an arm called skipped"] = [2]string{rest, "{id: rest, kind: split, arms: [{name: skipped, weight: 1}, {name: b, weight: 1}]}"}
	for _, deep := range []int{maxDepth, 20} {
		cases[fmt.Sprint(deep, " branches deep")] = [2]string{rest, branches(deep)}
	}
	for name, c := range cases {
		require.Contains(t, whole, c[0], name)
		text := strings.Replace(whole, c[0], c[1], 1)
		require.NotEmpty(t, wrong(t, s, text), "%s: the schema takes it", name)
		_, err := Parse([]byte(text))
		require.Error(t, err, "%s: Parse takes it", name)
		require.NotContains(t, err.Error(), "too many brackets", name)
	}
}

// branches are conditions within conditions, in lines, since brackets within
// brackets are bounded too.
func branches(deep int) string {
	var out strings.Builder
	for i := range deep {
		in := strings.Repeat("    ", i)
		fmt.Fprintf(&out, "id: b%d\n%s    kind: if\n%s    condition: order.gift\n%s    then:\n%s      - ", i, in, in, in, in)
	}
	return out.String() + "{id: rest, kind: wait, for: 2d}"
}

func TestSchemaAndParseTakeTheSame(t *testing.T) {
	s := compiledSchema(t)
	const rest = "{id: rest, kind: wait, for: 2d}"
	cases := map[string][2]string{
		"as it is":               {"name: whole", "name: whole"},
		"a name of all letters":  {"name: whole", "name: a_b-2"},
		"a name of digits":       {"name: whole", "name: '2026'"},
		"the least priority":     {"priority: 5", "priority: 0"},
		"the greatest":           {"priority: 5", "priority: 1000"},
		"no median":              {"{kind: order_paid}", "{kind: lapsed, after: 9d, median: false}"},
		"no median where none":   {"{kind: order_paid}", "{kind: order_paid, median: false}"},
		"a time, not a workday":  {rest, "{id: rest, kind: wait_until, at: '10:00', working: false}"},
		"a workday":              {rest, "{id: rest, kind: wait_until, working: true}"},
		"a day, not a workday":   {rest, "{id: rest, kind: wait_until, weekday: friday, working: false}"},
		"a list":                 {"topic: care", "topic: care\nrows: [{field: order.country, op: none_of, list: [DE]}]"},
		"to be set":              {"topic: care", "topic: care\nrows: [{field: order.country, op: set}]"},
		"no branch":              {rest, "{id: rest, kind: if, condition: order.gift, then: []}"},
		"a goal with all":        {rest, "{id: rest, kind: split, goal: orders, sample: 50, within: 9d, arms: [{name: a, weight: 1, steps: []}, {name: b, weight: 1}]}"},
		"as deep as may be":      {rest, branches(maxDepth - 1)},
		"the longest tag":        {rest, "{id: rest, kind: tag_customer, useful: 2d, add: [" + strings.Repeat("م", 40) + "]}"},
		"a tag of two words":     {rest, "{id: rest, kind: tag_customer, useful: 2d, remove: [to ask]}"},
		"a call within some day": {rest, "{id: rest, kind: call_task, useful: 2d, within: 1d, note: {pt-BR: {title: x, body: [y]}}}"},
	}
	for _, d := range []string{"1d", "999d", "3650d", "1h", "87600h", "9999h59m", "1h0m", "90m", "45s"} {
		cases["for "+d] = [2]string{"for: 2d", "for: " + d}
	}
	for name, c := range cases {
		require.Contains(t, whole, c[0], name)
		text := strings.Replace(whole, c[0], c[1], 1)
		require.Empty(t, wrong(t, s, text), name)
		_, err := Parse([]byte(text))
		require.NoError(t, err, name)
	}
}
