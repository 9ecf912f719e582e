package campaign

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/gate"
)

// tree is a paid-order campaign of these steps.
func tree(steps ...Step) Definition {
	return live(OnOrderPaid, func(c *Campaign) { c.Name, c.Steps = "tree", steps }).Definition
}

func branch(id, condition string, then, els []Step) Step {
	return Step{ID: id, Kind: If, Condition: condition, Then: then, Else: els}
}

func await(id, event string, timeoutDays int, then, els []Step) Step {
	return Step{ID: id, Kind: WaitForEvent, Event: event, Timeout: days(timeoutDays), Then: then, Else: els}
}

func steps(s ...Step) []Step { return s }

func came(kind commerce.EventKind, at commerce.Instant, order commerce.OrderID) commerce.Event {
	return commerce.Event{Kind: kind, Subject: string(order), OrderID: order, PersonID: "ada", OccurredAt: at}
}

func withEvents(events ...commerce.Event) func(*Facts) { return func(f *Facts) { f.Events = events } }

func TestIfGoesOneWayAndOnBehind(t *testing.T) {
	d := tree(wait("w", 1), branch("big", "order.total > 20.0",
		steps(mail("thanks", 3)), steps(branch("deep", "true", steps(mail("hello", 3)), nil))), wait("w2", 2), mail("last", 3))
	f, known := flow(t, d), facts(sound())

	n := f.Next(walkAt(Position{}, known, noon))
	require.Equal(t, Next{Due: after(1)}, n, "not decided before it is reached")

	n = f.Next(walkAt(Position{}, known, after(1)))
	require.Equal(t, "thanks", n.Step.ID)
	require.Equal(t, []Pass{{"big", BranchThen, after(1)}}, n.Passed)
	require.Equal(t, Position{"thanks", after(1)}, n.Position)

	small := facts(order(described(func(d *commerce.Detail) { d.Total.Amount = 1000 }), paid(noon)))
	n = f.Next(walkAt(Position{}, small, after(5)))
	require.Equal(t, "hello", n.Step.ID)
	require.Equal(t, []Pass{{"big", BranchElse, after(1)}, {"deep", BranchThen, after(1)}}, n.Passed)
	require.Equal(t, after(1), n.Due, "late, but due when it was")

	require.Equal(t, "thanks", f.Next(walkAt(Position{"thanks", after(1)}, small, after(5))).Step.ID, "a branch is taken once")
	n = f.Next(walkAt(After("thanks", after(1)), small, after(5)))
	require.Equal(t, "last", n.Step.ID)
	require.Equal(t, after(3), n.Due)
}

func TestEmptyBranchesAndEnds(t *testing.T) {
	d := tree(branch("vip", `"vip" in order.tags`, nil, steps(Step{ID: "over", Kind: End})), mail("last", 3))
	n := flow(t, d).Next(walkAt(Position{}, facts(order(described(func(d *commerce.Detail) { d.Tags = []string{"vip"} }), paid(noon))), noon))
	require.Equal(t, "last", n.Step.ID)
	require.Equal(t, Position{"last", noon}, n.Position)
	n = flow(t, d).Next(walkAt(Position{}, facts(sound()), noon))
	require.Equal(t, gate.WalkEnded, n.End.Reason)

	last := tree(mail("first", 3), branch("vip", "false", steps(mail("x", 3)), nil))
	n = flow(t, last).Next(walkAt(After("first", noon), facts(sound()), noon))
	require.Equal(t, gate.SequenceComplete, n.End.Reason)
	require.Equal(t, After("vip", noon), n.Position)
	require.Equal(t, gate.SequenceComplete, flow(t, last).Next(walkAt(n.Position, facts(sound()), noon)).End.Reason)
}

func TestBrokenConditionEndsTheWalk(t *testing.T) {
	n := flow(t, tree(branch("vip", `order.tags[5] == "vip"`, nil, nil))).Next(walkAt(Position{}, facts(sound()), noon))
	require.Equal(t, gate.ConditionBroken, n.End.Reason)
	require.Contains(t, n.End.Detail, "vip: ")
}

func TestWaitForEvent(t *testing.T) {
	d := tree(wait("w", 1), await("again", "order_paid", 3, steps(mail("yes", 3)), steps(wait("w2", 1), mail("no", 3))), mail("last", 3))
	f := flow(t, d)
	next := func(now commerce.Instant, events ...commerce.Event) Next {
		return f.Next(walkAt(Position{}, facts(sound(), withEvents(events...)), now))
	}
	require.Equal(t, Next{Due: after(1)}, next(noon), "it has not come that far")
	waiting := Next{Due: after(4), WaitsFor: commerce.OrderPaid}
	require.Equal(t, waiting, next(after(1)))
	require.Equal(t, waiting, next(after(3), came(commerce.OrderPaid, after(1)-1000, "two")), "not what was before")
	require.Equal(t, "yes", next(after(3), came(commerce.OrderPaid, after(1), "two")).Step.ID, "platforms name no finer time than seconds")
	require.Equal(t, waiting, next(after(3), came(commerce.OrderPlaced, after(2), "two")), "not another event")

	n := next(after(3), came(commerce.OrderPaid, after(2)+1, "two"), came(commerce.OrderPaid, after(2), "three"))
	require.Equal(t, "yes", n.Step.ID)
	require.Equal(t, []Pass{{"again", BranchThen, after(2)}}, n.Passed)
	require.Equal(t, after(2), n.Due, "from the event's own time on")
	require.Equal(t, "yes", next(after(9), came(commerce.OrderPaid, after(4), "two")).Step.ID, "its last moment counts")

	n = next(after(4), came(commerce.OrderPaid, after(4)+1, "two"))
	require.Equal(t, "no", n.Step.ID)
	require.Equal(t, []Pass{{"again", BranchElse, after(4)}}, n.Passed)
	require.Equal(t, after(5), n.Due)
}

// A card is charged in the second in which the order is placed, and what became
// of an order may have come before the walk began to wait for it.
func TestEventOfTheSameMoment(t *testing.T) {
	d := tree(await("paid", "order_paid", 1, steps(mail("thanks", 3)), steps(mail("remind", 3))))
	d.Trigger.Kind = OnOrderPlaced
	w := walkAt(Position{}, facts(sound(), withEvents(came(commerce.OrderPlaced, noon, "one"), came(commerce.OrderPaid, noon, "one"))), noon)
	w.Enrollment.Cause = "order_placed|one"
	require.Equal(t, "thanks", flow(t, d).Next(w).Step.ID)

	back := tree(wait("w", 5), await("back", "refund_made", 3, steps(mail("care", 3)), steps(mail("ask", 3))))
	n := flow(t, back).Next(walkAt(Position{}, facts(sound(), withEvents(came(commerce.RefundMade, after(2), "one"))), after(5)))
	require.Equal(t, "care", n.Step.ID)
	require.Equal(t, after(5), n.Due, "not before it was reached")

	cross := tree(await("bought", "order_placed", 3, steps(mail("yes", 3)), steps(mail("no", 3))))
	require.Nil(t, flow(t, cross).Next(walkAt(Position{}, facts(sound(), withEvents(came(commerce.OrderPlaced, noon, "one"))), noon)).Step, "its own order is no news")
}

// Whose money went back is not asked where the parcel is.
func TestAnsweredFailureEndsWithTheOrder(t *testing.T) {
	d := tree(mail("sorry", 3))
	d.Trigger = Trigger{Kind: OnNotDelivered, After: days(10)}
	for name, c := range map[string]struct {
		change commerce.OrderChange
		want   gate.Reason
	}{
		"refunded":  {refunded(3000, commerce.RefundSucceeded), gate.Refunded},
		"cancelled": {commerce.OrderChange{Cancel: commerce.Cancel{Told: after(5), Seen: after(5)}}, gate.Cancelled},
		"disputed":  {disputed(commerce.DisputeLost), gate.DisputeLost},
	} {
		n := flow(t, d).Next(walkAt(Position{}, facts(order(described(), paid(noon), shipped(after(1)), c.change)), after(12)))
		require.NotNil(t, n.End, name)
		require.Equal(t, c.want, n.End.Reason, name)
	}
	require.Equal(t, "sorry", flow(t, d).Next(walkAt(Position{}, facts(order(described(), paid(noon), shipped(after(1)))), after(12))).Step.ID)
}

// One mail asked about two orders; then the first of them is refunded. The second
// is not asked about again.
func TestAskedTogetherIsAsked(t *testing.T) {
	d := tree(mail("ask", 3))
	d.Entry.CoolingOff = days(7)
	own := func(f *Facts) {
		f.History = commerce.History{{Order: "zero", At: noon - 5*days(1).Instants()}, {Order: "one", At: noon, Counts: true}}
	}
	asked := func(orders ...commerce.OrderID) Facts {
		return facts(sound(), own, func(f *Facts) { f.Asked = orders })
	}
	require.Equal(t, "ask", flow(t, d).Next(walkAt(Position{}, asked(), noon)).Step.ID)
	require.Equal(t, "ask", flow(t, d).Next(walkAt(Position{}, asked("one", "long ago"), noon)).Step.ID)
	require.Equal(t, gate.CoolingOff, flow(t, d).Next(walkAt(Position{}, asked("zero"), noon)).End.Reason)
	d.Entry.CoolingOff = days(5)
	require.Equal(t, "ask", flow(t, d).Next(walkAt(Position{}, asked("zero"), noon)).Step.ID, "they lie apart")
}

func TestWhoseEventIsWaitedFor(t *testing.T) {
	f := flow(t, tree(await("there", "order_arrived", 9, steps(mail("yes", 3)), nil), mail("no", 3)))
	next := func(now commerce.Instant, events ...commerce.Event) Next {
		return f.Next(walkAt(Position{}, facts(sound(), withEvents(events...)), now))
	}
	require.Equal(t, commerce.OrderArrived, next(after(3), came(commerce.OrderArrived, after(2), "two")).WaitsFor, "another order's way is none of its business")
	require.Equal(t, "yes", next(after(3), came(commerce.OrderArrived, after(2), "one")).Step.ID)

	ahead := came(commerce.OrderArrived, after(5), "one")
	ahead.Assumed = true
	require.Equal(t, Next{Due: after(5), WaitsFor: commerce.OrderArrived}, next(after(3), ahead), "what is assumed for later has not come")
	require.Equal(t, "yes", next(after(5), ahead).Step.ID)

	missing := triggered(Trigger{Kind: OnNotDelivered, After: days(4)}).Definition
	missing.Steps = steps(await("there", "order_arrived", 9, steps(mail("yes", 3)), nil), mail("no", 3))
	w := walkAt(Position{}, facts(order(described(), paid(noon), shipped(noon)), withEvents(ahead)), after(6))
	require.Equal(t, commerce.OrderArrived, flow(t, missing).Next(w).WaitsFor, "to assume it is no answer to where it is")

	custom := flow(t, tree(await("quiz", "custom:quiz", 9, steps(mail("yes", 3)), nil)))
	require.Equal(t, "yes", custom.Next(walkAt(Position{}, facts(sound(), withEvents(came("custom:quiz", after(1), ""))), after(1))).Step.ID)
}

func TestWaitUntil(t *testing.T) {
	// noon is Monday, 2 March 2026, 13:00 in Berlin and 15:00 in Riyadh.
	until := func(s Step) Definition { s.ID, s.Kind = "until", WaitUntil; return tree(s, mail("m", 3)) }
	berlin := func(day, hour, minute int) commerce.Instant {
		return commerce.At(time.Date(2026, 3, day, hour-1, minute, 0, 0, time.UTC))
	}
	riyadh := func(f *Facts) { f.Person.Timezone = "Asia/Riyadh" }
	for name, c := range map[string]struct {
		step Step
		who  func(*Facts)
		want commerce.Instant
	}{
		"the evening":      {Step{At: "18:30"}, nil, berlin(2, 18, 30)},
		"the next morning": {Step{At: "09:00"}, nil, berlin(3, 9, 0)},
		"their evening":    {Step{At: "18:30"}, riyadh, berlin(2, 16, 30)},
		"this weekday":     {Step{Weekday: "monday"}, nil, noon},
		"another weekday":  {Step{Weekday: "thursday", At: "10:00"}, nil, berlin(5, 10, 0)},
		"a working day":    {Step{Working: true}, nil, noon},
		"a working hour":   {Step{Working: true, At: "10:00"}, nil, berlin(3, 10, 0)},
	} {
		known := facts(sound())
		if c.who != nil {
			c.who(&known)
		}
		n := flow(t, until(c.step)).Next(walkAt(Position{}, known, noon))
		require.Equal(t, c.want, n.Due, name)
	}
	weekend := order(described(), paid(after(5))) // a Saturday
	require.Equal(t, berlin(9, 0, 0), flow(t, until(Step{Working: true})).Next(walkAt(Position{}, facts(weekend), noon)).Due)
	notPaid := walkAt(Position{}, facts(order(described())), noon)
	require.Equal(t, notYet, flow(t, until(Step{At: "10:00"})).Next(notPaid).Due)
}

func TestHandsOn(t *testing.T) {
	f, known := flow(t, threeMails), facts(sound())
	w := walkAt(Position{}, known, noon)
	w.Enrollment.SkipStep = "one"
	n := f.Next(w)
	require.Equal(t, "two", n.Step.ID)
	require.Equal(t, after(5), n.Due, "the pause behind it stays")
	require.Equal(t, []Pass{{"one", BranchSkipped, noon}}, n.Passed)
	require.Equal(t, After("one", after(3)), n.Position)
	w.Enrollment.Position = n.Position
	require.Equal(t, "two", f.Next(w).Step.ID)
	require.Empty(t, f.Next(w).Passed)

	w = walkAt(Position{}, known, noon+5)
	w.Enrollment.GoNow = w.Now
	n = f.Next(w)
	require.Equal(t, "one", n.Step.ID)
	require.Equal(t, noon+5, n.Due)
	require.Equal(t, after(3)+5, n.Latest)

	w = walkAt(After("one", after(3)), known, after(40)) // long past
	w.Enrollment.GoNow = w.Now
	require.Equal(t, after(43), f.Next(w).Latest)

	branched := flow(t, tree(wait("w", 9), branch("b", "true", steps(mail("yes", 3)), nil)))
	w = walkAt(Position{}, known, after(1))
	w.Enrollment.GoNow = w.Now
	n = branched.Next(w)
	require.Equal(t, "yes", n.Step.ID)
	require.Equal(t, Position{"yes", after(1)}, n.Position)
}

func TestClocksBegin(t *testing.T) {
	lapse := triggered(Trigger{Kind: OnLapsed, After: days(90)}, func(c *Campaign) {
		c.Condition = "order.total > 20.0"
		c.Steps = steps(wait("w", 2), mail("back", 3))
	}).Definition
	f, known := flow(t, lapse), facts(sound())
	n := f.Next(walkAt(Position{Anchor: after(90)}, known, after(89)))
	require.Equal(t, Next{Due: after(90), Position: Position{Anchor: after(90)}}, n, "nothing before its moment")
	n = f.Next(walkAt(Position{Anchor: after(90)}, known, after(90)))
	require.Equal(t, Position{"w", after(90)}, n.Position)
	require.Equal(t, after(92), n.Due)

	small := facts(order(described(func(d *commerce.Detail) { d.Total.Amount = 1000 }), paid(noon)))
	require.Nil(t, f.Next(walkAt(Position{}, small, after(89))).End)
	require.Equal(t, gate.ConditionNotMet, f.Next(walkAt(Position{}, small, after(90))).End.Reason)
	require.Equal(t, "back", f.Next(walkAt(n.Position, small, after(92))).Step.ID, "the condition is asked once")

	w := walkAt(Position{}, known, after(3))
	w.Enrollment.GoNow = w.Now
	require.Equal(t, Position{"w", after(3)}, f.Next(w).Position)

	again := known
	second := order(described(), paid(after(30)))
	second.ID = "two"
	again.History = historyOf(sound(), second)
	for _, p := range []Position{{}, {"w", after(90)}, After("back", after(92))} {
		require.Equal(t, gate.BoughtAgain, f.Next(walkAt(p, again, after(95))).End.Reason)
	}
}

func TestEachAnniversaryNamesTheNext(t *testing.T) {
	each := triggered(Trigger{Kind: OnAnniversary}, func(c *Campaign) { c.Condition = "false" })
	v := told(each, facts(sound()), everybody)
	require.Equal(t, &Entry{Key: "event:order_paid:one/1", Cause: "order_paid|one/1", Anchor: after(365)}, v.Entry)
	w := walkAt(Position{Anchor: after(365)}, facts(sound()), after(364))
	w.Enrollment.Cause = v.Entry.Cause
	require.Nil(t, flow(t, each.Definition).Next(w).Again)
	w.Now = after(365)
	n := flow(t, each.Definition).Next(w)
	require.Equal(t, gate.ConditionNotMet, n.End.Reason)
	require.Equal(t, &Entry{Key: "event:order_paid:one/2", Cause: "order_paid|one/2", Anchor: after(731)}, n.Again)
	w.Enrollment.Cause = n.Again.Cause
	require.Equal(t, after(731), flow(t, each.Definition).Next(w).Due)
}

func TestAskOfANext(t *testing.T) {
	d := live(OnOrderCancelled, func(c *Campaign) {
		c.Priority = 7
		c.Steps = steps(mail("m", 3), Step{ID: "n", Kind: NotifyTeam, Useful: days(1)})
	}).Definition
	f := flow(t, d)
	require.Equal(t, Ask{gate.Transactional, "orders", 7, after(1), after(3), true}, f.Ask(Next{Step: &d.Steps[0], Due: after(1), Latest: after(3)}))
	require.Zero(t, f.Ask(Next{Step: &d.Steps[1]}))
	require.Zero(t, f.Ask(Next{End: over(gate.StepGone)}))
}

func TestFlowSaysWhatItReads(t *testing.T) {
	cooled := live(OnOrderArrived, func(c *Campaign) {
		c.Entry.CoolingOff = days(7)
		c.Steps = steps(await("a", "order_paid", 1, steps(await("b", "custom:quiz", 1, nil, nil)), steps(await("c", "order_paid", 1, nil, nil))))
	}).Definition
	require.Equal(t, Reads{History: true, Anew: true, Asked: true, Events: []commerce.EventKind{"custom:quiz", "order_paid"}}, flow(t, cooled).Reads())
	require.Equal(t, Reads{}, flow(t, threeMails).Reads())
	require.Equal(t, Reads{Events: []commerce.EventKind{"custom:quiz"}}, flow(t, triggered(Trigger{Kind: OnCustomEvent, Name: "quiz"}, func(c *Campaign) { c.Entry.CoolingOff = days(1) }).Definition).Reads())
	require.True(t, flow(t, triggered(Trigger{Kind: OnReplenishment, After: days(9)}).Definition).Reads().Orders)
}

func TestFlowRefusesWhatCannotBeWalked(t *testing.T) {
	deep := steps(mail("m", 3))
	for range maxDepth {
		deep = steps(Step{ID: "x", Kind: If, Then: deep})
	}
	for name, d := range map[string]Definition{
		"trigger":   {Trigger: Trigger{Kind: "order_sniffed"}},
		"kind":      tree(Step{ID: "a", Kind: "dance"}),
		"condition": tree(branch("a", "order.totl > 1", nil, nil)),
		"nested":    tree(branch("a", "true", nil, steps(branch("b", "1 +", nil, nil)))),
		"arm":       tree(Step{ID: "s", Kind: Split, Arms: []Arm{{Name: "a", Weight: 1, Steps: steps(Step{ID: "d", Kind: "dance"})}}}),
		"depth":     tree(deep...),
		"entry":     {Trigger: Trigger{Kind: OnOrderPaid}, Condition: "order.totl > 1"},
	} {
		_, err := NewFlow(d)
		require.Error(t, err, name)
	}
}
