package campaign

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"flywheel/commerce"
	"flywheel/delight/gate"
)

// Verdict is what a campaign makes of an event.
type Verdict struct {
	// Entry is set when the event enrolls its person.
	Entry *Entry
	// Refusal says why not, where somebody will ask; its Answer is Skip or Hold.
	Refusal gate.Decision
}

// Enroll judges one event against a campaign, with the facts as they are now.
// It may be asked again after every change, and must be for every event of an
// order that changed: the entry key makes a repeat harmless. Where the campaign
// reads the person's history (Reads.Anew), a change of one order asks anew for
// the events of the person's others. What a clock starts enters ahead of its
// moment, and judge, which is Flow.Judge, is not asked: Next is, when it comes.
func Enroll(c Campaign, cause commerce.Event, f Facts, judge func() gate.Decision) Verdict {
	spec := TriggerOf(c.Trigger.Kind)
	if spec == nil || !c.State.Enrolls() && c.State != Paused || !slices.Contains(spec.readsBy(c.Trigger), cause.Kind) ||
		spec.byOrder(f) && f.Order == nil {
		return Verdict{}
	}
	f.Cause = cause
	m := c.moment(spec, f)
	if m.gone != "" {
		return Verdict{}
	}
	if stands := c.stands(spec, f); stands.Answer != gate.Send {
		if m.at == 0 && !spec.sells() {
			return Verdict{} // its moment has not come
		}
		return Verdict{Refusal: stands}
	}
	if m.at == 0 {
		return Verdict{}
	}
	if reason := c.tooEarly(f, m); reason != "" {
		return refuse(reason)
	}
	if !c.leads(spec, f, m) {
		return refuse(gate.CoolingOff)
	}
	if !spec.Clock {
		if d := judge(); d.Reason != gate.OK {
			return Verdict{Refusal: d}
		}
	}
	if c.State == Paused { // so that somebody who asks why not hears it
		return refuse(gate.CampaignPaused)
	}
	return Verdict{Entry: c.entry(spec, f, m)}
}

// Enrolls reports whether somebody may enter: a rehearsal reaches the team alone.
func (s State) Enrolls() bool { return s == Live || s == Rehearsal }

// moment finds the moment of the cause, or of the part of its order that counts.
func (c Campaign) moment(spec *TriggerSpec, f Facts) moment {
	if f.Order == nil {
		return happened(c.Trigger, f, "")
	}
	part := partOf(f.Cause.Subject)
	if c.mode(spec) == PerOrder || spec.parts == nil {
		part = "" // the earliest that stands
	}
	if spec.Kind != OnAnniversary || c.Trigger.N > 0 {
		return spec.moment(c.Trigger, f, part)
	}
	// Each year: the first that is still to come when the campaign goes live; Next names the following ones.
	for years := 1; ; years++ {
		m := spec.moment(c.Trigger, f, strconv.Itoa(years))
		if m.at == 0 || m.gone != "" || years == 100 || c.tooEarly(f, m) == "" {
			return m
		}
	}
}

// stands asks whether the cause's order deserves to be written about. An open
// dispute only delays: it must not matter whether it was heard of before the
// payment or after. So does what is not paid yet, where it need not be.
func (d *Definition) stands(spec *TriggerSpec, f Facts) gate.Decision {
	standing := standing(spec, f)
	if standing.Reason == gate.DisputeOpen || spec.Unpaid && standing.Reason == gate.Unpaid {
		return gate.Decision{Answer: gate.Send, Reason: gate.OK}
	}
	return standing
}

// standing is the gate's word on the order; what answers an outcome is not
// stopped by it.
func standing(spec *TriggerSpec, f Facts) gate.Decision {
	switch {
	case f.Order == nil:
		return gate.Decision{Answer: gate.Send, Reason: gate.OK}
	case spec.WhileKept:
		if undone := gate.Undone(f.Order); undone.Answer != gate.Send {
			return undone
		}
		return gate.Exists(f.Order, f.Shop.Settings)
	case spec.Answers:
		return gate.Exists(f.Order, f.Shop.Settings)
	}
	return gate.Standing(f.Order, f.Shop.Settings)
}

// tooEarly says why a moment lies before the campaign's time; "" = it does not.
// Platforms name no finer time than seconds. What a clock starts is judged by
// its moment, but a stated start by what happened.
func (c Campaign) tooEarly(f Facts, m moment) gate.Reason {
	switch {
	case f.Order != nil && f.Order.Historic(m.at, f.Shop), f.Order == nil && f.Cause.Historic:
		return gate.Historic
	case m.at.Seconds() < c.LiveAt.Seconds():
		return gate.BeforeLive
	case cmp.Or(m.since, m.at).Seconds() < c.Entry.from().Seconds():
		return gate.BeforeStart
	}
	return ""
}

// from is the stated start; 0 = none.
func (e EntryRule) from() commerce.Instant {
	if e.From == "" {
		return 0
	}
	t, err := time.Parse(time.RFC3339, e.From)
	if err != nil {
		return 0 // Check has refused it
	}
	return commerce.At(t)
}

func refuse(r gate.Reason) Verdict {
	return Verdict{Refusal: gate.Decision{Answer: gate.Skip, Reason: r}}
}
