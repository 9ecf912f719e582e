package timeline

import (
	"cmp"
	"strings"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/store"
)

// Answer says in a few words why somebody got a campaign's message or did not,
// and what would change that: the last word that stands. records are the
// person's, of store.Why; order narrows them to what hangs on one order, "" is
// what began last.
func (t *Teller) Answer(records []store.Entry, id campaign.CampaignID, order commerce.OrderID, now commerce.Instant) string {
	c, known := t.known[string(id)]
	if !known {
		return "The shop has no campaign " + string(id) + "."
	}
	last := newest(records, string(id), string(order))
	subject := t.Title(string(id)) + t.about(cmp.Or(string(order), last.order))
	if e := last.effect; e != nil && e.What == string(store.Sent) {
		sent := t.outward(*e) + " on " + t.When(e.At) + ": " + subject + "."
		if e.Reason == "rehearsal" {
			return t.outward(*e) + " on " + t.When(e.At) + ", in a rehearsal and to the team only: " + subject + "."
		}
		if last.walk == nil || last.walk.Reason == string(gate.SequenceComplete) {
			return sent
		}
		return sent + " " + t.whyNot(c, last, "What would follow", now)
	}
	return t.whyNot(c, last, subject, now)
}

// whyNot says what keeps something from being sent.
func (t *Teller) whyNot(c campaign.Campaign, last story, subject string, now commerce.Instant) string {
	d := last.decision
	switch {
	case last.effect != nil && last.effect.What == string(store.Unknown):
		return t.because(subject+" may have been sent", gate.OutcomeUnknown, store.Entry{}, now)
	case last.walk != nil && last.walk.What == "ended":
		end := store.Entry{}
		if d != nil && d.Reason == last.walk.Reason {
			end.Detail = d.Detail
		}
		return t.because(subject+" is not coming", gate.Reason(last.walk.Reason), end, now)
	case c.State == campaign.Draft || c.State == campaign.Archived:
		return t.Title(string(c.ID)) + " is " + map[campaign.State]string{campaign.Draft: "a draft", campaign.Archived: "archived"}[c.State] +
			": nobody gets anything of it before it goes live."
	case last.walk == nil && d == nil:
		return subject + " has not begun: " + wanting(c) + "."
	case last.walk == nil:
		return t.because(subject+" never began", gate.Reason(d.Reason), *d, now)
	case c.State == campaign.Paused:
		r, d := paused(c)
		return t.because(subject+" waits", r, d, now)
	case last.stumbles():
		return t.again(subject, last, now)
	case last.holds(now):
		return t.because(subject+" waits", gate.Reason(d.Reason), *d, now)
	case last.walk.Until >= never:
		return subject + " waits for something to happen."
	case last.walk.Until > now:
		return subject + " waits for its moment: " + t.When(last.walk.Until) + "."
	}
	return subject + " is due, and is being looked at."
}

// again says what was tried and not taken, when it is tried again and until when.
func (t *Teller) again(subject string, last story, now commerce.Instant) string {
	e := last.effect
	who := "the mail server"
	switch t.steps[place{e.Campaign, e.Step}] {
	case campaign.Webhook:
		who = "the receiver of the webhook"
	case campaign.TagCustomer:
		who = "Shopify"
	}
	s := subject + " waits: " + who + " has not taken it"
	if note := Note(e.Detail); note != "" {
		s += " (" + note + ")"
	}
	s += ". It is tried again"
	if last.walk.Until > now && last.walk.Until < never {
		s += " on " + t.When(last.walk.Until)
	}
	if e.Until > now && e.Until < never {
		s += ", until " + t.When(e.Until) + " at the latest"
	}
	return s + "."
}

// paused says why a campaign is.
func paused(c campaign.Campaign) (gate.Reason, store.Entry) {
	switch c.PausedReason {
	case "":
		return gate.CampaignPaused, store.Entry{}
	case string(gate.Fuse):
		return gate.Fuse, store.Entry{}
	}
	return gate.Fuse, store.Entry{Detail: c.PausedReason}
}

// because joins what is so, why, until when, and what would change it.
func (t *Teller) because(what string, r gate.Reason, e store.Entry, now commerce.Instant) string {
	s := what + ": " + cmp.Or(Because(r), string(r))
	switch part, value, told := strings.Cut(e.Detail, " · "); {
	case r == gate.ConditionNotMet && told:
		s += " (it wants " + part + ", and " + value + ")"
	case e.Detail != "":
		s += " (" + Note(e.Detail) + ")"
	}
	if e.Until > now && e.Until < never {
		word := ", until "
		if gate.Answer(e.What) == gate.Hold {
			word = ", at the latest until "
		}
		s += word + t.When(e.Until)
	}
	if change := changes[r]; change != "" {
		return s + ". " + change
	}
	return s + "."
}

// wanting says what has not happened yet.
func wanting(c campaign.Campaign) string {
	spec := campaign.TriggerOf(c.Trigger.Kind)
	if spec == nil {
		return "what starts it has not happened"
	}
	since := "it went live"
	if c.State == campaign.Rehearsal {
		since = "its rehearsal began"
	}
	return "what starts it (" + spec.Texts.Name["en"] + ") has not happened to this customer since " + since
}

// story is the newest of each kind of record of one walk, or of a refusal to enter.
type story struct {
	order                  string
	walk, decision, effect *store.Entry
}

// newest finds the records of a campaign that belong together: those of an
// order, else those of the walk or the refusal that began last.
func newest(records []store.Entry, id, order string) story {
	out := story{order: order}
	var begun commerce.Instant
	for _, e := range records {
		if begins := e.Kind == "enrollment" || e.Kind == "decision" && e.Step == ""; order == "" && begins && e.Campaign == id && e.At >= begun {
			begun, out.order = e.At, e.Order
		}
	}
	keep := func(old **store.Entry, e *store.Entry) {
		if *old == nil || e.At >= (*old).At {
			*old = e
		}
	}
	for i := range records {
		e := &records[i]
		switch mine := e.Campaign == id; {
		case mine && e.Kind == "enrollment" && e.Order == out.order:
			keep(&out.walk, e)
		case mine && e.Kind == "decision" && (e.Order == out.order || e.Order == ""): // an entry that is no order's names none
			keep(&out.decision, e)
		case mine && e.Kind == "effect" && e.Order == out.order:
			keep(&out.effect, e)
		}
	}
	if out.walk != nil && out.effect != nil && out.effect.At < out.walk.At {
		out.effect = nil // of a rehearsal before the campaign went live
	}
	return out
}

// stumbles reports whether the last that is known is an attempt that was not taken.
func (s story) stumbles() bool {
	return s.effect != nil && s.effect.What == string(store.Retry) && (s.decision == nil || s.effect.At >= s.decision.At)
}

// holds reports whether the last decision puts off what the walk stands at.
func (s story) holds(now commerce.Instant) bool {
	d := s.decision
	return d != nil && (d.What == string(gate.Hold) || d.What == string(gate.Defer)) && (d.Until == 0 || d.Until > now) &&
		(s.effect == nil || s.effect.What != string(store.Sent) || d.At >= s.effect.At)
}
