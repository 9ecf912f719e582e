package mail

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"strings"

	"flywheel/fault"
)

// Ref says of which shop and effect a mail is. It travels with the mail, as its
// return path and in a header, and comes back in bounces and complaints.
type Ref struct {
	Shop, Effect string // ids of 26 small letters and digits
}

// Refs writes and reads signed references, so that a stranger's report cannot
// name a mail of which it never saw the reference.
type Refs struct{ keys [][]byte }

// RefHeader carries the reference in every mail, for reports that quote it.
const RefHeader = "X-Flywheel-Ref"

const (
	idLetters  = "0123456789abcdefghijklmnopqrstuv"
	idLength   = 26
	macLength  = 8 // letters of 5 bits: 40 bits, which can only be tried against us, one report at a time
	pathPrefix = "b-"
)

var refText = base32.NewEncoding(idLetters).WithPadding(base32.NoPadding)

// NewRefs makes the writer and reader; the first key signs, all of them read.
func NewRefs(keys [][]byte) *Refs { return &Refs{keys} }

// Encode returns 60 small letters and digits, which survive servers that fold
// the case of addresses; "" where there is no key or ref does not hold two ids.
func (r *Refs) Encode(ref Ref) string {
	if r == nil || len(r.keys) == 0 || !isID(ref.Shop) || !isID(ref.Effect) {
		return ""
	}
	return ref.Shop + ref.Effect + seal(r.keys[0], ref)
}

// ReturnPath returns the address at domain to which servers report about the
// mail of ref, "" where Encode does. Its left part has 62 letters; RFC 5321
// (4.5.3.1.1) allows 64.
func (r *Refs) ReturnPath(ref Ref, domain string) string {
	text := r.Encode(ref)
	if text == "" || domain == "" {
		return ""
	}
	return pathPrefix + text + "@" + domain
}

// Decode reads what Encode or ReturnPath made, in any case and with or without
// angle brackets. Anything else is fault.Denied.
func (r *Refs) Decode(text string) (Ref, error) {
	text = strings.ToLower(strings.Trim(strings.TrimSpace(text), "<>"))
	text, _, _ = strings.Cut(text, "@")
	text = strings.TrimPrefix(text, pathPrefix)
	if r != nil && len(text) == 2*idLength+macLength {
		ref := Ref{Shop: text[:idLength], Effect: text[idLength : 2*idLength]}
		for _, key := range r.keys {
			if hmac.Equal([]byte(seal(key, ref)), []byte(text[2*idLength:])) {
				return ref, nil
			}
		}
	}
	return Ref{}, fault.New(fault.Denied, "this is no reference to a mail of ours")
}

func seal(key []byte, ref Ref) string {
	h := hmac.New(sha256.New, key)
	h.Write([]byte("mail ref\x00" + ref.Shop + "\x00" + ref.Effect))
	return refText.EncodeToString(h.Sum(nil)[:macLength*5/8])
}

func isID(s string) bool {
	return len(s) == idLength && strings.Trim(s, idLetters) == ""
}
