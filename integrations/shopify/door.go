package shopify

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
	"time"

	"flywheel/commerce"
	"flywheel/fault"
)

// maxField bounds every field the door keeps; Shopify's own are below 100.
const maxField = 255

// Verify checks the signature of a delivery's raw body (shopify.dev, "Verify
// deliveries"). Several secrets are tried, since Shopify goes on signing with
// the old one for up to an hour after a rotation. Errors are fault.Denied.
//
// It does what go-shopify's VerifyWebhookRequestVerbose does (a test holds the
// two together), but that one copies the whole body once more for each secret,
// some 40 MB for 8 MiB from anybody, and its error spells out the right signature.
func Verify(header http.Header, body []byte, secrets []string) error {
	if len(secrets) == 0 {
		return fault.New(fault.Denied, "no secret is known to check the signature with")
	}
	for _, secret := range secrets {
		// An empty secret would let anybody sign. It is refused before any is tried.
		if secret == "" {
			return fault.New(fault.Denied, "an empty secret cannot check a signature")
		}
	}
	told := header.Get("X-Shopify-Hmac-Sha256")
	if told == "" {
		return fault.New(fault.Denied, "the header X-Shopify-Hmac-Sha256 is missing")
	}
	signature, err := base64.StdEncoding.DecodeString(told)
	if err != nil {
		return fault.New(fault.Denied, "the signature is not base64")
	}
	for _, secret := range secrets {
		mac := hmac.New(sha256.New, []byte(secret))
		_, _ = mac.Write(body) // a hash never fails to write
		if hmac.Equal(mac.Sum(nil), signature) {
			return nil
		}
	}
	return fault.New(fault.Denied, "the signature does not fit the body")
}

// Read takes the few ids that the inbox keeps beside the raw body, and the
// shop's domain in lower case. It decodes nothing: a signed body that is not
// even JSON passes and is quarantined later. The caller has verified it.
func Read(header http.Header, body []byte) (commerce.Delivery, string, error) {
	d := commerce.Delivery{
		Platform:   commerce.Shopify,
		Topic:      header.Get("X-Shopify-Topic"),
		ExternalID: header.Get("X-Shopify-Webhook-Id"),
		Body:       body,
	}
	shop := header.Get("X-Shopify-Shop-Domain")
	if !ValidShop(shop) {
		return commerce.Delivery{}, "", fault.New(fault.Invalid, "X-Shopify-Shop-Domain is not the name of a shop")
	}
	shop = strings.ToLower(shop) // after the check: lower case makes a k of the Kelvin sign
	for _, name := range []string{"X-Shopify-Topic", "X-Shopify-Webhook-Id"} {
		if !plain(header.Get(name)) {
			return commerce.Delivery{}, "", fault.New(fault.Invalid, "%s must be 1 to %d printable ASCII characters", name, maxField)
		}
	}
	// The header is optional, and no body is worth losing over it: what is no moment counts as not told.
	if t, err := time.Parse(time.RFC3339, header.Get("X-Shopify-Triggered-At")); err == nil {
		d.TriggeredAt = max(0, commerce.At(t))
	}
	refs := readRefs(body)
	if err := refs.agree(d.Topic, shop, body); err != nil {
		return commerce.Delivery{}, "", err
	}
	d.OrderRef, d.CustomerRef, d.Email = refs.of(d.Topic)
	return d, shop, nil
}

// plain reports whether s can be kept and logged as it is.
func plain(s string) bool {
	if s == "" || len(s) > maxField {
		return false
	}
	for i := range len(s) {
		if s[i] < 0x20 || s[i] > 0x7e {
			return false
		}
	}
	return true
}
