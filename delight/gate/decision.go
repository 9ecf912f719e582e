// Package gate answers one question before every outward step: may we ask this
// person now? Decide is pure; its facts are filled by one store method and the
// instant is a parameter. Sending is the matter of package jobs.
package gate

import (
	"fmt"
	"strings"

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
	Fuse           Reason = "fuse" // the campaign paused itself
	Disconnected   Reason = "disconnected"
	OverPlan       Reason = "over_plan"       // the shop has had more orders than its plan for too long; asks only
	MissedInPause  Reason = "missed_in_pause" // due while paused, and long past
	Erased         Reason = "person_erased"
	Unreachable    Reason = "no_address"
	OtherTool      Reason = "other_tool"    // the shop says that another tool does this, or nobody
	SamePurchase   Reason = "same_purchase" // another row is this purchase
	TestOrder      Reason = "test_order"
	Deleted        Reason = "order_deleted"

	// Kinds of orders and persons that are left alone unless the shop says otherwise.
	Marketplace     Reason = "marketplace" // Amazon, eBay, TikTok: their customer, their rules
	BusinessOrder   Reason = "b2b"
	DraftOrder      Reason = "draft_order" // unless its invoice was paid by the customer
	ZeroTotal       Reason = "zero_total"
	ExcludedTag     Reason = "excluded_tag"
	ExcludedProduct Reason = "excluded_product"
	ExcludedPerson  Reason = "excluded_customer"
	RelayAddress    Reason = "relay_address" // a marketplace's forwarding address
	Staff           Reason = "staff"         // of the shop, or its domain
	GiftOrder       Reason = "gift"          // asks only
	PointOfSale     Reason = "point_of_sale" // asks only, without a yes to the channel

	ParcelRefused Reason = "parcel_refused"
	Cancelled     Reason = "order_cancelled"
	Voided        Reason = "payment_voided"
	NoOrder       Reason = "order_unknown" // a stub: only a refund or dispute told of it
	Unconfirmed   Reason = "order_unconfirmed"
	Unpaid        Reason = "order_unpaid"
	Suppressed    Reason = "suppressed"
	PausedByThem  Reason = "paused_by_customer" // until the day they named
	SenderStopped Reason = "sender_stopped"     // too many complaints on the shared sender
	NoOrderHere   Reason = "no_order_here"      // the shared sender writes only to people with an order
	ConsentUnread Reason = "consent_unread"     // the platform knows what they said, and could not be asked
	NoConsent     Reason = "no_consent"
	Refunded      Reason = "refunded"
	DisputeLost   Reason = "dispute_lost"
	DisputeOpen   Reason = "dispute_open"
	OpenCase      Reason = "open_case"     // somebody of the shop is talking with the person
	AwaitingMore  Reason = "awaiting_more" // another source will tell more soon
	QuietHours    Reason = "quiet_hours"
	QuietDay      Reason = "quiet_day" // a closed day, a feast, Ramadan's hours; the detail names it
	Capped        Reason = "frequency_cap"
	Yielded       Reason = "yielded" // to a message that matters more; the detail names its campaign
	TooLate       Reason = "expired"
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
	SendingLimit     Reason = "sending_limit" // a new sender has taken on all it may for today, or its provider for this minute
	AlreadySent      Reason = "already_sent"
	SequenceComplete Reason = "complete"
	BeforeStart      Reason = "before_start" // the campaign is for causes after a stated instant
	AlreadyIn        Reason = "already_in"   // once ever, or for this order
	CoolingOff       Reason = "cooling_off"  // an order shortly before is asked about together with this one
	JoinedOther      Reason = "joined_other" // the same, found out after it had entered
	CauseGone        Reason = "cause_gone"   // what it began with is not so any more
	BoughtAgain      Reason = "bought_again" // the person has not lapsed
	WalkEnded        Reason = "end_step"     // the campaign says that it ends here
	StepGone         Reason = "step_gone"    // its version has no such step
	StoppedByHand    Reason = "stopped_by_hand"
	SkippedByHand    Reason = "skipped_by_hand"
	RehearsalOver    Reason = "rehearsal_over"
	EndpointGone     Reason = "endpoint_gone" // an outgoing webhook's address was removed
	NoCustomer       Reason = "no_shopify_customer"
	NoMember         Reason = "no_member"        // of the loyalty program, which gives to members alone
	NoReward         Reason = "no_reward"        // the program does not give it to them, or no code could be made
	BudgetUsed       Reason = "reward_budget"    // of the month
	PlatformRefused  Reason = "platform_refused" // what was to be done there
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

// Because is what would have had a message wait until it was of no more use,
// of a decision that says TooLate for that; "" of any other.
func (d Decision) Because() Reason {
	if d.Reason != TooLate || !strings.HasSuffix(d.Detail, tooLong) {
		return ""
	}
	reason, _, _ := strings.Cut(d.Detail, " ")
	return Reason(reason)
}

// tooLong ends the detail of a wait that would last too long.
const tooLong = " until after the latest useful time"

func send() Decision { return Decision{Answer: Send, Reason: OK} }

func deferred(r Reason, until commerce.Instant, detail string) Decision {
	return Decision{Answer: Defer, Reason: r, Detail: detail, Until: until}
}

func skip(r Reason, detail string, args ...any) Decision {
	return Decision{Answer: Skip, Reason: r, Detail: fmt.Sprintf(detail, args...)}
}

func hold(r Reason, detail string, args ...any) Decision {
	return Decision{Answer: Hold, Reason: r, Detail: fmt.Sprintf(detail, args...)}
}
