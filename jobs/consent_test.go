package jobs

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/install"
	"flywheel/integrations/shopify"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/store"
	"flywheel/store/storetest"
)

// customersOf gives the worker a Shopify that knows the shop and its customers.
func (w *world) customersOf(customers ...shopifyfake.Customer) *shopifyfake.Fake {
	w.t.Helper()
	return w.customersBehind(func(h http.Handler) http.Handler { return h }, customers...)
}

// customersBehind is customersOf with something before its door.
func (w *world) customersBehind(door func(http.Handler) http.Handler, customers ...shopifyfake.Customer) *shopifyfake.Fake {
	w.t.Helper()
	fake := shopifyfake.New("secret")
	api := httptest.NewServer(door(fake.Handler()))
	w.t.Cleanup(api.Close)
	fake.SetBase(api.URL)
	fake.AddShop(w.conn.ExternalID, w.conn.Token)
	fake.PutCustomer(w.conn.ExternalID, customers...)
	w.Shopify = shopify.New(shopify.Options{Key: "key", Secrets: []string{"secret"}, URL: api.URL, Pause: time.Millisecond})
	w.Install = &install.Desk{Store: w.Store, Shopify: w.Shopify, Log: w.Log}
	w.t.Cleanup(func() { require.Empty(w.t, fake.Broken()) })
	return fake
}

// says is Ada, who has said something about marketing mail an hour ago.
func (w *world) says(state string) shopifyfake.Customer {
	return shopifyfake.Customer{ID: 6001, Email: ada, FirstName: "Ada", Mail: shopifyfake.Consent{State: state, Level: "single_opt_in", At: w.now().Add(-time.Hour)}}
}

// bought is an order of Ada's that was sent to a country; nothing in it tells of consent.
func (w *world) bought(id int64, country string) *shopifyfake.Order {
	return w.order(id).For(shopifyfake.Customer{ID: 6001, Email: ada, FirstName: "Ada"}, country)
}

// asking is a campaign that asks once an order is paid, of a class.
func (w *world) asking(class gate.Class, steps ...campaign.Step) {
	d := w.asks("ask", 10, steps...)
	d.Class = class
	w.save(d)
}

func questions(fake *shopifyfake.Fake, operation string) (n int) {
	for _, q := range fake.Asked() {
		if q.Operation == operation {
			n++
		}
	}
	return n
}

// What a customer says about marketing is asked at Shopify when a message that
// hangs on it is due, and only then: webhooks say nothing about it.
func TestConsentIsReadWhereItCounts(t *testing.T) {
	for name, c := range map[string]struct {
		class   gate.Class
		country string
		state   string
		asked   bool
		mails   int
	}{
		"a yes where one is needed":             {gate.Service, "DE", "subscribed", true, 1},
		"a no":                                  {gate.Service, "DE", "unsubscribed", true, 0},
		"nothing said":                          {gate.Service, "DE", "not_subscribed", true, 0},
		"asked and not confirmed":               {gate.Service, "DE", "pending", true, 0},
		"service where none is needed":          {gate.Service, "GB", "unsubscribed", false, 1},
		"thanks where one would be needed":      {gate.Transactional, "DE", "unsubscribed", false, 1},
		"marketing, a yes":                      {gate.Marketing, "GB", "subscribed", true, 1},
		"marketing where only a no would count": {gate.Marketing, "US", "unsubscribed", true, 0},
		"marketing there, nothing said":         {gate.Marketing, "US", "not_subscribed", true, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, w *world) {
				fake := w.customersOf(w.says(c.state))
				w.alone()
				w.asking(c.class, w.mail("ask", 9))
				w.hear("orders/paid", w.bought(1, c.country).Body())
				require.Equal(t, c.asked, questions(fake, "Consents") == 1, "%d questions", questions(fake, "Consents"))
				w.pass(8, 6*time.Hour) // America is asleep
				require.Equal(t, c.mails, w.sent())
				if c.mails == 0 {
					require.Equal(t, string(gate.NoConsent), w.text(`SELECT reason FROM decisions WHERE campaign_id = 'ask' AND answer = 'hold'`))
				}
			})
		})
	}
}

// Between two sends within ten minutes nobody is asked again; later the answer is a fresh one.
func TestConsentIsBelievedForTenMinutes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.customersOf(w.says("subscribed"))
		w.alone()
		w.cap(9)
		w.asking(gate.Service, w.mail("ask", 9))
		w.hear("orders/paid", w.bought(1, "DE").Body())
		fake.PutCustomer(w.conn.ExternalID, w.says("unsubscribed"))
		w.pass(1, consentFresh)
		w.hear("orders/paid", w.bought(2, "DE").Body())
		require.Equal(t, 2, w.sent())
		require.Equal(t, 1, questions(fake, "Consents"))
		w.pass(1, time.Millisecond)
		w.hear("orders/paid", w.bought(3, "DE").Body())
		require.Equal(t, 2, w.sent())
		require.Equal(t, 2, questions(fake, "Consents"))
	})
}

// Customers whose messages are due together are one question. Who has said yes
// meanwhile gets what was held before.
func TestConsentOfSeveralIsOneQuestion(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		bo := buyer(0)
		fake := w.customersOf(w.says("subscribed"), bo)
		w.alone()
		w.asking(gate.Service, w.mail("ask", 9))
		w.hear("orders/paid", w.bought(1, "DE").Body(), w.order(2).For(bo, "DE").Body())
		require.Equal(t, 1, questions(fake, "Consents"))
		require.Equal(t, 1, w.sent())
		bo.Mail = shopifyfake.Consent{State: "subscribed", At: w.now()}
		fake.PutCustomer(w.conn.ExternalID, bo)
		w.pass(1, time.Hour)
		require.Equal(t, 1, w.sent(), "nobody has told us")
		w.hear("orders/paid", w.order(3).For(bo, "DE").Body())
		require.Equal(t, 3, w.sent(), "both of Bo's orders")
	})
}

// What cannot be asked is not guessed: the step waits some minutes at a time, as
// long as the message is of use. What was read within a day is believed.
func TestShopifyIsAway(t *testing.T) {
	for _, failure := range []shopifyfake.Failure{shopifyfake.Unavailable, shopifyfake.Throttled, shopifyfake.Garbled} {
		t.Run(string(failure), func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, w *world) {
				fake := w.customersOf(w.says("subscribed"))
				down := func() { fake.FailOn("Consents", slices.Repeat([]shopifyfake.Failure{failure}, 4)...) } // within one call
				w.alone()
				w.cap(9)
				w.asking(gate.Service, w.mail("ask", 9))
				down()
				w.hear("orders/paid", w.bought(1, "DE").Body())
				require.Zero(t, w.sent())
				require.Equal(t, string(gate.ConsentUnread), w.text(`SELECT reason FROM decisions WHERE campaign_id = 'ask'`))
				w.pass(1, 5*time.Minute)
				require.Equal(t, 1, w.sent(), "it is back")
				w.pass(1, 20*time.Hour)
				down()
				w.hear("orders/paid", w.bought(2, "DE").Body())
				require.Equal(t, 2, w.sent(), "it was read within a day")
				w.pass(1, 5*time.Hour)
				down()
				w.hear("orders/paid", w.bought(3, "DE").Body())
				require.Equal(t, 2, w.sent(), "that is more than a day ago")
			})
		})
	}
}

// A message that nobody could ask about in all the time it was of use is dropped, with the reason.
func TestShopifyIsAwayForLong(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		gone := func(http.Handler) http.Handler {
			return http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusBadGateway) })
		}
		w.customersBehind(gone, w.says("subscribed"))
		w.alone()
		step := w.mail("ask", 1)
		step.Useful = campaign.Duration(time.Hour)
		w.asking(gate.Service, step)
		w.hear("orders/paid", w.bought(1, "DE").Body())
		w.pass(13, 5*time.Minute)
		require.Zero(t, w.sent())
		require.Equal(t, string(gate.TooLate), w.text(`SELECT reason FROM decisions WHERE campaign_id = 'ask' AND answer = 'skip'`))
		require.Equal(t, 12, w.count(`SELECT times FROM decisions WHERE reason = $1`, gate.ConsentUnread))
	})
}

// Where the shop lets nobody ask, what is known otherwise counts, and a mail that nobody said yes to is held.
func TestShopLetsNobodyAsk(t *testing.T) {
	for name, deny := range map[string]func(w *world, fake *shopifyfake.Fake){
		"without the scope":   func(w *world, fake *shopifyfake.Fake) { fake.Scopes(w.conn.ExternalID, "read_orders") },
		"without approval":    func(w *world, fake *shopifyfake.Fake) { fake.Withhold(w.conn.ExternalID) },
		"with a dead token":   func(w *world, fake *shopifyfake.Fake) { fake.RevokeTokens(w.conn.ExternalID) },
		"with a frozen store": func(_ *world, fake *shopifyfake.Fake) { fake.FailOn("Consents", shopifyfake.Frozen) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			each(t, func(t *testing.T, w *world) {
				fake := w.customersOf(w.says("subscribed"))
				deny(w, fake)
				w.alone()
				w.asking(gate.Service, w.mail("ask", 9))
				w.hear("orders/paid", w.bought(1, "DE").Body())
				require.Zero(t, w.sent())
				require.Equal(t, string(gate.NoConsent), w.text(`SELECT reason FROM decisions WHERE campaign_id = 'ask'`))
				w.hear("customers_email_marketing_consent/update", shopifyfake.CustomerConsent(6001, ada, "subscribed", "single_opt_in", w.now()))
				require.Equal(t, 1, w.sent())
			})
		})
	}
}

// Without a token, without Shopify and of a guest nobody is asked.
func TestNobodyIsAsked(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.customersOf()
		w.alone()
		w.asking(gate.Service, w.mail("ask", 9))
		w.hear("orders/paid", w.order(1).For(shopifyfake.Customer{}, "DE").Guest("guest@example.com").Body())
		require.Empty(t, fake.Asked())
		w.Shopify = nil
		w.hear("orders/paid", w.bought(2, "DE").Body())
		require.Equal(t, 2, w.count(`SELECT COUNT(*) FROM decisions WHERE reason = $1`, gate.NoConsent))
	})
}

// What the topic of mail consent tells is as good as an answer; that of SMS says nothing about mail.
func TestTopicsOfConsentAreRead(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.customersOf(w.says("subscribed"))
		w.alone()
		w.cap(9)
		w.asking(gate.Service, w.mail("ask", 9))
		w.hear("orders/paid", w.bought(1, "DE").Body())
		require.Equal(t, 1, questions(fake, "Consents"))
		w.pass(1, time.Hour)
		w.hear("customers_email_marketing_consent/update", shopifyfake.CustomerConsent(6001, ada, "unsubscribed", "", w.now()))
		w.hear("orders/paid", w.bought(2, "DE").Body())
		require.Equal(t, 1, questions(fake, "Consents"))
		require.Equal(t, 1, w.sent(), "the topic's word counts")
		w.pass(1, time.Hour)
		w.hear("customers_marketing_consent/update", []byte(`{"id": 6001, "phone": "+447700900123", "sms_marketing_consent":
			{"state": "subscribed", "opt_in_level": "single_opt_in", "consent_updated_at": "2026-03-01T00:00:00Z"}}`))
		w.hear("orders/paid", w.bought(3, "DE").Body())
		require.Equal(t, 2, questions(fake, "Consents"))
	})
}

// Shopify does not always know when something was said: then it is as old as the
// first question that met it, and the same word again is no news.
func TestWordsWithoutAMoment(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		silent := func(state string) shopifyfake.Customer {
			c := w.says(state)
			c.Mail.At = time.Time{}
			return c
		}
		fake := w.customersOf(silent("subscribed"))
		w.alone()
		w.cap(9)
		w.asking(gate.Service, w.mail("ask", 9))
		words := func() int { return w.count(`SELECT COUNT(*) FROM consents`) }
		w.hear("customers_email_marketing_consent/update", shopifyfake.CustomerConsent(6001, ada, "unsubscribed", "", w.now().Add(-day)))
		w.pass(1, time.Hour)
		for id := range int64(3) {
			w.hear("orders/paid", w.bought(id+1, "DE").Body())
			w.pass(1, time.Hour)
			require.EqualValues(t, id+1, w.sent())
		}
		fake.PutCustomer(w.conn.ExternalID, silent("unsubscribed"))
		before := words()
		w.hear("orders/paid", w.bought(9, "DE").Body())
		require.Equal(t, 3, w.sent())
		require.Equal(t, before+1, words())
	})
}

// Thanks of the same moment do not wait for what is asked about others.
func TestThanksAreNotHeldUp(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var thanked atomic.Bool
		slow := func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				for end := time.Now().Add(20 * time.Second); w.sent() == 0 && time.Now().Before(end); {
					time.Sleep(time.Millisecond) // until the thanks have come, or whoever asks is about to give up
				}
				thanked.Store(w.sent() > 0)
				next.ServeHTTP(rw, r)
			})
		}
		w.customersBehind(slow, w.says("subscribed"))
		w.alone()
		w.asking(gate.Service, w.mail("ask", 9))
		w.save(w.mails("thanks", w.mail("thanks", 9)))
		w.hear("orders/paid", w.bought(1, "DE").Body())
		require.Equal(t, 2, w.sent())
		require.True(t, thanked.Load(), "they came while the other was asked about")
	})
}

// A customer of another system's own naming is not asked about, and spoils
// nothing for the others; of two who turned out to be one both are.
func TestWhoIsAskedAbout(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fake := w.customersOf(w.says("subscribed"))
		w.alone()
		w.asking(gate.Service, later(1), w.mail("ask", 9))
		w.hear("orders/paid", w.bought(1, "DE").Body())
		known, err := w.Store.WhoIs(t.Context(), w.shop, ada, "")
		require.NoError(t, err)
		storetest.Do(t, w.Store, func(tx *store.Tx) error {
			return tx.AddIdentities(w.shop, map[commerce.Identity]commerce.PersonID{
				{Kind: commerce.ByShopify, Value: "crm-7"}: known, {Kind: commerce.ByShopify, Value: "6009"}: known,
			})
		})
		w.pass(2, day)
		require.Equal(t, 1, w.sent())
		asked := fake.Asked()
		require.Len(t, asked, 1)
		require.ElementsMatch(t, []any{"gid://shopify/Customer/6001", "gid://shopify/Customer/6009"}, asked[0].Variables["ids"])
	})
}

// Runs that hang on nobody's word cost no question to the database either.
func TestUnreadCostsNothing(t *testing.T) {
	w := newWorld(t, "sqlite")
	w.customersOf()
	runs := w.plainRuns(decideChunk)
	ended, cancel := context.WithCancel(t.Context())
	cancel() // whoever asks the database now is told off
	asked, err := w.unread(ended, w.shop, runs)
	require.NoError(t, err)
	require.Nil(t, asked)
}

// plainRuns are runs that thank for orders from Germany.
func (w *world) plainRuns(n int) (runs []*run) {
	w.t.Helper()
	var bodies [][]byte
	for i := range n {
		c := shopifyfake.Customer{ID: int64(7000 + i), Email: fmt.Sprintf("buyer%d@example.com", i)}
		bodies = append(bodies, w.order(int64(i+1)).For(c, "DE").Body())
	}
	runs, err := w.prepare(w.t.Context(), w.shop, of(w.tell("orders/paid", bodies...), "thank_you"))
	require.NoError(w.t, err)
	require.Len(w.t, runs, n)
	return runs
}

// Who is erased while Shopify is being asked about them is not brought back by its answer.
func TestConsentReadWhileThePersonIsErased(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var once sync.Once
		fake := w.customersBehind(func(h http.Handler) http.Handler {
			return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				once.Do(func() { w.redact(6001, ada, 1) })
				h.ServeHTTP(rw, r)
			})
		}, w.says("subscribed"))
		w.alone()
		w.asking(gate.Marketing, w.mail("m", 9))
		w.hear("orders/paid", w.bought(1, "GB").Body())
		require.Equal(t, 1, questions(fake, "Consents"))
		require.Zero(t, w.sent())
		require.Zero(t, w.count(`SELECT COUNT(*) FROM consent_reads`))
		require.Zero(t, w.count(`SELECT COUNT(*) FROM consents`))
	})
}
