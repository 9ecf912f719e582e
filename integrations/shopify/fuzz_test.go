package shopify

import (
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/shopify/shopifyfake"
)

// seeds are bodies of all topics: the fixtures and what the fake sends.
func seeds(t testing.TB) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	files, err := filepath.Glob("testdata/*.json")
	require.NoError(t, err)
	for _, name := range files {
		b, err := os.ReadFile(name)
		require.NoError(t, err)
		topic := "orders/updated"
		if strings.Contains(name, "refund_") {
			topic = "refunds/create"
		}
		out[topic] = append(out[topic], string(b))
	}
	o := shopifyfake.NewOrder(9007199254740993, noon)
	parcel := o.Fulfil(noon)
	o.Refund(noon, 4900, shopifyfake.RefundLine{Line: 0, Quantity: 1})
	for topic, body := range map[string][]byte{
		"orders/paid":                              o.Body(),
		"orders/delete":                            o.Deleted(),
		"orders/edited":                            o.Removed(noon, 1, 1),
		"refunds/create":                           o.Refunds[0].Body(),
		"fulfillments/create":                      parcel.Body(),
		"fulfillment_events/create":                parcel.Deliver(noon),
		"disputes/create":                          o.Dispute("lost", noon, noon),
		"customers/update":                         o.CustomerBody(),
		"customers/create":                         o.CustomerBody(),
		"returns/process":                          o.Return(noon, shopifyfake.RefundLine{Line: 1, Quantity: 1}).Body(),
		"products/create":                          shopifyfake.NewProduct(7, noon).Publish(noon).Body(),
		"products/update":                          shopifyfake.NewProduct(7, noon).Body(),
		"products/delete":                          shopifyfake.NewProduct(7, noon).Deleted(),
		"orders/create":                            shopifyfake.NewOrder(3, noon).ToPickUp("Shop Vienna").B2B(9).Gift("For you").Body(),
		"customers/merge":                          shopifyfake.CustomersMerged(1, 2, "completed"),
		"customers_email_marketing_consent/update": shopifyfake.CustomerConsent(1, "a@example.com", "subscribed", "confirmed_opt_in", noon),
		"customers/redact":                         shopifyfake.RedactCustomer(testShop, 1, "a@example.com", 2, 3),
		"customers/data_request":                   shopifyfake.DataRequest(testShop, 9, 1, "a@example.com", 2),
		"shop/redact":                              shopifyfake.RedactShop(testShop),
		"shop/update":                              shopifyfake.ShopBody(testShop, "Wool", "SA", "SAR", "Asia/Riyadh", "ar"),
		"app/uninstalled":                          shopifyfake.ShopBody(testShop, "Wool", "SA", "SAR", "Asia/Riyadh", "ar"),
	} {
		out[topic] = append(out[topic], string(body))
	}
	return out
}

// Every topic that the decoder knows has a seed, and every seed is read.
func TestSeedsDecode(t *testing.T) {
	all := seeds(t)
	for topic, bodies := range all {
		for _, body := range bodies {
			ch, err := Decode(delivery(topic, body))
			require.NoError(t, err, topic)
			require.Empty(t, ch.Ignored, topic)
			_, _, err = Read(header(topic), []byte(body))
			require.NoError(t, err, topic)
		}
	}
}

// FuzzDecode: whatever a body holds, it is an error with a short sentence, or
// facts that any database and any mail can take.
func FuzzDecode(f *testing.F) {
	for topic, bodies := range seeds(f) {
		for _, body := range bodies {
			f.Add(topic, body)
		}
	}
	f.Fuzz(func(t *testing.T, topic, body string) {
		ch, err := Decode(delivery(topic, body))
		if err != nil {
			if fault.KindOf(err) != fault.Permanent || len(fault.Sentence(err)) > 400+len(topic) {
				t.Fatalf("%.500v", err)
			}
			return
		}
		eachText(reflect.ValueOf(ch), func(s string) {
			if !utf8.ValidString(s) || strings.ContainsAny(s, "\x00\r\n") || len(s) > 1000 {
				t.Fatalf("%q cannot be kept", s)
			}
		})
		if ch.Order != nil && (len(ch.Order.Keys) != 1 || !isID(ch.Order.Keys[0].ID)) {
			t.Fatalf("no order has the key %v", ch.Order.Keys)
		}
		if ch.Order != nil {
			var o commerce.Order
			o.Merge(*ch.Order, commerce.Shopify)
			if o.Merge(*ch.Order, commerce.Shopify) {
				t.Fatal("the same delivery twice says something new")
			}
		}
		again, _ := Decode(delivery(topic, body))
		if !reflect.DeepEqual(ch, again) {
			t.Fatal("the same delivery decodes in two ways")
		}
	})
}

// FuzzRead: the door takes any bytes, and what it keeps beside them is plain.
func FuzzRead(f *testing.F) {
	for topic, bodies := range seeds(f) {
		for _, body := range bodies {
			f.Add(topic, testShop, "w-1", "2026-11-02T09:00:00.5Z", body)
		}
	}
	f.Fuzz(func(t *testing.T, topic, shop, id, triggered, body string) {
		h := http.Header{
			"X-Shopify-Topic": {topic}, "X-Shopify-Shop-Domain": {shop},
			"X-Shopify-Webhook-Id": {id}, "X-Shopify-Triggered-At": {triggered},
		}
		d, domain, err := Read(h, []byte(body))
		if err != nil {
			if !slices.Contains([]fault.Kind{fault.Invalid, fault.Denied}, fault.KindOf(err)) {
				t.Fatal(err)
			}
			return
		}
		if !ValidShop(domain) || domain != strings.ToLower(domain) || !plain(d.Topic) || !plain(d.ExternalID) || d.TriggeredAt < 0 {
			t.Fatalf("%q %+v", domain, d)
		}
		for _, ref := range []string{d.OrderRef, d.CustomerRef} {
			if ref != "" && !isID(ref) {
				t.Fatalf("%q is no id", ref)
			}
		}
		if d.Email != commerce.NormalEmail(d.Email) {
			t.Fatalf("%q is not normal", d.Email)
		}
	})
}

// eachText calls see for each string in v.
func eachText(v reflect.Value, see func(string)) {
	switch v.Kind() {
	case reflect.String:
		see(v.String())
	case reflect.Pointer:
		if !v.IsNil() {
			eachText(v.Elem(), see)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			eachText(v.Field(i), see)
		}
	case reflect.Slice:
		for i := range v.Len() {
			eachText(v.Index(i), see)
		}
	}
}
