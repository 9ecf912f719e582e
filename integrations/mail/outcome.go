package mail

import (
	"errors"
	"net/textproto"
	"regexp"
	"strings"
	"unicode/utf8"
)

// State is how an attempt to send ended.
type State string

// The states. Only Unknown leaves open whether the mail arrived: the final dot
// was given and no answer came. Everything before it is certain (RFC 5321, 4.2.5).
const (
	Sent    State = "sent"
	Retry   State = "retry"   // certainly not accepted, may be later
	Failed  State = "failed"  // certainly not accepted, and never will be
	Unknown State = "unknown" // accepted or not, nobody can say
	// NotTried is a message that was not to go any more when its turn came.
	NotTried State = "not_tried"
)

// Outcome is how an attempt ended, with the server's words.
type Outcome struct {
	State    State
	Code     int    // SMTP reply code; 0 = the server said nothing
	Enhanced string // RFC 3463, such as 5.1.1; "" if the server gives none
	Detail   string // without addresses, at most maxDetail letters
}

const maxDetail = 200

var (
	enhancedCode = regexp.MustCompile(`^([245]\.\d{1,3}\.\d{1,3})\s*`)
	anAddress    = regexp.MustCompile(`[^\s<>]+@[^\s<>]+`)
)

// judge turns an error before or after the final dot into an outcome.
func judge(err error, dotGiven bool) Outcome {
	var reply *textproto.Error
	switch {
	case errors.As(err, &reply) && signedTwice(reply):
		o := answered(Retry, reply)
		o.Detail = plain(TwiceSigned + ": " + o.Detail)
		return o
	case errors.As(err, &reply) && (reply.Code/100 == 4 || reply.Code == 530 || reply.Code == 535): // these two want a login: our matter
		return answered(Retry, reply)
	case errors.As(err, &reply) && reply.Code/100 == 5:
		return answered(Failed, reply)
	case dotGiven:
		return Outcome{State: Unknown, Detail: "no answer to the final dot: " + plain(err.Error())}
	}
	return Outcome{State: Retry, Detail: plain(err.Error())}
}

// TwiceSigned is what is to be done where a server refuses a mail for its second signature.
const TwiceSigned = "the mail is signed twice: at Amazon SES switch Easy DKIM off for this domain, or have Amazon alone sign"

// signedTwice reports whether a mail was refused for its DKIM-Signature header,
// which Amazon SES takes once: "554 Transaction failed: Duplicate header
// 'DKIM-Signature'." That is a setting of ours, never the end of a customer's mail.
func signedTwice(reply *textproto.Error) bool {
	return reply.Code == 554 && strings.Contains(strings.ToLower(reply.Msg), "dkim-signature")
}

func answered(s State, reply *textproto.Error) Outcome {
	o := Outcome{State: s, Code: reply.Code, Detail: reply.Msg}
	if m := enhancedCode.FindStringSubmatch(reply.Msg); m != nil {
		o.Enhanced, o.Detail = m[1], reply.Msg[len(m[0]):]
	}
	o.Detail = plain(o.Detail)
	return o
}

// plain makes a server's words fit to be kept: no addresses, one line, not endless.
func plain(text string) string {
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "")), " ")
	text = anAddress.ReplaceAllString(text, "…")
	if len(text) > maxDetail {
		cut := maxDetail
		for !utf8.RuneStart(text[cut]) {
			cut--
		}
		text = text[:cut]
	}
	return text
}
