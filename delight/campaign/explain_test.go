package campaign

import (
	"errors"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"

	"flywheel/fault"
)

// wantExplained demands what every error of a condition has.
func wantExplained(t require.TestingT, err error) *Explained {
	var e *Explained
	require.True(t, errors.As(err, &e), "%v", err)
	require.True(t, fault.Is(err, fault.Invalid))
	require.Equal(t, e.Error(), fault.Sentence(err))
	require.Len(t, e.Texts, 3)
	for lang, words := range e.Texts {
		require.NotEmpty(t, words, lang)
		require.NotContains(t, words, "{1}")
		require.NotContains(t, words, "{2}")
	}
	arabic := func(r rune) bool { return unicode.Is(unicode.Arabic, r) }
	require.True(t, strings.ContainsFunc(e.Texts["ar"], arabic) && strings.ContainsFunc(e.Texts["fa"], arabic), "%v", e.Texts)
	require.False(t, strings.ContainsFunc(e.Texts["en"], arabic) && !strings.Contains(e.Texts["en"], `"`), "%v", e.Texts)
	require.NotEqual(t, e.Texts["ar"], e.Texts["fa"])
	return e
}

func TestConditionErrorsArePlainAndNameTheirPlace(t *testing.T) {
	for expression, want := range map[string]string{
		`order.totl > 1`:                       `1:7: There is no "order.totl". Did you mean "order.total"?`,
		`order . totl > 1`:                     `1:9: There is no "order.totl". Did you mean "order.total"?`,
		"true &&\nordr.total > 1":              `2:1: There is no "ordr". Did you mean "order"?`,
		`total > 100`:                          `1:1: There is no "total". Did you mean "order.total"?`,
		`foo > 1`:                              `1:1: There is no "foo". A condition reads order, person, event, shop, enrollment and now.`,
		`person.email == "a@b.c"`:              `1:8: There is no "person.email".`,
		`order.lines.exists(l, l.skuu == "x")`: `1:25: There is no "skuu". Did you mean "sku"?`,
		`order.gateway.startWith("x")`:         `1:15: There is no function "startWith". Did you mean "startsWith"?`,
		`now() > 1`:                            `1:1: There is no function "now".`,
		`order.total >`:                        `1:14: The condition ends too early: something is missing here.`,
		`(order.total > 1`:                     `1:17: The condition ends too early: something is missing here.`,
		`order.total > 1)`:                     `1:16: This cannot be read from ")" on.`,
		`order.total`:                          `1:1: The condition gives a number, not yes or no.`,
		`"yes"`:                                `1:1: The condition gives a text, not yes or no.`,
		`event.props.vip`:                      `1:1: The condition gives something of unknown kind, not yes or no.`,
		`order.total > "a lot"`:                `1:13: ">" cannot compare a number with a text.`,
		`order.total == 100`:                   `1:13: An amount equals only a number that is written with a point, such as 100.0.`,
		`order.tags == "vip"`:                  `1:12: "==" cannot compare a list with a text.`,
		`order.placed_at > "2026"`:             `1:17: ">" cannot compare a moment with a text.`,
		`"SA" in order.country`:                `1:6: "in" looks for something in a list of its kind; it cannot look for a text in a text.`,
		`order.tags.contains("vip")`:           `1:12: Whether something is in a list is asked by ""vip" in order.tags".`,
		`order.lines.contains("vip")`:          `1:13: "contains" cannot be used with a list and a text.`,
		`order.paid_at < day("21.3.2026")`:     `1:21: day() and dayEnd() take one day of the calendar, such as "day("2026-03-21")".`,
		`order.paid_at < day(order.name)`:      `day() and dayEnd() take one day of the calendar`,
		`order.paid_at < days("2026-03-21")`:   `There is no function "days". Did you mean "day"?`,
		`order.tags.startsWith("x")`:           `1:12: "startsWith" cannot be used with a list and a text.`,
		`order["total"] > 1`:                   `1:6: "[ ]" cannot be used with "order" and a text.`,
		`true ? 1 : "x"`:                       `1:6: ? and : choose between things of one kind, and these are a number and a text.`,
		`size() > 1`:                           `1:1: "size" needs something to work with.`,
		`order.total && true`:                  `1:7: Here yes or no is needed, and this is a number.`,
		`order.total.x > 1`:                    `1:13: A dot names a part of something, and a number has no parts.`,
		`order.total.exists(x, x)`:             `1:7: Only a list can be gone through, and this is a number.`,
		`order == order`:                       `1:1: "order" alone is no value. Name a part of it, such as "order.total".`,
		`[order][0].total > 1.0`:               `1:2: "order" alone is no value. Name a part of it, such as "order.total".`,
		`flywheel.order{}.total > 1.0`:         `1:15: A condition only reads, it cannot make "flywheel.order".`,
		`has(order)`:                           `1:5: has() asks for a part of something, such as "has(order.paid_at)".`,
		`let > 1`:                              `1:1: "let" is a word that conditions keep for themselves.`,
		`order.total = 1`:                      `1:13: Write == to compare.`,
		`order.total <> 1`:                     `1:14: Write != for is not.`,
		`order.gift and true`:                  `1:12: Write && for and.`,
		`order.gift or true`:                   `1:12: Write || for or.`,
		`not order.first`:                      `1:5: Write ! for not.`,
		`order.country not in ["SA"]`:          `1:15: Write ! for not.`,
		`order.tags contains "vip"`:            `1:12: To look into a list write "vip" in order.tags; into a text order.source.contains("web").`,
		`“vip” in order.tags`:                  `1:1: Write plain quotation marks: "...".`,
		`order.country in ["SA"، "AE"]`:        `1:23: Write a plain comma: ,`,
		`order.total > ۱۰۰`:                    `1:15: Write digits as 0 to 9.`,
		`"vip in order.tags`:                   `1:1: A text begins here and does not end: a quotation mark is missing.`,
		"\u200forder.gift":                     `1:1: An invisible sign stands here, such as one that turns the direction of writing. Delete it.`,
		``:                                     `1:1: The condition is empty.`,
		" \n ":                                 `1:1: The condition is empty.`,
		"order.name == \"\xff\"":               `: The condition holds bytes that are no letters.`,
		strings.Repeat("x", 5000):              `: The condition is longer than 4 KB.`,
		strings.Repeat("!(", 600) + "true":     `: The condition has too many parts within parts.`,
		`order.name.matches("(")`:              `The pattern of matches() cannot be read or is too long`,
		`order.name.matches("[a-z]{200}[a-z]{200}[a-z]{200}")`: `The pattern of matches() cannot be read or is too long`,
	} {
		_, err := Compile(expression)
		require.ErrorContains(t, wantExplained(t, err), want, expression)
	}
}

func TestConditionsThatFailSaySo(t *testing.T) {
	for expression, want := range map[string]string{
		`order.tags[5] == "vip"`:               "The list has no element at this place.",
		`order.items / (order.items - 2) == 1`: "Something is divided by zero.",
		`event.props.colour == "blue"`:         `"colour" was not told. Ask "has(event.props.colour)" first.`,
		`order.placed_at + duration("2540400h") > now && order.placed_at - timestamp("0001-01-01T00:00:00Z") > duration("1s")`: "A number or a time grows too large.",
		`event.props.score > "a lot"`: "Things of different kinds meet here, such as a number and a text.",
		`timestamp(order.name) > now`: "The condition could not be answered: ",
	} {
		got, err := answer(t, expression, herFacts(), thatNight)
		require.False(t, got)
		require.ErrorContains(t, wantExplained(t, err), want, expression)
	}
	_, err := answer(t, `true && order.tags[5] == "vip"`, herFacts(), thatNight)
	require.Equal(t, 1, wantExplained(t, err).Line, "%v", err)
}

func TestExcerptShowsThePlace(t *testing.T) {
	excerpt := func(expression string) string {
		_, err := Compile(expression)
		return wantExplained(t, err).Excerpt
	}
	require.Equal(t, "order.totl > 1\n      ^", excerpt("true &&\norder.totl > 1"))
	require.Equal(t, "\"کتاب\" in order.tgs\n                ^", excerpt("\"کتاب\" in order.tgs"), "counted in letters, not bytes")

	cut := strings.Split(excerpt(`order.country == "`+strings.Repeat("x", 300)+`" || order.totl > 1 || order.country == "`+strings.Repeat("y", 300)+`"`), "\n")
	require.Len(t, []rune(cut[0]), excerptWidth)
	require.True(t, strings.HasPrefix(cut[0][len(cut[1])-1:], "totl"), "%q", cut)
}

func TestTypesInWords(t *testing.T) {
	words := func(signature string) string { return listing(typeList(signature))["en"] }
	require.Equal(t, "a number and a text", words("(double, string)"))
	require.Equal(t, "a list and a set of names with values and a moment", words("list(string).(map(string, dyn), timestamp)"))
	require.Empty(t, words("()"))
	require.Equal(t, `"any"`, typeWords("any")["en"])
}

func TestDistance(t *testing.T) {
	require.Equal(t, 0, distance("tags", "tags"))
	require.Equal(t, 1, distance("tag", "tags"))
	require.Equal(t, 2, distance("toatl", "total"))
	require.Equal(t, 4, distance("", "tags"))
	require.Equal(t, "order.tags", guess("order.tag", variableNames()))
	require.Empty(t, guess("person.email", variableNames()))
}
