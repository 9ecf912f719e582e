package shopify

import (
	"cmp"
	"strings"

	"flywheel/commerce"
)

// said is what Shopify holds of a customer's word about one channel, however we
// come to know it: states and levels are in capitals in GraphQL and in small
// letters in webhooks.
type said struct {
	customer, email string // "" = not told
	channel         commerce.Channel
	state, level    string
	at              commerce.Instant
}

// change reads a yes, a no or a question that is not answered yet. not_subscribed
// and never_subscribed are none of them, but what a customer has who was never
// asked; invalid and redacted are about the address.
func (s said) change() (commerce.ConsentChange, bool) {
	c := commerce.ConsentChange{
		Email: s.email, CustomerID: s.customer, Channel: s.channel, Class: "marketing", Source: "shopify",
		Double: strings.EqualFold(s.level, "confirmed_opt_in"), At: s.at,
	}
	switch strings.ToLower(s.state) {
	case "subscribed":
		c.State = commerce.Subscribed
	case "unsubscribed":
		c.State = commerce.Unsubscribed
	case "pending":
		c.State = commerce.Pending
	default:
		return commerce.ConsentChange{}, false
	}
	return c, true
}

func (s said) told() commerce.Change {
	c, yes := s.change()
	if !yes {
		return commerce.Change{Ignored: "the customer said neither yes nor no: " + short(s.state)}
	}
	return commerce.Change{Consents: []commerce.ConsentChange{c}}
}

// mailConsentBody is customers_email_marketing_consent/update.
type mailConsentBody struct {
	CustomerID number `json:"customer_id"`
	Email      string `json:"email_address"`
	Consent    struct {
		State     string `json:"state"`
		Level     string `json:"opt_in_level"`
		UpdatedAt string `json:"consent_updated_at"`
	} `json:"email_marketing_consent"`
}

func mailConsent(r *reader, d commerce.Delivery, b *mailConsentBody) commerce.Change {
	s := said{
		customer: b.CustomerID.id(), email: email(b.Email), channel: commerce.ByMail, state: b.Consent.State, level: b.Consent.Level,
		at: cmp.Or(r.instant("consent_updated_at", b.Consent.UpdatedAt), toldAt(d)),
	}
	if s.email == "" && s.customer == "" {
		r.fail("customer_id", "and email_address name nobody")
	}
	return s.told()
}

// smsConsentBody is customers_marketing_consent/update. The phone number is left
// out: whom it is for is the customer.
type smsConsentBody struct {
	ID      number `json:"id"` // the customer's
	Consent struct {
		State     string `json:"state"`
		Level     string `json:"opt_in_level"`
		UpdatedAt string `json:"consent_updated_at"`
	} `json:"sms_marketing_consent"`
}

func smsConsent(r *reader, d commerce.Delivery, b *smsConsentBody) commerce.Change {
	return said{
		customer: r.id("id", "Customer", "", b.ID), channel: commerce.BySMS, state: b.Consent.State, level: b.Consent.Level,
		at: cmp.Or(r.instant("consent_updated_at", b.Consent.UpdatedAt), toldAt(d)),
	}.told()
}

// whatsAppConsentBody is customers_whats_app_marketing_consent/update, which
// names its members otherwise than the other two.
type whatsAppConsentBody struct {
	CustomerID number `json:"customer_id"`
	Consent    struct {
		State     string `json:"state"`
		Level     string `json:"opt_in_level"`
		UpdatedAt string `json:"updated_at"`
	} `json:"whats_app_marketing_consent"`
}

func whatsAppConsent(r *reader, d commerce.Delivery, b *whatsAppConsentBody) commerce.Change {
	return said{
		customer: r.id("customer_id", "Customer", "", b.CustomerID), channel: commerce.ByWhatsApp, state: b.Consent.State, level: b.Consent.Level,
		at: cmp.Or(r.instant("updated_at", b.Consent.UpdatedAt), toldAt(d)),
	}.told()
}
