package shopify

import (
	"log/slog"
	"net/http"

	"flywheel/fault"
)

// Access is what one call to a shop needs. The token is never logged.
type Access struct {
	Shop  string // NAME.myshopify.com
	Token string
}

// check refuses what must not leave: a token may only go to a shop's own host.
func (a Access) check() error {
	switch {
	case !ValidShop(a.Shop):
		return fault.New(fault.Invalid, "%q is not the name of a shop", short(a.Shop))
	case a.Token == "":
		return fault.New(fault.Denied, "there is no access token for the shop")
	}
	return nil
}

// Options are what a Client is made with.
type Options struct {
	// Key is the app's client id, Secrets its client secrets: the first one is used, the others are still believed.
	Key     string
	Secrets []string
	// URL replaces https://{shop}, for a fake; "" is the real host.
	URL  string
	HTTP *http.Client // nil = http.DefaultClient
	Log  *slog.Logger // nil = none
	// Drift is told when a shop answers with another API version than ours; nil = nobody.
	Drift func(shop, seen string)
}
