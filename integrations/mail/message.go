package mail

import (
	"bytes"
	"crypto"
	"errors"
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
	// Relay is whose servers pass the mails on, "" = nobody's who rewrites them.
	// What a relay rewrites is not signed.
	Relay Provider
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
	if strings.ContainsFunc(m.ReturnPath, func(c rune) bool { return c <= ' ' || c >= 127 || c == '<' || c == '>' }) {
		return nil, errors.New("the return path is no address")
	}
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
		switch {
		case h[0] == "Message-ID": // go-mail would put this machine's name into its own
			out.SetMessageIDWithValue(strings.Trim(h[1], "<>"))
		case inOnePiece(h[0]):
			out.SetGenHeaderPreformatted(gomail.Header(h[0]), h[1])
		default:
			out.SetGenHeader(gomail.Header(h[0]), h[1])
		}
	}
	out.SetBodyString(gomail.TypeTextPlain, m.Text)
	out.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	return out, nil
}

// inOnePiece names the headers whose value machines read: a URL or a reference
// that is folded or encoded is not one any more.
func inOnePiece(header string) bool {
	return header == "List-Unsubscribe" || header == RefHeader || strings.HasPrefix(header, "X-PM-") ||
		strings.HasPrefix(header, "X-SES-") || header == "X-SMTPAPI" || header == "X-Mailgun-Variables" || header == "Resend-Idempotency-Key"
}

// Bytes returns the mail as it travels at that instant, signed where it has a signer.
func (m Message) Bytes(at time.Time) ([]byte, error) {
	msg, err := m.build(at)
	if err != nil {
		return nil, err
	}
	var raw bytes.Buffer
	err = m.write(&raw, msg)
	return raw.Bytes(), err
}

// write puts the mail as it travels into raw, with its signatures in front.
func (m Message) write(raw *bytes.Buffer, msg *gomail.Msg) error {
	raw.Reset()
	if m.Signer == nil {
		_, err := msg.WriteTo(raw)
		return err
	}
	var plain bytes.Buffer
	if _, err := msg.WriteTo(&plain); err != nil {
		return err
	}
	if err := m.Signer.sign(raw, plain.Bytes()); err != nil {
		return err
	}
	_, err := raw.Write(plain.Bytes())
	return err
}
