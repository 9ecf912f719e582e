package shopify

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"flywheel/fault"
)

const (
	// maxIDToken bounds what is looked at; Shopify's own have some 600 characters.
	maxIDToken = 4096
	// idTokenLeeway is how far the clocks may differ: that of Shopify's own libraries.
	idTokenLeeway = 10 * time.Second
)

// Session is who opened the app, by an ID token. There is no other session: the
// admin's frame keeps no cookies, and each request brings a token of its own.
type Session struct {
	Shop      string // NAME.myshopify.com in lower case
	User      string // the id of the member of staff; "" = not told
	Token     string // the ID token itself, for Exchange; never logged
	ExpiresAt time.Time
}

// idClaims are the claims that Shopify's tokens add to the usual ones.
type idClaims struct {
	jwt.RegisteredClaims
	Dest string `json:"dest"` // https://NAME.myshopify.com
}

// ReadIDToken checks an ID token (session token) of the app with client id key
// (shopify.dev, "Session tokens"): signed by HS256 with one of the secrets, for
// this app, in its minute of life, and from one shop, which is Session.Shop.
// Errors are fault.Denied.
func ReadIDToken(raw, key string, secrets []string, now time.Time) (Session, error) {
	keys, err := signers(secrets)
	if err != nil {
		return Session{}, err
	}
	if key == "" {
		return Session{}, fault.New(fault.Denied, "no client id is known to check the ID token with")
	}
	if raw == "" || len(raw) > maxIDToken {
		return Session{}, fault.New(fault.Denied, "an ID token has 1 to %d characters", maxIDToken)
	}
	var claims idClaims
	_, err = jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Name}), jwt.WithAudience(key), jwt.WithLeeway(idTokenLeeway),
		jwt.WithExpirationRequired(), jwt.WithNotBeforeRequired(), jwt.WithTimeFunc(func() time.Time { return now }),
	).ParseWithClaims(raw, &claims, func(*jwt.Token) (any, error) { return keys, nil })
	if err != nil {
		return Session{}, fault.Wrap(fault.Denied, err, "the ID token is not good")
	}
	shop, from := shopOf(claims.Dest, ""), shopOf(claims.Issuer, "/admin")
	switch {
	case len(claims.Audience) != 1: // a list would be good for other apps too
		return Session{}, fault.New(fault.Denied, "the ID token is not for this app alone")
	case shop == "":
		return Session{}, fault.New(fault.Denied, "the ID token names no shop")
	case from != shop:
		return Session{}, fault.New(fault.Denied, "the ID token is of another shop than its issuer")
	case claims.Subject != "" && !plain(claims.Subject):
		return Session{}, fault.New(fault.Denied, "the ID token's user is not an id")
	}
	return Session{Shop: shop, User: claims.Subject, Token: raw, ExpiresAt: claims.ExpiresAt.Time}, nil
}

// signers are the secrets as keys of a signature. All have to be good: an empty one would let anybody sign.
func signers(secrets []string) (jwt.VerificationKeySet, error) {
	if err := usable(secrets); err != nil {
		return jwt.VerificationKeySet{}, err
	}
	var keys jwt.VerificationKeySet
	for _, s := range secrets {
		keys.Keys = append(keys.Keys, []byte(s))
	}
	return keys, nil
}

// usable refuses secrets that check nothing.
func usable(secrets []string) error {
	if len(secrets) == 0 || slices.Contains(secrets, "") {
		return fault.New(fault.Denied, "no secret is known to check a signature with, or an empty one")
	}
	return nil
}

// shopOf returns the shop, in lower case, of an address that is https://SHOP and path, nothing more; "" for any other.
func shopOf(address, path string) string {
	u, err := url.Parse(address)
	if err != nil || !ValidShop(u.Host) || address != "https://"+u.Host+path {
		return ""
	}
	return strings.ToLower(u.Host)
}
