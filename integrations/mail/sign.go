package mail

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// signed are the headers that a signature covers (RFC 6376, 5.4.1; RFC 8058, 4
// demands the two of List-Unsubscribe). One that a mail does not have is named
// too, and From and Subject once more than they appear: whoever adds one on the
// way breaks the signature (RFC 6376, 8.15).
var signed = []string{
	"From", "From", "To", "Subject", "Subject", "Date", "Message-ID", "Reply-To", "MIME-Version", "Content-Type",
	"List-Unsubscribe", "List-Unsubscribe-Post", "Feedback-ID", "X-Flywheel-ID",
}

// rewritten are the headers that a provider's servers replace
// (docs.aws.amazon.com/ses/latest/dg/header-fields.html).
var rewritten = map[Provider][]string{SES: {"Date", "Message-ID"}}

// sign writes a DKIM-Signature header of each key for mail into w, by the
// relaxed forms of header and body. Libraries read and hash a mail anew for each
// key; that alone costs a quarter of what the RSA signature does.
func (s *Signer) sign(w *bytes.Buffer, mail []byte) error {
	if len(s.Keys) == 0 || s.Domain == "" {
		return errors.New("sign: there is no key or no domain")
	}
	head, body, _ := bytes.Cut(mail, []byte("\r\n\r\n"))
	names := signed
	if not := rewritten[s.Relay]; not != nil {
		names = slices.DeleteFunc(slices.Clone(signed), func(h string) bool { return slices.Contains(not, h) })
	}
	covered := pick(head, names)
	bodyHash := sha256.Sum256(relaxBody(body))
	for _, key := range s.Keys {
		if key.Selector == "" || key.Key == nil || KindOf(key.Key) == "" {
			return fmt.Errorf("sign with %q: the key cannot be used", key.Selector)
		}
		field := fmt.Sprintf("DKIM-Signature: v=1; a=%s-sha256; c=relaxed/relaxed; d=%s; s=%s;\r\n\tt=%d; h=%s;\r\n\tbh=%s;\r\n\tb=",
			KindOf(key.Key), s.Domain, key.Selector, time.Now().Unix(), foldNames(names), base64.StdEncoding.EncodeToString(bodyHash[:]))
		hash := sha256.New()
		hash.Write(covered)
		hash.Write(relaxHeader([]byte(field)))
		signature, err := signHash(key.Key, hash.Sum(nil))
		if err != nil {
			return fmt.Errorf("sign with %s: %w", key.Selector, err)
		}
		w.WriteString(field)
		foldText(w, base64.StdEncoding.EncodeToString(signature))
	}
	return nil
}

// signHash: Ed25519 signs the hash as if it were the text (RFC 8463, 3).
func signHash(key crypto.Signer, hash []byte) ([]byte, error) {
	if KindOf(key) == Ed25519 {
		return key.Sign(rand.Reader, hash, crypto.Hash(0))
	}
	return key.Sign(rand.Reader, hash, crypto.SHA256)
}

// pick returns the named headers in their relaxed form, of equal ones the last
// first (RFC 6376, 5.4.2); one that is not there counts as nothing.
func pick(head []byte, names []string) []byte {
	fields := map[string][][]byte{}
	for _, field := range splitFields(head) {
		name, _, _ := bytes.Cut(field, []byte(":"))
		key := string(bytes.ToLower(bytes.TrimRight(name, " \t")))
		fields[key] = append(fields[key], field)
	}
	var out []byte
	for _, name := range names {
		key := strings.ToLower(name)
		if have := fields[key]; len(have) > 0 {
			out = append(append(out, relaxHeader(have[len(have)-1])...), '\r', '\n')
			fields[key] = have[:len(have)-1]
		}
	}
	return out
}

// splitFields cuts a head into its fields, each with its folded lines.
func splitFields(head []byte) (out [][]byte) {
	start := 0
	for i := 0; i < len(head); i++ {
		if head[i] == '\n' && i+1 < len(head) && head[i+1] != ' ' && head[i+1] != '\t' {
			out, start = append(out, head[start:i]), i+1
		}
	}
	return append(out, head[start:])
}

// relaxHeader is a field in the form of RFC 6376, 3.4.2, without its line end.
func relaxHeader(field []byte) []byte {
	name, value, _ := bytes.Cut(field, []byte(":"))
	out := append(bytes.ToLower(bytes.TrimSpace(name)), ':')
	for i, word := range bytes.FieldsFunc(value, func(c rune) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }) {
		if i > 0 {
			out = append(out, ' ')
		}
		out = append(out, word...)
	}
	return out
}

// relaxBody is a body in the form of RFC 6376, 3.4.4. Line ends count as CR LF,
// which the sending makes of them.
func relaxBody(body []byte) []byte {
	out := make([]byte, 0, len(body)+2)
	blank := 0
	for line := range bytes.Lines(body) {
		line = bytes.TrimRight(line, "\r\n")
		line = bytes.TrimRight(line, " \t")
		if len(line) == 0 {
			blank++ // only if something follows
			continue
		}
		for ; blank > 0; blank-- {
			out = append(out, '\r', '\n')
		}
		if bytes.IndexByte(line, '\t') < 0 && !bytes.Contains(line, []byte("  ")) {
			out = append(append(out, line...), '\r', '\n')
			continue
		}
		for i, c := range line {
			space := c == ' ' || c == '\t'
			if space && i > 0 && (line[i-1] == ' ' || line[i-1] == '\t') {
				continue
			}
			if space {
				c = ' '
			}
			out = append(out, c)
		}
		out = append(out, '\r', '\n')
	}
	return out
}

// foldNames joins header names in lines of a few.
func foldNames(names []string) string {
	var b strings.Builder
	for i, name := range names {
		switch {
		case i == 0:
		case i%5 == 0:
			b.WriteString(":\r\n\t ")
		default:
			b.WriteByte(':')
		}
		b.WriteString(name)
	}
	return b.String()
}

// foldText writes base64 in lines and ends the field.
func foldText(w *bytes.Buffer, text string) {
	const width = 72
	for len(text) > width {
		w.WriteString(text[:width])
		w.WriteString("\r\n\t")
		text = text[width:]
	}
	w.WriteString(text)
	w.WriteString("\r\n")
}
