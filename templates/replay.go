package templates

import "time"

// Replay is who would have got a campaign in the last days: the partial "replay".
type Replay struct {
	Days        int64
	Working     bool // the answer is being counted
	Percent     int
	Failed      string // why there is none
	Would, None int64
	Later       int64
	Why         []FlowShare // what stood in the way
	Older       bool        // it was asked about another version
	// Unread says that some had no consent, which Shopify is asked about only when a message is due.
	Unread bool
	At     time.Time
}
