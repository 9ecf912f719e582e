package mail

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// The kinds of signing keys. Everybody reads RSA; Ed25519 is short and quick,
// and some do not read it yet, so mails carry both signatures.
const (
	RSA     = "rsa"
	Ed25519 = "ed25519"
)

// rsaBits is the least that is safe and the most that fits everybody's DNS (RFC 8301, 3.2).
const rsaBits = 2048

// NewKey makes a signing key of a kind; RSA takes some 0.2 s.
func NewKey(kind string) (crypto.Signer, error) {
	switch kind {
	case RSA:
		return rsa.GenerateKey(rand.Reader, rsaBits)
	case Ed25519:
		_, key, err := ed25519.GenerateKey(rand.Reader)
		return key, err
	}
	return nil, fmt.Errorf("%q is no kind of signing key", kind)
}

// MarshalKey returns a key as PKCS #8, for sealing; ParseKey reads it.
func MarshalKey(key crypto.Signer) ([]byte, error) { return x509.MarshalPKCS8PrivateKey(key) }

// ParseKey reads what MarshalKey wrote. RSA keys under 1024 bits are refused:
// nobody would believe their signatures (RFC 8301).
func ParseKey(der []byte) (crypto.Signer, error) {
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, errors.New("the signing key cannot be read") // the cause may quote the key
	}
	switch key := key.(type) {
	case *rsa.PrivateKey:
		if key.N.BitLen() < 1024 {
			return nil, errors.New("the signing key is shorter than 1024 bits")
		}
		return key, nil
	case ed25519.PrivateKey:
		return key, nil
	}
	return nil, errors.New("the signing key is neither RSA nor Ed25519")
}

// KindOf returns RSA or Ed25519, "" for another key.
func KindOf(key crypto.Signer) string {
	switch key.Public().(type) {
	case *rsa.PublicKey:
		return RSA
	case ed25519.PublicKey:
		return Ed25519
	}
	return ""
}

// Record returns the value of the TXT record of a key (RFC 6376, 3.6.1; RFC 8463,
// 4.2), whole; of RSA it is longer than one string of DNS, see Zone. "" for
// another key.
func Record(key crypto.Signer) string {
	var public []byte
	switch p := key.Public().(type) {
	case *rsa.PublicKey:
		public, _ = x509.MarshalPKIXPublicKey(p) // a valid key always has this form
	case ed25519.PublicKey:
		public = p
	default:
		return ""
	}
	return "v=DKIM1; k=" + KindOf(key) + "; p=" + base64.StdEncoding.EncodeToString(public)
}

// RecordName is where a key's record is published.
func RecordName(selector, domain string) string { return selector + "._domainkey." + domain }

// Zone returns a TXT value as zone files write it: in quotes, cut into strings
// of at most 255 bytes, which readers join again (RFC 6376, 3.6.2.2). Most DNS
// providers' forms take the whole value and cut it themselves.
func Zone(value string) string {
	var b strings.Builder
	for {
		n := min(len(value), 255)
		fmt.Fprintf(&b, "%q", value[:n])
		if value = value[n:]; value == "" {
			return b.String()
		}
		b.WriteByte(' ')
	}
}
