package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"flywheel/commerce"
)

// stages are the statements that follow from the persons, each stage from the
// ones before it. In them S is the shop, N the number of persons, FROM and NOW
// the bounds of its past, R(n, salt) a number of chance below one, always the
// same, and ID(ms, n) an id made at a moment.
func (f *filling) stages() [][]string {
	words := strings.NewReplacer("{S}", "'"+string(f.shop)+"'", "{N}", fmt.Sprint(f.persons), "{NOW}", fmt.Sprintf("%d::bigint", f.now), "{DAY}", fmt.Sprintf("%d::bigint", dayMS),
		"{INSTALLED}", fmt.Sprintf("%d::bigint", f.now-pagesInstall*dayMS), "{FACTS}", factsTemplate(), "{VIP}", fmt.Sprint(vip))
	var out [][]string
	for _, stage := range [][]string{{fillFunctions}, {"ANALYZE fill_people"}, {fillOrders}, {"ANALYZE fill_orders"}, {fillWalks, fillOrderRows, fillEvents, fillKeys, fillInbox}, {"ANALYZE fill_walks"}, fillRest} {
		var texts []string
		for _, text := range stage {
			texts = append(texts, words.Replace(text))
		}
		out = append(out, texts)
	}
	return out
}

// vip is the number of the customer with 500 orders.
const vip = 5

// factsTemplate is an ordinary order as it is kept, for PostgreSQL's format.
func factsTemplate() string {
	money := func(n int64) commerce.Money { return commerce.Money{Amount: n, Currency: "EUR"} }
	o := commerce.Order{
		ID: "@1", PersonID: "@2", Keys: []commerce.SourceKey{{Platform: commerce.Shopify, Kind: "order", ID: "@3"}},
		Detail: commerce.Detail{
			Platform: commerce.Shopify, Rank: 3, UpdatedAt: 777006, Hash: 1234567890123456789, Name: "@4", FinancialStatus: "paid", Gateways: []string{"shopify_payments"},
			SourceName: "web", Language: "en", Country: "GB", Tags: []string{"summer"}, Region: "ENG", ShippingMethod: "Standard", Total: money(777007), ShopTotal: money(777007), CurrentTotal: money(777007),
			Lines: []commerce.Line{
				{ID: "14000000000001", Product: "8000000000001", Title: "@5", Variant: "M / blue", SKU: "LS-M-BL", Image: "https://cdn.shopify.com/s/files/1/0001/files/shirt.jpg", Quantity: 1, Current: 1, Price: money(777007), Vendor: "Bench"},
				{ID: "14000000000002", Product: "8000000000002", Title: "Olive soap", SKU: "SOAP", Quantity: 2, Current: 2, Price: money(490), Vendor: "Bench"},
			},
		},
		PlacedAt: 777006, Payment: commerce.Payment{Told: 777006, PaidSeen: 777006, Processed: 777006},
		Fulfilments: map[string]commerce.Fulfilment{"5000000001": {ID: "5000000001", Status: commerce.FulfilmentShipped, ShippedAt: 777006, AsOf: 777006}},
		Reporting:   commerce.Reporting{Amount: money(777007), Rate: "1", Source: "same"},
	}
	data, _ := json.Marshal(o) // it is made of what encodes
	text := strings.NewReplacer("%", "%%", "'", "''").Replace(string(data))
	for i := 1; i <= 7; i++ {
		place := fmt.Sprintf("%%%d$s", i)
		text = strings.NewReplacer(fmt.Sprintf("@%d", i), place, fmt.Sprintf("77700%d", i), place).Replace(text)
	}
	return "'" + text + "'"
}

const fillFunctions = `
	CREATE FUNCTION fill_r(n BIGINT, salt BIGINT) RETURNS FLOAT8 IMMUTABLE PARALLEL SAFE LANGUAGE SQL AS
		'SELECT (hashint8extended(n, salt) & 1048575)::float8 / 1048576';
	CREATE FUNCTION fill_id(ms BIGINT, n BIGINT, salt TEXT) RETURNS TEXT IMMUTABLE PARALLEL SAFE LANGUAGE SQL AS $f$
		SELECT substr(d, ((ms >> 43) & 31)::int + 1, 1) || substr(d, ((ms >> 38) & 31)::int + 1, 1) || substr(d, ((ms >> 33) & 31)::int + 1, 1)
			|| substr(d, ((ms >> 28) & 31)::int + 1, 1) || substr(d, ((ms >> 23) & 31)::int + 1, 1) || substr(d, ((ms >> 18) & 31)::int + 1, 1)
			|| substr(d, ((ms >> 13) & 31)::int + 1, 1) || substr(d, ((ms >> 8) & 31)::int + 1, 1) || substr(d, ((ms >> 3) & 31)::int + 1, 1)
			|| substr(d, (((ms & 7) << 2) | 1)::int + 1, 1) || 'o' || substr(md5(salt || n), 1, 15)
		FROM (VALUES ('0123456789abcdefghijklmnopqrstuv')) l (d) $f$`

// Most orders are of customers who came early and soon after they came; one has 500.
const fillOrders = `
	CREATE UNLOGGED TABLE fill_orders AS
	SELECT k, n, person, hash, at, amount, fill_id(at, k, 'order') AS id FROM (
		SELECT row_number() OVER (ORDER BY o.at) AS k, p.n, p.id AS person, p.hash, o.at, 1500 + (30000 * pow(fill_r(g.k, 4), 2))::bigint AS amount
		FROM (SELECT k, CASE WHEN k <= 500 THEN {VIP} ELSE 1 + floor({N} * pow(fill_r(k, 1), 1.6))::bigint END AS n FROM generate_series(1, {N}::bigint) k) g
		JOIN fill_people p ON p.n = g.n
		CROSS JOIN LATERAL (SELECT p.at + (({NOW} - p.at) * pow(fill_r(g.k, 2), CASE WHEN g.n = {VIP} THEN 1 ELSE 2 END))::bigint AS at) o) f`

const fillOrderRows = `
	INSERT INTO orders (shop_id, id, person_id, name, stub, facts, paid_at, reporting_amount, reporting_currency, refunded, created_at, sale_at, counts, net, net_known, purchase_rev)
	SELECT {S}, id, person, '#' || (1000 + k), 0,
		format({FACTS}, id, person, 5000000000 + k, '#' || (1000 + k), (ARRAY['Linen shirt', 'Canvas tote', 'Wool socks', 'Tea tin'])[1 + k % 4], at, amount),
		at, amount, 'EUR', 0, at, at, 1, amount, 1, 1
	FROM fill_orders`

const fillEvents = `
	INSERT INTO events (shop_id, kind, subject, ordinal, order_id, person_id, occurred_at, recorded_at, historic, assumed, platform)
	SELECT {S}, e.kind, o.id, 0, o.id, o.person, o.at + e.later, o.at + e.later, CASE WHEN o.at < {INSTALLED} THEN 1 ELSE 0 END, 0, 'shopify'
	FROM fill_orders o CROSS JOIN (VALUES ('order_placed', 0, 1.0), ('order_paid', 60000, 0.98), ('order_fulfilled', 86400000, 0.6), ('order_arrived', 345600000, 0.5)) e (kind, later, share)
	WHERE fill_r(o.k, 11) < e.share AND o.at + e.later <= {NOW}`

const fillKeys = `
	INSERT INTO order_keys (shop_id, platform, kind, external_id, order_id) SELECT {S}, 'shopify', 'order', (5000000000 + k)::text, id FROM fill_orders`

// A delivery is kept for 30 days; one of some hundred could not be read.
const fillInbox = `
	INSERT INTO inbox (shop_id, id, connection_id, platform, topic, external_id, triggered_at, received_at, order_ref, customer_ref, email_hash, state, note)
	SELECT {S}, fill_id(at + later, k, topic), (SELECT id FROM connections LIMIT 1), 'shopify', topic, 'x' || topic || k, at + later, at + later, (5000000000 + k)::text, '', '',
		CASE WHEN fill_r(k, 21) < 0.003 AND topic = 'orders/updated' THEN 2 ELSE 1 END, CASE WHEN fill_r(k, 21) < 0.003 AND topic = 'orders/updated' THEN 'the body is no order' ELSE '' END
	FROM fill_orders CROSS JOIN (VALUES ('orders/create', 0), ('orders/paid', 60000), ('orders/updated', 70000), ('fulfillments/create', 86400000)) t (topic, later)
	WHERE at > {NOW} - 30 * {DAY} AND at + later < {NOW} - 60000`

// The ways through three campaigns since the install: a thank-you at once, a
// question ten days behind the delivery, and a clock's that waits four months.
const fillWalks = `
	CREATE UNLOGGED TABLE fill_walks AS
	SELECT w.*, fill_id(w.made, w.k, w.c) AS id FROM (
		SELECT 'thank_you' AS c, k, 'order:' || id AS key, 1 AS version, person, hash, id AS order_id, at AS anchor, at + 3000 AS made, at + 3000 AS due, 'thanks' AS step, '' AS place,
			at + 300000 > {NOW} AS active, 'order_paid|' || id AS cause, 'transactional' AS class, 'orders' AS topic
		FROM fill_orders WHERE at > {INSTALLED}
		UNION ALL
		SELECT 'review_request', k, 'order:' || id, 1, person, hash, id, at + 4 * {DAY}, at + 4 * {DAY}, at + 14 * {DAY}, 'ask', CASE WHEN at + 14 * {DAY} > {NOW} THEN 'settle' ELSE '' END,
			at + 14 * {DAY} > {NOW}, 'order_arrived|' || id, 'service', 'reviews'
		FROM fill_orders WHERE at > {INSTALLED} AND at + 4 * {DAY} < {NOW} AND fill_r(k, 11) < 0.5
		UNION ALL
		SELECT 'win_back', k, 'event:order_paid:' || id, CASE WHEN k % 3 = 0 THEN 1 ELSE 2 END, person, hash, id, at + 120 * {DAY}, at + 5000, at + 120 * {DAY}, 'help',
			CASE WHEN at + 120 * {DAY} > {NOW} THEN '' ELSE 'after_help' END, at + 130 * {DAY} > {NOW}, 'order_paid|' || id, 'marketing', 'comeback'
		FROM fill_orders WHERE at > {INSTALLED} AND fill_r(k, 12) < 0.5) w`

// fillRest is what stands beside the walks.
var fillRest = []string{
	`
	INSERT INTO enrollments (shop_id, id, campaign_id, entry_key, version, person_id, order_id, anchor, step_id, step_anchor, state, reason, due_at, created_at, cause, next_class, next_topic, first_due, waits_for)
	SELECT {S}, id, c, key, version, person, order_id, anchor, place, made, CASE WHEN active THEN 'active' ELSE 'ended' END, CASE WHEN active THEN '' WHEN fill_r(k, 31) < 0.1 THEN 'refunded' ELSE 'done' END,
		CASE WHEN active THEN due ELSE due + 1000 END, made, cause, CASE WHEN active THEN class ELSE '' END, CASE WHEN active THEN topic ELSE '' END, due,
		CASE WHEN place = 'after_help' AND active THEN 'order_paid' ELSE '' END
	FROM fill_walks`, `
	INSERT INTO effects (shop_id, id, enrollment_id, step_id, kind, class, topic, campaign_id, person_id, order_id, address_hash, connection_id, epoch, state, dispatch, tries, enrollment_rev, order_rev, person_rev,
		claimed_at, sending_at, done_at, note, parked)
	SELECT {S}, fill_id(due, w.k, w.c || x.nth), w.id, CASE x.nth WHEN 0 THEN w.step ELSE 'news' END, 'send_email', w.class, w.topic, w.c, w.person, w.order_id, w.hash, (SELECT id FROM connections LIMIT 1), 1,
		CASE WHEN fill_r(w.k, 41 + x.nth) < 0.985 THEN 'sent' WHEN fill_r(w.k, 41 + x.nth) < 0.995 THEN 'failed' WHEN fill_r(w.k, 41 + x.nth) < 0.9999 THEN 'expired' ELSE 'unknown' END, 1, 1, 1, 1, 1,
		due, due + 50, due + 120, CASE WHEN fill_r(w.k, 41 + x.nth) BETWEEN 0.985 AND 0.995 THEN '550 no such user' ELSE '250 ok' END, CASE WHEN fill_r(w.k, 41 + x.nth) < 0.9999 THEN 0 ELSE 1 END
	FROM fill_walks w CROSS JOIN (VALUES (0), (1)) x (nth)
	WHERE NOT w.active AND fill_r(w.k, 42) < CASE w.c WHEN 'thank_you' THEN 0.93 WHEN 'review_request' THEN 0.7 ELSE 0.4 END AND due < {NOW} - 1000 AND (x.nth = 0 OR w.c = 'win_back' AND fill_r(w.k, 43) < 0.4)`, `
	INSERT INTO decisions (shop_id, campaign_id, entry_key, step_id, reason, person_id, answer, detail, until_at, times, first_at, last_at)
	SELECT {S}, w.c, w.key, w.step, d.reason, w.person, CASE WHEN d.reason = 'no_consent' AND w.c = 'win_back' THEN 'hold' ELSE d.answer END, '', CASE d.answer WHEN 'defer' THEN due + 36000000 ELSE 0 END, 1, due, due
	FROM fill_walks w CROSS JOIN (VALUES ('quiet_hours', 'defer'), ('no_consent', 'skip'), ('suppressed', 'skip'), ('cap', 'skip')) d (reason, answer)
	WHERE NOT w.active AND due < {NOW} - 1000 AND CASE d.reason
		WHEN 'quiet_hours' THEN fill_r(w.k, 51) < 0.1 AND w.class <> 'transactional'
		WHEN 'no_consent' THEN fill_r(w.k, 42) >= 0.7 AND w.class <> 'transactional'
		WHEN 'suppressed' THEN fill_r(w.k, 42) >= 0.93 AND w.class = 'transactional'
		ELSE fill_r(w.k, 42) BETWEEN 0.4 AND 0.7 AND w.c = 'win_back' END
	UNION ALL
	SELECT {S}, 'review_request', 'order:' || id, '', 'cooling_off', person, 'refused', '', 0, 1, at, at FROM fill_orders WHERE at > {INSTALLED} AND fill_r(k, 11) > 0.9`, `
	INSERT INTO passes (shop_id, enrollment_id, step_id, campaign_id, version, branch, person_id, order_id, at, rehearsal)
	SELECT {S}, id, 'after_help', 'win_back', version, 'otherwise', person, order_id, due + {DAY}, 0 FROM fill_walks WHERE c = 'win_back' AND NOT active AND fill_r(k, 42) < 0.4`, `
	INSERT INTO consents (shop_id, address_hash, channel, class, said_at, state, source, confirmed)
	SELECT {S}, hash, 'email', 'marketing', at, CASE WHEN fill_r(n, 61) < 0.7 THEN 'subscribed' ELSE 'unsubscribed' END, 'shopify', CASE WHEN fill_r(n, 62) < 0.4 THEN 1 ELSE 0 END
	FROM fill_people WHERE fill_r(n, 63) < 0.62`, `
	INSERT INTO touches (shop_id, id, address_hash, at, class, channel, source, external_id, campaign)
	SELECT {S}, fill_id({NOW} - ms, n, 'touch'), hash, {NOW} - ms, 'marketing', 'email', 'klaviyo', 'm' || n, 'Newsletter'
	FROM (SELECT n, hash, (380 * {DAY} * fill_r(n, 71))::bigint AS ms FROM fill_people WHERE fill_r(n, 72) < 0.2) t`, `
	INSERT INTO suppressions (shop_id, address_hash, scope, reason, at)
	SELECT {S}, hash, (ARRAY['all', 'non_transactional', 'topic:reviews', 'non_transactional'])[1 + n % 4], (ARRAY['hard bounce', 'unsubscribed', 'unsubscribed', 'complaint'])[1 + n % 4],
		{NOW} - (380 * {DAY} * fill_r(n, 73))::bigint FROM fill_people WHERE n % 50 = 3`, `
	INSERT INTO tasks (shop_id, id, person_id, order_id, campaign_id, step_id, title, script, due_at, state, outcome, created_at, done_at)
	SELECT {S}, fill_id(at, k, 'task'), person, id, 'big_order_call', 'call', 'Call about #' || (1000 + k), 'Say thank you.', at + {DAY},
		CASE WHEN fill_r(k, 81) < 0.06 THEN 'open' ELSE 'done' END, CASE WHEN fill_r(k, 81) < 0.06 THEN '' ELSE 'reached' END, at, CASE WHEN fill_r(k, 81) < 0.06 THEN 0 ELSE at + {DAY} END
	FROM fill_orders WHERE at > {INSTALLED} AND k % 200 = 7`, `
	INSERT INTO findings (shop_id, id, kind, subject, detail, found_at)
	SELECT {S}, fill_id(at, k, 'finding'), (ARRAY['missed', 'missed', 'missed', 'stuck', 'fuse'])[1 + k % 5], id, '', at FROM fill_orders WHERE at > {INSTALLED} AND k % 300 = 9`, `
	INSERT INTO audit (shop_id, id, at, user_id, who, account_id, via, act, subject, detail, done)
	SELECT {S}, fill_id(ms, n, 'audit'), ms, 'u' || n % 12, 'Person ' || n % 12, CASE WHEN n % 3 = 0 THEN 'agency' ELSE '' END, 'web',
		(ARRAY['/campaigns/:campaign/edit', '/campaigns/:campaign/save', '/lists/unknown/resend', '/customers/:person/stop', '/settings/quiet', '/pause', '/lists/tasks/:task/done'])[1 + n % 7],
		'win_back', '{"state":"all"}', 1
	FROM (SELECT n, {INSTALLED} + (({NOW} - {INSTALLED}) * fill_r(n, 91))::bigint AS ms FROM generate_series(1, {N}::bigint / 10) n) a`, `
	INSERT INTO products (shop_id, id, facts, updated_at)
	SELECT {S}, (8000000000000 + n)::text, format('{"id":"%s","title":"Product %s"}', 8000000000000 + n, n), {NOW} FROM generate_series(1, 2000) n`, `
	INSERT INTO usage_days (shop_id, day, paid, refunded) SELECT {S}, at / {DAY}, COUNT(*), COUNT(*) / 50 FROM fill_orders GROUP BY at / {DAY}`, `
	INSERT INTO day_figures (shop_id, day, campaign_id, entered, sent, held, counted_at)
	SELECT {S}, made / {DAY}, COALESCE(c, ''), COUNT(*), COUNT(*) * 7 / 10, COUNT(*) / 10, {NOW} FROM fill_walks GROUP BY GROUPING SETS ((made / {DAY}, c), (made / {DAY}))`,
}
