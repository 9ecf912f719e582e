package stripe

import (
	"cmp"

	"flywheel/commerce"
)

// subscription is a Subscription that has ended. That it is to end, with its
// period, is told by updates we do not need: until then it is kept.
type subscription struct {
	ID       string `json:"id"`
	Customer ref    `json:"customer"`
	EndedAt  int64  `json:"ended_at"`
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
