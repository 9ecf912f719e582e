package server

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// peopleRoutes are the pages of who signs in with us that are about no one shop.
// Each reads the session; what changes something is refused from another site.
func (s *Server) peopleRoutes(e *echo.Echo) {
	if s.People == nil {
		return
	}
	// Anybody may sign in, out, and look at an invitation.
	e.GET(loginPath, s.cookied(s.showLogin))
	e.POST(loginPath, s.cookied(s.askLogin))
	e.GET(loginPath+"/sent", s.cookied(s.showSent))
	e.POST(loginPath+"/code", s.cookied(s.typeCode))
	e.POST(loginPath+"/passkey/begin", s.cookied(s.beginKeyLogin))
	e.POST(loginPath+"/passkey/finish", s.cookied(s.finishKeyLogin))
	e.GET(loginPath+"/:token", s.cookied(s.showLink))
	e.POST(loginPath+"/:token", s.cookied(s.useLink))
	e.POST("/logout", s.cookied(s.logout))
	e.GET("/join", s.cookied(s.showJoin))
	e.POST("/join", s.cookied(s.typeJoin))
	e.GET("/join/:token", s.cookied(s.showOffer))
	e.POST("/join/:token", s.cookied(s.acceptOffer))

	// Who is signed in: about themselves.
	e.GET("/me", s.member(s.showMe))
	e.POST("/me", s.member(s.saveMe))
	e.POST("/me/sessions/drop", s.member(s.dropSession))
	e.POST("/me/sessions/everywhere", s.member(s.dropSessions))
	e.POST("/me/passkeys/begin", s.member(s.beginKey))
	e.POST("/me/passkeys/finish", s.member(s.finishKey))
	e.POST("/me/passkeys/drop", s.member(s.dropKey))

	// All their shops, and the accounts they belong to.
	e.GET("/shops", s.member(s.showFleet))
	e.POST("/shops/pause", s.member(s.pauseFleet))
	e.POST("/shops/resume", s.member(s.resumeFleet))
	e.GET("/accounts/:account", s.member(s.showAccount))
	e.GET("/accounts/:account/invite", s.member(s.backToAccount))
	e.POST("/accounts/:account/invite", s.member(s.inviteToAccount))
	e.POST("/accounts/:account/name", s.member(s.renameAccount))
	e.POST("/accounts/:account/members/:user/role", s.member(s.setRole))
	e.POST("/accounts/:account/members/:user/drop", s.member(s.dropMember))
	e.POST("/accounts/:account/invitations/:invitation/drop", s.member(s.dropOffer))
	e.Match([]string{http.MethodGet}, "/accounts", s.member(s.toShops))
}
