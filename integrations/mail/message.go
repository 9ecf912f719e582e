package mail

import (
	"crypto"
	"fmt"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// Message is one mail, ready to be sent: an HTML part and a text part of its
// own. Headers stand as they are told, in order; Message-ID among them is the
// same on every retry.
type Message struct {
	To       string
	ToName   string
	Also     []string // further recipients, such as the rest of a team; one that is refused stops nothing
	From     string
	FromName string
	ReplyTo  string
	Subject  string
	HTML     string
	Text     string
	Headers  [][2]string
	// ReturnPath is the envelope's sender, where servers report to; "" = From.
	ReturnPath string
	// Signer signs with DKIM; nil = nobody does, or the provider.
	Signer *Signer
}

// Signer signs the mails of one domain. It is safe for concurrent use.
type Signer struct {
	Domain string
	Keys   []SigningKey // each adds a signature of its own
}

// SigningKey is one DKIM key: RSA of 2048 bits or Ed25519 (RFC 6376, RFC 8463).
type SigningKey struct {
	Selector string
	Key      crypto.Signer
}

// id is the value of X-Flywheel-ID, "" if there is none.
func (m Message) id() string {
	for _, h := range m.Headers {
		if h[0] == "X-Flywheel-ID" {
			return h[1]
		}
	}
	return ""
}

// build makes the mail as it travels. Names and subjects of any script are
// encoded (RFC 2047); line breaks in them are refused by go-mail.
func (m Message) build(at time.Time) (*gomail.Msg, error) {
	out := gomail.NewMsg(gomail.WithNoDefaultUserAgent()) // the library is nobody's business
	if err := out.FromFormat(m.FromName, m.From); err != nil {
		return nil, fmt.Errorf("sender: %w", err)
	}
	if err := out.AddToFormat(m.ToName, m.To); err != nil {
		return nil, fmt.Errorf("recipient: %w", err)
	}
	for _, also := range m.Also {
		if err := out.AddTo(also); err != nil {
			return nil, fmt.Errorf("recipient: %w", err)
		}
	}
	if m.ReplyTo != "" {
		if err := out.ReplyTo(m.ReplyTo); err != nil {
			return nil, fmt.Errorf("reply-to: %w", err)
		}
	}
	out.Subject(m.Subject)
	out.SetDateWithValue(at)
	for _, h := range m.Headers {
		if strings.ContainsAny(h[0]+h[1], "\r\n") {
			return nil, fmt.Errorf("header %q holds a line break", h[0])
		}
		switch h[0] {
		case "Message-ID": // go-mail would put this machine's name into its own
			out.SetMessageIDWithValue(strings.Trim(h[1], "<>"))
		case "List-Unsubscribe":
			// Preformatted: a URL that is folded or encoded is not one any more.
			out.SetGenHeaderPreformatted(gomail.Header(h[0]), h[1])
		default:
			out.SetGenHeader(gomail.Header(h[0]), h[1])
		}
	}
	out.SetBodyString(gomail.TypeTextPlain, m.Text)
	out.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	return out, nil
}
