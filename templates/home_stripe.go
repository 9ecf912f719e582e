package templates

import "time"

// HomeStripe is the card about a shop's Stripe accounts.
type HomeStripe struct {
	Accounts []HomeAccount
	// Connect is where one more account is connected, ConnectTest likewise in the
	// test mode; "" = that is not offered.
	Connect, ConnectTest string
}

// HomeAccount is one Stripe account, in one of its two modes.
type HomeAccount struct {
	Connection string
	Account    string // acct_...
	Test       bool
	Since      time.Time
	Closed     time.Time // zero = it is connected
	Revoked    bool      // Stripe gives no access any more
	Again      string    // where it is connected once more; "" = not offered, or not needed
	MayLeave   bool
	Past       *HomePast // nil = nobody asked for it, or it is of no use any more
}

// HomePast is how far the reading of past payments has come, the newest first.
type HomePast struct {
	State         string // asked, running, reading, done, failed
	Done, Refused int64
	Percent       int       // 0 = not known
	Reached       time.Time // back to when it is read; zero = nowhere yet
	Note          string    // what stands in the way
}

// Moving reports whether the past of an account is being read.
func (s *HomeStripe) Moving() bool {
	if s == nil {
		return false
	}
	for _, a := range s.Accounts {
		if a.Past != nil && a.Past.State != "done" && a.Past.State != "failed" {
			return true
		}
	}
	return false
}

// HomeConsent is what a lack of consent has held in the last thirty days.
type HomeConsent struct {
	Messages, Persons int64
	Stripe            int64 // of the persons, who are known by Stripe alone
	More              bool  // there are more than were counted
}
