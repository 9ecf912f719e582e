package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/store"
	"flywheel/store/storetest"
)

// refusals are a shop whose gate holds messages for lack of consent.
type refusals struct {
	t    *testing.T
	s    *store.Store
	shop commerce.ShopID
	c    commerce.Connection
}

func refusing(t *testing.T, s *store.Store) refusals {
	shop := storetest.Shop(t, s)
	return refusals{t, s, shop, storetest.Connection(t, s, shop)}
}

// walk takes somebody who bought at a platform into a campaign.
func (r refusals) walk(p commerce.Platform, who commerce.Person, change ...func(*campaign.Enrollment)) campaign.Enrollment {
	r.t.Helper()
	return storetest.Enroll(r.t, r.s, r.shop, storetest.Order(r.t, r.s, r.shop, who.ID, func(o *store.StoredOrder) {
		o.Keys[0].Platform, o.Detail.Platform = p, p
	}), change...)
}

// says has the gate answer about a walk's mail, a minute after it last did.
func (r refusals) says(e campaign.Enrollment, d gate.Decision) {
	r.t.Helper()
	storetest.ClockOf(r.s).Advance(time.Minute)
	storetest.Do(r.t, r.s, func(tx *store.Tx) error {
		return tx.SaveDecisions(r.shop, []store.Decided{{Campaign: e.Campaign, EntryKey: e.EntryKey, StepID: "thanks", Person: e.Person, Decision: d}})
	})
}

var lacking = gate.Decision{Answer: gate.Hold, Reason: gate.NoConsent, Detail: "needs opt_in"}

func (r refusals) acts(e campaign.Enrollment, state store.EffectState) {
	r.t.Helper()
	storetest.Do(r.t, r.s, func(tx *store.Tx) error {
		got, err := tx.ClaimEffects(r.shop, []store.Effect{storetest.Effect(e, r.c, "hash")})
		if err != nil {
			return err
		}
		return tx.FinishEffects(r.shop, []store.EffectResult{{ID: got[e.ID].ID, State: state}})
	})
}

func (r refusals) held(since commerce.Instant) store.ConsentHeld {
	r.t.Helper()
	held, err := r.s.ConsentHeld(r.t.Context(), r.shop, since)
	require.NoError(r.t, err)
	return held
}

// Held counts by the last word: what went out, or waits for something else by
// now, was not held; what was dropped while it waited for a yes was.
func TestConsentHeldByTheLastWord(t *testing.T) {
	for name, c := range map[string]struct {
		then func(r refusals, e campaign.Enrollment)
		want int64
	}{
		"still held":     {func(refusals, campaign.Enrollment) {}, 1},
		"held again":     {func(r refusals, e campaign.Enrollment) { r.says(e, lacking) }, 1},
		"said yes, sent": {func(r refusals, e campaign.Enrollment) { r.acts(e, store.Sent) }, 0},
		"claimed, a no":  {func(r refusals, e campaign.Enrollment) { r.acts(e, store.Withdrawn) }, 1},
		"said yes, night": {func(r refusals, e campaign.Enrollment) {
			r.says(e, gate.Decision{Answer: gate.Defer, Reason: gate.QuietHours})
		}, 0},
		"refunded": {func(r refusals, e campaign.Enrollment) {
			r.says(e, gate.Decision{Answer: gate.Skip, Reason: gate.Refunded})
		}, 0},
		"waited in vain":    {func(r refusals, e campaign.Enrollment) { r.says(e, tooLate("no_consent (needs opt_in) until after")) }, 1},
		"yes, but too late": {func(r refusals, e campaign.Enrollment) { r.says(e, tooLate("quiet_hours until after")) }, 0},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, s *store.Store) {
				r := refusing(t, s)
				e := r.walk(commerce.Shopify, storetest.Person(t, s, r.shop))
				r.says(e, lacking)
				c.then(r, e)
				require.Equal(t, store.ConsentHeld{Persons: c.want, Messages: c.want}, r.held(0))
			})
		})
	}
}

func tooLate(detail string) gate.Decision {
	return gate.Decision{Answer: gate.Skip, Reason: gate.TooLate, Detail: detail}
}

// Each person counts once, however many messages and accounts they have; of
// Stripe alone is who bought nowhere else and has no account elsewhere.
func TestConsentHeldCountsPersonsOnce(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		r := refusing(t, s)
		customer := func(p commerce.Person, at commerce.IdentityKind) commerce.Person {
			storetest.Do(t, s, func(tx *store.Tx) error {
				return tx.AddIdentities(r.shop, map[commerce.Identity]commerce.PersonID{{Kind: at, Value: "cus_" + string(p.ID)}: p.ID})
			})
			return p
		}
		person := func() commerce.Person { return storetest.Person(t, s, r.shop) }
		guest, subscriber, both := person(), customer(person(), commerce.ByStripe), customer(person(), commerce.ByShopify)
		twice := person() // a guest of both
		one, other := customer(person(), commerce.ByStripe), customer(person(), commerce.ByShopify)
		execute(t, s, `UPDATE persons SET merged_into = $3 WHERE shop_id = $1 AND id = $2`, r.shop, one.ID, other.ID)
		began := s.Now()
		for _, e := range []campaign.Enrollment{
			r.walk(commerce.Stripe, guest), r.walk(commerce.Stripe, subscriber), r.walk(commerce.Stripe, subscriber),
			r.walk(commerce.Stripe, both), r.walk(commerce.Stripe, twice), r.walk(commerce.Shopify, twice), r.walk(commerce.Stripe, one), r.walk(commerce.Stripe, other), r.walk(commerce.Shopify, person()),
			r.walk(commerce.Stripe, person(), func(e *campaign.Enrollment) { e.Rehearsal = true }),
		} {
			r.says(e, lacking)
		}
		require.Equal(t, store.ConsentHeld{Persons: 6, Messages: 9, Stripe: 2}, r.held(began))
		require.Equal(t, store.ConsentHeld{Persons: 1, Messages: 1}, r.held(began.Add(9*time.Minute)), "of the last two minutes; the very last is a rehearsal")
		require.Zero(t, r.held(s.Now()+1))

		another := refusing(t, s)
		require.Zero(t, another.held(0), "of another shop")
	})
}

// What is counted stands in the home of every shop: it is found by an index.
func TestConsentHeldProbesIndexes(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		large := 100
		if !s.Embedded() {
			large = 8000
		}
		fillShops(t, s, large)
		execute(t, s, `UPDATE decisions SET reason = 'no_consent', answer = 'hold', last_at = 5, step_id = 'ask' WHERE shop_id = 'shop-7' AND entry_key IN ('k78', 'k79', 'k80')`)
		if !s.Embedded() {
			execute(t, s, `ANALYZE`)
		}
		explain(t, s, 2, func() {
			held, err := s.ConsentHeld(t.Context(), "shop-7", 1)
			require.NoError(t, err)
			require.Equal(t, store.ConsentHeld{Persons: 3, Messages: 3}, held)
		})
	})
}

// There is an end to what is counted, and it says so.
func TestConsentHeldCountsTheNewest(t *testing.T) {
	s := storetest.Open(t, "sqlite")
	fillShops(t, s, store.HeldRead+1)
	for beyond := range 2 {
		execute(t, s, fmt.Sprintf(`UPDATE decisions SET reason = 'no_consent', answer = 'hold', last_at = 5, step_id = 'ask'
			WHERE shop_id = 'shop-7' AND CAST(substr(entry_key, 2) AS BIGINT) < %d + %d`, store.HeldRead, beyond))
		held, err := s.ConsentHeld(t.Context(), "shop-7", 1)
		require.NoError(t, err)
		require.EqualValues(t, store.HeldRead-1+beyond, held.Messages)
		require.Equal(t, beyond == 1, held.More)
	}
}
