package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/store"
	"flywheel/store/storetest"
)

// uses is how many asks of the last 90 days count in caps for an address.
func (w *world) uses(shop commerce.ShopID, email string) int {
	w.t.Helper()
	hash, err := w.store.AddressHash(w.t.Context(), shop, email)
	require.NoError(w.t, err)
	var uses []store.Use
	storetest.Do(w.t, w.store, func(tx *store.Tx) error {
		found, err := tx.Uses(shop, []string{hash}, w.store.Now().Add(-91*24*time.Hour))
		uses = found[hash]
		return err
	})
	return len(uses)
}

func TestTouchesCountOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := serve(t, s)
		shop := w.shopify.ShopID
		token := w.token(shop)
		tell := func(body string) string {
			rec := w.call(http.MethodPost, "/api/v1/touches", token, body)
			text := read(t, rec)
			require.Equal(t, http.StatusOK, rec.Code, text)
			return strings.TrimSpace(text)
		}
		at := storetest.Noon.Add(-time.Hour).Format(time.RFC3339)
		byID := fmt.Sprintf(`{"email":" Ada@Example.com ","at":%q,"source":"klaviyo","campaign":"Spring","external_id":"<m1@mail.klaviyo.com>"}`, at)
		require.Equal(t, `{"fresh":1,"known":0}`, tell(byID))
		require.Equal(t, `{"fresh":0,"known":1}`, tell(byID))
		require.Equal(t, 1, w.uses(shop, "ada@example.com"))

		byWhatItSays := fmt.Sprintf(`{"email":"ada@example.com","at":%q,"source":"klaviyo","campaign":"Spring"}`, at)
		require.Equal(t, `{"fresh":1,"known":0}`, tell(byWhatItSays))
		require.Equal(t, `{"fresh":0,"known":1}`, tell(byWhatItSays))
		require.Equal(t, `{"fresh":1,"known":0}`, tell(strings.Replace(byWhatItSays, "Spring", "Summer", 1)))
		require.Equal(t, `{"fresh":1,"known":0}`, tell(strings.Replace(byWhatItSays, "klaviyo", "yotpo", 1)))
		require.Equal(t, 4, w.uses(shop, "ada@example.com"))

		require.Equal(t, `{"fresh":1,"known":0}`, tell(`{"email":"ada@example.com","class":"transactional","source":"shop"}`))
		require.Equal(t, 4, w.uses(shop, "ada@example.com"), "an order mail is no ask")

		list := make([]string, 500)
		for i := range list {
			list[i] = fmt.Sprintf(`{"email":"p%d@example.com","source":"klaviyo","external_id":"l%d","class":"service","channel":"phone"}`, i%400, i%400)
		}
		require.Equal(t, `{"fresh":400,"known":100}`, tell(`{"touches":[`+strings.Join(list, ",")+`]}`))
		require.Equal(t, 1, w.uses(shop, "p399@example.com"))
		require.Empty(t, w.inbox(shop))
	})
}

func TestEqualTouchesAtOnceAreOne(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		w := serve(t, s)
		token := w.token(w.shopify.ShopID)
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				w.call(http.MethodPost, "/api/v1/touches", token, `{"email":"ada@example.com","source":"klaviyo","external_id":"m1"}`)
			})
		}
		all.Wait()
		require.Equal(t, 1, w.uses(w.shopify.ShopID, "ada@example.com"))
	})
}

func TestTouchesThatAreRefused(t *testing.T) {
	w := serve(t, storetest.Open(t, "sqlite"))
	token := w.token(w.shopify.ShopID)
	at := func(d time.Duration) string { return storetest.Noon.Add(d).Format(time.RFC3339) }
	for name, tt := range map[string]struct{ body, says string }{
		"nobody":             {`{"source":"x"}`, "email is missing"},
		"no address":         {`{"source":"x","email":"ada"}`, "email is not an e-mail address"},
		"no tool":            {`{"email":"a@b.co"}`, "source must be 1 to 64"},
		"a tool in words":    {`{"email":"a@b.co","source":"Our Tool"}`, "source must be 1 to 64"},
		"to come":            {`{"email":"a@b.co","source":"x","at":"` + at(6*time.Minute) + `"}`, "at lies in the future"},
		"long ago":           {`{"email":"a@b.co","source":"x","at":"` + at(-91*24*time.Hour) + `"}`, "at lies more than 90 days back"},
		"no moment":          {`{"email":"a@b.co","source":"x","at":"yesterday"}`, "at is not an RFC 3339 moment"},
		"a year of 5 digits": {`{"email":"a@b.co","source":"x","at":"99999-01-01T00:00:00Z"}`, "at is not an RFC 3339 moment"},
		"another channel":    {`{"email":"a@b.co","source":"x","channel":"fax"}`, "channel must be email or phone"},
		"another class":      {`{"email":"a@b.co","source":"x","class":"spam"}`, "class must be marketing, service or transactional"},
		"NUL":                {`{"email":"a@b.co","source":"x","campaign":"a\u0000b"}`, "campaign holds a control character"},
		"an override":        {`{"email":"a@b.co","source":"x","campaign":"a\u202eb"}`, "campaign holds a character that turns the direction"},
		"a long name":        {`{"email":"a@b.co","source":"x","campaign":"` + strings.Repeat("x", 501) + `"}`, "campaign is longer than 500 bytes"},
		"a long id":          {`{"email":"a@b.co","source":"x","external_id":"` + strings.Repeat("x", 201) + `"}`, "external_id must be 1 to 200"},
		"too many":           {`{"touches":[` + strings.Repeat(`{},`, 500) + `{}]}`, "touches must hold 1 to 500, and holds 501"},
		"none":               {`{"touches":[]}`, "touches must hold 1 to 500, and holds 0"},
		"a list and more":    {`{"touches":[{"email":"a@b.co","source":"x"}],"email":"a@b.co"}`, "beside touches nothing else"},
		"one of a list":      {`{"touches":[{"email":"a@b.co","source":"x"},{"email":"a","source":"x"}]}`, "touches[1].email is not an e-mail address"},
	} {
		t.Run(name, func(t *testing.T) {
			p := wantProblem(t, w.call(http.MethodPost, "/api/v1/touches", token, tt.body), 400, tt.says)
			require.NotEmpty(t, p.Errors)
			require.True(t, strings.HasPrefix(p.Errors[0].Location, "body"))
		})
	}
	rec := w.call(http.MethodPost, "/api/v1/touches", token, `{"email":"a@b.co","source":"x","at":"`+at(4*time.Minute)+`"}`)
	require.Equal(t, 200, rec.Code, "clocks differ a little")
	require.Zero(t, w.uses(w.shopify.ShopID, "ada@example.com"))
}
