package campaign

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/fault"
)

const good = `
name: hello
class: service
topic: greetings
trigger: {kind: order_paid}
steps:
  - id: rest
    kind: wait
    for: 2d # a weekend
  - id: greet
    kind: send_email
    useful: "36h"
    email:
      en: {subject: Hello, body: [There.]}
`

func TestParse(t *testing.T) {
	d, err := Parse([]byte(good))
	require.NoError(t, err)
	require.Equal(t, Definition{
		Name: "hello", Class: gate.Service, Topic: "greetings", Trigger: Trigger{Kind: OnOrderPaid},
		Steps: []Step{
			{ID: "rest", Kind: Wait, For: Duration(48 * time.Hour)},
			{ID: "greet", Kind: SendEmail, Useful: Duration(36 * time.Hour), Email: map[string]Email{"en": {Subject: "Hello", Body: []string{"There."}}}},
		},
	}, d)

	text, err := json.Marshal(d) // as a version is stored
	require.NoError(t, err)
	var again Definition
	require.NoError(t, json.Unmarshal(text, &again))
	require.Equal(t, d, again)
}

func TestParseNamesTheLine(t *testing.T) {
	for name, c := range map[string]struct{ from, to, want string }{
		"an unknown field":     {"topic:", "topics:", `line 4: unknown field "topics"; did you mean topic?`},
		"an unknown one below": {"useful:", "usefull:", `line 12: unknown field "usefull"`},
		"a field twice":        {"topic:", "class:", `line 4: "class" stands here a second time; the first is on line 3`},
		"a list for a text":    {"topic: greetings", "topic: [a, b]", "line 4: topic must be a text, and not a list"},
		"a text for a number":  {"topic: greetings", "priority: high", "line 4: priority must be a whole number, and not a text"},
		"a text for a yes":     {"for: 2d", "working: maybe", "line 9: working must be true or false, and not a text"},
		"too large a number":   {"topic: greetings", "priority: 99999999999999999999", "line 4: priority is too large a number"},
		"a text for a list":    {"[There.]", "There.", "line 14: body must be a list, each entry on a line of its own behind a dash, and not a text"},
		"a number in a list":   {"topic: greetings", "rows:\n  - 5", "line 5: each entry of rows must be fields with their values, such as name: hello, and not a number"},
		"a text for fields":    {"{kind: order_paid}", "order_paid", "line 5: trigger must be fields with their values, such as name: hello, and not a text"},
		"a list for fields":    {"{kind: order_paid}", "\n  - kind: order_paid", "line 6: trigger must be fields"},
		"fields for a text":    {"[There.]", "[{a: b}]", "line 14: each entry of body must be a text, and not fields with their values"},
		"a colon in a text":    {"topic: greetings", "topic: a: b", "line 4: there is a colon too many"},
		"an open quotation":    {"topic: greetings", "topic: 'greet", "line 4: a text begins here with a quotation mark and does not end"},
		"another open one":     {"topic: greetings", `topic: "greet`, "a quotation mark may be missing before it"},
		"a tab":                {"topic: greetings", "\ttopic: a", "line 4: a tab stands here"},
		"no colon":             {"topic: greetings", "topic", "line 4: here a field with its value must stand"},
		"an @":                 {"topic: greetings", "topic: @a", "line 4: a text that begins with @"},
		"a wrong escape":       {"topic: greetings", `topic: "\q"`, "line 4: between"},
		"an open list":         {"[There.]", "[There.", "line 14: a ] is missing before this"},
		"set in too little":    {"    kind: wait", "   kind: wait", "line 8: this belongs to no field"},
		"a bad duration":       {"2d", "two days", `line 9: "two days" is not a duration such as 14d or 36h`},
		"a number of what":     {"2d", "2", `line 9: "2" is not a duration`},
		"no list of steps":     {"  - id: rest\n", "  id: rest\n", "line 7: there is a colon too many, or the line does not begin below its neighbours"},
		"an open bracket":      {"{kind: order_paid}", "{kind: order_paid", "line 6: a } is missing before this"},
		"an anchor":            {"topic: greetings", "topic: &t greetings", "line 4: anchors and aliases are not allowed"},
		"an alias":             {"topic: greetings", "topic: *t", "line 4: anchors and aliases are not allowed"},
		"a merge":              {"{kind: order_paid}", "{<<: {kind: order_paid}}", "line 5: anchors and aliases are not allowed"},
		"a tag":                {"topic: greetings", "topic: !", "line 4: tags and directives are not allowed"},
		"a second playbook":    {"topic: greetings", "---\nname: two", "line 4: a second document is not allowed"},
		"one behind its end":   {"topic: greetings", "...\nname: two", "line 4: a second document is not allowed"},
		"a deep list":          {"2d", strings.Repeat("[", 20) + strings.Repeat("]", 20), "line 9: too many brackets"},
		"a deep dash":          {"  - id: rest", "  - - id: rest", "line 7: a list within a list"},
	} {
		_, err := Parse([]byte(strings.Replace(good, c.from, c.to, 1)))
		require.True(t, fault.Is(err, fault.Invalid), "%s: %v", name, err)
		require.Contains(t, fault.Sentence(err), c.want, name)
	}
}

func TestParseOfNothing(t *testing.T) {
	for _, nothing := range []string{"", "\n \n", "# nothing yet\n", "---\n", "---\n...\n", "\ufeff"} {
		_, err := Parse([]byte(nothing))
		require.Equal(t, "the playbook is empty", fault.Sentence(err), "%q", nothing)
	}
	for text, want := range map[string]string{
		"hello": "line 1: here fields with their values, such as name: hello must stand, and not a text",
		"- a":   "line 1: here fields with their values, such as name: hello must stand, and not a list",
		"null":  "line 1: here fields with their values, such as name: hello must stand, and not nothing",
	} {
		_, err := Parse([]byte(text))
		require.ErrorContains(t, err, want)
	}
}

// Nothing of the program's own words reaches who wrote the file.
func TestNoReaderSpeaksGo(t *testing.T) {
	values := []string{"x", "5", "5.5", "true", "null", "[x]", "[[x]]", "{a: b}", "[{a: b}]", "{en: [x]}", "'", "[", "{", "@", ": a", "a: b", "|x", "&a", "*a", "!a", "99999999999999999999"}
	for _, line := range strings.Split(strings.TrimSpace(good), "\n") {
		before, _, _ := strings.Cut(line, ":")
		for _, value := range values {
			_, err := Parse([]byte(strings.Replace(good, line, before+": "+value, 1)))
			for _, word := range []string{"unmarshal", "Go ", "struct", "Definition", "mapping", "sequence", "scalar", "interface", "[]"} {
				require.NotContains(t, fault.Sentence(err), word, "%s: %s", before, value)
			}
		}
	}
}

func TestParseBounds(t *testing.T) {
	filled := good + "#" + strings.Repeat("x", maxPlaybook-len(good)-1)
	_, err := Parse([]byte(filled))
	require.NoError(t, err)
	_, err = Parse([]byte(filled + "x"))
	require.ErrorContains(t, err, "larger than 64 KB")

	for _, heavy := range []string{"[", "{", "- ", "a: ", "? ", "&a ", "!!a ", "\"", "\t", "\x00", "---\n", "name: x\n---\n"} {
		_, err := Parse([]byte(strings.Repeat(heavy, maxPlaybook/8/len(heavy)))) // seconds if it went with the square
		require.Error(t, err, "%q", heavy)
	}
}

func TestCheckReportsEverythingAtOnce(t *testing.T) {
	err := Definition{
		Name: "Bad", Class: "spam", Trigger: Trigger{Kind: "order_sniffed"}, Condition: "order.totl > 1",
		Steps: []Step{
			{ID: "a", Kind: Wait},
			{ID: "a", Kind: "dance"},
			{ID: "After:a", Kind: SendEmail},
			{Kind: SendEmail, Useful: 1, Email: map[string]Email{"en": {Subject: "x"}, "de": {}}},
		},
	}.Check()
	require.True(t, fault.Is(err, fault.Invalid))
	for _, want := range []string{
		"campaign Bad: ", `class "spam" is not transactional, service or marketing`, "topic is missing",
		`campaign Bad: `, `trigger "order_sniffed" is unknown; there are anniversary, birthday, consent_asked, custom_event, customer_created,`, `There is no "order.totl"`,
		"step a waits for nothing", "step 2 needs an id of its own", `unknown kind "dance"; there are call_task, end, give_points, give_reward, if, notify_team, send_email, split, tag_customer, wait, wait_for_event, wait_until, webhook`,
		`step id "After:a" may only hold`, "step After:a does not say how long it is useful", "step After:a has no text",
		"step 4 needs an id of its own", "no subject or body in de; step  has no subject or body in en",
	} {
		require.ErrorContains(t, err, want)
	}
	require.ErrorContains(t, Definition{}.Check(), "name is missing")
	require.ErrorContains(t, Definition{}.Check(), "there are no steps")

	long := live(OnOrderPaid).Definition
	long.Steps = nil
	for i := range 101 {
		long.Steps = append(long.Steps, wait(fmt.Sprint(i), 1))
	}
	require.ErrorContains(t, long.Check(), "there are 101 steps, at most 100 are allowed")
	long.Steps = long.Steps[:100]
	require.NoError(t, long.Check())
}

func TestReadDuration(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"14d": 14 * day, "0d": 0, "3650d": 3650 * day, "36h": 36 * time.Hour, "30m": 30 * time.Minute, "1h30m": 90 * time.Minute,
	} {
		got, ok := readDuration(text)
		require.True(t, ok, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{"", "d", "14", "-1d", "+1d", "-3h", "1.5d", "1d12h", "3651d", "99999999999999999999d", "100000h", "9999999h", "two weeks", "14 d"} {
		_, ok := readDuration(text)
		require.False(t, ok, text)
	}
}

// The reader of YAML itself has been seen to panic, at a bare tag.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{good, "steps:\n !\n", "a: b\n- c\n? d\n|\n >\n", "steps: [{id: a, for: [1d]}]", "name: \"\\u12\"\n", "%YAML 1.2\n---\na: *b"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := Parse(data); err != nil && !fault.Is(err, fault.Invalid) {
			t.Fatalf("%q: %v", data, err)
		}
	})
}

func TestShippedPlaybooks(t *testing.T) {
	thanks, review := playbook(t, "thank_you"), playbook(t, "review_request")
	require.Equal(t, gate.Transactional, thanks.Class)
	require.Equal(t, OnOrderPaid, thanks.Trigger.Kind)
	require.Equal(t, gate.Service, review.Class)
	require.Equal(t, OnOrderArrived, review.Trigger.Kind)
	for _, d := range []Definition{thanks, review} {
		for _, step := range d.Steps {
			if step.Kind == SendEmail {
				require.Contains(t, step.Email, "en")
				require.Contains(t, step.Email, "ar")
			}
		}
	}
	atOnce := flow(t, thanks).Next(walkAt(Position{Anchor: noon}, facts(order(described(), paid(noon))), noon))
	require.Equal(t, noon, atOnce.Due)
	asked := flow(t, review).Next(walkAt(Position{}, facts(order(described(), paid(noon), shipped(after(2)), delivered(after(4)))), noon))
	require.Equal(t, after(18), asked.Due, "14 days after it came")
	require.Contains(t, asked.Step.Email["en"].Button.URL, "shop.review_url")
}

func TestRenewalIsNotGreeted(t *testing.T) {
	for _, name := range []string{"thank_you", "review_request"} {
		c := Campaign{State: Live, LiveAt: after(-10), Definition: playbook(t, name)}
		f := flow(t, c.Definition)
		for renewal, want := range map[bool]gate.Reason{true: gate.ConditionNotMet, false: ""} {
			known := facts(order(described(func(d *commerce.Detail) { d.Renewal = renewal }), paid(noon), shipped(after(1))))
			v := told(c, known, func() gate.Decision { return f.Judge(known, Enrollment{}, noon) })
			require.Equal(t, want, v.Refusal.Reason, name)
			require.Equal(t, renewal, v.Entry == nil, name)
		}
	}
}
