package jobs

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/delight/measure"
	"flywheel/delight/replay"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/store"
)

// replays asks who would have got d in the last days, has it answered and returns that.
func (w *world) replays(d campaign.Definition, days int) replay.Answer {
	w.t.Helper()
	question, err := json.Marshal(replay.Question{Definition: d, Days: days})
	require.NoError(w.t, err)
	_, err = w.Store.AskEstimate(w.t.Context(), w.shop, store.Estimate{Kind: store.EstimateReplay, Campaign: campaign.CampaignID(d.Name), Question: question})
	require.NoError(w.t, err)
	require.NoError(w.t, w.handleEstimate(w.t.Context(), nil))
	e, found, err := w.Store.LastEstimate(w.t.Context(), w.shop, store.EstimateReplay, campaign.CampaignID(d.Name), question)
	require.NoError(w.t, err)
	require.True(w.t, found)
	require.Equal(w.t, store.EstimateDone, e.State, e.Note)
	var out replay.Answer
	require.NoError(w.t, json.Unmarshal(e.Answer, &out))
	return out
}

// why is how often each reason stands in the way.
func why(r replay.Answer) map[gate.Reason]int64 {
	out := map[gate.Reason]int64{}
	for _, c := range r.Not {
		out[c.Reason] = c.Count
	}
	return out
}

// A replay says what a live campaign really did: a month of orders, refunds before
// and after the mail, a cap, a stop and somebody without an address, with the
// campaign live; then the same campaign is asked about that month.
func TestAReplaySaysWhatReallyHappened(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		d := w.asks("care", 10, later(3), w.mail("how_is_it", 4))
		w.save(d)
		w.cap(1)
		w.suppress("cy@example.com")
		w.pass(1, time.Hour)
		orders := map[int64]*shopifyfake.Order{}
		for n := range int64(6) { // one a day; cy has said no
			orders[n] = w.orderOf(n, 100+n)
			w.hear("orders/paid", orders[n].Body())
			w.pass(4, 6*time.Hour)
		}
		w.hear("orders/paid", w.orderOf(0, 200).Body()) // bo again, within the cap's week
		w.hear("orders/paid", w.orderOf(3, 201).Body())
		w.hear("refunds/create", orders[5].Refund(w.now(), orders[5].Total()).Body()) // before gus's mail
		w.pass(40, 6*time.Hour)
		w.hear("refunds/create", orders[4].Refund(w.now(), orders[4].Total()).Body()) // long after flo's
		w.pass(4, 6*time.Hour)
		sent := int64(w.sent())
		require.Positive(t, sent)

		r := w.replays(d, 30)
		require.Equal(t, sent, r.Would, "%+v", why(r))
		require.Equal(t, sent, r.Messages)
		entered := w.count(`SELECT COUNT(*) FROM enrollments WHERE campaign_id = 'care'`)
		not := int64(0)
		for _, n := range why(r) {
			not += n
		}
		require.EqualValues(t, entered, r.Would+not+r.Later, "everybody is accounted for: %+v", why(r))
		require.EqualValues(t, 1, why(r)[gate.Suppressed])
		require.EqualValues(t, 1, why(r)[gate.Refunded])
		require.EqualValues(t, r.Steps["how_is_it"].Sent, r.Would)
		require.EqualValues(t, w.sent(), sent, "a replay sends nothing")
	})
}

// What the campaign would do to orders from before the install is the point of a
// replay: nothing of them is historic then, and nothing goes out.
func TestAReplayOfWhatWasBeforeTheInstall(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		for n := range int64(4) {
			w.tell("orders/paid", w.orderOf(n, 300+n).Body())
		}
		w.exec(`UPDATE connections SET installed_at = installed_at + 86400000 WHERE shop_id = $1`, string(w.shop))
		w.pass(1, 48*time.Hour)
		r := w.replays(w.mails("thanks", w.mail("thanks", 30)), 60)
		require.EqualValues(t, 4, r.Would, "%+v", why(r))
		require.Len(t, r.Examples, 3)
		require.Zero(t, w.sent())

		r = w.replays(w.mails("tomorrow", later(30), w.mail("thanks", 30)), 60)
		require.EqualValues(t, 4, r.Later, "its moment lies ahead")
		r = w.replays(w.mails("yesterday", w.mail("thanks", 30)), 1)
		require.Zero(t, r.Would, "they are older than a day")
		require.Empty(t, r.Not)
	})
}

// An order is counted once, however many of its events were looked at: one that
// is paid later would have got it, one that never is would not.
func TestAReplayCountsAnOrderOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		w.pass(1, time.Hour)
		late, never := w.orderOf(1, 801).Unpaid("Bank"), w.orderOf(2, 802).Unpaid("Bank")
		w.tell("orders/create", late.Body(), never.Body())
		w.pass(1, 48*time.Hour)
		w.tell("orders/paid", late.Pay(w.now()).Body())
		w.pass(1, 48*time.Hour)
		r := w.replays(w.mails("thanks", w.mail("thanks", 9)), 30)
		require.EqualValues(t, 1, r.Would, "%+v", why(r))
		require.Equal(t, map[gate.Reason]int64{gate.Unpaid: 1}, why(r))
	})
}

func TestAReplayWaitsForEvents(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		arrived, lost := w.orderOf(1, 401), w.orderOf(2, 402)
		w.tell("orders/paid", arrived.Body(), lost.Body())
		w.pass(1, 24*time.Hour)
		parcel := arrived.Fulfil(w.now())
		w.tell("fulfillments/create", parcel.Body())
		w.pass(1, 24*time.Hour)
		w.tell("fulfillment_events/create", parcel.Deliver(w.now()))
		w.pass(1, 20*24*time.Hour)
		d := w.mails("there", waitFor("order_arrived", w.mail("is_it_good", 9)))
		r := w.replays(d, 60)
		require.EqualValues(t, 1, r.Would, "%+v", why(r))
		require.Equal(t, map[gate.Reason]int64{gate.ConditionNotMet: 1}, why(r), "of the other nobody told, and nothing goes out then")
	})
}

func TestACondition(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for n := range int64(5) {
			w.tell("orders/paid", w.orderOf(n, 500+n).Body())
		}
		w.tell("orders/paid", w.orderOf(0, 510).Body())
		for about, want := range map[string]tally{"orders": {Holds: 2, Of: 6}, "persons": {Holds: 1, Of: 5}} {
			question := fmt.Appendf(nil, `{"about":%q,"condition":"person.orders >= 2"}`, about)
			_, err := w.Store.AskEstimate(t.Context(), w.shop, store.Estimate{Kind: store.EstimateCondition, Question: question})
			require.NoError(t, err)
			require.NoError(t, w.handleEstimate(t.Context(), nil))
			e, _, err := w.Store.LastEstimate(t.Context(), w.shop, store.EstimateCondition, "", question)
			require.NoError(t, err)
			var got tally
			require.NoError(t, json.Unmarshal(e.Answer, &got))
			require.Equal(t, want, got, "%s %s %s", about, e.State, e.Note)
			require.EqualValues(t, want.Of, e.Expected)
		}
	})
}

// What cannot be answered says why, and is not tried for ever.
func TestAQuestionThatCannotBeAnswered(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for kind, question := range map[store.EstimateKind]string{
			store.EstimateReplay:    `{"definition":{},"days":400}`,
			store.EstimateCondition: `{"about":"orders","condition":"order.totel > 1"}`,
		} {
			_, err := w.Store.AskEstimate(t.Context(), w.shop, store.Estimate{Kind: kind, Question: json.RawMessage(question)})
			require.NoError(t, err)
			require.NoError(t, w.handleEstimate(t.Context(), nil))
			e, _, err := w.Store.LastEstimate(t.Context(), w.shop, kind, "", nil)
			require.NoError(t, err)
			require.Equal(t, store.EstimateFailed, e.State)
			require.NotEmpty(t, e.Note)
		}
		open, err := w.Store.EstimatesOpen(t.Context())
		require.NoError(t, err)
		require.False(t, open)
	})
}

// A worker that stops in the middle loses nothing: another goes on behind the last saving.
func TestAnEstimateGoesOn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		for n := range int64(5) {
			w.tell("orders/paid", w.orderOf(n, 600+n).Body())
		}
		w.pass(1, time.Hour)
		d := w.mails("thanks", w.mail("thanks", 30))
		question, err := json.Marshal(replay.Question{Definition: d, Days: 30})
		require.NoError(t, err)
		_, err = w.Store.AskEstimate(t.Context(), w.shop, store.Estimate{Kind: store.EstimateReplay, Question: question})
		require.NoError(t, err)
		e, found, err := w.Store.NextEstimate(t.Context())
		require.NoError(t, err)
		require.True(t, found)
		_, again, err := w.Store.NextEstimate(t.Context())
		require.NoError(t, err)
		require.False(t, again, "somebody works on it")

		counts, err := w.counter(t.Context(), &e)
		require.NoError(t, err)
		last, n, err := counts.count(t.Context(), "", 2)
		require.NoError(t, err)
		e.State, e.Position, e.Seen = store.EstimateRunning, last, int64(n)
		e.Answer, err = json.Marshal(counts)
		require.NoError(t, err)
		require.NoError(t, w.Store.SaveEstimate(t.Context(), w.shop, e, ""))
		require.Error(t, w.Store.SaveEstimate(t.Context(), w.shop, e, ""), "it has moved on since")
		require.NoError(t, w.Store.ReleaseEstimate(t.Context(), w.shop, e.ID))

		require.NoError(t, w.handleEstimate(t.Context(), nil))
		e, _, err = w.Store.LastEstimate(t.Context(), w.shop, store.EstimateReplay, "", nil)
		require.NoError(t, err)
		var r replay.Answer
		require.NoError(t, json.Unmarshal(e.Answer, &r))
		require.EqualValues(t, 5, r.Would)
		require.EqualValues(t, 5, e.Seen)
	})
}

func TestTheWheelIsMeasured(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		w.save(w.mails("thanks", w.mail("thanks", 3)))
		w.pass(1, time.Hour)
		parcel := w.orderOf(1, 700).Fulfil(w.now())
		w.hear("orders/paid", w.orderOf(1, 700).Body(), w.orderOf(2, 701).Body())
		w.hear("fulfillments/create", parcel.Body())
		w.pass(1, 48*time.Hour)
		w.hear("fulfillment_events/create", parcel.Deliver(w.now()))
		w.pass(1, 40*24*time.Hour)
		w.hear("orders/paid", w.orderOf(1, 702).Body(), w.orderOf(3, 703).Body())
		w.pass(1, time.Hour)
		_, err := w.Store.AskEstimate(t.Context(), w.shop, store.Estimate{Kind: store.EstimateWheel, Question: json.RawMessage(`{}`)})
		require.NoError(t, err)
		require.NoError(t, w.handleEstimate(t.Context(), nil))
		e, _, err := w.Store.LastEstimate(t.Context(), w.shop, store.EstimateWheel, "", nil)
		require.NoError(t, err)
		require.Equal(t, store.EstimateDone, e.State, e.Note)
		var got measure.Wheel
		require.NoError(t, json.Unmarshal(e.Answer, &got))
		require.Equal(t, measure.Stages{New: 1, Once: 1, Back: 1}, got.Now)
		require.Equal(t, measure.Stages{New: 2}, got.Before)
		require.EqualValues(t, 2, got.Sent, "of this month")
		require.EqualValues(t, 4, got.First.Of(), "all were thanked")
		require.EqualValues(t, 1, got.Delivery.Happened[2])
		require.EqualValues(t, 3, got.Second.Of())
		require.EqualValues(t, 1, got.Second.Happened[42])
	})
}
