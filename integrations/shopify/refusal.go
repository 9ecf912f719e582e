package shopify

import "errors"

// ErrToken is under the fault.Denied of a call whose access token Shopify does
// not accept (HTTP 401): it has ended, or the app was uninstalled. A call that is
// denied otherwise, for a scope or a frozen shop, says nothing about the token.
var ErrToken = errors.New("the access token is not accepted")
