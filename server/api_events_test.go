package server_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/integrations/api"
	"flywheel/store"
	"flywheel/store/storetest"
)

func TestEventIsKeptBeforeTheAnswer(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := serve(t, s)
		shop := w.shopify.ShopID
		token := w.token(shop)
		rec := w.call(http.MethodPost, "/api/v1/events", token, event)
		require.Equal(t, http.StatusAccepted, rec.Code)
		require.JSONEq(t, `{"events":[{"name":"loyalty.joined","id":"e1","known":false}]}`, read(t, rec))
		require.Equal(t, []commerce.ShopID{shop}, w.queue.shops)

		rows := w.inbox(shop)
		require.Len(t, rows, 1)
		require.Equal(t, commerce.API, rows[0].Platform)
		require.Equal(t, "events/loyalty.joined", rows[0].Topic)
		require.Equal(t, "e1", rows[0].ExternalID)
		require.Equal(t, commerce.At(storetest.Noon), rows[0].TriggeredAt)

		ch, err := api.Decode(rows[0])
		require.NoError(t, err)
		require.Equal(t, &commerce.PersonFacts{Email: "ada@example.com"}, ch.Person)
		require.Equal(t, []commerce.Happening{{
			Kind: commerce.CustomEvent, Subject: "e1", At: commerce.At(storetest.Noon), Name: "loyalty.joined",
			Props: map[string]any{"level": "gold", "points": 12.0, "vip": true},
		}}, ch.Happened)

		rec = w.call(http.MethodPost, "/api/v1/events", token, event)
		require.Equal(t, http.StatusAccepted, rec.Code)
		require.JSONEq(t, `{"events":[{"name":"loyalty.joined","id":"e1","known":true}]}`, read(t, rec))
		require.Len(t, w.inbox(shop), 1)
		require.Len(t, w.queue.shops, 1, "a repeat brings no work")
	})
}

func TestEventIdMayBeAHeader(t *testing.T) {
	w := serve(t, storetest.Open(t, "sqlite"))
	token := w.token(w.shopify.ShopID)
	body := `{"name":"visit","email":"ada@example.com"}`
	for range 2 {
		require.Equal(t, 202, w.call(http.MethodPost, "/api/v1/events", token, body, "Idempotency-Key", "k1").Code)
	}
	require.Len(t, w.inbox(w.shopify.ShopID), 1)
	wantProblem(t, w.call(http.MethodPost, "/api/v1/events", token, body), 400, "id is missing")
	wantProblem(t, w.call(http.MethodPost, "/api/v1/events", token, body, "Idempotency-Key", strings.Repeat("k", 201)), 400, "id must be 1 to 200")
	wantProblem(t, w.call(http.MethodPost, "/api/v1/events", token, `{"events":[`+body+`]}`, "Idempotency-Key", "k2"), 400, "events[0].id is missing")
	require.Equal(t, 202, w.call(http.MethodPost, "/api/v1/events", token, strings.Replace(body, "visit", "call", 1), "Idempotency-Key", "k1").Code)
	require.Len(t, w.inbox(w.shopify.ShopID), 2, "an id is unique for its name")
}

// An id that comes back for somebody else would be lost if it were called known.
func TestAnIdIsOfOneEvent(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := serve(t, s)
		token := w.token(w.shopify.ShopID)
		visit := func(id, email, properties string) string {
			return fmt.Sprintf(`{"name":"visit","id":%q,"email":%q,"properties":%s}`, id, email, properties)
		}
		post := func(body string) *httptest.ResponseRecorder {
			return w.call(http.MethodPost, "/api/v1/events", token, body)
		}
		first := visit("v1", "nora@example.com", `{"page":"a","n":1}`)
		require.Equal(t, 202, post(first).Code)
		w.clock.Advance(time.Hour) // a repeat without at is of another moment
		require.Equal(t, 202, post(visit("v1", "Nora@Example.com", `{"n":1.0,"page":"a"}`)).Code)

		for _, body := range []string{
			visit("v1", "sami@example.com", `{"page":"a","n":1}`), visit("v1", "nora@example.com", `{"page":"b","n":1}`), visit("v1", "nora@example.com", `{}`),
		} {
			p := wantProblem(t, post(body), 409, "id was told before of somebody or something else")
			require.Equal(t, "body.id", p.Errors[0].Location)
		}
		p := wantProblem(t, post(`{"events":[`+first+`,`+visit("v2", "sami@example.com", `{}`)+`,`+visit("v2", "nora@example.com", `{}`)+`]}`), 409, "events[")
		require.Len(t, p.Errors, 1, "one of two with one id in one request")
		require.Len(t, w.inbox(w.shopify.ShopID), 2, "the others are kept")
		require.NotContains(t, w.log.String(), "sami@example.com")
	})
}

func TestEqualEventsAtOnceAreOne(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := serve(t, s)
		token := w.token(w.shopify.ShopID)
		list := make([]string, 100)
		for i := range list {
			list[i] = fmt.Sprintf(`{"name":"visit","id":"v%d","email":"ada@example.com"}`, i%50)
		}
		var all sync.WaitGroup
		var fresh sync.Map
		for i := range 8 {
			all.Go(func() {
				rec := w.call(http.MethodPost, "/api/v1/events", token, `{"events":[`+strings.Join(list, ",")+`]}`)
				fresh.Store(i, strings.Count(rec.Body.String(), `"known":false`))
			})
		}
		all.Wait()
		sum := 0
		fresh.Range(func(_, n any) bool { sum += n.(int); return true })
		require.Equal(t, 50, sum, "each is new for exactly one caller")
		require.Len(t, w.inbox(w.shopify.ShopID), 50)
	})
}

// Who asks to be erased must not remain in what the API took.
func TestErasureFindsEvents(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := serve(t, s)
		shop := w.shopify.ShopID
		token := w.token(shop)
		ada := storetest.Person(t, s, shop, func(p *commerce.Person) { p.Email = "ada@example.com" })
		storetest.Do(t, s, func(tx *store.Tx) error {
			return tx.AddIdentities(shop, map[commerce.Identity]commerce.PersonID{{Kind: commerce.ByShopify, Value: "77"}: ada.ID})
		})
		for _, body := range []string{
			`{"name":"a","id":"by address","email":"Ada@example.com"}`,
			`{"name":"a","id":"by customer","customer_id":"gid://shopify/Customer/77","platform":"shopify"}`,
			`{"name":"a","id":"another","email":"eve@example.com"}`,
		} {
			require.Equal(t, 202, w.call(http.MethodPost, "/api/v1/events", token, body).Code)
		}
		rows := w.inbox(shop)
		require.Len(t, rows, 3)
		storetest.Do(t, s, func(tx *store.Tx) error {
			var done []store.InboxResult
			for _, r := range rows {
				done = append(done, store.InboxResult{ID: r.ID, Quarantined: true})
			}
			if err := tx.FinishInbox(shop, done); err != nil {
				return err
			}
			_, err := tx.Erase(shop, store.Whom{Persons: []commerce.PersonID{ada.ID}})
			return err
		})
		for _, r := range rows {
			require.NoError(t, s.ReplayInbox(t.Context(), shop, r.ID))
		}
		for _, r := range w.inbox(shop) {
			require.Equal(t, r.ExternalID == "another", r.Body != nil, r.ExternalID)
		}
	})
}

func TestEventsThatAreRefused(t *testing.T) {
	w := serve(t, storetest.Open(t, "sqlite"))
	token := w.token(w.shopify.ShopID)
	with := func(fields string) string { return `{"name":"x","id":"e","email":"a@b.co",` + fields + `}` }
	deep := strings.Repeat(`{"a":`, 10_000) + "1" + strings.Repeat("}", 10_000)
	for name, tt := range map[string]struct{ body, says string }{
		"no name":               {`{"id":"e","email":"a@b.co"}`, "name must be 1 to 64"},
		"a name in words":       {`{"name":"Signed Up","id":"e","email":"a@b.co"}`, "name must be 1 to 64"},
		"a platform's name":     {`{"name":"order_paid","id":"e","email":"a@b.co"}`, "told by the platforms alone"},
		"the word custom":       {`{"name":"custom","id":"e","email":"a@b.co"}`, "told by the platforms alone"},
		"nobody":                {`{"name":"x","id":"e"}`, "say whom it happened to"},
		"whose customer":        {`{"name":"x","id":"e","customer_id":"1"}`, "platform must be shopify or stripe"},
		"the API's customer":    {`{"name":"x","id":"e","customer_id":"1","platform":"api"}`, "platform must be shopify or stripe"},
		"another's customer":    {`{"name":"x","id":"e","customer_id":"cus_1","platform":"shopify"}`, "not a customer id of Shopify"},
		"Stripe's customer":     {`{"name":"x","id":"e","customer_id":"1","platform":"stripe"}`, "not a customer id of Stripe"},
		"a platform of nobody":  {with(`"platform":"shopify"`), "there is none"},
		"an id with NUL":        {`{"name":"x","id":"e\u0000","email":"a@b.co"}`, "printable ASCII"},
		"an id in Arabic":       {`{"name":"x","id":"مرحبا","email":"a@b.co"}`, "printable ASCII"},
		"two names":             {`{"name":"x","name":"y","id":"e","email":"a@b.co"}`, "name stands there twice"},
		"two properties":        {with(`"properties":{"a":1,"a":2}`), "properties.a stands there twice"},
		"another spelling":      {`{"name":"x","id":"e","Email":"a@b.co"}`, "Email is no field"},
		"a number for a word":   {`{"name":1e400,"id":"e","email":"a@b.co"}`, "name must be a string, not a number"},
		"a nested property":     {with(`"properties":{"a":{"b":1}}`), "properties.a must be a string, a number, true or false"},
		"a property of null":    {with(`"properties":{"a":null}`), "properties.a must be"},
		"properties in a list":  {with(`"properties":["a"]`), "properties must be an object"},
		"1e400":                 {with(`"properties":{"a":1e400}`), "properties.a is a number too large"},
		"a number of 20 digits": {with(`"properties":{"a":12345678901234567890}`), "send it as a string"},
		"NUL in a property":     {with(`"properties":{"a":"x\u0000"}`), "properties.a holds a control character"},
		"NUL in a name":         {with(`"properties":{"a\u0000":"x"}`), "properties.a? needs a name"},
		"an override":           {with(`"properties":{"a":"\u202e"}`), "turns the direction"},
		"more than 4 KB":        {with(`"properties":{"a":"` + strings.Repeat("x", 4096) + `"}`), "properties is larger than 4096 bytes"},
		"deep":                  {deep, "nests deeper than 8"},
		"not UTF-8":             {with("\"properties\":{\"a\":\"\xff\"}"), "not UTF-8"},
		"two bodies":            {with(`"at":""`) + event, "something follows"},
		"a list at the top":     {`[` + event + `]`, "must be a JSON object"},
		"to come":               {with(`"at":"2030-01-01T00:00:00Z"`), "lies in the future"},
		"long ago":              {with(`"at":"2001-01-01T00:00:00Z"`), "more than 25 months back"},
		"too many":              {`{"events":[` + strings.Repeat(event+",", 100) + event + `]}`, "1 to 100, and holds 101"},
	} {
		t.Run(name, func(t *testing.T) {
			wantProblem(t, w.call(http.MethodPost, "/api/v1/events", w.token(w.shopify.ShopID), tt.body), 400, tt.says)
		})
	}
	require.Empty(t, w.inbox(w.shopify.ShopID), "one that is wrong keeps the whole request out")

	p := wantProblem(t, w.call(http.MethodPost, "/api/v1/events", token, `{"events":[{"name":"x","id":"e","email":"secret"},{"id":"e"}]}`), 400, "and 2 more")
	require.Equal(t, []struct{ Message, Location string }{
		{"is not an e-mail address", "body.events[0].email"},
		{"must be 1 to 64 of a-z, 0-9, _ . and -", "body.events[1].name"},
	}, p.Errors[:2])
}

func TestProductsAreKeptOncePerTelling(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := serve(t, s)
		shop := w.shopify.ShopID
		token := w.token(shop)
		put := func(body string) string {
			rec := w.call(http.MethodPut, "/api/v1/products", token, body)
			text := read(t, rec)
			require.Equal(t, http.StatusAccepted, rec.Code, text)
			return strings.TrimSpace(text)
		}
		teapot := `{"products":[{"id":"1","title":"Teapot %s","url":"https://nour.example/teapot","tags":["tea"],"updated_at":%q}]}`
		day := "2026-03-01T12:00:00Z"
		require.Equal(t, `{"fresh":1,"known":0}`, put(fmt.Sprintf(teapot, "A", day)))
		require.Equal(t, `{"fresh":0,"known":1}`, put(fmt.Sprintf(teapot, "A", day)))
		require.Equal(t, `{"fresh":1,"known":0}`, put(fmt.Sprintf(teapot, "B", "2026-03-01T13:00:00Z")))
		require.Equal(t, `{"fresh":1,"known":0}`, put(fmt.Sprintf(teapot, "A", "2026-03-01T14:00:00Z")), "back to what it was is another telling")
		list := make([]string, 250)
		for i := range list {
			list[i] = fmt.Sprintf(`{"id":"p%d","title":"T"}`, i)
		}
		require.Equal(t, `{"fresh":250,"known":0}`, put(`{"products":[`+strings.Join(list, ",")+`]}`))

		rows := w.inbox(shop)
		ch, err := api.Decode(rows[0])
		require.NoError(t, err)
		require.Equal(t, "Teapot A", ch.Product.Title)
		require.Equal(t, "products/put", rows[0].Topic)
	})
}

func TestProductsThatAreRefused(t *testing.T) {
	w := serve(t, storetest.Open(t, "sqlite"))
	for name, tt := range map[string]struct{ product, says string }{
		"no id":             {`{"title":"T"}`, "products[0].id is missing"},
		"no title":          {`{"id":"1"}`, "products[0].title is missing"},
		"a script":          {`{"id":"1","title":"T","url":"javascript:alert(1)"}`, "products[0].url must be an https address"},
		"a plain picture":   {`{"id":"1","title":"T","image":"http://x.example/a.png"}`, "products[0].image must be an https address"},
		"a login":           {`{"id":"1","title":"T","url":"https://a:b@x.example"}`, "products[0].url must be an https address"},
		"no moment":         {`{"id":"1","title":"T","published_at":"soon"}`, "published_at is not an RFC 3339 moment"},
		"known tomorrow":    {`{"id":"1","title":"T","updated_at":"2026-03-03T12:00:00Z"}`, "updated_at lies in the future"},
		"an empty tag":      {`{"id":"1","title":"T","tags":[""]}`, "tags[0] is empty"},
		"tags in a word":    {`{"id":"1","title":"T","tags":"a, b"}`, "products[0].tags must be a list, not a string"},
		"a tag of a number": {`{"id":"1","title":"T","tags":[1]}`, "tags must be a string, not a number"},
		"an unknown field":  {`{"id":"1","title":"T","price":1}`, "products[0].price is no field"},
		"twice":             {`{"id":"1","title":"T"},{"id":"1","title":"U"}`, "products[1].id stands there twice"},
	} {
		t.Run(name, func(t *testing.T) {
			rec := w.call(http.MethodPut, "/api/v1/products", w.token(w.shopify.ShopID), `{"products":[`+tt.product+`]}`)
			wantProblem(t, rec, 400, tt.says)
		})
	}
	token := w.token(w.shopify.ShopID)
	wantProblem(t, w.call(http.MethodPut, "/api/v1/products", token, `{"id":"1","title":"T"}`), 400, "products is missing")
	wantProblem(t, w.call(http.MethodPut, "/api/v1/products", token, `{"products":[`+strings.Repeat(`{},`, 250)+`{}]}`), 400, "holds 251")
	require.Empty(t, w.inbox(w.shopify.ShopID))
}
