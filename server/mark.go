package server

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A mark is what we give a browser to bring back: until when it counts, and a
// signature of that with what it stands for, by a key that is for one purpose
// alone. What it stands for is not in it.

// sealMark makes a mark.
func sealMark(secret, purpose string, until time.Time, parts ...string) string {
	key := hmac.New(sha256.New, []byte(secret))
	key.Write([]byte(purpose))
	mac := hmac.New(sha256.New, key.Sum(nil))
	fmt.Fprintf(mac, "%d %q", until.Unix(), parts) // quoted, so that no part can pass for two
	return strconv.FormatInt(until.Unix(), 10) + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// endOf is when a mark ends, whoever made it; the zero time where it says nothing.
func endOf(mark string) time.Time {
	text, _, _ := strings.Cut(mark, ".")
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil || seconds <= 0 {
		return time.Time{}
	}
	return time.Unix(seconds, 0)
}

// fits reports whether one of secrets made a mark for parts. It does not say
// that it still counts: see endOf.
func fits(secrets []string, purpose, mark string, parts ...string) bool {
	for _, secret := range secrets {
		if secret != "" && hmac.Equal([]byte(mark), []byte(sealMark(secret, purpose, endOf(mark), parts...))) {
			return true
		}
	}
	return false
}
