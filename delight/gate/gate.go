package gate

import "flywheel/commerce"

// Facts are all a decision reads. One store method fills them inside the
// transaction that claims the effect.
type Facts struct {
	ShopState    commerce.ShopState
	PausedAll    bool // flywheel pause --all
	Connected    bool // the order's platform connection is open
	CampaignLive bool
	Settings     commerce.Settings

	Class   Class
	Topic   string
	Channel commerce.Channel
	Rule    Rule // of the policy for this class, channel and country

	Person       commerce.Person
	Order        *commerce.Order // nil for steps that hang on no order
	Suppressions []Suppression   // of the person's address
	Consents     []commerce.ConsentChange

	// LatestUseful is the last instant at which the message still makes sense.
	LatestUseful commerce.Instant
}

// Decide says whether the person may be asked at now. It reads no clock and
// does no I/O. A Defer or Hold that would end after the latest useful time is
// Skip at once.
func Decide(f Facts, now commerce.Instant) Decision {
	d := decide(f, now)
	switch {
	case d.Answer == Skip:
		return d
	case now > f.LatestUseful || d.Answer == Defer && d.Until > f.LatestUseful:
		if d.Answer == Send {
			return skip(TooLate, "")
		}
		return skip(TooLate, "%s until after the latest useful time", d.Reason)
	case d.Answer == Hold:
		d.Until = f.LatestUseful
	}
	return d
}

// questions in the order in which they are asked; the first that does not say Send answers.
var questions = []func(Facts, commerce.Instant) Decision{
	shopAllows, reachable, kindAllows, suppressed, consented, standsStill, allTold,
}

func decide(f Facts, now commerce.Instant) Decision {
	for _, ask := range questions {
		if d := ask(f, now); d.Answer != Send {
			return d
		}
	}
	return send()
}

func shopAllows(f Facts, _ commerce.Instant) Decision {
	switch {
	case f.ShopState == commerce.ShopClosed:
		return skip(ShopClosed, "")
	case f.ShopState != commerce.ShopActive || f.PausedAll:
		return hold(ShopPaused, "")
	case !f.CampaignLive:
		return hold(CampaignPaused, "")
	case !f.Connected:
		return skip(Disconnected, "")
	}
	return send()
}

func reachable(f Facts, _ commerce.Instant) Decision {
	switch {
	case f.Person.Erased:
		return skip(Erased, "")
	case f.Person.Email == "":
		return hold(Unreachable, "")
	}
	return send()
}

func kindAllows(f Facts, _ commerce.Instant) Decision {
	if f.Order == nil {
		return send()
	}
	return excluded(f.Order, f.Settings)
}

func standsStill(f Facts, _ commerce.Instant) Decision {
	if f.Order == nil {
		return send()
	}
	return givenBack(f.Order)
}

func allTold(f Facts, now commerce.Instant) Decision {
	if f.Order != nil && now < f.Order.HeldUntil {
		return Decision{Answer: Defer, Reason: AwaitingMore, Until: f.Order.HeldUntil}
	}
	return send()
}

func suppressed(f Facts, _ commerce.Instant) Decision {
	for _, s := range f.Suppressions {
		if s.Scope.Stops(f.Class, f.Topic) {
			return skip(Suppressed, "%s, %s", s.Scope, s.Reason)
		}
	}
	return send()
}
