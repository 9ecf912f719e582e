// Package replay walks somebody through a campaign as if it had been live when
// their order was new, and says what they would have got and why not. Nothing
// goes out: the campaign's own rules and the gate answer, by the facts as they
// stood at each moment. It is pure; what the facts were is the caller's to know.
package replay

import (
	"cmp"
	"slices"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
)

// Case is one walk that would have begun.
type Case struct {
	Flow *campaign.Flow
	// Begun is the enrollment as it would have been made.
	Begun campaign.Enrollment
	// Facts and Gate are what was known at an instant; Gate of a step that is due then.
	Facts func(at commerce.Instant) campaign.Facts
	Gate  func(e campaign.Enrollment, n campaign.Next, at commerce.Instant) gate.Facts
	// Changes are the instants at which facts changed, sorted: what waits looks again then.
	Changes []commerce.Instant
	// Now is where the past ends.
	Now commerce.Instant
}

// Step is what became of one outward step.
type Step struct {
	ID     string
	At     commerce.Instant
	Sent   bool
	Reason gate.Reason // why not; "" where it was sent
}

// Outcome is what became of a walk.
type Outcome struct {
	Steps []Step
	// End is why it ended before any step was settled, such as a refund; "" otherwise.
	End gate.Reason
	// Later says that something of it would still lie ahead.
	Later bool
}

// turns bounds a walk: a definition's own bounds let no walk come near.
const turns = 2000

// Walk goes through a case. onSent is told of each step that would have gone
// out, before the next is judged; it may be nil.
func Walk(c Case, onSent func(e campaign.Enrollment, s Step)) Outcome {
	var out Outcome
	var waited gate.Reason // what the present step has waited for
	e, at := c.Begun, c.Begun.Anchor
	for range turns {
		n := c.Flow.Next(campaign.Walk{Enrollment: e, Facts: c.Facts(at), Now: at})
		e.Position = n.Position
		switch {
		case n.End != nil:
			if n.End.Reason != gate.SequenceComplete && n.End.Reason != gate.WalkEnded && len(out.Steps) == 0 {
				out.End = n.End.Reason
			}
			return out
		case n.Step == nil || n.Due > at:
			if at = c.nextLook(n, at); at > c.Now {
				out.Later = true
				return out
			}
			continue
		}
		d := gate.Decide(c.Gate(e, n, at), at)
		switch d.Answer {
		case gate.Send:
			s := Step{ID: n.Step.ID, At: at, Sent: true}
			out.Steps = append(out.Steps, s)
			if onSent != nil {
				onSent(e, s)
			}
		case gate.Skip:
			out.Steps = append(out.Steps, Step{ID: n.Step.ID, At: at, Reason: told(d, waited)})
		default: // put off, or held until something changes
			waited = d.Reason
			next := d.Until
			if d.Answer == gate.Hold {
				next = min(c.changeAfter(at), d.Until+1)
			}
			if at = max(next, at+1); at > c.Now {
				out.Later = true
				return out
			}
			continue
		}
		e.Position, waited = campaign.After(n.Step.ID, n.Due), ""
	}
	out.Later = true
	return out
}

// told is the reason a merchant wants to hear: what made a message wait until it
// was of no use, rather than that it was too late.
func told(d gate.Decision, waited gate.Reason) gate.Reason {
	if d.Reason == gate.TooLate {
		return cmp.Or(d.Because(), waited, d.Reason)
	}
	return d.Reason
}

// nextLook is when a walk with nothing to do now is looked at again.
func (c *Case) nextLook(n campaign.Next, at commerce.Instant) commerce.Instant {
	next := max(n.Due, at+1)
	if n.WaitsFor != "" || n.Step == nil {
		next = min(next, max(c.changeAfter(at), at+1))
	}
	return next
}

// changeAfter is the first change behind at; an instant that never comes where there is none.
func (c *Case) changeAfter(at commerce.Instant) commerce.Instant {
	if i, _ := slices.BinarySearch(c.Changes, at+1); i < len(c.Changes) {
		return c.Changes[i]
	}
	return never
}

const never commerce.Instant = 1 << 60
