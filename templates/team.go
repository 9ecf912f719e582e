package templates

import "time"

// Member is somebody who belongs to an account.
type Member struct {
	ID, Email, Name, Role string
	Seen                  time.Time // zero = never
	Me                    bool
}

// OpenOffer is an invitation that nobody has taken up yet.
type OpenOffer struct {
	ID, Email, Role, By string
	Place               bool // among the people; else for another account
	Expires, Until      time.Time
}

// Grant is an account that a shop is open to.
type Grant struct {
	Account, Name, Role string
	From, Until, Seen   time.Time // Until and Seen may be zero
}

// Team is who may see a shop.
type Team struct {
	Admin
	Wrong   Refusal
	Open    bool // people sign in here at all
	Members []Member
	Grants  []Grant
	Offers  []OpenOffer
}

// TeamInvite asks whom to let into a shop.
type TeamInvite struct {
	Admin
	Wrong       Refusal
	Kind        string // agency, or a person
	Email       string
	Chosen, End string // role and date, as they were chosen
	Today       string
}

// InvitedPage shows an invitation, once.
type InvitedPage struct {
	Admin
	Email   string // whom it is for; "" = whoever has the code
	Address string // that its mail leads to
	Code    string
	Mailed  bool
	Gives   string // a role
	Place   bool
	Until   time.Time
	Back    string
}

// AccountPage is who belongs to an account.
type AccountPage struct {
	Admin
	ID, Name, Kind string
	Wrong          Refusal // of the form members or invite
	Email          string  // as it was typed
	Members        []Member
	Offers         []OpenOffer
	Shops          []AccountShop
	Audit          []AccountLine
	Next           string // the address of older lines; "" = there are none
}

// AccountShop is a shop that is open to an account.
type AccountShop struct {
	ID, Name, Role string
	Until          time.Time // zero = without end
}

// AccountLine is one change in an account: the string account_act_ACT.
type AccountLine struct {
	At                time.Time
	Who, Act, Subject string
}

// Roles are those that can be given, from the least.
func (a Admin) Roles() []string { return roles }
