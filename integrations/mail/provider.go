package mail

import (
	"encoding/json"
	"strings"

	"flywheel/fault"
)

// Provider is whose servers take the mails of an account.
type Provider string

// The providers whose events we read. Other is any SMTP server.
const (
	SES      Provider = "ses"
	Postmark Provider = "postmark"
	SendGrid Provider = "sendgrid"
	Mailgun  Provider = "mailgun"
	Resend   Provider = "resend"
	Other    Provider = "other"
)

// Providers are all of them, in the order they are shown.
var Providers = []Provider{SES, Postmark, SendGrid, Mailgun, Resend, Other}

// Known reports whether p is one of Providers.
func (p Provider) Known() bool {
	for _, known := range Providers {
		if p == known {
			return true
		}
	}
	return false
}

// Server is what is known of a provider's SMTP server before anybody says a word.
type Server struct {
	Host string // "" = the shop has to say
	Port int
	User string // what everybody's user is called; "" = UserHint says what to look for
	// UserHint and PasswordHint name what the provider calls them, in English as on its own pages.
	UserHint, PasswordHint string
	// Signs says that the provider signs with DKIM for the domains verified there; false = nobody knows. An account's mails are never signed by us.
	Signs bool
}

// Preset returns the server of a provider. region is Amazon's, such as
// eu-central-1, or "eu" for Mailgun and SendGrid; the others have none. Errors
// are fault.Invalid. Sources: docs.aws.amazon.com/ses/latest/dg/smtp-connect.html;
// postmarkapp.com/developer/user-guide/send-email-with-smtp;
// twilio.com/docs/sendgrid/for-developers/sending-email/integrating-with-the-smtp-api;
// documentation.mailgun.com, "Sending Messages", SMTP; resend.com/docs/send-with-smtp.
func Preset(p Provider, region string) (Server, error) {
	region = strings.ToLower(strings.TrimSpace(region))
	eu := region == "eu"
	switch p {
	case SES:
		if !amazonRegion(region) {
			return Server{}, fault.New(fault.Invalid, "Amazon SES needs the region of your account, such as eu-central-1")
		}
		return Server{
			Host: "email-smtp." + region + ".amazonaws.com", Port: 587, Signs: true,
			UserHint: "SMTP user name", PasswordHint: "SMTP password (not the secret access key)",
		}, nil
	case Postmark: // the Server API token is both user and password
		return Server{Host: "smtp.postmarkapp.com", Port: 587, Signs: true, UserHint: "Server API token", PasswordHint: "Server API token"}, nil
	case SendGrid:
		return Server{Host: europe("smtp.", eu, "sendgrid.net"), Port: 587, User: "apikey", PasswordHint: "API key", Signs: true}, nil
	case Mailgun:
		return Server{
			Host: europe("smtp.", eu, "mailgun.org"), Port: 587, Signs: true,
			UserHint: "SMTP user of the domain, such as postmaster@mg.example.com", PasswordHint: "SMTP password of the domain",
		}, nil
	case Resend:
		return Server{Host: "smtp.resend.com", Port: 587, User: "resend", PasswordHint: "API key", Signs: true}, nil
	case Other:
		return Server{Port: 587, UserHint: "User", PasswordHint: "Password"}, nil
	}
	return Server{}, fault.New(fault.Invalid, "%q is no mail provider we know: ses, postmark, sendgrid, mailgun, resend or other", p)
}

// Rate is how many mails a second an account at p is given; 0 = nothing is known
// of p. Only Resend says what it takes: two requests a second for a team
// (resend.com/docs/api-reference/rate-limit). Amazon tells each account its own
// rate, one a second in its sandbox (docs.aws.amazon.com/ses/latest/dg/quotas.html);
// Postmark, SendGrid (5,000 mails a connection) and Mailgun name none for SMTP. For
// these the number is ours: what an account can take that was opened for a shop,
// and what two connections carry.
func (p Provider) Rate() int {
	switch p {
	case Resend:
		return 2
	case SES, Postmark, SendGrid, Mailgun:
		return 10
	case Other:
	}
	return 0
}

// europe puts the provider's European part before its domain.
func europe(prefix string, eu bool, domain string) string {
	if eu {
		prefix += "eu."
	}
	return prefix + domain
}

// amazonRegion looks like eu-central-1; it becomes part of a host name.
func amazonRegion(s string) bool {
	parts := strings.Split(s, "-")
	return len(parts) >= 3 && len(s) <= 30 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == "" &&
		!strings.Contains(s, "--") && parts[0] != "" && strings.Trim(parts[len(parts)-1], "0123456789") == "" && parts[len(parts)-1] != ""
}

// RefName is what our reference is called among a provider's own data, and so in its events.
const RefName = "flywheel_ref"

// postmarkRef and sesRef: Postmark's names are header names, Amazon's hold no dots.
const (
	postmarkRef = "X-PM-Metadata-" + RefName
	sesRef      = RefName + "="
)

// ProviderHeaders carry ref (of Refs.Encode) through a provider back to us in
// its events. None for ref "". Each provider keeps its header for itself but
// Mailgun. Sources: SES "Specify your configuration set when you send email"
// (X-SES-MESSAGE-TAGS: letters, digits, - and _, to 256); Postmark "Custom
// metadata FAQ" (X-PM-Metadata-*); SendGrid "Building an X-SMTPAPI header"
// (unique_args); Mailgun "Attaching metadata to messages" (X-Mailgun-Variables).
// Resend's events name no header and take no tags by SMTP; its idempotency key
// (resend.com/docs/send-with-smtp) keeps a repeat from being sent twice.
func ProviderHeaders(p Provider, ref string) [][2]string {
	if ref == "" {
		return nil
	}
	h := [][2]string{{RefHeader, ref}}
	switch p {
	case SES:
		h = append(h, [2]string{"X-SES-MESSAGE-TAGS", sesRef + ref})
	case Postmark:
		h = append(h, [2]string{postmarkRef, ref}, [2]string{"X-PM-KeepID", "true"}) // else it replaces Message-ID
	case SendGrid:
		h = append(h, [2]string{"X-SMTPAPI", object(map[string]any{"unique_args": map[string]string{RefName: ref}})})
	case Mailgun:
		h = append(h, [2]string{"X-Mailgun-Variables", object(map[string]string{RefName: ref})})
	case Resend:
		h = append(h, [2]string{"Resend-Idempotency-Key", ref})
	case Other:
	}
	return h
}

// StreamHeaders name the stream a mail belongs to: Postmark's message stream or
// Amazon's configuration set, without which SES publishes no events. None where
// name is "" or the provider knows no such thing.
func StreamHeaders(p Provider, name string) [][2]string {
	switch {
	case name == "":
		return nil
	case p == Postmark:
		return [][2]string{{"X-PM-Message-Stream", name}}
	case p == SES:
		return [][2]string{{"X-SES-CONFIGURATION-SET", name}}
	}
	return nil
}

func object(v any) string {
	text, _ := json.Marshal(v) // letters and digits: it cannot fail
	return string(text)
}
