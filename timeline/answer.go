package timeline

import (
	"cmp"
	"strings"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/store"
	"flywheel/templates"
)

// Answer says in a few words why somebody got a campaign's message or did not,
// and what would change that: the last word that stands. records are the
// person's, of store.Why; order narrows them to what hangs on one order, "" is
// what began last.
func (t *Teller) Answer(records []store.Entry, id campaign.CampaignID, order commerce.OrderID, now commerce.Instant) string {
	c, known := t.known[string(id)]
	if !known {
		return t.say("no_campaign", "Name", templates.Isolate(t.lang, string(id)))
	}
	last := newest(records, string(id), string(order))
	subject := t.subject(string(id), cmp.Or(string(order), last.order))
	if e := last.effect; e != nil && e.What == string(store.Sent) {
		key := "sent_on"
		if e.Reason == "rehearsal" {
			key = "sent_rehearsal"
		}
		sent := t.say(key, "Outward", t.outward(*e), "When", t.When(e.At), "Subject", subject)
		if e.Reason == "rehearsal" || last.walk == nil || last.walk.Reason == string(gate.SequenceComplete) {
			return sent
		}
		return sent + " " + t.whyNot(c, last, t.say("follow"), now)
	}
	return t.whyNot(c, last, subject, now)
}

// whyNot says what keeps something from being sent.
func (t *Teller) whyNot(c campaign.Campaign, last story, subject string, now commerce.Instant) string {
	d := last.decision
	switch {
	case last.effect != nil && last.effect.What == string(store.Unknown):
		return t.because(t.say("maybe", "Subject", subject), gate.OutcomeUnknown, store.Entry{}, now)
	case last.walk != nil && last.walk.What == "ended":
		end := store.Entry{}
		if d != nil && d.Reason == last.walk.Reason {
			end.Detail = d.Detail
		}
		return t.because(t.say("not_coming", "Subject", subject), gate.Reason(last.walk.Reason), end, now)
	case c.State == campaign.Draft || c.State == campaign.Archived:
		return t.say(string(c.State), "Title", t.Title(string(c.ID)))
	case last.walk == nil && d == nil:
		return t.notBegun(c, subject)
	case last.walk == nil:
		return t.because(t.say("never_began", "Subject", subject), gate.Reason(d.Reason), *d, now)
	case c.State == campaign.Paused:
		r, d := paused(c)
		return t.because(t.say("waits", "Subject", subject), r, d, now)
	case last.stumbles():
		return t.again(subject, last, now)
	case last.holds(now):
		return t.because(t.say("waits", "Subject", subject), gate.Reason(d.Reason), *d, now)
	case last.walk.Until >= never:
		return t.say("waits_event", "Subject", subject)
	case last.walk.Until > now:
		return t.say("waits_moment", "Subject", subject, "When", t.When(last.walk.Until))
	}
	return t.say("due", "Subject", subject)
}

// again says what was tried and not taken, when it is tried again and until when.
func (t *Teller) again(subject string, last story, now commerce.Instant) string {
	e := last.effect
	who := "who_" + string(t.steps[place{e.Campaign, e.Step}])
	if !templates.Known("timeline_" + who) {
		who = "who_" + string(campaign.SendEmail)
	}
	key, pairs := "again", []string(nil)
	if last.walk.Until > now && last.walk.Until < never {
		key, pairs = key+"_on", append(pairs, "When", t.When(last.walk.Until))
	}
	if e.Until > now && e.Until < never {
		key, pairs = key+"_until", append(pairs, "Until", t.When(e.Until))
	}
	return t.say("refused", "Subject", subject, "Who", t.say(who), "Detail", t.detail(e.Detail), "Again", t.say(key, pairs...))
}

// detail is an answer of a machine as it is put in brackets; "" of none.
func (t *Teller) detail(text string) string {
	if text = Note(text); text == "" {
		return ""
	}
	return t.say("because_detail", "Detail", templates.IsolateLTR(t.lang, text))
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
	detail, until := t.detail(e.Detail), ""
	if part, value, told := strings.Cut(e.Detail, " · "); r == gate.ConditionNotMet && told {
		detail = t.say("because_wants", "Part", templates.IsolateLTR(t.lang, part), "Value", templates.IsolateLTR(t.lang, value))
	}
	if e.Until > now && e.Until < never {
		until = "because_until"
		if gate.Answer(e.What) == gate.Hold {
			until = "because_latest"
		}
		until = t.say(until, "When", t.When(e.Until))
	}
	s := t.say("because", "What", what, "Why", cmp.Or(t.reason(string(r)), string(r)), "Detail", detail, "Until", until)
	if change := t.change(r); change != "" {
		return s + " " + change
	}
	return s
}

// change says what would let a message go after all, as a whole sentence; "" of
// a reason that stands for good.
func (t *Teller) change(r gate.Reason) string {
	key := "timeline_change_" + string(r)
	if t.cli && templates.Known(key+"_cli") {
		key += "_cli"
	}
	if !templates.Known(key) {
		return ""
	}
	return templates.Say(t.lang, key, nil)
}

// notBegun says what has not happened yet.
func (t *Teller) notBegun(c campaign.Campaign, subject string) string {
	spec := campaign.TriggerOf(c.Trigger.Kind)
	switch {
	case spec == nil:
		return t.say("not_begun_bare", "Subject", subject)
	case c.State == campaign.Rehearsal:
		return t.say("not_begun_rehearsal", "Subject", subject, "Trigger", spec.Texts.Name[t.lang])
	}
	return t.say("not_begun", "Subject", subject, "Trigger", spec.Texts.Name[t.lang])
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
