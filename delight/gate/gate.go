package gate

import (
	"time"

	"flywheel/commerce"
	"flywheel/delight/calendar"
)

// Facts are all a decision reads. One store method fills them inside the
// transaction that claims the effect.
type Facts struct {
	Shop         commerce.Shop
	PausedAll    bool // flywheel pause --all
	Connected    bool // that of the platform the order, or else what happened, came by is open; where none is named, any is
	CampaignLive bool
	PausedReason Reason           // Fuse where the campaign paused itself; "" otherwise
	PausedAt     commerce.Instant // the last pause of campaign or shop that lay over the step's due time; 0 = none
	ResumedAt    commerce.Instant // when that pause ended; 0 = it has not
	HeldSince    commerce.Instant // when a pause held the step first, this or an earlier one; 0 = none did

	Class   Class
	Topic   string
	Channel commerce.Channel
	Rule    Rule         // of the policy for this class, channel and country
	Job     commerce.Job // "" = none that tools compete for
	// Answers says that the message answers a refund, cancellation, dispute or
	// failure, so that this outcome does not stop it.
	Answers bool
	// Unpaid says that the message may go before the order is paid.
	Unpaid bool
	// Internal says that the step reaches the team or another system, not the
	// customer. A call by staff reaches the customer.
	Internal bool

	Person       commerce.Person
	CustomerIDs  []string        // the person's ids on the platforms, for Settings.Exclude.Customers
	Order        *commerce.Order // nil for steps that hang on no order
	Suppressions []Suppression   // of the person's address
	Consents     []commerce.ConsentChange
	// Unread says that Consents may lack what the person told the platform: it
	// could not be asked, and what it said before is old.
	Unread   bool
	OpenCase bool // somebody of the shop is at work on a case of this person
	Sender   Sender
	// OverPlan says that the shop has been over its plan for longer than the grace.
	OverPlan bool

	// Place is where the person is.
	Place calendar.Place
	// Used are the address's other asks that count in caps, own and other tools', in any order.
	Used []Use
	// Self is the step's own place among rivals. Its due time is the one it was
	// first due at, not the one it was put off to.
	Self Rank
	// Rivals are the person's other asks due within the caps' windows, in any order.
	Rivals []Rival

	// LatestUseful is the last instant at which the message still makes sense.
	LatestUseful commerce.Instant
}

// Decide says whether the person may be asked at now. It reads no clock and
// does no I/O. A Defer or Hold that would end after the latest useful time is
// Skip at once.
func Decide(f Facts, now commerce.Instant) Decision {
	return f.decide(now, nil)
}

// decide is Decide with the shop's calendar, if somebody has made it ready.
// The questions stand in their order; the first that does not say Send answers.
func (f *Facts) decide(now commerce.Instant, days *calendar.Calendar) Decision {
	var d Decision
	no := func(answer Decision) bool {
		d = answer
		return d.Answer != Send
	}
	switch {
	case no(shopAllows(f)), no(planAllows(f)), no(missed(f, now)), no(reachable(f)), no(ours(f)), no(kindAllows(f)),
		no(suppressed(f, now)), no(carried(f)), no(consented(f, now)), no(standsStill(f)), no(caseAllows(f)), no(allTold(f, now)):
	case !f.timed(): // at any hour, and beside any other
	default:
		if days == nil {
			made := calendar.New(f.Shop.Settings.Calendar)
			days = &made
		}
		if !no(awake(f, days, now)) && !no(withinCaps(f, days, now)) {
			d = first(f, days, now)
		}
	}
	return inTime(f, d, now)
}

// inTime asks last whether the message still makes sense when d lets it go.
func inTime(f *Facts, d Decision, now commerce.Instant) Decision {
	switch {
	case d.Answer == Skip:
		return d
	case now <= f.LatestUseful && (d.Answer != Defer || d.Until <= f.LatestUseful):
		if d.Answer == Hold {
			d.Until = f.LatestUseful
		}
		return d
	case d.Answer == Send:
		return skip(TooLate, "")
	case d.Detail == "":
		return skip(TooLate, "%s"+tooLong, d.Reason)
	}
	return skip(TooLate, "%s (%s)"+tooLong, d.Reason, d.Detail)
}

// ask reports whether the step asks something of the customer: all that is not
// part of the purchase itself.
func (f *Facts) ask() bool { return f.Class != Transactional && !f.Internal }

// timed reports whether it matters when the step is taken. Of a call it is the
// staff who choose the hour, and what they say is no message that caps count.
func (f *Facts) timed() bool { return f.ask() && f.Channel != commerce.ByCall }

func shopAllows(f *Facts) Decision {
	switch {
	case f.Shop.State == commerce.ShopClosed:
		return skip(ShopClosed, "")
	case f.Shop.State != commerce.ShopActive || f.PausedAll:
		return hold(ShopPaused, "")
	case !f.CampaignLive && f.PausedReason == Fuse:
		return hold(Fuse, "")
	case !f.CampaignLive:
		return hold(CampaignPaused, "")
	case !f.Connected:
		return skip(Disconnected, "")
	}
	return send()
}

// planAllows holds asks of a shop that is over its plan. What belongs to a
// purchase goes on: its customers have no part in that.
func planAllows(f *Facts) Decision {
	if f.OverPlan && f.ask() {
		return hold(OverPlan, "")
	}
	return send()
}

// pauseGrace is how long before the end of a pause a step may have been due to
// be made up for. What was due earlier is old news: nobody wants three weeks
// of it on the day a campaign is taken up again, not even what belongs to the
// purchase.
const pauseGrace = 24 * time.Hour

func missed(f *Facts, now commerce.Instant) Decision {
	due := f.Self.Due
	over := f.ResumedAt != 0 && f.ResumedAt <= now
	if over && (f.PausedAt <= due && due.Add(pauseGrace) < f.ResumedAt || f.HeldSince != 0 && f.HeldSince.Add(pauseGrace) < f.ResumedAt) {
		return skip(MissedInPause, "")
	}
	return send()
}

func reachable(f *Facts) Decision {
	if f.Person.Erased {
		return skip(Erased, "")
	}
	address := ""
	switch f.Channel {
	case commerce.ByMail:
		address = f.Person.Email
	case commerce.ByCall:
		address = f.Person.Phone
	}
	if address == "" && !f.Internal {
		return hold(Unreachable, "")
	}
	return send()
}

// ours asks who does the job for this shop's customers.
func ours(f *Facts) Decision {
	if owner := f.Shop.Settings.OwnerOf(f.Job); owner != commerce.OwnerFlywheel && !f.Internal {
		return skip(OtherTool, "%s", owner)
	}
	return send()
}

func kindAllows(f *Facts) Decision {
	settings := &f.Shop.Settings
	if f.Order != nil {
		if d := gone(f.Order); d.Answer != Send {
			return d
		}
	}
	if !f.Internal {
		if d := leftAlone(f); d.Answer != Send {
			return d
		}
	}
	if f.Order == nil {
		return send()
	}
	if d := stopped(f.Order, settings, f.Answers); d.Reason != Unpaid || !f.Unpaid {
		return d
	}
	return send()
}

func standsStill(f *Facts) Decision {
	if f.Order == nil || f.Answers {
		return send()
	}
	return givenBack(f.Order)
}

func caseAllows(f *Facts) Decision {
	if f.OpenCase && f.ask() {
		return hold(OpenCase, "")
	}
	return send()
}

func allTold(f *Facts, now commerce.Instant) Decision {
	if f.Order != nil && now < f.Order.HeldUntil {
		return deferred(AwaitingMore, f.Order.HeldUntil, "")
	}
	return send()
}

// suppressed asks what the address must not get. What ends by itself, such as a
// pause somebody asked for, puts the step off until it does.
func suppressed(f *Facts, now commerce.Instant) Decision {
	if f.Internal {
		return send()
	}
	wait := send()
	for _, s := range f.Suppressions {
		switch {
		case !s.Scope.Stops(f.Class, f.Topic) || s.Over(now):
		case s.Until == 0:
			return skip(Suppressed, "%s, %s", s.Scope, s.Reason)
		case s.Until > wait.Until:
			wait = deferred(PausedByThem, s.Until, "")
		}
	}
	return wait
}
