package gate

import (
	"time"

	"flywheel/commerce"
)

// Suppression is an address that must not get what its scope names.
type Suppression struct {
	Scope  Scope
	Reason string
	At     commerce.Instant
}

// Scope says what a suppression stops: everything, all but transactional
// messages, or one topic ("topic:reviews").
type Scope string

// The two wide scopes.
const (
	ScopeAll              Scope = "all"
	ScopeNonTransactional Scope = "non_transactional"
)

// TopicScope is the scope of one topic.
func TopicScope(topic string) Scope { return Scope("topic:" + topic) }

// Stops reports whether s stops a message of class and topic.
func (s Scope) Stops(class Class, topic string) bool {
	switch s {
	case ScopeAll:
		return true
	case ScopeNonTransactional:
		return class != Transactional
	}
	return class != Transactional && s == TopicScope(topic)
}

// consented checks what the rule needs against what the person said, as of now.
func consented(f Facts, now commerce.Instant) Decision {
	if f.Class == Transactional && f.Rule.Need == NeedNothing {
		return send()
	}
	last := lastWord(f.Consents, f.Class)
	if last != nil && last.State == commerce.Unsubscribed {
		return hold(NoConsent, "unsubscribed, %s", last.Source)
	}
	yes := last != nil && last.State == commerce.Subscribed
	switch f.Rule.Need {
	case NeedNothing, NeedOptOut:
		return send()
	case NeedImplied:
		bought := f.Order != nil && now < f.Order.Sale(f.Settings)+monthsMillis(f.Rule.Months)
		if yes || bought {
			return send()
		}
	case NeedOptIn:
		if yes {
			return send()
		}
	case NeedDouble:
		if yes && last.Double {
			return send()
		}
	}
	return hold(NoConsent, "needs %s", f.Rule.Need)
}

// lastWord returns the newest statement that counts for class. A yes to
// marketing covers service; a no to marketing leaves service alone.
func lastWord(consents []commerce.ConsentChange, class Class) *commerce.ConsentChange {
	var last *commerce.ConsentChange
	for i, c := range consents {
		covers := Class(c.Class) == class ||
			(class == Service && Class(c.Class) == Marketing && c.State == commerce.Subscribed)
		if covers && (last == nil || c.At > last.At || (c.At == last.At && c.State == commerce.Unsubscribed)) {
			last = &consents[i]
		}
	}
	return last
}

func monthsMillis(months int) commerce.Instant {
	return commerce.Instant((time.Duration(months) * 30 * 24 * time.Hour).Milliseconds())
}
