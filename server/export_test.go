package server

import (
	"github.com/labstack/echo/v4"

	"flywheel/commerce"
)

// JoinToken is the token that a server of these options puts into a shop's home.
func JoinToken(o Options, shop commerce.ShopID, user string) string {
	return (&Server{Options: o}).joinToken(shop, user)
}

// AdminRoutes are the pages and acts of a shop that New registers.
func AdminRoutes() []AdminRoute {
	s := &Server{opens: map[string]commerce.Role{}}
	w := &ways{s: s, e: echo.New()}
	s.adminRoutes(w)
	return w.routes
}
