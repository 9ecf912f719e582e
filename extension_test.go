package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"
	"github.com/stretchr/testify/require"

	"flywheel/integrations/shopify"
)

const extension = "extensions/flywheel-block"

func extensionFile(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(extension, name))
	require.NoError(t, err)
	return string(data)
}

// texts returns the texts of a locale by their path, such as settings.about.
func texts(t *testing.T, name string) map[string]string {
	t.Helper()
	var tree map[string]any
	require.NoError(t, json.Unmarshal([]byte(extensionFile(t, name)), &tree), name)
	out := map[string]string{}
	var walk func(prefix string, tree map[string]any)
	walk = func(prefix string, tree map[string]any) {
		for key, value := range tree {
			switch v := value.(type) {
			case map[string]any:
				walk(prefix+key+".", v)
			case string:
				require.NotEmpty(t, v, "%s: %s", name, prefix+key)
				out[prefix+key] = v
			default:
				t.Fatalf("%s: %s%s is no text", name, prefix, key)
			}
		}
	}
	walk("", tree)
	return out
}

// keysOf sorts the keys of texts.
func keysOf(all map[string]string) (keys []string) {
	for k := range all {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func TestExtensionSpeaksThreeLanguages(t *testing.T) {
	for _, kind := range []string{".json", ".schema.json"} {
		english := keysOf(texts(t, "locales/en.default"+kind))
		require.NotEmpty(t, english)
		for _, lang := range []string{"ar", "fa"} {
			require.Equal(t, english, keysOf(texts(t, "locales/"+lang+kind)), lang+kind)
		}
	}
}

func TestExtensionIsWellFormed(t *testing.T) {
	var about map[string]string
	require.NoError(t, toml.Unmarshal([]byte(extensionFile(t, "shopify.extension.toml")), &about))
	require.Equal(t, map[string]string{"name": "Flywheel", "type": "theme", "handle": "flywheel-block"}, about)

	for _, name := range []string{shopify.BlockHandle, "loyalty"} { // the first is what the deep link names
		t.Run(name, func(t *testing.T) { blockIsWellFormed(t, extensionFile(t, "blocks/"+name+".liquid")) })
	}
}

func blockIsWellFormed(t *testing.T, block string) {
	t.Helper()
	_, rest, found := strings.Cut(block, "{% schema %}")
	require.True(t, found)
	schema, after, found := strings.Cut(rest, "{% endschema %}")
	require.True(t, found)
	require.Empty(t, strings.TrimSpace(after))
	var s struct {
		Name       string `json:"name"`
		Target     string `json:"target"`
		JavaScript string `json:"javascript"`
		Settings   []struct {
			Type, ID, Content, Label string
			Default                  any
		}
	}
	d := json.NewDecoder(strings.NewReader(schema))
	d.DisallowUnknownFields()
	require.NoError(t, d.Decode(&s))
	require.True(t, s.Target == "section" && len(s.Settings) > 0)
	require.NotEmpty(t, extensionFile(t, "assets/"+s.JavaScript))

	known := texts(t, "locales/en.default.schema.json")
	for _, m := range regexp.MustCompile(`"t:([\w.]+)"`).FindAllStringSubmatch(schema, -1) {
		require.Contains(t, known, m[1])
	}
	shown := texts(t, "locales/en.default.json")
	for _, m := range regexp.MustCompile(`'([\w.]+)' \| t\b`).FindAllStringSubmatch(block, -1) {
		require.Contains(t, shown, m[1])
	}
	require.Equal(t, strings.Count(block, "{{"), strings.Count(block, "}}"))
	for tag, end := range map[string]string{"{% if ": "{% endif", "{% unless ": "{% endunless", "{% comment": "{% endcomment"} {
		require.Equal(t, strings.Count(block, tag), strings.Count(block, end), tag)
	}
}

// The script stays small, calls the shop's own address only, and never writes what it got as HTML.
func TestExtensionScriptIsHarmless(t *testing.T) {
	size := 0
	for _, name := range []string{"flywheel.js", "loyalty.js"} {
		script := extensionFile(t, "assets/"+name)
		size += len(script)
		for _, word := range []string{"http:", "https://", "//cdn", "innerHTML", "outerHTML", "insertAdjacentHTML", "eval(", "document.write", "cookie =", "localStorage", "sessionStorage"} {
			require.NotContains(t, script, word, name)
		}
	}
	require.Less(t, size, 10_000, "Shopify: a theme app extension's script below 10 KB")
	a := parseApp(t, appText(t))
	require.Contains(t, extensionFile(t, "blocks/flywheel.liquid"), "/"+a.Proxy.Prefix+"/"+a.Proxy.Subpath+"'", "it asks the app proxy")
	require.Contains(t, extensionFile(t, "blocks/loyalty.liquid"), "/"+a.Proxy.Prefix+"/"+a.Proxy.Subpath+"/loyalty'", "it asks the app proxy")
	// A parameter whose name begins another's makes a signature that can be read in two ways.
	for _, theirs := range []string{"shop", "logged_in_customer_id", "path_prefix", "timestamp", "signature"} {
		for _, ours := range []string{"once", "locale"} {
			require.False(t, strings.HasPrefix(theirs, ours) || strings.HasPrefix(ours, theirs))
		}
	}
}
