package server

import (
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"flywheel/fault"
	"flywheel/templates"
)

// status is the one table that turns kinds of error into HTTP.
var status = map[fault.Kind]int{
	fault.NotFound:  http.StatusNotFound,
	fault.Invalid:   http.StatusBadRequest,
	fault.Conflict:  http.StatusConflict,
	fault.Denied:    http.StatusUnauthorized,
	fault.Forbidden: http.StatusForbidden,
	fault.TooLarge:  http.StatusRequestEntityTooLarge,
	fault.Temporary: http.StatusServiceUnavailable,
	fault.Permanent: http.StatusUnprocessableEntity,
}

// handleError answers with the fault's sentence; what is internal is logged
// and not shown.
func (s *Server) handleError(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	if strings.HasPrefix(c.Request().URL.Path, "/api/") {
		s.answerProblem(c, err)
		return
	}
	code, sentence := http.StatusInternalServerError, "Something went wrong on our side. Please try again."
	var he *echo.HTTPError
	switch kind := fault.KindOf(err); {
	case often(c, err):
		code, sentence = http.StatusTooManyRequests, templates.Say(s.readerOf(c), "problem_too_often", nil)
	case kind != "":
		code, sentence = status[kind], fault.Sentence(err)
	case errors.As(err, &he):
		code, sentence = he.Code, strings.ToLower(http.StatusText(he.Code))
	default:
		s.Log.Error("request failed", "path", c.Path(), "error", err)
	}
	if code == http.StatusServiceUnavailable {
		c.Response().Header().Set("Retry-After", "5")
	}
	var answer error
	switch {
	case c.Request().Method == http.MethodHead:
		answer = c.NoContent(code)
	case forMerchants(c.Request().URL.Path):
		answer = s.showAdminProblem(c, code, err, sentence)
	case strings.HasPrefix(c.Request().URL.Path, stripePath):
		answer = s.showStripeProblem(c, code, sentence)
	case strings.HasPrefix(c.Request().URL.Path, installPath):
		answer = s.showInstallProblem(c, code, sentence)
	case strings.HasPrefix(c.Request().URL.Path, "/u/"), strings.HasPrefix(c.Request().URL.Path, "/confirm/"), strings.HasPrefix(c.Request().URL.Path, accountPath), strings.HasPrefix(c.Request().URL.Path, referralPath), strings.HasPrefix(c.Request().URL.Path, clickPath):
		answer = s.showProblem(c, code)
	case code == http.StatusNotFound && strings.Contains(c.Request().Header.Get("Accept"), "text/html"):
		answer = s.showAdminProblem(c, code, err, sentence) // somebody mistyped an address
	default:
		answer = c.JSON(code, map[string]string{"error": sentence})
	}
	if answer != nil {
		s.Log.Warn("answer not sent", "path", c.Path(), "error", answer)
	}
}

// forMerchants reports whether a path is one of those that merchants open, so
// that what goes wrong there is a page.
func forMerchants(path string) bool {
	for _, part := range []string{"/admin", "/shops", "/login", "/me", "/accounts", "/join", "/look"} {
		if path == part || strings.HasPrefix(path, part+"/") {
			return true
		}
	}
	return false
}
