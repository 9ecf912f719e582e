package shopify

import (
	"crypto/hmac"
	"crypto/sha256"
)

// codeLetters are those nobody takes for another, without vowels: no code is a word.
const codeLetters = "23456789BCDFGHJKMNPQRSTVWXYZ"

// DiscountCode is the code that a shop's rule gives for a cause, such as an
// order: always the same, so that making it twice makes one, and nobody's guess
// without the key (12 letters of 28).
func DiscountCode(secretKey []byte, shop, cause, rule string) string {
	return derived(secretKey, 12, "discount code", shop, cause, rule)
}

// DiscountKey marks the title of a DiscountCode's discount as ours. Who sees the
// code, or the title of another discount, cannot tell it; and it says nothing
// about the customer.
func DiscountKey(secretKey []byte, shop, cause, rule string) string {
	return derived(secretKey, 8, "discount key", shop, cause, rule)
}

func derived(secretKey []byte, length int, parts ...string) string {
	mac := hmac.New(sha256.New, secretKey)
	for _, p := range parts {
		mac.Write([]byte(p))
		mac.Write([]byte{0}) // so that "a", "bc" is not "ab", "c"
	}
	out := mac.Sum(nil)[:length]
	for i, b := range out {
		out[i] = codeLetters[int(b)%len(codeLetters)] // the first letters come a little more often: 0.01 bit of a letter's 4.8
	}
	return string(out)
}
