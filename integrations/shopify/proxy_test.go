package shopify

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	goshopify "github.com/bold-commerce/go-shopify/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"flywheel/fault"
)

// signedProxy signs a query as Shopify's own example does (shopify.dev, "Authenticate app proxies").
func signedProxy(secret string, q url.Values) url.Values {
	var pairs []string
	for name, values := range q {
		pairs = append(pairs, name+"="+strings.Join(values, ","))
	}
	slices.Sort(pairs)
	q.Set("signature", hexMAC(secret, strings.Join(pairs, "")))
	return q
}

func proxyQuery(change func(url.Values)) url.Values {
	q := url.Values{
		"shop": {testShop}, "logged_in_customer_id": {"77"}, "path_prefix": {"/apps/flywheel"},
		"timestamp": {strconv.FormatInt(noon.Unix(), 10)}, "order": {"1"}, "tag": {"a", "b"},
	}
	if change != nil {
		change(q)
	}
	return q
}

// The example of Shopify's documentation, with its secret and signature.
func TestVerifyProxyDocumentedExample(t *testing.T) {
	q, err := url.ParseQuery("extra=1&extra=2&shop=shop-name.myshopify.com&logged_in_customer_id=1&path_prefix=%2Fapps%2Fawesome_reviews&timestamp=1317327555" +
		"&signature=4c68c8624d737112c91818c11017d24d334b524cb5c2b8ba08daa056f7395ddb")
	require.NoError(t, err)
	call, err := VerifyProxy(q, []string{"hush"}, time.Unix(1317327555, 0))
	require.NoError(t, err)
	assert.Equal(t, ProxyCall{Shop: "shop-name.myshopify.com", Customer: "1", Prefix: "/apps/awesome_reviews", Once: call.Once}, call)
}

func TestVerifyProxy(t *testing.T) {
	call, err := VerifyProxy(signedProxy("hush", proxyQuery(func(q url.Values) { q.Set("shop", "Wool.myshopify.com") })), []string{"hush"}, noon)
	require.NoError(t, err)
	assert.Equal(t, ProxyCall{Shop: testShop, Customer: "77", Prefix: "/apps/flywheel", Once: call.Once}, call)
	assert.Len(t, call.Once, 64)
}

func TestVerifyProxyRefuses(t *testing.T) {
	set := func(name, value string) func(url.Values) { return func(q url.Values) { q.Set(name, value) } }
	at := func(d time.Duration) func(url.Values) {
		return set("timestamp", strconv.FormatInt(noon.Add(d).Unix(), 10))
	}
	after := func(q url.Values, change func(url.Values)) url.Values { change(q); return q }
	good := func() url.Values { return signedProxy("hush", proxyQuery(nil)) }
	tests := map[string]struct {
		q       url.Values
		secrets []string // nil = hush
		good    bool
	}{
		"good":                     {q: good(), good: true},
		"nobody logged in":         {q: signedProxy("hush", proxyQuery(set("logged_in_customer_id", ""))), good: true},
		"the old secret":           {q: signedProxy("old", proxyQuery(nil)), secrets: []string{"hush", "old"}, good: true},
		"another secret":           {q: signedProxy("loud", proxyQuery(nil))},
		"an empty secret":          {q: signedProxy("", proxyQuery(nil)), secrets: []string{""}},
		"no secrets":               {q: good(), secrets: []string{}},
		"unsigned":                 {q: proxyQuery(nil)},
		"not hex":                  {q: after(good(), set("signature", strings.Repeat("x", 64)))},
		"half a signature":         {q: after(good(), func(q url.Values) { q.Set("signature", q.Get("signature")[:32]) })},
		"two signatures":           {q: after(good(), func(q url.Values) { q.Add("signature", "00") })},
		"another customer":         {q: after(good(), set("logged_in_customer_id", "78"))},
		"more than signed":         {q: after(good(), set("more", "1"))},
		"90 s old":                 {q: signedProxy("hush", proxyQuery(at(-90*time.Second))), good: true},
		"91 s old":                 {q: signedProxy("hush", proxyQuery(at(-91*time.Second)))},
		"91 s ahead":               {q: signedProxy("hush", proxyQuery(at(91*time.Second)))},
		"no timestamp":             {q: signedProxy("hush", proxyQuery(func(q url.Values) { q.Del("timestamp") }))},
		"two timestamps":           {q: signedProxy("hush", proxyQuery(func(q url.Values) { q.Add("timestamp", "1") }))},
		"two shops":                {q: signedProxy("hush", proxyQuery(func(q url.Values) { q.Add("shop", "silk.myshopify.com") }))},
		"two customers":            {q: signedProxy("hush", proxyQuery(func(q url.Values) { q.Add("logged_in_customer_id", "78") }))},
		"no customer at all":       {q: signedProxy("hush", proxyQuery(func(q url.Values) { q.Del("logged_in_customer_id") }))},
		"another host":             {q: signedProxy("hush", proxyQuery(set("shop", "attacker.example/myshopify.com")))},
		"a customer by name":       {q: signedProxy("hush", proxyQuery(set("logged_in_customer_id", "ada")))},
		"a prefix that is no path": {q: signedProxy("hush", proxyQuery(set("path_prefix", "apps")))},
		"huge":                     {q: signedProxy("hush", proxyQuery(set("tag", strings.Repeat("x", maxQuery))))},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			secrets := tt.secrets
			if secrets == nil {
				secrets = []string{"hush"}
			}
			_, err := VerifyProxy(tt.q, secrets, noon)
			if tt.good {
				require.NoError(t, err)
				return
			}
			assert.Equal(t, fault.Denied, fault.KindOf(err), "%v", err)
		})
	}
}

// Nothing stands between the pairs of the text, so a visitor can have Shopify
// sign a value that holds another customer's pairs. Such a query bears a good
// signature, by go-shopify too, and is refused.
func TestVerifyProxyRefusesASmuggledCustomer(t *testing.T) {
	stamp := strconv.FormatInt(noon.Unix(), 10)
	inside := "logged_in_customer_id=99path_prefix=/apps/flywheelshop=" + testShop + "timestamp=" + stamp + "zz="
	through := signedProxy("hush", url.Values{
		"aa": {inside}, "shop": {testShop}, "logged_in_customer_id": {""}, "path_prefix": {"/apps/flywheel"}, "timestamp": {stamp},
	})
	forged := url.Values{
		"aa": {""}, "shop": {testShop}, "logged_in_customer_id": {"99"}, "path_prefix": {"/apps/flywheel"}, "timestamp": {stamp},
		"zz": {"logged_in_customer_id=path_prefix=/apps/flywheelshop=" + testShop + "timestamp=" + stamp}, "signature": through["signature"],
	}
	assert.True(t, goshopify.App{ApiSecret: "hush"}.VerifySignature(&url.URL{RawQuery: forged.Encode()}), "the signature fits")
	for _, q := range []url.Values{through, forged} {
		_, err := VerifyProxy(q, []string{"hush"}, noon)
		assert.Equal(t, fault.Denied, fault.KindOf(err), "%v", err)
	}
}

// A replay is known by its key, also one whose signature is written in capitals.
func TestProxyCallIsKnownAgain(t *testing.T) {
	once := func(q url.Values) string {
		call, err := VerifyProxy(q, []string{"hush"}, noon)
		require.NoError(t, err)
		return call.Once
	}
	q := signedProxy("hush", proxyQuery(nil))
	first := once(q)
	assert.Equal(t, first, once(q))
	q.Set("signature", strings.ToUpper(q.Get("signature")))
	assert.Equal(t, first, once(q))
	assert.NotEqual(t, first, once(signedProxy("hush", proxyQuery(func(q url.Values) { q.Set("order", "2") }))))
	assert.NotEqual(t, first, once(signedProxy("hush", proxyQuery(func(q url.Values) { q.Set("timestamp", strconv.FormatInt(noon.Unix()+1, 10)) }))))
}

// Whatever a visitor adds, ours says of the signature what go-shopify says, and
// never takes a customer or a shop that Shopify did not sign.
func TestVerifyProxyAgreesWithGoShopify(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		word := rapid.StringMatching(`[a-z_=&,+% é]{0,12}`)
		q := proxyQuery(nil)
		for range rapid.IntRange(0, 4).Draw(t, "more") {
			q.Add(word.Draw(t, "name"), word.Draw(t, "value"))
		}
		secret := rapid.SampledFrom([]string{"hush", "loud"}).Draw(t, "secret")
		q.Del("signature")
		q = signedProxy(secret, q)
		theirs := goshopify.App{ApiSecret: "hush"}.VerifySignature(&url.URL{RawQuery: q.Encode()})
		call, err := VerifyProxy(q, []string{"hush"}, noon)
		if theirs != (secret == "hush") {
			t.Fatalf("go-shopify says %v of %q", theirs, q.Encode())
		}
		switch {
		case err == nil && !theirs:
			t.Fatalf("we take what go-shopify does not: %q", q.Encode())
		case err == nil && (call.Customer != "77" || call.Shop != testShop):
			t.Fatalf("%+v", call)
		case err != nil && theirs && !strings.Contains(err.Error(), "in the query once"):
			t.Fatalf("we refuse what go-shopify takes: %q: %v", q.Encode(), err)
		}
	})
}

// However a signed text is cut into pairs, a customer that is taken is the one
// Shopify wrote: all cuts of all texts that a visitor can have signed by one
// parameter of his own, made of pieces that look like Shopify's.
func TestProxyTextCannotBeCutOtherwise(t *testing.T) {
	stamp := strconv.FormatInt(noon.Unix(), 10)
	pieces := []string{"logged_in_customer_id=99", "path_prefix=/apps/y", "shop=silk.myshopify.com", "timestamp=" + stamp, "zz="}
	taken := 0
	for _, name := range []string{"aa", "m", "q", "u"} {
		for chosen := range 1 << len(pieces) {
			value := "v"
			for i, p := range pieces {
				if chosen>>i&1 == 1 {
					value += p
				}
			}
			text := proxyText(url.Values{name: {value}, "shop": {testShop}, "logged_in_customer_id": {""}, "path_prefix": {"/apps/x"}, "timestamp": {stamp}})
			signature := hexMAC("hush", text)
			places := namesIn(text, append(proxyNames, "zz", name))
			for cuts := range 1 << len(places) {
				q := cutAt(text, places, cuts)
				q.Set("signature", signature)
				if call, err := VerifyProxy(q, []string{"hush"}, noon); err == nil {
					taken++
					require.Equal(t, [3]string{testShop, "", "/apps/x"}, [3]string{call.Shop, call.Customer, call.Prefix}, "%q", text)
				}
			}
		}
	}
	assert.Positive(t, taken, "the honest ones")
}

// namesIn returns where in the text, behind its beginning, a pair with one of the names may begin.
func namesIn(text string, names []string) []int {
	var places []int
	for i := 1; i < len(text); i++ {
		if slices.ContainsFunc(names, func(n string) bool { return strings.HasPrefix(text[i:], n+"=") }) {
			places = append(places, i)
		}
	}
	return places
}

// cutAt cuts a text into pairs at those of the places whose bit is set in cuts.
func cutAt(text string, places []int, cuts int) url.Values {
	q, from := url.Values{}, 0
	for i, place := range append(places, len(text)) {
		if i == len(places) || cuts>>i&1 == 1 {
			name, value, _ := strings.Cut(text[from:place], "=")
			q.Add(name, value)
			from = place
		}
	}
	return q
}
