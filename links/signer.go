package links

import (
	"crypto/hmac"
	"crypto/sha256"
	"net/url"
	"strings"
	"unicode"

	"flywheel/fault"
)

// Act is what somebody does with a message, where a shop has turned that on.
type Act string

// The acts. What is signed for one never counts as another.
const (
	Click Act = "click"
	Open  Act = "open"
)

// Mark is what a counting link carries: whose message it stands in, and where a
// click leads.
type Mark struct {
	Shop, Effect string
	Target       string // absolute http or https address; "" for Open
}

// markBytes is how much of the HMAC stands in a link: 128 bits, as NewToken has.
const markBytes = 16

// maxTarget bounds an address that can be counted: twice as long when encoded,
// it is still one that every browser and proxy takes.
const maxTarget = 1500

// Signer makes and reads counting links. What they carry stands in them, signed,
// so that nothing is stored for a link, and nobody makes one that leads elsewhere.
type Signer struct{ keys [][]byte }

// NewSigner signs with the first key and reads what any of them signed.
func NewSigner(keys [][]byte) *Signer { return &Signer{keys} }

// Sign returns the token of a mark; "" where it is none that can be counted: an
// address that is not http or https, or too long.
func (s *Signer) Sign(act Act, m Mark) string {
	if !m.good(act) {
		return ""
	}
	payload := m.Shop + "\x00" + m.Effect + "\x00" + m.Target
	return encoding.EncodeToString(append(sum(s.keys[0], act, payload), payload...))
}

// Read returns what a token carries. Anything Sign did not make for this act, as
// one in which a letter was changed, is fault.NotFound.
func (s *Signer) Read(act Act, token string) (Mark, error) {
	raw, err := encoding.DecodeString(token)
	if err != nil || len(raw) < markBytes || strings.ContainsAny(token, "\r\n") { // Decode skips line breaks
		return Mark{}, incomplete()
	}
	payload := string(raw[markBytes:])
	for _, key := range s.keys {
		if !hmac.Equal(raw[:markBytes], sum(key, act, payload)) {
			continue
		}
		parts := strings.Split(payload, "\x00")
		if len(parts) != 3 {
			return Mark{}, incomplete()
		}
		if m := (Mark{parts[0], parts[1], parts[2]}); m.good(act) {
			return m, nil
		}
	}
	return Mark{}, fault.New(fault.NotFound, "this link was changed on its way")
}

func sum(key []byte, act Act, payload string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(string(act) + "\x00" + payload))
	return mac.Sum(nil)[:markBytes]
}

// good reports whether a mark can be told apart again and leads where a browser may be sent.
func (m Mark) good(act Act) bool {
	if m.Shop == "" || m.Effect == "" || len(m.Target) > maxTarget || strings.ContainsFunc(m.Shop+m.Effect+m.Target, unicode.IsControl) {
		return false
	}
	if act != Click {
		return m.Target == ""
	}
	u, err := url.Parse(m.Target)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && !strings.Contains(m.Target, "\\")
}
