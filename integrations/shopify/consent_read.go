package shopify

import (
	"context"
	"fmt"
	"slices"
	"time"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/shopify/gql"
)

// maxNodes is how many things one call may name (shopify.dev/docs/api/usage/limits).
const maxNodes = 250

// Consents reads what up to 250 customers have said about marketing by mail, SMS
// and WhatsApp. The answer has a key for each customer the shop still has; one
// who was never asked has no statement. At is 0 where Shopify does not know when
// something was said. Errors are those of Order, and fault.Invalid.
func (c *Client) Consents(ctx context.Context, a Access, customerIDs []string) (map[string][]commerce.ConsentChange, error) {
	if len(customerIDs) > maxNodes {
		return nil, fault.New(fault.Invalid, "at most %d customers can be asked for at once", maxNodes)
	}
	ids := make([]string, len(customerIDs))
	for i, id := range customerIDs {
		if !isID(id) {
			return nil, fault.New(fault.Invalid, "%q is not the id of a customer", short(id))
		}
		ids[i] = gid("Customer", id)
	}
	out := map[string][]commerce.ConsentChange{}
	if len(ids) == 0 {
		return out, nil
	}
	data, err := gql.Consents(ctx, c.graph(a), ids)
	if err != nil {
		return nil, fmt.Errorf("consents of %s: %w", a.Shop, err)
	}
	var r reader
	for _, node := range data.Nodes {
		customer, is := node.(*gql.ConsentNodeCustomer)
		if !is {
			continue // nil: the customer is gone
		}
		id := r.id("nodes.id", "Customer", customer.Id, "")
		out[id] = consents(&r, id, &customer.CustomerConsent)
	}
	return out, r.err
}

func consents(r *reader, id string, n *gql.CustomerConsent) (all []commerce.ConsentChange) {
	add := func(s said) {
		if c, yes := s.change(); yes {
			all = append(all, c)
		}
	}
	if m := n.DefaultEmailAddress; m != nil {
		add(said{id, email(m.EmailAddress), commerce.ByMail, m.MarketingState, m.MarketingOptInLevel, r.instant("marketingUpdatedAt", m.MarketingUpdatedAt)})
	}
	p := n.DefaultPhoneNumber
	if p == nil {
		return all
	}
	if s := p.SmsMarketingConsent; s != nil {
		add(said{id, "", commerce.BySMS, s.State, s.OptInLevel, r.instant("smsMarketingConsent.updatedAt", s.UpdatedAt)})
	}
	if w := p.WhatsAppMarketingConsent; w != nil {
		add(said{id, "", commerce.ByWhatsApp, w.State, w.OptInLevel, r.instant("whatsAppMarketingConsent.updatedAt", w.UpdatedAt)})
	}
	return all
}

// Unsubscribe writes down at Shopify that a customer wants no marketing mail at
// all any more, said at at. fault.NotFound is a customer the shop does not have;
// other errors are those of Order, and fault.Invalid with Shopify's own words.
func (c *Client) Unsubscribe(ctx context.Context, a Access, customerID string, at time.Time) error {
	if !isID(customerID) {
		return fault.New(fault.Invalid, "%q is not the id of a customer", short(customerID))
	}
	data, err := gql.Unsubscribe(ctx, c.graph(a), gid("Customer", customerID), moment(at))
	if err != nil {
		return fmt.Errorf("unsubscribe customer %s of %s: %w", customerID, a.Shop, err)
	}
	done := data.CustomerEmailMarketingConsentUpdate
	if done == nil {
		return nobody(customerID)
	}
	if len(done.UserErrors) > 0 {
		return refused(customerID, done.UserErrors[0].Field, done.UserErrors[0].Message)
	}
	return nil
}

// moment is how GraphQL takes one.
func moment(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// refused is what a userError about a customer means. There are no codes for
// what is not there: an error that names the id itself says that nobody has it.
func refused(customer string, field []string, message string) error {
	if n := len(field); n > 0 && slices.Contains([]string{"id", "customerId"}, field[n-1]) {
		return nobody(customer)
	}
	return fault.New(fault.Invalid, "shopify refused the change: %s", short(message))
}

func nobody(customer string) error {
	return fault.New(fault.NotFound, "customer %s is not in this shop", customer)
}
