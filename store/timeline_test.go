package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/store/storetest"
)

func TestTimelineTellsEverythingInOrder(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		w := claimedWorld(t, s)
		start := s.Now()
		begin(t, s, w.shop, w.effect)
		storetest.ClockOf(s).Advance(time.Second)
		finish(t, s, w.shop, w.effect, store.Sent, 1)
		entry := campaign.EntryKey(w.order.ID)
		storetest.Do(t, s, func(tx *store.Tx) error {
			if err := tx.SaveEvents(w.shop, []commerce.Event{
				{Kind: commerce.OrderPaid, Subject: string(w.order.ID), OrderID: w.order.ID, PersonID: w.person.ID, OccurredAt: start - 10},
				{Kind: commerce.OrderArrived, Subject: string(w.order.ID), OrderID: w.order.ID, PersonID: w.person.ID, OccurredAt: start - 5, Assumed: true},
				{Kind: commerce.OrderPlaced, Subject: "old", PersonID: w.person.ID, OccurredAt: start - 20, Historic: true},
				{Kind: commerce.OrderPlaced, Subject: "other", PersonID: "somebody else", OccurredAt: start},
			}); err != nil {
				return err
			}
			return tx.SaveDecisions(w.shop, []store.Decided{{
				Campaign: "review", EntryKey: entry, StepID: "ask", Person: w.person.ID,
				Decision: gate.Decision{Answer: gate.Hold, Reason: gate.DisputeOpen, Detail: "dp_1", Until: start + 99},
			}})
		})
		order := string(w.order.ID)
		want := []store.Entry{
			{At: start - 20, Kind: "event", What: "order_placed", Reason: "historic", Detail: "old", Times: 1},
			{At: start - 10, Kind: "event", What: "order_paid", Detail: order, Order: order, Times: 1},
			{At: start - 5, Kind: "event", What: "order_arrived", Reason: "assumed", Detail: order, Order: order, Times: 1},
			{At: start, Kind: "enrollment", What: "active", Campaign: "thank-you", Step: "thanks", Order: order, Times: 1, Until: start},
			{At: start + 1000, Kind: "decision", What: "hold", Campaign: "review", Step: "ask", Reason: "dispute_open", Detail: "dp_1", Order: order, Times: 1, Until: start + 99},
			{At: start + 1000, Kind: "effect", What: "sent", Campaign: "thank-you", Step: "thanks", Detail: "250 ok", Order: order, Times: 1, Effect: string(w.effect.ID)},
		}
		got, err := s.Timeline(t.Context(), w.shop, w.person.ID, 100)
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(want, got))
		got, err = s.Timeline(t.Context(), w.shop, w.person.ID, 2)
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(want[:2], got))

		ada := storetest.Person(t, s, w.shop)
		merge(t, s, w.shop, w.person, ada)
		got, err = s.Timeline(t.Context(), w.shop, ada.ID, 100)
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(want, got), "whoever they are merged into has their past")
	})
}

// Branches, tasks and other tools' messages stand in the timeline; Why leaves out what is another campaign's.
func TestWhyTellsOfOneCampaign(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		w := claimedWorld(t, s, func(f *store.Effect) { f.Rehearsal = true })
		start := s.Now()
		guest := storetest.Person(t, s, w.shop)
		merge(t, s, w.shop, guest, w.person)
		_, err := s.AddTouch(t.Context(), w.shop, store.Touch{Email: guest.Email, At: start - 5, Class: gate.Marketing, Source: "klaviyo", Campaign: "Spring"})
		require.NoError(t, err)
		storetest.Do(t, s, func(tx *store.Tx) error {
			if err := tx.SaveEvents(w.shop, []commerce.Event{{Kind: commerce.CustomKind("opened"), Subject: "1", PersonID: guest.ID, OccurredAt: start - 10}}); err != nil {
				return err
			}
			if err := tx.AddTask(w.shop, store.Task{ID: "f9", Person: w.person.ID, Campaign: "calls", StepID: "call", Title: "Call Ada", DueAt: start + 9}); err != nil {
				return err
			}
			return tx.AddPasses(w.shop, []store.Pass{{Enrollment: w.enrollment.ID, StepID: "split", Campaign: "thank-you", Branch: "a", Person: w.person.ID, Order: w.order.ID, At: start + 1, Rehearsal: true}})
		})
		order := string(w.order.ID)
		event := store.Entry{At: start - 10, Kind: "event", What: "custom:opened", Detail: "1", Times: 1}
		touch := store.Entry{At: start - 5, Kind: "touch", What: "marketing", Detail: "klaviyo: Spring", Times: 1}
		effect := store.Entry{At: start, Kind: "effect", What: "claimed", Campaign: "thank-you", Step: "thanks", Reason: "rehearsal", Order: order, Effect: string(w.effect.ID)}
		walk := store.Entry{At: start, Kind: "enrollment", What: "active", Campaign: "thank-you", Step: "thanks", Order: order, Times: 1, Until: start}
		call := store.Entry{At: start, Kind: "task", What: "open", Campaign: "calls", Step: "call", Detail: "Call Ada", Times: 1, Until: start + 9, Effect: "f9"}
		pass := store.Entry{At: start + 1, Kind: "pass", What: "a", Campaign: "thank-you", Step: "split", Reason: "rehearsal", Order: order, Times: 1}
		for id, want := range map[campaign.CampaignID][]store.Entry{
			"": {event, touch, effect, walk, call, pass}, "thank-you": {event, touch, effect, walk, pass}, "calls": {event, touch, call},
		} {
			got, err := s.Why(t.Context(), w.shop, guest.ID, id)
			require.NoError(t, err)
			require.Empty(t, cmp.Diff(want, got), id)
		}
		all, err := s.Timeline(t.Context(), w.shop, w.person.ID, 100)
		require.NoError(t, err)
		require.Len(t, all, 6)
	})
}

func TestSaveEventsTakesBetterEvidence(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		e := commerce.Event{Kind: commerce.OrderArrived, Subject: "o", OrderID: "o", PersonID: "p", OccurredAt: 5000, Assumed: true}
		second := e
		second.Ordinal = 1
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.SaveEvents(shop, []commerce.Event{e, second}) })
		e.OccurredAt, e.Assumed, e.PersonID = 4000, false, "q"
		storetest.ClockOf(s).Advance(time.Hour)
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.SaveEvents(shop, []commerce.Event{e}) })
		require.Equal(t, []string{`ordinal="0" occurred_at="4000" assumed="0" person_id="q"`, `ordinal="1" occurred_at="5000" assumed="1" person_id="p"`},
			table(t, s, `SELECT ordinal, occurred_at, assumed, person_id FROM events ORDER BY ordinal`))
		require.EqualValues(t, 1, number(t, s, `SELECT COUNT(DISTINCT recorded_at) FROM events`), "recorded when it was first seen")
	})
}

func TestSaveDecisionsCounts(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		d := store.Decided{Campaign: "c", EntryKey: "order:1", StepID: "ask", Person: "p", Decision: gate.Decision{Answer: gate.Defer, Reason: gate.AwaitingMore, Until: 10}}
		end := d
		end.Decision = gate.Decision{Answer: gate.Skip, Reason: gate.TooLate}
		first := s.Now()
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.SaveDecisions(shop, []store.Decided{d, d}) })
		last := storetest.ClockOf(s).Advance(time.Minute)
		d.Until, d.Detail = 20, "again"
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.SaveDecisions(shop, []store.Decided{d, end}) })
		require.Equal(t, []string{`reason="awaiting_more" times="2" until_at="20" detail="again"`, `reason="expired" times="1" until_at="0" detail=""`},
			table(t, s, `SELECT reason, times, until_at, detail FROM decisions ORDER BY reason`))
		require.Equal(t, int64(first), number(t, s, `SELECT first_at FROM decisions WHERE times = 2`))
		require.Equal(t, int64(last), number(t, s, `SELECT last_at FROM decisions WHERE times = 2`))
	})
}

func TestLinks(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		w := claimedWorld(t, s, func(f *store.Effect) { f.Class, f.Topic = gate.Service, "reviews" })
		link := store.Link{Hash: []byte("hash of a token"), Shop: w.shop, Purpose: "unsubscribe", Effect: w.effect.ID, Person: w.person.ID, Expires: s.Now() + 1000}
		for range 2 {
			storetest.Do(t, s, func(tx *store.Tx) error { return tx.AddLinks(w.shop, []store.Link{link}) })
		}
		got, err := s.LinkByHash(t.Context(), link.Hash, "unsubscribe")
		require.NoError(t, err)
		require.Equal(t, store.LinkTarget{Link: link, Class: gate.Service, Topic: "reviews", Order: w.order.ID, AddressHash: w.hash}, got)
		for hash, purpose := range map[string]string{"hash of a token": "review", "guessed": "unsubscribe", "": ""} {
			_, err = s.LinkByHash(t.Context(), []byte(hash), purpose)
			require.True(t, fault.Is(err, fault.NotFound), "%v", err)
		}
		storetest.ClockOf(s).Advance(1001 * time.Millisecond)
		_, err = s.LinkByHash(t.Context(), link.Hash, "unsubscribe")
		require.True(t, fault.Is(err, fault.NotFound), "%v", err)
	})
}

// What is tried again says until when that makes sense.
func TestARetryKnowsItsEnd(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		w := claimedWorld(t, s)
		execute(t, s, `UPDATE enrollments SET latest_at = 7777 WHERE id = $1`, string(w.enrollment.ID))
		until := func() commerce.Instant {
			lines, err := s.Timeline(t.Context(), w.shop, w.person.ID, 100)
			require.NoError(t, err)
			for _, l := range lines {
				if l.Kind == "effect" {
					return l.Until
				}
			}
			return -1
		}
		require.Zero(t, until())
		begin(t, s, w.shop, w.effect)
		finish(t, s, w.shop, w.effect, store.Retry, 1)
		require.Equal(t, commerce.Instant(7777), until())
	})
}

func TestTheLastOfAnOrderIsFound(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		w := claimedWorld(t, s)
		at := s.Now() + 7
		storetest.Do(t, s, func(tx *store.Tx) error {
			return tx.SaveEvents(w.shop, []commerce.Event{
				{Kind: commerce.OrderPaid, Subject: string(w.order.ID), OrderID: w.order.ID, PersonID: w.person.ID, OccurredAt: at - 5},
				{Kind: commerce.OrderArrived, Subject: string(w.order.ID), OrderID: w.order.ID, PersonID: w.person.ID, OccurredAt: at},
			})
		})
		got, found, err := s.LastOfOrder(t.Context(), w.shop, w.person.ID, w.order.ID)
		require.NoError(t, err)
		require.True(t, found)
		require.Equal(t, at, got)
		_, found, err = s.LastOfOrder(t.Context(), w.shop, "somebody else", w.order.ID)
		require.NoError(t, err)
		require.False(t, found, "it is another's")
	})
}
