package stripe

import (
	"regexp"
	"slices"
	"strings"
)

// twinFields are the metadata under which Shopify, and the apps between the two,
// write their own ids on a payment.
var twinFields = map[string]bool{
	"order_id": true, "order_number": true, "order_name": true, "order_transaction_id": true,
	"payments_charge_id": true, "payment_id": true, "transaction_id": true,
	"checkout_id": true, "checkout_token": true, "cart_token": true,
}

// shopifyOrderID is what Shopify's own gateway writes: c<checkout>.<attempt>.
var shopifyOrderID = regexp.MustCompile(`^c([0-9]+)\.[0-9]+$`)

// maxHints bounds the hints of one body; Stripe allows 50 metadata fields.
const maxHints = 16

// twinHints picks from metadata what could name the same purchase on Shopify,
// a checkout's bare id included.
func twinHints(metadata map[string]string) []string {
	var hints []string
	for field, value := range metadata {
		field = strings.ToLower(field)
		if value == "" || !plain(value) || !twinFields[field] && !strings.HasPrefix(field, "shopify") {
			continue
		}
		hints = append(hints, value)
		if m := shopifyOrderID.FindStringSubmatch(value); m != nil {
			hints = append(hints, m[1])
		}
	}
	slices.Sort(hints)
	hints = slices.Compact(hints)
	return hints[:min(len(hints), maxHints)]
}
