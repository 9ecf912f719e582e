package store_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/store"
	"flywheel/store/storetest"
)

func uses(t *testing.T, s *store.Store, shop commerce.ShopID, since commerce.Instant, hashes ...string) (got map[string][]store.Use) {
	t.Helper()
	storetest.Do(t, s, func(tx *store.Tx) (err error) {
		got, err = tx.Uses(shop, hashes, since)
		return err
	})
	return got
}

// Caps count asks that went out, may have or are about to, and nothing else.
func TestUsesCountAsks(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		for name, c := range map[string]struct {
			change func(*store.Effect)
			state  store.EffectState
			counts bool
		}{
			"service, claimed":   {func(f *store.Effect) { f.Class = gate.Service }, store.Claimed, true},
			"marketing, sending": {func(f *store.Effect) { f.Class = gate.Marketing }, store.Sending, true},
			"sent":               {func(f *store.Effect) { f.Class = gate.Service }, store.Sent, true},
			"retry":              {func(f *store.Effect) { f.Class = gate.Service }, store.Retry, true},
			"unknown":            {func(f *store.Effect) { f.Class = gate.Service }, store.Unknown, true},
			"failed":             {func(f *store.Effect) { f.Class = gate.Service }, store.Failed, false},
			"withdrawn":          {func(f *store.Effect) { f.Class = gate.Service }, store.Withdrawn, false},
			"expired":            {func(f *store.Effect) { f.Class = gate.Service }, store.Expired, false},
			"an order mail":      {func(f *store.Effect) { f.Class = gate.Transactional }, store.Sent, false},
			"a rehearsal":        {func(f *store.Effect) { f.Class, f.Rehearsal = gate.Service, true }, store.Sent, false},
			"a call":             {func(f *store.Effect) { f.Class, f.Kind = gate.Service, campaign.CallTask }, store.Sent, false},
			"a tag":              {func(f *store.Effect) { f.Class, f.Kind = gate.Service, campaign.TagCustomer }, store.Sent, false},
			"a webhook":          {func(f *store.Effect) { f.Class, f.Kind = gate.Service, campaign.Webhook }, store.Sent, false},
		} {
			w := claimedWorld(t, s, c.change)
			execute(t, s, `UPDATE effects SET state = $1 WHERE id = $2`, string(c.state), string(w.effect.ID))
			got := uses(t, s, w.shop, s.Now(), w.hash, "another")
			if !c.counts {
				require.Empty(t, got, name)
				continue
			}
			require.Equal(t, map[string][]store.Use{w.hash: {{
				Use: gate.Use{At: s.Now(), Class: w.effect.Class}, Enrollment: w.enrollment.ID, Campaign: w.effect.Campaign, StepID: "thanks",
			}}}, got, name)
			require.Empty(t, uses(t, s, w.shop, s.Now()+1, w.hash), "%s: before the window", name)
		}
		require.Empty(t, uses(t, s, storetest.Shop(t, s), 0))
	})
}

// What other tools send counts as our own does, once however often it is told.
func TestAddTouch(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		add := func(change func(*store.Touch)) bool {
			touch := store.Touch{Email: "ada@example.com", At: 1000, Class: gate.Marketing, Channel: commerce.ByMail, Source: "klaviyo", ExternalID: "m1", Campaign: "Spring"}
			change(&touch)
			fresh, err := s.AddTouch(t.Context(), shop, touch)
			require.NoError(t, err)
			return fresh
		}
		require.True(t, add(func(*store.Touch) {}))
		require.False(t, add(func(touch *store.Touch) { touch.At = 5 }), "told twice")
		require.True(t, add(func(touch *store.Touch) { touch.Source, touch.Class = "shop", gate.Service }), "another tool's")
		require.True(t, add(func(touch *store.Touch) { touch.ExternalID, touch.At = "", 2000 }))
		require.True(t, add(func(touch *store.Touch) { touch.ExternalID, touch.At = "", 3000 }), "without an id each is one")
		require.True(t, add(func(touch *store.Touch) { touch.ExternalID, touch.Class = "receipt", gate.Transactional }))
		hash, err := s.AddressHash(t.Context(), shop, "ada@example.com")
		require.NoError(t, err)
		var at []commerce.Instant
		for _, u := range uses(t, s, shop, 1000, hash)[hash] {
			at = append(at, u.At)
			require.Empty(t, u.Enrollment)
		}
		require.Equal(t, []commerce.Instant{1000, 1000, 2000, 3000}, at)
		require.Len(t, uses(t, s, shop, 1001, hash)[hash], 2)
	})
}

// Two who decide about one address do so one after the other, also where they name others in another order.
func TestLockAddressesMakesDecidersWait(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		var inside, most, rounds int
		var mu sync.Mutex
		enter := func(by int) {
			mu.Lock()
			defer mu.Unlock()
			inside, rounds = inside+by, rounds+1
			most = max(most, inside)
		}
		var deciders sync.WaitGroup
		errs := make(chan error, 40)
		for i := range 40 {
			hashes := []string{"shared", "a", "b", "shared"}
			if i%2 == 0 {
				hashes = []string{"b", "a", "shared"}
			}
			deciders.Go(func() {
				errs <- s.Transact(t.Context(), func(tx *store.Tx) error {
					if err := tx.LockAddresses(shop, hashes); err != nil {
						return err
					}
					enter(1)
					defer enter(-1)
					return tx.Exec(`SELECT 1`)
				})
			})
		}
		deciders.Wait()
		close(errs)
		for err := range errs {
			require.NoError(t, err)
		}
		require.Equal(t, 1, most)
		require.Equal(t, 80, rounds)
		storetest.Do(t, s, func(tx *store.Tx) error {
			return errors.Join(tx.LockAddresses(shop, nil), tx.LockAddresses(shop, []string{"a"}))
		})
	})
}

// The fuse reads what a campaign's asks led to.
func TestFuseFigures(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		c := storetest.Connection(t, s, shop)
		person := storetest.Person(t, s, shop)
		sent := func(state store.EffectState, change ...func(*store.Effect)) store.Effect {
			order := storetest.Order(t, s, shop, person.ID)
			e := storetest.Enroll(t, s, shop, order)
			f := claim(t, s, shop, storetest.Effect(e, c, "hash", append([]func(*store.Effect){func(f *store.Effect) { f.Class = gate.Service }}, change...)...))
			execute(t, s, `UPDATE effects SET state = $1, sending_at = claimed_at, address_hash = 'of ' || id WHERE id = $2`, string(state), string(f.ID))
			f.AddressHash = "of " + string(f.ID)
			return f
		}
		sent(store.Sent)
		sent(store.Unknown)
		sent(store.Failed)
		sent(store.Claimed)
		sent(store.Withdrawn)
		sent(store.Sent, func(f *store.Effect) { f.Campaign = "another" })
		sent(store.Failed, func(f *store.Effect) { f.Rehearsal = true })
		sent(store.Failed, func(f *store.Effect) { f.Class = gate.Transactional })
		leaving, otherwise, refunded, before := sent(store.Sent), sent(store.Sent), sent(store.Sent), sent(store.Sent)
		bounced := func(f store.Effect, kind gate.BounceKind, key string) error {
			return s.Transact(t.Context(), func(tx *store.Tx) error {
				_, err := tx.AddBounce(shop, store.Bounce{Key: key, Kind: kind, Effect: f.ID, AddressHash: f.AddressHash, Source: "dsn"})
				return err
			})
		}
		require.NoError(t, errors.Join(bounced(leaving, gate.HardBounce, "1"), bounced(leaving, gate.HardBounce, "2"), bounced(before, gate.Blocked, "3"),
			bounced(otherwise, gate.Complaint, "4"), bounced(refunded, gate.SoftBounce, "5")))
		storetest.Do(t, s, func(tx *store.Tx) error {
			refund := func(f store.Effect, at commerce.Instant) commerce.Event {
				return commerce.Event{Kind: commerce.RefundMade, Subject: string(f.Order) + "/r", OrderID: f.Order, PersonID: person.ID, OccurredAt: at}
			}
			return errors.Join(
				tx.SuppressBy(shop, leaving.AddressHash, gate.TopicScope("orders"), "unsubscribed", leaving.ID),
				tx.SuppressBy(shop, leaving.AddressHash, gate.ScopeNonTransactional, "unsubscribed", leaving.ID),
				tx.Suppress(shop, otherwise.AddressHash, gate.ScopeAll, "by hand"),
				tx.SaveEvents(shop, []commerce.Event{refund(refunded, s.Now()+1), refund(before, s.Now()-1)}),
			)
		})
		want := gate.Figures{Sends: 7, Failures: 1, Unsubscribes: 1, Refunds: 1, Bounces: 2, Complaints: 1}
		got, err := s.FuseFigures(t.Context(), shop, "thank-you", s.Now())
		require.NoError(t, err)
		require.Equal(t, want, got)
		storetest.ClockOf(s).Advance(time.Hour)
		got, err = s.FuseFigures(t.Context(), shop, "thank-you", s.Now())
		require.NoError(t, err)
		require.Zero(t, got, "they are older")
	})
}
