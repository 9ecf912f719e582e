package campaign

import (
	"flywheel/commerce"
	"flywheel/delight/gate"
)

// Enrollment is one person's walk through one campaign for one cause. It is
// unique by (shop, campaign, entry key) and pinned to a version.
type Enrollment struct {
	ID       EnrollmentID
	Campaign CampaignID
	EntryKey string
	Version  int
	Person   commerce.PersonID
	Order    commerce.OrderID // "" where the cause is no order
	Cause    string           // the event it began with, "kind|subject"
	Anchor   commerce.Instant // the cause's own time
	Position Position
	Ended    bool
	Reason   string // why it ended
	DueAt    commerce.Instant

	// WaitsFor is the kind of event that moves it before it is due; "" = none.
	WaitsFor string
	// Ask is its next message as far as it is known.
	Ask Ask
	// Rehearsal says that it reaches the team alone.
	Rehearsal bool
	// SkipStep is the step that somebody chose to leave out, GoNow when they said that its next is to go at once; 0 = nobody did.
	SkipStep string
	GoNow    commerce.Instant

	// Dispatch is the number of its present run; an older number ends quietly.
	Dispatch int64
	// Rev rises when something a decision reads has changed.
	Rev int64
}

// Ask is the next message of a walk: what other walks of the same person
// compare themselves with. The zero value says that none is known.
type Ask struct {
	Class    gate.Class
	Topic    string
	Priority int
	Due      commerce.Instant // when it was first due, before anything put it off
	Latest   commerce.Instant // until when it makes sense
	Answers  bool             // it answers a refund, cancellation, dispute or failure
}
