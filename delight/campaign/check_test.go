package campaign

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/fault"
)

// Each trigger with just the fields it needs is good; with a field too many or
// too few it is told which.
func TestCheckOfTriggers(t *testing.T) {
	all := Trigger{After: days(1), Median: true, Products: []string{"p1"}, Related: []string{SameTag}, N: 2, Amount: "9.50", Name: "quiz"}
	set := func(t *Trigger, field string) {
		switch field {
		case "after":
			t.After = all.After
		case "median":
			t.Median = true
		case "products":
			t.Products = all.Products
		case "related":
			t.Related = all.Related
		case "n":
			t.N = all.N
		case "amount":
			t.Amount = all.Amount
		case "name":
			t.Name = all.Name
		}
	}
	for _, spec := range Triggers() {
		sound, takes := Trigger{Kind: spec.Kind}, map[string]bool{}
		for _, p := range spec.Params {
			takes[p.Name] = true
			if p.Required || p.Name == "products" {
				set(&sound, p.Name)
			}
			if p.Required {
				bare := triggered(Trigger{Kind: spec.Kind}).Definition
				require.ErrorContains(t, bare.Check(), fmt.Sprintf("trigger %s needs %s", spec.Kind, p.Name))
			}
		}
		require.NoError(t, triggered(sound).Definition.Check(), spec.Kind)
		_, err := NewFlow(triggered(sound).Definition)
		require.NoError(t, err, spec.Kind)
		for field := range triggerFields(Trigger{}) {
			more := sound
			set(&more, field)
			if err := triggered(more).Definition.Check(); takes[field] {
				require.NoError(t, err, "%s %s", spec.Kind, field)
			} else {
				require.ErrorContains(t, err, fmt.Sprintf("trigger %s takes no %s", spec.Kind, field))
			}
		}
	}
}

func manyTags(n int) (out []string) {
	for i := range n {
		out = append(out, fmt.Sprint("tag ", i))
	}
	return out
}

func TestCheckOfDefinitions(t *testing.T) {
	note := map[string]Note{"en": {Title: "Call", Body: []string{"Say hello."}}}
	arms := func(names ...string) (out []Arm) {
		for _, n := range names {
			out = append(out, Arm{Name: n, Weight: 1})
		}
		return out
	}
	step := func(s Step) func(*Campaign) {
		return func(c *Campaign) { s.ID = "s"; c.Steps = steps(s) }
	}
	tags := func(s Step) func(*Campaign) {
		s.Kind, s.Useful = TagCustomer, days(1)
		return step(s)
	}
	trigger := func(t Trigger) func(*Campaign) { return func(c *Campaign) { c.Trigger = t } }
	entry := func(e EntryRule) func(*Campaign) { return func(c *Campaign) { c.Entry = e } }
	for want, change := range map[string]func(*Campaign){
		// "" would be one key: what is good says so with a number.
		"good 1": step(Step{Kind: WaitUntil, At: "18:30"}),
		"good 2": step(Step{Kind: WaitUntil, Weekday: "sunday", At: "00:00"}),
		"good 3": step(Step{Kind: WaitForEvent, Event: "custom:quiz.done", Timeout: days(2)}),
		"good 4": step(Step{Kind: If, Rows: []Row{{Field: "order.total", Op: "greater", Value: "10"}}}),
		"good 5": step(Step{Kind: Split, Arms: arms("a", "b"), Goal: GoalOrders, Sample: 50, Within: days(9)}),
		"good 6": step(Step{Kind: Split, Arms: arms("a", "b", "c", "d", "e")}),
		"good 7": step(Step{Kind: CallTask, Useful: days(1), Within: days(1), Note: note}),
		"good 8": step(Step{Kind: Webhook, Useful: days(1), Hook: "crm"}),
		"good b": step(Step{Kind: TagCustomer, Useful: days(1), Add: []string{"vip", strings.Repeat("م", 40)}}),
		"good c": step(Step{Kind: TagCustomer, Useful: days(1), Add: []string{"asked for a review"}, Remove: []string{"to ask"}}),
		"good d": step(Step{Kind: GivePoints, Useful: days(1), Points: 50, Why: "for your answer"}),
		"good e": step(Step{Kind: GiveReward, Useful: days(1), Reward: "free_shipping"}),
		"good 9": entry(EntryRule{Mode: OnceEver, CoolingOff: days(7), From: "2026-03-01T00:00:00+03:00"}),
		"good a": func(c *Campaign) { c.Job = "thanks" },

		`job "sing" is unknown; there are dunning,`: func(c *Campaign) { c.Job = "sing" },
		`"1,5" is not an amount`:                    trigger(Trigger{Kind: OnSpendThreshold, Amount: "1,5"}),
		"the amount is nothing":                     trigger(Trigger{Kind: OnSpendThreshold, Amount: "0.00"}),
		"n is -1, not a number":                     trigger(Trigger{Kind: OnNthOrder, N: -1}),
		`the name "Quiz!" may only hold`:            trigger(Trigger{Kind: OnCustomEvent, Name: "Quiz!"}),
		"it needs products or related":              trigger(Trigger{Kind: OnNewProduct}),
		`related "colour" is not type`:              trigger(Trigger{Kind: OnNewProduct, Related: []string{"colour"}}),
		"one of the products is empty":              trigger(Trigger{Kind: OnReplenishment, After: days(1), Products: []string{""}}),
		"after is not between":                      trigger(Trigger{Kind: OnLapsed, After: days(4000)}),
		`entry mode "twice" is not once`:            entry(EntryRule{Mode: "twice"}),
		"cooling_off is not between":                entry(EntryRule{CoolingOff: -1}),
		`from "yesterday" is not a moment`:          entry(EntryRule{From: "yesterday"}),
		"so it cannot be once per order": func(c *Campaign) {
			c.Trigger, c.Entry = Trigger{Kind: OnCustomerCreated}, EntryRule{Mode: PerOrder}
		},
		"so cooling_off means nothing": func(c *Campaign) {
			c.Trigger, c.Entry = Trigger{Kind: OnRefundFull}, EntryRule{CoolingOff: days(1)}
		},
		"there are a condition and rows; only one": func(c *Campaign) {
			c.Condition, c.Rows = "true", []Row{{Field: "order.total", Op: "greater", Value: "10"}}
		},

		"step s waits for nothing: it needs at, weekday or working": step(Step{Kind: WaitUntil}),
		"weekday and working exclude each other":                    step(Step{Kind: WaitUntil, Weekday: "monday", Working: true}),
		`"24:00" is not a time such as 09:30`:                       step(Step{Kind: WaitUntil, At: "24:00"}),
		`"Monday" is not a day such as monday`:                      step(Step{Kind: WaitUntil, Weekday: "Monday"}),
		"step s needs event; step s needs timeout":                  step(Step{Kind: WaitForEvent}),
		`nobody can wait for the event "product_published"`:         step(Step{Kind: WaitForEvent, Event: "product_published", Timeout: days(1)}),
		"timeout is not between":                                    step(Step{Kind: WaitForEvent, Event: "order_paid", Timeout: days(5000)}),
		"step s has no condition":                                   step(Step{Kind: If}),
		`step s: condition 1:7: There is no "order.totl"`:           step(Step{Kind: If, Condition: "order.totl > 1"}),
		"step s has 1 arms, it needs 2 to 5":                        step(Step{Kind: Split, Arms: arms("a")}),
		"step s has 6 arms":                                         step(Step{Kind: Split, Arms: arms("a", "b", "c", "d", "e", "f")}),
		"two arms have the name a":                                  step(Step{Kind: Split, Arms: arms("a", "a")}),
		"the name of arm 2 may only hold":                           step(Step{Kind: Split, Arms: arms("a", "B b")}),
		"the weight of arm a is not between":                        step(Step{Kind: Split, Arms: []Arm{{Name: "a"}, {Name: "b", Weight: 1}}}),
		"no arm may be called skipped":                              step(Step{Kind: Split, Arms: arms("a", "skipped")}),
		"the sample is 49, it needs to be 50 persons":               step(Step{Kind: Split, Arms: arms("a", "b"), Goal: GoalOrders, Sample: 49, Within: days(1)}),
		`the goal "opens" is not orders or an event`:                step(Step{Kind: Split, Arms: arms("a", "b"), Goal: "opens", Sample: 50, Within: days(1)}),
		"does not say within what time":                             step(Step{Kind: Split, Arms: arms("a", "b"), Goal: GoalOrders, Sample: 50}),
		"step s has a sample but no goal":                           step(Step{Kind: Split, Arms: arms("a", "b"), Sample: 50}),
		"step s takes no email; step s takes no for":                step(Step{Kind: End, For: days(1), Email: mail("m", 1).Email}),
		"step s has no text; step s does not say how long":          step(Step{Kind: CallTask}),
		"step s has no title or body in en":                         step(Step{Kind: NotifyTeam, Useful: days(1), Note: map[string]Note{"en": {}}}),
		"the name of an endpoint may only hold":                     step(Step{Kind: Webhook, Useful: days(1), Hook: "https://x"}),
		"step s changes no tag: it needs add or remove":             tags(Step{}),
		"step s needs points":                                       step(Step{Kind: GivePoints, Useful: days(1)}),
		"step s: the points are -5, they are":                       step(Step{Kind: GivePoints, Useful: days(1), Points: -5}),
		"step s: the points are 100001,":                            step(Step{Kind: GivePoints, Useful: days(1), Points: 100_001}),
		"step s: why is one line":                                   step(Step{Kind: GivePoints, Useful: days(1), Points: 5, Why: "a\nb"}),
		"step s needs reward":                                       step(Step{Kind: GiveReward, Useful: days(1)}),
		"step s takes no points":                                    step(Step{Kind: GiveReward, Useful: days(1), Reward: "x", Points: 5}),
		"step s: the reward is no id":                               step(Step{Kind: GiveReward, Useful: days(1), Reward: "ten percent"}),
		"step s does not say how long it is useful":                 step(Step{Kind: TagCustomer, Add: []string{"vip"}}),
		"step s: add holds 21 tags, at most 20 are allowed":         tags(Step{Add: manyTags(21)}),
		"step s: remove holds a tag of 41 letters, at most 40":      tags(Step{Remove: []string{strings.Repeat("a", 41)}}),
		`step s: add holds "", which is no tag`:                     tags(Step{Add: []string{""}}),
		`step s: add holds "a,b", which is no tag`:                  tags(Step{Add: []string{"a,b"}}),
		`step s: remove holds " vip", which is no tag`:              tags(Step{Remove: []string{" vip"}}),
		`step s: add holds "a\nb", which is no tag`:                 tags(Step{Add: []string{"a\nb"}}),
		`step s: add holds the tag "VIP" twice`:                     tags(Step{Add: []string{"vip", "VIP"}}),
		`step s both adds and removes the tag "vip"`:                tags(Step{Add: []string{"vip"}, Remove: []string{"Vip"}}),
		"step s takes no add; step s takes no remove":               step(Step{Kind: End, Add: []string{"a"}, Remove: []string{"b"}}),
		"step 2 needs an id of its own, s is taken":                 step(Step{Kind: If, Condition: "true", Then: steps(wait("s", 1))}),
		"step 3 needs an id of its own":                             step(Step{Kind: Split, Arms: []Arm{{Name: "a", Weight: 1, Steps: steps(wait("w", 1))}, {Name: "b", Weight: 1, Steps: steps(wait("w", 1))}}}),
	} {
		err := live(OnOrderPaid, change).Definition.Check()
		if strings.HasPrefix(want, "good ") {
			require.NoError(t, err, want)
			continue
		}
		require.True(t, fault.Is(err, fault.Invalid), "%s: %v", want, err)
		if strings.Contains(want, "; ") && !strings.Contains(fault.Sentence(err), want) {
			for _, part := range strings.Split(want, "; ") {
				require.ErrorContains(t, err, part)
			}
			continue
		}
		require.ErrorContains(t, err, want)
	}
}

func TestCheckBoundsTheTree(t *testing.T) {
	deep := func(n int) Definition {
		inner := steps(wait("w", 1))
		for i := range n - 1 {
			inner = steps(branch(fmt.Sprint("b", i), "true", nil, inner))
		}
		return tree(inner...)
	}
	require.NoError(t, deep(maxDepth).Check())
	require.ErrorContains(t, deep(maxDepth+1).Check(), "steps lie 9 deep, at most 8 are allowed")
	require.ErrorContains(t, deep(500).Check(), "steps lie 9 deep")

	wide := func(n int) Definition {
		var inner []Step
		for i := range n - 1 {
			inner = append(inner, wait(fmt.Sprint("w", i), 1))
		}
		return tree(branch("b", "true", inner, nil))
	}
	require.NoError(t, wide(100).Check())
	require.ErrorContains(t, wide(101).Check(), "there are 101 steps, at most 100 are allowed")
}

const nested = `
name: nested
class: marketing
topic: news
trigger: {kind: lapsed, after: 90d, median: true}
entry: {mode: per_order, cooling_off: 7d, from: "2026-01-01T00:00:00Z"}
rows:
  - {field: order.total, op: greater, value: "10"}
steps:
  - id: which
    kind: split
    sample: 100
    goal: orders
    within: 14d
    arms:
      - name: plain
        weight: 1
        steps:
          - id: back
            kind: wait_for_event
            event: order_paid
            timeout: 3d
            else:
              - id: morning
                kind: wait_until
                at: "10:00"
                working: true
              - id: ask
                kind: notify_team
                useful: 1d
                note:
                  en: {title: Call, body: [Say hello.]}
      - name: none
        weight: 1
`

func TestParseOfNestedSteps(t *testing.T) {
	d, err := Parse([]byte(nested))
	require.NoError(t, err)
	require.Equal(t, "morning", d.Steps[0].Arms[0].Steps[0].Else[0].ID)
	require.Equal(t, days(90), d.Trigger.After)
	require.Equal(t, days(7), d.Entry.CoolingOff)
	_, err = NewFlow(d)
	require.NoError(t, err)
}

func TestEveryPlaybookIsSound(t *testing.T) {
	files, err := filepath.Glob("../../templates/playbooks/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		d, err := Parse(data)
		require.NoError(t, err, file)
		_, err = NewFlow(d)
		require.NoError(t, err, file)
	}
}
