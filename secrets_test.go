package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// Shapes of Shopify's and Stripe's secrets, and any long hexadecimal word beside
// the word secret (COMMITTED_SECRET of Shopify's own check).
var secretShapes = []*regexp.Regexp{
	regexp.MustCompile(`shp(ss|at|ca|pa|rt)_[0-9a-fA-F]{32}`),
	regexp.MustCompile(`(?i)(secret|api_?key)["']?\s*(:|=|:=)\s*["'][0-9a-f]{32,}["']`),
	regexp.MustCompile(`(sk|rk)_live_[0-9A-Za-z]{16,}`),
	regexp.MustCompile(`whsec_[0-9A-Za-z+/]{32,}`),
}

// example is the secret that the Standard Webhooks specification prints; tests use it.
var example = []byte("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")

func committed(text []byte) bool {
	text = bytes.ReplaceAll(text, example, nil)
	return slices.ContainsFunc(secretShapes, func(r *regexp.Regexp) bool { return r.Match(text) })
}

func TestNoSecretIsCommitted(t *testing.T) {
	unread := []string{".git", "node_modules", "bin", "data"}
	require.NoError(t, filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && slices.Contains(unread, d.Name()):
			return filepath.SkipDir
		case d.IsDir() || !d.Type().IsRegular():
			return nil
		}
		if info, err := d.Info(); err != nil || info.Size() > 4<<20 { // a built program
			return err
		}
		text, err := os.ReadFile(path)
		require.False(t, committed(text), "%s holds a secret", path)
		return err
	}))
}

func TestSecretsAreFound(t *testing.T) {
	hex := "0123456789abcdef"
	for _, text := range []string{
		"shpss_" + hex + hex, "x = shpat_" + hex + hex, `client_secret = "` + hex + hex + `"`, `API_KEY: '` + hex + hex + `'`, "sk_" + "live_" + hex, "whsec_" + hex + hex,
	} {
		require.True(t, committed([]byte(text)), text)
	}
	for _, text := range []string{`secret = "hush"`, "shpat_nour", "whsec_new", "id = " + hex + hex} {
		require.False(t, committed([]byte(text)), text)
	}
}
