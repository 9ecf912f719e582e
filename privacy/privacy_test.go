package privacy_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/privacy"
	"flywheel/store"
	"flywheel/store/storetest"
)

// gathered is what one shop keeps of Ada, as it would be kept.
func gathered(t *testing.T, s *store.Store, persons ...commerce.PersonID) []byte {
	t.Helper()
	shop := storetest.Shop(t, s, func(s *commerce.Shop) { s.Name = "Nour & Co <b>" })
	if persons == nil {
		ada := storetest.Person(t, s, shop, func(p *commerce.Person) { p.Email, p.FirstName = "ada@example.com", "<script>Ada" })
		storetest.Order(t, s, shop, ada.ID, func(o *store.StoredOrder) { o.Detail.Hash = 1<<63 + 1 })
		persons = []commerce.PersonID{ada.ID}
	}
	e, err := privacy.Gather(t.Context(), s, store.PrivacyRequest{
		ID: "r", Shop: shop, Kind: commerce.ReportData, Subject: "6001", RequestID: "9", Persons: persons, ReceivedAt: s.Now(),
	})
	require.NoError(t, err)
	body, err := json.Marshal(e)
	require.NoError(t, err)
	return body
}

func TestAnExportIsReadAsItWasKept(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		body := gathered(t, s)
		e, err := privacy.Read(body)
		require.NoError(t, err)
		require.Equal(t, privacy.Format, e.Format)
		require.Equal(t, "6001", e.Request.Customer)
		require.Equal(t, "persons", e.Sections[0].Name)
		require.Equal(t, "ada@example.com", e.Sections[0].Rows[0]["email"])
		require.NotEmpty(t, e.NotShown)
		again, err := json.Marshal(e)
		require.NoError(t, err)
		require.JSONEq(t, string(body), string(again))
		require.Contains(t, string(again), "9223372036854775809", "no number goes through a float")
	})
	_, err := privacy.Read([]byte(`{"format":"other"}`))
	require.Error(t, err)
}

func TestTheReadablePage(t *testing.T) {
	s := storetest.Open(t, "sqlite")
	body, none := gathered(t, s), gathered(t, s, "nobody")
	for lang, want := range map[string][]string{
		"en": {`<html lang="en" dir="ltr">`, "Data kept about a customer", "Who the customer is", "First name", "Teapot", "€40.00", "2026-03-02 12:00:00"},
		"ar": {`<html lang="ar" dir="rtl">`, "البيانات المحفوظة عن العميل", "من هو العميل", "الاسم الأول", "Teapot", "ada@example.com"},
		"fa": {`<html lang="fa" dir="rtl">`, "مشتری کیست", "نام خانوادگی", "Teapot", "ada@example.com"},
		"de": {`<html lang="en" dir="ltr">`},
	} {
		page, err := privacy.Page(body, lang)
		require.NoError(t, err)
		for _, text := range want {
			require.Contains(t, string(page), text, lang)
		}
		require.NotContains(t, string(page), "<script", "what somebody wrote is text")
		require.NotContains(t, string(page), "{{")
		require.NotContains(t, string(page), "http", "it needs nothing else")
		require.NotContains(t, string(page), "<dt></dt>", "every column has a name")
		require.NotContains(t, string(page), "<h2></h2>", "every section, too")
	}
	page, err := privacy.Page(none, "en")
	require.NoError(t, err)
	require.Contains(t, string(page), "Nothing is kept about this customer")
	_, err = privacy.Page([]byte("{"), "en")
	require.Error(t, err)
}

// Who was erased reads when, and nothing else.
func TestThePageOfWhoWasErased(t *testing.T) {
	s := storetest.Open(t, "sqlite")
	shop := storetest.Shop(t, s)
	storetest.Do(t, s, func(tx *store.Tx) error {
		_, err := tx.Erase(shop, store.Whom{Customers: []commerce.Identity{{Kind: commerce.ByShopify, Value: "6001"}}})
		return err
	})
	e, err := privacy.Gather(t.Context(), s, store.PrivacyRequest{Shop: shop, Subject: "6001"})
	require.NoError(t, err)
	require.Equal(t, s.Now().Time().UTC(), *e.ErasedAt)
	body, err := json.Marshal(e)
	require.NoError(t, err)
	page, err := privacy.Page(body, "en")
	require.NoError(t, err)
	require.Contains(t, string(page), "was erased on 2026-03-02")
	require.NotContains(t, string(page), "Nothing is kept")
}

func TestTheFileOfErasures(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		path := filepath.Join(t.TempDir(), "tombstones.jsonl")
		shop := storetest.Shop(t, s)
		ada := storetest.Person(t, s, shop)
		forget := func(email string) {
			storetest.Do(t, s, func(tx *store.Tx) error {
				_, err := tx.Erase(shop, store.Whom{Emails: []string{email}})
				return err
			})
		}
		save := func(want int) {
			t.Helper()
			lacking, err := privacy.SaveFile(t.Context(), s, path)
			require.NoError(t, err)
			require.Equal(t, want, lacking)
		}
		forget("bo@example.com")
		save(0)
		first, err := os.Stat(path)
		require.NoError(t, err)
		require.EqualValues(t, 0o600, first.Mode().Perm())
		save(0)
		second, err := os.Stat(path)
		require.NoError(t, err)
		require.True(t, os.SameFile(first, second), "nothing is new: it stays")

		// Another database's: this one was restored from before it.
		foreign := store.Erasure{ID: store.NewID(), Shop: shop, Kind: store.ErasedCustomer, Marks: markOf(t, s, shop, ada.Email), At: s.Now()}
		line, err := json.Marshal(foreign)
		require.NoError(t, err)
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(path, append(text, line...), 0o600)) // without a last line end
		storetest.ClockOf(s).Advance(time.Hour)
		forget("cy@example.com")
		save(1)
		told, err := privacy.ReadFile(path)
		require.NoError(t, err)
		require.Len(t, told, 3)
		lacking, err := privacy.Lacking(t.Context(), s, told)
		require.NoError(t, err)
		require.Len(t, lacking, 1)
		require.Equal(t, foreign.ID, lacking[0].ID)

		for _, want := range []int{1, 0} {
			n, err := privacy.Reapply(t.Context(), s, told)
			require.NoError(t, err)
			require.Equal(t, want, n)
		}
		p, err := s.Person(t.Context(), shop, ada.ID)
		require.NoError(t, err)
		require.True(t, p.Erased)
		save(0)
		names, err := filepath.Glob(filepath.Join(filepath.Dir(path), "*"))
		require.NoError(t, err)
		require.Equal(t, []string{path}, names, "nothing else is left behind")

		require.NoError(t, os.WriteFile(path, []byte("{}\n"), 0o600))
		_, err = privacy.SaveFile(t.Context(), s, path)
		require.True(t, fault.Is(err, fault.Invalid), "what cannot be read is not overwritten: %v", err)
	})
}

// markOf is the mark of an address: the hash under which it is suppressed.
func markOf(t *testing.T, s *store.Store, shop commerce.ShopID, email string) []string {
	t.Helper()
	hash, err := s.AddressHash(t.Context(), shop, email)
	require.NoError(t, err)
	return []string{hash}
}

// The words of all languages name the same things, and every column that an export may show.
func TestEveryColumnHasAName(t *testing.T) {
	keys := func(lang string) (out []string) {
		text, err := os.ReadFile("words/" + lang + ".yaml")
		require.NoError(t, err)
		for line := range bytes.Lines(text) {
			if key, _, ok := strings.Cut(string(line), ":"); ok && !strings.HasPrefix(key, "#") {
				out = append(out, key)
			}
		}
		return out
	}
	for _, lang := range []string{"ar", "fa"} {
		require.Equal(t, keys("en"), keys(lang))
	}
	for table, columns := range store.HeldColumns() {
		require.Contains(t, keys("en"), "  "+table)
		for _, c := range columns {
			require.Contains(t, keys("en"), "  "+c, table)
		}
	}
}
