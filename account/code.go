package account

import (
	"crypto/rand"
	"encoding/hex"
	"strings"

	"flywheel/links"
)

// letters are those of invitation codes: the alphabet of Crockford's base 32,
// which leaves out what looks like something else (crockford.com/base32.html).
const (
	letters    = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	inviteSize = 10
)

// newInvite makes a code of ten letters in two groups, and its hash.
func newInvite() (code, hash string) {
	var raw [inviteSize]byte
	_, _ = rand.Read(raw[:]) // never fails (crypto/rand)
	for i, b := range raw {
		raw[i] = letters[b%32] // 32 divides 256: each is as likely
	}
	code = string(raw[:inviteSize/2]) + "-" + string(raw[inviteSize/2:])
	return code, hashOf(code)
}

// hashOf returns what is kept of an invitation's code or of its link's token,
// however it was typed; "" = it can be neither.
func hashOf(typed string) string {
	if sum, err := links.Hash(typed); err == nil {
		return hex.EncodeToString(sum)
	}
	code := plain(typed)
	if len(code) != inviteSize || strings.Trim(code, letters) != "" {
		return ""
	}
	return mark("invitation " + code)
}

// plain takes what people type into a code: small letters, gaps, digits of their
// own script, and letters that look like digits.
func plain(typed string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '٠' && r <= '٩':
			return r - '٠' + '0'
		case r >= '۰' && r <= '۹':
			return r - '۰' + '0'
		case r == 'o' || r == 'O':
			return '0'
		case r == 'i' || r == 'I' || r == 'l' || r == 'L':
			return '1'
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z' || r >= '0' && r <= '9':
			return r
		}
		return -1
	}, typed)
}
