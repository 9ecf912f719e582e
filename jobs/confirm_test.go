package jobs

import (
	"slices"
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

// confirms lets a campaign ask for a second act, with one mail.
func (w *world) confirms() {
	w.t.Helper()
	d := w.asks("confirm", 10, w.mail("confirm", 3))
	d.Class, d.Trigger = gate.Transactional, campaign.Trigger{Kind: campaign.OnConsentAsked}
	w.save(d)
}

// askedToConfirm counts the events.
func (w *world) askedToConfirm() int {
	return w.count(`SELECT COUNT(*) FROM events WHERE kind = 'consent_asked'`)
}

// A yes that Shopify tells of is to be confirmed where the person lives: once, by
// whatever way it is told, and not where a yes is enough or one was confirmed there.
func TestAYesFromShopifyIsToBeConfirmed(t *testing.T) {
	for name, c := range map[string]struct {
		country, state, level string
		asked                 int
	}{
		"where one is to be confirmed": {"DE", "subscribed", "single_opt_in", 1},
		"confirmed at Shopify":         {"DE", "subscribed", "confirmed_opt_in", 0},
		"a no":                         {"DE", "unsubscribed", "single_opt_in", 0},
		"where a yes is enough":        {"GB", "subscribed", "single_opt_in", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, w *world) {
				w.alone()
				w.confirms()
				w.asking(gate.Transactional, w.mail("thanks", 9)) // which is no matter of consent
				w.hear("orders/paid", w.bought(1, c.country).Body())
				require.Equal(t, 1, w.sent())
				consent := shopifyfake.CustomerConsent(6001, ada, c.state, c.level, w.now())
				for range 2 {
					w.hear("customers_email_marketing_consent/update", consent)
				}
				w.settle()
				require.Equal(t, c.asked, w.askedToConfirm())
				require.Equal(t, 1+c.asked, w.sent())
				require.Equal(t, c.asked, w.count(`SELECT COUNT(*) FROM link_tokens WHERE purpose = 'confirm'`))
				if c.asked == 0 {
					return
				}
				w.pass(1, time.Hour)
				w.hear("customers_email_marketing_consent/update", shopifyfake.CustomerConsent(6001, ada, c.state, "confirmed_opt_in", w.now()))
				require.Equal(t, 1, w.askedToConfirm(), "confirmed by now")
			})
		})
	}
}

// A yes that is read at Shopify when a message hangs on it asks as well, by way of
// the inbox.
func TestAYesReadAtShopifyIsToBeConfirmed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		w.confirms()
		w.pass(1, 2*time.Hour)
		w.customersOf(w.says("subscribed")) // an hour ago
		w.asking(gate.Marketing, w.mail("ask", 9))
		w.hear("orders/paid", w.bought(1, "DE").Body())
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM inbox WHERE topic = 'consent/asked'`))
		w.drainAll()
		w.settle()
		require.Equal(t, 1, w.askedToConfirm())
		require.Equal(t, 1, w.sent(), "the mail that asks, and not the one that is held")
		require.Equal(t, string(gate.NoConsent), w.text(`SELECT reason FROM decisions WHERE campaign_id = 'ask' AND answer = 'hold'`))
	})
}

// drainAll processes what is in the inbox.
func (w *world) drainAll() {
	w.t.Helper()
	_, err := w.drain(w.t.Context(), w.shop)
	require.NoError(w.t, err)
	w.Worker.sending.Wait()
}

// What the pages put into the inbox begins a walk of whoever has the address.
func TestWhatThePagesAskIsDrained(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		w.confirms()
		w.hear("orders/paid", w.bought(1, "DE").Body())
		persons, err := w.Store.ListPersons(t.Context(), w.shop, "", 10)
		require.NoError(t, err)
		storetest.Do(t, w.Store, func(tx *store.Tx) error {
			return tx.AskToConfirm(w.shop, store.ConsentAsk{Person: persons[0].ID, Email: ada, SaidAt: w.Store.Now()})
		})
		w.drainAll()
		w.settle()
		require.Equal(t, 1, w.sent())
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM persons`), "nobody new")
		e := w.text(`SELECT subject FROM events WHERE kind = 'consent_asked'`)
		require.Contains(t, e, string(persons[0].ID))
	})
}

// A choice on the page of one of two persons stays when they turn out to be one.
func TestLanguageChoiceOutlivesAMerge(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		w.hear("orders/paid", w.order(1).Body(), w.order(2).For(buyer(0), "GB").Body())
		var bo commerce.Person
		persons, err := w.Store.ListPersons(t.Context(), w.shop, "", 10)
		require.NoError(t, err)
		require.Len(t, persons, 2)
		for _, p := range persons {
			if p.Email != ada {
				bo = p
			}
		}
		storetest.Do(t, w.Store, func(tx *store.Tx) error { return tx.ChooseLanguage(w.shop, bo.ID, "fa") })
		w.hear("customers/merge", shopifyfake.CustomersMerged(buyer(0).ID, 6001, "completed"))
		left, err := w.Store.Persons(t.Context(), w.shop, []commerce.PersonID{bo.ID})
		require.NoError(t, err)
		require.Equal(t, "fa", left[bo.ID].Choice)
	})
}

// Only a yes to marketing mail is confirmed by a mail.
func TestWhatAMailCanConfirm(t *testing.T) {
	policy := gate.Policy{
		commerce.ByMail: {gate.Marketing: {"*": {Need: gate.NeedDouble}}, gate.Service: {"*": {Need: gate.NeedDouble}}},
		commerce.ByCall: {gate.Marketing: {"*": {Need: gate.NeedDouble}}},
	}
	for _, c := range []struct {
		channel commerce.Channel
		class   gate.Class
		want    bool
	}{{commerce.ByMail, gate.Marketing, true}, {commerce.ByMail, gate.Service, false}, {commerce.ByCall, gate.Marketing, false}} {
		word := commerce.ConsentChange{Channel: c.channel, Class: string(c.class), State: commerce.Subscribed, At: 1}
		require.Equal(t, c.want, mustConfirm(policy, &commerce.Shop{Country: "DE"}, commerce.Person{}, nil, nil, word), "%s %s", c.channel, c.class)
	}
}

// livesIn says where Ada lives, whatever her orders say.
func (w *world) livesIn(country string) {
	w.t.Helper()
	persons, err := w.Store.ListPersons(w.t.Context(), w.shop, "", 10)
	require.NoError(w.t, err)
	require.Len(w.t, persons, 1)
	persons[0].Country, persons[0].UpdatedAt = country, w.Store.Now().Add(1000*24*time.Hour)
	storetest.Do(w.t, w.Store, func(tx *store.Tx) error { return tx.SavePersons(w.shop, persons) })
}

// Whoever the gate would hold is asked: it goes by the country of the order that a
// message is about, which will be the last one, and by their own where it is about none.
func TestWhoIsAskedIsWhoWouldBeHeld(t *testing.T) {
	for name, c := range map[string]struct {
		orders []string // where they were sent, in the order of buying
		late   bool     // the first was told last
		own    string
		asked  int
	}{
		"the last order went there":     {[]string{"GB", "DE"}, false, "GB", 1},
		"an earlier one did":            {[]string{"DE", "GB"}, false, "GB", 0},
		"an earlier one, told late":     {[]string{"DE", "GB"}, true, "GB", 0},
		"the last one, told early":      {[]string{"GB", "DE"}, true, "GB", 1},
		"what hangs on no order":        {[]string{"GB"}, false, "DE", 1},
		"an order that says no country": {[]string{"DE", ""}, false, "GB", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, w *world) {
				w.alone()
				w.confirms()
				var bodies [][]byte
				for i, country := range c.orders {
					bodies = append(bodies, w.bought(int64(i+1), country).Body())
					w.pass(1, time.Hour)
				}
				if c.late {
					slices.Reverse(bodies)
				}
				for _, body := range bodies {
					w.hear("orders/paid", body)
				}
				w.livesIn(c.own)
				w.hear("customers_email_marketing_consent/update", shopifyfake.CustomerConsent(6001, ada, "subscribed", "single_opt_in", w.now()))
				w.settle()
				require.Equal(t, c.asked, w.askedToConfirm())
			})
		})
	}
}

// So it is with a yes that is read at Shopify.
func TestTheLastOrderCountsForWhatIsRead(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.alone()
		w.confirms()
		w.hear("orders/paid", w.bought(1, "DE").Body())
		w.livesIn("GB")
		w.pass(1, 2*time.Hour)
		w.customersOf(w.says("subscribed"))
		w.asking(gate.Marketing, w.mail("ask", 9))
		w.hear("orders/paid", w.bought(2, "DE").Body())
		w.drainAll()
		require.Equal(t, 1, w.askedToConfirm())
	})
}
