package links

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/fault"
)

func TestTokenAndItsHashBelongTogether(t *testing.T) {
	token, hash := NewToken()
	require.Len(t, token, 22)
	require.NotContains(t, token, "=")
	again, err := Hash(token)
	require.NoError(t, err)
	require.Equal(t, hash, again)

	raw, err := base64.RawURLEncoding.DecodeString(token)
	require.NoError(t, err)
	require.Len(t, raw, 16)
	sum := sha256.Sum256(raw)
	require.Equal(t, sum[:], hash, "the hash is SHA-256 of the 16 bytes; stored rows depend on it")
}

func TestTokensDiffer(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		token, _ := NewToken()
		require.False(t, seen[token])
		seen[token] = true
	}
}

func TestGarbageIsNotFound(t *testing.T) {
	token, _ := NewToken()
	for name, bad := range map[string]string{
		"empty":            "",
		"short":            token[:21],
		"long":             token + "A",
		"padding":          token[:20] + "==",
		"standard letters": "+/" + token[2:],
		"spaces":           " " + token[1:],
		"newline":          token[:21] + "\n",
		"newlines inside":  token[:11] + "\r\n" + token[13:],
		"other spelling":   strings.Repeat("A", 21) + "B", // the same 16 bytes as 22 times A
		"not ascii":        strings.Repeat("é", 11),
		"nul":              "\x00" + token[1:],
	} {
		_, err := Hash(bad)
		require.True(t, fault.Is(err, fault.NotFound), "%s: %v", name, err)
	}
}

func FuzzHash(f *testing.F) {
	f.Add("AAAAAAAAAAAAAAAAAAAAAA")
	f.Add("x")
	f.Fuzz(func(t *testing.T, token string) {
		hash, err := Hash(token)
		if (err == nil) != (len(hash) == sha256.Size) {
			t.Fatalf("%q: %x, %v", token, hash, err)
		}
	})
}
