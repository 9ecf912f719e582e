package server

// StripeApp is what merchants install in their Stripe accounts.
type StripeApp struct {
	Secrets  []string // signing secrets (absec_...), tried in turn
	Link     string   // install link of the live mode; "" = the app cannot be installed
	TestLink string   // install link of the test mode; "" = likewise
}
