package commerce

import "strings"

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
	Settings Settings
	// Leading is the platform whose description of a purchase stands when both tell of it.
	Leading Platform
	// Platforms lists the platforms with an open connection.
	Platforms []Platform
	// Installed is the earliest installed_at of each platform's open connection: what happened before is historic.
	Installed map[Platform]Instant
}

// Settings are a shop's choices, kept as JSON; every zero value is a usable default.
type Settings struct {
	// PayOnDelivery lists the gateway names whose unpaid orders count as a sale once placed.
	PayOnDelivery []string `json:"pay_on_delivery,omitempty"`
	// ReviewURL is the shop's own page for reviews; without one the mail asks for a reply.
	ReviewURL string `json:"review_url,omitempty"`
	// PostalAddress stands in the footer of every mail.
	PostalAddress string `json:"postal_address,omitempty"`
	// AssumedDeliveryDays is added to the payment where no fulfilment is ever reported; 0 means 5.
	AssumedDeliveryDays int `json:"assumed_delivery_days,omitempty"`
}

// TwoPlatforms reports whether one purchase may be told by two platforms.
func (s Shop) TwoPlatforms() bool { return len(s.Platforms) > 1 }

// PaysOnDelivery reports whether any of gateways is one the shop lists as pay on delivery.
func (s Settings) PaysOnDelivery(gateways []string) bool {
	for _, g := range gateways {
		for _, listed := range s.PayOnDelivery {
			if strings.EqualFold(strings.TrimSpace(g), strings.TrimSpace(listed)) {
				return true
			}
		}
	}
	return false
}

// Connection is a shop's tie to one platform account.
type Connection struct {
	ID          ConnectionID
	ShopID      ShopID
	Platform    Platform
	ExternalID  string // NAME.myshopify.com or acct_...
	Live        bool
	OwnAccount  bool     // a Stripe event without account on the shared path is this connection's
	Secrets     []string // its own webhook secrets, opened; empty = the app's
	Token       string   // access token, opened; "" = none
	Epoch       int64    // rises with each install and uninstall
	InstalledAt Instant
	ClosedAt    Instant // 0 = open
}

// Open reports whether the connection is in use.
func (c Connection) Open() bool { return c.ClosedAt == 0 }
