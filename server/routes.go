package server

import "github.com/labstack/echo/v4"

// routes is the table of contents: everything the public listener answers.
func (s *Server) routes(e *echo.Echo) error {
	// Platforms deliver here; the signature is the login.
	e.POST("/webhooks/shopify", s.shopifyDoor)
	e.POST("/webhooks/shopify/:connection", s.shopifyDoor) // custom apps with a secret of their own
	e.POST("/webhooks/stripe", s.stripeDoor)
	e.POST("/webhooks/stripe/:connection", s.stripeDoor) // own endpoints with a secret of their own
	// Mail providers tell here what became of mails; the operator's, and those of shops' own accounts.
	e.POST("/webhooks/mail/:provider", s.mailDoor)
	e.POST("/webhooks/mail/:provider/:endpoint", s.mailDoor)

	// Shopify sends merchants here who install a custom or stand-alone app; its signature is the login.
	e.GET(installPath, s.startInstall)
	e.GET(callbackPath, s.finishInstall)
	// Merchants go to Stripe's install page from here and come back; its signature and our state are the login.
	e.GET(stripePath, s.startStripe)
	e.GET(stripeCallbackPath, s.finishStripe)

	// Customers come here from a mail; the token is the login. GET and HEAD change nothing.
	e.GET("/u/:token", s.showPreferences)
	e.POST("/u/:token", s.savePreferences)
	e.GET("/confirm/:token", s.showConfirm)
	e.POST("/confirm/:token", s.saveConfirm)
	// Their own page: what a mail's link shows, and the page itself behind a link that is mailed on request (account.go).
	e.GET(accountPath+":token", s.showWeak)
	e.POST(accountPath+":token", s.askWeak)
	e.GET(accountIn+":shop", s.showIn)
	e.POST(accountIn+":shop", s.actIn)
	e.GET(accountIn+":shop/:token", s.showOpen)
	e.POST(accountIn+":shop/:token", s.open)
	// Friends of customers come here by a link that customers send: referral.go.
	e.GET(referralPath+":code", s.showInvitation)
	e.POST(referralPath+":code", s.askInvitation)
	e.GET(referralPath+":code/:token", s.showFriendOffer) // from their mail: referral_offer.go
	e.POST(referralPath+":code/:token", s.takeFriendOffer)
	// Links and pictures that count, where a shop has turned that on; what they carry is signed.
	e.GET(clickPath+":token", s.followClick)
	e.HEAD(clickPath+":token", s.followClick)
	e.GET(openPath+":token", s.showPixel)

	// Other systems tell of customers here; a token is the login and names the shop.
	api := s.newAPI(e)
	api.postTouches("/touches", s)
	api.postEvents("/events", s)
	api.putProducts("/products", s)
	api.otherMethods(e, s)
	e.GET("/api/v1/openapi.json", api.showSpec)

	// Merchants and their agencies: routes_admin.go.
	s.peopleRoutes(e)
	s.adminRoutes(&ways{s: s, e: e})
	e.GET("/admin/token", s.showToken)
	e.POST(lookPath, s.saveLook)
	e.GET(assetsPath+":file", s.showAsset)
	e.GET("/licences", s.showLicences)
	e.GET("/admin/preview", s.showMail) // its address is signed

	// Visitors of a storefront, through Shopify's app proxy; the query is signed.
	e.GET("/proxy/shopify", s.showStorefront)
	e.GET("/proxy/shopify/loyalty", s.showShopClub)
	e.POST("/proxy/shopify/loyalty", s.joinShopClub)
	e.GET("/proxy/shopify/*", s.showStorefront)

	// Anybody: what the listing in the App Store links to.
	e.GET("/privacy", s.showLegal("privacy"))
	e.GET("/terms", s.showLegal("terms"))
	e.GET("/support", s.showLegal("support"))

	// Load balancers and people on call.
	e.GET("/healthz", s.healthz)
	e.GET("/readyz", s.readyz)
	return api.seal()
}
