package server

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"
	"github.com/stretchr/testify/require"
)

// Without Node nothing is built, and the tests run all the same: they bring a bundle of their own.
func withBundle(t *testing.T) *echo.Echo {
	t.Helper()
	before := built
	t.Cleanup(func() { built = before })
	style := []byte(strings.Repeat("a{color:red}", 100))
	built = func() bundle {
		return bundle{
			files:     map[string]asset{"app-1.css": pack("app-1.css", style), "font-1.woff2": pack("font-1.woff2", []byte("wOF2 packed")), "licences.txt": pack("licences.txt", []byte("MIT"))},
			addresses: map[string]string{"app.ltr.css": "/assets/app-1.css"},
		}
	}
	e, s := echo.New(), &Server{}
	e.GET(assetsPath+":file", s.showAsset)
	e.GET("/licences", s.showLicences)
	return e
}

func TestBuiltFilesAreServedForGood(t *testing.T) {
	e := withBundle(t)
	get := func(path, accept string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Header.Set("Accept-Encoding", accept)
		rec := httptest.NewRecorder()
		e.ServeHTTP(rec, r)
		return rec
	}
	packed, plain := get("/assets/app-1.css", "br, gzip"), get("/assets/app-1.css", "")
	require.Equal(t, "gzip", packed.Header().Get("Content-Encoding"))
	require.Empty(t, plain.Header().Get("Content-Encoding"))
	require.Less(t, packed.Body.Len(), plain.Body.Len()/4)
	raw, err := gzip.NewReader(packed.Body)
	require.NoError(t, err)
	opened, err := io.ReadAll(raw)
	require.NoError(t, err)
	require.Equal(t, plain.Body.String(), string(opened))
	for _, got := range []*httptest.ResponseRecorder{packed, plain} {
		require.Equal(t, "text/css; charset=utf-8", got.Header().Get("Content-Type"))
		require.Contains(t, got.Header().Get("Cache-Control"), "immutable")
		require.Equal(t, "Accept-Encoding", got.Header().Get("Vary"), "or a cache hands the packed one to whoever cannot read it")
	}
	font := get("/assets/font-1.woff2", "gzip")
	require.Empty(t, font.Header().Get("Content-Encoding"), "it is packed already")
	require.Equal(t, "font/woff2", font.Header().Get("Content-Type"))
	require.Equal(t, http.StatusOK, get("/licences", "").Code)
	for _, path := range []string{"/assets/..%2fassets.go", "/assets/assets.go", "/assets/", "/assets/manifest.json", "/assets/.keep", "/assets/app-2.css"} {
		require.Equal(t, http.StatusNotFound, get(path, "").Code, path)
	}
}

// What a build leaves is whole: each file that the manifest names is there, under a name that says what is in it.
func TestTheBundleIsWholeOrMissing(t *testing.T) {
	b := built()
	if MissingUI() != "" {
		require.Empty(t, b.files)
		require.Contains(t, MissingUI(), "make build")
		return
	}
	for _, name := range []string{"app.js", "theme.js", "app.ltr.css", "app.rtl.css", "vazirmatn.woff2"} {
		require.Contains(t, b.addresses, name)
		file := strings.TrimPrefix(b.addresses[name], assetsPath)
		require.NotEmpty(t, b.files[file].raw, name)
		require.NotEqual(t, name, file, "a name without a hash could not be kept for good")
	}
	require.Contains(t, string(b.files["licences.txt"].raw), "tabler")
	require.LessOrEqual(t, weight(b, "app.ltr.css", "app.js"), 150_000)
	require.LessOrEqual(t, weight(b, "app.rtl.css", "app.js", "vazirmatn.woff2"), 150_000, "with the font")
}

// weight is what a first load takes, compressed.
func weight(b bundle, names ...string) int {
	sum := 0
	for _, name := range names {
		a := b.files[strings.TrimPrefix(b.addresses[name], assetsPath)]
		if a.gzip != nil {
			sum += len(a.gzip)
		} else {
			sum += len(a.raw)
		}
	}
	return sum
}

func TestTheWayBackLeadsNowhereElse(t *testing.T) {
	for back, want := range map[string]string{
		"/shops/s1/lists/tasks?after=1": "/shops/s1/lists/tasks?after=1", "": "/", "https://attacker.example/": "/", "//attacker.example": "/", `/\attacker.example`: "/",
		"javascript:alert(1)": "/", "shops": "/", "/a\r\nSet-Cookie: x": "/", "/%zz": "/",
	} {
		require.Equal(t, want, ownPath(back), back)
	}
}
