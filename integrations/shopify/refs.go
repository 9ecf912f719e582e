package shopify

import (
	"cmp"
	"encoding/json"
	"strings"

	"github.com/tidwall/gjson"

	"flywheel/fault"
)

// refs are the members of a body that say whose it is, raw.
type refs struct {
	id, gid, order, orderID, orderEdit gjson.Result
	customer, customerID, keptID       gjson.Result
	email, contactEmail, emailAddress  gjson.Result
	shopDomain, myshopifyDomain        gjson.Result
}

// readRefs walks the top level of a body once. gjson takes what it can of a
// broken body and never fails.
func readRefs(body []byte) refs {
	var r refs
	gjson.ParseBytes(body).ForEach(func(key, value gjson.Result) bool {
		if slot := r.slot(key.Str); slot != nil {
			*slot = value
		}
		return true
	})
	return r
}

func (r *refs) slot(key string) *gjson.Result {
	switch key {
	case "id":
		return &r.id
	case "admin_graphql_api_id":
		return &r.gid
	case "order":
		return &r.order
	case "order_id":
		return &r.orderID
	case "order_edit":
		return &r.orderEdit
	case "customer":
		return &r.customer
	case "customer_id":
		return &r.customerID
	case "admin_graphql_api_customer_kept_id":
		return &r.keptID
	case "email":
		return &r.email
	case "contact_email":
		return &r.contactEmail
	case "email_address":
		return &r.emailAddress
	case "shop_domain":
		return &r.shopDomain
	case "myshopify_domain":
		return &r.myshopifyDomain
	}
	return nil
}

// of names the order, the customer and the address a delivery is about, by the
// same rules as Decode, for retention and redaction.
func (r refs) of(topic string) (order, customer, email string) {
	resource, _, _ := strings.Cut(topic, "/")
	switch {
	case topic == "orders/edited":
		return refID("", gjson.Result{}, r.orderEdit.Get("order_id")), "", ""
	case topic == "customers/merge":
		return "", gidNumber("Customer", r.keptID.Str), ""
	case resource == "orders":
		customer = refID("Customer", r.customer.Get("admin_graphql_api_id"), r.customer.Get("id"))
		return refID("Order", r.gid, r.id), customer, address(r.customer.Get("email"), r.email, r.contactEmail)
	case topic == "customers/data_request", topic == "customers/redact":
		return "", refID("", gjson.Result{}, r.customer.Get("id")), address(r.customer.Get("email"))
	case resource == "customers", topic == "customers_marketing_consent/update":
		return "", refID("Customer", r.gid, r.id), address(r.email)
	case resource == "returns":
		order = cmp.Or(refID("Order", r.order.Get("admin_graphql_api_id"), r.order.Get("id")), refID("", gjson.Result{}, r.orderID))
		return order, "", ""
	case resource == "products":
		return "", "", ""
	case resource == "shop", resource == "app": // their email is the merchant's
		return "", "", ""
	}
	return refID("", gjson.Result{}, r.orderID), refID("", gjson.Result{}, r.customerID), address(r.email, r.emailAddress)
}

func refID(kind string, gid, id gjson.Result) string {
	raw := id.Raw // never through a float64
	if id.Type == gjson.String {
		raw = id.Str
	}
	return cmp.Or(gidNumber(kind, gid.Str), number(raw).id())
}

func address(candidates ...gjson.Result) string {
	for _, c := range candidates {
		if known := email(c.Str); known != "" {
			return known
		}
	}
	return ""
}

// agree checks the shop's name within the signature against the header, which
// lies outside it. Compliance bodies always name their shop (shopify.dev,
// privacy law compliance), so one that does not is some other body sent again
// under a new topic, and would erase another shop's data.
func (r refs) agree(topic, shop string, body []byte) error {
	told := r.shopDomain
	switch topic {
	case "customers/data_request", "customers/redact", "shop/redact":
		// What is not JSON can erase nothing. json.Valid and not gjson's: that one
		// recurses, and eight million brackets end the process.
		if told.Str == "" && json.Valid(body) {
			return fault.New(fault.Denied, "the body of %s names no shop", topic)
		}
	case "app/uninstalled", "shop/update":
		told = r.myshopifyDomain
	default:
		return nil
	}
	if told.Exists() && told.Type != gjson.Null && (!ValidShop(told.Str) || !strings.EqualFold(told.Str, shop)) {
		return fault.New(fault.Denied, "the body is about another shop than the header says")
	}
	return nil
}
