package api

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"flywheel/commerce"
	"flywheel/fault"
)

const shop = commerce.ShopID("shop1")

var noon = commerce.At(time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC))

// told reads one event, as the door does, and decodes what the inbox would hold.
func told(t *testing.T, body string) (commerce.Delivery, commerce.Change) {
	t.Helper()
	events, err := ReadEvents([]byte(body), "", noon)
	require.NoError(t, err)
	require.Len(t, events, 1)
	d, err := events[0].Delivery(shop, noon)
	require.NoError(t, err)
	ch, err := Decode(d)
	require.NoError(t, err)
	return d, ch
}

func TestCustomEvent(t *testing.T) {
	d, ch := told(t, `{"name":"loyalty.joined","id":"e1","email":"Ada@Example.com","at":"2026-03-01T10:00:00.5+03:00",
		"properties":{"level":"gold","points":12.5,"vip":true,"note":"a\nb"}}`)
	at := commerce.At(time.Date(2026, 3, 1, 7, 0, 0, 5e8, time.UTC))
	require.Equal(t, commerce.Delivery{
		ShopID: shop, ConnectionID: "api:shop1", Platform: commerce.API, Topic: "events/loyalty.joined", ExternalID: "e1",
		TriggeredAt: at, ReceivedAt: noon, Email: "ada@example.com", Body: d.Body,
	}, d)
	require.Equal(t, commerce.Change{
		Person: &commerce.PersonFacts{Email: "ada@example.com"},
		Happened: []commerce.Happening{{
			Kind: commerce.CustomEvent, Subject: "e1", At: at, Name: "loyalty.joined",
			Props: map[string]any{"level": "gold", "points": 12.5, "vip": true, "note": "a\nb"},
		}},
	}, ch)
	e := ch.Happened[0].Event(commerce.Shop{}, commerce.API, "ada")
	require.Equal(t, commerce.CustomKind("loyalty.joined"), e.Kind)
}

// On Shopify only another app knows of subscriptions: what it tells is the
// standard kind, under a subject that no platform gives out.
func TestStandardKinds(t *testing.T) {
	for _, kind := range standard {
		d, ch := told(t, `{"name":"`+string(kind)+`","id":"sub_1","customer_id":"gid://shopify/Customer/77","platform":"shopify"}`)
		require.Equal(t, "77", d.CustomerRef)
		require.Equal(t, []commerce.Happening{{Kind: kind, Subject: "api:sub_1", At: noon}}, ch.Happened)
		require.Equal(t, []commerce.Identity{{Kind: commerce.ByShopify, Value: "77"}}, ch.Person.Identities(commerce.API))
		require.Equal(t, kind, ch.Happened[0].Event(commerce.Shop{}, commerce.API, "").Kind)
	}
	_, ch := told(t, `{"name":"visit","id":"1","customer_id":"cus_1","platform":"stripe","email":"ada@example.com"}`)
	require.Equal(t, []commerce.Identity{{Kind: commerce.ByStripe, Value: "cus_1"}, {Kind: commerce.ByEmail, Value: "ada@example.com"}}, ch.Person.Identities(commerce.API))
	require.False(t, ch.Person.EmailVerified, "the API joins nobody")
}

// Nobody installs the API: what lies before the shop's first platform is history.
func TestWhatLiesBeforeTheShopIsHistoric(t *testing.T) {
	_, ch := told(t, `{"name":"visit","id":"1","email":"ada@example.com"}`)
	historic := func(installed map[commerce.Platform]commerce.Instant) bool {
		return ch.Happened[0].Event(commerce.Shop{Installed: installed}, commerce.API, "").Historic
	}
	require.False(t, historic(nil))
	require.True(t, historic(map[commerce.Platform]commerce.Instant{commerce.Shopify: noon + 1000, commerce.Stripe: noon + 2000}))
	require.False(t, historic(map[commerce.Platform]commerce.Instant{commerce.Shopify: noon - 1000, commerce.Stripe: noon + 2000}))
	require.False(t, historic(map[commerce.Platform]commerce.Instant{commerce.Shopify: noon}))
}

// What the platform says of a person outlives whatever is told here.
func TestPersonsOwnFieldsComeFromThePlatform(t *testing.T) {
	_, ch := told(t, `{"name":"visit","id":"1","customer_id":"77","platform":"shopify","email":"zoe@example.com"}`)
	p := commerce.Person{Email: "ada@example.com", UpdatedAt: noon - 1}
	require.False(t, p.Merge(*ch.Person))
	require.Equal(t, "ada@example.com", p.Email)
}

func TestProduct(t *testing.T) {
	put := func(published string) commerce.Change {
		products, err := ReadProducts([]byte(`{"products":[{"id":"1","title":"إبريق شاي","url":"https://nour.example/t","handle":"t","image":"https://nour.example/t.png",
			"type":"Pots","vendor":"Nour","tags":["tea"],"collections":["7"],"published_at":"`+published+`"}]}`), noon)
		require.NoError(t, err)
		d, err := products[0].Delivery(shop, noon)
		require.NoError(t, err)
		require.Equal(t, "products/put", d.Topic)
		ch, err := Decode(d)
		require.NoError(t, err)
		return ch
	}
	at := noon.Add(-time.Hour)
	want := commerce.Product{
		ID: "1", Title: "إبريق شاي", URL: "https://nour.example/t", Handle: "t", Image: "https://nour.example/t.png",
		Type: "Pots", Vendor: "Nour", Tags: []string{"tea"}, Collections: []string{"7"}, PublishedAt: at, UpdatedAt: noon,
	}
	ch := put("2026-03-02T11:00:00Z")
	require.Equal(t, &want, ch.Product)
	require.Equal(t, []commerce.Happening{{Kind: commerce.ProductPublished, Subject: "1", At: at, Product: &want}}, ch.Happened)
	require.Nil(t, ch.Person)

	require.Empty(t, put("").Happened, "not to be had")
	require.Empty(t, put("2026-03-03T00:00:00Z").Happened, "a plan")
	require.Empty(t, put("2026-01-30T00:00:00Z").Happened, "no news any more")
	require.Len(t, put("2026-02-01T00:00:00Z").Happened, 1)
}

func TestWhatCannotBeDecodedSaysWhere(t *testing.T) {
	for topic, tt := range map[string]struct{ body, says string }{
		"orders/paid":  {`{}`, "none of the API's"},
		"events/visit": {`{"name":"visit","id":"1","email":"ada@example.com"}`, "at is missing"},
		"events/x":     {`{"name":"x","id":"1","at":"2026-03-02T12:00:00Z"}`, "say whom"},
		"events/y":     {`nothing`, "not JSON"},
		"products/put": {`{"id":"1"}`, "title is missing"},
	} {
		_, err := Decode(commerce.Delivery{Platform: commerce.API, Topic: topic, Body: []byte(tt.body), ReceivedAt: noon})
		require.True(t, fault.Is(err, fault.Permanent), topic)
		require.Contains(t, fault.Sentence(err), tt.says)
	}
}

// Numbers stay as they were written on their way through the inbox.
func TestPropertiesSurvive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		props := rapid.MapOfN(rapid.StringMatching(`[a-zA-Z ]{1,10}`), rapid.OneOf(
			rapid.Bool().AsAny(), rapid.StringMatching(`[\x20-\x7eء-ي]{0,20}`).AsAny(), rapid.Float64Range(-1e9, 1e9).AsAny(), rapid.Just(1e300).AsAny(),
			rapid.Custom(func(t *rapid.T) float64 { return float64(rapid.Int64Range(-exact, exact).Draw(t, "n")) }).AsAny(),
		), 0, 20).Draw(t, "props")
		body, err := json.Marshal(map[string]any{"name": "x", "id": "1", "email": "ada@example.com", "properties": props})
		require.NoError(t, err)
		events, err := ReadEvents(body, "", noon)
		require.NoError(t, err)
		d, err := events[0].Delivery(shop, noon)
		require.NoError(t, err)
		ch, err := Decode(d)
		require.NoError(t, err)
		if len(props) == 0 {
			require.Empty(t, ch.Happened[0].Props)
			return
		}
		require.Equal(t, props, ch.Happened[0].Props)
	})
}

func TestRefusalIsBoundedAndRepeatsNoValue(t *testing.T) {
	_, err := ReadTouches([]byte(`{"touches":[`+strings.Repeat(`{"email":"secret","source":"secret person"},`, 99)+`{}]}`), noon)
	var refusal Refusal
	require.True(t, errors.As(err, &refusal))
	require.Len(t, refusal, maxWrongs)
	require.NotContains(t, err.Error(), "secret")
	require.Equal(t, "touches[0].email is not an e-mail address (and 19 more)", err.Error())
}

func TestTouchIsKnownByItsIdElseByAllItSays(t *testing.T) {
	touch := Touch{SentAt: noon, Channel: "email", Class: "marketing", Campaign: "Spring"}
	key := touch.Key("hash")
	require.Equal(t, key, touch.Key("hash"))
	for _, change := range []func(*Touch){
		func(t *Touch) { t.SentAt++ }, func(t *Touch) { t.Channel = "phone" },
		func(t *Touch) { t.Class = "service" }, func(t *Touch) { t.Campaign = "" },
	} {
		other := touch
		change(&other)
		require.NotEqual(t, key, other.Key("hash"))
	}
	require.NotEqual(t, key, touch.Key("another hash"))
	touch.ExternalID = "m1"
	require.Equal(t, "m1", touch.Key("hash"))
}

func TestTokens(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		token, hash := NewToken()
		require.Regexp(t, `^fw_[0-9a-v]{32}$`, token)
		require.Len(t, hash, 32)
		require.NotContains(t, string(hash), token[3:])
		again, err := HashToken(token)
		require.NoError(t, err)
		require.Equal(t, hash, again)
		require.False(t, seen[token])
		seen[token] = true
	}
	for _, wrong := range []string{"", "fw_", "fw_" + strings.Repeat("z", 32), "fw_" + strings.Repeat("0", 31), "fw_" + strings.Repeat("0", 33), strings.Repeat("0", 35)} {
		_, err := HashToken(wrong)
		require.True(t, fault.Is(err, fault.Denied), wrong)
	}
}

// A repeat is the same event however it is spelled; another person or another property is not.
func TestARepeatTellsTheSame(t *testing.T) {
	read := func(body string) Event {
		events, err := ReadEvents([]byte(body), "", noon)
		require.NoError(t, err)
		return events[0]
	}
	first := `{"name":"visit","id":"v1","email":"nora@example.com","properties":{"page":"a","n":1}}`
	d, _ := told(t, first)
	for body, same := range map[string]bool{
		first: true,
		`{"id":"v1","name":"visit","properties":{"n":1.0,"page":"a"},"email":"Nora@Example.com","at":"2026-03-01T10:00:00Z"}`: true,
		`{"name":"visit","id":"v1","email":"sami@example.com","properties":{"page":"a","n":1}}`:                               false,
		`{"name":"visit","id":"v1","email":"nora@example.com","properties":{"page":"a","n":2}}`:                               false,
		`{"name":"visit","id":"v1","email":"nora@example.com","properties":{"page":"a","n":"1"}}`:                             false,
		`{"name":"visit","id":"v1","email":"nora@example.com"}`:                                                               false,
		`{"name":"visit","id":"v1","customer_id":"7","platform":"shopify","properties":{"page":"a","n":1}}`:                   false,
	} {
		e := read(body)
		require.Equal(t, same, e.Same(d.Body), body)
		_, err := e.Delivery(shop, noon)
		require.NoError(t, err, "comparing changes nothing")
	}
	d, _ = told(t, `{"name":"visit","id":"v2","email":"nora@example.com"}`)
	require.True(t, read(`{"name":"visit","id":"v2","email":"nora@example.com","properties":{}}`).Same(d.Body))
	require.True(t, read(first).Same([]byte("no longer readable")))
}
