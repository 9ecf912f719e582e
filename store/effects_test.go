package store_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/store"
	"flywheel/store/storetest"
)

// claimed is a shop with one mail that "one" has claimed.
type claimed struct {
	shop       commerce.ShopID
	connection commerce.Connection
	person     commerce.Person
	order      *store.StoredOrder
	enrollment campaign.Enrollment
	effect     store.Effect
	hash       string
}

func claimedWorld(t *testing.T, s *store.Store, change ...func(*store.Effect)) claimed {
	t.Helper()
	w := claimed{shop: storetest.Shop(t, s)}
	w.connection = storetest.Connection(t, s, w.shop)
	_, err := s.SaveCampaign(t.Context(), w.shop, "thank-you", definition("thanks"), campaign.Live)
	require.NoError(t, err)
	w.person = storetest.Person(t, s, w.shop)
	w.order = storetest.Order(t, s, w.shop, w.person.ID)
	w.enrollment = storetest.Enroll(t, s, w.shop, w.order)
	w.hash, err = s.AddressHash(t.Context(), w.shop, w.person.Email)
	require.NoError(t, err)
	w.enrollment = take(t, s, w.shop, chunkOf(t, s, w.shop).Runs...)[0]
	w.effect = claim(t, s, w.shop, storetest.Effect(w.enrollment, w.connection, w.hash, change...))
	return w
}

// take leases queued rows to "one".
func take(t *testing.T, s *store.Store, shop commerce.ShopID, runs ...store.Run) []campaign.Enrollment {
	t.Helper()
	es, err := s.EnrollmentsForRun(t.Context(), shop, runs)
	require.NoError(t, err)
	storetest.Do(t, s, func(tx *store.Tx) error {
		taken, err := tx.TakeEnrollments(shop, "one", es)
		require.Len(t, taken, len(runs))
		return err
	})
	return es
}

func claim(t *testing.T, s *store.Store, shop commerce.ShopID, f store.Effect) (got store.Effect) {
	t.Helper()
	storetest.Do(t, s, func(tx *store.Tx) error {
		claims, err := tx.ClaimEffects(shop, []store.Effect{f})
		got = claims[f.Enrollment]
		return err
	})
	return got
}

func begin(t *testing.T, s *store.Store, shop commerce.ShopID, f ...store.Effect) map[store.EffectID]bool {
	t.Helper()
	going, err := s.BeginSending(t.Context(), shop, f)
	require.NoError(t, err)
	return going
}

func finish(t *testing.T, s *store.Store, shop commerce.ShopID, f store.Effect, state store.EffectState, tries int64) {
	t.Helper()
	storetest.Do(t, s, func(tx *store.Tx) error {
		return tx.FinishEffects(shop, []store.EffectResult{{ID: f.ID, Dispatch: f.Dispatch, State: state, Tries: tries, Note: "250 ok"}})
	})
}

func stateOfEffect(t *testing.T, s *store.Store, id store.EffectID) string {
	t.Helper()
	return word(t, s, `SELECT state FROM effects WHERE id = $1`, id)
}

func TestAnEffectGoesOutOnce(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		w := claimedWorld(t, s)
		require.NotEmpty(t, w.effect.ID)
		require.Equal(t, "claimed", stateOfEffect(t, s, w.effect.ID))
		require.Equal(t, map[store.EffectID]bool{w.effect.ID: true}, begin(t, s, w.shop, w.effect))
		require.Equal(t, "sending", stateOfEffect(t, s, w.effect.ID))

		require.Empty(t, begin(t, s, w.shop, w.effect), "a second worker")
		require.Equal(t, "sending", stateOfEffect(t, s, w.effect.ID), "and it does not take back what the first is sending")
		require.Empty(t, claim(t, s, w.shop, w.effect), "what is being sent cannot be claimed")

		storetest.ClockOf(s).Advance(time.Second)
		finish(t, s, w.shop, w.effect, store.Sent, 0)
		require.Equal(t, "sent", stateOfEffect(t, s, w.effect.ID))
		require.Equal(t, int64(s.Now()), number(t, s, `SELECT done_at FROM effects`))
		require.Empty(t, claim(t, s, w.shop, w.effect))
		finish(t, s, w.shop, w.effect, store.Failed, 0)
		require.Equal(t, "sent", stateOfEffect(t, s, w.effect.ID), "what is sent stays sent")
		require.Empty(t, begin(t, s, w.shop, w.effect))
	})
}

func TestAnEffectKeepsItsIdThroughRetries(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		w := claimedWorld(t, s)
		begin(t, s, w.shop, w.effect)
		finish(t, s, w.shop, w.effect, store.Retry, 1)
		again := claim(t, s, w.shop, w.effect)
		require.Equal(t, w.effect.ID, again.ID)
		require.EqualValues(t, 1, again.Tries, "the provider was asked once")
		require.Equal(t, map[store.EffectID]bool{w.effect.ID: true}, begin(t, s, w.shop, again))

		later := w.effect
		later.StepID = "second"
		require.NotEqual(t, w.effect.ID, claim(t, s, w.shop, later).ID, "another step, another effect")
		later.Enrollment = "other"
		later.StepID = w.effect.StepID
		require.NotEqual(t, w.effect.ID, claim(t, s, w.shop, later).ID, "another enrollment, another effect")
	})
}

// Numbers of runs only rise: what an older run still wants to say no longer counts.
func TestAnOlderRunHasNoSay(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		w := claimedWorld(t, s)
		newer := w.effect
		newer.Dispatch++
		newer.EnrollmentRev++
		execute(t, s, `UPDATE enrollments SET dispatch = dispatch + 1, rev = rev + 1`)
		require.Equal(t, w.effect.ID, claim(t, s, w.shop, newer).ID)
		require.Empty(t, claim(t, s, w.shop, w.effect))
		require.Empty(t, begin(t, s, w.shop, w.effect))
		require.Equal(t, "claimed", stateOfEffect(t, s, w.effect.ID), "the newer run's claim stands")
		finish(t, s, w.shop, w.effect, store.Failed, 0)
		require.Equal(t, "claimed", stateOfEffect(t, s, w.effect.ID))
		require.Equal(t, map[store.EffectID]bool{w.effect.ID: true}, begin(t, s, w.shop, newer))
	})
}

func TestAnUnknownResultCountsLaterOnlyIfCertain(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		for _, c := range []struct {
			late, want store.EffectState
		}{{store.Sent, store.Sent}, {store.Failed, store.Failed}, {store.Retry, store.Unknown}, {store.Withdrawn, store.Unknown}} {
			w := claimedWorld(t, s)
			begin(t, s, w.shop, w.effect)
			finish(t, s, w.shop, w.effect, store.Unknown, 0)
			require.Empty(t, claim(t, s, w.shop, w.effect), "unknown is never sent again by itself")
			finish(t, s, w.shop, w.effect, c.late, 0)
			require.Equal(t, string(c.want), stateOfEffect(t, s, w.effect.ID), "%s later", c.late)
		}
	})
}

// Everything the decision rested on is asked once more directly before the
// provider's first byte. Each of these changes it between the claim and that moment.
func TestBeginSendingWithdrawsWhatHasChanged(t *testing.T) {
	suppress := func(scope gate.Scope) func(*testing.T, *store.Store, claimed) {
		return func(t *testing.T, s *store.Store, w claimed) {
			storetest.Do(t, s, func(tx *store.Tx) error { return tx.Suppress(w.shop, w.hash, scope, "asked") })
		}
	}
	do := func(fn func(tx *store.Tx, w claimed) error) func(*testing.T, *store.Store, claimed) {
		return func(t *testing.T, s *store.Store, w claimed) {
			storetest.Do(t, s, func(tx *store.Tx) error { return fn(tx, w) })
		}
	}
	cases := []struct {
		name   string
		class  gate.Class
		change func(t *testing.T, s *store.Store, w claimed)
		goes   bool
	}{
		{"nothing", gate.Transactional, func(*testing.T, *store.Store, claimed) {}, true},
		{"enrollment touched", gate.Transactional, do(func(tx *store.Tx, w claimed) error {
			return tx.TouchEnrollments(w.shop, []commerce.OrderID{w.order.ID})
		}), false},
		{"enrollment ended", gate.Transactional, func(t *testing.T, s *store.Store, _ claimed) {
			execute(t, s, `UPDATE enrollments SET state = 'ended'`)
		}, false},
		{"enrollment in another run", gate.Transactional, func(t *testing.T, s *store.Store, _ claimed) {
			execute(t, s, `UPDATE enrollments SET dispatch = dispatch + 1`)
		}, false},
		{"order changed", gate.Transactional, do(func(tx *store.Tx, w claimed) error {
			return tx.SaveOrders(w.shop, []*store.StoredOrder{w.order})
		}), false},
		{"order gone", gate.Transactional, func(t *testing.T, s *store.Store, _ claimed) { execute(t, s, `DELETE FROM orders`) }, false},
		{"person changed", gate.Transactional, do(func(tx *store.Tx, w claimed) error {
			return tx.SavePersons(w.shop, []commerce.Person{w.person})
		}), false},
		{"person erased", gate.Transactional, do(func(tx *store.Tx, w claimed) error {
			_, err := tx.Erase(w.shop, store.Whom{Persons: []commerce.PersonID{w.person.ID}})
			return err
		}), false},
		{"shop paused", gate.Transactional, func(t *testing.T, s *store.Store, w claimed) {
			require.NoError(t, s.SetShopState(t.Context(), w.shop, commerce.ShopPaused))
		}, false},
		{"all paused", gate.Transactional, func(t *testing.T, s *store.Store, _ claimed) { require.NoError(t, s.SetPauseAll(t.Context(), true)) }, false},
		{"uninstalled", gate.Transactional, func(t *testing.T, s *store.Store, w claimed) {
			storetest.Connection(t, s, w.shop) // so that the shop stays open
			require.True(t, closeConnection(t, s, w.shop, w.connection.ID, s.Now()))
		}, false},
		{"installed anew", gate.Transactional, func(t *testing.T, s *store.Store, w claimed) {
			_, err := s.Connect(t.Context(), w.shop, w.connection)
			require.NoError(t, err)
		}, false},
		{"suppressed: all", gate.Transactional, suppress(gate.ScopeAll), false},
		{"suppressed: all", gate.Service, suppress(gate.ScopeAll), false},
		{"suppressed: all but transactional", gate.Service, suppress(gate.ScopeNonTransactional), false},
		{"suppressed: all but transactional", gate.Transactional, suppress(gate.ScopeNonTransactional), true},
		{"suppressed: the topic", gate.Service, suppress(gate.TopicScope("orders")), false},
		{"suppressed: the topic", gate.Transactional, suppress(gate.TopicScope("orders")), true},
		{"suppressed: another topic", gate.Service, suppress(gate.TopicScope("reviews")), true},
		{"another address suppressed", gate.Service, do(func(tx *store.Tx, w claimed) error {
			return tx.Suppress(w.shop, "another", gate.ScopeAll, "asked")
		}), true},
	}
	each(t, func(t *testing.T, s *store.Store) {
		for _, c := range cases {
			w := claimedWorld(t, s, func(f *store.Effect) { f.Class = c.class })
			execute(t, s, `DELETE FROM enrollments WHERE id <> $1`, string(w.enrollment.ID))
			c.change(t, s, w)
			want := map[store.EffectID]bool{}
			state := "withdrawn"
			if c.goes {
				want[w.effect.ID], state = true, "sending"
			}
			require.Equal(t, want, begin(t, s, w.shop, w.effect), "%s, %s", c.name, c.class)
			require.Equal(t, state, stateOfEffect(t, s, w.effect.ID), "%s, %s", c.name, c.class)
			if !c.goes {
				require.Equal(t, w.effect.ID, claim(t, s, w.shop, w.effect).ID, "%s: decided anew, it is the same act", c.name)
			}
			require.NoError(t, s.SetPauseAll(t.Context(), false))
		}
	})
}

func TestBeginSendingTakesEachOfABatchByItself(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		a := claimedWorld(t, s)
		order := storetest.Order(t, s, a.shop, a.person.ID)
		storetest.Enroll(t, s, a.shop, order)
		e := take(t, s, a.shop, chunkOf(t, s, a.shop).Runs...)[0]
		second := claim(t, s, a.shop, storetest.Effect(e, a.connection, a.hash))
		storetest.Do(t, s, func(tx *store.Tx) error { return tx.SaveOrders(a.shop, []*store.StoredOrder{a.order}) })
		require.Equal(t, map[store.EffectID]bool{second.ID: true}, begin(t, s, a.shop, a.effect, second))
		require.Empty(t, begin(t, s, a.shop))
	})
}

// An effect without an order needs none.
func TestBeginSendingWithoutAnOrder(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		w := claimedWorld(t, s, func(f *store.Effect) { f.Order, f.OrderRev = "", 0 })
		execute(t, s, `DELETE FROM orders`)
		require.Len(t, begin(t, s, w.shop, w.effect), 1)
	})
}

func TestCloseEffects(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		for from, want := range map[store.EffectState]store.EffectState{
			store.Claimed: store.Expired, store.Retry: store.Expired, store.Withdrawn: store.Expired,
			store.Sending: store.Sending, store.Sent: store.Sent, store.Unknown: store.Unknown, store.Failed: store.Failed,
		} {
			w := claimedWorld(t, s)
			execute(t, s, `UPDATE effects SET state = $1 WHERE id = $2`, string(from), string(w.effect.ID))
			storetest.Do(t, s, func(tx *store.Tx) error { return tx.CloseEffects(w.shop, w.enrollment.ID, store.Expired, "too late") })
			require.Equal(t, string(want), stateOfEffect(t, s, w.effect.ID), "from %s", from)
		}
	})
}

// A mail that has waited for its turn is looked at once more.
func TestStillSending(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		w := claimedWorld(t, s)
		still := func() bool {
			ok, err := s.StillSending(t.Context(), w.shop, w.effect)
			require.NoError(t, err)
			return ok
		}
		require.False(t, still(), "it has not begun")
		_, err := s.BeginSending(t.Context(), w.shop, []store.Effect{w.effect})
		require.NoError(t, err)
		require.True(t, still())
		require.NoError(t, s.SetPauseAll(t.Context(), true))
		require.False(t, still(), "everything is paused")
		require.NoError(t, s.SetPauseAll(t.Context(), false))
		execute(t, s, `UPDATE orders SET rev = rev + 1 WHERE shop_id = $1`, w.shop)
		require.False(t, still(), "the order has changed")
	})
}

// What campaigns have asked about counts once it may have arrived, and for whoever the person was merged with.
func TestAsked(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		w := claimedWorld(t, s)
		asked := func() map[campaign.CampaignID][]commerce.OrderID {
			got, err := s.Asked(t.Context(), w.shop, []commerce.PersonID{w.effect.Person})
			require.NoError(t, err)
			return got[w.effect.Person]
		}
		require.Empty(t, asked(), "only claimed")
		for _, state := range []string{"sending", "sent", "unknown"} {
			execute(t, s, `UPDATE effects SET state = $1`, state)
			require.Equal(t, map[campaign.CampaignID][]commerce.OrderID{w.effect.Campaign: {w.effect.Order}}, asked(), state)
		}
		execute(t, s, `UPDATE effects SET rehearsal = 1`)
		require.Empty(t, asked())
	})
}
