package server

import (
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"flywheel/commerce"
)

// JoinToken is the token that a server of these options puts into a shop's home.
func JoinToken(o Options, shop commerce.ShopID, user string) string {
	return (&Server{Options: o}).joinToken(shop, user)
}

// Bound is how often a route may be asked for, or why that is nobody's matter.
type Bound struct {
	By    string
	N     int
	Per   time.Duration
	File  bool
	Door  string // where what comes to nothing is counted
	Tries int
	Why   string
}

// BoundOf is the bound of a route as echo has it; false = nobody has said what it is.
func BoundOf(method, path string) (Bound, bool) {
	b, known := publicBound(method, path)
	for _, base := range []string{adminPath, shopsPath} {
		below, ok := strings.CutPrefix(path, base)
		if ok && !known && slices.ContainsFunc(AdminRoutes(), func(r AdminRoute) bool { return r.Method == method && r.Path == below }) {
			b, known = boundOf(method, below), true
		}
	}
	out := Bound{By: string(b.by), N: b.n, Per: b.per, File: b.file, Why: b.why}
	if b.miss != nil {
		out.Door, out.Tries = b.miss.door, b.miss.n
	}
	return out, known
}

// AdminRoutes are the pages and acts of a shop that New registers.
func AdminRoutes() []AdminRoute {
	s := &Server{opens: map[string]commerce.Role{}}
	w := &ways{s: s, e: echo.New()}
	s.adminRoutes(w)
	return w.routes
}
