package jobs

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/store"
	"flywheel/store/storetest"
)

// tags is a step that changes the customer's tags.
func tags(add, remove []string) campaign.Step {
	return campaign.Step{ID: "tags", Kind: campaign.TagCustomer, Useful: days(9), Add: add, Remove: remove}
}

// tagging is a campaign that tags a paid order's customer and then writes to them.
func (w *world) tagging() {
	w.t.Helper()
	w.alone()
	w.save(w.mails("tag", tags([]string{"thanked", "vip"}, []string{"new"}), w.mail("then", 9)))
}

// tagEffect is the state, the tries and the note of the only act of that kind.
func (w *world) tagEffect() (store.EffectState, int, string) {
	w.t.Helper()
	where := ` FROM effects WHERE kind = 'tag_customer'`
	return store.EffectState(w.text(`SELECT state` + where)), w.count(`SELECT tries` + where), w.text(`SELECT note` + where)
}

// taggedAda is Ada with tags of before.
func taggedAda() shopifyfake.Customer {
	return shopifyfake.Customer{ID: 6001, Email: ada, FirstName: "Ada", Tags: []string{"New", "press"}}
}

func TestTagsAreChanged(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.customersOf(taggedAda())
		w.tagging()
		w.hear("orders/paid", w.order(1).Body())
		require.Equal(t, []string{"press", "thanked", "vip"}, fake.Tags(w.conn.ExternalID, 6001))
		state, _, _ := w.tagEffect()
		require.Equal(t, store.Sent, state)
		require.Equal(t, 1, w.sent(), "the walk goes on")
	})
}

// Tags are no message: neither hours, caps, consent nor a stop keeps them back.
func TestTagsAskNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.customersOf(taggedAda())
		w.alone()
		w.asking(gate.Marketing, tags([]string{"vip"}, nil))
		w.suppress(ada)
		storetest.ClockOf(w.Store).Advance(11 * time.Hour) // night
		w.hear("orders/paid", w.bought(1, "DE").Body())
		require.Equal(t, []string{"New", "press", "vip"}, fake.Tags(w.conn.ExternalID, 6001))
		require.Zero(t, questions(fake, "Consents"))
	})
}

// Whoever turned out to be one with somebody else has two customers: both are tagged, one that is gone is not missed.
func TestTagsOfTwoCustomers(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.customersOf(taggedAda(), shopifyfake.Customer{ID: 6009, Email: "old@example.com"})
		w.alone()
		w.save(w.mails("tag", later(1), tags([]string{"vip"}, nil)))
		w.hear("orders/paid", w.order(1).Body())
		person, err := w.Store.WhoIs(t.Context(), w.shop, ada, "")
		require.NoError(t, err)
		storetest.Do(t, w.Store, func(tx *store.Tx) error {
			return tx.AddIdentities(w.shop, map[commerce.Identity]commerce.PersonID{
				{Kind: commerce.ByShopify, Value: "6009"}: person, {Kind: commerce.ByShopify, Value: "6010"}: person,
			})
		})
		w.pass(1, day)
		require.Equal(t, []string{"New", "press", "vip"}, fake.Tags(w.conn.ExternalID, 6001))
		require.Equal(t, []string{"vip"}, fake.Tags(w.conn.ExternalID, 6009))
	})
}

// Who is no customer at Shopify cannot be tagged there; the reason is kept and the walk goes on.
func TestNobodyToTag(t *testing.T) {
	for name, c := range map[string]func(w *world, o *shopifyfake.Order){
		"a guest":                func(w *world, o *shopifyfake.Order) { w.customersOf(); o.Guest("guest@example.com") },
		"a customer who is gone": func(w *world, _ *shopifyfake.Order) { w.customersOf() },
		"a shop without Shopify": func(*world, *shopifyfake.Order) {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, w *world) {
				o := w.order(1)
				c(w, o)
				w.tagging()
				w.hear("orders/paid", o.Body())
				state, _, note := w.tagEffect()
				require.Equal(t, store.Failed, state)
				require.Equal(t, "no Shopify customer", note)
				require.Equal(t, 1, w.sent())
			})
		})
	}
}

// What did not arrive, or of which nobody knows whether it did, is done again.
func TestTagsAreTriedAgain(t *testing.T) {
	for _, failure := range []shopifyfake.Failure{shopifyfake.Unavailable, shopifyfake.Lost, shopifyfake.Garbled} {
		t.Run(string(failure), func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, w *world) {
				fake := w.customersOf(taggedAda())
				fake.FailOn("AddTags", failure)
				w.tagging()
				w.hear("orders/paid", w.order(1).Body())
				state, tries, _ := w.tagEffect()
				require.Equal(t, store.Retry, state)
				require.Equal(t, 1, tries)
				require.Zero(t, w.sent(), "what follows waits")
				w.pass(1, 2*time.Minute)
				require.Equal(t, []string{"press", "thanked", "vip"}, fake.Tags(w.conn.ExternalID, 6001))
				require.Equal(t, 1, w.sent())
			})
		})
	}
}

// A shop that does not allow it is asked for some days, in case somebody mends it.
func TestTagsThatAreRefused(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.customersOf(taggedAda())
		fake.Scopes(w.conn.ExternalID, "read_customers")
		w.tagging()
		w.hear("orders/paid", w.order(1).Body())
		state, _, _ := w.tagEffect()
		require.Equal(t, store.Retry, state)
		w.pass(14, 6*time.Hour)
		state, _, note := w.tagEffect()
		require.Equal(t, store.Failed, state, note)
		require.Equal(t, deniedTries, questions(fake, "AddTags"))
		require.Equal(t, 1, w.sent(), "the walk goes on")
	})
}

// A token that ended early is exchanged, and nobody notices.
func TestTagsWithAnotherToken(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.customersOf(taggedAda())
		shop := w.conn.ExternalID
		grant, err := w.Shopify.Exchange(t.Context(), shop, fake.IDToken(shop, 1, time.Now()))
		require.NoError(t, err)
		_, err = w.Store.Install(t.Context(), store.Installation{Connection: w.conn, Grant: grant, SeenAt: w.Store.Now()})
		require.NoError(t, err)
		fake.ExpireTokens(shop)
		w.tagging()
		w.hear("orders/paid", w.order(1).Body())
		require.Equal(t, []string{"press", "thanked", "vip"}, fake.Tags(shop, 6001))
		require.Equal(t, 1, fake.Refreshes())
	})
}

// One that is dead for good is noted, so that somebody opens the app; the step waits for that.
func TestTagsWithADeadToken(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.customersOf(taggedAda())
		fake.RevokeTokens(w.conn.ExternalID)
		w.tagging()
		w.hear("orders/paid", w.order(1).Body())
		state, _, _ := w.tagEffect()
		require.Equal(t, store.Retry, state)
		c, err := w.Store.ConnectionByID(t.Context(), w.conn.ID)
		require.NoError(t, err)
		require.Equal(t, commerce.TokenRevoked, c.TokenState)
	})
}

// In a rehearsal nothing is changed.
func TestTagsInARehearsal(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.customersOf(taggedAda())
		w.tagging()
		w.set("tag", campaign.Rehearsal)
		w.hear("orders/paid", w.order(1).Body())
		state, _, note := w.tagEffect()
		require.Equal(t, store.Sent, state)
		require.Equal(t, "rehearsal: no tag is changed", note)
		require.Empty(t, fake.Asked())
	})
}

// An erased person and a paused shop get no tags.
func TestTagsAreHeldLikeAnyAct(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.customersOf(taggedAda())
		w.alone()
		w.save(w.mails("tag", later(1), tags([]string{"vip"}, nil)))
		w.hear("orders/paid", w.order(1).Body(), w.orderOf(0, 2).Body())
		require.NoError(t, w.Store.SetShopState(t.Context(), w.shop, commerce.ShopPaused))
		w.pass(1, day)
		require.Empty(t, fake.Asked())
		person, err := w.Store.WhoIs(t.Context(), w.shop, ada, "")
		require.NoError(t, err)
		w.forget(person)
		require.NoError(t, w.Store.SetShopState(t.Context(), w.shop, commerce.ShopActive))
		fake.PutCustomer(w.conn.ExternalID, buyer(0))
		_, err = w.Store.TouchMore(t.Context())
		require.NoError(t, err)
		w.pass(1, time.Hour)
		require.Equal(t, []string{"New", "press"}, fake.Tags(w.conn.ExternalID, 6001))
		require.Equal(t, []string{"vip"}, fake.Tags(w.conn.ExternalID, 7000))
	})
}
