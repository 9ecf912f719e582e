package store

import (
	"context"
	"encoding/json"
	"iter"
	"maps"
	"slices"
	"strings"
	"time"

	"flywheel/commerce"
)

// Section is what one table holds of somebody. A row has the columns that say
// something; instants are RFC 3339 in UTC, flags 0 or 1, amounts minor units.
type Section struct {
	Name    string           `json:"name"`
	Columns []string         `json:"columns"`
	Rows    []map[string]any `json:"rows"`
}

// held says which columns of a table a person is shown and how their rows are
// found: $2 are the person's and all who are merged with them, $3 their orders,
// $4 the keyed hashes of their addresses, $5 the platforms' ids of them, $6 the
// platforms' ids of their orders.
type held struct{ table, columns, where string }

var heldTables = []held{
	{"persons", `id, email, phone, first_name, last_name, language, language_choice, country, timezone, erased, merged_into, created_at, updated_at`, `id {2}`},
	{"identities", `kind, value, person_id`, `person_id {2}`},
	{"person_merges", `from_id, into_id, reason, merged_at, undone_at`, `(from_id {2} OR into_id {2})`},
	{"orders", `id, name, person_id, facts, paid_at, created_at`, `id {3}`},
	{"events", `kind, subject, order_id, person_id, name, props, historic, assumed, occurred_at, recorded_at`, `(person_id {2} OR order_id {3})`},
	{"enrollments", `campaign_id, person_id, order_id, step_id, state, reason, rehearsal, created_at, due_at`, `(person_id {2} OR order_id {3})`},
	{"passes", `campaign_id, person_id, order_id, step_id, branch, rehearsal, at`, `(person_id {2} OR order_id {3})`},
	{"decisions", `campaign_id, person_id, step_id, answer, reason, detail, times, until_at, first_at, last_at`, `person_id {2}`},
	{
		"effects", `id, kind, class, topic, campaign_id, person_id, order_id, step_id, state, note, rehearsal, claimed_at, sending_at, done_at`,
		`(person_id {2} OR order_id {3} OR address_hash {4})`,
	},
	{"tasks", `person_id, order_id, campaign_id, title, script, state, outcome, note, created_at, due_at, done_at`, `(person_id {2} OR order_id {3})`},
	{"consents", `channel, class, state, source, confirmed, wording, said_at`, `address_hash {4}`},
	{"suppressions", `scope, reason, at, until_at`, `address_hash {4}`},
	{"bounces", `kind, effect_id, source, code, note, at, received_at`, `address_hash {4}`},
	{"soft_runs", `run, last_at`, `address_hash {4}`},
	{"message_acts", `kind, effect_id, campaign_id, first_at, last_at, times`, `effect_id IN (SELECT f.id FROM effects f WHERE f.shop_id = $1 AND f.person_id {2})`},
	{"notices", `id, kind, channel, state, note, made_at, done_at`, noticesOf},
	{"touches", `class, channel, source, external_id, campaign, at`, `address_hash {4}`},
	{"writebacks", `platform, kind, person_id, note, said_at, done_at`, `person_id {2}`},
	{"consent_reads", `platform, customer_id, read_at`, `customer_id {5}`},
	{"promotions", `customer_id, cause, rule, code, terms, state, note, asked_at, made_at, ended_at`, `customer_id <> '' AND customer_id {5}`},
	{"loyalty_members", `person_id, state, how, joined_at, left_at, birthday, note, points, pending, earned, tier, tier_since`, `person_id {2}`},
	{"rewards", `person_id, cause_kind, reward, offer, state, code, note, why, asked_at, made_at, expires_at, recall_at, recall_note, ended_at, order_id`, `person_id {2}`},
	{"ledger", `person_id, kind, cause_kind, cause_id, rule, pending, points, forgiven, terms, at, expires_at, note, balance`, `person_id {2}`},
	{"advocates", `person_id, code, visits, made_at, banned_at, ban_note`, `person_id {2}`},
	{"referral_touches", `via, language, at`, `email_hash {4}`},
	{"referrals", `advocate_id, friend_id, order_id, via, code, state, reason, decision, decided_at, note, sale_at, opens_at, paid_at, made_at`, `(advocate_id {2} OR friend_id {2})`},
	{"privacy_requests", `kind, subject, request_id, received_at, due_at, done_at`, `subject <> '' AND subject {5}`},
	{"inbox", `id, platform, topic, external_id, order_ref, customer_ref, triggered_at, received_at`, `(customer_ref {5} OR customer_ref {2} OR email_hash {4} OR order_ref {6})`},
}

// notHeld are tables that name persons or orders and are not shown, each with its reason.
var notHeld = map[string]string{
	"invitations":    "offers of access to people who work for the shop, none of them its customers",
	"loyalty_awards": "what the rows of the ledger come to",
	"order_keys":     "the same ids stand in the orders",
	"link_tokens":    "only the hash of a link that is in a mail the person has",
	"person_words":   "the words of the name and the addresses, by which the shop finds somebody",
	"exports":        "what was gathered for an earlier request: the same, older",
	"referral_looks": "who is to be looked at for whether a friend sent them, for a second",
	"tombstones":     "of those who were erased, of whom nothing else is left",
}

// NotHeld yields the tables that name somebody and are not shown, by name, each with its reason.
func NotHeld() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, table := range slices.Sorted(maps.Keys(notHeld)) {
			if !yield(table, notHeld[table]) {
				return
			}
		}
	}
}

// HeldColumns yields the tables that an export may show, in its order, each with its columns.
func HeldColumns() iter.Seq2[string, []string] {
	return func(yield func(string, []string) bool) {
		for _, h := range heldTables {
			if !yield(h.table, strings.Split(h.columns, ", ")) {
				return
			}
		}
	}
}

// Held returns what a shop keeps of persons, and of all who are merged with
// them, table by table. Bodies of deliveries are in the section inbox, as the
// platform sent them.
func (s *Store) Held(ctx context.Context, shop commerce.ShopID, persons []commerce.PersonID) ([]Section, error) {
	if len(persons) == 0 {
		return nil, nil
	}
	q := s.query(ctx)
	args, err := s.heldBy(q, shop, persons)
	if err != nil {
		return nil, err
	}
	var out []Section
	for _, h := range heldTables {
		sec, err := q.section(h, append([]any{shop}, args...))
		if err != nil {
			return nil, err
		}
		if more := map[string]func(*query, commerce.ShopID, *Section) error{"inbox": s.addBodies, "notices": s.addWords}[h.table]; more != nil {
			if err := more(q, shop, &sec); err != nil {
				return nil, err
			}
		}
		if len(sec.Rows) > 0 {
			out = append(out, sec)
		}
	}
	return out, nil
}

// heldBy gathers by what the tables know the persons.
func (s *Store) heldBy(q *query, shop commerce.ShopID, persons []commerce.PersonID) ([]any, error) {
	circles, err := q.circles(shop, persons)
	if err != nil {
		return nil, err
	}
	same := members(circles)
	ids, err := q.ordersOf(shop, same)
	if err != nil {
		return nil, err
	}
	orders, err := q.orders(shop, ids, "")
	if err != nil {
		return nil, err
	}
	known, err := q.knownBy(shop, same)
	if err != nil {
		return nil, err
	}
	k, err := s.keyOf(q, shop)
	if err != nil {
		return nil, err
	}
	hashes, customers, refs := []string{}, []string{}, []string{}
	for _, id := range known {
		switch id.Kind {
		case commerce.ByEmail:
			hashes = append(hashes, k.hash(id.Value))
		case commerce.ByShopify, commerce.ByStripe:
			customers = append(customers, id.Value)
		}
	}
	for _, o := range orders {
		for _, key := range o.Keys {
			refs = append(refs, key.ID)
		}
	}
	return []any{list(q, same), list(q, ids), list(q, hashes), list(q, customers), list(q, refs)}, nil
}

// section reads one table. Every statement is given every list, as PostgreSQL
// must know the type of each: the empty condition at its end names them all.
func (q *query) section(h held, args []any) (Section, error) {
	sec := Section{Name: h.table, Columns: strings.Split(h.columns, ", ")}
	text := `SELECT ` + h.columns + ` FROM ` + h.table + ` WHERE shop_id = $1 AND ` + h.where
	for _, place := range []string{"{2}", "{3}", "{4}", "{5}", "{6}"} {
		text = strings.ReplaceAll(text, place, q.in(int(place[1]-'0')))
	}
	last := sec.Columns[len(sec.Columns)-1]
	text += ` AND ('' ` + q.in(2) + ` OR '' ` + q.in(3) + ` OR '' ` + q.in(4) + ` OR '' ` + q.in(5) + ` OR '' ` + q.in(6) + ` OR 1 = 1) ORDER BY ` + last + `, ` + sec.Columns[0]
	rows, err := q.q.QueryContext(q.ctx, text, plain(args)...)
	if err != nil {
		return sec, err
	}
	defer rows.Close()
	for rows.Next() {
		cells, dests := make([]any, len(sec.Columns)), make([]any, len(sec.Columns))
		for i := range cells {
			dests[i] = &cells[i]
		}
		if err := rows.Scan(dests...); err != nil {
			return sec, err
		}
		row := map[string]any{}
		for i, name := range sec.Columns {
			if v := shown(name, cells[i]); v != nil {
				row[name] = v
			}
		}
		sec.Rows = append(sec.Rows, row)
	}
	return sec, rows.Err()
}

// shown turns a column into what a reader of the export sees; nil where it says nothing.
func shown(name string, cell any) any {
	if data, ok := cell.([]byte); ok {
		cell = string(data)
	}
	switch v := cell.(type) {
	case string:
		switch {
		case v == "":
			return nil
		case name == "facts", name == "props":
			return json.RawMessage(v)
		}
		return v
	case int64:
		switch {
		case v == 0:
			return nil
		case name == "at", strings.HasSuffix(name, "_at"):
			return commerce.Instant(v).Time().UTC().Format(time.RFC3339)
		}
		return v
	}
	return nil
}

// addBodies puts what the platform sent beside the deliveries, as long as it is kept.
func (s *Store) addBodies(q *query, shop commerce.ShopID, sec *Section) error {
	k, err := s.keyOf(q, shop)
	if err != nil {
		return err
	}
	sec.Columns = append(sec.Columns, "body")
	for _, row := range sec.Rows {
		id, _ := row["id"].(string)
		var sealed []byte
		found, err := q.one([]any{&sealed}, `SELECT body FROM inbox_bodies WHERE shop_id = $1 AND inbox_id = $2`, shop, id)
		if err != nil {
			return err
		}
		if !found {
			continue
		}
		if body, err := k.open(sealed, "inbox "+id); err == nil && json.Valid(body) {
			row["body"] = json.RawMessage(body)
		}
	}
	return nil
}
