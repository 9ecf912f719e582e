package jobs

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/store"
	"flywheel/store/storetest"
)

// chooses has Ada, who has bought, say on the preference page that she wants no marketing.
func (w *world) chooses() commerce.PersonID {
	w.t.Helper()
	w.hear("orders/paid", w.order(1).Body())
	person, err := w.Store.WhoIs(w.t.Context(), w.shop, ada, "")
	require.NoError(w.t, err)
	storetest.Do(w.t, w.Store, func(tx *store.Tx) error { return tx.AskUnsubscribe(w.shop, commerce.Shopify, person, tx.Now()) })
	return person
}

// writeBacks does what a worker does whom the sweep hints.
func (w *world) writeBacks() {
	w.t.Helper()
	require.NoError(w.t, w.handleWritebacks(w.t.Context(), nil))
}

// choice is the note of the only choice, "" while it is still to be told.
func (w *world) choice() string {
	w.t.Helper()
	return w.text(`SELECT CASE next_at WHEN 0 THEN note ELSE '' END FROM writebacks`)
}

// The choice is told with its own moment, once; what Shopify then tells of it
// starts nothing anew.
func TestChoiceIsTold(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.customersOf(w.says("subscribed"))
		w.alone()
		w.chooses()
		said := w.now()
		w.pass(1, time.Hour) // the queue stood still
		w.writeBacks()
		got := fake.Consent(w.conn.ExternalID, 6001)
		require.Equal(t, "unsubscribed", got.State)
		require.Equal(t, said.Truncate(time.Second).UTC(), got.At.UTC())
		require.Equal(t, "told", w.choice())
		w.hear("customers_email_marketing_consent/update", shopifyfake.CustomerConsent(6001, ada, "unsubscribed", "", got.At))
		w.pass(5, day)
		w.writeBacks()
		require.Equal(t, 1, questions(fake, "Unsubscribe"))
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM writebacks`))
	})
}

// A Shopify that does not take it is tried ten times within a week; then somebody has to look.
func TestChoiceThatCannotBeTold(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.customersOf(w.says("subscribed"))
		fake.Scopes(w.conn.ExternalID, "read_customers")
		w.alone()
		w.chooses()
		began := w.now()
		var tried []time.Duration
		for w.choice() == "" && len(tried) < 50 {
			before := questions(fake, "Unsubscribe")
			w.writeBacks()
			if questions(fake, "Unsubscribe") > before {
				tried = append(tried, w.now().Sub(began))
			}
			w.pass(1, max(time.Minute, w.untilNext()))
		}
		require.Len(t, tried, 10)
		require.Less(t, tried[9], 7*day)
		require.Greater(t, tried[9], 6*day)
		require.Equal(t, time.Minute, tried[1])
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM findings WHERE kind = 'unsubscribe_not_told'`))
		require.NotContains(t, w.text(`SELECT detail || subject FROM findings`), "ada@")
	})
}

func (w *world) untilNext() time.Duration {
	return time.Duration(int64(w.count(`SELECT next_at FROM writebacks`))-int64(w.Store.Now())) * time.Millisecond
}

// Shopify is away for an hour: the choice waits, and is told afterwards.
func TestChoiceWaitsForShopify(t *testing.T) {
	for _, failure := range []shopifyfake.Failure{shopifyfake.Unavailable, shopifyfake.Lost, shopifyfake.AccessDenied, shopifyfake.Frozen} {
		t.Run(string(failure), func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, w *world) {
				fake := w.customersOf(w.says("subscribed"))
				fake.FailOn("Unsubscribe", failure)
				w.alone()
				w.chooses()
				w.writeBacks()
				require.Empty(t, w.choice())
				w.writeBacks()
				require.Equal(t, 1, questions(fake, "Unsubscribe"), "not before its time")
				w.pass(1, time.Minute)
				w.writeBacks()
				require.Equal(t, "told", w.choice())
				require.Equal(t, "unsubscribed", fake.Consent(w.conn.ExternalID, 6001).State)
			})
		})
	}
}

// Whom there is nothing to tell of.
func TestChoiceOfWhom(t *testing.T) {
	for name, c := range map[string]struct {
		change func(w *world, fake *shopifyfake.Fake, person commerce.PersonID)
		note   string
	}{
		"a customer who is gone": {func(w *world, fake *shopifyfake.Fake, _ commerce.PersonID) {
			fake.DropCustomer(w.conn.ExternalID, 6001)
		}, "the customer is gone"},
		"somebody erased": {func(w *world, _ *shopifyfake.Fake, person commerce.PersonID) {
			w.forget(person)
		}, "the person was erased"},
		"no customer": {func(w *world, _ *shopifyfake.Fake, person commerce.PersonID) {
			storetest.Do(w.t, w.Store, func(tx *store.Tx) error { return tx.DropUnsubscribes(w.shop, commerce.Shopify, person) })
			p := storetest.Person(w.t, w.Store, w.shop)
			storetest.Do(w.t, w.Store, func(tx *store.Tx) error {
				return tx.AskUnsubscribe(w.shop, commerce.Shopify, p.ID, tx.Now())
			})
		}, "no customer"},
		"somebody who took it back": {func(w *world, _ *shopifyfake.Fake, person commerce.PersonID) {
			storetest.Do(w.t, w.Store, func(tx *store.Tx) error { return tx.DropUnsubscribes(w.shop, commerce.Shopify, person) })
		}, "taken back"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, w *world) {
				fake := w.customersOf(w.says("subscribed"))
				w.alone()
				c.change(w, fake, w.chooses())
				w.pass(1, time.Minute)
				w.writeBacks()
				require.Zero(t, w.count(`SELECT COUNT(*) FROM writebacks WHERE next_at > 0`))
				require.Equal(t, c.note, w.text(`SELECT note FROM writebacks ORDER BY id DESC LIMIT 1`))
				require.NotEqual(t, "unsubscribed", fake.Consent(w.conn.ExternalID, 6001).State)
				require.Zero(t, w.count(`SELECT COUNT(*) FROM findings`))
			})
		})
	}
}

// Whoever takes a choice back while a worker has it in hand is not too late.
func TestChoiceTakenBackInHand(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.customersOf(w.says("subscribed"))
		w.alone()
		person := w.chooses()
		b, found, err := w.Store.NextWriteback(t.Context(), time.Minute)
		require.NoError(t, err)
		require.True(t, found)
		storetest.Do(t, w.Store, func(tx *store.Tx) error { return tx.DropUnsubscribes(w.shop, commerce.Shopify, person) })
		require.NoError(t, w.writeBack(t.Context(), b))
		require.Zero(t, questions(fake, "Unsubscribe"))
		require.Equal(t, "taken back", w.choice())
	})
}

// forget erases somebody as far as a step sees it.
func (w *world) forget(person commerce.PersonID) {
	w.t.Helper()
	p, err := w.Store.Person(w.t.Context(), w.shop, person)
	require.NoError(w.t, err)
	storetest.Do(w.t, w.Store, func(tx *store.Tx) error {
		return tx.SavePersons(w.shop, []commerce.Person{{ID: p.ID, Erased: true}})
	})
}

// Of somebody who turned out to be two customers both are told.
func TestChoiceOfTwoCustomers(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.customersOf(w.says("subscribed"), shopifyfake.Customer{ID: 6009, Email: "old@example.com", Mail: shopifyfake.Consent{State: "subscribed", At: w.now()}})
		w.alone()
		person := w.chooses()
		old := storetest.Person(t, w.Store, w.shop)
		storetest.Do(t, w.Store, func(tx *store.Tx) error {
			if err := tx.AddIdentities(w.shop, map[commerce.Identity]commerce.PersonID{{Kind: commerce.ByShopify, Value: "6009"}: old.ID}); err != nil {
				return err
			}
			return tx.MergePersons(w.shop, person, old.ID, "the same")
		})
		w.writeBacks()
		for _, id := range []int64{6001, 6009} {
			require.Equal(t, "unsubscribed", fake.Consent(w.conn.ExternalID, id).State, id)
		}
	})
}

// Two workers are hinted at once: one tells it.
func TestChoiceIsToldByOne(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.customersOf(w.says("subscribed"))
		w.alone()
		w.chooses()
		other := w.worker(w.Store)
		other.Shopify, other.Install = w.Shopify, w.Install
		var both sync.WaitGroup
		for _, worker := range []*Worker{w.Worker, other} {
			both.Go(func() { _ = worker.handleWritebacks(t.Context(), nil) })
		}
		both.Wait()
		require.Equal(t, 1, questions(fake, "Unsubscribe"))
		require.Equal(t, "told", w.choice())
	})
}
