package storetest

import (
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/store"
)

var made atomic.Int64

// number makes names that no other row of the run has.
func number() int64 { return made.Add(1) }

// Do runs fn in a transaction that must succeed.
func Do(t testing.TB, s *store.Store, fn func(tx *store.Tx) error) {
	t.Helper()
	require.NoError(t, s.Transact(t.Context(), fn))
}

// Shop adds an active English shop in Berlin.
func Shop(t testing.TB, s *store.Store, change ...func(*commerce.Shop)) commerce.ShopID {
	t.Helper()
	shop := commerce.Shop{
		Name: fmt.Sprintf("Shop %d", number()), Email: "hello@shop.example", Locale: "en",
		Timezone: "Europe/Berlin", Country: "DE", Currency: "EUR",
	}
	for _, c := range change {
		c(&shop)
	}
	id, err := s.AddShop(t.Context(), shop)
	require.NoError(t, err)
	return id
}

// Connection ties shop to a live Shopify account of its own, installed a year before now.
func Connection(t testing.TB, s *store.Store, shop commerce.ShopID, change ...func(*commerce.Connection)) commerce.Connection {
	t.Helper()
	c := commerce.Connection{
		Platform: commerce.Shopify, ExternalID: fmt.Sprintf("shop-%d.myshopify.com", number()), Live: true,
		Secrets: []string{"hush"}, Token: "shpat_1", InstalledAt: s.Now() - 365*24*3600*1000,
	}
	for _, change := range change {
		change(&c)
	}
	id, err := s.Connect(t.Context(), shop, c)
	require.NoError(t, err)
	c, err = s.ConnectionByID(t.Context(), id)
	require.NoError(t, err)
	return c
}

// Delivery makes one webhook of a connection, received now, not yet kept.
func Delivery(s *store.Store, c commerce.Connection, change ...func(*commerce.Delivery)) commerce.Delivery {
	n := number()
	d := commerce.Delivery{
		ShopID: c.ShopID, ConnectionID: c.ID, Platform: c.Platform, Topic: "orders/paid", ExternalID: fmt.Sprintf("delivery-%d", n),
		TriggeredAt: s.Now(), ReceivedAt: s.Now(), OrderRef: fmt.Sprintf("%d", n), Body: fmt.Appendf(nil, `{"id":%d}`, n),
	}
	for _, c := range change {
		c(&d)
	}
	return d
}

// AddDelivery keeps a Delivery that must be new and returns it as the inbox gives it out.
func AddDelivery(t testing.TB, s *store.Store, c commerce.Connection, change ...func(*commerce.Delivery)) commerce.Delivery {
	t.Helper()
	d := Delivery(s, c, change...)
	fresh, err := s.AddInbox(t.Context(), c.ShopID, d)
	require.NoError(t, err)
	require.True(t, fresh, "the delivery was there before")
	waiting, err := s.NextInbox(t.Context(), c.ShopID, 1000)
	require.NoError(t, err)
	for _, w := range waiting {
		if w.ConnectionID == c.ID && w.Topic == d.Topic && w.ExternalID == d.ExternalID {
			return w
		}
	}
	t.Fatalf("delivery %s is not in the inbox", d.ExternalID)
	return d
}

// Person saves somebody with an address of their own and the identity for it.
func Person(t testing.TB, s *store.Store, shop commerce.ShopID, change ...func(*commerce.Person)) commerce.Person {
	t.Helper()
	n := number()
	p := commerce.Person{
		ID: commerce.PersonID(store.NewID()), Email: fmt.Sprintf("ada%d@example.com", n), Phone: fmt.Sprintf("+49301%06d", n),
		FirstName: "Ada", LastName: "Lovelace", Language: "en", Country: "DE", UpdatedAt: s.Now(),
	}
	for _, c := range change {
		c(&p)
	}
	Do(t, s, func(tx *store.Tx) error {
		if err := tx.SavePersons(shop, []commerce.Person{p}); err != nil || p.Email == "" {
			return err
		}
		return tx.AddIdentities(shop, map[commerce.Identity]commerce.PersonID{{Kind: commerce.ByEmail, Value: p.Email}: p.ID})
	})
	p, err := s.Person(t.Context(), shop, p.ID)
	require.NoError(t, err)
	return p
}

// Order saves a paid order of one line, known by its key, of person.
func Order(t testing.TB, s *store.Store, shop commerce.ShopID, person commerce.PersonID, change ...func(*store.StoredOrder)) *store.StoredOrder {
	t.Helper()
	n, now := number(), s.Now()
	total := commerce.Money{Amount: 4000, Currency: "EUR"}
	key := commerce.SourceKey{Platform: commerce.Shopify, Kind: "order", ID: fmt.Sprintf("%d", 5_000_000_000+n)}
	o := &store.StoredOrder{Order: commerce.Order{
		ID: commerce.OrderID(store.NewID()), PersonID: person, Keys: []commerce.SourceKey{key}, PlacedAt: now, Payment: commerce.Payment{Told: now},
		Detail: commerce.Detail{
			Platform: commerce.Shopify, UpdatedAt: now, Hash: uint64(n), Name: fmt.Sprintf("#%d", n), FinancialStatus: "paid",
			Country: "DE", Total: total, ShopTotal: total, CurrentTotal: total,
			Lines: []commerce.Line{{ID: "1", Title: "Teapot", Quantity: 1, Current: 1, Price: total}},
		},
		Reporting: commerce.Reporting{Amount: total, Rate: "1", Source: "same"},
	}}
	for _, c := range change {
		c(o)
	}
	Do(t, s, func(tx *store.Tx) error {
		if err := tx.SaveOrders(shop, []*store.StoredOrder{o}); err != nil {
			return err
		}
		keys := map[commerce.SourceKey]commerce.OrderID{}
		for _, k := range o.Keys {
			keys[k] = o.ID
		}
		return tx.AddOrderKeys(shop, keys)
	})
	o, err := s.Order(t.Context(), shop, o.ID)
	require.NoError(t, err)
	return o
}

// Enrollment makes an enrollment in the thank-you of an order, due now, not yet saved.
func Enrollment(s *store.Store, o *store.StoredOrder, change ...func(*campaign.Enrollment)) campaign.Enrollment {
	e := campaign.Enrollment{
		ID: campaign.EnrollmentID(store.NewID()), Campaign: "thank-you", EntryKey: campaign.EntryKey(o.ID), Version: 1,
		Person: o.PersonID, Order: o.ID, Anchor: o.Payment.At(), Position: campaign.Position{StepID: "thanks", Anchor: o.Payment.At()}, DueAt: s.Now(),
	}
	for _, c := range change {
		c(&e)
	}
	return e
}

// Enroll saves an Enrollment that must be new.
func Enroll(t testing.TB, s *store.Store, shop commerce.ShopID, o *store.StoredOrder, change ...func(*campaign.Enrollment)) campaign.Enrollment {
	t.Helper()
	e := Enrollment(s, o, change...)
	Do(t, s, func(tx *store.Tx) error {
		fresh, err := tx.AddEnrollments(shop, []campaign.Enrollment{e}, "")
		if err == nil {
			require.True(t, fresh[e.ID], "the cause was enrolled before")
		}
		return err
	})
	return e
}

// Effect makes the claim of an enrollment's mail as a decision would, with the
// revisions that are stored when nothing has changed since the builders.
func Effect(e campaign.Enrollment, c commerce.Connection, hash string, change ...func(*store.Effect)) store.Effect {
	f := store.Effect{
		Enrollment: e.ID, StepID: "thanks", Kind: campaign.SendEmail, Class: gate.Transactional, Topic: "orders", Campaign: e.Campaign,
		Person: e.Person, Order: e.Order, AddressHash: hash, Connection: c.ID, Epoch: c.Epoch, Dispatch: e.Dispatch,
		EnrollmentRev: max(e.Rev, 1), OrderRev: 1, PersonRev: 1,
	}
	for _, c := range change {
		c(&f)
	}
	return f
}
