package mailfake

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"
)

// sesOnce are the headers that Amazon SES takes once, as far as our mails have
// them (docs.aws.amazon.com/ses/latest/dg/header-fields.html).
var sesOnce = []string{
	"Auto-Submitted", "Content-Language", "Content-Transfer-Encoding", "Content-Type", "Date", "DKIM-Signature", "From", "List-Unsubscribe",
	"List-Unsubscribe-Post", "Message-ID", "MIME-Version", "Precedence", "Reply-To", "Subject",
}

// twice names a header that a mail has more than once where Amazon SES takes one; "" = none.
func twice(raw []byte) string {
	had := map[string]bool{}
	for _, field := range fieldsOf(raw) {
		name, _, _ := strings.Cut(field, ":")
		at := slices.IndexFunc(sesOnce, func(once string) bool { return strings.EqualFold(once, name) })
		if at < 0 {
			continue
		}
		if had[sesOnce[at]] {
			return sesOnce[at]
		}
		had[sesOnce[at]] = true
	}
	return ""
}

// rewrite puts a Message-ID and a Date of its own in place of the sender's, as
// Amazon SES does.
func rewrite(raw []byte, at time.Time) []byte {
	_, body, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	id := fnv.New128a()
	_, _ = id.Write(raw)
	var out bytes.Buffer
	for _, field := range fieldsOf(raw) {
		switch name, _, _ := strings.Cut(field, ":"); strings.ToLower(name) {
		case "message-id":
			field = "Message-ID: <" + hex.EncodeToString(id.Sum(nil)) + "-000000@email.amazonses.com>"
		case "date":
			field = "Date: " + at.Add(time.Second).UTC().Format("Mon, 2 Jan 2006 15:04:05 +0000")
		}
		fmt.Fprintf(&out, "%s\r\n", field)
	}
	out.WriteString("\r\n")
	out.Write(body)
	return out.Bytes()
}

// fieldsOf cuts a mail's head into its fields, each with its folded lines.
func fieldsOf(raw []byte) (out []string) {
	head, _, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	for _, line := range strings.Split(string(head), "\r\n") {
		if n := len(out); n > 0 && strings.HasPrefix(line, " ") || n > 0 && strings.HasPrefix(line, "\t") {
			out[n-1] += "\r\n" + line
			continue
		}
		out = append(out, line)
	}
	return out
}
