package campaign

import (
	"slices"

	"flywheel/commerce"
)

// Words are what people read about an entry of the registry: its name and one
// sentence, in English, Arabic and Persian.
type Words struct {
	Name     Texts
	Sentence Texts
}

func words(en, enSays, ar, arSays, fa, faSays string) Words {
	return Words{
		Name:     Texts{"en": en, "ar": ar, "fa": fa},
		Sentence: Texts{"en": enSays, "ar": arSays, "fa": faSays},
	}
}

// Param is a field of a Trigger or Step, by its name in the file format, that a kind takes.
type Param struct {
	Name     string
	Required bool
}

func must(names ...string) (ps []Param) {
	for _, n := range names {
		ps = append(ps, Param{n, true})
	}
	return ps
}

func may(names ...string) (ps []Param) {
	for _, n := range names {
		ps = append(ps, Param{n, false})
	}
	return ps
}

// TriggerSpec is a kind of trigger as the registry knows it.
type TriggerSpec struct {
	Kind TriggerKind
	// Events are the kinds of event it reads, that of its cause first.
	Events []commerce.EventKind
	// Clock says that its moment may lie far behind its event: people enter
	// ahead, and version and condition are settled only when the moment comes.
	Clock bool
	// History says that it reads the person's purchases, so that a change of one
	// order may let in, or end, another.
	History bool
	// Answers says that it answers a refund, a cancellation, a dispute or a
	// failure: that outcome does not stop it, only its own end does.
	Answers bool
	// WhileKept says that what it answers matters only while the order is kept: a
	// refund, a cancellation or a lost dispute ends it after all.
	WhileKept bool
	// Unpaid says that its order need not be paid yet.
	Unpaid bool
	// ByOrder says that its cause is an order or a part of one.
	ByOrder bool
	// Loose says that another system may tell of its cause by API as well, apart from any order.
	Loose bool
	// loyal says that it reads what the person has in the loyalty program.
	loyal bool
	// Mode is how often one person enters where the campaign does not say.
	Mode EntryMode
	// Params are the fields of Trigger it takes, beside the kind.
	Params []Param
	Texts  Words

	moment momentFunc
	parts  partsFunc            // where it may happen to one order more than once
	ends   []commerce.EventKind // of the person's, by which what hangs on no order may be so no more
}

// byOrder reports whether these facts are of an order.
func (s *TriggerSpec) byOrder(f Facts) bool { return s.ByOrder && (f.Order != nil || !s.Loose) }

// Loyal reports whether it follows what happens in the shop's loyalty program; a
// birthday does without one.
func (s *TriggerSpec) Loyal() bool { return s.loyal && s.Kind != OnBirthday }

// sells reports whether its moment is that of a purchase.
func (s *TriggerSpec) sells() bool { return !s.Clock && s.Events[0] == commerce.OrderPaid }

// readsBy returns the kinds of event that t reads; a custom event's by its name.
func (s *TriggerSpec) readsBy(t Trigger) []commerce.EventKind {
	if s.Kind == OnCustomEvent {
		return []commerce.EventKind{commerce.CustomKind(t.Name)}
	}
	return s.Events
}

// StepSpec is a kind of step as the registry knows it.
type StepSpec struct {
	Kind StepKind
	// Outward says that it reaches out of the campaign; Reaches, that it reaches
	// the customer, so that consent, suppression and exclusions count; Message,
	// that it does so by a message, which keeps quiet hours and caps as well.
	Outward, Reaches, Message bool
	// Params are the fields of Step it takes, beside id and kind.
	Params []Param
	Texts  Words
}

// Triggers lists all triggers there are, in the order in which people read them.
func Triggers() []TriggerSpec { return slices.Clone(triggers) }

// StepKinds lists all kinds of steps there are, in the order in which people read them.
func StepKinds() []StepSpec { return slices.Clone(stepKinds) }

// TriggerOf finds a kind of trigger; nil where there is none. It is not to be changed.
func TriggerOf(kind TriggerKind) *TriggerSpec { return triggerByKind[kind] }

// StepOf finds a kind of step; nil where there is none. It is not to be changed.
func StepOf(kind StepKind) *StepSpec { return stepByKind[kind] }

var triggerByKind = func() map[TriggerKind]*TriggerSpec {
	m := map[TriggerKind]*TriggerSpec{}
	for i := range triggers {
		m[triggers[i].Kind] = &triggers[i]
	}
	return m
}()

var stepByKind = func() map[StepKind]*StepSpec {
	m := map[StepKind]*StepSpec{}
	for i := range stepKinds {
		m[stepKinds[i].Kind] = &stepKinds[i]
	}
	return m
}()

// waitable are the kinds of event that a person's walk may wait for. Those of
// course belong to the way of one order: a walk that hangs on an order waits
// for its own.
var waitable = map[commerce.EventKind]struct{ course bool }{
	commerce.CustomerCreated: {}, commerce.OrderPlaced: {}, commerce.OrderPaid: {},
	commerce.SubscriptionPaymentFailed: {}, commerce.SubscriptionTrialEnding: {}, commerce.SubscriptionRenewed: {}, commerce.SubscriptionCancelled: {},
	commerce.OrderEdited: {true}, commerce.OrderFulfilled: {true}, commerce.DeliveryDelayed: {true},
	commerce.DeliveryFailed: {true}, commerce.OrderArrived: {true}, commerce.OrderCancelled: {true},
	commerce.ReturnProcessed: {true}, commerce.RefundMade: {true},
	commerce.DisputeOpened: {true}, commerce.DisputeWonEvent: {true}, commerce.DisputeLostEvent: {true},
	commerce.MemberJoined: {}, commerce.PointsEarned: {}, commerce.PointsReleased: {}, commerce.TierReached: {}, commerce.TierLost: {},
	commerce.RewardReady: {}, commerce.FriendBought: {}, commerce.ReferralPaid: {},
}

// WaitEvents lists the kinds of event that a step may wait for, sorted; beside
// them every custom event, as "custom:NAME".
func WaitEvents() []commerce.EventKind {
	out := make([]commerce.EventKind, 0, len(waitable))
	for kind := range waitable {
		out = append(out, kind)
	}
	slices.Sort(out)
	return out
}
