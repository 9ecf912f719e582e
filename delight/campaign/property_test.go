package campaign

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"flywheel/commerce"
)

// grower draws trees of steps whose ids are never the same.
type grower struct {
	t *rapid.T
	n int
}

func (g *grower) steps(depth int) (out []Step) {
	for range rapid.IntRange(0, 3).Draw(g.t, "steps") {
		g.n++
		id := fmt.Sprint("s", g.n)
		kinds := []StepKind{SendEmail, NotifyTeam, Wait, WaitUntil, If, Split, WaitForEvent, End}
		if depth == 0 {
			kinds = kinds[:4]
		}
		s := Step{ID: id, Kind: rapid.SampledFrom(kinds).Draw(g.t, "kind")}
		switch s.Kind {
		case SendEmail, NotifyTeam:
			s.Useful = days(rapid.IntRange(1, 9).Draw(g.t, "useful"))
		case Wait:
			s.For = days(rapid.IntRange(1, 9).Draw(g.t, "for"))
		case WaitUntil:
			s.At = "10:00"
		case If:
			s.Condition = rapid.SampledFrom([]string{`"vip" in order.tags`, "order.total > 20.0", "true", "false"}).Draw(g.t, "condition")
			s.Then, s.Else = g.steps(depth-1), g.steps(depth-1)
		case WaitForEvent:
			s.Event = rapid.SampledFrom([]string{"order_paid", "custom:quiz"}).Draw(g.t, "event")
			s.Timeout = days(rapid.IntRange(1, 9).Draw(g.t, "timeout"))
			s.Then, s.Else = g.steps(depth-1), g.steps(depth-1)
		case Split:
			s.Arms = []Arm{{"a", 1, g.steps(depth - 1)}, {"b", 2, g.steps(depth - 1)}}
		}
		out = append(out, s)
	}
	return out
}

// within are the ids of steps, and of those below them.
func within(steps []Step) map[string]bool {
	ids := map[string]bool{}
	eachStep(steps, func(s *Step, _ int) { ids[s.ID] = true })
	return ids
}

// otherWays are the ids that a branch leaves aside.
func otherWays(s *Step, branch string) map[string]bool {
	ids := map[string]bool{}
	ways := []Arm{{Name: BranchThen, Steps: s.Then}, {Name: BranchElse, Steps: s.Else}}
	for _, way := range append(ways, s.Arms...) {
		if way.Name != branch {
			for id := range within(way.Steps) {
				ids[id] = true
			}
		}
	}
	return ids
}

// worldOf draws facts as they may be at some time.
func worldOf(t *rapid.T) Facts {
	o := order(described(func(d *commerce.Detail) {
		if rapid.Bool().Draw(t, "vip") {
			d.Tags = []string{"vip"}
		}
		d.Total.Amount = rapid.SampledFrom([]int64{1000, 3000}).Draw(t, "total")
	}), paid(noon))
	return facts(o, func(f *Facts) {
		f.Person.ID = commerce.PersonID(rapid.SampledFrom([]string{"ada", "bob", "eve"}).Draw(t, "person"))
		for range rapid.IntRange(0, 3).Draw(t, "events") {
			kind := rapid.SampledFrom([]commerce.EventKind{commerce.OrderPaid, "custom:quiz"}).Draw(t, "kind")
			f.Events = append(f.Events, came(kind, after(rapid.IntRange(0, 40).Draw(t, "at")), "two"))
		}
	})
}

// Whatever the campaign and however the facts change on the way: the walk ends,
// no step is taken twice, a branch is taken once and never left for another, no
// due time lies before the moment it counts from, and the same walk has the
// same next.
func TestWalksOfAnyTree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := tree((&grower{t: t}).steps(3)...)
		f := flow(t, d)
		byID := map[string]*Step{}
		eachStep(d.Steps, func(s *Step, _ int) { byID[s.ID] = s })
		taken, aside := map[string]bool{}, map[string]bool{}
		p, now, person := Position{}, noon, worldOf(t).Person
		skip := rapid.SampledFrom([]string{"", "s1", "s2"}).Draw(t, "skip")
		for rounds := 0; ; rounds++ {
			require.Less(t, rounds, 200, "it does not end")
			known := worldOf(t)
			known.Person = person
			w := walkAt(p, known, now)
			w.Enrollment.SkipStep = skip
			if rapid.IntRange(0, 9).Draw(t, "now") == 0 {
				w.Enrollment.GoNow = now
			}
			n := f.Next(w)
			require.Equal(t, n, f.Next(w))
			require.False(t, n.Step != nil && n.End != nil)
			for _, pass := range n.Passed {
				require.False(t, taken[pass.StepID], pass)
				require.False(t, aside[pass.StepID], pass)
				taken[pass.StepID] = true
				for id := range otherWays(byID[pass.StepID], pass.Branch) {
					if pass.Branch != BranchSkipped {
						aside[id] = true
					}
				}
			}
			p = n.Position
			switch {
			case n.End != nil:
				return
			case n.Step == nil:
				require.Greater(t, n.Due, now, "it waits for something that is to come")
				if now += commerce.Instant(day.Milliseconds()); now > n.Due || n.WaitsFor == "" {
					now = n.Due // where an event is waited for, it may come day by day
				}
			default:
				require.True(t, n.Due >= p.Anchor || w.Enrollment.GoNow != 0)
				require.Greater(t, n.Latest, n.Due)
				if n.Due > now {
					now = n.Due // facts may change until then
					continue
				}
				require.False(t, taken[n.Step.ID], n.Step.ID)
				require.False(t, aside[n.Step.ID], "%s lies on another way", n.Step.ID)
				taken[n.Step.ID] = true
				p = After(n.Step.ID, n.Due)
			}
		}
	})
}

// asked is a person's orders as they come to be known, and who is in for them.
type asked struct {
	campaign Campaign
	flow     *Flow
	orders   map[commerce.OrderID]*commerce.Order
	entries  map[string]Enrollment
}

// tell adds a change of an order and asks anew for all of the person's.
func (a *asked) tell(id commerce.OrderID, c commerce.OrderChange) {
	if a.orders[id] == nil {
		a.orders[id] = &commerce.Order{ID: id}
	}
	a.orders[id].Merge(c, commerce.Shopify)
	for _, o := range a.orders {
		v := told(a.campaign, a.facts(o), everybody)
		if v.Entry == nil {
			continue
		}
		old, in := a.entries[v.Entry.Key]
		stands := in && a.flow.Next(Walk{old, a.facts(a.orders[old.Order]), after(-100)}).End == nil
		if !in || old.YieldsTo(*v.Entry, stands) {
			a.entries[v.Entry.Key] = Enrollment{
				EntryKey: v.Entry.Key, Person: "ada", Order: o.ID, Cause: v.Entry.Cause, Anchor: v.Entry.Anchor,
				Position: Position{Anchor: v.Entry.Anchor},
			}
		}
	}
}

func (a *asked) facts(o *commerce.Order) Facts {
	return facts(o, func(f *Facts) {
		f.Shop.Currency = "EUR"
		f.History = historyOf(mapValues(a.orders)...)
		f.Orders = a.orders
	})
}

func mapValues(m map[commerce.OrderID]*commerce.Order) (out []*commerce.Order) {
	for _, o := range m {
		out = append(out, o)
	}
	return out
}

// alive are those who would go on, with what is due when.
func (a *asked) alive() (out []string) {
	for _, e := range a.entries {
		n := a.flow.Next(Walk{e, a.facts(a.orders[e.Order]), after(-100)})
		if n.End == nil {
			out = append(out, fmt.Sprint(e.EntryKey, " ", e.Cause, " ", n.Due))
		}
	}
	slices.Sort(out)
	return out
}

type telling struct {
	order commerce.OrderID
	commerce.OrderChange
}

// purchases draws some orders with what becomes of them.
func purchases(t *rapid.T) (out []telling) {
	for i := range rapid.IntRange(1, 4).Draw(t, "orders") {
		id := commerce.OrderID(fmt.Sprint("o", i))
		keys := []commerce.SourceKey{{Platform: commerce.Shopify, Kind: "order", ID: string(id)}}
		at := after(rapid.IntRange(0, 40).Draw(t, "day"))
		snapshot := described(func(d *commerce.Detail) {
			d.Lines[0].Product = rapid.SampledFrom([]string{"p1", "p2"}).Draw(t, "product")
		})
		snapshot.PlacedAt = at
		changes := []commerce.OrderChange{snapshot, paid(at)}
		if rapid.Bool().Draw(t, "shipped") {
			changes = append(changes, shipped(at.Add(day)))
		}
		if rapid.IntRange(0, 2).Draw(t, "back") == 0 {
			changes = append(changes, refund("r", rapid.SampledFrom([]int64{1000, 3000}).Draw(t, "cents"), at.Add(2*day)))
		}
		for _, c := range changes {
			c.Keys = keys
			out = append(out, telling{id, c})
		}
	}
	return out
}

// In whatever order a person's purchases are heard of, and whatever becomes of
// them, in the end the same walks go on, from the same causes, due at the same times.
func TestAnyOrderOfArrivalEndsAlike(t *testing.T) {
	cooled := func(c *Campaign) { c.Entry.CoolingOff = days(7) }
	once := func(c *Campaign) { c.Entry.Mode = OnceEver }
	campaigns := map[string]Campaign{
		"paid, cooling off":     live(OnOrderPaid, cooled),
		"there, cooling off":    live(OnOrderArrived, cooled),
		"first":                 live(OnFirstOrder),
		"second":                triggered(Trigger{Kind: OnNthOrder, N: 2}),
		"spent":                 triggered(Trigger{Kind: OnSpendThreshold, Amount: "60"}),
		"lapsed":                triggered(Trigger{Kind: OnLapsed, After: days(30), Median: true}),
		"replenishment":         triggered(Trigger{Kind: OnReplenishment, After: days(20)}),
		"replenishment of one":  triggered(Trigger{Kind: OnReplenishment, After: days(20), Products: []string{"p1"}}),
		"anniversary":           triggered(Trigger{Kind: OnAnniversary}),
		"a part back":           live(OnRefundPartial),
		"all back":              live(OnRefundFull),
		"not delivered":         triggered(Trigger{Kind: OnNotDelivered, After: days(9)}),
		"once, for any payment": live(OnOrderPaid, once),
	}
	for name, c := range campaigns {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				tellings := purchases(t)
				hear := func(tellings []telling) []string {
					a := asked{c, flow(t, c.Definition), map[commerce.OrderID]*commerce.Order{}, map[string]Enrollment{}}
					for _, x := range tellings {
						a.tell(x.order, x.OrderChange)
					}
					return a.alive()
				}
				require.Equal(t, hear(tellings), hear(rapid.Permutation(append(tellings, tellings...)).Draw(t, "arrival")))
			})
		})
	}
}

// Every purchase that counts lies in one cluster, which all its orders see
// alike; its first is first, nothing in it is a window later, and the next
// cluster begins a window later.
func TestCoolingOffClusters(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var h commerce.History
		for i := range rapid.IntRange(0, 12).Draw(t, "purchases") {
			h = append(h, commerce.Purchase{
				Order: commerce.OrderID(fmt.Sprint("o", i)), At: after(rapid.IntRange(0, 30).Draw(t, "day")), Counts: rapid.IntRange(0, 4).Draw(t, "counts") > 0,
			})
		}
		commerce.SortHistory(h)
		window := days(rapid.IntRange(1, 9).Draw(t, "window"))
		at := map[commerce.OrderID]commerce.Instant{}
		for _, p := range h {
			at[p.Order] = p.At
		}
		last := commerce.Instant(0)
		for _, p := range h.Counted() {
			cluster := Together(h, window, p.Order)
			require.Contains(t, cluster, p.Order)
			for _, o := range cluster {
				require.Equal(t, cluster, Together(h, window, o))
				require.Less(t, at[o], at[cluster[0]]+window.Instants())
			}
			if head := at[cluster[0]]; cluster[0] == p.Order {
				require.True(t, last == 0 || head >= last+window.Instants())
				last = head
			}
		}
		require.Equal(t, []commerce.OrderID{"unknown"}, Together(h, window, "unknown"))
	})
}

// A person's arm stays theirs, and the shares come near the weights.
func TestSplitSharesOut(t *testing.T) {
	for _, weights := range [][]int{{1, 1}, {3, 1}, {10, 20, 30, 40}, {1, 1, 1, 1, 1}, {0, 1}} {
		s := Step{ID: "split", Kind: Split}
		total := 0
		for i, w := range weights {
			s.Arms = append(s.Arms, Arm{Name: fmt.Sprint("arm", i), Weight: w, Steps: steps(mail(fmt.Sprint("m", i), 3))})
			total += w
		}
		f, second := flow(t, tree(s)), flow(t, tree(mail("before", 3), s))
		got := map[string]int{}
		const persons = 10_000
		for i := range persons {
			known := facts(sound())
			known.Person.ID = commerce.PersonID(fmt.Sprintf("person%05d", i))
			n := f.Next(walkAt(Position{}, known, noon))
			got[n.Passed[0].Branch]++
			require.Equal(t, "m"+strings.TrimPrefix(n.Passed[0].Branch, "arm"), n.Step.ID)
			require.Equal(t, n.Passed, second.Next(walkAt(After("before", noon), known, noon)).Passed, "in another version too")
		}
		for i, w := range weights {
			require.InDelta(t, persons*w/total, got[fmt.Sprint("arm", i)], 4*50, "%v, %d", weights, i)
		}
	}
	require.NotEqual(t, lot("a", "bc", "d"), lot("ab", "c", "d"))
	n := flow(t, tree(Step{ID: "split", Kind: Split, Arms: []Arm{{Name: "a"}}})).Next(walkAt(Position{}, facts(sound()), noon))
	require.Nil(t, n.Step)
}

// Events without an order cool off like purchases.
func TestEventsCoolOff(t *testing.T) {
	quiz := triggered(Trigger{Kind: OnCustomEvent, Name: "quiz"}, func(c *Campaign) { c.Entry.CoolingOff = days(3) })
	one, two, three := came("custom:quiz", after(1), "1"), came("custom:quiz", after(3), "2"), came("custom:quiz", after(4), "3")
	other := came("custom:other", after(0), "0")
	all := withEvents(other, one, two, three)
	require.NotNil(t, Enroll(quiz, one, facts(nil, all), everybody).Entry)
	require.Equal(t, "cooling_off", string(Enroll(quiz, two, facts(nil, all), everybody).Refusal.Reason))
	require.NotNil(t, Enroll(quiz, three, facts(nil, all), everybody).Entry)
	require.NotNil(t, Enroll(quiz, two, facts(nil, withEvents(two)), everybody).Entry, "as long as the first is not known")

	w := walkAt(Position{}, facts(nil, all, func(f *Facts) { f.Cause = two }), after(3))
	require.Equal(t, "joined_other", string(flow(t, quiz.Definition).Next(w).End.Reason))
}
