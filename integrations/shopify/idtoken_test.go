package shopify

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"flywheel/fault"
)

// idClaimsOf are the claims of Shopify's documentation, valid at noon, and changed as told; nil takes a claim away.
func idClaimsOf(change map[string]any) jwt.MapClaims {
	c := jwt.MapClaims{
		"iss": "https://wool.myshopify.com/admin", "dest": "https://wool.myshopify.com", "aud": "key", "sub": "42",
		"exp": noon.Add(time.Minute).Unix(), "nbf": noon.Unix(), "iat": noon.Unix(), "jti": "f8912129-1af6-4cad-9ca3-76b0f7621087", "sid": "aaea182f",
	}
	maps.Copy(c, change)
	for name, v := range change {
		if v == nil {
			delete(c, name)
		}
	}
	return c
}

func idToken(t *testing.T, method jwt.SigningMethod, key any, change map[string]any) string {
	t.Helper()
	raw, err := jwt.NewWithClaims(method, idClaimsOf(change)).SignedString(key)
	require.NoError(t, err)
	return raw
}

func TestReadIDToken(t *testing.T) {
	raw := idToken(t, jwt.SigningMethodHS256, []byte("hush"), map[string]any{"dest": "https://Wool.myshopify.com"})
	s, err := ReadIDToken(raw, "key", []string{"hush"}, noon)
	require.NoError(t, err)
	assert.Equal(t, Session{Shop: "wool.myshopify.com", User: "42", Token: raw, ExpiresAt: s.ExpiresAt}, s)
	assert.True(t, noon.Add(time.Minute).Equal(s.ExpiresAt))
}

func TestReadIDTokenRefuses(t *testing.T) {
	type change = map[string]any
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	hs := func(secret string, c change) string { return idToken(t, jwt.SigningMethodHS256, []byte(secret), c) }
	good := hs("hush", nil)
	part := strings.Split(good, ".")
	head := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`))
	tests := map[string]struct {
		raw     string
		key     string   // "" = "key"
		secrets []string // nil = hush
		good    bool
	}{
		"good":                     {raw: good, good: true},
		"nothing":                  {raw: ""},
		"not a token":              {raw: "a.b"},
		"another secret":           {raw: hs("loud", nil)},
		"the old secret":           {raw: hs("old", nil), secrets: []string{"hush", "old"}, good: true},
		"an empty secret":          {raw: hs("", nil), secrets: []string{"hush", ""}},
		"no secrets":               {raw: good, secrets: []string{}},
		"an app without an id":     {raw: hs("hush", change{"aud": ""}), key: "-"},
		"alg none":                 {raw: idToken(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, nil)},
		"alg none, old signature":  {raw: head + "." + part[1] + "." + part[2]},
		"alg none, no signature":   {raw: head + "." + part[1] + "."},
		"HS384":                    {raw: idToken(t, jwt.SigningMethodHS384, []byte("hush"), nil)},
		"RS256":                    {raw: idToken(t, jwt.SigningMethodRS256, rsaKey, nil)},
		"changed claims":           {raw: part[0] + "." + strings.Split(hs("loud", change{"sub": "1"}), ".")[1] + "." + part[2]},
		"another app's":            {raw: hs("hush", change{"aud": "other"})},
		"ours and another app's":   {raw: hs("hush", change{"aud": []string{"key", "other"}})},
		"nobody's":                 {raw: hs("hush", change{"aud": nil})},
		"expired":                  {raw: hs("hush", change{"exp": noon.Add(-11 * time.Second).Unix()})},
		"expired, within leeway":   {raw: hs("hush", change{"exp": noon.Add(-9 * time.Second).Unix()}), good: true},
		"without an end":           {raw: hs("hush", change{"exp": nil})},
		"of the future":            {raw: hs("hush", change{"nbf": noon.Add(11 * time.Second).Unix()})},
		"of a clock that is ahead": {raw: hs("hush", change{"nbf": noon.Add(9 * time.Second).Unix()}), good: true},
		"without a beginning":      {raw: hs("hush", change{"nbf": nil})},
		"no dest":                  {raw: hs("hush", change{"dest": nil})},
		"dest is another host":     {raw: hs("hush", change{"dest": "https://evil.com/x.myshopify.com"})},
		"dest begins like a shop":  {raw: hs("hush", change{"dest": "https://wool.myshopify.com.evil.com"})},
		"dest with a user":         {raw: hs("hush", change{"dest": "https://evil.com@wool.myshopify.com"})},
		"dest with a port":         {raw: hs("hush", change{"dest": "https://wool.myshopify.com:444"})},
		"dest with a path":         {raw: hs("hush", change{"dest": "https://wool.myshopify.com/admin"})},
		"dest by http":             {raw: hs("hush", change{"dest": "http://wool.myshopify.com"})},
		"dest is no address":       {raw: hs("hush", change{"dest": "wool.myshopify.com"})},
		"dest is a number":         {raw: hs("hush", change{"dest": 7})},
		"iss is another shop":      {raw: hs("hush", change{"iss": "https://silk.myshopify.com/admin"})},
		"all of another host":      {raw: hs("hush", change{"dest": "https://evil.com", "iss": "https://evil.com/admin"})},
		"no iss":                   {raw: hs("hush", change{"iss": nil})},
		"iss by http":              {raw: hs("hush", change{"iss": "http://wool.myshopify.com/admin"})},
		"sub with a line break":    {raw: hs("hush", change{"sub": "4\n2"})},
		"no sub":                   {raw: hs("hush", change{"sub": nil}), good: true},
		"huge":                     {raw: hs("hush", change{"jti": strings.Repeat("x", maxIDToken)})},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			key, secrets := "key", tt.secrets
			if tt.key != "" {
				key = ""
			}
			if secrets == nil {
				secrets = []string{"hush"}
			}
			s, err := ReadIDToken(tt.raw, key, secrets, noon)
			if tt.good {
				require.NoError(t, err)
				assert.Equal(t, testShop, s.Shop)
				return
			}
			assert.Equal(t, fault.Denied, fault.KindOf(err), "%v", err)
			assert.Empty(t, s)
			assert.NotContains(t, err.Error(), "hush")
		})
	}
}
