package commerce

// Change is what one decoded delivery says. Most deliveries fill one field.
type Change struct {
	Order      *OrderChange
	Person     *PersonFacts // a customer told of without an order
	Of         PersonID     // whom we know, where we tell of them ourselves
	Consents   []ConsentChange
	Merge      *PersonMerge
	Erase      *Erasure
	Uninstall  *Uninstall
	ShopUpdate *ShopUpdate
	Product    *Product
	Plan       *PlanWord
	Happened   []Happening // changes of state that hang on no order, of Person where one is told
	// Ignored says why a delivery brings nothing, for the log and the list of webhooks.
	Ignored string
}

// OrderChange is what one source says about one purchase.
type OrderChange struct {
	// Keys are all ids by which the source knows the purchase, the strongest first; at least one.
	Keys   []SourceKey
	Detail *Detail // nil where only a refund, dispute or fulfilment is told
	Person *PersonFacts

	PlacedAt      Instant
	Cancel        Cancel
	DeletedAt     Instant
	FulfilledSeen Instant // when a snapshot first showed every line fulfilled
	Payment       Payment
	Charges       []Charge
	Refunds       []Refund
	Fulfilments   []Fulfilment
	Disputes      []Dispute
	Edits         []Edit
	Returns       []Return
	PaymentFailed Instant // a subscription's payment was tried and failed
	Origin        Origin  // as it was told: whoever merges it hashes it before

	// Reread asks that the platform be asked again: what was told of a refund or dispute is a part of
	// the state only. Merge leaves it out.
	Reread bool

	// TwinHints are ids in the source's metadata by which the other platform may know the same
	// purchase (order, transaction, checkout), sorted; hints to compare, never keys. Merge leaves them out.
	TwinHints []string
}

// SourceKey is one id under which a platform knows a purchase. Kind is order
// for Shopify; payment_intent, invoice, session or charge for Stripe.
type SourceKey struct {
	Platform Platform `json:"platform"`
	Kind     string   `json:"kind"`
	ID       string   `json:"id"`
}

// PersonMerge says that a platform joined two customers.
type PersonMerge struct{ FromCustomer, IntoCustomer string }

// ErasureKind names a compliance request.
type ErasureKind string

// The three compliance requests of Shopify.
const (
	EraseCustomer ErasureKind = "customers/redact"
	EraseShop     ErasureKind = "shop/redact"
	ReportData    ErasureKind = "customers/data_request"
)

// Erasure is a compliance request. A customer is matched by id or email.
type Erasure struct {
	Kind       ErasureKind
	RequestID  string
	CustomerID string
	Email      string
	Phone      string
	Orders     []string
}

// Uninstall says that the platform cut the connection at At.
type Uninstall struct{ At Instant }

// ShopUpdate carries the shop's own descriptive fields.
type ShopUpdate struct{ Name, Timezone, Country, Currency, Locale, Site string }

// Channel names a way to reach a person.
type Channel string

// Channels.
const (
	ByMail Channel = "email"
	ByCall Channel = "phone" // staff call the person
	// The two below are what customers give consent to at Shopify; nothing goes out by them yet.
	BySMS      Channel = "sms"
	ByWhatsApp Channel = "whatsapp"
)

// ConsentState is what a person said last about a channel and class.
type ConsentState string

// Consent states.
const (
	Subscribed   ConsentState = "subscribed"
	Unsubscribed ConsentState = "unsubscribed"
	Pending      ConsentState = "pending" // asked, not confirmed
)

// ConsentChange is one statement with its source and date. The address counts
// where it is told; else the customer's own is meant.
type ConsentChange struct {
	Email      string
	CustomerID string
	Channel    Channel
	Class      string // marketing or service; a marketing yes covers service
	State      ConsentState
	Double     bool // confirmed by a second act (double opt-in)
	Source     string
	Wording    string // what they were shown when they said it, with its language in front ("en: Yes, ..."); "" = not known
	At         Instant
}
