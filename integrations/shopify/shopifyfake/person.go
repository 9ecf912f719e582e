package shopifyfake

import (
	"slices"
	"strconv"
	"strings"
)

// Customer is a customer, of an order or of a shop. Of an order, ID is derived
// from the order's if 0, and what it says of consent and tags counts only for a
// customer that the shop does not know yet.
type Customer struct {
	ID                  int64
	Email, Phone        string
	FirstName, LastName string
	Unverified          bool
	Tags                []string
	Mail, SMS, WhatsApp Consent
}

// PutCustomer puts customers into a shop, or replaces them.
func (f *Fake) PutCustomer(domain string, customers ...Customer) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.shop(domain)
	for _, c := range customers {
		c.Tags = slices.Clone(c.Tags)
		s.persons[c.ID] = &c
	}
}

// DropCustomer forgets a customer, as when the merchant deletes them.
func (f *Fake) DropCustomer(domain string, id int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.shop(domain).persons, id)
}

// Tags returns a customer's tags, sorted.
func (f *Fake) Tags(domain string, id int64) []string {
	c, _ := f.Person(domain, id)
	slices.Sort(c.Tags)
	return c.Tags
}

// Person returns a customer of a shop.
func (f *Fake) Person(domain string, id int64) (Customer, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	c := f.shop(domain).persons[id]
	if c == nil {
		return Customer{}, false
	}
	out := *c
	out.Tags = slices.Clone(c.Tags)
	return out, true
}

// meet takes in the customer of an order: who they are is new, what they said stays.
func (s *shop) meet(id int64, c Customer) {
	c.ID, c.Tags = id, slices.Clone(c.Tags)
	if known := s.persons[id]; known != nil {
		c.Tags, c.Mail, c.SMS, c.WhatsApp = known.Tags, known.Mail, known.SMS, known.WhatsApp
	}
	s.persons[id] = &c
}

// object is the customer as the GraphQL API shows them.
func (c *Customer) object() object {
	node := object{
		"__typename": "Customer", "id": id("Customer", c.ID).GID, "firstName": null(c.FirstName), "lastName": null(c.LastName),
		"verifiedEmail": !c.Unverified, "defaultEmailAddress": nil, "defaultPhoneNumber": nil,
	}
	if c.Email != "" {
		node["defaultEmailAddress"] = object{
			"emailAddress": c.Email, "marketingState": strings.ToUpper(or(c.Mail.State, "not_subscribed")),
			"marketingOptInLevel": null(strings.ToUpper(c.Mail.Level)), "marketingUpdatedAt": utc(c.Mail.At),
		}
	}
	if c.Phone != "" {
		node["defaultPhoneNumber"] = object{
			"phoneNumber": c.Phone, "smsMarketingConsent": c.SMS.object(), "whatsAppMarketingConsent": c.WhatsApp.object(),
		}
	}
	return node
}

func (s *shop) addTags(args map[string]any) (any, error) {
	return s.tag(args, func(c *Customer, tag string) {
		if !slices.ContainsFunc(c.Tags, func(t string) bool { return strings.EqualFold(t, tag) }) {
			c.Tags = append(c.Tags, tag)
		}
	})
}

func (s *shop) removeTags(args map[string]any) (any, error) {
	return s.tag(args, func(c *Customer, tag string) {
		c.Tags = slices.DeleteFunc(c.Tags, func(t string) bool { return strings.EqualFold(t, tag) })
	})
}

// tag changes the tags of a customer. Like Shopify it splits them at commas and
// takes at most 250 of at most 40 characters.
func (s *shop) tag(args map[string]any, change func(*Customer, string)) (any, error) {
	n, err := number("Customer", args["id"])
	if err != nil {
		return nil, err
	}
	list, _ := args["tags"].([]any)
	if len(list) > maxPage {
		return nil, refusal{"MAX_INPUT_SIZE_EXCEEDED", "The input array size of " + strconv.Itoa(len(list)) + " is greater than the maximum allowed of 250."}
	}
	c := s.persons[n]
	if c == nil {
		return payload([]object{userError("", "Customer does not exist", "id")}, nil), nil
	}
	var tags []string
	for _, v := range list {
		text, _ := v.(string)
		for tag := range strings.SplitSeq(text, ",") {
			if tag = strings.TrimSpace(tag); len([]rune(tag)) > 40 {
				return payload([]object{userError("", "Tag exceeds the maximum length of 40 characters", "tags")}, nil), nil
			} else if tag != "" {
				tags = append(tags, tag)
			}
		}
	}
	for _, tag := range tags {
		change(c, tag)
	}
	return payload(nil, nil), nil
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
