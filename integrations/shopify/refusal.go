package shopify

import "errors"

// ErrToken is under the fault.Denied of a call whose access token Shopify does
// not accept (HTTP 401): it has ended, or the app was uninstalled. A call that is
// denied otherwise, for a scope or a frozen shop, says nothing about the token.
var ErrToken = errors.New("the access token is not accepted")

// ErrTurnedAway is under the fault.Temporary of a call that Shopify answered, and
// will not carry out for this shop just now: too many calls, a locked shop, a
// security risk. It is no sign of an outage.
var ErrTurnedAway = errors.New("the shop is turned away for now")
