package store

import (
	"encoding/json"
	"maps"
	"slices"

	"flywheel/commerce"
	"flywheel/delight/gate"
)

// Whom names somebody to be erased by whatever is known of them.
type Whom struct {
	Persons   []commerce.PersonID
	Emails    []string // normalised
	Customers []commerce.Identity
	Orders    []commerce.SourceKey // whoever bought these

	sought // what Seek found of them

	// Of an erasure that is repeated after a restore: its marks, when it was, and its id.
	marks []string
	at    commerce.Instant
	id    string
}

// ErasedPerson is what Erase did.
type ErasedPerson struct {
	Persons []commerce.PersonID // all that were the same; none = nobody was known
	Report  Report
}

// erasing is one erasure under way, with everything by which its persons are found.
type erasing struct {
	*Tx
	shop      commerce.ShopID
	key       *dataKey
	whom      Whom
	persons   []commerce.PersonID
	orders    map[commerce.OrderID]*StoredOrder
	emails    []string // keyed hashes
	customers []string // platform ids
	accounts  []string // the same as subjects of events
	refs      []string // platform ids of orders
	marks     map[string]commerce.PersonID
	report    Report
}

// Erase removes what tells who somebody is from every table: of all persons
// that w names and everybody merged with them. What happened stays, without
// words and names, so that sums hold. Their marks keep what comes later from
// bringing them back, and their addresses stay suppressed. It locks orders, then
// persons, and writes its own proof. Where Seek has not looked for w, it looks
// itself, which takes long in a large shop.
func (tx *Tx) Erase(shop commerce.ShopID, w Whom) (ErasedPerson, error) {
	if w.at == 0 {
		w.at = tx.store.Now()
	}
	if w.id == "" {
		w.id = NewID()
	}
	w, err := tx.seek(shop, w)
	if err != nil {
		return ErasedPerson{}, err
	}
	e, err := tx.erasing(shop, w)
	if err != nil {
		return ErasedPerson{}, err
	}
	e.report.Finished = true
	for _, step := range []func() error{e.find, e.lock, e.mark, e.stop, e.eraseDeliveries, e.eraseOrders, e.erasePersons, e.eraseNotices, e.eraseAccounts, e.prove} {
		if err := step(); err != nil {
			return ErasedPerson{}, err
		}
	}
	return ErasedPerson{e.persons, e.report}, tx.TouchPersons(shop, e.persons)
}

func (tx *Tx) erasing(shop commerce.ShopID, w Whom) (*erasing, error) {
	key, err := tx.dataKey(shop)
	return &erasing{Tx: tx, shop: shop, key: key, whom: w, marks: map[string]commerce.PersonID{}, orders: map[commerce.OrderID]*StoredOrder{}}, err
}

// do runs a statement with the shop as $1 and counts what it changed.
func (e *erasing) do(table, text string, args ...any) error {
	n, err := e.exec(text, append([]any{e.shop}, args...)...)
	e.report.add(table, n)
	return err
}

// find looks for the persons: by identities, by an address nobody verified, and by orders.
func (e *erasing) find() error {
	found, err := e.whoIs(e.shop, e.whom)
	e.persons = found
	return err
}

// lock takes the orders first, then the persons. Orders that came while it
// waited for a person are taken as well: who holds their lock is gone by then.
func (e *erasing) lock() error {
	locked := 0
	for {
		ids, err := e.ordersOf(e.shop, e.persons)
		if err != nil || len(ids) == locked && locked > 0 {
			return err
		}
		found, err := e.LockOrders(e.shop, ids)
		if err != nil {
			return err
		}
		maps.Copy(e.orders, found)
		if _, err := e.LockPersons(e.shop, e.persons); err != nil || len(ids) == 0 {
			return err
		}
		locked = len(ids)
	}
}

// mark gathers what they are known by.
func (e *erasing) mark() error {
	var first commerce.PersonID
	if len(e.persons) > 0 {
		first = e.persons[0]
	}
	for _, m := range e.whom.marks {
		e.marks[m] = first
		if isAddress(m) {
			e.emails = append(e.emails, m)
		}
	}
	for _, email := range e.whom.Emails {
		e.addEmail(email, first)
	}
	for _, c := range e.whom.Customers {
		e.addCustomer(c, first)
	}
	for _, k := range e.whom.Orders {
		e.marks[e.key.orderMark(k)] = first
		e.refs = append(e.refs, k.ID)
	}
	for _, o := range e.orders {
		for _, k := range o.Keys {
			e.refs = append(e.refs, k.ID)
		}
	}
	known, err := e.knownBy(e.shop, e.persons)
	for _, id := range known {
		if id.Kind == commerce.ByEmail {
			e.addEmail(id.Value, id.person)
		} else {
			e.addCustomer(id.Identity, id.person)
		}
	}
	return err
}

func (e *erasing) addEmail(email string, p commerce.PersonID) {
	if hash := e.key.hash(email); hash != "" {
		e.marks[hash] = p
		e.emails = append(e.emails, hash)
	}
}

func (e *erasing) addCustomer(id commerce.Identity, p commerce.PersonID) {
	if m := e.key.mark(id); m != "" {
		e.marks[m] = p
		e.customers = append(e.customers, id.Value)
		e.accounts = append(e.accounts, accountSubject(id))
	}
}

// stop suppresses their addresses for ever and keeps the marks.
func (e *erasing) stop() error {
	slices.Sort(e.emails)
	e.emails = slices.Compact(e.emails)
	for _, hash := range e.emails {
		if err := e.Suppress(e.shop, hash, gate.ScopeAll, "erased"); err != nil {
			return err
		}
	}
	return e.saveTombstones(e.shop, e.marks, e.whom.at)
}

// eraseDeliveries removes bodies, references and notes, which may quote a body,
// but keeps the keys, which hold uniqueness. What is not processed yet is
// dropped when that has seen the marks.
func (e *erasing) eraseDeliveries() error {
	theirs := ` WHERE shop_id = $1 AND state <> 0 AND id ` + e.in(2)
	ids := list(&e.query, e.whom.deliveries)
	if err := e.do("inbox_bodies", `DELETE FROM inbox_bodies WHERE shop_id = $1 AND inbox_id IN (SELECT id FROM inbox`+theirs+`)`, ids); err != nil {
		return err
	}
	return e.do("inbox", `UPDATE inbox SET email_hash = '', customer_ref = '', note = ''`+theirs, ids)
}

// eraseOrders takes words and names from what they bought.
func (e *erasing) eraseOrders() error {
	ids := slices.Sorted(maps.Keys(e.orders))
	for _, id := range ids {
		o := e.orders[id]
		o.Forget()
		facts, err := json.Marshal(&o.Order)
		if err != nil {
			return err
		}
		if err := e.do("orders", `UPDATE orders SET facts = $3, name = '', twin_key = '', rev = rev + 1,
			purchase_rev = CASE WHEN purchase_rev = rev THEN rev + 1 ELSE 0 END WHERE shop_id = $1 AND id = $2`, id, string(facts)); err != nil {
			return err
		}
	}
	return e.do("findings", `DELETE FROM findings WHERE shop_id = $1 AND subject `+e.in(2), list(&e.query, ids))
}

// erasePersons empties the persons and what hangs on them.
func (e *erasing) erasePersons() error {
	persons, emails := list(&e.query, e.persons), list(&e.query, e.emails)
	theirs := ` WHERE shop_id = $1 AND person_id ` + e.in(2)
	for _, c := range []struct {
		table, text string
		arg         any
	}{
		{"persons", `UPDATE persons SET email = '', phone = '', first_name = '', last_name = '', language = '', language_choice = '', country = '', timezone = '',
			erased = 1, worded = 1, rev = rev + 1 WHERE shop_id = $1 AND id ` + e.in(2), persons},
		{"identities", `DELETE FROM identities` + theirs, persons},
		{"link_tokens", `DELETE FROM link_tokens` + theirs, persons},
		{"person_words", `DELETE FROM person_words` + theirs, persons},
		{"events", `UPDATE events SET props = ''` + theirs + ` AND props <> ''`, persons}, // another system may have named them
		{"tasks", `UPDATE tasks SET title = '', script = '', note = '', outcome = '', state = CASE state WHEN 'open' THEN 'dropped' ELSE state END` + theirs, persons},
		{"effects", `UPDATE effects SET address_hash = '', note = ''` + theirs, persons}, // what is claimed does not begin: the person's rev has risen
		{"decisions", `UPDATE decisions SET detail = ''` + theirs + ` AND detail <> ''`, persons},
		{"loyalty_members", `UPDATE loyalty_members SET state = 'left', birthday = 0, note = '', how = '', tag = '', tagged = '', tag_at = 0, notice_at = 0, tier_look_at = 0` + theirs, persons}, // the figures stay: what the shop owes adds up
		{"person_merges", `UPDATE person_merges SET stood = '' WHERE shop_id = $1 AND stood <> '' AND (from_id ` + e.in(2) + ` OR into_id ` + e.in(2) + `)`, persons},
		{"advocates", `DELETE FROM advocates` + theirs, persons},
		{"referral_touches", `DELETE FROM referral_touches WHERE shop_id = $1 AND person_id <> '' AND person_id ` + e.in(2), persons},
		{"referral_touches", `DELETE FROM referral_touches WHERE shop_id = $1 AND email_hash ` + e.in(2), emails},
		{"referrals", `UPDATE referrals SET note = '', code = '' WHERE shop_id = $1 AND (advocate_id ` + e.in(2) + ` OR friend_id ` + e.in(2) + `) AND (note <> '' OR code <> '')`, persons},
		{"rewards", `UPDATE rewards SET note = '', why = '', recall_note = ''` + theirs, persons},
		{"ledger", `UPDATE ledger SET note = ''` + theirs + ` AND note <> ''`, persons},
		{"writebacks", `DELETE FROM writebacks` + theirs + ` AND kind = 'unsubscribe' AND platform IN ('shopify', 'stripe')`, persons}, // all there are, by the key
		{"message_acts", `DELETE FROM message_acts WHERE shop_id = $1 AND effect_id IN (SELECT id FROM effects` + theirs + `)`, persons},
		{"bounces", `UPDATE bounces SET address_hash = '', note = '' WHERE shop_id = $1 AND address_hash <> '' AND address_hash ` + e.in(2), emails},
		{"soft_runs", `DELETE FROM soft_runs WHERE shop_id = $1 AND address_hash ` + e.in(2), emails},
		{"suppressions", `UPDATE suppressions SET sealed = NULL WHERE shop_id = $1 AND sealed IS NOT NULL AND address_hash ` + e.in(2), emails},
		{"touches", `DELETE FROM touches WHERE shop_id = $1 AND address_hash ` + e.in(2), emails},
		{"consent_reads", `DELETE FROM consent_reads WHERE shop_id = $1 AND platform IN ('shopify', 'stripe') AND customer_id ` + e.in(2), list(&e.query, e.customers)},
		{"promotions", `UPDATE promotions SET customer_id = '', note = '' WHERE shop_id = $1 AND customer_id <> '' AND customer_id ` + e.in(2), list(&e.query, e.customers)},
		{"exports", `DELETE FROM exports` + theirs, persons},
		{"privacy_requests", `UPDATE privacy_requests SET subject = '' WHERE shop_id = $1 AND subject <> '' AND subject ` + e.in(2), list(&e.query, e.customers)},
	} {
		if err := e.do(c.table, c.text, c.arg); err != nil {
			return err
		}
	}
	return e.eraseRequests()
}

// eraseRequests removes exports that hold them beside somebody else, and lets
// requests name nobody: one that is still open is answered with nothing.
func (e *erasing) eraseRequests() error {
	for _, p := range e.persons {
		named := `%"` + string(p) + `"%`
		if err := e.do("exports", `DELETE FROM exports WHERE shop_id = $1 AND id IN
			(SELECT export_id FROM privacy_requests WHERE shop_id = $1 AND persons LIKE $2)`, named); err != nil {
			return err
		}
		if err := e.do("privacy_requests", `UPDATE privacy_requests SET persons = '', subject = '' WHERE shop_id = $1 AND persons LIKE $2`, named); err != nil {
			return err
		}
	}
	return nil
}

// prove keeps what was done, in figures and marks.
func (e *erasing) prove() error {
	return e.saveErasure(Erasure{
		ID: e.whom.id, Shop: e.shop, Kind: ErasedCustomer, Marks: slices.Sorted(maps.Keys(e.marks)), Report: e.report, At: e.whom.at,
	})
}
