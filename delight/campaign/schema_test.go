package campaign

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"github.com/sebdah/goldie/v2"
	"github.com/stretchr/testify/require"
)

const playbooks = "../../templates/playbooks/"

// The published schema is the one that the types and the registry give; after a
// change: go test ./delight/campaign -run Schema -update
func TestSchemaIsPublished(t *testing.T) {
	goldie.New(t, goldie.WithFixtureDir(playbooks), goldie.WithNameSuffix("")).Assert(t, "schema.json", Schema())
}

func compiledSchema(t *testing.T) *jsonschema.Schema {
	data, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	require.NoError(t, c.AddResource("playbook.json", data))
	s, err := c.Compile("playbook.json")
	require.NoError(t, err)
	return s
}

// wrong are the places of a playbook that the schema refuses; what is missing
// or too much stands behind the place of what it is missing in.
func wrong(t *testing.T, s *jsonschema.Schema, text string) (out []string) {
	asJSON, err := yaml.YAMLToJSON([]byte(text))
	require.NoError(t, err, text)
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(asJSON))
	require.NoError(t, err)
	if err = s.Validate(value); err == nil {
		return nil
	}
	var gather func(e *jsonschema.ValidationError)
	gather = func(e *jsonschema.ValidationError) {
		at := strings.Join(e.InstanceLocation, ".")
		switch k := e.ErrorKind.(type) {
		case *kind.Required:
			out = append(out, at+" lacks "+strings.Join(k.Missing, ","))
		case *kind.AdditionalProperties:
			out = append(out, at+" has "+strings.Join(k.Properties, ","))
		case *kind.PropertyNames:
			out = append(out, "the name "+k.Property) // of its place the library tells another
		default:
			if len(e.Causes) == 0 {
				out = append(out, at)
			}
		}
		for _, cause := range e.Causes {
			gather(cause)
		}
	}
	gather(err.(*jsonschema.ValidationError))
	slices.Sort(out)
	return slices.Compact(out)
}

func TestShippedPlaybooksPassTheSchema(t *testing.T) {
	s := compiledSchema(t)
	names, err := filepath.Glob(playbooks + "*.yaml")
	require.NoError(t, err)
	require.Greater(t, len(names), 10)
	for _, name := range names {
		data, err := os.ReadFile(name)
		require.NoError(t, err)
		require.Empty(t, wrong(t, s, string(data)), name)
	}
}

const whole = `
name: whole
title: {en: Whole}
goal: {en: All of it.}
class: service
topic: care
priority: 5
trigger: {kind: order_paid}
steps:
  - {id: rest, kind: wait, for: 2d}
  - {id: greet, kind: send_email, useful: 36h, email: {en: {subject: Hello, body: [There.]}}}
`

// What the schema refuses, Check refuses too, but for what every shared file
// should have: title, goal, priority, a button that leads somewhere, languages
// by their tags.
func TestSchemaRefuses(t *testing.T) {
	s := compiledSchema(t)
	require.Empty(t, wrong(t, s, whole))
	_, err := Parse([]byte(whole))
	require.NoError(t, err)
	rest, greet := "{id: rest, kind: wait, for: 2d}", "email: {en: {subject: Hello, body: [There.]}}"
	for name, c := range map[string]struct{ from, to, want string }{
		"no name":                    {"name: whole\n", "", " lacks name"},
		"an unknown field":           {"topic: care", "topic: care\ncolour: red", " has colour"},
		"an unknown class":           {"class: service", "class: spam", "class"},
		"an unknown job":             {"topic: care", "topic: care\njob: dancing", "job"},
		"a priority in words":        {"priority: 5", "priority: high", "priority"},
		"condition and rows":         {"topic: care", "topic: care\ncondition: order.gift\nrows: [{field: order.gift, op: is, value: 'yes'}]", ""},
		"an unknown operator":        {"topic: care", "topic: care\nrows: [{field: order.total, op: like, value: '1'}]", "rows.0.op"},
		"an unknown trigger":         {"kind: order_paid", "kind: order_sniffed", "trigger.kind"},
		"a trigger without kind":     {"{kind: order_paid}", "{}", "trigger lacks kind"},
		"a trigger's useless field":  {"kind: order_paid", "kind: order_paid, after: 3d", "trigger.after"},
		"a trigger's missing field":  {"kind: order_paid", "kind: lapsed", "trigger lacks after"},
		"new product for whom":       {"kind: order_paid", "kind: new_product", "trigger lacks products"},
		"an unknown relation":        {"kind: order_paid", "kind: new_product, related: [colour]", "trigger.related.0"},
		"an amount in words":         {"kind: order_paid", "kind: spend_threshold, amount: much", "trigger.amount"},
		"a zeroth order":             {"kind: order_paid", "kind: nth_order, n: 0", "trigger.n"},
		"an event's name":            {"kind: order_paid", "kind: custom_event, name: Über", "trigger.name"},
		"an unknown mode":            {"topic: care", "topic: care\nentry: {mode: twice}", "entry.mode"},
		"from some day":              {"topic: care", "topic: care\nentry: {from: monday}", "entry.from"},
		"no steps":                   {"  - " + rest + "\n  - {id: greet, kind: send_email, useful: 36h, " + greet + "}", "  []", "steps"},
		"a step without id":          {"id: rest, ", "", "steps.0 lacks id"},
		"a loud id":                  {"id: rest", "id: REST", "steps.0.id"},
		"an unknown step":            {"kind: wait", "kind: dance", "steps.0.kind"},
		"a wait for nothing":         {", for: 2d", "", "steps.0 lacks for"},
		"a wait in words":            {"for: 2d", "for: two days", "steps.0.for"},
		"a wait with a mail":         {"for: 2d", "for: 2d, " + greet, "steps.0.email"},
		"a mail that waits":          {"useful: 36h", "useful: 36h, for: 2d", "steps.1.for"},
		"a mail for ever":            {"useful: 36h, ", "", "steps.1 lacks useful"},
		"a mail without text":        {", " + greet, "", "steps.1 lacks email"},
		"a mail without subject":     {"subject: Hello, ", "", "steps.1.email.en lacks subject"},
		"a mail without body":        {"body: [There.]", "body: []", "steps.1.email.en.body"},
		"an unknown part of a mail":  {"subject: Hello", "subject: Hello, music: on", "steps.1.email.en has music"},
		"until no time":              {rest, "{id: rest, kind: wait_until}", "steps.0 lacks at"},
		"until a time there is not":  {rest, "{id: rest, kind: wait_until, at: '25:00'}", "steps.0.at"},
		"until a day there is not":   {rest, "{id: rest, kind: wait_until, weekday: someday}", "steps.0.weekday"},
		"an if of what":              {rest, "{id: rest, kind: if, then: [{id: x, kind: end}]}", "steps.0 lacks condition"},
		"an event there is not":      {rest, "{id: rest, kind: wait_for_event, event: rain, timeout: 1d}", "steps.0.event"},
		"a custom event's name":      {rest, "{id: rest, kind: wait_for_event, event: 'custom:Ü', timeout: 1d}", "steps.0.event"},
		"an event for ever":          {rest, "{id: rest, kind: wait_for_event, event: order_paid}", "steps.0 lacks timeout"},
		"deep within":                {rest, "{id: rest, kind: if, condition: order.gift, else: [{id: x, kind: if, condition: order.gift, then: [{id: y, kind: wait}]}]}", "steps.0.else.0.then.0 lacks for"},
		"one arm":                    {rest, "{id: rest, kind: split, arms: [{name: a, weight: 1}]}", "steps.0.arms"},
		"an arm without weight":      {rest, "{id: rest, kind: split, arms: [{name: a, weight: 0}, {name: b, weight: 1}]}", "steps.0.arms.0.weight"},
		"a small sample":             {rest, "{id: rest, kind: split, goal: orders, within: 9d, sample: 5, arms: [{name: a, weight: 1}, {name: b, weight: 1}]}", "steps.0.sample"},
		"a call without words":       {rest, "{id: rest, kind: call_task, useful: 2d}", "steps.0 lacks note"},
		"a note without title":       {rest, "{id: rest, kind: notify_team, useful: 2d, note: {en: {body: [x]}}}", "steps.0.note.en lacks title"},
		"a webhook to where":         {rest, "{id: rest, kind: webhook, useful: 2d}", "steps.0 lacks hook"},
		"a tag of nobody's":          {rest, "{id: rest, kind: tag_customer, useful: 2d}", "steps.0 lacks add"},
		"a tag for ever":             {rest, "{id: rest, kind: tag_customer, add: [vip]}", "steps.0 lacks useful"},
		"a tag with a comma":         {rest, "{id: rest, kind: tag_customer, useful: 2d, add: ['a,b']}", "steps.0.add.0"},
		"points of nothing":          {rest, "{id: rest, kind: give_points, useful: 2d, points: 0}", "steps.0.points"},
		"a gift of nothing":          {rest, "{id: rest, kind: give_reward, useful: 2d}", "steps.0 lacks reward"},
		"a reward with a space":      {rest, "{id: rest, kind: give_reward, useful: 2d, reward: 'ten off'}", "steps.0.reward"},
		"an end with something else": {rest, "{id: rest, kind: end, useful: 2d}", "steps.0.useful"},
	} {
		require.Contains(t, whole, c.from, name)
		text := strings.Replace(whole, c.from, c.to, 1)
		require.Contains(t, wrong(t, s, text), c.want, "%s: %v", name, wrong(t, s, text))
		_, err := Parse([]byte(text))
		require.Error(t, err, name)
	}
	bare := strings.Replace(whole, "subject: Hello", "subject: Hello, button: {label: Go}", 1)
	require.Equal(t, []string{"steps.1.email.en.button lacks url"}, wrong(t, s, bare))
	tongue := strings.Replace(whole, "en: {subject", "english_language: {subject", 1)
	require.Contains(t, wrong(t, s, tongue), "the name english_language")
	for name, line := range map[string]string{"title": "title: {en: Whole}\n", "goal": "goal: {en: All of it.}\n", "priority": "priority: 5\n"} {
		require.Equal(t, []string{" lacks " + name}, wrong(t, s, strings.Replace(whole, line, "", 1)))
	}
}

// What Check lets pass the schema does too: every kind with all it takes.
func TestSchemaTakesWhatCheckTakes(t *testing.T) {
	s := compiledSchema(t)
	for name, c := range map[string][2]string{
		"a custom event":     {"{kind: order_paid}", "{kind: custom_event, name: table.booked}"},
		"lapsed":             {"{kind: order_paid}", "{kind: lapsed, after: 90d, median: true}"},
		"a spend":            {"{kind: order_paid}", "{kind: spend_threshold, amount: '99.50'}"},
		"replenishment":      {"{kind: order_paid}", "{kind: replenishment, after: 30d, products: ['1']}"},
		"once, from a day":   {"topic: care", "topic: care\nentry: {mode: once, cooling_off: 12h, from: '2026-03-01T00:00:00Z'}"},
		"rows":               {"topic: care", "topic: care\nrows: [{group: 1, field: order.country, op: one_of, list: [DE, AT]}]"},
		"until":              {"{id: rest, kind: wait, for: 2d}", "{id: rest, kind: wait_until, at: '09:30', weekday: sunday}"},
		"hours and minutes":  {"for: 2d", "for: 1h30m"},
		"a custom wait":      {"{id: rest, kind: wait, for: 2d}", "{id: rest, kind: wait_for_event, event: 'custom:table.booked', timeout: 1d, then: [{id: x, kind: end}]}"},
		"a split":            {"{id: rest, kind: wait, for: 2d}", "{id: rest, kind: split, goal: orders, within: 9d, sample: 200, arms: [{name: a, weight: 1, steps: [{id: x, kind: wait, for: 1d}]}, {name: b, weight: 3}]}"},
		"a call":             {"{id: rest, kind: wait, for: 2d}", "{id: rest, kind: call_task, useful: 2d, within: 1d, note: {en: {title: x, body: [y]}}}"},
		"a webhook":          {"{id: rest, kind: wait, for: 2d}", "{id: rest, kind: webhook, useful: 2d, hook: crm}"},
		"tags":               {"{id: rest, kind: wait, for: 2d}", "{id: rest, kind: tag_customer, useful: 2d, add: [vip, طلب], remove: [new]}"},
		"points":             {"{id: rest, kind: wait, for: 2d}", "{id: rest, kind: give_points, useful: 2d, points: 50, why: for you}"},
		"a reward":           {"{id: rest, kind: wait, for: 2d}", "{id: rest, kind: give_reward, useful: 2d, reward: ten_off}"},
		"a button":           {"subject: Hello", "subject: Hello, preheader: x, heading: y, show_lines: true, closing: [z], button: {label: Go, url: 'https://x.example', otherwise: Stay}"},
		"a regional mail":    {"en: {subject", "pt-BR: {subject"},
		"an empty else list": {"{id: rest, kind: wait, for: 2d}", "{id: rest, kind: if, condition: order.gift, then: [{id: x, kind: end}], else: []}"},
	} {
		text := strings.Replace(whole, c[0], c[1], 1)
		_, err := Parse([]byte(text))
		require.NoError(t, err, name)
		require.Empty(t, wrong(t, s, text), name)
	}
}

// Everything in the schema says what it is, and nothing is described that is not there.
func TestSchemaDescribesEverything(t *testing.T) {
	var root map[string]any
	require.NoError(t, json.Unmarshal(Schema(), &root))
	named := map[string]any{"playbook": root}
	for name, def := range root["$defs"].(map[string]any) {
		named[name] = def
	}
	seen := 0
	for name, def := range named {
		properties, _ := def.(map[string]any)["properties"].(map[string]any)
		for field, s := range properties {
			require.NotEmpty(t, s.(map[string]any)["description"], "%s.%s", name, field)
			seen++
		}
	}
	require.Len(t, descriptions, seen)
	for path := range bounds {
		require.Contains(t, descriptions, path)
	}
	require.Len(t, named["trigger"].(map[string]any)["allOf"], len(Triggers()))
	require.Len(t, named["step"].(map[string]any)["allOf"], len(StepKinds()))
}
