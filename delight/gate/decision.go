// Package gate answers one question before every outward step: may we ask this
// person now? Decide is pure; its facts are filled by one store method and the
// instant is a parameter. Sending is the matter of package jobs.
package gate

import (
	"fmt"

	"flywheel/commerce"
)

// Answer is what the gate says about a step.
type Answer string

// The four answers.
const (
	Send  Answer = "send"
	Defer Answer = "defer" // not now, but at Until
	Hold  Answer = "hold"  // until the event that removes the cause, at the latest until Until
	Skip  Answer = "skip"  // never
)

// Reason is the code of a decision's cause, the same in logs, tables and metrics.
type Reason string

// Reasons of the gate, in the order in which it looks for them.
const (
	OK             Reason = "ok"
	ShopClosed     Reason = "shop_closed"
	ShopPaused     Reason = "shop_paused"
	CampaignPaused Reason = "campaign_paused"
	Disconnected   Reason = "disconnected"
	Erased         Reason = "person_erased"
	Unreachable    Reason = "no_address"
	SamePurchase   Reason = "same_purchase" // another row is this purchase
	TestOrder      Reason = "test_order"
	Deleted        Reason = "order_deleted"
	ParcelRefused  Reason = "parcel_refused"
	Cancelled      Reason = "order_cancelled"
	Voided         Reason = "payment_voided"
	NoOrder        Reason = "order_unknown" // a stub: only a refund or dispute told of it
	Unconfirmed    Reason = "order_unconfirmed"
	Unpaid         Reason = "order_unpaid"
	Suppressed     Reason = "suppressed"
	NoConsent      Reason = "no_consent"
	Refunded       Reason = "refunded"
	DisputeLost    Reason = "dispute_lost"
	DisputeOpen    Reason = "dispute_open"
	AwaitingMore   Reason = "awaiting_more" // another source will tell more soon
	TooLate        Reason = "expired"
)

// Reasons that campaigns and the sending itself give.
const (
	Historic         Reason = "historic"
	BeforeLive       Reason = "before_go_live"
	ConditionNotMet  Reason = "condition_not_met"
	ConditionBroken  Reason = "condition_error"
	MessageBroken    Reason = "message_broken" // it cannot be rendered
	DeliveryRefused  Reason = "mail_refused"
	OutcomeUnknown   Reason = "outcome_unknown"
	Retrying         Reason = "retrying"
	AlreadySent      Reason = "already_sent"
	SequenceComplete Reason = "complete"
)

// Decision is an answer with its reason. Until is set for Defer and Hold.
type Decision struct {
	Answer Answer
	Reason Reason
	Detail string // a short fact that completes the reason, without personal data
	Until  commerce.Instant
}

// Final reports whether no event can turn the decision any more.
func (d Decision) Final() bool { return d.Answer == Skip }

func send() Decision { return Decision{Answer: Send, Reason: OK} }

func skip(r Reason, detail string, args ...any) Decision {
	return Decision{Answer: Skip, Reason: r, Detail: fmt.Sprintf(detail, args...)}
}

func hold(r Reason, detail string, args ...any) Decision {
	return Decision{Answer: Hold, Reason: r, Detail: fmt.Sprintf(detail, args...)}
}
