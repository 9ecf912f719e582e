package server

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"
)

// packers are reused: each holds some hundred kilobytes.
var packers = sync.Pool{New: func() any {
	w, _ := gzip.NewWriterLevel(nil, 5) // the level is a good one
	return w
}}

// smallPage is a page that packing would not make fewer packets of.
const smallPage = 1400

// htmlBlob sends a page, packed for a browser that takes that: a list is mostly
// markup that repeats itself. Nothing secret stands in a page beside what a
// stranger can have put there, so its length tells nobody anything (BREACH).
func htmlBlob(c echo.Context, code int, page []byte) error {
	h := c.Response().Header()
	h.Add("Vary", "Accept-Encoding")
	if len(page) < smallPage || !strings.Contains(c.Request().Header.Get("Accept-Encoding"), "gzip") || c.Request().Method == http.MethodHead {
		return c.HTMLBlob(code, page)
	}
	var b bytes.Buffer
	w, _ := packers.Get().(*gzip.Writer)
	defer packers.Put(w)
	w.Reset(&b)
	_, err := w.Write(page)
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return err
	}
	h.Set("Content-Encoding", "gzip")
	return c.HTMLBlob(code, b.Bytes())
}
