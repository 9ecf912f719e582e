package server

import (
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/json"
	"mime"
	"net/http"
	"path"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"
)

// What `make ui` built of ui/src; without Node there is only .keep, and pages
// go without style and script.
//
//go:embed all:ui/dist
var dist embed.FS

const (
	assetsPath = "/assets/"
	distFolder = "ui/dist/"
)

// asset is one built file as it is sent.
type asset struct {
	kind string // its Content-Type
	raw  []byte
	gzip []byte // nil where that saves nothing
	br   []byte // as `make ui` packed it; nil = it did not
}

// bundle is all that was built.
type bundle struct {
	files     map[string]asset
	addresses map[string]string // of the files that pages link, by the names in the source
}

// built is the bundle of this binary, compressed once.
var built = sync.OnceValue(func() bundle {
	b := bundle{files: map[string]asset{}, addresses: map[string]string{}}
	var manifest map[string]string
	if data, err := dist.ReadFile(distFolder + "manifest.json"); err != nil || json.Unmarshal(data, &manifest) != nil {
		return b
	}
	entries, _ := dist.ReadDir(strings.TrimSuffix(distFolder, "/"))
	for _, e := range entries {
		if raw, err := dist.ReadFile(distFolder + e.Name()); err == nil && !strings.HasPrefix(e.Name(), ".") && e.Name() != "manifest.json" && path.Ext(e.Name()) != ".br" {
			a := pack(e.Name(), raw)
			a.br, _ = dist.ReadFile(distFolder + e.Name() + ".br")
			b.files[e.Name()] = a
		}
	}
	for name, file := range manifest {
		b.addresses[name] = assetsPath + file
	}
	return b
})

// kinds are the Content-Types of what is built, whatever the system knows of them.
var kinds = map[string]string{".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".woff2": "font/woff2", ".svg": "image/svg+xml", ".txt": "text/plain; charset=utf-8"}

func pack(name string, raw []byte) asset {
	a := asset{kind: kinds[path.Ext(name)], raw: raw}
	if a.kind == "" {
		a.kind = mime.TypeByExtension(path.Ext(name))
	}
	var b bytes.Buffer
	w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is a good one
	_, err := w.Write(raw)
	if err == nil && w.Close() == nil && b.Len() < len(raw)*9/10 {
		a.gzip = b.Bytes()
	}
	return a
}

// MissingUI says what to do where the pages' style and script were not built
// into this binary; "" = they were.
func MissingUI() string {
	if len(built().addresses) > 0 {
		return ""
	}
	return "this binary was built without the style and script of its pages (server/ui/dist is empty): run 'make build', which needs Node and npm"
}

// showAsset serves a built file. Its name holds a hash of what is in it, so a
// browser keeps it for good.
func (s *Server) showAsset(c echo.Context) error {
	a, ok := built().files[c.Param("file")]
	if !ok {
		return echo.NewHTTPError(http.StatusNotFound)
	}
	h := c.Response().Header()
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Vary", "Accept-Encoding")
	accepts := c.Request().Header.Get("Accept-Encoding")
	switch {
	case a.br != nil && strings.Contains(accepts, "br"):
		h.Set("Content-Encoding", "br")
		return c.Blob(http.StatusOK, a.kind, a.br)
	case a.gzip != nil && strings.Contains(accepts, "gzip"):
		h.Set("Content-Encoding", "gzip")
		return c.Blob(http.StatusOK, a.kind, a.gzip)
	}
	return c.Blob(http.StatusOK, a.kind, a.raw)
}

// showLicences are the licences of what was built in, as they ask to be shown.
func (s *Server) showLicences(c echo.Context) error {
	a, ok := built().files["licences.txt"]
	if !ok {
		return echo.NewHTTPError(http.StatusNotFound)
	}
	c.Response().Header().Set("X-Content-Type-Options", "nosniff")
	return c.Blob(http.StatusOK, a.kind, a.raw)
}
