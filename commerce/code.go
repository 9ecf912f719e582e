package commerce

import (
	"crypto/hmac"
	"crypto/sha256"
)

// codeLetters are those nobody takes for another, without vowels: no code is a word.
const codeLetters = "23456789BCDFGHJKMNPQRSTVWXYZ"

// RewardCode is the code that is given for what parts name, such as an account,
// an order and a rule: always the same, so that making it twice makes one, and
// nobody's guess without the key (12 letters of 28).
func RewardCode(key []byte, parts ...string) string { return derived(key, 12, "discount code", parts) }

// RewardKey marks what a platform keeps of a RewardCode as ours. Who sees the
// code, or the key of another, cannot tell it; and it says nothing about the
// customer. Its 16 letters name things that a platform wants unique.
func RewardKey(key []byte, parts ...string) string { return derived(key, 16, "discount key", parts) }

func derived(key []byte, length int, what string, parts []string) string {
	mac := hmac.New(sha256.New, key)
	for _, p := range append([]string{what}, parts...) {
		mac.Write([]byte(p))
		mac.Write([]byte{0}) // so that "a", "bc" is not "ab", "c"
	}
	out := mac.Sum(nil)[:length]
	for i, b := range out {
		out[i] = codeLetters[int(b)%len(codeLetters)] // the first letters come a little more often: 0.01 bit of a letter's 4.8
	}
	return string(out)
}
