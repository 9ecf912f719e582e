package commerce

// Grant is what a platform lets us do in a merchant's name. Its instants are
// real time, since the platform keeps it; 0 = never.
type Grant struct {
	Access    string // the access token
	ExpiresAt Instant
	// Refresh gets the next pair of tokens; "" = the access token does not expire.
	Refresh          string
	RefreshExpiresAt Instant
	Scopes           []string // what was granted, such as read_orders
}

// TokenState says whether a connection's tokens are good.
type TokenState string

// Token states.
const (
	TokenGood TokenState = ""
	// TokenRevoked is one that the platform has refused for good: somebody must open the app in the shop.
	TokenRevoked TokenState = "revoked"
)
