package store_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/store"
	"flywheel/store/storetest"
)

// hot runs the statements of the way from the door to the mail.
func hot(t *testing.T, s *store.Store) {
	shop := commerce.ShopID("shop-7")
	_, _, err := s.LeaseInbox(t.Context(), shop, "one")
	require.NoError(t, err)
	c := commerce.Connection{ID: "connection-7", ShopID: shop, Epoch: 1}
	_, err = s.AddInbox(t.Context(), shop, storetest.Delivery(s, c))
	require.NoError(t, err)
	waiting, err := s.NextInbox(t.Context(), shop, 100)
	require.NoError(t, err)
	_, err = s.Backlogs(t.Context(), "", 64)
	require.NoError(t, err)
	shops, err := s.DueShops(t.Context(), "")
	require.NoError(t, err)
	require.Len(t, shops, 64)
	_, err = s.WindowSize(t.Context())
	require.NoError(t, err)
	chunks, err := s.QueueDue(t.Context(), []commerce.ShopID{shop})
	require.NoError(t, err)
	_, _, err = s.StaleTasks(t.Context(), 100)
	require.NoError(t, err)
	require.NoError(t, s.Unqueue(t.Context(), "none"))
	es, err := s.EnrollmentsForRun(t.Context(), shop, chunks[0].Runs)
	require.NoError(t, err)
	require.Len(t, es, 16)
	orders := make([]commerce.OrderID, len(es))
	persons := make([]commerce.PersonID, len(es))
	for i, e := range es {
		orders[i], persons[i] = e.Order, e.Person
	}
	var effects []store.Effect
	storetest.Do(t, s, func(tx *store.Tx) error {
		locked, err := tx.LockOrders(shop, orders)
		require.NoError(t, err)
		require.Len(t, locked, len(es))
		who, err := tx.LockPersons(shop, persons)
		require.NoError(t, err)
		require.Len(t, who, len(es))
		_, err = tx.Addresses(shop, []string{"ada@example.com"})
		require.NoError(t, err)
		taken, err := tx.TakeEnrollments(shop, "one", es)
		require.NoError(t, err)
		require.Len(t, taken, len(es))
		for _, e := range es {
			effects = append(effects, storetest.Effect(e, c, "hash-"+string(e.ID)))
		}
		claims, err := tx.ClaimEffects(shop, effects)
		for i := range effects {
			effects[i] = claims[effects[i].Enrollment]
		}
		return err
	})
	going, err := s.BeginSending(t.Context(), shop, effects)
	require.NoError(t, err)
	require.Len(t, going, len(es))
	require.NoError(t, s.RenewLeases(t.Context(), "one", []store.ShopRow{{Shop: shop, ID: es[0].ID}}))
	storetest.Do(t, s, func(tx *store.Tx) error {
		var results []store.EffectResult
		var moves []store.Move
		for i, e := range es {
			results = append(results, store.EffectResult{ID: effects[i].ID, Dispatch: e.Dispatch, State: store.Sent})
			moves = append(moves, store.Move{ID: e.ID, Dispatch: e.Dispatch, Rev: e.Rev, Ended: true})
		}
		if err := tx.FinishEffects(shop, results); err != nil {
			return err
		}
		return tx.MoveEnrollments(shop, moves)
	})
	storetest.Do(t, s, func(tx *store.Tx) error {
		require.NoError(t, tx.HoldLease(store.InboxLease{Shop: shop, Owner: "one"}))
		_, err := tx.OrdersByKey(shop, []commerce.SourceKey{{Platform: commerce.Shopify, Kind: "order", ID: "x7-3"}, {Platform: commerce.Shopify, Kind: "order", ID: "x7-4"}})
		require.NoError(t, err)
		ids := []commerce.Identity{{Kind: commerce.ByEmail, Value: "e7-3"}, {Kind: commerce.ByShopify, Value: "c7-3"}}
		_, err = tx.PersonsByIdentity(shop, ids)
		require.NoError(t, err)
		_, err = tx.TwinCandidates(shop, []string{"twin"})
		require.NoError(t, err)
		require.NoError(t, tx.TouchEnrollments(shop, orders[:2]))
		require.NoError(t, tx.TouchPersons(shop, persons[:2]))
		require.NoError(t, tx.SavePersons(shop, []commerce.Person{{ID: "new"}}))
		require.NoError(t, tx.AddIdentities(shop, map[commerce.Identity]commerce.PersonID{{Kind: commerce.ByEmail, Value: "new"}: "new"}))
		require.NoError(t, tx.SaveOrders(shop, []*store.StoredOrder{{Order: commerce.Order{ID: "new"}}}))
		require.NoError(t, tx.AddOrderKeys(shop, map[commerce.SourceKey]commerce.OrderID{{ID: "new"}: "new"}))
		require.NoError(t, tx.SaveEvents(shop, []commerce.Event{{Kind: commerce.OrderPaid, Subject: "new"}}))
		require.NoError(t, tx.SaveDecisions(shop, []store.Decided{{Campaign: "c", EntryKey: "new"}}))
		_, err = tx.AddEnrollments(shop, []campaign.Enrollment{{ID: "new", Campaign: "c", EntryKey: "new"}}, "one")
		require.NoError(t, err)
		return tx.FinishInbox(shop, []store.InboxResult{{ID: waiting[0].ID}})
	})
	hotAsks(t, s, shop, persons, effects)
	require.NoError(t, s.ReleaseInbox(t.Context(), store.InboxLease{Shop: shop, Owner: "one"}))
	storetest.Do(t, s, func(tx *store.Tx) error { return tx.TouchShop(shop) })
	_, err = s.TouchMore(t.Context())
	require.NoError(t, err)
	_, err = s.RecoverLeases(t.Context(), "")
	require.NoError(t, err)
	_, err = s.RecoverLeases(t.Context(), "one")
	require.NoError(t, err)
	_, err = s.DueFetches(t.Context(), 50)
	require.NoError(t, err)
	_, err = s.Timeline(t.Context(), shop, persons[0], 100)
	require.NoError(t, err)
	_, err = s.OrdersOf(t.Context(), shop, persons[0])
	require.NoError(t, err)
}

// hotAsks runs the statements that a step reads before it asks somebody, and
// that an event runs to find who waits for it.
func hotAsks(t *testing.T, s *store.Store, shop commerce.ShopID, persons []commerce.PersonID, effects []store.Effect) {
	t.Helper()
	kinds := []commerce.EventKind{commerce.OrderPaid, commerce.OrderArrived}
	_, err := s.Histories(t.Context(), shop, persons)
	require.NoError(t, err)
	_, err = s.EventsOf(t.Context(), shop, persons, kinds, 0)
	require.NoError(t, err)
	_, err = s.Causes(t.Context(), shop, []string{"order_paid|o2", "order_paid|o4"})
	require.NoError(t, err)
	_, err = s.Products(t.Context(), shop, []string{"7", "8"})
	require.NoError(t, err)
	_, err = s.Customers(t.Context(), shop, commerce.Shopify, persons)
	require.NoError(t, err)
	_, err = s.WritebacksDue(t.Context())
	require.NoError(t, err)
	_, _, err = s.NextWriteback(t.Context(), time.Minute)
	require.NoError(t, err)
	_, err = s.FuseFigures(t.Context(), shop, "c-3", s.Now())
	require.NoError(t, err)
	_, err = s.Enrollment(t.Context(), shop, "e2")
	require.NoError(t, err)
	_, err = s.Why(t.Context(), shop, persons[0], "c")
	require.NoError(t, err)
	storetest.Do(t, s, func(tx *store.Tx) error {
		require.NoError(t, tx.TouchWaiting(shop, []store.Waiting{{Person: persons[0], Kind: commerce.OrderPaid}, {Person: persons[1], Kind: commerce.OrderArrived}}))
		_, err := tx.Rivals(shop, persons, s.Now())
		require.NoError(t, err)
		hashes := []string{effects[0].AddressHash, effects[1].AddressHash}
		require.NoError(t, tx.LockAddresses(shop, hashes))
		_, err = tx.Uses(shop, hashes, 1)
		require.NoError(t, err)
		_, err = tx.Histories(shop, persons)
		require.NoError(t, err)
		_, err = tx.EventsOf(shop, persons, kinds, 1)
		require.NoError(t, err)
		_, err = tx.CustomerIDs(shop, persons)
		require.NoError(t, err)
		require.NoError(t, tx.AskUnsubscribe(shop, commerce.Shopify, persons[0], s.Now()))
		require.NoError(t, tx.DropUnsubscribes(shop, commerce.Shopify, persons[0]))
		require.NoError(t, tx.MarkConsentsRead(shop, commerce.Shopify, map[string]commerce.Instant{"c7-3": 1, "c7-4": 1}))
		_, err = tx.OrdersOfPersons(shop, persons, 5)
		require.NoError(t, err)
		_, err = tx.EnrollmentsByKey(shop, []store.EntryName{{Campaign: "c", Key: "k2"}, {Campaign: "c", Key: "k4"}})
		require.NoError(t, err)
		_, err = tx.AddEvents(shop, []commerce.Event{{Kind: commerce.CustomKind("x"), Subject: "new"}})
		require.NoError(t, err)
		return tx.AddPasses(shop, []store.Pass{{Enrollment: "e2", StepID: "split", Campaign: "c"}})
	})
}

// big are the tables that grow with the customers. small ones may be read whole.
var big = []string{"inbox", "inbox_bodies", "persons", "identities", "orders", "order_keys", "events", "decisions", "enrollments", "effects", "suppressions", "consents", "link_tokens", "touches", "passes", "tasks", "products", "consent_reads", "writebacks"}

// fillShops makes many shops, each with as many rows in every big table: one of
// them is large, so that an index that knows only the shop reads far too much.
func fillShops(t *testing.T, s *store.Store, large int) {
	t.Helper()
	const shops, each = 80, 6
	addShops(t, s, shops)
	seq := fmt.Sprintf(`WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < %d),
		r (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < %d) `, shops, large)
	from := fmt.Sprintf(` FROM s, r WHERE i <= %d OR n = 7`, each)
	for _, text := range []string{
		seq + `INSERT INTO shop_work (shop_id) SELECT 'shop-' || n FROM s`,
		seq + `INSERT INTO connections (id, shop_id, platform, external_id, live, secrets, token, installed_at, granted_at)
			SELECT 'connection-' || n, 'shop-' || n, 'shopify', 'x' || n, 1, data_key, data_key, 0, 0 FROM s JOIN shops ON shops.id = 'shop-' || n`,
		seq + `INSERT INTO inbox (shop_id, id, connection_id, platform, topic, external_id, triggered_at, received_at, order_ref, customer_ref, email_hash, state)
			SELECT 'shop-' || n, 'd' || i, 'connection-' || n, 'shopify', 't', 'x' || i, 0, $1, '', '', '', CASE WHEN i % 5 = 0 THEN 0 ELSE 1 END` + from,
		seq + `INSERT INTO inbox_bodies (shop_id, inbox_id, day, body) SELECT 'shop-' || n, 'd' || i, CAST($1 AS BIGINT) / 86400000, $2` + from,
		seq + `INSERT INTO persons (shop_id, id, merged_into, email, phone, first_name, last_name, language, country, timezone, updated_at, created_at)
			SELECT 'shop-' || n, 'p' || i, CASE WHEN i % 9 = 0 THEN 'p' || (i - 1) ELSE '' END, 'e' || n || '-' || i, '', 'Ada', '', '', '', '', 0, 0` + from,
		seq + `INSERT INTO identities (shop_id, kind, value, person_id) SELECT 'shop-' || n, 'email', 'e' || n || '-' || i, 'p' || i` + from,
		seq + `INSERT INTO orders (shop_id, id, person_id, name, stub, facts, paid_at, reporting_amount, reporting_currency, refunded, twin_key, created_at)
			SELECT 'shop-' || n, 'o' || i, 'p' || i, '', 0, '{"id":"o' || i || '"}', 0, 0, '', 0, CASE WHEN i % 7 = 0 THEN 'twin' || i ELSE '' END, 0` + from,
		seq + `INSERT INTO order_keys (shop_id, platform, kind, external_id, order_id) SELECT 'shop-' || n, 'shopify', 'order', 'x' || n || '-' || i, 'o' || i` + from,
		seq + `INSERT INTO events (shop_id, kind, subject, ordinal, order_id, person_id, occurred_at, recorded_at, historic, assumed)
			SELECT 'shop-' || n, 'order_paid', 'o' || i, 0, 'o' || i, 'p' || i, 0, 0, 0, 0` + from,
		seq + `INSERT INTO decisions (shop_id, campaign_id, entry_key, step_id, reason, person_id, answer, detail, until_at, times, first_at, last_at)
			SELECT 'shop-' || n, 'c', 'k' || i, '', '', 'p' || i, 'skip', '', 0, 1, 0, 0` + from,
		seq + `INSERT INTO enrollments (shop_id, id, campaign_id, entry_key, version, person_id, order_id, anchor, step_id, step_anchor, state, due_at, created_at, waits_for, next_class)
			SELECT 'shop-' || n, 'e' || i, 'c', 'k' || i, 1, 'p' || i, 'o' || i, 0, 'thanks', 0, CASE WHEN i % 2 = 0 THEN 'active' ELSE 'ended' END, CAST($1 AS BIGINT) - i, 0,
				CASE WHEN i % 4 = 0 THEN 'order_paid' ELSE '' END, CASE WHEN i % 3 = 0 THEN 'service' ELSE '' END` + from,
		seq + `INSERT INTO effects (shop_id, id, enrollment_id, step_id, kind, class, topic, campaign_id, person_id, order_id, address_hash, connection_id, epoch,
				state, dispatch, enrollment_rev, order_rev, person_rev, claimed_at)
			SELECT 'shop-' || n, 'f' || i, 'e' || i, 'other', 'send_email', 'service', '', 'c-' || (i / 50), 'p' || i, 'o' || i, 'hash-e' || i, 'connection-' || n, 1, 'sent', 1, 1, 1, 1, 0` + from,
		seq + `INSERT INTO touches (shop_id, id, address_hash, at, class, channel, source, external_id, campaign)
			SELECT 'shop-' || n, 't' || i, 'hash-e' || i, 2, 'marketing', 'email', 'other', 'x' || i, ''` + from,
		seq + `INSERT INTO passes (shop_id, enrollment_id, step_id, campaign_id, version, branch, person_id, order_id, at, rehearsal)
			SELECT 'shop-' || n, 'e' || i, 'first', 'c', 1, 'a', 'p' || i, '', 0, 0` + from,
		seq + `INSERT INTO tasks (shop_id, id, person_id, order_id, campaign_id, step_id, title, script, due_at, state, created_at)
			SELECT 'shop-' || n, 'f' || i, 'p' || i, 'o' || i, 'c', 'call', '', '', 0, 'open', 0` + from,
		seq + `INSERT INTO products (shop_id, id, facts, updated_at) SELECT 'shop-' || n, CAST(i AS TEXT), '{}', 0` + from,
		seq + `INSERT INTO campaigns (shop_id, id, state, live_at, version) SELECT 'shop-' || n, 'c', 'live', 0, 1 FROM s`,
		seq + `INSERT INTO consent_reads (shop_id, platform, customer_id, read_at) SELECT 'shop-' || n, 'shopify', 'c' || n || '-' || i, 0` + from,
		seq + `INSERT INTO writebacks (shop_id, id, platform, kind, person_id, said_at, next_at)
			SELECT 'shop-' || n, 'w' || i, 'shopify', 'unsubscribe', 'p' || i, i, CASE WHEN i % 9 = 0 THEN i ELSE 0 END` + from,
		seq + `INSERT INTO suppressions (shop_id, address_hash, scope, reason, at) SELECT 'shop-' || n, 'gone' || i, 'all', '', 0` + from,
		seq + `INSERT INTO consents (shop_id, address_hash, channel, class, said_at, state, source) SELECT 'shop-' || n, 'hash' || i, 'email', 'service', 0, 'subscribed', ''` + from,
	} {
		var args []any
		if strings.Contains(text, "$1") {
			args = append(args, int64(s.Now()))
		}
		if strings.Contains(text, "$2") {
			args = append(args, []byte("sealed"))
		}
		execute(t, s, text, args...)
	}
}

// addShops makes shops with the ids that the statements above expect, each with a key that opens.
func addShops(t *testing.T, s *store.Store, n int) {
	t.Helper()
	k := keyring(t, storetest.SecretKey)
	storetest.Do(t, s, func(tx *store.Tx) error {
		for i := range n {
			id := fmt.Sprintf("shop-%d", i+1)
			key, err := k.Seal(make([]byte, 32), "shop "+id)
			if err != nil {
				return err
			}
			if err := tx.Exec(`INSERT INTO shops (id, name, email, locale, timezone, country, currency, state, leading_platform, settings, data_key, created_at)
				VALUES ($1, '', '', '', '', '', '', 'active', '', '{}', $2, 0)`, id, key); err != nil {
				return err
			}
		}
		return nil
	})
}

var (
	liteScan   = regexp.MustCompile(`^SCAN (\w+)(?: AS \w+)?$`)
	liteShop   = regexp.MustCompile(`USING (?:COVERING )?INDEX (\w+) \(shop_id=\?\)`)
	pgScan     = regexp.MustCompile(`Seq Scan on (\w+)`)
	pgShop     = regexp.MustCompile(`Index (?:Only )?Scan (?:Backward )?using (\w+) on \w+.*\n\s+Index Cond: \(shop_id = [^()]+\)\n`)
	allOfAShop = []string{"inbox_new"} // what is undone, in order, up to a limit
)

// bad says why a plan will not do once tables are large: it reads a big one
// whole, or all that a shop has in it.
func bad(p store.Plan) string {
	if strings.HasPrefix(p.Text, "error") {
		return "it is not explained"
	}
	for _, line := range strings.Split(p.Text, "\n") {
		for _, scan := range []*regexp.Regexp{liteScan, pgScan} {
			if m := scan.FindStringSubmatch(strings.TrimSpace(line)); m != nil && slices.Contains(big, m[1]) {
				return "it reads all of " + m[1]
			}
		}
	}
	for _, shop := range []*regexp.Regexp{liteShop, pgShop} {
		for _, m := range shop.FindAllStringSubmatch(p.Text+"\n", -1) {
			if name := strings.TrimSuffix(m[1], "_pkey"); !slices.Contains(allOfAShop, m[1]) && slices.ContainsFunc(big, func(b string) bool { return strings.Contains(name, b) }) {
				return "it reads all that the shop has by " + m[1]
			}
		}
	}
	return ""
}

func TestHotStatementsProbeIndexes(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		large := 100 // SQLite's plans do not depend on it
		if !s.Embedded() {
			large = 8000 // smaller tables are rightly read whole
		}
		fillShops(t, s, large)
		if !s.Embedded() {
			execute(t, s, `ANALYZE`)
		}
		explainHot(t, s)
	})
}

// The day after a migration nobody has counted the rows yet.
func TestHotStatementsProbeIndexesOfTablesNeverAnalyzed(t *testing.T) {
	s := storetest.Open(t, "postgres")
	for _, name := range big {
		if name != "inbox_bodies" {
			execute(t, s, `ALTER TABLE `+name+` SET (autovacuum_enabled = false)`)
		}
	}
	fillShops(t, s, 8000)
	explainHot(t, s)
}

// The transaction of an erasure is SQLite's only writer while it lasts: what no
// index finds is looked for before it.
func TestErasureProbesIndexes(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		large := 100
		if !s.Embedded() {
			large = 8000
		}
		fillShops(t, s, large)
		if !s.Embedded() {
			execute(t, s, `INSERT INTO link_tokens (hash, shop_id, purpose, effect_id, person_id, expires_at)
				SELECT CAST('hash' || i AS BYTEA), 'shop-7', '', '', 'p' || i, 0 FROM generate_series(1, 8000) i`)
			execute(t, s, `ANALYZE`)
		}
		shop, n := commerce.ShopID("shop-7"), large-3 // what no other shop has
		whom, err := s.Seek(t.Context(), shop, store.Whom{
			Emails: []string{fmt.Sprint("e7-", n)}, Customers: []commerce.Identity{{Kind: commerce.ByShopify, Value: fmt.Sprint("c7-", n)}},
			Orders: []commerce.SourceKey{{Platform: commerce.Shopify, Kind: "order", ID: fmt.Sprint("x7-", n)}},
		})
		require.NoError(t, err)
		seen := explain(t, s, 20, func() {
			storetest.Do(t, s, func(tx *store.Tx) error {
				_, err := tx.WhoIsMeant(shop, whom)
				require.NoError(t, err)
				erased, err := tx.Erase(shop, whom)
				require.Len(t, erased.Persons, 1)
				return err
			})
		})
		for text := range seen {
			require.NotContains(t, text, "OFFSET", "it walks through a table inside of the transaction")
		}
	})
}

func explainHot(t *testing.T, s *store.Store) {
	t.Helper()
	explain(t, s, 40, func() { hot(t, s) })
}

// explain holds every statement that run sends against what will not do; there are more than least.
func explain(t *testing.T, s *store.Store, least int, run func()) (seen map[string]bool) {
	t.Helper()
	seen = map[string]bool{}
	for _, p := range store.Plans(s, run) {
		if !seen[p.Statement] && testing.Verbose() {
			t.Logf("%s\n%s", p.Statement, p.Text)
		}
		seen[p.Statement] = true
		if why := bad(p); why != "" {
			t.Errorf("%s: %s\n%s", why, p.Statement, p.Text)
		}
	}
	require.Greater(t, len(seen), least)
	return seen
}
