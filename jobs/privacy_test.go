package jobs

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/privacy"
	"flywheel/store"
	"flywheel/store/storetest"
)

const domain = "nour.myshopify.com"

// law merges a compliance request and does what had to wait for the commit.
func (w *world) law(topic string, body []byte) {
	w.t.Helper()
	lease, ok, err := w.Store.LeaseInbox(w.t.Context(), w.shop, store.NewID())
	require.NoError(w.t, err)
	require.True(w.t, ok)
	require.NoError(w.t, w.process(w.t.Context(), lease, &shopCampaigns{}, w.decode(topic, body)))
	require.NoError(w.t, w.Store.ReleaseInbox(w.t.Context(), lease))
}

func (w *world) redact(customer int64, email string, orders ...int64) {
	w.t.Helper()
	w.law("customers/redact", shopifyfake.RedactCustomer(domain, customer, email, orders...))
}

// persons counts who is there, and who of them was erased.
func (w *world) persons() (all, erased int) {
	return w.count(`SELECT COUNT(*) FROM persons`), w.count(`SELECT COUNT(*) FROM persons WHERE erased = 1 AND email = '' AND phone = '' AND first_name = '' AND last_name = ''`)
}

// buyerOf says whether the person of an order was erased.
func (w *world) erasedBuyer(platformID string) bool {
	return w.count(`SELECT COUNT(*) FROM order_keys k JOIN orders o ON o.shop_id = k.shop_id AND o.id = k.order_id
		JOIN persons p ON p.shop_id = o.shop_id AND p.id = o.person_id WHERE k.external_id = $1 AND p.erased = 1`, platformID) == 1
}

// Whatever comes late about somebody who was erased brings nobody back.
func TestNothingLateBringsTheErasedBack(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.hear("orders/create", w.order(1).Body())
		early := w.order(2) // told much later
		byAddress := w.order(3).For(shopifyfake.Customer{ID: 9009, Email: ada, FirstName: "Ada"}, "GB")
		guest := w.order(4).Guest(ada)
		w.pass(1, time.Hour)
		w.redact(6001, ada, 1, 77)

		for _, body := range [][]byte{w.order(1).Body(), early.Body(), byAddress.Body(), guest.Body(), w.order(5).Body(), w.order(77).Guest("other@example.com").Body()} {
			w.hear("orders/updated", body)
		}
		w.hear("customers/update", w.order(1).CustomerBody())
		w.hear("customers_email_marketing_consent/update", shopifyfake.CustomerConsent(6001, ada, "subscribed", "", w.now()))
		all, erased := w.persons()
		require.Equal(t, 1, erased, "all of it is theirs")
		require.Equal(t, 1, all)
		for _, id := range []string{"1", "2", "3", "4", "5", "77"} {
			require.True(t, w.erasedBuyer(id), "order %s", id)
		}
		require.Zero(t, w.count(`SELECT COUNT(*) FROM identities`))
		require.Zero(t, w.count(`SELECT COUNT(*) FROM orders WHERE name <> '' OR facts LIKE '%scarf%' OR twin_key <> ''`))
		require.Zero(t, w.count(`SELECT COUNT(*) FROM consents`))
		require.Equal(t, 6*(4900+2*1450+490), w.count(`SELECT SUM(reporting_amount) FROM orders`), "the sums hold")
		require.Equal(t, 1, w.sent(), "the mail of before")
	})
}

// Somebody who buys again after the erasure is somebody new, and their address
// stays stopped: we promised to send nothing, and only they can take that back.
func TestWhoBuysAgainIsSomebodyNew(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.hear("orders/create", w.order(1).Body())
		w.redact(6001, ada, 1)
		w.pass(1, time.Hour)
		late := w.order(9).For(shopifyfake.Customer{ID: 9009, Email: ada, FirstName: "Ada"}, "GB")
		w.hear("orders/create", late.Body())
		all, erased := w.persons()
		require.Equal(t, []int{2, 1}, []int{all, erased})
		require.False(t, w.erasedBuyer("9"))
		require.True(t, w.erasedBuyer("1"))
		require.Equal(t, 1, w.sent())
		require.Equal(t, string(gate.Suppressed), w.text(`SELECT reason FROM decisions WHERE person_id = (SELECT id FROM persons WHERE email = $1)`, ada))

		w.hear("orders/updated", w.order(9).For(shopifyfake.Customer{ID: 9009, Email: ada, FirstName: "Ada"}, "GB").Touch(w.now().Add(time.Second)).Body())
		all, _ = w.persons()
		require.Equal(t, 2, all)
		w.redact(0, ada)
		_, erased = w.persons()
		require.Equal(t, 2, erased, "and can be erased again")
	})
}

// A stranger whom we are told to erase before anything came of them.
func TestAStrangerIsErasedInAdvance(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.redact(6001, "", 1)
		w.hear("orders/create", w.order(1).Body(), w.order(2).Body())
		w.hear("orders/updated", w.order(2).Touch(w.now().Add(time.Minute)).Body())
		all, erased := w.persons()
		require.Equal(t, all, erased)
		require.True(t, w.erasedBuyer("1"))
		require.True(t, w.erasedBuyer("2"))
		require.Zero(t, w.sent())
	})
}

// A customer of Stripe is known again by Stripe's id alone.
func TestMarksKeepThePlatformsApart(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		storetest.Do(t, w.Store, func(tx *store.Tx) error {
			_, err := tx.Erase(w.shop, store.Whom{Customers: []commerce.Identity{{Kind: commerce.ByStripe, Value: "6001"}}})
			return err
		})
		w.hear("orders/create", w.order(1).Body())
		_, erased := w.persons()
		require.Zero(t, erased)
	})
}

func TestARequestForDataIsAnswered(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.hear("orders/create", w.order(1).Body())
		w.law("customers/data_request", shopifyfake.DataRequest(domain, 9, 6001, ada, 1))
		w.law("customers/data_request", shopifyfake.DataRequest(domain, 10, 7777, "stranger@example.com", 88))
		known := w.export("9")
		require.Equal(t, "6001", known.Request.Customer)
		names := []string{}
		for _, s := range known.Sections {
			names = append(names, s.Name)
		}
		require.Subset(t, names, []string{"persons", "identities", "orders", "events", "enrollments", "effects"})
		none := w.export("10")
		require.Empty(t, none.Sections)
		require.Nil(t, none.ErasedAt)

		w.redact(6001, ada, 1)
		require.Zero(t, w.count(`SELECT COUNT(*) FROM exports WHERE person_id <> ''`), "the export of who was erased is gone")
		w.law("customers/data_request", shopifyfake.DataRequest(domain, 11, 6001, ada, 1))
		after := w.export("11")
		require.NotNil(t, after.ErasedAt, "it says that they were erased")
		data, err := json.Marshal(after)
		require.NoError(t, err)
		require.NotContains(t, string(data), ada)
	})
}

// export reads what was gathered for the platform's request.
func (w *world) export(request string) privacy.Export {
	w.t.Helper()
	p, err := w.Store.PrivacyRequest(w.t.Context(), w.shop, request)
	require.NoError(w.t, err)
	require.NotZero(w.t, p.DoneAt)
	body, err := w.Store.Export(w.t.Context(), w.shop, p.Export)
	require.NoError(w.t, err)
	e, err := privacy.Read(body)
	require.NoError(w.t, err)
	return e
}

// What a lost worker left open is done by the next upkeep, and the erasures are told beside the backup.
func TestUpkeepFinishesWhatWasLeft(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.hear("orders/create", w.order(1).Body())
		w.merge(w.decode("customers/data_request", shopifyfake.DataRequest(domain, 9, 6001, ada, 1))) // and the worker dies
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM privacy_requests WHERE done_at = 0`))
		w.redact(0, "bo@example.com")
		w.Erasures = filepath.Join(t.TempDir(), "tombstones.jsonl")
		require.NoError(t, w.maintain(t.Context()))
		require.NotEmpty(t, w.export("9").Sections)
		told, err := privacy.ReadFile(w.Erasures)
		require.NoError(t, err)
		require.Len(t, told, 1)
		text, err := os.ReadFile(w.Erasures)
		require.NoError(t, err)
		require.NotContains(t, string(text), "bo@example.com")
	})
}

// A late wish to erase a shop that came back is noted as not carried out.
func TestAReturnedShopIsNotErased(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.law("shop/redact", shopifyfake.RedactShop(domain))
		requests, err := w.Store.PrivacyRequests(t.Context(), w.shop, 10)
		require.NoError(t, err)
		require.Len(t, requests, 1)
		require.NotZero(t, requests[0].DoneAt)
		require.Contains(t, requests[0].Report.Note, "connected")
	})
}

// keepInbox has a delivery wait in the inbox with its body, as the door keeps it.
func (w *world) keepInbox(topic, id string, body []byte) {
	w.t.Helper()
	_, err := w.Store.AddInbox(w.t.Context(), w.shop, commerce.Delivery{
		ShopID: w.shop, ConnectionID: w.conn.ID, Platform: commerce.Shopify, Topic: topic, ExternalID: id,
		TriggeredAt: w.Store.Now(), ReceivedAt: w.Store.Now(), Body: body,
	})
	require.NoError(w.t, err)
}

// leaves ends the shop's connections at a platform.
func (w *world) leaves(p commerce.Platform) {
	w.t.Helper()
	all, err := w.Store.Connections(w.t.Context(), w.shop)
	require.NoError(w.t, err)
	storetest.Do(w.t, w.Store, func(tx *store.Tx) error {
		for _, c := range all {
			if c.Platform == p && c.Open() {
				if _, err := tx.CloseConnection(w.shop, c.ID, w.Store.Now()); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// A shop that left Shopify and is still at Stripe: what is Shopify's alone goes
// at once, the rest as soon as it leaves Stripe, unless it came back to Shopify.
func TestAShopOfTwoPlatformsIsErasedWithTheLast(t *testing.T) {
	for _, returns := range []bool{false, true} {
		t.Run(fmt.Sprint("returns ", returns), func(t *testing.T) {
			each(t, func(t *testing.T, w *world) {
				w.keepInbox("orders/paid", "d1", w.order(1).Body())
				_, err := w.drain(t.Context(), w.shop)
				require.NoError(t, err)
				_, err = w.Store.Connect(t.Context(), w.shop, commerce.Connection{Platform: commerce.Stripe, ExternalID: "acct_1", Live: true, Token: "sk", InstalledAt: w.Store.Now()})
				require.NoError(t, err)
				w.leaves(commerce.Shopify)
				w.pass(2, day)
				w.law("shop/redact", shopifyfake.RedactShop(domain))
				open := func() int { return w.count(`SELECT COUNT(*) FROM privacy_requests WHERE done_at = 0`) }
				require.Equal(t, 1, open(), "it stays to be done")
				require.Zero(t, w.count(`SELECT COUNT(*) FROM inbox_bodies`))
				conn, err := w.Store.ConnectionByID(t.Context(), w.conn.ID)
				require.NoError(t, err)
				require.Empty(t, conn.Token)
				require.NoError(t, w.maintain(t.Context()))
				require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM persons WHERE email <> ''`), "Stripe is connected")

				if returns {
					storetest.ClockOf(w.Store).Advance(time.Hour)
					_, err := w.Store.Connect(t.Context(), w.shop, commerce.Connection{Platform: commerce.Shopify, ExternalID: w.conn.ExternalID, Live: true, Token: "new", InstalledAt: w.Store.Now()})
					require.NoError(t, err)
					require.NoError(t, w.maintain(t.Context()))
					require.Zero(t, open())
					w.leaves(commerce.Shopify)
				}
				w.leaves(commerce.Stripe)
				require.NoError(t, w.maintain(t.Context()))
				require.Equal(t, returns, w.count(`SELECT COUNT(*) FROM shops`) == 1)
				require.Equal(t, returns, w.count(`SELECT COUNT(*) FROM persons`) == 1)
			})
		})
	}
}

// What the platform calls a customer goes with them, also out of the event that
// their account was made, and the same event told late is no news.
func TestTheAccountOfTheErasedIsMadeOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		who := shopifyfake.Customer{ID: 606677889, Email: "quuxley@example.com", FirstName: "Quuxley"}
		other := shopifyfake.Customer{ID: 606677800, Email: who.Email}
		made := w.order(1).For(who, "GB").CustomerBody()
		others := w.order(2).For(other, "GB").CustomerBody()
		w.hear("customers/create", made)
		require.Equal(t, 1, w.count(`SELECT COUNT(*) FROM events WHERE subject = 'shopify:606677889'`))
		w.pass(1, time.Hour)
		w.redact(who.ID, who.Email)
		w.hear("customers/create", made)
		w.hear("customers/create", others) // made before, with their address
		require.Zero(t, w.count(`SELECT COUNT(*) FROM events WHERE subject LIKE '%6066778%'`))
		require.Equal(t, 2, w.count(`SELECT COUNT(*) FROM events WHERE kind = 'customer_created'`))
		all, erased := w.persons()
		require.Equal(t, []int{1, 1}, []int{all, erased})
	})
}

func TestWhoIsErasedIsErasedAlone(t *testing.T) {
	one := func(kind commerce.ErasureKind) decoded {
		d := decoded{}
		if kind != "" {
			d.change.Erase = &commerce.Erasure{Kind: kind}
		}
		return d
	}
	order, erase, report := one(""), one(commerce.EraseCustomer), one(commerce.ReportData)
	for _, tt := range []struct {
		batch []decoded
		want  []int
	}{
		{nil, nil},
		{[]decoded{order, report}, []int{1, 1}},
		{[]decoded{order, one(commerce.EraseShop)}, []int{2}},
		{[]decoded{erase}, []int{1}},
		{[]decoded{order, order, erase, order}, []int{2, 1, 1}},
		{[]decoded{erase, erase, order, erase}, []int{1, 1, 1, 1}},
	} {
		var got []int
		for _, part := range apart(tt.batch) {
			got = append(got, len(part))
		}
		require.Equal(t, tt.want, got)
	}
}
