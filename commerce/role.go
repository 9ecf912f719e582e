package commerce

import "slices"

// Role says what somebody may do in a shop or an account. Each may do what the ones before it may.
type Role string

// The roles, from the least.
const (
	RoleViewer    Role = "viewer"    // look
	RoleBuilder   Role = "builder"   // and prepare: campaigns, texts, settings of messages; nothing that reaches customers
	RolePublisher Role = "publisher" // and let it reach customers: go live, pause, resend, act on one person
	RoleOwner     Role = "owner"     // and who else may, the plan, connections, data
)

// Roles lists them, from the least.
func Roles() []Role { return []Role{RoleViewer, RoleBuilder, RolePublisher, RoleOwner} }

// Known reports whether it is one of them.
func (r Role) Known() bool { return slices.Contains(Roles(), r) }

// Allows reports whether r may do what needs least. An unknown role allows nothing.
func (r Role) Allows(least Role) bool {
	return r.Known() && least.Known() && slices.Index(Roles(), r) >= slices.Index(Roles(), least)
}

// Lesser is the one of two that may less.
func (r Role) Lesser(other Role) Role {
	if r.Allows(other) {
		return other
	}
	return r
}

// Via says by which way somebody acted.
type Via string

// The ways.
const (
	ViaShopify Via = "shopify" // inside the Shopify admin
	ViaWeb     Via = "web"     // signed in with us
	ViaCLI     Via = "cli"     // the operator's command line
)

// Actor is who does something in a shop.
type Actor struct {
	User    UserID    // "" = not one of ours: staff inside Shopify, the operator
	Account AccountID // by whose access; "" likewise
	Name    string    // as it is shown and kept; an address where there is no name
	Via     Via
	Role    Role
}
