package shopifyfake

import (
	"strings"
	"time"
)

// Consent is what a customer said to marketing. State is subscribed,
// unsubscribed, pending, not_subscribed, redacted or invalid (mail only); "" = not_subscribed.
// Level is single_opt_in, confirmed_opt_in or unknown; "" = none.
type Consent struct {
	State, Level string
	At           time.Time
}

// Consent returns what the shop knows of a customer's consent to mail now.
func (f *Fake) Consent(domain string, id int64) Consent {
	c, _ := f.Person(domain, id)
	return c.Mail
}

// Agree lets a customer say something to marketing over a channel (mail, sms,
// whatsapp), and returns the topic and the body of the webhook that tells of it.
func (f *Fake) Agree(domain string, customer int64, channel string, c Consent) (topic string, body []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.shop(domain)
	person := s.persons[customer]
	if person == nil {
		person = &Customer{ID: customer}
		s.persons[customer] = person
	}
	switch channel {
	case "sms":
		person.SMS = c
		return "customers_marketing_consent/update", SMSConsent(customer, person.Phone, c.State, c.Level, c.At)
	case "whatsapp":
		person.WhatsApp = c
		return "customers_whats_app_marketing_consent/update", WhatsAppConsent(customer, person.Phone, c.State, c.Level, c.At)
	}
	person.Mail = c
	return "customers_email_marketing_consent/update", CustomerConsent(customer, person.Email, c.State, c.Level, c.At)
}

// CustomerConsent is the body of customers_email_marketing_consent/update.
// state is subscribed, unsubscribed, pending or not_subscribed; level is
// single_opt_in, confirmed_opt_in or "".
func CustomerConsent(customer int64, email, state, level string, at time.Time) []byte {
	type consent struct {
		State     string  `json:"state"`
		Level     *string `json:"opt_in_level"`
		UpdatedAt *string `json:"consent_updated_at"`
	}
	return write(struct {
		CustomerID int64   `json:"customer_id"`
		Email      string  `json:"email_address"`
		Consent    consent `json:"email_marketing_consent"`
	}{customer, email, consent{state, null(level), stamp(at)}})
}

// SMSConsent is the body of customers_marketing_consent/update. state and level
// are those of CustomerConsent.
func SMSConsent(customer int64, phone, state, level string, at time.Time) []byte {
	type consent struct {
		State     *string `json:"state"`
		Level     *string `json:"opt_in_level"`
		UpdatedAt *string `json:"consent_updated_at"`
		From      string  `json:"consent_collected_from"`
	}
	return write(struct {
		ID      int64   `json:"id"`
		Phone   *string `json:"phone"`
		Consent consent `json:"sms_marketing_consent"`
	}{customer, null(phone), consent{null(state), null(level), stamp(at), "other"}})
}

// WhatsAppConsent is the body of customers_whats_app_marketing_consent/update,
// which names its members otherwise.
func WhatsAppConsent(customer int64, phone, state, level string, at time.Time) []byte {
	type consent struct {
		State     *string `json:"state"`
		Level     *string `json:"opt_in_level"`
		UpdatedAt *string `json:"updated_at"`
		From      string  `json:"collected_from"`
	}
	return write(struct {
		CustomerID int64   `json:"customer_id"`
		Phone      *string `json:"phone_number"`
		Consent    consent `json:"whats_app_marketing_consent"`
	}{customer, null(phone), consent{null(state), null(level), stamp(at), "other"}})
}

// object is a consent of a phone number. Who never said anything is NEVER_SUBSCRIBED there.
func (c Consent) object() object {
	state := strings.ToUpper(or(c.State, "never_subscribed"))
	if state == "NOT_SUBSCRIBED" {
		state = "NEVER_SUBSCRIBED"
	}
	return object{"state": state, "optInLevel": null(strings.ToUpper(c.Level)), "updatedAt": utc(c.At)}
}

func (s *shop) updateConsent(args map[string]any) (any, error) {
	input, _ := args["input"].(map[string]any)
	consent, _ := input["emailMarketingConsent"].(map[string]any)
	n, err := number("Customer", input["customerId"])
	if err != nil {
		return nil, err
	}
	refuse := func(code, message, field string) (any, error) {
		return payload([]object{userError(code, message, "input", field)}, nil), nil
	}
	c := s.persons[n]
	state, _ := consent["marketingState"].(string)
	switch {
	case c == nil:
		return refuse("INVALID", "Customer not found", "customerId")
	case c.Email == "":
		return refuse("INVALID", "Customer must have an email address to update marketing consent", "emailMarketingConsent")
	case state != "SUBSCRIBED" && state != "UNSUBSCRIBED" && state != "PENDING":
		return refuse("INCLUSION", "Marketing state cannot be "+state, "emailMarketingConsent")
	}
	level, _ := consent["marketingOptInLevel"].(string)
	at, _ := consent["consentUpdatedAt"].(string)
	c.Mail = Consent{State: strings.ToLower(state), Level: strings.ToLower(level)}
	c.Mail.At, _ = time.Parse(time.RFC3339, at)
	return payload(nil, nil), nil
}
