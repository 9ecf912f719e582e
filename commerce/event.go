package commerce

import (
	"maps"
	"reflect"
	"slices"
	"strings"
)

// EventKind names a change of state that campaigns may start from.
type EventKind string

// Event kinds, in the order in which they usually happen.
const (
	CustomerCreated           EventKind = "customer_created"
	ConsentAsked              EventKind = "consent_asked" // a yes to news and offers that a second act must confirm
	OrderPlaced               EventKind = "order_placed"
	SubscriptionPaymentFailed EventKind = "subscription_payment_failed"
	OrderPaid                 EventKind = "order_paid"
	SubscriptionTrialEnding   EventKind = "subscription_trial_ending" // in some days, of a trial that goes on as a subscription
	SubscriptionChanged       EventKind = "subscription_changed"      // its trial ends at another time, or nothing follows it
	SubscriptionRenewed       EventKind = "subscription_renewed"      // a renewal was paid
	OrderEdited               EventKind = "order_edited"
	OrderFulfilled            EventKind = "order_fulfilled"
	DeliveryDelayed           EventKind = "delivery_delayed"
	DeliveryFailed            EventKind = "delivery_failed"
	OrderArrived              EventKind = "order_arrived" // delivered, or assumed to be
	OrderCancelled            EventKind = "order_cancelled"
	OrderDeleted              EventKind = "order_deleted"
	ReturnProcessed           EventKind = "return_processed"
	RefundMade                EventKind = "refund_made"
	RefundGaveBack            EventKind = "refund_failed"
	DisputeOpened             EventKind = "dispute_opened"
	DisputeWonEvent           EventKind = "dispute_won" // DisputeWon is the dispute's status
	DisputeLostEvent          EventKind = "dispute_lost"
	SubscriptionCancelled     EventKind = "subscription_cancelled"
	ProductPublished          EventKind = "product_published"
	// What we do ourselves: Tell of the store makes them.
	MemberJoined   EventKind = "member_joined"   // the loyalty program; props how
	PointsEarned   EventKind = "points_earned"   // props points, pending (0 = to spend at once), balance, rule
	PointsReleased EventKind = "points_released" // what waited can be spent; props points, balance
	PointsExpiring EventKind = "points_expiring" // props points, ends_at
	TierReached    EventKind = "tier_reached"    // props tier, from
	TierEnding     EventKind = "tier_ending"     // will be lost at the end of the grace; props tier, ends_at
	TierLost       EventKind = "tier_lost"       // props tier, from
	RewardReady    EventKind = "reward_ready"    // its code can be used; props reward, id, for
	RewardExpiring EventKind = "reward_expiring" // props reward, id, ends_at
	BirthdayCame   EventKind = "birthday"        // props year
	FriendBought   EventKind = "friend_bought"   // of the advocate; the reward waits; props referral
	ReferralPaid   EventKind = "referral_paid"   // of the advocate; props referral, reward or points
	CustomEvent    EventKind = "custom"          // told by API; kept as CustomKind of its name
)

// eventKinds are all of them, in the order above.
var eventKinds = []EventKind{
	CustomerCreated, ConsentAsked, OrderPlaced, SubscriptionPaymentFailed, OrderPaid, SubscriptionTrialEnding, SubscriptionChanged, SubscriptionRenewed,
	OrderEdited, OrderFulfilled, DeliveryDelayed, DeliveryFailed, OrderArrived, OrderCancelled, OrderDeleted, ReturnProcessed,
	RefundMade, RefundGaveBack, DisputeOpened, DisputeWonEvent, DisputeLostEvent, SubscriptionCancelled, ProductPublished,
	MemberJoined, PointsEarned, PointsReleased, PointsExpiring, TierReached, TierEnding, TierLost, RewardReady, RewardExpiring, BirthdayCame, FriendBought, ReferralPaid,
	CustomEvent,
}

// ourKinds are of what we do ourselves.
var ourKinds = []EventKind{
	MemberJoined, PointsEarned, PointsReleased, PointsExpiring, TierReached, TierEnding, TierLost, RewardReady, RewardExpiring, BirthdayCame, FriendBought, ReferralPaid,
}

// Ours reports whether the kind is of what we do ourselves, which nobody else can tell.
func (k EventKind) Ours() bool { return slices.Contains(ourKinds, k) }

// EventKinds lists all kinds, in the order in which they usually happen.
func EventKinds() []EventKind { return slices.Clone(eventKinds) }

// Reserved reports whether name is that of a kind: no custom event has it, for
// it would look like one and start nothing.
func Reserved(name string) bool { return slices.Contains(eventKinds, EventKind(name)) }

// customPrefix stands before a custom event's own name.
const customPrefix = string(CustomEvent) + ":"

// CustomKind is the kind under which a custom event of a name is kept and waited for.
func CustomKind(name string) EventKind { return EventKind(customPrefix + name) }

// Custom returns the name of a kind that CustomKind made.
func (k EventKind) Custom() (name string, ok bool) { return strings.CutPrefix(string(k), customPrefix) }

// Event is one change of state, unique by (shop, kind, subject, ordinal). It is
// derived from facts, never from a webhook's topic, so that every source that
// shows one payment makes one event.
type Event struct {
	ID         EventID
	Kind       EventKind
	Subject    string // order id, or order id "/" refund, dispute, edit, return or fulfilment id; else what a Happening names
	Ordinal    int
	OrderID    OrderID
	PersonID   PersonID
	Platform   Platform       // who told of it, where it hangs on no order; "" = another system, or nobody noted it
	OccurredAt Instant        // the source's time
	Historic   bool           // before the connection was installed: enrolls nobody
	Assumed    bool           // our estimate, no source said so
	Name       string         // a custom event's own name, else ""
	Props      map[string]any // what a custom event says: JSON of at most 4 KB
}

// Equal reports whether e and n say the same.
func (e Event) Equal(n Event) bool { return reflect.DeepEqual(e, n) }

// Events derives the order's events, oldest first.
func (o *Order) Events(s Shop) []Event {
	var out []Event
	add := func(kind EventKind, part string, at Instant) {
		if at == 0 {
			return
		}
		subject := string(o.ID)
		if part != "" {
			subject += "/" + part
		}
		out = append(out, Event{
			Kind: kind, Subject: subject, OrderID: o.ID, PersonID: o.PersonID,
			OccurredAt: at, Historic: o.Historic(at, s),
		})
	}
	add(OrderPlaced, "", o.PlacedAt)
	add(SubscriptionPaymentFailed, "", o.PaymentFailed)
	add(OrderPaid, "", o.Payment.At())
	if o.Detail.Renewal {
		add(SubscriptionRenewed, "", o.Payment.At())
	}
	for _, id := range slices.Sorted(maps.Keys(o.Edits)) {
		add(OrderEdited, id, o.Edits[id].At)
	}
	add(OrderFulfilled, "", o.FulfilledAt())
	for _, id := range slices.Sorted(maps.Keys(o.Fulfilments)) {
		add(DeliveryDelayed, id, o.Fulfilments[id].DelayedAt)
		add(DeliveryFailed, id, o.Fulfilments[id].FailedAt)
	}
	if at, assumed := o.Arrived(s); at != 0 {
		add(OrderArrived, "", at)
		out[len(out)-1].Assumed = assumed
	}
	add(OrderCancelled, "", o.Cancel.At())
	add(OrderDeleted, "", o.DeletedAt)
	for _, id := range slices.Sorted(maps.Keys(o.Returns)) {
		add(ReturnProcessed, id, o.Returns[id].At)
	}
	for _, id := range slices.Sorted(maps.Keys(o.Refunds)) {
		switch r := o.Refunds[id]; r.Status {
		case RefundSucceeded:
			add(RefundMade, id, r.At)
		case RefundFailed:
			add(RefundGaveBack, id, r.At)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(o.Disputes)) {
		d := o.Disputes[id]
		add(DisputeOpened, id, d.OpenedAt)
		switch d.Status {
		case DisputeWon:
			add(DisputeWonEvent, id, d.ClosedAt)
		case DisputeLost:
			add(DisputeLostEvent, id, d.ClosedAt)
		}
	}
	slices.SortStableFunc(out, func(a, b Event) int { return int(a.OccurredAt - b.OccurredAt) })
	return out
}

// Historic reports whether at lies before the order's platform was connected,
// both cut to whole seconds.
func (o *Order) Historic(at Instant, s Shop) bool {
	return at.Seconds() < o.installed(s).Seconds()
}

func (o *Order) installed(s Shop) Instant {
	platform := o.Detail.Platform
	if platform == "" && len(o.Keys) > 0 {
		platform = o.Keys[0].Platform
	}
	return s.Installed[platform]
}
