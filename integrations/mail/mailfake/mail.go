package mailfake

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	netmail "net/mail"
	"strings"
	"time"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // texts arrive as UTF-8 whatever they came in
)

// Mail is one mail as it arrived.
type Mail struct {
	From, To string // of the envelope
	Raw      []byte
	At       time.Time
	TLS      bool // it came encrypted
}

// Read takes a mail apart. A mail that the sink took can be read.
func (m Mail) Read() (Content, error) {
	e, err := message.Read(bytes.NewReader(m.Raw))
	if err != nil {
		return Content{}, err
	}
	c := Content{Header: map[string][]string{}}
	for f := e.Header.Fields(); f.Next(); {
		value, err := f.Text()
		if err != nil {
			return c, fmt.Errorf("header %s: %w", f.Key(), err)
		}
		key := strings.ToLower(f.Key())
		c.Header[key] = append(c.Header[key], value)
	}
	c.Subject = c.Get("Subject")
	err = e.Walk(func(_ []int, part *message.Entity, err error) error {
		if err != nil {
			return err
		}
		kind, _, err := mime.ParseMediaType(part.Header.Get("Content-Type"))
		if err != nil || strings.HasPrefix(kind, "multipart/") {
			return err
		}
		body, err := io.ReadAll(part.Body)
		switch kind {
		case "text/plain":
			c.Text = strings.ReplaceAll(string(body), "\r\n", "\n")
		case "text/html":
			c.HTML = strings.ReplaceAll(string(body), "\r\n", "\n")
		}
		return err
	})
	return c, err
}

// Content is what a person and a mail program see of a mail.
type Content struct {
	Subject, HTML, Text string
	Header              map[string][]string // decoded, by name in lower case
}

// Get returns the first value of a header, "" if there is none.
func (c Content) Get(name string) string {
	if v := c.Header[strings.ToLower(name)]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// onlyOnce are headers of which a mail has at most one (RFC 5322, 3.6).
var onlyOnce = []string{"date", "from", "sender", "reply-to", "to", "message-id", "subject", "list-unsubscribe", "x-flywheel-id"}

// check says what a strict server would refuse about a mail; "" = nothing.
func check(raw []byte, from, to string) string {
	for line := range bytes.Lines(raw) {
		if len(line) > 1000 {
			return "a line is longer than 998 characters"
		}
		if !bytes.HasSuffix(line, []byte("\r\n")) {
			return "a line does not end with CR LF"
		}
	}
	head, _, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	for _, b := range head {
		if b > 126 || b == 0 {
			return "a header is not ASCII"
		}
	}
	c, err := Mail{Raw: raw}.Read()
	if err != nil {
		return "it cannot be read: " + err.Error()
	}
	for _, name := range onlyOnce {
		if len(c.Header[name]) > 1 {
			return "there is more than one " + name
		}
	}
	for _, name := range []string{"date", "from", "to", "message-id", "subject"} {
		if c.Get(name) == "" {
			return "there is no " + name
		}
	}
	if a, err := netmail.ParseAddress(c.Get("to")); err != nil || !strings.EqualFold(a.Address, to) {
		return "to is not the address of the envelope"
	}
	// The envelope's sender is where reports go, which may be another address.
	for where, address := range map[string]string{"from": c.Get("from"), "the envelope's sender": from} {
		if _, err := netmail.ParseAddress(address); err != nil {
			return where + " is no address"
		}
	}
	if _, err := netmail.ParseDate(c.Get("date")); err != nil {
		return "the date cannot be read"
	}
	if c.Text == "" || c.HTML == "" {
		return "the text or the HTML part is missing"
	}
	return ""
}
