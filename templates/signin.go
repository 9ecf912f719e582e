package templates

import "time"

// Login is the page on which somebody begins to sign in.
type Login struct {
	Admin
	Email    string // as it was typed
	Back     string // where they want to go
	Wrong    string // a string's key; "" = nothing is
	Passkeys bool   // the address of this app can have them
	Mail     bool   // links can be mailed from here
	Support  string // an address; "" = none is set
}

// LoginSent says that a mail may be on its way, and asks for the code in it.
type LoginSent struct {
	Admin
	Email   string
	Wrong   string // a string's key; "" = nothing is
	Support string
}

// LoginLink is where the link of the mail leads.
type LoginLink struct {
	Admin
	State  string // good, elsewhere, spent
	Action string // where its button posts
}

// Join asks for the code of an invitation.
type Join struct {
	Admin
	Code  string // as it was typed
	Wrong string // a string's key; "" = nothing is
}

// Offer is what an invitation gives, and how it is taken up.
type Offer struct {
	Admin
	Name     string // of the shop or account
	By       string
	Gives    string // a role
	Place    bool   // among the people of Name; else Name is a shop for another account
	Until    time.Time
	Expires  time.Time
	For      string // another address, masked; "" = the reader may take it up
	Homes    []Choice
	NewName  string // as it was typed
	SignedIn bool
	MyEmail  string
	Login    string // where to sign in
	Action   string
	Wrong    string // a string's key; "" = nothing is
}
