package stripe

import (
	"cmp"

	"flywheel/commerce"
	"flywheel/fault"
)

// subscription is a Subscription that has ended or is about to begin in earnest.
type subscription struct {
	ID        string `json:"id"`
	Status    string `json:"status"`
	Customer  ref    `json:"customer"`
	EndedAt   int64  `json:"ended_at"`
	TrialEnd  int64  `json:"trial_end"`
	CancelAt  int64  `json:"cancel_at"`
	EndsThere bool   `json:"cancel_at_period_end"`
}

func decodeEndedSubscription(e envelope) (c commerce.Change, err error) {
	s, err := read[subscription]([]byte(e.object.Raw))
	if err != nil {
		return c, err
	}
	if err := needID("subscription", s.ID); err != nil {
		return c, err
	}
	if c.Person, err = (contact{customer: s.Customer.ID}).facts(e.at); err != nil {
		return c, err
	}
	c.Happened = []commerce.Happening{{Kind: commerce.SubscriptionCancelled, Subject: s.ID, At: cmp.Or(seconds(s.EndedAt), e.at)}}
	return c, nil
}

// decodeTrialEnding reads what Stripe tells three days before a trial ends. It
// tells the same where a trial was ended at once, which is no warning, and of
// one whose customer has already left, whom nothing will be charged.
func decodeTrialEnding(e envelope) (c commerce.Change, err error) {
	s, err := read[subscription]([]byte(e.object.Raw))
	if err != nil {
		return c, err
	}
	if err := cmp.Or(needID("subscription", s.ID), needText("subscription's status", s.Status)); err != nil {
		return c, err
	}
	ends := seconds(s.TrialEnd)
	switch {
	case ends == 0:
		return c, fault.New(fault.Permanent, "the subscription does not say when its trial ends")
	case ends <= e.at || s.Status != "trialing":
		return commerce.Change{Ignored: "the trial is over already"}, nil
	case s.endsWithTrial():
		return commerce.Change{Ignored: "the subscription ends with its trial"}, nil
	}
	if c.Person, err = (contact{customer: s.Customer.ID}).facts(e.at); err != nil {
		return c, err
	}
	c.Happened = []commerce.Happening{{
		Kind: commerce.SubscriptionTrialEnding, Subject: commerce.TrialSubject(s.ID, ends), At: e.at,
	}}
	return c, nil
}

// endsWithTrial reports whether nothing will be charged: it was set to end by
// the time that its trial does.
func (s subscription) endsWithTrial() bool {
	return s.EndsThere || s.CancelAt != 0 && s.CancelAt <= s.TrialEnd
}

// decodeChangedSubscription reads what became of a trial whose end may have been
// announced: it ends at another time, or nothing is to follow it, or something
// is after all. All else that changes about a subscription is no concern of ours.
func decodeChangedSubscription(e envelope) (c commerce.Change, err error) {
	s, err := read[subscription]([]byte(e.object.Raw))
	if err != nil {
		return c, err
	}
	if err := cmp.Or(needID("subscription", s.ID), needText("subscription's status", s.Status)); err != nil {
		return c, err
	}
	moved, ends := e.before.Get("trial_end").Exists(), seconds(s.TrialEnd)
	ended := e.before.Get("cancel_at_period_end").Exists() || e.before.Get("cancel_at").Exists()
	if !moved && !(ended && ends > e.at) {
		return commerce.Change{Ignored: "it changes nothing about a trial"}, nil
	}
	if ends <= e.at || s.Status != "trialing" || s.endsWithTrial() {
		ends = 0
	}
	if c.Person, err = (contact{customer: s.Customer.ID}).facts(e.at); err != nil {
		return c, err
	}
	c.Happened = []commerce.Happening{{
		Kind: commerce.SubscriptionChanged, Subject: commerce.ChangeSubject(s.ID, e.at, ends), At: e.at,
	}}
	return c, nil
}
