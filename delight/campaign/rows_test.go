package campaign

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"flywheel/commerce"
)

func TestRowsAsCEL(t *testing.T) {
	for want, rows := range map[string][]Row{
		``:                   nil,
		`order.total >= 100`: {{Field: "order.total", Op: OpAtLeast, Value: "100"}},
		`order.total > 99.5 && "vip" in order.tags`: {{Field: "order.total", Op: OpGreater, Value: "99.5"}, {Field: "order.tags", Op: OpContains, Value: "vip"}},
		`(order.first && !order.gift) || order.country in ["SA", "AE"]`: {
			{Field: "order.first", Op: OpIs, Value: "yes"},
			{Field: "order.gift", Op: OpIs, Value: "no"},
			{Group: 1, Field: "order.country", Op: OpOneOf, List: []string{"SA", "AE"}},
		},
		`!("vip" in order.tags)`:                  {{Field: "order.tags", Op: OpContainsNot, Value: "vip"}},
		`order.tags.exists(x, x in ["a", "b"])`:   {{Field: "order.tags", Op: OpOneOf, List: []string{"a", "b"}}},
		`!order.tags.exists(x, x in ["a"])`:       {{Field: "order.tags", Op: OpNoneOf, List: []string{"a"}}},
		`!(order.source in ["pos"])`:              {{Field: "order.source", Op: OpNoneOf, List: []string{"pos"}}},
		`order.source.contains("we")`:             {{Field: "order.source", Op: OpContains, Value: "we"}},
		`!order.source.contains("we")`:            {{Field: "order.source", Op: OpContainsNot, Value: "we"}},
		`order.total == 5.0`:                      {{Field: "order.total", Op: OpIs, Value: "5"}},
		`order.total != -5.5`:                     {{Field: "order.total", Op: OpIsNot, Value: "-5.5"}},
		`order.source != "pos"`:                   {{Field: "order.source", Op: OpIsNot, Value: "pos"}},
		`order.language.speaks("ar")`:             {{Field: "order.language", Op: OpIs, Value: "ar"}},
		`!order.language.speaks("ar")`:            {{Field: "order.language", Op: OpIsNot, Value: "ar"}},
		`person.language.speaks(["ar", "fa"])`:    {{Field: "person.language", Op: OpOneOf, List: []string{"ar", "fa"}}},
		`!person.language.speaks(["ar", "fa"])`:   {{Field: "person.language", Op: OpNoneOf, List: []string{"ar", "fa"}}},
		`has(order.gateway)`:                      {{Field: "order.gateway", Op: OpSet}},
		`!has(order.paid_at)`:                     {{Field: "order.paid_at", Op: OpNotSet}},
		`now > dayEnd("2026-03-21")`:              {{Field: "now", Op: OpGreater, Value: "2026-03-21"}},
		`now <= dayEnd("2026-03-21")`:             {{Field: "now", Op: OpAtMost, Value: "2026-03-21"}},
		`now < day("2026-03-21")`:                 {{Field: "now", Op: OpLess, Value: "2026-03-21"}},
		`now >= day("2026-03-21")`:                {{Field: "now", Op: OpAtLeast, Value: "2026-03-21"}},
		`shop.weekday in ["friday", "saturday"]`:  {{Field: "shop.weekday", Op: OpOneOf, List: []string{"friday", "saturday"}}},
		`now > timestamp("2026-03-21T06:00:00Z")`: {{Field: "now", Op: OpGreater, Value: "2026-03-21T06:00:00Z"}},
		`order.name == "a\"b\\c"`:                 {{Field: "order.name", Op: OpIs, Value: `a"b\c`}},

		`"می\u200cخواهم" in order.tags`:                                          {{Field: "order.tags", Op: OpContains, Value: "می\u200cخواهم"}},
		`has(order.paid_at) && order.items > 1`:                                  {{Field: "order.paid_at", Op: OpSet}, {Field: "order.items", Op: OpGreater, Value: "1"}},
		`has(person.days_since_last_order) && person.days_since_last_order > 90`: {{Field: "person.days_since_last_order", Op: OpGreater, Value: "90"}},
		`has(order.paid_at) && has(order.paid_at) && order.paid_at < timestamp("2026-03-21T00:00:00Z")`: {
			{Field: "order.paid_at", Op: OpSet}, {Field: "order.paid_at", Op: OpLess, Value: "2026-03-21T00:00:00Z"},
		},
	} {
		got, err := CompileRows(rows)
		require.NoError(t, err, want)
		require.Equal(t, want, got)
		back, ok := RowsOf(got)
		require.True(t, ok, want)
		require.Equal(t, rows, back, want)
	}
}

// What people type is brought into one form, once.
func TestRowsComeIntoTheirOwnForm(t *testing.T) {
	for _, c := range []struct{ field, typed, want string }{
		{"order.total", "١٢٠٠٫٥٠", "1200.5"}, // Arabic
		{"order.total", "۱٬۲۰۰٫۵", "1200.5"}, // Persian
		{"order.total", " 007.10 ", "7.1"},
		{"order.total", "\u200f-۵", "-5"},
		{"order.total", "-0", "0"},
		{"order.total", "123456789012.5", "123456789012.5"},
		{"order.items", "۳", "3"},
		{"order.items", "3.0", "3"},
		{"order.country", " sa ", "SA"},
		{"person.language", "pt-BR", "pt-br"},
		{"order.gift", "True", "yes"},
		{"order.gift", "false", "no"},
		{"order.name", "  #۱۰۰۱ ", "#۱۰۰۱"}, // a text stays as it is typed
		{"now", "2026-03-21", "2026-03-21"}, // the shop's day
		{"now", "۲۰۲۶-۰۳-۲۱", "2026-03-21"},
		{"shop.weekday", "Monday", "monday"},
		{"event.kind", "ORDER_PAID", "order_paid"},
		{"now", "2026-03-21T09:00:00+03:30", "2026-03-21T05:30:00Z"},
	} {
		op := OpIs
		if c.field == "now" {
			op = OpGreater
		}
		expression, err := CompileRows([]Row{{Group: 7, Field: c.field, Op: op, Value: c.typed}})
		require.NoError(t, err, c.typed)
		rows, ok := RowsOf(expression)
		require.True(t, ok, expression)
		require.Equal(t, []Row{{Field: c.field, Op: op, Value: c.want}}, rows)
	}
	rows := []Row{
		{Group: 9, Field: "order.gift", Op: OpIs, Value: "yes"},
		{Group: 2, Field: "order.b2b", Op: OpIs, Value: "yes"},
		{Group: 9, Field: "order.first", Op: OpIs, Value: "no"},
	}
	expression, err := CompileRows(rows)
	require.NoError(t, err)
	require.Equal(t, `order.b2b || (order.gift && !order.first)`, expression, "groups by number")
	require.Equal(t, 9, rows[0].Group, "what is handed in stays as it is")
}

func TestRowsThatAreRefused(t *testing.T) {
	long := strings.Repeat("x", maxValue+1)
	for _, c := range []struct {
		row  Row
		want string
	}{
		{Row{Field: "order.totl", Op: OpIs, Value: "1"}, `There is no variable "order.totl". Did you mean "order.total"?`},
		{Row{Field: "line.sku", Op: OpIs, Value: "1"}, `There is no variable`},
		{Row{Field: "order.total", Op: OpContains, Value: "1"}, `"order.total" has no operator "contains".`},
		{Row{Field: "order.lines", Op: OpContains, Value: "1"}, `has no operator`},
		{Row{Field: "order.total", Op: ""}, `has no operator`},
		{Row{Field: "order.total", Op: OpIs}, `"order.total" needs a value.`},
		{Row{Field: "order.total", Op: OpIs, Value: " "}, `needs a value`},
		{Row{Field: "order.total", Op: OpIs, Value: "many"}, `"many" is no number.`},
		{Row{Field: "order.total", Op: OpIs, Value: "1,000"}, `is no number`}, // a thousand here, one there
		{Row{Field: "order.total", Op: OpIs, Value: "1e3"}, `is no number`},
		{Row{Field: "order.total", Op: OpIs, Value: "1."}, `is no number`},
		{Row{Field: "order.total", Op: OpIs, Value: ".5"}, `is no number`},
		{Row{Field: "order.total", Op: OpIs, Value: "--5"}, `is no number`},
		{Row{Field: "order.total", Op: OpIs, Value: "1234567890123"}, `is no number`},
		{Row{Field: "order.total", Op: OpIs, Value: `1 || true`}, `is no number`},
		{Row{Field: "order.items", Op: OpIs, Value: "1.5"}, `"1.5" is no whole number.`},
		{Row{Field: "order.gift", Op: OpIs, Value: "maybe"}, `neither yes nor no`},
		{Row{Field: "order.country", Op: OpIs, Value: "KSA"}, `no country code`},
		{Row{Field: "order.country", Op: OpIs, Value: "XX"}, `no country code`},
		{Row{Field: "order.country", Op: OpIs, Value: "A "}, `no country code`},
		{Row{Field: "shop.weekday", Op: OpIs, Value: "mondy"}, `"shop.weekday" is never "mondy". Did you mean "monday"?`},
		{Row{Field: "shop.weekday", Op: OpIs, Value: "x"}, `"shop.weekday" is never "x". It is one of monday, tuesday,`},
		{Row{Field: "shop.weekday", Op: OpContains, Value: "mon"}, `has no operator`},
		{Row{Field: "order.language", Op: OpIs, Value: "عربي"}, `no language code`},
		{Row{Field: "now", Op: OpLess, Value: "21.3.2026"}, `is no moment`},
		{Row{Field: "now", Op: OpLess, Value: "1969-12-31"}, `is no moment`},
		{Row{Field: "order.tags", Op: OpOneOf}, `needs a value`},
		{Row{Field: "order.tags", Op: OpOneOf, List: []string{"a", ""}}, `needs a value`},
		{Row{Field: "order.tags", Op: OpOneOf, List: slices.Repeat([]string{"a"}, maxChoice+1)}, `more than 100 values`},
		{Row{Field: "order.tags", Op: OpOneOf, Value: "a", List: []string{"a"}}, `takes no value`},
		{Row{Field: "order.tags", Op: OpContains, Value: "a", List: []string{"a"}}, `takes no value`},
		{Row{Field: "order.tags", Op: OpSet, Value: "a"}, `takes no value`},
		{Row{Field: "order.tags", Op: OpContains, Value: long}, `is too long`},
		{Row{Field: "order.tags", Op: OpContains, Value: "\xff"}, `no letters`},
	} {
		_, err := CompileRows([]Row{{Field: "order.gift", Op: OpIs, Value: "yes"}, c.row})
		e := wantExplained(t, err)
		require.ErrorContains(t, err, c.want, "%+v", c.row)
		require.Equal(t, 2, e.Line, "the row")
		require.Contains(t, e.Excerpt, c.row.Field)
	}
	_, err := CompileRows(slices.Repeat([]Row{{Field: "order.tags", Op: OpContains, Value: strings.Repeat("x", maxValue)}}, 30))
	require.ErrorContains(t, wantExplained(t, err), "longer than 4 KB")
}

func TestWhatIsWrittenByHandIsNoRows(t *testing.T) {
	for _, expression := range []string{
		`order.total > 100 // big ones`, `order.total  > 100`, `(order.total > 100)`, `100 < order.total`, `order.total > 100.0`, `order.total > 1e2`,
		`order.gift == true`, `order.gift && (order.first || order.b2b)`, `order.items + 1 > 2`, `!!order.gift`, `!(order.gift)`, `order.country == 'SA'`,
		`order.tags.exists(t, t in ["a"])`, `order.tags.exists(x, x in ["a", order.name])`, `order.tags.exists(x, x == "a")`, `order.tags.all(x, x in ["a"])`,
		`"vip" in ["a"]`, `order.paid_at < timestamp("2026-03-21T00:00:00Z")`, `has(order.total)`, `person.language == "ar"`, `order.country == "sa"`,
		`order.lines.exists(l, l.sku == "x")`, `event.props.score > 5`, `has(event.props)`, `order.total`, `order.total > order.subtotal`, `true`, `1`, `order.gateway.startsWith("m")`,
		`order.tags in ["a"]`, `order.tags == ["a"]`, `"a" in order.tags == true`, `order.source.contains("a", "b")`, `order.`, `order.gift ? true : false`,
		`order.items == "1"`, `order.source.speaks("ar")`, `!order.total`, `order.name > "a"`, `has(order.paid_at) && order.placed_at < timestamp("2026-03-21T00:00:00Z")`,
	} {
		_, ok := RowsOf(expression)
		require.False(t, ok, expression)
	}
	rows, ok := RowsOf("  ")
	require.True(t, ok, "everybody")
	require.Empty(t, rows)
}

// value draws one that a variable may be compared with, in its own form.
func value(t *rapid.T, spec VarSpec) string {
	switch spec.Type {
	case NumberVar:
		return strconv.Itoa(rapid.IntRange(-3, 1200).Draw(t, "number"))
	case MoneyVar:
		return rapid.SampledFrom([]string{"0", "122", "172", "244", "343.99", "344", "488", "488.01", "-1", "999999999999.25", "0.000001"}).Draw(t, "money")
	case YesNoVar:
		return rapid.SampledFrom([]string{"yes", "no"}).Draw(t, "yes or no")
	case CountryVar:
		return rapid.SampledFrom([]string{"SA", "AE", "DE"}).Draw(t, "country")
	case LanguageVar:
		return rapid.SampledFrom([]string{"ar", "ar-sa", "en", "fa", "a1"}).Draw(t, "language")
	case MomentVar:
		return daysBefore(rapid.IntRange(-1, 5).Draw(t, "days")).Time().Format(rapid.SampledFrom([]string{time.RFC3339Nano, time.DateOnly}).Draw(t, "form"))
	case ChoiceVar:
		return rapid.SampledFrom(spec.Choices).Draw(t, "choice")
	}
	own := []string{"vip", "Cup", "cup", "clay", "SAR", "mada", "web", "01", "we", "#SA-1003", "SA-10", "saturday", "quiz", "c9"}
	return rapid.OneOf(rapid.SampledFrom(own), rapid.StringMatching(`[^\s][\s\S]{0,20}[^\s]`), rapid.SampledFrom([]string{`\`, `"`, `'`, `"]) || true`, "می\u200cشود", "\u202e", "\x00", "😀"})).
		Filter(func(s string) bool { return strings.TrimSpace(s) == s && s != "" }).Draw(t, "text")
}

// drawRows draws rows in the form in which they come back.
func drawRows(t *rapid.T) (rows []Row) {
	specs := slices.DeleteFunc(Variables(), func(v VarSpec) bool { return len(v.Ops) == 0 })
	for group := range rapid.IntRange(1, 3).Draw(t, "groups") {
		for range rapid.IntRange(1, 3).Draw(t, "rows") {
			spec := rapid.SampledFrom(specs).Draw(t, "variable")
			row := Row{Group: group, Field: spec.Name, Op: rapid.SampledFrom(spec.Ops).Draw(t, "operator")}
			switch row.Op {
			case OpSet, OpNotSet:
			case OpOneOf, OpNoneOf:
				for range rapid.IntRange(1, 3).Draw(t, "values") {
					row.List = append(row.List, value(t, spec))
				}
			default:
				row.Value = value(t, spec)
			}
			rows = append(rows, row)
		}
	}
	return rows
}

// means answers rows without CEL.
func means(t *rapid.T, rows []Row, v Vars) bool {
	holds := map[int]bool{}
	for _, row := range rows {
		before, seen := holds[row.Group]
		holds[row.Group] = (before || !seen) && rowHolds(t, row, v)
	}
	for _, ok := range holds {
		if ok {
			return true
		}
	}
	return false
}

func rowHolds(t *rapid.T, row Row, v Vars) bool {
	spec := byName()[row.Field]
	any := func(list []string, is func(string) bool) bool { return slices.ContainsFunc(list, is) }
	switch held := plain(row.Field, v).(type) {
	case bool:
		return held == (row.Value == "yes")
	case int64:
		return compares(t, spec, row, float64(held), held >= 0)
	case float64:
		return compares(t, spec, row, held, true)
	case commerce.Instant:
		at, err := time.Parse(time.RFC3339Nano, row.Value)
		if day, wrong := time.ParseInLocation(time.DateOnly, row.Value, zone(v.world.Shop.Timezone)); wrong == nil {
			if at, err = day, nil; row.Op == OpAtMost || row.Op == OpGreater {
				at = day.AddDate(0, 0, 1).Add(-time.Millisecond)
			}
		}
		if row.Op != OpSet && row.Op != OpNotSet {
			require.NoError(t, err)
		}
		row.Value = strconv.FormatInt(at.UnixMilli(), 10)
		return compares(t, spec, row, float64(held), held != 0)
	case []string:
		some := any(held, func(s string) bool { return s == row.Value || slices.Contains(row.List, s) })
		return map[string]bool{OpContains: some, OpContainsNot: !some, OpOneOf: some, OpNoneOf: !some, OpSet: len(held) > 0, OpNotSet: len(held) == 0}[row.Op]
	case string:
		is := func(value string) bool {
			return held == value || spec.Type == LanguageVar && (strings.EqualFold(held, value) || strings.HasPrefix(strings.ToLower(held), value+"-"))
		}
		within := strings.Contains(held, row.Value)
		return map[string]bool{
			OpIs: is(row.Value), OpIsNot: !is(row.Value), OpContains: within, OpContainsNot: !within,
			OpOneOf: any(row.List, is), OpNoneOf: !any(row.List, is), OpSet: held != "", OpNotSet: held == "",
		}[row.Op]
	}
	t.Fatalf("%s is of no known kind", row.Field)
	return false
}

func compares(t *rapid.T, spec *VarSpec, row Row, held float64, there bool) bool {
	if row.Op == OpSet || row.Op == OpNotSet {
		return there == (row.Op == OpSet)
	}
	value, err := strconv.ParseFloat(row.Value, 64)
	require.NoError(t, err)
	holds := map[string]bool{OpIs: held == value, OpIsNot: held != value, OpGreater: held > value, OpLess: held < value, OpAtLeast: held >= value, OpAtMost: held <= value}
	return holds[row.Op] && (there || !spec.maybe)
}

func TestRowsGoToCELAndBack(t *testing.T) {
	worlds := []Vars{
		VarsOf(herFacts(), herWalk, thatNight), VarsOf(Facts{}, Enrollment{}, thatNight),
		VarsOf(herFacts(func(f *Facts) { f.History, f.Order.Payment, f.Order.Detail.Tags = nil, commerce.Payment{}, nil }), herWalk, thatNight),
	}
	rapid.Check(t, func(t *rapid.T) {
		rows := drawRows(t)
		expression, err := CompileRows(rows)
		require.NoError(t, err)
		back, ok := RowsOf(expression)
		require.True(t, ok, expression)
		require.Equal(t, rows, back, expression)

		c, err := Compile(expression)
		if err != nil { // then one of its groups never holds
			require.ErrorContains(t, err, "never true", expression)
			require.True(t, slices.ContainsFunc(rows, func(row Row) bool {
				group := slices.DeleteFunc(slices.Clone(rows), func(r Row) bool { return r.Group != row.Group })
				return !slices.ContainsFunc(worlds, func(v Vars) bool { return means(t, group, v) })
			}), expression)
			return
		}
		for i, v := range worlds {
			got, err := c.Matches(v)
			require.NoError(t, err, expression)
			require.Equal(t, means(t, rows, v), got, "%s of world %d", expression, i)
		}
	})
}
