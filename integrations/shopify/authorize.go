package shopify

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	goshopify "github.com/bold-commerce/go-shopify/v4"

	"flywheel/fault"
)

const (
	// signedAge is how far from now, either way, the timestamp of a signed query may be: as in Shopify's own libraries.
	signedAge = 90 * time.Second
	// maxQuery bounds a signed query; Shopify's own are below 1,000 bytes.
	maxQuery = 8 << 10
)

// AuthorizeURL is where a browser is sent to have the app allowed in a shop (for
// custom and stand-alone apps; the others are installed by Shopify itself). state
// comes back with the code, and the caller compares it. redirect is ours, and
// has to be in the app's configuration. Errors are fault.Invalid.
func (c *Client) AuthorizeURL(shop, state, redirect string) (string, error) {
	// go-shopify would send the browser to any host that mentions myshopify.com.
	if !ValidShop(shop) {
		return "", fault.New(fault.Invalid, "%q is not the name of a shop", short(shop))
	}
	if state == "" {
		return "", fault.New(fault.Invalid, "an install without a state could be anybody's")
	}
	u, err := url.Parse(redirect)
	if err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || c.URL == "") {
		return "", fault.New(fault.Invalid, "the address to come back to is not an https URL")
	}
	app := goshopify.App{ApiKey: c.Key, RedirectUrl: redirect, Scope: strings.Join(c.Scopes, ",")}
	address, err := app.AuthorizeUrl(strings.ToLower(shop), state)
	if err != nil {
		return "", fault.Wrap(fault.Invalid, err, "the shop has no address")
	}
	return address, nil
}

// VerifyCallback checks the query that Shopify sends a browser back with: signed
// with one of the secrets, not older or newer than 90 seconds, of a shop. The
// shop is q.Get("shop"); the caller compares the state. Errors are fault.Denied.
//
// The signature is go-shopify's to check. It takes any timestamp and an empty
// secret, and takes several parameters in one for several, since it signs their
// unescaped text: a=1&b=2 may be a and b, or an a of "1&b=2".
func VerifyCallback(q url.Values, secrets []string, now time.Time) error {
	if err := usable(secrets); err != nil {
		return err
	}
	for name, values := range q {
		if len(values) != 1 || strings.ContainsAny(name, "&=") || strings.Contains(values[0], "&") {
			return fault.New(fault.Denied, "the query may be read in two ways")
		}
	}
	raw := q.Encode()
	if len(raw) > maxQuery {
		return fault.New(fault.Denied, "the query is larger than %d bytes", maxQuery)
	}
	if !signedQuery(&url.URL{RawQuery: raw}, secrets) {
		return fault.New(fault.Denied, "the signature does not fit the query")
	}
	if !ValidShop(q.Get("shop")) {
		return fault.New(fault.Denied, "the query names no shop")
	}
	return recent(q.Get("timestamp"), now)
}

func signedQuery(u *url.URL, secrets []string) bool {
	for _, secret := range secrets {
		if ok, err := (goshopify.App{ApiSecret: secret}).VerifyAuthorizationURL(u); err == nil && ok {
			return true
		}
	}
	return false
}

// recent checks the timestamp of a signed query, in Unix seconds.
func recent(timestamp string, now time.Time) error {
	if timestamp == "" || len(timestamp) > 12 || strings.Trim(timestamp, "0123456789") != "" {
		return fault.New(fault.Denied, "the query has no timestamp")
	}
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || now.Sub(time.Unix(seconds, 0)).Abs() > signedAge {
		return fault.New(fault.Denied, "the query is not of now")
	}
	return nil
}
