package campaign

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"flywheel/commerce"
	"flywheel/delight/gate"
)

// three mails: three days after the cause, two days later, and at once behind that.
var threeMails = Definition{
	Name: "walk", Class: gate.Service, Topic: "orders", Trigger: Trigger{Kind: OnOrderPaid},
	Steps: []Step{wait("w1", 1), wait("w2", 2), mail("one", 3), wait("w3", 2), mail("two", 3), mail("three", 3), wait("w4", 9)},
}

func sound() *commerce.Order { return order(described(), paid(noon)) }

func TestWaitsAddUpFromTheCause(t *testing.T) {
	var p Position
	for _, want := range []struct {
		id  string
		due commerce.Instant
	}{{"one", after(3)}, {"two", after(5)}, {"three", after(5)}} {
		n := next(t, threeMails, p, sound())
		require.Nil(t, n.End)
		require.Equal(t, want.id, n.Step.ID)
		require.Equal(t, want.due, n.Due)
		require.Equal(t, want.due.Add(3*day), n.Latest)
		// It may go days late: what follows counts from the due time all the same.
		p = After(n.Step.ID, n.Due)
	}
	require.Equal(t, &gate.Decision{Answer: gate.Skip, Reason: gate.SequenceComplete}, next(t, threeMails, p, sound()).End)
}

func TestPositionsOfAnotherVersion(t *testing.T) {
	n := next(t, threeMails, Position{StepID: "two", Anchor: after(7)}, sound())
	require.Equal(t, "two", n.Step.ID)
	require.Equal(t, after(7), n.Due)
	for _, gone := range []Position{{StepID: "gone"}, After("gone", noon), {StepID: "after:"}} {
		require.Equal(t, gate.StepGone, next(t, threeMails, gone, sound()).End.Reason, gone.StepID)
	}
	require.Equal(t, gate.SequenceComplete, next(t, threeMails, After("w4", noon), sound()).End.Reason)
	require.Equal(t, gate.SequenceComplete, next(t, Definition{Trigger: threeMails.Trigger}, Position{}, sound()).End.Reason)
}

func TestStandingEndsTheWalk(t *testing.T) {
	for reason, o := range map[gate.Reason]*commerce.Order{
		gate.Refunded:    order(described(), paid(noon), refunded(3000, commerce.RefundSucceeded)),
		gate.Cancelled:   order(described(), paid(noon), commerce.OrderChange{Cancel: commerce.Cancel{Told: after(1)}}),
		gate.Deleted:     order(described(), paid(noon), commerce.OrderChange{DeletedAt: after(1)}),
		gate.DisputeLost: order(described(), paid(noon), disputed(commerce.DisputeLost)),
		gate.ParcelRefused: order(described(onDelivery), commerce.OrderChange{Refunds: []commerce.Refund{{
			ID: "r", Status: commerce.RefundSucceeded, At: after(3), Lines: []commerce.RefundLine{{Line: "cup", Quantity: 2}},
		}}}),
	} {
		for _, p := range []Position{{}, After("one", after(3)), {StepID: "two", Anchor: after(5)}} {
			n := next(t, threeMails, p, o)
			require.Nil(t, n.Step, reason)
			require.Equal(t, &gate.Decision{Answer: gate.Skip, Reason: reason}, n.End)
		}
	}
}

func TestWhatOnlyDelaysIsLeftToTheGate(t *testing.T) {
	for name, o := range map[string]*commerce.Order{
		"a dispute":         order(described(), paid(noon), disputed(commerce.DisputeOpen)),
		"a partial refund":  order(described(), paid(noon), refunded(1000, commerce.RefundSucceeded)),
		"a refund in vain":  order(described(), paid(noon), refunded(3000, commerce.RefundFailed)),
		"no longer paid":    order(described()),
		"no order at all":   nil,
		"paid to a courier": order(described(onDelivery)),
	} {
		n := next(t, threeMails, After("one", after(3)), o)
		require.Equal(t, "two", n.Step.ID, name)
		require.Equal(t, after(5), n.Due, name)
	}
}

// Better proof of the cause's time moves what has not begun, so that it does
// not matter what was heard of first.
func TestBeginningFollowsTheFacts(t *testing.T) {
	review := playbook(t, "review_request")
	enrolled := Position{Anchor: after(7)} // shipped, and five days on its way
	n := next(t, review, enrolled, order(described(), paid(noon), shipped(after(2))))
	require.Equal(t, after(21), n.Due)
	n = next(t, review, enrolled, order(described(), paid(noon), shipped(after(2)), delivered(after(6))))
	require.Equal(t, after(20), n.Due)
	require.Equal(t, after(34), n.Latest)

	require.Equal(t, after(9), next(t, threeMails, Position{Anchor: after(6)}, nil).Due, "without an order the anchor stands")
}

// Stripe tells of a payment, five days are assumed; then Shopify tells of the
// same purchase and knows that nothing has been shipped.
func TestBeginningWaitsForWhatIsNotProven(t *testing.T) {
	review := playbook(t, "review_request")
	stripe := described(func(d *commerce.Detail) { d.Platform = commerce.Stripe })
	o := order(stripe, paid(noon))
	enrolled := Position{Anchor: after(5)}
	require.Equal(t, after(19), next(t, review, enrolled, o).Due)

	both := order(stripe, paid(noon), described())
	n := next(t, review, enrolled, both)
	require.Equal(t, "ask", n.Step.ID)
	require.Greater(t, n.Due, after(300_000))
	require.Equal(t, 9999, n.Due.Time().Year(), "a date that can still be written")
	require.Equal(t, after(49), next(t, review, enrolled, order(stripe, paid(noon), described(), shipped(after(30)))).Due)
	lost := order(described(), paid(noon), shipped(after(2)), parcel(commerce.Fulfilment{FailedAt: after(5)}))
	require.Equal(t, 9999, next(t, review, enrolled, lost).Due.Time().Year(), "nobody is asked about a parcel that was lost")
}

// The walk goes through the steps once each, in order, its due times never go
// back, and it ends.
func TestWalkGoesForward(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := Definition{Trigger: Trigger{Kind: OnOrderPaid}}
		var mails []string
		for i := range rapid.IntRange(0, 12).Draw(t, "steps") {
			id := string(rune('a' + i))
			if rapid.Bool().Draw(t, "wait") {
				d.Steps = append(d.Steps, wait(id, rapid.IntRange(1, 3650).Draw(t, "days")))
			} else {
				d.Steps = append(d.Steps, mail(id, rapid.IntRange(1, 30).Draw(t, "useful")))
				mails = append(mails, id)
			}
		}
		var sent []string
		p, last := Position{}, noon
		for n := next(t, d, p, sound()); n.End == nil; n = next(t, d, p, sound()) {
			require.GreaterOrEqual(t, n.Due, last)
			require.Greater(t, n.Latest, n.Due)
			sent, last, p = append(sent, n.Step.ID), n.Due, After(n.Step.ID, n.Due)
			require.LessOrEqual(t, len(sent), len(mails))
		}
		require.Equal(t, mails, sent)
	})
}
