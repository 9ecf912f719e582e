package shopify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flywheel/fault"
)

func hexMAC(secret, text string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	_, _ = mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil))
}

// signedCallback signs a query as Shopify does on the way back from an install.
func signedCallback(secret string, q url.Values) url.Values {
	var pairs []string
	for name, values := range q {
		for _, v := range values {
			pairs = append(pairs, name+"="+v)
		}
	}
	slices.Sort(pairs)
	q.Set("hmac", hexMAC(secret, strings.Join(pairs, "&")))
	return q
}

func callback(change func(url.Values)) url.Values {
	q := url.Values{"code": {"c0de"}, "shop": {testShop}, "state": {"nonce"}, "host": {"YWRtaW4uc2hvcGlmeS5jb20"}, "timestamp": {strconv.FormatInt(noon.Unix(), 10)}}
	if change != nil {
		change(q)
	}
	return q
}

func TestAuthorizeURL(t *testing.T) {
	c := New(Options{Key: "key", Secrets: []string{"hush"}, Scopes: []string{"read_orders", "write_discounts"}})
	address, err := c.AuthorizeURL("Wool.myshopify.com", "nonce", "https://app.example.com/shopify/callback")
	require.NoError(t, err)
	assert.Equal(t, "https://wool.myshopify.com/admin/oauth/authorize?client_id=key&redirect_uri=https%3A%2F%2Fapp.example.com%2Fshopify%2Fcallback"+
		"&scope=read_orders%2Cwrite_discounts&state=nonce", address)

	for _, tt := range [][3]string{
		{"attacker.example/myshopify.com", "nonce", "https://app.example.com"},
		{"", "nonce", "https://app.example.com"},
		{testShop, "", "https://app.example.com"},
		{testShop, "nonce", "http://app.example.com"},
		{testShop, "nonce", "javascript:alert(1)"},
		{testShop, "nonce", ""},
	} {
		_, err := c.AuthorizeURL(tt[0], tt[1], tt[2])
		assert.Equal(t, fault.Invalid, fault.KindOf(err), "%q", tt)
	}
}

func TestVerifyCallback(t *testing.T) {
	at := func(d time.Duration) func(url.Values) {
		return func(q url.Values) { q.Set("timestamp", strconv.FormatInt(noon.Add(d).Unix(), 10)) }
	}
	set := func(name, value string) func(url.Values) { return func(q url.Values) { q.Set(name, value) } }
	smuggled := signedCallback("hush", callback(set("state", "x&timestamp=1")))
	tests := map[string]struct {
		q       url.Values
		secrets []string // nil = hush
		good    bool
	}{
		"good":            {q: signedCallback("hush", callback(nil)), good: true},
		"the old secret":  {q: signedCallback("old", callback(nil)), secrets: []string{"hush", "old"}, good: true},
		"another secret":  {q: signedCallback("loud", callback(nil))},
		"an empty secret": {q: signedCallback("", callback(nil)), secrets: []string{"hush", ""}},
		"no secrets":      {q: signedCallback("hush", callback(nil)), secrets: []string{}},
		"unsigned":        {q: callback(nil)},
		"half a signature": {q: func() url.Values {
			q := signedCallback("hush", callback(nil))
			q.Set("hmac", q.Get("hmac")[:32])
			return q
		}()},
		"changed":                 {q: func() url.Values { q := signedCallback("hush", callback(nil)); q.Set("code", "other"); return q }()},
		"more than signed":        {q: func() url.Values { q := signedCallback("hush", callback(nil)); q.Set("more", "1"); return q }()},
		"90 s old":                {q: signedCallback("hush", callback(at(-90*time.Second))), good: true},
		"91 s old":                {q: signedCallback("hush", callback(at(-91*time.Second)))},
		"90 s ahead":              {q: signedCallback("hush", callback(at(90*time.Second))), good: true},
		"91 s ahead":              {q: signedCallback("hush", callback(at(91*time.Second)))},
		"of 2012":                 {q: signedCallback("hush", callback(set("timestamp", "1337178173")))},
		"no timestamp":            {q: signedCallback("hush", callback(func(q url.Values) { q.Del("timestamp") }))},
		"a timestamp with a sign": {q: signedCallback("hush", callback(func(q url.Values) { q.Set("timestamp", "+"+q.Get("timestamp")) }))},
		"another host":            {q: signedCallback("hush", callback(set("shop", "attacker.example/myshopify.com")))},
		"no shop":                 {q: signedCallback("hush", callback(func(q url.Values) { q.Del("shop") }))},
		"two shops": {q: func() url.Values {
			q := signedCallback("hush", callback(nil))
			q.Add("shop", "silk.myshopify.com")
			return q
		}()},
		"two shops, both signed": {q: signedCallback("hush", callback(func(q url.Values) { q.Add("shop", "zz.myshopify.com") }))},
		"a pair within a value":  {q: smuggled},
		"huge":                   {q: signedCallback("hush", callback(set("state", strings.Repeat("x", maxQuery))))},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			secrets := tt.secrets
			if secrets == nil {
				secrets = []string{"hush"}
			}
			err := VerifyCallback(tt.q, secrets, noon)
			if tt.good {
				require.NoError(t, err)
				return
			}
			assert.Equal(t, fault.Denied, fault.KindOf(err), "%v", err)
		})
	}
}
