package replay

import (
	"cmp"
	"slices"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
)

// MaxDays is how far back a replay goes.
const MaxDays = 90

// Question asks who would have got a campaign, had it been live for Days.
type Question struct {
	Definition campaign.Definition `json:"definition"`
	Days       int                 `json:"days"` // 1 to MaxDays
}

// ReasonCount is how often something was the reason.
type ReasonCount struct {
	Reason gate.Reason `json:"reason"`
	Count  int64       `json:"count"`
}

// StepCount is what became of one step.
type StepCount struct {
	Sent int64                 `json:"sent"`
	Not  map[gate.Reason]int64 `json:"not,omitempty"`
}

// Example is one walk that shows what the counts mean.
type Example struct {
	Order  commerce.OrderID  `json:"order,omitempty"`
	Person commerce.PersonID `json:"person"`
	At     commerce.Instant  `json:"at,omitempty"`     // of the first message
	Reason gate.Reason       `json:"reason,omitempty"` // why there was none
}

// maxExamples is how many walks are kept of those that would have got something, and for each reason why not.
const maxExamples = 3

// Answer counts what would have become of all whom a campaign would have let
// in, or been asked about: Would + the sum of Not + Later.
type Answer struct {
	From     commerce.Instant      `json:"from"`
	To       commerce.Instant      `json:"to"`
	Would    int64                 `json:"would"`    // walks that would have reached their customer
	Messages int64                 `json:"messages"` // that those would have got
	Not      []ReasonCount         `json:"not"`      // walks that would not, the greatest first
	Later    int64                 `json:"later"`    // walks of which all still lies ahead
	Steps    map[string]*StepCount `json:"steps"`
	Examples []Example             `json:"examples"`

	reaches map[string]bool // the steps that count: those that reach the customer, else all that go out
}

// NewAnswer is an answer about a definition in which nothing is counted yet.
func NewAnswer(d campaign.Definition, from, to commerce.Instant) Answer {
	customers, all := map[string]bool{}, map[string]bool{}
	for s := range d.AllSteps() {
		spec := campaign.StepOf(s.Kind)
		if spec.Reaches {
			customers[s.ID] = true
		}
		if spec.Outward {
			all[s.ID] = true
		}
	}
	if len(customers) == 0 {
		customers = all
	}
	return Answer{From: from, To: to, Steps: map[string]*StepCount{}, reaches: customers}
}

// Reaches reports whether a step is one of those that count.
func (a *Answer) Reaches(step string) bool { return a.reaches[step] }

// NotAll sums those who would not have got anything.
func (a *Answer) NotAll() (n int64) {
	for _, c := range a.Not {
		n += c.Count
	}
	return n
}

// Add counts how a walk would have gone.
func (a *Answer) Add(order commerce.OrderID, person commerce.PersonID, o Outcome) {
	sent, why, first := int64(0), o.End, commerce.Instant(0)
	for _, s := range o.Steps {
		a.step(s)
		switch {
		case !a.reaches[s.ID]:
		case s.Sent:
			sent, first = sent+1, cmp.Or(first, s.At)
		default:
			why = cmp.Or(why, s.Reason)
		}
	}
	switch {
	case sent > 0:
		a.Would, a.Messages = a.Would+1, a.Messages+sent
		a.show(Example{Order: order, Person: person, At: first})
	case o.Later:
		a.Later++
	default: // without a reason it went a way on which nothing goes out
		a.Refuse(order, person, cmp.Or(why, gate.ConditionNotMet))
	}
}

func (a *Answer) step(s Step) {
	count := a.Steps[s.ID]
	if count == nil {
		count = &StepCount{}
		a.Steps[s.ID] = count
	}
	if s.Sent {
		count.Sent++
		return
	}
	if count.Not == nil {
		count.Not = map[gate.Reason]int64{}
	}
	count.Not[s.Reason]++
}

// Refuse counts one that would not have reached its customer.
func (a *Answer) Refuse(order commerce.OrderID, person commerce.PersonID, why gate.Reason) {
	i := slices.IndexFunc(a.Not, func(c ReasonCount) bool { return c.Reason == why })
	if i < 0 {
		a.Not, i = append(a.Not, ReasonCount{Reason: why}), len(a.Not)
	}
	a.Not[i].Count++
	slices.SortStableFunc(a.Not, func(x, y ReasonCount) int { return cmp.Compare(y.Count, x.Count) })
	a.show(Example{Order: order, Person: person, Reason: why})
}

// show keeps the first few examples of each outcome.
func (a *Answer) show(e Example) {
	alike := 0
	for _, other := range a.Examples {
		if other.Reason == e.Reason {
			alike++
		}
	}
	if alike < maxExamples {
		a.Examples = append(a.Examples, e)
	}
}
