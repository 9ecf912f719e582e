package shopifyfake

import (
	"encoding/hex"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ProxyQuery is the signed query with which Shopify passes a visitor of a shop's
// storefront on to the app: path is where the proxy lies in the storefront
// (/apps/flywheel), customer the number of who is logged in ("" = nobody), extra
// what the visitor's own address held.
func (f *Fake) ProxyQuery(domain, path, customer string, at time.Time, extra url.Values) url.Values {
	q := url.Values{}
	for k, v := range extra {
		q[k] = slices.Clone(v)
	}
	q.Set("shop", domain)
	q.Set("path_prefix", path)
	q.Set("logged_in_customer_id", customer)
	q.Set("timestamp", strconv.FormatInt(at.Unix(), 10))
	q.Set("signature", SignProxy(f.secret(), q))
	return q
}

// SignProxy is the signature of a query of the app proxy: hex HMAC-SHA256 of its
// sorted pairs joined by nothing, repeated values joined by commas.
func SignProxy(secret string, q url.Values) string {
	var pairs []string
	for k, v := range q {
		if k != "signature" {
			pairs = append(pairs, k+"="+strings.Join(v, ","))
		}
	}
	slices.Sort(pairs)
	return hex.EncodeToString(sum256(secret, strings.Join(pairs, "")))
}
