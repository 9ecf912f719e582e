package campaign

import "flywheel/commerce"

// Enrollment is one person's walk through one campaign for one cause. It is
// unique by (shop, campaign, entry key) and pinned to a version.
type Enrollment struct {
	ID       EnrollmentID
	Campaign CampaignID
	EntryKey string
	Version  int
	Person   commerce.PersonID
	Order    commerce.OrderID // "" where the cause is no order
	Anchor   commerce.Instant // the cause's own time
	Position Position
	Ended    bool
	Reason   string // why it ended
	DueAt    commerce.Instant

	// Dispatch is the number of its present run; an older number ends quietly.
	Dispatch int64
	// Rev rises when something a decision reads has changed.
	Rev int64
}
