package campaign

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
)

// A custom event of a name that is taken is refused by the API, so nothing
// could ever begin with it.
func TestReservedNamesAreRefused(t *testing.T) {
	named := func(name string) error {
		return triggered(Trigger{Kind: OnCustomEvent, Name: name}).Check()
	}
	waits := func(event string) error {
		return tree(Step{ID: "w", Kind: WaitForEvent, Event: event, Timeout: days(3), Then: steps(mail("m", 3))}).Check()
	}
	for _, kind := range commerce.EventKinds() {
		require.ErrorContains(t, named(string(kind)), "no custom event is called "+string(kind)+", the name is taken")
		require.ErrorContains(t, waits(string(commerce.CustomKind(string(kind)))), "step w: no custom event is called "+string(kind))
	}
	require.ErrorContains(t, named("order_paid"), "the trigger order_paid is there, and the event order_paid to wait for")
	require.ErrorContains(t, waits("custom:refund_made"), "; a step can wait for the event refund_made")
	require.NoError(t, named("order_paid_twice"))
	require.NoError(t, waits("custom:quiz"))

	split := Step{ID: "s", Kind: Split, Goal: "custom:order_paid", Sample: 100, Within: Duration(72 * time.Hour), Arms: []Arm{
		{Name: "a", Weight: 1, Steps: steps(mail("m1", 3))}, {Name: "b", Weight: 1, Steps: steps(mail("m2", 3))},
	}}
	require.ErrorContains(t, tree(split).Check(), "step s: no custom event is called order_paid")
}

func TestUnknownKindsAreGuessed(t *testing.T) {
	require.ErrorContains(t, triggered(Trigger{Kind: "order_payd"}).Check(), `trigger "order_payd" is unknown; did you mean order_paid?`)
	require.ErrorContains(t, triggered(Trigger{Kind: "sneeze"}).Check(), `trigger "sneeze" is unknown; there are anniversary, `)
	require.ErrorContains(t, tree(Step{ID: "a", Kind: "sendemail"}).Check(), `unknown kind "sendemail"; did you mean send_email?`)
	require.ErrorContains(t, tree(Step{ID: "a", Kind: "dance"}).Check(), `unknown kind "dance"; there are call_task, `)
}
