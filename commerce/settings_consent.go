package commerce

// Consent is what a shop wants of its customers before it asks them anything,
// beyond what the law wants where they live. It can only be stricter: whoever
// would be left alone by law is left alone whatever stands here.
type Consent struct {
	Marketing Wish `json:"marketing,omitempty"` // news and offers
	Service   Wish `json:"service,omitempty"`   // what is of use to the buyer: WishYes at most
	// KnownOnly leaves alone of whom nobody knows in which country they live, but
	// for what is part of a purchase.
	KnownOnly bool `json:"known_only,omitempty"`
}

// Wish is what a shop wants for a class of messages, wherever somebody lives.
type Wish string

// The wishes.
const (
	WishLaw       Wish = ""          // what the law of their country wants
	WishYes       Wish = "yes"       // a yes
	WishConfirmed Wish = "confirmed" // a yes that was confirmed by mail
)
