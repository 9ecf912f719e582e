package server

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"flywheel/commerce"
	"flywheel/templates"
)

const nonceKey = "nonce"

// pictureKey holds the origin of the one picture a page may show.
const pictureKey = "picture"

// frame is what every page of a shop has; the zero shop is none.
func frame(c echo.Context, shop *commerce.Shop) templates.Frame {
	raw := make([]byte, 16)
	_, _ = rand.Read(raw) // never fails (crypto/rand)
	nonce := base64.StdEncoding.EncodeToString(raw)
	c.Set(nonceKey, nonce)
	brand := shop.Settings.Brand
	f := templates.Frame{Nonce: nonce, Shop: shop.Name, ShopEmail: shop.Email, Brand: templates.BrandStyle(brand.Accent, brand.Page)}
	if u, err := url.Parse(brand.Logo); err == nil && u.Scheme == "https" && u.Host != "" && !strings.ContainsAny(u.Host, " ;,'\"") {
		f.Logo = brand.Logo
		c.Set(pictureKey, "https://"+u.Host)
	}
	return f
}

// page renders into a buffer first, so that a broken page is never half sent.
func (s *Server) page(c echo.Context, code int, name, lang string, data any) error {
	var b bytes.Buffer
	if err := templates.Page(&b, name, lang, data); err != nil {
		return err
	}
	nonce, _ := c.Get(nonceKey).(string)
	policy := "default-src 'none'; style-src 'nonce-" + nonce + "'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	if origin, _ := c.Get(pictureKey).(string); origin != "" {
		policy += "; img-src " + origin
	}
	h := c.Response().Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("Referrer-Policy", "no-referrer") // the address holds a token
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	return c.HTMLBlob(code, bytes.Map(unturned, b.Bytes()))
}

// showProblem is the page of a link that cannot be used, in the browser's language.
func (s *Server) showProblem(c echo.Context, code int) error {
	name := "error"
	switch {
	case code == http.StatusTooManyRequests:
		name = "often"
	case code == http.StatusNotFound && strings.HasPrefix(c.Request().URL.Path, clickPath):
		name = "link"
	case code == http.StatusNotFound:
		name = "invalid"
	case code < http.StatusInternalServerError:
		name = "unfit"
	}
	lang, _, _ := strings.Cut(c.Request().Header.Get("Accept-Language"), ",")
	return s.page(c, code, name, lang, templates.Notice{Frame: frame(c, &commerce.Shop{})})
}

// masked shows enough of an address to recognise one's own.
func masked(email string) string {
	name, domain, ok := strings.Cut(email, "@")
	if !ok {
		return ""
	}
	_, first := utf8.DecodeRuneInString(name)
	return name[:first] + "•••@" + domain
}
