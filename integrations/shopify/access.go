package shopify

import (
	"log/slog"
	"net/http"
	"time"

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
	// Scopes are what AuthorizeURL asks for; nil = those of the app's own configuration.
	Scopes []string
	// URL replaces https://{shop}, for a fake; "" is the real host.
	URL  string
	HTTP *http.Client // nil = http.DefaultClient
	// Bucket shares each shop's rate limit between all workers; nil = every call is on its own.
	Bucket *Bucket
	// Pause is how long a call waits before it is first tried again, after that ever longer; 0 = 200 ms.
	Pause time.Duration
	// Now is real time, by which tokens end; nil = time.Now.
	Now func() time.Time
	Log *slog.Logger // nil = none
	// Drift is told when a shop answers with another API version than ours; nil = nobody.
	Drift func(shop, seen string)
}
