package commerce

// ShopState says whether a shop's outward acts may go on.
type ShopState string

// Shop states.
const (
	ShopActive ShopState = "active"
	ShopPaused ShopState = "paused" // nothing goes out, everything is kept
	ShopClosed ShopState = "closed" // every connection is gone
)

// Shop is the tenant.
type Shop struct {
	ID       ShopID
	Name     string
	Email    string // the From and Reply-To address of its mails
	Locale   string // BCP 47, the language of last resort
	Timezone string // IANA name; "" is unknown
	Country  string // ISO 3166-1 alpha-2; "" is unknown
	Currency string // reporting currency; "" until the first order tells it
	State    ShopState
	Site     string // its home page as the platform tells it, which no setting changes; "" = not told
	// PausedAt and ResumedAt are the beginning and the end of the last pause; 0 = none, or it has not ended.
	PausedAt, ResumedAt Instant

	Settings Settings
	// Leading is the platform whose description of a purchase stands when both tell of it.
	Leading Platform
	// Platforms lists the platforms with an open connection that is live: at those alone something is sold.
	Platforms []Platform
	// Installed is the earliest installed_at of each platform's open connections, of the live ones
	// where there are any: what happened before is historic.
	Installed map[Platform]Instant
	// Learned is the median of the days that parcels took, by TransitKey; wider keys leave out the country, the method or both.
	Learned map[string]int
}

// TwoPlatforms reports whether one purchase may be told by two platforms.
func (s Shop) TwoPlatforms() bool { return len(s.Platforms) > 1 }

// Connection is a shop's tie to one platform account.
type Connection struct {
	ID         ConnectionID
	ShopID     ShopID
	Platform   Platform
	ExternalID string // NAME.myshopify.com or acct_...
	Live       bool
	OwnAccount bool     // a Stripe event without account on the shared path is this connection's
	Secrets    []string // its own webhook secrets, opened; empty = the app's
	Token      string   // access token, opened; "" = none. It may have expired: package install gives a fresh one
	// PlatformID is the account's number where ExternalID is a name: 548380009 of gid://shopify/Shop/548380009; "" = not known yet.
	PlatformID string
	// TokenExpiresAt is real time; 0 = the token does not expire.
	TokenExpiresAt Instant
	TokenState     TokenState
	RefusedKey     string   // mark of the key of ours that a revoked connection was refused with; "" = of none
	Scopes         []string // granted
	Epoch          int64    // rises with each install and uninstall
	InstalledAt    Instant
	ClosedAt       Instant // 0 = open
}

// Open reports whether the connection is in use.
func (c Connection) Open() bool { return c.ClosedAt == 0 }
