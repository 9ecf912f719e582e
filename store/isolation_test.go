package store_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/store"
	"flywheel/store/storetest"
)

// furnished is a shop with a row in every table, each of which names its owner.
type furnished struct {
	claimed
	second   commerce.Connection
	from     commerce.Person // merged into person
	delivery commerce.Delivery
	bad      commerce.Delivery // quarantined
	due      store.Run         // queued
	parked   store.EffectID    // unknown
	token    string            // its id
	fanout   store.Fanout      // leased to owner
	notice   store.Notice      // being told
	estimate string            // asked
	t        *testing.T
	owner    string
}

// part is what one part of the store adds: its reaches, and rows that name their owner.
type part struct {
	reaches map[string]reach
	furnish func(t *testing.T, s *store.Store, w *furnished)
}

var parts = []part{
	{engineReaches, furnishEngine},
	{installReaches, furnishInstall},
	{historyReaches, furnishHistory},
	{consentReaches, furnishConsent},
	{privacyReaches, furnishPrivacy},
	{billingReaches, furnishBilling},
	{stripeReaches, furnishStripe},
	{sendersReaches, furnishSenders},
	{bouncesReaches, furnishBounces},
	{actsReaches, furnishActs},
	{noticesReaches, furnishNotices},
	{appReaches, furnishApp},
	{peopleReaches, furnishPeople},
	{draftsReaches, furnishDrafts},
	{listsReaches, furnishLists},
	{loyaltyReaches, furnishLoyalty},
	{rewardsReaches, furnishRewards},
	{referralsReaches, furnishReferrals},
	{signInsReaches, furnishSignIns},
	{daysReaches, furnishDays},
	{pagesReaches, furnishPages},
}

func furnish(t *testing.T, s *store.Store, owner string) furnished {
	t.Helper()
	w := furnished{claimed: claimedWorld(t, s), owner: owner}
	w.second = storetest.Connection(t, s, w.shop, func(c *commerce.Connection) { c.Platform, c.Token = commerce.Stripe, "token of "+owner })
	w.from = storetest.Person(t, s, w.shop)
	w.delivery = storetest.AddDelivery(t, s, w.connection, func(d *commerce.Delivery) {
		d.Body, d.CustomerRef, d.Email = []byte("body of "+owner), "customer", w.person.Email
	})
	w.bad = storetest.AddDelivery(t, s, w.connection)
	order := storetest.Order(t, s, w.shop, w.person.ID, func(o *store.StoredOrder) { o.TwinKey, o.FetchAt = "twin", s.Now() })
	storetest.Enroll(t, s, w.shop, order)
	w.due = chunkOf(t, s, w.shop).Runs[0]
	storetest.Enroll(t, s, w.shop, storetest.Order(t, s, w.shop, w.person.ID), func(e *campaign.Enrollment) { e.Campaign = "idle"; e.DueAt++ })
	w.parked = claim(t, s, w.shop, storetest.Effect(w.enrollment, w.connection, w.hash, func(f *store.Effect) { f.StepID = "parked" })).ID
	execute(t, s, `UPDATE effects SET state = 'unknown', parked = 1 WHERE id = $1`, string(w.parked))
	_, err := s.SaveCampaign(t.Context(), w.shop, "thank-you", definition("campaign-of-"+owner), campaign.Draft)
	require.NoError(t, err)
	_, got, err := s.LeaseInbox(t.Context(), w.shop, owner)
	require.NoError(t, err)
	require.True(t, got)
	entry := campaign.EntryKey(w.order.ID)
	storetest.Do(t, s, func(tx *store.Tx) error {
		w.person.LastName, w.person.Rev = "person of "+owner, 2
		w.order.Detail.Name, w.order.Rev = "order of "+owner, 2
		for _, err := range []error{
			tx.SavePersons(w.shop, []commerce.Person{w.person}),
			tx.SaveOrders(w.shop, []*store.StoredOrder{w.order}),
			tx.UpdateShop(w.shop, commerce.ShopUpdate{Name: "Shop of " + owner}),
			tx.FinishInbox(w.shop, []store.InboxResult{{ID: w.bad.ID, Quarantined: true, Note: "note of " + owner}}),
			tx.MergePersons(w.shop, w.from.ID, w.person.ID, "reason of "+owner),
			tx.AddConsents(w.shop, []commerce.ConsentChange{{Email: w.person.Email, Channel: commerce.ByMail, Class: "marketing", State: commerce.Subscribed, Source: "source of " + owner, At: 1}}),
			tx.Suppress(w.shop, w.hash, gate.TopicScope("reviews"), "stop of "+owner),
			tx.SaveEvents(w.shop, []commerce.Event{{Kind: commerce.OrderPaid, Subject: "event of " + owner, OrderID: w.order.ID, PersonID: w.person.ID, OccurredAt: 1}}),
			tx.SaveDecisions(w.shop, []store.Decided{{Campaign: "c", EntryKey: entry, Person: w.person.ID, Decision: gate.Decision{Answer: gate.Skip, Detail: "decision of " + owner}}}),
			tx.AddLinks(w.shop, []store.Link{{Hash: []byte("link of " + owner), Effect: w.effect.ID, Person: w.person.ID, Expires: s.Now() + 1000}}),
			tx.AddFinding(w.shop, "kind", "finding of "+owner, ""),
			tx.Exec(`UPDATE accounts SET name = $2 WHERE id IN (SELECT account_id FROM account_shops WHERE shop_id = $1)`, string(w.shop), "Shop of "+owner),
		} {
			if err != nil {
				return err
			}
		}
		return nil
	})
	for _, p := range parts {
		p.furnish(t, s, &w)
	}
	for _, name := range shopTables(t, s) {
		require.Positive(t, number(t, s, `SELECT COUNT(*) FROM `+name+` WHERE shop_id = $1`, w.shop), "%s is empty: what is to be isolated?", name)
	}
	return w
}

// furnishEngine adds the rows of what campaigns are run and managed by.
func furnishEngine(t *testing.T, s *store.Store, w *furnished) {
	t.Helper()
	var err error
	owner := w.owner
	w.token, err = s.AddToken(t.Context(), w.shop, "token of "+owner, store.Owner, []byte("token of "+owner))
	require.NoError(t, err)
	require.NoError(t, s.AddEndpoint(t.Context(), w.shop, "erp", "https://example.com/of "+owner, "secret of "+owner))
	_, err = s.AddTouch(t.Context(), w.shop, store.Touch{Email: w.person.Email, At: s.Now(), Class: gate.Marketing, Source: "touch of " + owner, ExternalID: "1"})
	require.NoError(t, err)
	storetest.Do(t, s, func(tx *store.Tx) error {
		_, err := tx.AddFanout(w.shop, store.Fanout{Kind: store.FanGoLive, Campaign: "thank-you", Subject: "fanout of " + owner})
		return errors.Join(err,
			tx.AddPasses(w.shop, []store.Pass{{Enrollment: w.enrollment.ID, StepID: "split", Campaign: "thank-you", Branch: "branch of " + owner, Person: w.person.ID, At: 1}}),
			tx.AddTask(w.shop, store.Task{ID: w.effect.ID, Person: w.person.ID, Order: w.order.ID, Title: "task of " + owner}),
			tx.SaveProducts(w.shop, []commerce.Product{{ID: "7", Title: "product of " + owner, UpdatedAt: 1}}),
			tx.AddTransit(w.shop, "DE", "method of "+owner, 3),
		)
	})
	var leased bool
	w.fanout, leased, err = s.NextFanout(t.Context(), owner)
	require.NoError(t, err)
	require.True(t, leased)
}

// rowsOf reads every row of a shop in every table.
func rowsOf(t *testing.T, s *store.Store, shop commerce.ShopID) (lines []string) {
	t.Helper()
	for _, name := range store.ShopTables {
		for _, line := range table(t, s, `SELECT * FROM `+name+` WHERE shop_id = $1`, shop) {
			lines = append(lines, name+": "+line)
		}
	}
	for _, line := range table(t, s, `SELECT * FROM shops WHERE id = $1`, shop) {
		lines = append(lines, "shops: "+line)
	}
	slices.Sort(lines)
	return lines
}

// Whatever a method is given, as shop A it neither sees nor changes a row of shop B.
func TestNoMethodReachesAnotherShop(t *testing.T) {
	all := maps.Clone(reaches)
	count := len(all)
	for _, p := range parts {
		maps.Copy(all, p.reaches)
		count += len(p.reaches)
	}
	require.Len(t, all, count, "two parts try the same method")
	shopArgument := reflect.TypeFor[commerce.ShopID]()
	for prefix, typ := range map[string]reflect.Type{"Store.": reflect.TypeFor[*store.Store](), "Tx.": reflect.TypeFor[*store.Tx]()} {
		for i := range typ.NumMethod() {
			m := typ.Method(i)
			for arg := range m.Type.NumIn() {
				if in := m.Type.In(arg); in == shopArgument || in == reflect.SliceOf(shopArgument) {
					require.NotNil(t, all[prefix+m.Name], "nobody tries whether %s reaches another shop", m.Name)
				}
			}
		}
	}
	each(t, func(t *testing.T, s *store.Store) {
		b := furnish(t, s, "b")
		before := rowsOf(t, s, b.shop)
		for name, call := range all {
			a := storetest.Shop(t, s)
			storetest.ClockOf(s).Advance(time.Millisecond) // a write shows in the row's times
			got, err := call(t, s, a, b)
			require.NotErrorIs(t, err, errReached, name)
			if err == nil {
				require.NotContains(t, shown(got), "of "+b.owner, "%s shows rows of another shop", name)
			}
			if after := rowsOf(t, s, b.shop); !slices.Equal(before, after) {
				t.Fatalf("%s changed rows of another shop:\n%s", name, strings.Join(difference(before, after), "\n"))
			}
		}
	})
}

// shown writes a value with all that its pointers point to.
func shown(got any) string {
	data, err := json.Marshal(got)
	if err != nil { // a map whose keys JSON does not know
		return fmt.Sprintf("%+v", got)
	}
	return string(data)
}

func difference(before, after []string) (lines []string) {
	for _, line := range before {
		if !slices.Contains(after, line) {
			lines = append(lines, "- "+line)
		}
	}
	for _, line := range after {
		if !slices.Contains(before, line) {
			lines = append(lines, "+ "+line)
		}
	}
	return lines
}
