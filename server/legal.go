package server

import (
	"cmp"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"flywheel/templates"
)

// showLegal serves /privacy, /terms and /support, which the listing in the App
// Store links to. They stand by themselves: nobody may frame them.
func (s *Server) showLegal(name string) echo.HandlerFunc {
	return func(c echo.Context) error {
		accepted, _, _ := strings.Cut(c.Request().Header.Get("Accept-Language"), ",")
		lang := templates.Language(cmp.Or(c.QueryParam("locale"), s.look(c, localeLook, templates.Languages()), accepted))
		body, err := templates.LegalText(name, lang)
		if err != nil {
			return err
		}
		page := templates.Legal{Admin: s.frameOf(c, visit{}), Body: body, Support: s.Support}
		return s.alonePage(c, http.StatusOK, "legal", lang, page)
	}
}
