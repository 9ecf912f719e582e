package commerce

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// A code is the same for the same cause, another for another, and made of
// letters that nobody takes for one another.
func TestRewardCode(t *testing.T) {
	key := []byte("a key of the shop")
	require.Equal(t, "59BX6GWFDX2G", RewardCode(key, "1", "order 7", "thanks"), "codes that customers have must not change")
	require.NotEqual(t, RewardCode(key, "1", "order 7", "thanks"), RewardCode([]byte("another"), "1", "order 7", "thanks"))
	require.NotEqual(t, RewardCode(key, "1", "23", "thanks"), RewardCode(key, "12", "3", "thanks"))
	require.NotContains(t, RewardKey(key, "1", "order 7", "thanks"), RewardCode(key, "1", "order 7", "thanks"))
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.StringMatching(`[a-z0-9]{0,6}`), 6, 6).Draw(t, "parts")
		a, b := parts[:3], parts[3:]
		for length, of := range map[int]func([]byte, ...string) string{12: RewardCode, 16: RewardKey} {
			codeA, codeB := of(key, a...), of(key, b...)
			if slices.Equal(a, b) != (codeA == codeB) {
				t.Fatalf("%v %s, %v %s", a, codeA, b, codeB)
			}
			if len(codeA) != length || strings.Trim(codeA, codeLetters) != "" {
				t.Fatal(codeA)
			}
		}
	})
}
