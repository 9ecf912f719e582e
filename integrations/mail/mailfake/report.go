package mailfake

import (
	"bytes"
	"fmt"
	"strings"
	"time"
)

// Bounce returns the report that the recipient's server would send to the
// mail's return path after it had taken the mail (RFC 3464). status is of RFC
// 3463, beginning with 4. or 5.; words are the server's.
func (m Mail) Bounce(status, words string, at time.Time) []byte {
	action := "failed"
	if strings.HasPrefix(status, "4.") {
		action = "delayed"
	}
	code := status[:1] + "50" // 5.1.1 is said with 550, 4.2.2 with 450
	fields := fmt.Sprintf("Reporting-MTA: dns; mx.example.net\r\nArrival-Date: %s\r\n\r\n"+
		"Final-Recipient: rfc822; %s\r\nAction: %s\r\nStatus: %s\r\nDiagnostic-Code: smtp; %s %s %s\r\nLast-Attempt-Date: %s\r\n",
		at.Format(time.RFC1123Z), m.To, action, status, code, status, words, at.Format(time.RFC1123Z))
	return m.report("delivery-status", "Delivery Status Notification", fields, at)
}

// Complaint returns the report of a person who called the mail spam (RFC 5965).
func (m Mail) Complaint(at time.Time) []byte {
	fields := fmt.Sprintf("Feedback-Type: abuse\r\nUser-Agent: Feedback/1.0\r\nVersion: 1\r\nOriginal-Mail-From: <%s>\r\n"+
		"Original-Rcpt-To: <%s>\r\nArrival-Date: %s\r\nReported-Domain: %s\r\n",
		m.From, m.To, m.At.Format(time.RFC1123Z), m.From[strings.LastIndexByte(m.From, '@')+1:])
	return m.report("feedback-report", "Spam report", fields, at)
}

// report is a multipart/report (RFC 6522): words, fields for machines, and the mail's head.
func (m Mail) report(kind, subject, fields string, at time.Time) []byte {
	head, _, _ := bytes.Cut(m.Raw, []byte("\r\n\r\n"))
	const between = "=_report_1"
	var b bytes.Buffer
	fmt.Fprintf(&b, "From: MAILER-DAEMON@mx.example.net\r\nTo: %s\r\nSubject: %s\r\nDate: %s\r\nMessage-ID: <%d.%s@mx.example.net>\r\n",
		m.From, subject, at.Format(time.RFC1123Z), at.UnixNano(), kind)
	fmt.Fprintf(&b, "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=%s; boundary=%q\r\n", kind, between)
	fmt.Fprintf(&b, "\r\n--%s\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n%s for %s.\r\n", between, subject, m.To)
	fmt.Fprintf(&b, "\r\n--%s\r\nContent-Type: message/%s\r\n\r\n%s", between, kind, fields)
	fmt.Fprintf(&b, "\r\n--%s\r\nContent-Type: text/rfc822-headers\r\n\r\n%s\r\n\r\n--%s--\r\n", between, head, between)
	return b.Bytes()
}
