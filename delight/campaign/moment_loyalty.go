package campaign

import (
	"flywheel/commerce"
	"flywheel/delight/gate"
)

// What happened in a loyalty program stands until it ends. What is not loaded
// is taken to stand.

// ours is the moment of what happened to somebody in the program; it is gone
// where stands says so.
func ours(stands func(l *Loyalty, e commerce.Event) bool) momentFunc {
	return func(_ Trigger, f Facts, _ string) moment {
		m := moment{at: f.Cause.OccurredAt, until: endOf(f.Cause)}
		if f.Loyalty != nil && !f.Loyalty.AsOfNow && !stands(f.Loyalty, f.Cause) {
			m.gone = gate.CauseGone
		}
		return m
	}
}

func stillMember(l *Loyalty, _ commerce.Event) bool { return l.Member }

// stillEarned holds while anything is left: after a refund there may be nothing to tell of.
func stillEarned(l *Loyalty, _ commerce.Event) bool { return l.Points > 0 || l.Pending > 0 }

// stillEnding holds while points end no later than was told.
func stillEnding(l *Loyalty, e commerce.Event) bool {
	end := endOf(e)
	return l.Member && l.Ending > 0 && (end == 0 || l.EndsAt != 0 && l.EndsAt <= end)
}

func stillTier(l *Loyalty, e commerce.Event) bool { return l.Member && l.Tier == textOf(e, "tier") }

// stillFalling holds while the tier that is to be lost is there and not reached again.
func stillFalling(l *Loyalty, e commerce.Event) bool { return stillTier(l, e) && l.Below != 0 }

// stillOpen holds while the reward can be used.
func stillOpen(l *Loyalty, e commerce.Event) bool {
	_, open := l.Rewards[textOf(e, "id")]
	return open
}

// stillBought holds while the friend's order stands, and nothing else has ruled the referral out.
func stillBought(l *Loyalty, e commerce.Event) bool {
	_, stands := l.Sent[textOf(e, "referral")]
	return stands
}

// stillPaid holds while what was given for a friend was not taken back.
func stillPaid(l *Loyalty, e commerce.Event) bool { return l.Sent[textOf(e, "referral")] }

// endOf is when what an event tells of ends; 0 = it does not say.
func endOf(e commerce.Event) commerce.Instant {
	switch at := e.Props["ends_at"].(type) {
	case float64:
		return commerce.Instant(at)
	case int64:
		return commerce.Instant(at)
	case commerce.Instant:
		return at
	}
	return 0
}

func textOf(e commerce.Event, prop string) string {
	text, _ := e.Props[prop].(string)
	return text
}
