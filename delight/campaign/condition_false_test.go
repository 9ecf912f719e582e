package campaign

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"flywheel/commerce"
)

func TestFirstFalse(t *testing.T) {
	for expression, want := range map[string][2]string{
		`order.total > 100 && order.items > 50 && order.gift`: {`order.items > 50`, `order.items is 2`},
		`order.total > 1000`:                               {`order.total > 1000`, `order.total is 488.00`},
		`order.gift`:                                       {`order.gift`, `order.gift is no`},
		`!person.has_email && order.gift`:                  {`!person.has_email`, `person.has_email is yes`},
		`"shut" in order.tags`:                             {`"shut" in order.tags`, `order.tags has 1 entry`},
		`"Pot" in order.product_titles`:                    {`"Pot" in order.product_titles`, `order.product_titles is "Cup"`},
		`order.country == "DE"`:                            {`order.country == "DE"`, `order.country is "SA"`},
		`order.paid_at < day("2026-03-01")`:                {`order.paid_at < day("2026-03-01")`, `order.paid_at is 2026-03-19 01:30`},
		`order.lines.exists(l, l.sku == "x")`:              {`order.lines.exists(l, l.sku == "x")`, `order.lines has 1 entry`},
		`event.props.score > 8 && has(event.props.colour)`: {`event.props.score > 8`, `event.props.score is 7`},
		`has(event.props.colour)`:                          {`has(event.props.colour)`, `event.props.colour was not told`},
		`order.gift || order.total > 1000.0`:               {`order.gift || order.total > 1000.0`, `order.total is 488.00, order.gift is no`},
		`order.first && order.total > 1`:                   {`order.first`, `order.first is no`},
		`false`:                                            {`false`, ``},
		`order.total > 1`:                                  {``, ``},
		`order.tags[5] == "vip"`:                           {``, ``}, // it cannot be answered
		`order.tags[5] == "vip" && order.gift`:             {`order.gift`, `order.gift is no`},
	} {
		part, value := mustCompile(t, expression).FirstFalse(VarsOf(herFacts(), herWalk, thatNight))
		require.Equal(t, want, [2]string{part, value}, expression)
	}
	part, value := mustCompile(t, `person.days_since_last_order > 3 && order.source == "web"`).FirstFalse(Vars{})
	require.Equal(t, [2]string{`person.days_since_last_order > 3`, `person.days_since_last_order is not known`}, [2]string{part, value})
	_, value = mustCompile(t, `order.source == "web" && order.items > 1`).FirstFalse(Vars{})
	require.Equal(t, `order.source is empty`, value)
}

func TestWhatIsToldIsShort(t *testing.T) {
	f := herFacts(func(f *Facts) {
		f.Order.Detail.Total, f.Order.Reporting = commerce.Money{Amount: 1255, Currency: "KWD"}, commerce.Reporting{}
		f.Order.Detail.Lines[0].Title = strings.Repeat("ک\n", 100)
		f.Products["cup"] = commerce.Product{Tags: []string{"a", "b", "c", "d", "e"}}
	})
	of := func(expression string) string {
		_, value := mustCompile(t, expression).FirstFalse(VarsOf(f, herWalk, thatNight))
		return value
	}
	require.Equal(t, "order.total is 1.255", of(`order.total > 1000`))
	require.Equal(t, `order.product_tags is "a", "b", "c" and 2 more`, of(`"x" in order.product_tags`))
	require.Equal(t, `order.product_titles is "`+strings.Repeat("ک ", 19)+`ک…"`, of(`"x" in order.product_titles`))
	require.Equal(t, 3, strings.Count(of(`order.gift && order.b2b || order.renewal && order.items > 9 && order.total > 1000.0 && order.number < 5`), ", "), "four variables at most")
	part, _ := mustCompile(t, `order.name == "`+strings.Repeat("x", 500)+`"`).FirstFalse(VarsOf(f, herWalk, thatNight))
	require.Len(t, []rune(part), maxPart)
}

// Whatever is asked, nothing that names the person is told.
func TestWhatIsToldNamesNobody(t *testing.T) {
	const secret = "ada@example.com"
	f := herFacts(func(f *Facts) {
		f.Person.Phone, f.Person.FirstName, f.Person.LastName = secret, secret, secret
		f.Order.Detail.Tags, f.Order.Detail.DiscountCodes = []string{secret}, []string{secret}
		f.Cause.Props = map[string]any{"a": secret, "b": []any{secret}, "c": map[string]any{"x": secret}}
	})
	v := VarsOf(f, herWalk, thatNight)
	for _, spec := range Variables() {
		if spec.Type != PropsVar {
			require.NotContains(t, spec.words(v.world), secret, spec.Name)
			require.NotEmpty(t, spec.words(v.world))
		}
	}
	_, value := mustCompile(t, `event.props.a == "1" || event.props.b == 1 || event.props.c == 1`).FirstFalse(v)
	require.Equal(t, "event.props.a is a text, event.props.b is told, event.props.c is told", value)
}

// The part that is named is one that does not hold, and those before it do.
func TestFirstFalseIsOfWhatDoesNotHold(t *testing.T) {
	v := VarsOf(herFacts(), herWalk, thatNight)
	rapid.Check(t, func(t *rapid.T) {
		expression, err := CompileRows(drawRows(t))
		require.NoError(t, err)
		c, err := Compile(expression)
		if err != nil {
			return // it never holds
		}
		holds, err := c.Matches(v)
		require.NoError(t, err)
		part, value := c.FirstFalse(v)
		require.Equal(t, holds, part == "", expression)
		require.Equal(t, part == "", value == "", expression)
	})
}
