package store

import (
	"encoding/base32"

	"github.com/google/uuid"

	"flywheel/commerce"
)

var idText = base32.NewEncoding("0123456789abcdefghijklmnopqrstuv").WithPadding(base32.NoPadding)

// NewID makes an id of 26 characters that sorts by the time it was made (UUID version 7, RFC 9562).
func NewID() string {
	id := uuid.Must(uuid.NewV7())
	return idText.EncodeToString(id[:])
}

// day is the number of the UTC day since 1970.
func day(i commerce.Instant) int64 { return int64(i) / 86_400_000 }

// idFrom is where ids made from an instant on begin, by the real clock.
func idFrom(at int64) string {
	var id [16]byte
	for i := range 6 { // RFC 9562, 5.7: 48 bits of milliseconds come first
		id[i] = byte(at >> (40 - 8*i))
	}
	return idText.EncodeToString(id[:])
}
