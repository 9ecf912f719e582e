// Package links makes and reads the tokens in links that customers get: 128
// random bits, of which only the hash is stored beside what the link is for
// (effect, person, purpose, expiry). A stolen database therefore opens no link.
// Storing and answering belong to packages store and server.
package links

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"

	"flywheel/fault"
)

// Purpose says what a link may do; a token of one purpose opens no other door.
type Purpose string

// The purposes. Unsubscribe also shows the preferences page.
const (
	Unsubscribe Purpose = "unsubscribe"
	// Confirm shows the button of a double opt-in.
	Confirm Purpose = "confirm"
	// Account shows what somebody has in a shop's program without saying who they are,
	// since a mail may be forwarded. It takes nothing.
	Account Purpose = "account"
	// SignIn is mailed to whoever asks for it, and opens a Session once.
	SignIn Purpose = "sign_in"
	// Session stands in a customer's cookie, and never in an address.
	Session Purpose = "session"
)

// tokenBytes are 128 bits: nobody guesses one, and the URL stays on one line.
const tokenBytes = 16

// encoding is strict, so that one token has one spelling: the last letter of 22
// carries four bits that would otherwise be ignored.
var encoding = base64.RawURLEncoding.Strict()

// NewToken returns a fresh token of 22 letters for a URL and the hash to store.
func NewToken() (token string, hash []byte) {
	var raw [tokenBytes]byte
	_, _ = rand.Read(raw[:]) // never fails: crypto/rand ends the process instead
	sum := sha256.Sum256(raw[:])
	return encoding.EncodeToString(raw[:]), sum[:]
}

// Hash returns what is stored of a token that came in by a link. Anything that
// NewToken cannot have made is fault.NotFound, like a token nobody knows.
func Hash(token string) ([]byte, error) {
	var raw [tokenBytes]byte
	if len(token) != encoding.EncodedLen(tokenBytes) {
		return nil, incomplete()
	}
	// Decode skips line breaks, so fewer than 16 bytes may come out of 22 letters.
	if n, err := encoding.Decode(raw[:], []byte(token)); err != nil || n != tokenBytes {
		return nil, incomplete()
	}
	sum := sha256.Sum256(raw[:])
	return sum[:], nil
}

func incomplete() error { return fault.New(fault.NotFound, "this link is not complete") }
