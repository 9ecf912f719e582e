package server

import "github.com/labstack/echo/v4"

// routes is the table of contents: everything the public listener answers.
func (s *Server) routes(e *echo.Echo) error {
	// Platforms deliver here; the signature is the login.
	e.POST("/webhooks/shopify", s.shopifyDoor)
	e.POST("/webhooks/shopify/:connection", s.shopifyDoor) // custom apps with a secret of their own
	e.POST("/webhooks/stripe", s.stripeDoor)
	e.POST("/webhooks/stripe/:connection", s.stripeDoor) // own endpoints with a secret of their own

	// Customers come here from a mail; the token is the login. GET and HEAD change nothing.
	e.GET("/u/:token", s.showPreferences)
	e.POST("/u/:token", s.savePreferences)

	// Other systems tell of customers here; a token is the login and names the shop.
	api := s.newAPI(e)
	api.postTouches("/touches", s)
	api.postEvents("/events", s)
	api.putProducts("/products", s)
	api.otherMethods(e, s)
	e.GET("/api/v1/openapi.json", api.showSpec)

	// Load balancers and people on call.
	e.GET("/healthz", s.healthz)
	e.GET("/readyz", s.readyz)
	return api.seal()
}
