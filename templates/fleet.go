package templates

import "time"

// Fleet is the list of somebody's shops, what needs them first.
type Fleet struct {
	Admin
	Query    string // by name
	Chosen   bool   // not all are shown
	Count    int64  // of all
	Wrong    int64  // those that need somebody
	Plans    bool   // shops have plans
	Shops    []FleetShop
	Harms    []Choice // what is wrong anywhere
	Accounts []MeAccount
}

// FleetShop is one of them.
type FleetShop struct {
	ID, Name, Country, Zone string
	Account, Role           string
	Tone                    string // good, wait, bad, off: also the string fleet_tone_TONE
	Wrongs                  []FleetWrong
	Sent, Held              int64 // of seven days
	Most                    int64 // up to where they are counted
	Last                    time.Time
	Plan                    string
	Paused                  bool
}

// FleetWrong is one thing that is wrong: the string harm_HARM, by N where it counts.
type FleetWrong struct {
	Harm string
	N    int64
}
