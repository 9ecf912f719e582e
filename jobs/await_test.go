package jobs

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/delight/campaign"
	"flywheel/integrations/api"
	"flywheel/store/storetest"
)

// happen merges an event that another system tells of a person now.
func (w *world) happen(name, email string) {
	w.t.Helper()
	events, err := api.ReadEvents([]byte(`{"name": "`+name+`", "id": "1", "email": "`+email+`"}`), "", w.Store.Now())
	require.NoError(w.t, err)
	d, err := events[0].Delivery(w.shop, w.Store.Now())
	require.NoError(w.t, err)
	change, err := api.Decode(d)
	require.NoError(w.t, err)
	w.merge([]decoded{{delivery: d, change: change}})
}

// A walk that waits goes on as soon as its event comes, for this person and of
// this kind, be it of another order or told by another system.
func TestTheEventWakesWhoWaits(t *testing.T) {
	for name, c := range map[string]struct {
		event  string
		happen func(w *world)
		mails  int
	}{
		"told by another system": {"custom:quiz.done", func(w *world) { w.happen("quiz.done", ada) }, 1},
		"of another order":       {"order_paid", func(w *world) { w.tell("orders/paid", w.order(2).Body()) }, 1},
		"of another kind":        {"custom:quiz.done", func(w *world) { w.happen("quiz.begun", ada) }, 0},
		"of another person":      {"custom:quiz.done", func(w *world) { w.happen("quiz.done", "bo@example.com") }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, w *world) {
				w.alone()
				w.save(w.mails("quiz", waitFor(c.event, w.mail("told", 2))))
				w.hear("orders/paid", w.order(1).Body())
				storetest.ClockOf(w.Store).Advance(time.Hour)
				c.happen(w)
				w.settle()
				require.Equal(t, c.mails, w.sent())
				w.pass(1, 8*day)
				require.Equal(t, c.mails, w.sent())
			})
		})
	}
}

// An event comes after a step's facts were read and before the walk's row says
// that it waits for it: the walk is woken all the same.
func TestEventThatComesWhileTheStepIsTaken(t *testing.T) {
	for _, between := range []string{"prepare and decide", "claim and record"} {
		t.Run(between, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, w *world) {
				w.alone()
				w.save(w.mails("quiz", w.mail("first", 2), waitFor("custom:quiz.done", w.mail("second", 2))))
				es := w.tell("orders/paid", w.order(1).Body())
				require.Len(t, es, 1)
				storetest.ClockOf(w.Store).Advance(time.Minute)
				runs, err := w.prepare(t.Context(), w.shop, es)
				require.NoError(t, err)
				if between == "prepare and decide" {
					w.happen("quiz.done", ada)
				}
				require.NoError(t, w.decide(t.Context(), w.shop, runs))
				if between == "claim and record" {
					w.happen("quiz.done", ada)
				}
				w.reachOut(t.Context(), w.shop, claimed(runs))
				w.settle()
				require.Equal(t, 2, w.sent())
				require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM passes WHERE step_id = 'await' AND branch = 'then'`))
			})
		})
	}
}

// The same where nothing is sent before the wait: the row that is written when
// the person enters says at once what it waits for.
func TestEventThatComesBeforeTheFirstLook(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		w.save(w.mails("quiz", waitFor("custom:quiz.done", w.mail("told", 2))))
		es := w.tell("orders/paid", w.order(1).Body())
		storetest.ClockOf(w.Store).Advance(time.Minute)
		w.happen("quiz.done", ada)
		w.runStep(t.Context(), w.shop, w.work(w.shop, es))
		w.settle()
		require.Equal(t, 1, w.sent())
	})
}

// An order that is paid in the second in which it was placed has been paid
// behind its placing: nobody is reminded to pay.
func TestEventOfTheSameSecond(t *testing.T) {
	for name, c := range map[string]struct {
		paid  bool
		mails int
	}{"paid at once": {true, 0}, "not paid": {false, 1}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, w *world) {
				w.alone()
				paid := waitFor("order_paid", campaign.Step{ID: "fine", Kind: campaign.End})
				d := w.mails("remind", paid, w.mail("please", 2))
				d.Trigger = campaign.Trigger{Kind: campaign.OnOrderPlaced}
				w.save(d)
				o := w.order(1)
				if !c.paid {
					o.Unpaid("bank_transfer")
				}
				w.hear("orders/create", o.Body())
				w.pass(1, 7*day+time.Minute)
				require.Equal(t, c.mails, w.sent())
			})
		})
	}
}
