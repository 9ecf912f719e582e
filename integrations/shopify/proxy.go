package shopify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
	"time"

	"flywheel/fault"
)

// ProxyCall is one request of a shop's visitor that came through the app proxy.
type ProxyCall struct {
	Shop     string // NAME.myshopify.com in lower case
	Customer string // the id of the customer who is logged in; "" = nobody is
	// Prefix is the path of the proxy in the shop, such as /apps/flywheel. A visitor
	// can make it longer by a few letters (see unmistakable), so it is for links only.
	Prefix string
	// Once is a key that may be seen only once: another call with it is a replay.
	Once string
}

// proxyNames are the parameters that Shopify adds to a visitor's own.
var proxyNames = []string{"logged_in_customer_id", "path_prefix", "shop", "timestamp"}

// VerifyProxy checks the query of a request through the app proxy (shopify.dev,
// "Authenticate app proxies"): signed with one of the secrets and of the last 90
// seconds. Errors are fault.Denied. The visitor chose all other parameters: they
// are signed, but only as what was sent.
func VerifyProxy(q url.Values, secrets []string, now time.Time) (ProxyCall, error) {
	if err := usable(secrets); err != nil {
		return ProxyCall{}, err
	}
	told, err := hex.DecodeString(one(q, "signature"))
	if err != nil || len(told) != sha256.Size {
		return ProxyCall{}, fault.New(fault.Denied, "the query has no signature")
	}
	text := proxyText(q)
	if len(text) > maxQuery {
		return ProxyCall{}, fault.New(fault.Denied, "the query is larger than %d bytes", maxQuery)
	}
	if !slices.ContainsFunc(secrets, func(secret string) bool {
		mac := hmac.New(sha256.New, []byte(secret))
		_, _ = mac.Write([]byte(text)) // a hash never fails to write
		return hmac.Equal(mac.Sum(nil), told)
	}) {
		return ProxyCall{}, fault.New(fault.Denied, "the signature does not fit the query")
	}
	if err := unmistakable(q, text); err != nil {
		return ProxyCall{}, err
	}
	call := ProxyCall{Shop: one(q, "shop"), Customer: one(q, "logged_in_customer_id"), Prefix: one(q, "path_prefix")}
	switch {
	case !ValidShop(call.Shop):
		return ProxyCall{}, fault.New(fault.Denied, "the query names no shop")
	case call.Customer != "" && !isID(call.Customer):
		return ProxyCall{}, fault.New(fault.Denied, "the query's customer is not an id")
	case !strings.HasPrefix(call.Prefix, "/") || !plain(call.Prefix) || strings.Contains(call.Prefix, "="):
		return ProxyCall{}, fault.New(fault.Denied, "the query's path_prefix is not a path")
	}
	call.Shop = strings.ToLower(call.Shop)
	// The signature as bytes: capitals in it would make one call look like two.
	once := sha256.Sum256([]byte(call.Shop + "|" + hex.EncodeToString(told) + "|" + one(q, "timestamp")))
	call.Once = hex.EncodeToString(once[:])
	return call, recent(one(q, "timestamp"), now)
}

// proxyText is what the signature signs: name=value of every other parameter,
// sorted as whole pairs and written without anything between them, the values of
// a name that is repeated joined by commas. go-shopify's VerifySignature does
// the same (a test holds the two together), but neither shows the text, which
// unmistakable needs, nor minds an empty secret.
func proxyText(q url.Values) string {
	var pairs []string
	for name, values := range q {
		if name != "signature" {
			pairs = append(pairs, name+"="+strings.Join(values, ","))
		}
	}
	slices.Sort(pairs)
	return strings.Join(pairs, "")
}

// unmistakable refuses a text that can be cut into pairs in another way. Since
// nothing stands between the pairs, a visitor who sends ?a=logged_in_customer_id=7...
// through the proxy gets a signature that fits a query with that customer too.
// Shopify's own four are always there, so each may be found in the text only
// once; then what stands behind it is Shopify's.
func unmistakable(q url.Values, text string) error {
	for _, name := range proxyNames {
		if len(q[name]) != 1 || strings.Count(text, name+"=") != 1 {
			return fault.New(fault.Denied, "%s must be in the query once", name)
		}
	}
	return nil
}

// one returns a parameter that is there once; "" for any other.
func one(q url.Values, name string) string {
	if len(q[name]) != 1 {
		return ""
	}
	return q[name][0]
}
