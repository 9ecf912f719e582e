package apptest

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/store/storetest"
)

// A body nobody can read is set aside with its error; the others go on, and a
// replay takes it up again.
func TestUnreadableBodyIsSetAside(t *testing.T) {
	Each(t, func(t *testing.T, a *App) {
		bad := bytes.Replace(a.Order(1).Body(), []byte(`"total_price":"`), []byte(`"total_price":"twelve `), 1)
		bad = bytes.ReplaceAll(bad, []byte(`"amount":"`), []byte(`"amount":"twelve `))
		a.Send("orders/paid", bad)
		a.Send("orders/paid", []byte(`{"id": `))
		a.Send("orders/paid", a.Order(2).For(shopifyfake.Customer{ID: 6002, Email: "bo@example.com"}, "GB").Body())
		a.Wait()
		a.WantMails(Ada)
		a.WantMails("bo@example.com", "Thank you")
		require.Equal(t, 2, a.Count(`SELECT COUNT(*) FROM inbox WHERE state = 2 AND note LIKE 'orders/paid: %'`))
		a.replayAll()
		require.Equal(t, 2, a.Count(`SELECT COUNT(*) FROM inbox WHERE state = 2`), "it is still unreadable")
	})
}

// replayAll puts what is quarantined back in line, as an operator does.
func (a *App) replayAll() {
	a.t.Helper()
	rows, err := storetest.DB(a.t, a.database).QueryContext(a.Ctx, `SELECT id FROM inbox WHERE state = 2`)
	require.NoError(a.t, err)
	defer rows.Close()
	var ids []commerce.DeliveryID
	for rows.Next() {
		var id string
		require.NoError(a.t, rows.Scan(&id))
		ids = append(ids, commerce.DeliveryID(id))
	}
	require.NoError(a.t, rows.Err())
	for _, id := range ids {
		require.NoError(a.t, a.App.Store.ReplayInbox(a.Ctx, a.Shop.ID, id))
	}
	a.Wait()
}

// A row that makes the transaction fail is found by halving and stands alone.
func TestRowThatTheDatabaseRefuses(t *testing.T) {
	refuse := map[string]string{
		"sqlite":   `CREATE TRIGGER poison BEFORE INSERT ON persons WHEN NEW.email = 'ada@example.com' BEGIN SELECT RAISE(ABORT, 'poison'); END`,
		"postgres": `ALTER TABLE persons ADD CONSTRAINT poison CHECK (email <> 'ada@example.com')`,
	}
	mend := map[string]string{"sqlite": `DROP TRIGGER poison`, "postgres": `ALTER TABLE persons DROP CONSTRAINT poison`}
	for _, engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			a := WithShop(t, On(t, engine))
			db := storetest.DB(t, a.database)
			_, err := db.ExecContext(a.Ctx, refuse[engine])
			require.NoError(t, err)
			require.NoError(t, a.App.Store.SetPauseAll(a.Ctx, true)) // so that all are merged in few batches
			for i := range 20 {
				o := a.Order(int64(i + 1))
				if i != 7 {
					o.For(shopifyfake.Customer{ID: int64(7000 + i), Email: "bo@example.com"}, "GB")
				}
				a.Send("orders/paid", o.Body())
			}
			a.Wait()
			require.Equal(t, 1, a.Count(`SELECT COUNT(*) FROM inbox WHERE state = 2`))
			require.Equal(t, 19, a.Count(`SELECT COUNT(*) FROM orders`))
			_, err = db.ExecContext(a.Ctx, mend[engine])
			require.NoError(t, err)
			require.NoError(t, a.App.Store.SetPauseAll(a.Ctx, false))
			a.replayAll()
			a.WantMails(Ada, "Thank you")
			require.Len(t, a.Mails("bo@example.com"), 19)
		})
	}
}
