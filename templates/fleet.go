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
	First    string // the address of the first page; "" = this is it
	Next     string // of the next; "" = this is the last
}

// FleetShop is one of them.
type FleetShop struct {
	ID, Name, Country, Zone string
	Account, Role           string
	Tone                    string // good, wait, bad, off: also the string fleet_tone_TONE
	Wrongs                  []FleetWrong
	Counted                 time.Time // up to when Sent, Held and Days are; zero = not yet
	Sent, Held              int64     // of seven days
	Days                    *Spark
	Last                    time.Time
	Plan                    string
	Paused                  bool
	Look                    string       // the address that opens it in place, or shuts it
	Glance                  *FleetGlance // nil = it is shut
}

// FleetWrong is one thing that is wrong: the string harm_HARM, by N where it counts.
type FleetWrong struct {
	Harm string
	N    int64
	Href string // where it is seen
}

// FleetGlance is what a shop that is opened in place shows.
type FleetGlance struct {
	Home    Home // what needs somebody there; its links lead into the shop
	Live    int64
	Figures []ChartSaid // of the last 28 days
	At      time.Time   // when they were counted; zero = not yet
}
