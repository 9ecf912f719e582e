package hook

import (
	"crypto/rand"
	"encoding/base64"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"flywheel/fault"
)

const (
	secretPrefix = "whsec_"
	// How many bytes a secret may have (Standard Webhooks 1.0.0, signature scheme).
	minKey, maxKey = 24, 64
	// newKey is a multiple of 3, so that no secret ends in "=", which a double click leaves behind.
	newKey = 30
)

// NewSecret makes a signing secret: whsec_ and 30 random bytes in base64. It
// is shown to the receiver once and kept sealed.
func NewSecret() string {
	key := make([]byte, newKey)
	_, _ = rand.Read(key) // never fails: the program ends if the system has no randomness
	return secretPrefix + base64.StdEncoding.EncodeToString(key)
}

// sign returns the webhook-signature header, one signature for each secret.
// Errors are fault.Invalid and show nothing of a secret.
func sign(secrets []string, id string, at time.Time, body []byte) (string, error) {
	if len(secrets) == 0 {
		return "", fault.New(fault.Invalid, "the webhook has no signing secret")
	}
	signatures := make([]string, len(secrets))
	for i, secret := range secrets {
		key, err := keyOf(secret)
		if err != nil {
			return "", err
		}
		by, err := standardwebhooks.NewWebhookRaw(key)
		if err == nil {
			signatures[i], err = by.Sign(id, at, body)
		}
		if err != nil {
			return "", fault.New(fault.Invalid, "the webhook cannot be signed")
		}
	}
	return strings.Join(signatures, " "), nil
}

// keyOf reads a secret. The library would take any text, even an empty one,
// with which anybody could sign.
func keyOf(secret string) ([]byte, error) {
	text, ok := strings.CutPrefix(secret, secretPrefix)
	key, err := base64.StdEncoding.DecodeString(text)
	if !ok || err != nil || len(key) < minKey || len(key) > maxKey {
		return nil, fault.New(fault.Invalid, "a signing secret of the webhook cannot be read; it looks like %s and %d to %d bytes in base64", secretPrefix, minKey, maxKey)
	}
	return key, nil
}
