package server

import (
	"embed"
	"mime"
	"net/http"
	"path"

	"github.com/labstack/echo/v4"
)

//go:embed ui
var assets embed.FS

// showAsset serves a style sheet or script of the admin. They are small and
// change with the binary, so a browser asks again each time it needs one.
func (s *Server) showAsset(c echo.Context) error {
	name := path.Base(c.Param("file"))
	data, err := assets.ReadFile("ui/" + name)
	if err != nil {
		return echo.NewHTTPError(http.StatusNotFound)
	}
	h := c.Response().Header()
	h.Set("Cache-Control", "public, max-age=300")
	h.Set("X-Content-Type-Options", "nosniff")
	return c.Blob(http.StatusOK, mime.TypeByExtension(path.Ext(name)), data)
}
