package shopify

import (
	"cmp"
	"strings"

	"flywheel/commerce"
)

// customerBody is the customer resource, alone in customers/* and in an order.
// Since 2025-01 webhooks hold neither consent nor tags of a customer.
type customerBody struct {
	ID            number       `json:"id"`
	GID           string       `json:"admin_graphql_api_id"`
	Email         string       `json:"email"`
	Phone         string       `json:"phone"`
	FirstName     string       `json:"first_name"`
	LastName      string       `json:"last_name"`
	VerifiedEmail bool         `json:"verified_email"`
	Locale        string       `json:"locale"`
	CreatedAt     string       `json:"created_at"`
	UpdatedAt     string       `json:"updated_at"`
	Address       *addressBody `json:"default_address"`
}

type addressBody struct {
	FirstName string `json:"first_name"`
	LastName  string `json:"last_name"`
	Phone     string `json:"phone"`
	Country   string `json:"country_code"`
	Region    string `json:"province_code"`
	Street    string `json:"address1"`
	More      string `json:"address2"`
	Zip       string `json:"zip"`
}

func (a *addressBody) country() string {
	if a == nil {
		return ""
	}
	return country(a.Country)
}

// region is the code of a state or province within the country, as ON.
func (a *addressBody) region() string {
	if a == nil {
		return ""
	}
	return strings.ToUpper(text(a.Region))
}

func (c *customerBody) id() string { return cmp.Or(gidNumber("Customer", c.GID), c.ID.id()) }

func customer(r *reader, d commerce.Delivery, b *customerBody) commerce.Change {
	address := email(b.Email)
	return commerce.Change{Person: &commerce.PersonFacts{
		CustomerID: r.id("id", "Customer", b.GID, b.ID),
		Email:      address, EmailVerified: b.VerifiedEmail && address != "",
		Phone: text(b.Phone), FirstName: text(b.FirstName), LastName: text(b.LastName),
		Language: text(b.Locale), Country: b.Address.country(),
		UpdatedAt: cmp.Or(r.instant("updated_at", b.UpdatedAt), toldAt(d)),
	}}
}

// createdCustomer also tells that the account is new. A guest's order makes one, too.
func createdCustomer(r *reader, d commerce.Delivery, b *customerBody) commerce.Change {
	ch := customer(r, d, b)
	ch.Happened = []commerce.Happening{{
		Kind: commerce.CustomerCreated, Subject: string(commerce.Shopify) + ":" + ch.Person.CustomerID,
		At: cmp.Or(r.instant("created_at", b.CreatedAt), toldAt(d)),
	}}
	return ch
}

// person is whom an order was sold to; nil where Shopify names neither a
// customer nor an address (point of sale, or fields withheld from the app).
func (b *orderBody) person(updated commerce.Instant) *commerce.PersonFacts {
	c := b.Customer
	if c == nil {
		c = &customerBody{}
	}
	own := email(c.Email)
	p := &commerce.PersonFacts{
		CustomerID: c.id(),
		Email:      cmp.Or(own, email(b.Email), email(b.ContactEmail)),
		FirstName:  text(c.FirstName), LastName: text(c.LastName),
		Phone:     cmp.Or(text(c.Phone), text(b.Phone)),
		Language:  cmp.Or(text(b.Locale), text(c.Locale)),
		Country:   cmp.Or(b.Shipping.country(), b.Billing.country(), c.Address.country()),
		UpdatedAt: updated,
	}
	if p.CustomerID == "" && p.Email == "" {
		return nil
	}
	p.EmailVerified = own != "" && c.VerifiedEmail
	for _, a := range []*addressBody{b.Shipping, b.Billing} {
		if a == nil {
			continue
		}
		p.Phone = cmp.Or(p.Phone, text(a.Phone))
		if p.FirstName == "" && p.LastName == "" {
			p.FirstName, p.LastName = text(a.FirstName), text(a.LastName)
		}
	}
	return p
}

// mergedCustomersBody is customers/merge, sent for each state of the job.
type mergedCustomersBody struct {
	Kept    string `json:"admin_graphql_api_customer_kept_id"`
	Deleted string `json:"admin_graphql_api_customer_deleted_id"`
	Status  string `json:"status"`
}

func mergedCustomers(r *reader, _ commerce.Delivery, b *mergedCustomersBody) commerce.Change {
	if b.Status != "completed" {
		return commerce.Change{Ignored: "the customers are not merged: " + short(b.Status)}
	}
	return commerce.Change{Merge: &commerce.PersonMerge{
		FromCustomer: r.id("admin_graphql_api_customer_deleted_id", "Customer", b.Deleted, ""),
		IntoCustomer: r.id("admin_graphql_api_customer_kept_id", "Customer", b.Kept, ""),
	}}
}
