package api

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"strings"

	"flywheel/fault"
)

// Prefix begins every token, so that those who look for leaked secrets know ours.
const Prefix = "fw_"

// tokenBytes are 160 bits, which fill 32 letters without a rest.
const tokenBytes = 20

var tokenText = base32.NewEncoding("0123456789abcdefghijklmnopqrstuv").WithPadding(base32.NoPadding)

// NewToken returns a fresh token of 35 letters, to be shown once, and the hash to store.
func NewToken() (token string, hash []byte) {
	var raw [tokenBytes]byte
	_, _ = rand.Read(raw[:]) // never fails: crypto/rand ends the process instead
	token = Prefix + tokenText.EncodeToString(raw[:])
	sum := sha256.Sum256([]byte(token))
	return token, sum[:]
}

// HashToken returns what is stored of a token that came with a request. Anything
// that NewToken cannot have made is fault.Denied.
func HashToken(token string) ([]byte, error) {
	text, ours := strings.CutPrefix(token, Prefix)
	if !ours || len(text) != tokenText.EncodedLen(tokenBytes) || strings.Trim(text, "0123456789abcdefghijklmnopqrstuv") != "" {
		return nil, fault.New(fault.Denied, "this is not a token of this application: they begin with %s", Prefix)
	}
	sum := sha256.Sum256([]byte(token))
	return sum[:], nil
}
