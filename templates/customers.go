package templates

import "time"

// Customers is the page "customers": everybody who bought, by name and address.
type Customers struct {
	Admin
	List  List
	Query string
	// Words says that somebody's words are not made yet, so that a search may miss them.
	Words bool
}

// Search is the page "search": what one box found in several lists.
type Search struct {
	Admin
	Query string
	Hits  []SearchHit
	// More says that there are more customers than are shown: the list of customers has all.
	More bool
}

// SearchHit is one thing that was found: the string search_KIND says what it is.
type SearchHit struct {
	Kind      string // customer, order, message
	Text, Sub string
	Href      string
}

// CustomerPage is the page "customers_one": one person, with all that happened.
type CustomerPage struct {
	Admin
	ID, Name                 string
	Contacts                 []CustomerContact
	Phone                    string
	Language, Where, Living  string // tag, country, IANA zone; "" = not known
	Orders                   int64
	Spent                    string // "" = nothing
	Last                     time.Time
	Erased                   bool
	Stops                    []CustomerStop
	Said                     []CustomerConsent
	Merged                   []CustomerMerged
	Walks                    []CustomerWalk
	Days                     []CustomerDay
	Show                     string   // the chosen group of entries; "" = all
	Groups                   []Choice // with their addresses as values
	Next, First              string
	Campaigns                []Choice
	Answer                   string // why they got it, or not; "" = nobody asked
	Chain                    []CustomerLine
	Export                   string // the id of what was gathered just now
	Wrong                    Refusal
	Reachable                bool // there is an address
	Source, PauseDays, Scope string
	Loyalty                  *LoyaltyCard // nil = there is no program
}

// CustomerContact is one address of theirs.
type CustomerContact struct{ Email, State string }

// CustomerStop is what goes to them no more: the string customers_stop_SCOPE.
type CustomerStop struct {
	Scope, Topic string
	Said         string // the whole sentence
	At, Until    time.Time
	Mine         bool // the reader may take it back
}

// CustomerConsent is the last they said about one class of messages.
type CustomerConsent struct {
	Class, State, Source string
	Confirmed            bool
	At                   time.Time
}

// CustomerMerged is an entry that was joined to theirs.
type CustomerMerged struct{ ID, Name string }

// CustomerWalk is a campaign that is under way to them.
type CustomerWalk struct {
	ID, Title, Order string
	Next             time.Time // zero = it waits for something to happen
}

// CustomerDay is a day of the timeline.
type CustomerDay struct {
	Day   string
	Lines []CustomerLine
}

// CustomerLine is one entry of it.
type CustomerLine struct {
	At                         time.Time
	Kind, Sentence, Code, Icon string
	Tone                       string // good, wait, bad, off; "" = plain
	Order                      *CustomerOrder
	Effect                     string // the id of the message, "" = it is none
	Parked                     bool   // nobody knows whether it went out
}

// CustomerOrder is an order as a card.
type CustomerOrder struct {
	ID, Name, Total string
	Lines           []CustomerItem
}

// CustomerItem is a line of an order: what they still have, and what went back.
type CustomerItem struct {
	Title      string
	Kept, Back int64
	Price      string
}

// CustomerErase is the page "customers_erase": what goes, and the word to type.
type CustomerErase struct {
	Admin
	ID, Name string
	Orders   int64
	Typed    string
	Wrong    Refusal
}
