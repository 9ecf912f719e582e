package store_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/store"
	"flywheel/store/storetest"
)

// columnsOf lists the tables of a database with their columns.
func columnsOf(t *testing.T, s *store.Store) map[string][]string {
	t.Helper()
	text := `SELECT table_name || '.' || column_name AS c FROM information_schema.columns WHERE table_schema = current_schema() ORDER BY ordinal_position`
	if s.Embedded() {
		text = `SELECT m.name || '.' || c.name AS c FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table' ORDER BY c.cid`
	}
	out := map[string][]string{}
	for _, line := range table(t, s, text) {
		name, column, _ := strings.Cut(strings.Trim(strings.TrimPrefix(line, "c="), `"`), ".")
		if regexp.MustCompile(`^inbox_bodies_|^sqlite_|^goose_`).MatchString(name) {
			continue
		}
		out[name] = append(out[name], column)
	}
	return out
}

func shopTables(t *testing.T, s *store.Store) (names []string) {
	for name, columns := range columnsOf(t, s) {
		if slices.Contains(columns, "shop_id") && name != "erasures" { // the proof outlives the shop
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func TestErasingAShopKnowsEveryTable(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		require.ElementsMatch(t, shopTables(t, s), store.ShopTables)
	})
}

// erase is Erase in a transaction of its own.
func erase(t *testing.T, s *store.Store, shop commerce.ShopID, w store.Whom) (erased store.ErasedPerson) {
	t.Helper()
	storetest.Do(t, s, func(tx *store.Tx) (err error) {
		erased, err = tx.Erase(shop, w)
		return err
	})
	return erased
}

func TestErasePersonLeavesNoTraceOfWhoItWas(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		w := claimedWorld(t, s)
		guest := storetest.Person(t, s, w.shop) // the same one, before a purchase told their address
		merge(t, s, w.shop, guest, w.person)
		guestOrder := storetest.Order(t, s, w.shop, guest.ID)
		other := storetest.Person(t, s, w.shop)
		later := storetest.Enroll(t, s, w.shop, guestOrder, func(e *campaign.Enrollment) { e.DueAt = s.Now() + 5000 })
		told := []commerce.Delivery{
			storetest.AddDelivery(t, s, w.connection, func(d *commerce.Delivery) { d.Email = w.person.Email }),
			storetest.AddDelivery(t, s, w.connection, func(d *commerce.Delivery) { d.CustomerRef = "77" }),
			storetest.AddDelivery(t, s, w.connection, func(d *commerce.Delivery) { d.OrderRef = w.order.Keys[0].ID }),
			storetest.AddDelivery(t, s, w.connection, func(d *commerce.Delivery) { d.Email = guest.Email }),
			storetest.AddDelivery(t, s, w.connection, func(d *commerce.Delivery) { d.OrderRef = guestOrder.Keys[0].ID }),
		}
		kept := storetest.AddDelivery(t, s, w.connection, func(d *commerce.Delivery) { d.Email, d.CustomerRef = other.Email, "78" })
		results := []store.InboxResult{{ID: kept.ID}}
		for i, d := range told {
			results = append(results, store.InboxResult{ID: d.ID, Quarantined: i == 0})
		}
		storetest.Do(t, s, func(tx *store.Tx) error {
			if err := tx.FinishInbox(w.shop, results); err != nil {
				return err
			}
			if err := tx.AddIdentities(w.shop, map[commerce.Identity]commerce.PersonID{{Kind: commerce.ByShopify, Value: "77"}: w.person.ID}); err != nil {
				return err
			}
			if err := tx.SaveEvents(w.shop, []commerce.Event{{Kind: commerce.CustomKind("asked"), Subject: "1", PersonID: guest.ID, Name: "asked", Props: map[string]any{"mail": guest.Email}}}); err != nil {
				return err
			}
			if err := tx.AddTask(w.shop, store.Task{ID: w.effect.ID, Person: guest.ID, Title: "Call " + guest.Phone, Script: guest.Email}); err != nil {
				return err
			}
			return tx.AddLinks(w.shop, []store.Link{{Hash: []byte("h"), Effect: w.effect.ID, Person: w.person.ID, Expires: s.Now() + 1}})
		})
		for _, email := range []string{w.person.Email, guest.Email, other.Email} {
			_, err := s.AddTouch(t.Context(), w.shop, store.Touch{Email: email, Source: "other", ExternalID: email})
			require.NoError(t, err)
		}

		erased := erase(t, s, w.shop, store.Whom{Persons: []commerce.PersonID{w.person.ID}})
		require.ElementsMatch(t, []commerce.PersonID{w.person.ID, guest.ID}, erased.Persons)
		require.EqualValues(t, 2, erased.Report.Rows["orders"])
		for _, p := range []commerce.Person{w.person, guest} {
			got, err := s.Person(t.Context(), w.shop, p.ID)
			require.NoError(t, err)
			require.True(t, got.Erased)
			require.Empty(t, got.Email+got.Phone+got.FirstName+got.LastName+got.Timezone)
			hash, err := s.AddressHash(t.Context(), w.shop, p.Email)
			require.NoError(t, err)
			stops, err := s.Suppressions(t.Context(), w.shop, hash)
			require.NoError(t, err)
			require.Equal(t, []gate.Suppression{{Scope: gate.ScopeAll, Reason: "erased", At: s.Now()}}, stops)
		}
		require.EqualValues(t, 1, number(t, s, `SELECT COUNT(*) FROM identities`), "the other's")
		require.Zero(t, number(t, s, `SELECT COUNT(*) FROM link_tokens`))
		require.EqualValues(t, 1, number(t, s, `SELECT COUNT(*) FROM inbox_bodies`))
		require.Equal(t, string(kept.ID), word(t, s, `SELECT inbox_id FROM inbox_bodies`))
		require.EqualValues(t, 6, number(t, s, `SELECT COUNT(*) FROM inbox`), "the keys keep a repeat out")
		require.EqualValues(t, 1, number(t, s, `SELECT COUNT(*) FROM inbox WHERE email_hash <> '' OR customer_ref <> ''`))
		require.Equal(t, int64(s.Now()), dueAt(t, s, later.ID), "to be ended")
		require.Equal(t, other.Email, word(t, s, `SELECT email FROM persons WHERE id = $1`, other.ID))

		require.Equal(t, []string{`external_id="` + other.Email + `"`}, table(t, s, `SELECT external_id FROM touches`))
		require.Equal(t, []string{`state="dropped" title="" script=""`}, table(t, s, `SELECT state, title, script FROM tasks`))
		require.Equal(t, []string{`name="asked" props=""`}, table(t, s, `SELECT name, props FROM events WHERE subject = '1'`), "that it happened stays")

		// What was being written while they were erased comes too late.
		storetest.Do(t, s, func(tx *store.Tx) error {
			return tx.AddTask(w.shop, store.Task{ID: "late", Person: guest.ID, Title: "Call " + guest.Phone})
		})
		dump := strings.Join(dumpAll(t, s), "\n")
		for _, secret := range []string{w.person.Email, guest.Email, w.person.Phone, guest.Phone} {
			require.NotContains(t, dump, secret)
		}
	})
}

// dumpAll reads every row of every table.
func dumpAll(t *testing.T, s *store.Store) (lines []string) {
	for name := range columnsOf(t, s) {
		for _, line := range table(t, s, `SELECT * FROM `+name) {
			lines = append(lines, name+": "+line)
		}
	}
	slices.Sort(lines)
	return lines
}

// Somebody may have an address that is nobody's identity, because it was never verified.
func TestErasingAnAddressFindsEverybodyWhoHasIt(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		known, other := storetest.Person(t, s, shop), storetest.Person(t, s, shop)
		unknown := storetest.Person(t, s, shop, func(p *commerce.Person) { p.Email = known.Email })
		erase(t, s, shop, store.Whom{Emails: []string{known.Email}})
		for _, p := range []commerce.Person{known, unknown, other} {
			got, err := s.Person(t.Context(), shop, p.ID)
			require.NoError(t, err)
			require.Equal(t, p.ID != other.ID, got.Erased)
		}
		hash, err := s.AddressHash(t.Context(), shop, known.Email)
		require.NoError(t, err)
		stops, err := s.Suppressions(t.Context(), shop, hash)
		require.NoError(t, err)
		require.Len(t, stops, 1)
	})
}
