package shopify

import (
	"flywheel/commerce"
)

// complianceBody is what the three mandatory topics have in common
// (shopify.dev, privacy law compliance).
type complianceBody struct {
	Customer struct {
		ID    number `json:"id"`
		Email string `json:"email"`
		Phone string `json:"phone"`
	} `json:"customer"`
	Requested []number `json:"orders_requested"`
	ToRedact  []number `json:"orders_to_redact"`
	Request   struct {
		ID number `json:"id"`
	} `json:"data_request"`
}

func dataRequest(r *reader, _ commerce.Delivery, b *complianceBody) commerce.Change {
	e := b.erasure(r, commerce.ReportData, b.Requested)
	e.RequestID = b.Request.ID.id()
	return commerce.Change{Erase: e}
}

func redactCustomer(r *reader, _ commerce.Delivery, b *complianceBody) commerce.Change {
	return commerce.Change{Erase: b.erasure(r, commerce.EraseCustomer, b.ToRedact)}
}

// redactShop comes 48 hours after an uninstall, but not if the app was
// installed again by then; whoever acts on it looks at the connection first.
func redactShop(*reader, commerce.Delivery, *complianceBody) commerce.Change {
	return commerce.Change{Erase: &commerce.Erasure{Kind: commerce.EraseShop}}
}

// erasure reads whom a request is about. A customer may be known by the id or
// by the address alone; a request that names neither would be obeyed by doing
// nothing, so it must be seen.
func (b *complianceBody) erasure(r *reader, kind commerce.ErasureKind, orders []number) *commerce.Erasure {
	e := &commerce.Erasure{
		Kind: kind, CustomerID: b.Customer.ID.id(),
		Email: email(b.Customer.Email), Phone: text(b.Customer.Phone),
	}
	for _, n := range orders {
		if id := n.id(); id != "" {
			e.Orders = append(e.Orders, id)
		}
	}
	if e.CustomerID == "" && e.Email == "" && len(e.Orders) == 0 {
		r.fail("customer", "names nobody")
	}
	return e
}
