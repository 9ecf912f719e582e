package timeline

import (
	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/store"
)

// why says a gate's reason in words. It completes "Held: ..." and "Stopped: ...".
var why = map[gate.Reason]string{
	gate.OK:               "nothing is in the way",
	gate.ShopPaused:       "the shop is paused, nothing goes out",
	gate.ShopClosed:       "the shop has left",
	gate.CampaignPaused:   "this campaign is paused",
	gate.Disconnected:     "the platform the order came by is no longer connected",
	gate.Erased:           "the customer asked to be forgotten, and was",
	gate.Unreachable:      "no mail address is known",
	gate.TestOrder:        "it is a test order, nobody bought anything",
	gate.Deleted:          "the order was deleted",
	gate.Cancelled:        "the order was cancelled",
	gate.Voided:           "the payment was voided before any money moved",
	gate.Unconfirmed:      "the platform has not confirmed the order yet",
	gate.NoOrder:          "only a refund or dispute told of the order, the order itself has not come",
	gate.Unpaid:           "the order is not paid yet",
	gate.Suppressed:       "the customer unsubscribed, or the address takes no mail",
	gate.NoConsent:        "where this customer lives a message of this kind needs their consent",
	gate.Refunded:         "everything was refunded",
	gate.ParcelRefused:    "the parcel was to be paid at the door, and came back or was called off",
	gate.DisputeLost:      "the customer's bank took the payment back",
	gate.DisputeOpen:      "the customer objects to the payment at their bank, and that is not decided",
	gate.SamePurchase:     "another entry is the same purchase, told by the other platform",
	gate.AwaitingMore:     "more about this purchase will be told in a moment",
	gate.TooLate:          "it came too late to be of use, and late mail is worse than none",
	gate.Historic:         "it happened before the shop was connected",
	gate.BeforeLive:       "it happened before somebody pressed Go live",
	gate.ConditionNotMet:  "the campaign's condition does not fit, as for a renewal",
	gate.ConditionBroken:  "the campaign's condition could not be worked out",
	gate.MessageBroken:    "the message cannot be written for this order",
	gate.DeliveryRefused:  "the customer's mail server refused the address for good",
	gate.OutcomeUnknown:   "nobody knows whether the mail arrived, and nobody is mailed twice on a guess",
	gate.Retrying:         "the customer's mail server was busy, it is tried again",
	gate.AlreadySent:      "it was sent before",
	gate.SequenceComplete: "everything there was to send has been sent",
}

// Because says a reason in words, to complete "Held: ..." or "Not sent: ...";
// "" for a reason that has none.
func Because(r gate.Reason) string { return why[r] }

// happened says what an event did to an order: "Order #1001 was paid".
var happened = map[commerce.EventKind]string{
	commerce.OrderPlaced:    "was placed",
	commerce.OrderPaid:      "was paid",
	commerce.OrderFulfilled: "was shipped whole",
	commerce.OrderArrived:   "arrived",
	commerce.OrderCancelled: "was cancelled",
	commerce.OrderDeleted:   "was deleted",
	commerce.RefundMade:     "had a refund",
	commerce.RefundGaveBack: "keeps its money after all, a refund failed",
	commerce.DisputeOpened:  "is objected to at the customer's bank",
	commerce.DisputeClosed:  "is no longer objected to, the bank has decided",
}

// answerWords opens the sentence of a decision.
var answerWords = map[gate.Answer]string{
	gate.Send: "Sent", gate.Defer: "Put off", gate.Hold: "Held", gate.Skip: "Not sent",
}

// effectWords says how far a mail has come.
var effectWords = map[store.EffectState]string{
	store.Claimed:   "Mail about to be written",
	store.Sending:   "Mail on its way to the mail server",
	store.Sent:      "Mail sent",
	store.Retry:     "Mail not taken, to be tried again",
	store.Failed:    "Mail refused for good",
	store.Withdrawn: "Mail taken back before it left",
	store.Expired:   "Mail dropped, it would have been of no use any more",
	store.Unknown:   "Mail given to the server, which never said whether it took it",
}
