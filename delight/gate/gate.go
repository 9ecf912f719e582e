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
	if now > f.LatestUseful {
		return skip(TooLate, "")
	}
	d := decide(f, now)
	switch {
	case d.Answer == Defer && d.Until > f.LatestUseful:
		return skip(TooLate, "%s until after the latest useful time", d.Reason)
	case d.Answer == Hold:
		d.Until = f.LatestUseful
	}
	return d
}

func decide(f Facts, now commerce.Instant) Decision {
	for _, ask := range []func(Facts, commerce.Instant) Decision{shopAllows, reachable, orderDeserves, suppressed, consented} {
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

func orderDeserves(f Facts, now commerce.Instant) Decision {
	if f.Order == nil {
		return send()
	}
	if d := Standing(f.Order, f.Settings); d.Answer != Send {
		return d
	}
	if now < f.Order.HeldUntil {
		return Decision{Answer: Defer, Reason: AwaitingTwin, Until: f.Order.HeldUntil}
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
