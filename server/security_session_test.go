package server_test

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	people "flywheel/account"
	"flywheel/commerce"
)

// waysIn are how somebody comes to be signed in, or to more rights, in a browser
// in which a session was there before. (By passkey: account.TestAPlantedSessionIsNoWayIn.)
var waysIn = map[string]func(g *guarded, b *guest){
	"link": func(g *guarded, b *guest) {
		require.Equal(g.t, http.StatusSeeOther, b.post(linkOf(g.mail("ada@example.com"))).Code)
	},
	"code": func(g *guarded, b *guest) {
		require.Equal(g.t, http.StatusSeeOther, b.post("/login/code", "code", codeOf(g.mail("ada@example.com"))).Code)
	},
	"invitation": func(g *guarded, b *guest) {
		require.Equal(g.t, http.StatusSeeOther, b.post(linkOf(g.mail("ada@example.com"))).Code)
		held := b.cookies[cookie]
		offer := people.Offer{Shop: g.shop, Role: commerce.RoleBuilder, By: commerce.Actor{Name: "Owner"}}
		home, err := g.store.HomeAccount(g.t.Context(), g.shop)
		require.NoError(g.t, err)
		offer.Account = home
		made, err := g.desk.Invite(g.t.Context(), offer)
		require.NoError(g.t, err)
		require.Equal(g.t, http.StatusSeeOther, b.post("/join/"+made.Code).Code)
		require.Equal(g.t, http.StatusOK, b.get(g.base).Code)
		require.NotEqual(g.t, held, b.cookies[cookie], "who may do more has another token")
		g.worthless(held)
	},
	"another role": func(g *guarded, b *guest) {
		require.Equal(g.t, http.StatusSeeOther, b.post(linkOf(g.mail("ada@example.com"))).Code)
		held := b.cookies[cookie]
		g.belongs(g.known("ada@example.com"), g.shop, commerce.RoleViewer)
		require.Equal(g.t, http.StatusOK, b.get(g.base).Code)
		require.NotEqual(g.t, held, b.cookies[cookie])
		g.worthless(held)
	},
	"somebody else": func(g *guarded, b *guest) { // in the browser of one who is signed in
		require.Equal(g.t, http.StatusSeeOther, b.post(linkOf(g.mail("ada@example.com"))).Code)
		held := b.cookies[cookie]
		b.enter("bob@example.com")
		require.NotEqual(g.t, held, b.cookies[cookie])
		g.worthless(held)
		require.NotContains(g.t, b.get("/me").Body.String(), "ada@example.com", "nothing of the one before is left")
	},
}

// worthless looks whether a cookie that somebody has kept opens anything.
func (g *guarded) worthless(token string) {
	g.t.Helper()
	thief := g.browser()
	thief.cookies[cookie] = token
	require.Equal(g.t, http.StatusSeeOther, thief.get("/me").Code)
	require.Empty(g.t, texts(g.t, g.db, `SELECT hash FROM sessions WHERE hash = '`+hashedToken(token)+`'`))
}

// hashedToken is how a session's token is kept.
func hashedToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// A session that was there before somebody came in is worth nothing afterwards,
// whoever has planted it; and one that we have never made is not taken up.
func TestSecurityAPlantedSessionIsNoWayIn(t *testing.T) {
	for name, comesIn := range waysIn {
		t.Run(name, func(t *testing.T) {
			g := guard(t)
			g.known("ada@example.com")
			eve, victim := g.browser(), g.browser()
			require.Equal(t, http.StatusSeeOther, eve.post("/login", "email", "eve@example.com").Code) // a session of her own
			planted := eve.cookies[cookie]
			require.NotEmpty(t, texts(t, g.db, `SELECT hash FROM sessions WHERE hash = '`+hashedToken(planted)+`'`))
			victim.cookies[cookie] = planted
			require.Equal(t, http.StatusSeeOther, victim.post("/login", "email", "ada@example.com").Code)
			comesIn(g, victim)
			require.NotEqual(t, planted, victim.cookies[cookie])
			require.Equal(t, http.StatusOK, victim.get("/me").Code)
			g.worthless(planted)
			require.Equal(t, http.StatusSeeOther, eve.get("/me").Code)

			invented := g.browser()
			invented.cookies[cookie] = "planted-by-somebody"
			require.Equal(t, http.StatusSeeOther, invented.post("/login", "email", "ada@example.com").Code)
			require.NotEqual(t, "planted-by-somebody", invented.cookies[cookie], "what we have not made is not taken up")
			g.worthless("planted-by-somebody")
		})
	}
}

// A link that somebody else asked for signs nobody in as them.
func TestSecurityNobodyIsSignedInAsSomebodyElse(t *testing.T) {
	g := guard(t)
	g.known("eve@example.com")
	eve, victim := g.browser(), g.browser().enter("ada@example.com")
	require.Equal(t, http.StatusSeeOther, eve.post("/login", "email", "eve@example.com").Code)
	link := linkOf(g.mail("eve@example.com"))
	require.Equal(t, http.StatusGone, victim.post(link).Code)
	require.Contains(t, victim.get("/me").Body.String(), "ada@example.com")
	for _, from := range []string{"cross-site", "same-site"} {
		require.Equal(t, http.StatusForbidden, victim.do(http.MethodPost, link, url.Values{}, func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", from) }).Code)
	}
	require.Equal(t, http.StatusSeeOther, eve.post(link).Code)
}

// Signing out, here or everywhere, ends what somebody may have copied before.
func TestSecuritySignedOutIsSignedOut(t *testing.T) {
	g := guard(t)
	a, b := g.browser().enter("ada@example.com"), g.browser().enter("ada@example.com")
	copied, other := a.cookies[cookie], b.cookies[cookie]
	require.Equal(t, http.StatusSeeOther, a.post("/logout").Code)
	g.worthless(copied)
	require.Equal(t, http.StatusOK, b.get("/me").Code)
	require.Equal(t, http.StatusSeeOther, b.post("/me/sessions/everywhere").Code)
	g.worthless(other)
	require.Empty(t, texts(t, g.db, `SELECT hash FROM sessions WHERE user_id = '`+string(g.known("ada@example.com"))+`'`))

	c := g.browser().enter("ada@example.com")
	held := c.cookies[cookie]
	g.belongs(g.known("ada@example.com"), g.shop, commerce.RoleOwner)
	require.Equal(t, http.StatusSeeOther, c.post("/me/sessions/everywhere").Code, "at the very moment at which the rights change")
	g.worthless(held)
}
