package gate

import (
	"time"

	"flywheel/commerce"
)

// BounceKind is what became of a mail after a server had taken it.
type BounceKind string

// The kinds.
const (
	Arrived    BounceKind = "delivered"
	HardBounce BounceKind = "hard"      // there is nobody at the address
	SoftBounce BounceKind = "soft"      // not this time
	Blocked    BounceKind = "block"     // refused for its sender or content, which says nothing about the address
	Complaint  BounceKind = "complaint" // called spam by the recipient
)

// Reasons of suppressions that follow from bounces.
const (
	StoppedBounced     = "bounced"
	StoppedSoftBounces = "soft_bounces"
	StoppedComplained  = "complained"
)

// softRun is how many soft bounces in a row end what an address is sent.
const softRun = 5

// Silence is how long after a server has taken a mail a bounce may come; without
// one the mail arrived (RFC 5321, 4.5.4.1: servers try for four to five days, but
// hardly any longer than three).
const Silence = 3 * 24 * time.Hour

// BounceRun is how many soft bounces in a row an address has had.
type BounceRun struct {
	Length int
	LastAt commerce.Instant // of the last of them; 0 = there is none
}

// Bounce is what is judged.
type Bounce struct {
	Kind BounceKind
	At   commerce.Instant
	// Repeated says that the same mail bounced softly before: a webhook and a mail
	// may tell of it, and each try of a server.
	Repeated bool
	// Arrived is when a server took the newest mail to the address that was taken
	// after the run's last bounce and has not bounced; 0 = there is none.
	Arrived commerce.Instant
}

// BounceAnswer is what follows from a bounce.
type BounceAnswer struct {
	Run  BounceRun // from now on
	Stop string    // why the address gets nothing any more; "" = it still does
	// Withdrawn says that the recipient wants no marketing any more.
	Withdrawn bool
}

// Judge says what follows from a bounce for an address. A hard one and a complaint
// end everything at once, soft ones five in a row; what arrives ends the row.
func Judge(run BounceRun, b Bounce) BounceAnswer {
	a := BounceAnswer{Run: run}
	switch b.Kind {
	case HardBounce:
		a.Stop = StoppedBounced
	case Complaint:
		a.Stop, a.Withdrawn = StoppedComplained, true
	case Arrived:
		if b.At >= run.LastAt { // news of an older mail says nothing about what came after it
			a.Run = BounceRun{}
		}
	case SoftBounce, Blocked:
		if b.Repeated {
			return a
		}
		if b.Arrived > run.LastAt && b.Arrived <= b.At.Add(-Silence) {
			a.Run = BounceRun{}
		}
		a.Run.Length++
		a.Run.LastAt = max(a.Run.LastAt, b.At)
		if a.Run.Length >= softRun {
			a.Stop, a.Run = StoppedSoftBounces, BounceRun{} // who lets it go again begins anew
		}
	}
	return a
}
