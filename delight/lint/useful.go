package lint

import (
	"fmt"
	"slices"
	"time"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
)

const day = 24 * time.Hour

// useful looks at how long steps make sense: stated, longer than a night, and
// not shorter than the time a call may take.
func useful(l *linter) {
	night := l.night()
	lists(l.Steps, "steps", func(list []campaign.Step, where string) {
		for i := range list {
			s, at := &list[i], fmt.Sprintf("%s[%d]", where, i)
			spec := campaign.StepOf(s.Kind)
			switch {
			case spec == nil || !spec.Outward:
			case s.Useful <= 0:
				l.find("useful-missing", at+".useful")
			case s.Kind == campaign.CallTask && s.Within > s.Useful:
				l.find("call-after-use", at+".within", slices.Concat(spoken("have", s.Within), spoken("need", s.Useful))...)
			case spec.Message && l.Class != gate.Transactional && time.Duration(s.Useful) <= night && !l.byDay(list[:i]):
				l.find("useful-below-quiet", at+".useful", slices.Concat(spoken("have", s.Useful), spoken("need", campaign.Duration(night)))...)
			}
		}
	})
}

// usualQuiet are the quiet hours of a shop that chose none, as in package calendar.
var usualQuiet = commerce.Window{From: "21:00", To: "08:00"}

func (l *linter) quiet() commerce.Window {
	if q := l.shop.Settings.Calendar.Quiet; q != (commerce.Window{}) {
		return q
	}
	return usualQuiet
}

// night is how long ordinary quiet hours last. Closed days come on top.
func (l *linter) night() time.Duration {
	from, to := l.evening()
	return time.Duration((to-from+24*60)%(24*60)) * time.Minute
}

func (l *linter) evening() (from, to commerce.TimeOfDay) {
	from, err := commerce.ParseTimeOfDay(l.quiet().From)
	to, err2 := commerce.ParseTimeOfDay(l.quiet().To)
	if err != nil || err2 != nil {
		return 0, 0
	}
	return from, to
}

// byDay reports whether the step behind these waits for a time that is not quiet.
func (l *linter) byDay(before []campaign.Step) bool {
	if len(before) == 0 || before[len(before)-1].Kind != campaign.WaitUntil {
		return false
	}
	at, err := commerce.ParseTimeOfDay(before[len(before)-1].At)
	return err == nil && !at.Within(l.evening())
}

// shelf is how long a cause is news: what answers it later is worse than
// silence. Causes that are not here keep.
var shelf = map[campaign.TriggerKind]time.Duration{
	campaign.OnDeliveryDelayed: 5 * day, campaign.OnDeliveryFailed: 5 * day, campaign.OnNotDelivered: 10 * day,
	campaign.OnRefundFull: 14 * day, campaign.OnRefundPartial: 14 * day, campaign.OnReturnProcessed: 14 * day,
	campaign.OnOrderCancelled: 14 * day, campaign.OnOrderEdited: 7 * day,
	campaign.OnDisputeOpened: 14 * day, campaign.OnDisputeWon: 14 * day, campaign.OnDisputeLost: 14 * day,
	campaign.OnPaymentFailed: 21 * day, campaign.OnTrialEnding: 3 * day, campaign.OnConsentAsked: 3 * day, campaign.OnAnniversary: 14 * day, campaign.OnNewProduct: 60 * day,
}

// thanksWithin is the shelf of a thank-you, whatever it thanks for.
const thanksWithin = 14 * day

// orderWithin is how long a mail can be part of an order, or of what happened
// to it, where its cause is not news for longer.
const orderWithin = 7 * day

// lateness looks for waits that lead beyond the latest use of what they lead
// to, and for mails that need no consent and come when the order is long over.
func lateness(l *linter) {
	limit := shelf[l.Trigger.Kind]
	if l.Job == commerce.JobThanks {
		limit = thanksWithin
	}
	part := time.Duration(0)
	if l.Class == gate.Transactional {
		part = max(orderWithin, shelf[l.Trigger.Kind])
	}
	l.late(l.Steps, "steps", 0, func(s *campaign.Step, at string, since time.Duration) {
		fill := func(limit time.Duration) []string {
			return slices.Concat(trigger(l.Trigger.Kind), spoken("have", campaign.Duration(since)), spoken("need", campaign.Duration(limit)))
		}
		switch {
		case s.Kind == campaign.SendEmail && part > 0 && since > part:
			l.find("transactional-too-late", at, fill(part)...)
		case (s.Kind == campaign.SendEmail || s.Kind == campaign.CallTask) && limit > 0 && since > limit:
			l.find("wait-beyond-use", at, fill(limit)...)
		}
	})
}

// news are the events of an order's way: a mail behind one answers it, and not
// only what began the campaign.
var news = []commerce.EventKind{
	commerce.OrderEdited, commerce.OrderFulfilled, commerce.DeliveryDelayed, commerce.DeliveryFailed, commerce.OrderArrived,
	commerce.OrderCancelled, commerce.ReturnProcessed, commerce.RefundMade,
}

// late adds up the waits and timeouts of a list that begins that long after
// the cause, tells visit of each step, and returns when it ends at the latest.
func (l *linter) late(list []campaign.Step, where string, since time.Duration, visit func(s *campaign.Step, at string, since time.Duration)) time.Duration {
	for i := range list {
		s, at := &list[i], fmt.Sprintf("%s[%d]", where, i)
		visit(s, at, since)
		since += longest(s)
		latest := since
		for _, b := range branches(s) {
			begins := since
			if s.Kind == campaign.WaitForEvent && b.name == "then" && slices.Contains(news, commerce.EventKind(s.Event)) {
				begins = 0
			}
			if end := l.late(b.steps, at+"."+b.name, begins, visit); !ends(b.steps) {
				latest = max(latest, end)
			}
		}
		since = latest
	}
	return since
}

// longest is how long a step may hold people up: a wait for a time of day a
// day, for a weekday a week, for a working day a long weekend.
func longest(s *campaign.Step) time.Duration {
	switch {
	case s.Kind == campaign.Wait:
		return time.Duration(s.For)
	case s.Kind == campaign.WaitForEvent:
		return time.Duration(s.Timeout)
	case s.Kind != campaign.WaitUntil:
		return 0
	case s.Weekday != "":
		return 7 * day
	case s.Working:
		return 4 * day
	}
	return day
}
