package store_test

import (
	"encoding/json"
	"errors"
	"maps"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/store"
	"flywheel/store/storetest"
)

// request adds one for a customer's data.
func request(t *testing.T, s *store.Store, shop commerce.ShopID, persons ...commerce.PersonID) (p store.PrivacyRequest) {
	t.Helper()
	storetest.Do(t, s, func(tx *store.Tx) (err error) {
		p, err = tx.AddPrivacyRequest(shop, store.PrivacyRequest{Kind: commerce.ReportData, Subject: "77", RequestID: "9", Persons: persons, DueAt: tx.Now() + 1})
		return err
	})
	return p
}

func TestARequestIsAnsweredOnceAndTheExportExpires(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		ada := storetest.Person(t, s, shop)
		p := request(t, s, shop, ada.ID)
		open, err := s.OpenRequests(t.Context(), 10)
		require.NoError(t, err)
		require.Equal(t, []store.PrivacyRequest{p}, open)

		for _, fresh := range []bool{true, false} { // the second time is a worker that was thought to be lost
			saved, err := s.SaveExport(t.Context(), p, []byte(`{"all": "of it"}`))
			require.NoError(t, err)
			require.Equal(t, fresh, saved)
		}
		got, err := s.PrivacyRequest(t.Context(), shop, "9")
		require.NoError(t, err)
		require.Equal(t, s.Now(), got.DoneAt)
		body, err := s.Export(t.Context(), shop, got.Export)
		require.NoError(t, err)
		require.JSONEq(t, `{"all": "of it"}`, string(body))
		require.EqualValues(t, 1, number(t, s, `SELECT COUNT(*) FROM exports`))
		open, err = s.OpenRequests(t.Context(), 10)
		require.NoError(t, err)
		require.Empty(t, open)

		storetest.ClockOf(s).Advance(30*24*time.Hour + time.Millisecond)
		_, err = s.Export(t.Context(), shop, got.Export)
		require.True(t, fault.Is(err, fault.NotFound), "%v", err)
		list, err := s.PrivacyRequests(t.Context(), shop, 10)
		require.NoError(t, err)
		require.Empty(t, list[0].Export)
		_, err = s.Retain(t.Context())
		require.NoError(t, err)
		require.Zero(t, number(t, s, `SELECT COUNT(*) FROM exports`))
		_, err = s.PrivacyRequest(t.Context(), shop, "")
		require.True(t, fault.Is(err, fault.NotFound), "%v", err)
	})
}

// Who is erased while their data is being gathered is in no export.
func TestNoExportOutlivesItsPerson(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		ada, bo := storetest.Person(t, s, shop), storetest.Person(t, s, shop)
		early, late := request(t, s, shop, bo.ID, ada.ID), request(t, s, shop, ada.ID)
		saved, err := s.SaveExport(t.Context(), early, []byte(`{}`))
		require.NoError(t, err)
		require.True(t, saved)
		erase(t, s, shop, store.Whom{Persons: []commerce.PersonID{ada.ID}})
		require.Zero(t, number(t, s, `SELECT COUNT(*) FROM exports`), "beside somebody else, too")
		saved, err = s.SaveExport(t.Context(), late, []byte(`{}`))
		require.NoError(t, err)
		require.False(t, saved)
		open, err := s.OpenRequests(t.Context(), 10)
		require.NoError(t, err)
		require.Len(t, open, 1)
		require.Empty(t, open[0].Persons)
		require.NoError(t, s.FinishRequest(t.Context(), shop, open[0].ID, store.Report{Note: "why not"}))
		got, err := s.PrivacyRequest(t.Context(), shop, open[0].ID)
		require.NoError(t, err)
		require.Equal(t, store.Report{Note: "why not"}, got.Report)
	})
}

// heldTables are the tables that an export shows.
func heldTables() (names []string) {
	for table := range store.HeldColumns() {
		names = append(names, table)
	}
	return names
}

// namesSomebody is a column by which a row is tied to a person or an order.
var namesSomebody = regexp.MustCompile(`^(person_id|order_id|address_hash|email_hash|email|customer_ref|customer_id|from_id|into_id|mark|persons)$`)

// Every table that can hold something of a person is shown to them, or says why not.
func TestAnExportKnowsEveryTable(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		reasons := maps.Collect(store.NotHeld())
		for table, columns := range columnsOf(t, s) {
			tied := slices.ContainsFunc(columns, namesSomebody.MatchString)
			if !tied || !slices.Contains(store.ShopTables, table) {
				continue
			}
			if !slices.Contains(heldTables(), table) && reasons[table] == "" {
				t.Errorf("%s names somebody, is in no export and gives no reason", table)
			}
		}
		for table := range reasons {
			require.NotContains(t, heldTables(), table)
		}
	})
}

func TestHeldShowsARowOfEveryTable(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		w, other := furnish(t, s, "mine"), furnish(t, s, "other")
		storetest.Do(t, s, func(tx *store.Tx) error {
			if err := tx.AddIdentities(w.shop, map[commerce.Identity]commerce.PersonID{{Kind: commerce.ByShopify, Value: "request of mine"}: w.person.ID}); err != nil {
				return err
			}
			return errors.Join(
				tx.Exec(`INSERT INTO consent_reads (shop_id, platform, customer_id, read_at) VALUES ($1, 'shopify', 'request of mine', 5)`, w.shop),
				tx.Exec(`INSERT INTO writebacks (shop_id, id, platform, kind, person_id, said_at, next_at) VALUES ($1, 'w', 'shopify', 'unsubscribe', $2, 5, 0)`, w.shop, w.person.ID),
			)
		})
		held, err := s.Held(t.Context(), w.shop, []commerce.PersonID{w.from.ID})
		require.NoError(t, err, "by whom they were before a merge, too")
		var names []string
		for _, h := range held {
			names = append(names, h.Name)
			require.NotEmpty(t, h.Rows)
		}
		require.ElementsMatch(t, heldTables(), names)
		data, err := json.Marshal(held)
		require.NoError(t, err)
		for _, want := range []string{
			w.person.Email, w.person.Phone, "order of mine", "event of mine", "decision of mine", "task of mine", "touch of mine",
			"source of mine", "stop of mine", "branch of mine", "request of mine", "reason of mine", `"paid_at":"20`,
		} {
			require.Contains(t, string(data), want)
		}
		require.NotContains(t, string(data), "of other")
		require.NotContains(t, string(data), other.person.Email)

		none, err := s.Held(t.Context(), w.shop, nil)
		require.NoError(t, err)
		require.Empty(t, none)
	})
}
