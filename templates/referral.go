package templates

import "time"

// Friend is the page "friend", to which an advocate's link leads: what the shop
// offers their friends, and the form that has a link to it mailed; and
// the page of that link (Mailed), which gives the code.
type Friend struct {
	Frame
	Offer   string // in words; "" = there is none
	Days    string // how long it can be used, as a sentence
	Closed  bool   // the link is not valid any more
	Action  string
	Lang    string // of the page, which the form keeps
	Email   string // as it was typed
	Wrong   bool   // that is no address
	Sent    bool   // it was asked for
	Mailed  bool   // this is the page of the link in the mail, which is in one of the states below
	Take    bool   // it can be taken
	Making  bool   // the code is being made
	Code    string // they have it
	Over    bool   // they had it: it was used, or its time has ended
	Later   bool   // not today
	Refused bool   // they are nobody new
	Way     string // to the shop; "" = its site is not known
	Langs   []Choice
	// Card is what the link is shown with where somebody sends it.
	Card FriendCard
}

// FriendCard is an open-graph card (ogp.me).
type FriendCard struct {
	Title, Text, URL string
	Picture          string // absolute; "" = none
	Locale           string // as en_US
}

// Shares are the addresses by which a link is sent on: the partial "share". Its
// buttons are links alone; a script may add one that copies.
type Shares struct{ Link, WhatsApp, Telegram, X, Mail string }

// Referrals is the page "referrals": the friends whom customers have sent.
type Referrals struct {
	Admin
	Needs int64 // how many wait for somebody to look at them
	List  List
}

// Referral is the page "referral": one friend, and all that decided about them.
type Referral struct {
	Admin
	ID              string
	Advocate        ReferralParty
	Friend          ReferralParty
	Order           Cell
	State, Tone     string
	Why             string // in words
	Via, Code       string
	Bought          time.Time
	Window          time.Time // the end of the time for returns; zero = not known
	Counts          string
	Paid            time.Time
	Reward          string // what was given, in words; "" = no reward
	Blocks, Flags   []string
	Decision        string // let, refuse; "" = nobody has said anything
	DecidedBy, Note string
	Decided         time.Time
	Sends           string // the advocate's link
	Visits          int64
	Banned          time.Time // zero = they are not
	BannedBy        string
	BanNote         string
	Wrong           Refusal
	Typed           string // as the reason that was refused
}

// ReferralParty is one of the two people of a referral.
type ReferralParty struct{ ID, Name, Sub string }
