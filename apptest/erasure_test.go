package apptest

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/store"
	"flywheel/store/storetest"
)

// marker stands in everything that Quuxley ever told anybody.
const marker = "quuxley"

const quuxley = marker + "@example.com"

// quuxleysID is what the platform calls them, a marker as well.
const quuxleysID = 606_677_889

// opened is the account that Quuxley opened.
func opened(a *App) []byte {
	return a.Order(1).For(shopifyfake.Customer{ID: quuxleysID, Email: quuxley, FirstName: "Quuxley"}, "GB").CustomerBody()
}

// told is an order with the marker wherever a shop, a theme or a customer may write.
func told(a *App, id int64) []byte {
	o := a.Order(id).For(shopifyfake.Customer{ID: quuxleysID, Email: quuxley, FirstName: "Quuxley", LastName: "Quuxleyson", Phone: "+44770090066"}, "GB")
	o.ShipTo.City, o.ShipTo.Region = "Quuxley-on-Sea", "Quuxleyshire"
	o.Name, o.Method, o.Tags, o.DiscountCodes = fmt.Sprintf("#QUUXLEY-%d", id), "Collect at Quuxley's", []string{"quuxley-vip"}, []string{"QUUXLEY10"}
	o.Attributes = []shopifyfake.Attribute{{Name: "door", Value: "Quuxley"}}
	o.With(shopifyfake.Line{
		Title: "Mug for Quuxley", Variant: "Quuxley blue", SKU: "QUUXLEY-1", Vendor: "Quuxley Ltd", Quantity: 1, Price: 9900,
		Properties: []shopifyfake.Attribute{{Name: "engraving", Value: "Quuxley was here"}},
	})
	return bytes.Replace(o.Body(), []byte(`"note":null`), []byte(`"note":"ring at Quuxley's door"`), 1)
}

// holding lists where the marker stands: tables, opened bodies, exports and keys of Redis.
func holding(t *testing.T, a *App, r *redis.Client) (places []string) {
	t.Helper()
	found := func(place, text string) {
		text = strings.ToLower(text)
		for _, m := range []string{marker, "770090066", fmt.Sprint(quuxleysID)} {
			if strings.Contains(text, m) && !slices.Contains(places, place) {
				places = append(places, place)
			}
		}
	}
	db := storetest.DB(t, a.database)
	for _, table := range tablesOf(t, a, db) {
		for _, line := range rowsIn(t, db, `SELECT * FROM `+table) {
			found(table, line)
		}
	}
	for _, line := range rowsIn(t, db, `SELECT connection_id, topic, external_id FROM inbox`) {
		f := strings.Split(line, "\x00")
		body, err := a.App.Store.KeptBody(a.Ctx, a.Shop.ID, commerce.Delivery{ConnectionID: commerce.ConnectionID(f[0]), Topic: f[1], ExternalID: f[2]})
		require.NoError(t, err)
		found("bodies", string(body))
	}
	requests, err := a.App.Store.PrivacyRequests(a.Ctx, a.Shop.ID, 100)
	require.NoError(t, err)
	for _, p := range requests {
		if p.Export != "" {
			body, err := a.App.Store.Export(a.Ctx, a.Shop.ID, p.Export)
			require.NoError(t, err)
			found("exports", string(body))
		}
	}
	for _, line := range everythingIn(t, a.Ctx, r) {
		found("redis", line)
	}
	slices.Sort(places)
	return places
}

func tablesOf(t *testing.T, a *App, db *sql.DB) []string {
	t.Helper()
	text := `SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()`
	if a.App.Store.Embedded() {
		text = `SELECT name FROM sqlite_master WHERE type = 'table'`
	}
	return rowsIn(t, db, text)
}

// rowsIn reads all rows as text, their cells parted by zero bytes.
func rowsIn(t *testing.T, db *sql.DB, text string) (lines []string) {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), text)
	require.NoError(t, err, text)
	defer rows.Close()
	columns, err := rows.Columns()
	require.NoError(t, err)
	for rows.Next() {
		cells, dests := make([]sql.RawBytes, len(columns)), make([]any, len(columns))
		for i := range cells {
			dests[i] = &cells[i]
		}
		require.NoError(t, rows.Scan(dests...))
		lines = append(lines, string(bytes.Join(rawBytes(cells), []byte{0})))
	}
	require.NoError(t, rows.Err())
	return lines
}

func rawBytes(cells []sql.RawBytes) [][]byte {
	out := make([][]byte, len(cells))
	for i, c := range cells {
		out[i] = c
	}
	return out
}

// everythingIn reads a whole Redis.
func everythingIn(t *testing.T, ctx context.Context, r *redis.Client) (lines []string) {
	t.Helper()
	keys, err := r.Keys(ctx, "*").Result()
	require.NoError(t, err)
	for _, key := range keys {
		kind, err := r.Type(ctx, key).Result()
		require.NoError(t, err)
		var value any
		switch kind {
		case "string":
			value, err = r.Get(ctx, key).Result()
		case "hash":
			value, err = r.HGetAll(ctx, key).Result()
		case "list":
			value, err = r.LRange(ctx, key, 0, -1).Result()
		case "set":
			value, err = r.SMembers(ctx, key).Result()
		case "zset":
			value, err = r.ZRange(ctx, key, 0, -1).Result()
		default: // gone meanwhile
		}
		if err != nil {
			require.ErrorIs(t, err, redis.Nil)
		}
		lines = append(lines, fmt.Sprint(key, " ", value))
	}
	return lines
}

// callAbout is a campaign that has staff call whoever bought, by name.
func callAbout() campaign.Definition {
	return Campaign(campaign.OnOrderPaid, Named("call"), Then(campaign.Step{
		ID: "call", Kind: campaign.CallTask, Useful: campaign.Duration(7 * Day), Within: campaign.Duration(4 * time.Hour),
		Note: map[string]campaign.Note{"en": {Title: "Call {{ person.first_name }}", Body: []string{"About {{ order.summary }}, at {{ person.email }}."}}},
	}))
}

// A person is erased: wherever their word stood, in any table, body, export or
// Redis, it stands no more, and late deliveries do not bring it back.
func TestNothingIsLeftOfWhoWasErased(t *testing.T) {
	for _, engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			address := RedisURL(t)
			a := WithShop(t, On(t, engine), WithRedis(address))
			r := Redis(t, address)
			a.Hook()
			a.Live(callAbout(), Campaign(campaign.OnOrderPaid, Named("post"), Then(Post("tell"))))
			live(a)
			before := holding(t, a, r)
			for _, place := range []string{"persons", "identities", "orders", "events", "tasks", "touches", "effects", "bodies", "exports", "inbox"} {
				require.Contains(t, before, place, "the story puts nothing there")
			}
			require.NotContains(t, before, "redis", "not even before")
			sums := `SELECT SUM(reporting_amount) + SUM(refunded) + COUNT(*) FROM orders`
			money := a.Count(sums)

			// Unprocessed deliveries lie before and behind the request.
			var lease store.InboxLease
			require.Eventually(t, func() (ok bool) { // a drain may be about to give it back
				var err error
				lease, ok, err = a.App.Store.LeaseInbox(a.Ctx, a.Shop.ID, store.NewID())
				return err == nil && ok
			}, 10*time.Second, 10*time.Millisecond)
			a.Send("orders/updated", told(a, 1))
			a.Send("customers/redact", shopifyfake.RedactCustomer(Domain, quuxleysID, quuxley, 1))
			a.Send("orders/updated", told(a, 2))
			require.NoError(t, a.App.Store.ReleaseInbox(a.Ctx, lease))
			a.App.Queue.InboxArrived(a.Shop.ID)
			a.Wait()
			require.Empty(t, holding(t, a, r))
			require.Equal(t, money, a.Count(sums), "the sums hold")

			a.Send("orders/paid", told(a, 1))
			a.Send("customers/create", opened(a))
			a.Send("orders/paid", bytes.Replace(told(a, 3), []byte(`"created_at":"`), []byte(`"created_at":"quuxley `), 1))
			a.After(2 * twoWeeks)
			require.Empty(t, holding(t, a, r))
			proofs, err := a.App.Store.Erasures(a.Ctx, a.Shop.ID, "", 10)
			require.NoError(t, err)
			require.Len(t, proofs, 1)
			for _, table := range []string{"persons", "identities", "orders", "events", "tasks", "touches", "inbox_bodies"} {
				require.Positive(t, proofs[0].Report.Rows[table], table)
			}
		})
	}
}

// live has Quuxley buy, be called, be written about by other systems, and ask for their data.
func live(a *App) {
	a.Send("customers/create", opened(a))
	a.Send("orders/paid", told(a, 1))
	a.Send("orders/paid", told(a, 2))
	a.Send("orders/paid", bytes.Replace(told(a, 4), []byte(`"created_at":"`), []byte(`"created_at":"quuxley `), 1))
	a.Send("refunds/create", a.Order(1).Refund(a.Clock.Now(), 100).Body())
	a.API("POST", "/events", `{"name": "wrote", "email": "`+quuxley+`", "id": "w1", "properties": {"said": "Quuxley likes it"}}`)
	_, err := a.App.Store.AddTouch(a.Ctx, a.Shop.ID, store.Touch{
		Email: quuxley, At: a.App.Store.Now(), Class: gate.Marketing, Channel: commerce.ByMail, Source: "other", ExternalID: "for " + quuxley, Campaign: "hello",
	})
	require.NoError(a.t, err)
	a.After(time.Hour)
	// A provider's answer may quote anything.
	db := storetest.DB(a.t, a.database)
	_, err = db.ExecContext(a.Ctx, `UPDATE effects SET note = 'no such user quuxley'`)
	require.NoError(a.t, err)
	_, err = db.ExecContext(a.Ctx, `UPDATE decisions SET detail = 'quuxley'`)
	require.NoError(a.t, err)
	a.Send("customers/data_request", shopifyfake.DataRequest(Domain, 9, quuxleysID, quuxley, 1))
	require.Eventually(a.t, func() bool { return a.Count(`SELECT COUNT(*) FROM exports`) == 1 }, 10*time.Second, 10*time.Millisecond)
	a.Wait()
}
