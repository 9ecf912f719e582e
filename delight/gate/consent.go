package gate

import (
	"cmp"
	"slices"
	"strings"

	"flywheel/commerce"
)

// Suppression is an address that must not get what its scope names.
type Suppression struct {
	Scope  Scope
	Reason string
	At     commerce.Instant
	Until  commerce.Instant // when it ends by itself; 0 = it does not
}

// Over reports whether s has ended by now.
func (s Suppression) Over(now commerce.Instant) bool { return s.Until != 0 && s.Until <= now }

// Scope says what a suppression stops: everything, all but transactional
// messages, or one topic ("topic:reviews").
type Scope string

// The two wide scopes.
const (
	ScopeAll              Scope = "all"
	ScopeNonTransactional Scope = "non_transactional"
	// ScopePause stops what ScopeNonTransactional does, for as long as somebody asked for.
	ScopePause Scope = "pause"
)

// TopicScope is the scope of one topic.
func TopicScope(topic string) Scope { return Scope("topic:" + topic) }

// Topic returns the topic whose scope s is; false = it is another.
func (s Scope) Topic() (string, bool) { return strings.CutPrefix(string(s), "topic:") }

// Stops reports whether s stops a message of class and topic.
func (s Scope) Stops(class Class, topic string) bool {
	switch s {
	case ScopeAll:
		return true
	case ScopeNonTransactional, ScopePause:
		return class != Transactional
	}
	return class != Transactional && s == TopicScope(topic)
}

// askAgain is how soon a platform is asked again that could not be asked.
const askAgain = 5 * minute

// Listens reports whether a yes or a no to marketing can turn the answer about
// a message: only then a platform need be asked for it. o is nil for what hangs
// on no order. One case is left to what platforms tell by themselves: somebody
// who said no to service, then yes to marketing, and took that back.
func (r Rule) Listens(class Class, o *commerce.Order, s *commerce.Settings) bool {
	switch class {
	case Transactional:
		return false
	case Service: // a no to marketing says nothing about it, and a yes only where one is needed
		return r.Need != NeedNothing && r.Need != NeedOptOut || o != nil && overTheCounter(o, s)
	}
	return true
}

// consented checks what the rule needs against what the person said, as of now.
func consented(f *Facts, now commerce.Instant) Decision {
	if f.Internal || f.Class == Transactional && f.Rule.Need == NeedNothing {
		return send()
	}
	if f.Rule.Need == NeedNever {
		return hold(NoConsent, "where they live is not known")
	}
	if f.Unread && f.Rule.Listens(f.Class, f.Order, &f.Shop.Settings) {
		return deferred(ConsentUnread, now+askAgain, "")
	}
	last := LastWord(f.Consents, f.Channel, f.Class)
	if last.State == commerce.Unsubscribed {
		return hold(NoConsent, "unsubscribed, %s", last.Source)
	}
	yes := last.State == commerce.Subscribed
	switch f.Rule.Need {
	case NeedNothing, NeedOptOut:
		return send()
	case NeedImplied:
		if yes || f.Order != nil && now < monthsAfter(f.Order.Sale(f.Shop.Settings), f.Rule.Months) {
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

// Given reports whether what somebody said is enough for a message of a class,
// about an order or about none.
func (r Rule) Given(channel commerce.Channel, class Class, said []commerce.ConsentChange, o *commerce.Order, s *commerce.Settings, now commerce.Instant) bool {
	f := Facts{Rule: r, Channel: channel, Class: class, Consents: said, Order: o, Shop: commerce.Shop{Settings: *s}}
	return consented(&f, now).Answer == Send
}

// MustConfirm reports whether word, which is new, is a yes that somebody has to
// confirm by a second act before it counts: where rule, that of its class and
// channel, wants one and what is known of them holds none.
func (r Rule) MustConfirm(known []commerce.ConsentChange, word commerce.ConsentChange) bool {
	if r.Need != NeedDouble || word.State != commerce.Subscribed {
		return false
	}
	last := LastWord(append(slices.Clip(known), word), word.Channel, Class(word.Class))
	return last.State == commerce.Subscribed && !last.Double && last.At == word.At
}

// LastWord returns the newest statement that counts for class on a channel,
// the zero one if there is none. A yes to marketing covers service until it is
// taken back; a no to marketing says nothing about service itself.
func LastWord(said []commerce.ConsentChange, channel commerce.Channel, class Class) commerce.ConsentChange {
	if len(said) == 0 {
		return commerce.ConsentChange{}
	}
	if len(said) > 1 && !slices.IsSortedFunc(said, compareSaid) {
		said = slices.SortedFunc(slices.Values(said), compareSaid)
	}
	own := newest(said, channel, class)
	if class != Service {
		return own
	}
	if wider := newest(said, channel, Marketing); wider.State == commerce.Subscribed &&
		(own.State == "" || compareSaid(wider, own) > 0) {
		return wider
	}
	return own
}

// newest returns what was said last about just this class; said is sorted. A
// plain yes after a confirmed one leaves it confirmed.
func newest(said []commerce.ConsentChange, channel commerce.Channel, class Class) (last commerce.ConsentChange) {
	for _, c := range said {
		if c.Channel != channel || Class(c.Class) != class {
			continue
		}
		again := last.State == commerce.Subscribed && c.State == commerce.Subscribed
		c.Double = c.Double || again && last.Double
		last = c
	}
	return last
}

// compareSaid orders statements by their moment; of one moment the more
// cautious counts as the later.
func compareSaid(a, b commerce.ConsentChange) int {
	return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(caution(a.State), caution(b.State)), cmp.Compare(a.Source, b.Source))
}

func caution(s commerce.ConsentState) int {
	switch s {
	case commerce.Unsubscribed:
		return 2
	case commerce.Pending:
		return 1
	}
	return 0
}

// monthsAfter counts calendar months; nothing ever happened never comes after.
func monthsAfter(at commerce.Instant, months int) commerce.Instant {
	return commerce.At(at.Time().AddDate(0, months, 0))
}
