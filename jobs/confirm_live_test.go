package jobs

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/fault"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/store"
	"flywheel/store/storetest"
)

// saidYes are German customers of before, each with a plain yes.
func (w *world) saidYes(n int64) {
	w.t.Helper()
	for i := range n {
		w.hear("orders/paid", w.order(i+1).For(buyer(i), "DE").Body())
		w.hear("customers_email_marketing_consent/update", shopifyfake.CustomerConsent(buyer(i).ID, buyer(i).Email, "subscribed", "single_opt_in", w.now()))
	}
	w.settle()
}

// confirmsNow lets the campaign that asks for a second act go live once more.
func (w *world) confirmsNow() {
	w.t.Helper()
	storetest.ClockOf(w.Store).Advance(time.Hour)
	w.confirms()
	w.set("confirm", campaign.Live)
	storetest.Do(w.t, w.Store, func(tx *store.Tx) error {
		_, err := tx.AddFanout(w.shop, store.Fanout{Kind: store.FanUnconfirmed, Campaign: "confirm", Subject: fmt.Sprint(tx.Now())})
		return err
	})
}

// fans runs the fan-outs there are, and what they made due.
func (w *world) fans() {
	w.t.Helper()
	require.NoError(w.t, w.handleFanout(w.t.Context(), nil))
	w.settle()
}

// mailed counts the mails to an address.
func (w *world) mailed(address string) (n int) {
	for _, m := range w.sink.Mails() {
		if m.To == address {
			n++
		}
	}
	return n
}

// Yeses of before the campaign was live are asked about when it goes live: in
// steps, each person once, also where a worker is killed in the middle and where
// it goes live again.
func TestGoingLiveAsksWhoSaidYesBefore(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		w.saidYes(5)
		require.Zero(t, w.sent(), "nobody asks yet")
		w.confirmsNow()

		f, found, err := w.Store.NextFanout(t.Context(), w.id)
		require.NoError(t, err)
		require.True(t, found)
		cursor, finished, err := w.fanStep(t.Context(), f, f.Cursor, 2)
		require.NoError(t, err)
		require.False(t, finished)
		require.Equal(t, 2, w.count(`SELECT COUNT(*) FROM enrollments WHERE campaign_id = 'confirm'`))

		other := w.worker(w.Store)
		_, err = w.Store.RecoverLeases(t.Context(), other.id)
		require.NoError(t, err)
		require.NoError(t, other.handleFanout(t.Context(), nil))
		w.settle()
		_, _, err = w.fanStep(t.Context(), f, cursor, 2)
		require.True(t, fault.Is(err, fault.Conflict), "the first is back from a pause")
		require.Equal(t, 5, w.count(`SELECT COUNT(DISTINCT person_id) FROM enrollments WHERE campaign_id = 'confirm'`))
		require.Equal(t, 5, w.count(`SELECT COUNT(*) FROM enrollments WHERE campaign_id = 'confirm'`))
		require.Equal(t, 5, w.sent())
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM fanouts WHERE state = 'done' AND done = 5`))

		w.confirmsNow()
		w.fans()
		require.Equal(t, 5, w.sent(), "they were asked")
	})
}

// Who is asked: whoever said a plain yes last, lives where that is not enough, and could get news.
func TestWhomGoingLiveAsks(t *testing.T) {
	said := func(state, level string) func(w *world) {
		return func(w *world) {
			w.hear("customers_email_marketing_consent/update", shopifyfake.CustomerConsent(6001, ada, state, level, w.now()))
		}
	}
	yes := said("subscribed", "single_opt_in")
	stops := func(scope gate.Scope, until time.Duration) func(w *world) {
		return func(w *world) {
			yes(w)
			storetest.Do(w.t, w.Store, func(tx *store.Tx) error {
				hash, err := tx.AddressHash(w.shop, ada)
				if err == nil && scope == gate.ScopePause {
					return tx.Pause(w.shop, hash, tx.Now().Add(until))
				}
				if err == nil {
					err = tx.Suppress(w.shop, hash, scope, "unsubscribed")
				}
				return err
			})
		}
	}
	for name, c := range map[string]struct {
		country string
		before  func(w *world)
		mails   int
	}{
		"a yes":                  {"DE", yes, 1},
		"where it is enough":     {"GB", yes, 0},
		"nothing said":           {"DE", func(*world) {}, 0},
		"confirmed":              {"DE", said("subscribed", "confirmed_opt_in"), 0},
		"a no":                   {"DE", said("unsubscribed", ""), 0},
		"a yes, then a no":       {"DE", func(w *world) { yes(w); w.pass(1, time.Hour); said("unsubscribed", "")(w) }, 0},
		"all mails turned off":   {"DE", stops(gate.ScopeNonTransactional, 0), 0},
		"bounced":                {"DE", stops(gate.ScopeAll, 0), 0},
		"a break":                {"DE", stops(gate.ScopePause, 48*time.Hour), 0},
		"a break that is over":   {"DE", stops(gate.ScopePause, time.Minute), 1},
		"one topic turned off":   {"DE", stops(gate.TopicScope("reviews"), 0), 1},
		"erased":                 {"DE", func(w *world) { yes(w); w.redact(6001, ada) }, 0},
		"by their last order":    {"DE", func(w *world) { yes(w); w.livesIn("GB") }, 1},
		"by where they live now": {"GB", func(w *world) { yes(w); w.livesIn("DE") }, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, w *world) {
				w.alone()
				w.hear("orders/paid", w.bought(1, c.country).Body())
				c.before(w)
				w.confirmsNow()
				w.fans()
				require.Equal(t, c.mails, w.mailed(ada))
				require.Equal(t, c.mails, w.count(`SELECT COUNT(*) FROM link_tokens WHERE purpose = 'confirm'`))
			})
		})
	}
}

// Who was asked when they said it is not asked again because the campaign paused
// meanwhile; who could not be asked is, and whoever said it anew.
func TestGoingLiveAgainAsksTheOthers(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		w.confirms()
		w.saidYes(2)
		require.Equal(t, 2, w.sent())
		w.set("confirm", campaign.Paused)
		w.hear("orders/paid", w.bought(9, "DE").Body())
		w.hear("customers_email_marketing_consent/update", shopifyfake.CustomerConsent(6001, ada, "subscribed", "single_opt_in", w.now()))
		w.settle()
		require.Zero(t, w.mailed(ada), "what happens in a pause enrolls nobody")
		w.exec(`UPDATE effects SET state = 'expired' WHERE person_id IN (SELECT id FROM persons WHERE email = '` + buyer(0).Email + `')`)
		w.confirmsNow()
		w.fans()
		require.Equal(t, []int{1, 2, 1}, []int{w.mailed(ada), w.mailed(buyer(0).Email), w.mailed(buyer(1).Email)})

		w.pass(1, time.Hour)
		w.set("confirm", campaign.Paused)
		no, yes := w.now(), w.now().Add(time.Second)
		w.hear("customers_email_marketing_consent/update",
			shopifyfake.CustomerConsent(buyer(1).ID, buyer(1).Email, "unsubscribed", "", no),
			shopifyfake.CustomerConsent(buyer(1).ID, buyer(1).Email, "subscribed", "single_opt_in", yes))
		w.confirmsNow()
		w.fans()
		require.Equal(t, []int{1, 2, 2}, []int{w.mailed(ada), w.mailed(buyer(0).Email), w.mailed(buyer(1).Email)})
	})
}

// Of several who have one address its owner is asked, and whoever was merged with
// somebody that was asked is not.
func TestOneAddressIsAskedOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		w.saidYes(1)
		owner, err := w.Store.WhoIs(t.Context(), w.shop, buyer(0).Email, "")
		require.NoError(t, err)
		double := commerce.Person{ID: commerce.PersonID(store.NewID()), Email: buyer(0).Email, Country: "DE"}
		storetest.Do(t, w.Store, func(tx *store.Tx) error { return tx.SavePersons(w.shop, []commerce.Person{double}) })
		w.confirmsNow()
		w.fans()
		require.Equal(t, 1, w.sent())
		require.Equal(t, string(owner), w.text(`SELECT person_id FROM enrollments WHERE campaign_id = 'confirm'`))

		storetest.Do(t, w.Store, func(tx *store.Tx) error { return tx.MergePersons(w.shop, owner, double.ID, "one") })
		w.confirmsNow()
		w.fans()
		require.Equal(t, 1, w.sent())
	})
}

// A fan-out that comes late, behind many others, asks all the same: how long the
// mail is of use counts from when somebody's turn comes.
func TestALateFanOutStillAsks(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		w.saidYes(1)
		w.confirmsNow()
		storetest.ClockOf(w.Store).Advance(5 * 24 * time.Hour)
		w.fans()
		require.Equal(t, 1, w.sent())
	})
}

// A yes whose ordinary ask still lies in the inbox when the campaign goes live is asked about once.
func TestAYesThatIsOnItsWayIsAskedOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		w.saidYes(1)
		person := commerce.PersonID(w.text(`SELECT person_id FROM identities WHERE kind = 'email' AND value = $1`, buyer(0).Email))
		w.exec(`DELETE FROM events WHERE kind = 'consent_asked'`) // nothing was drained yet
		said := w.count(`SELECT MAX(said_at) FROM consents`)
		w.confirmsNow()
		w.fans()
		require.Equal(t, 1, w.sent())
		storetest.Do(t, w.Store, func(tx *store.Tx) error {
			return tx.AskToConfirm(w.shop, store.ConsentAsk{Person: person, Email: buyer(0).Email, SaidAt: commerce.Instant(said)})
		})
		w.drainAll()
		w.settle()
		require.Equal(t, 1, w.sent())
	})
}

// A campaign that is not live any more asks nobody.
func TestNobodyIsAskedOnceItIsPaused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		w.saidYes(1)
		w.confirmsNow()
		w.set("confirm", campaign.Paused)
		w.fans()
		require.Zero(t, w.sent())
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM fanouts WHERE state = 'done'`))
		open, err := w.Store.FanoutsOpen(context.Background())
		require.NoError(t, err)
		require.False(t, open)
	})
}
