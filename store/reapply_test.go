package store_test

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/store"
	"flywheel/store/storetest"
)

// backup is every row of every table.
type backup map[string][][]any

func backUp(t *testing.T, s *store.Store) backup {
	t.Helper()
	out := backup{}
	for name, columns := range columnsOf(t, s) {
		rows, err := store.DB(s).QueryContext(t.Context(), `SELECT `+strings.Join(columns, ", ")+` FROM `+name)
		require.NoError(t, err)
		for rows.Next() {
			cells, dests := make([]any, len(columns)), make([]any, len(columns))
			for i := range cells {
				dests[i] = &cells[i]
			}
			require.NoError(t, rows.Scan(dests...))
			for i, c := range cells {
				if b, blob := c.([]byte); blob && len(b) == 0 { // SQLite gives none, and takes that for NULL
					cells[i] = []byte{}
				}
			}
			out[name] = append(out[name], cells)
		}
		require.NoError(t, rows.Err())
		require.NoError(t, rows.Close())
	}
	return out
}

// restore puts a database back to what it was.
func restore(t *testing.T, s *store.Store, b backup) {
	t.Helper()
	columns := columnsOf(t, s)
	inOrder := func(name string) int { return slices.Index([]string{"accounts", "shops"}, name) } // others refer to them
	var names []string
	for name := range columns {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, c string) int { return inOrder(c) - inOrder(a) })
	tx, err := store.DB(s).BeginTx(t.Context(), nil)
	require.NoError(t, err)
	defer func() { require.NoError(t, tx.Commit()) }()
	for _, name := range slices.Backward(names) {
		run(t, tx, `DELETE FROM `+name)
	}
	for _, name := range names {
		var places []string
		for i := range columns[name] {
			places = append(places, fmt.Sprintf("$%d", i+1))
		}
		for _, row := range b[name] {
			run(t, tx, fmt.Sprintf(`INSERT INTO %s (%s) VALUES (%s)`, name, strings.Join(columns[name], ", "), strings.Join(places, ", ")), row...)
		}
	}
}

func run(t *testing.T, tx *sql.Tx, text string, args ...any) {
	t.Helper()
	_, err := tx.ExecContext(t.Context(), text, args...)
	require.NoError(t, err, text)
}

// A backup from before brings nobody back once the erasures were carried out again.
func TestErasuresHoldAfterARestore(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop, gone := storetest.Shop(t, s), storetest.Shop(t, s)
		conn := storetest.Connection(t, s, gone)
		ada, guest, other := storetest.Person(t, s, shop), storetest.Person(t, s, shop, func(p *commerce.Person) { p.Email = "" }), storetest.Person(t, s, shop)
		order := storetest.Order(t, s, shop, guest.ID)
		theirs := storetest.Person(t, s, gone)
		before := backUp(t, s)

		storetest.ClockOf(s).Advance(time.Hour)
		erase(t, s, shop, store.Whom{Emails: []string{ada.Email}, Customers: []commerce.Identity{{Kind: commerce.ByShopify, Value: "77"}}})
		erase(t, s, shop, store.Whom{Orders: order.Keys})
		closeConnection(t, s, gone, conn.ID, s.Now())
		fate, err := s.EraseShop(t.Context(), gone, commerce.Shopify, s.Now())
		require.NoError(t, err)
		require.Equal(t, store.ShopErased, fate)
		ofShop, err := s.Erasures(t.Context(), shop, "", 10)
		require.NoError(t, err)
		ofGone, err := s.Erasures(t.Context(), gone, "", 10)
		require.NoError(t, err)

		restore(t, s, before)
		require.Contains(t, strings.Join(dumpAll(t, s), "\n"), ada.Email)
		storetest.ClockOf(s).Advance(time.Hour)
		again := storetest.Person(t, s, shop, func(p *commerce.Person) { p.Email = "ada.again@example.com" })
		execute(t, s, `UPDATE persons SET email = $1 WHERE id = $2`, ada.Email, again.ID) // somebody new has the address, unverified

		for _, want := range []int{2, 0} { // a second time there is nothing to do
			n, err := s.Reapply(t.Context(), shop, ofShop)
			require.NoError(t, err)
			require.Equal(t, want, n)
		}
		n, err := s.Reapply(t.Context(), gone, ofGone)
		require.NoError(t, err)
		require.Equal(t, 1, n)
		for id, want := range map[commerce.PersonID]bool{ada.ID: true, guest.ID: true, other.ID: false, again.ID: false} {
			p, err := s.Person(t.Context(), shop, id)
			require.NoError(t, err)
			require.Equal(t, want, p.Erased)
		}
		dump := strings.Join(dumpAll(t, s), "\n")
		require.NotContains(t, dump, guest.Phone)
		require.NotContains(t, dump, theirs.Email)
		require.NotContains(t, dump, conn.ExternalID)
		after, err := s.Erasures(t.Context(), shop, "", 10)
		require.NoError(t, err)
		for i, e := range after {
			require.Equal(t, ofShop[i].ID, e.ID)
			require.Equal(t, ofShop[i].At, e.At)
			require.Subset(t, e.Marks, ofShop[i].Marks)
		}
		at, err := s.ErasedAt(t.Context(), shop, []commerce.Identity{{Kind: commerce.ByShopify, Value: "77"}})
		require.NoError(t, err)
		require.Equal(t, ofShop[0].At, at)
	})
}

// A shop that has come back since it was erased keeps what it has now.
func TestAReturnedShopSurvivesARestore(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s)
		storetest.Connection(t, s, shop, func(c *commerce.Connection) { c.InstalledAt = 500 })
		told := []store.Erasure{{ID: store.NewID(), Shop: shop, Kind: store.ErasedShop, At: 400}}
		_, err := s.Reapply(t.Context(), shop, told)
		require.NoError(t, err)
		require.EqualValues(t, 1, number(t, s, `SELECT COUNT(*) FROM shops WHERE length(data_key) > 0`))
		told[0].ID, told[0].At = store.NewID(), 600
		_, err = s.Reapply(t.Context(), shop, told)
		require.NoError(t, err)
		require.Zero(t, number(t, s, `SELECT COUNT(*) FROM shops`))
	})
}
