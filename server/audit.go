package server

import (
	"context"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"flywheel/store"
	"flywheel/templates"
)

// audited does what changes something: a line about it is written first, so
// that no change is without one; it goes away again where nothing was changed.
func (s *Server) audited(c echo.Context, v visit, path string, do func(echo.Context, visit) error) error {
	ctx := c.Request().Context()
	id, err := s.Store.BeginAudit(ctx, v.Shop.ID, store.Audit{
		User: v.Who.User, Account: v.Who.Account, Who: v.Who.Name, Via: v.Who.Via, Act: path, Subject: subjectOf(c), Detail: auditDetail(c), Fold: folds(c, path),
	})
	if err != nil {
		return err
	}
	err = do(c, v)
	if ended := s.Store.EndAudit(context.WithoutCancel(ctx), v.Shop.ID, id, err == nil && c.Response().Status < 400); ended != nil {
		s.Log.Error("the end of a change was not written down", "shop", v.Shop.ID, "act", path, "error", ended)
	}
	return err
}

// folds reports whether an act is one of many small ones, of which those that
// somebody does one after the other are one line: editors keep every change at once.
func folds(c echo.Context, path string) bool {
	return (path == "/campaigns/:campaign/edit" || path == "/messages/:campaign/:step"+writePath) && c.FormValue("do") != "discard"
}

// subjectOf is what the route named beside the shop.
func subjectOf(c echo.Context) string {
	var named []string
	for i, name := range c.ParamNames() {
		if name != "shop" {
			named = append(named, c.ParamValues()[i])
		}
	}
	return strings.Join(named, " ")
}

// kept are the fields of forms that an audit line keeps: choices, never what
// somebody wrote, names or secrets. Why something was forced is kept beside them.
var kept = []string{"role", "state", "scope", "topic", "kind", "provider", "step", "do", "force", "days", "version", "language"}

func auditDetail(c echo.Context) map[string]string {
	out := map[string]string{}
	for name, values := range c.Request().PostForm {
		if slices.Contains(kept, name) && len(values) > 0 && len(values[0]) <= 100 {
			out[name] = values[0]
		}
	}
	if out["force"] == "yes" { // the one thing that somebody writes for the log: why it was right all the same
		out["why"] = templates.Clean(c.FormValue("why"), 200)
	}
	return out
}
