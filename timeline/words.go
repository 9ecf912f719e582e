package timeline

import (
	"cmp"
	"strings"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/store"
)

// why says a gate's reason in words. It completes "Held: ..." and "Stopped: ...".
var why = map[gate.Reason]string{
	gate.OK:               "nothing is in the way",
	gate.ShopPaused:       "the shop is paused, nothing goes out",
	gate.ShopClosed:       "the shop has left",
	gate.CampaignPaused:   "this campaign is paused",
	gate.Fuse:             "this campaign has stopped itself, since too much went wrong after what it sent",
	gate.OverPlan:         "the shop has had more orders than its plan allows for over seven days",
	gate.MissedInPause:    "its moment passed during a pause, and nobody gets old news afterwards",
	gate.Disconnected:     "the platform the order came by is no longer connected",
	gate.OtherTool:        "the shop says that somebody else does this for its customers",
	gate.Erased:           "the customer asked to be forgotten, and was",
	gate.Unreachable:      "no address is known by which to reach them",
	gate.TestOrder:        "it is a test order, nobody bought anything",
	gate.Deleted:          "the order was deleted",
	gate.Marketplace:      "it was bought at a marketplace, whose customer it is",
	gate.BusinessOrder:    "a business ordered it",
	gate.DraftOrder:       "the shop wrote the order itself",
	gate.ZeroTotal:        "nothing was to pay for it",
	gate.ExcludedTag:      "the order has a tag that the shop leaves alone",
	gate.ExcludedProduct:  "it holds nothing but products that the shop leaves alone",
	gate.ExcludedPerson:   "the shop leaves this customer alone",
	gate.RelayAddress:     "the address is a marketplace's, which only passes mail on",
	gate.Staff:            "the address belongs to the shop's own people",
	gate.GiftOrder:        "the order is a gift, and whoever gets it has asked for nothing",
	gate.PointOfSale:      "it was bought in a store, and nobody there said yes to such mails",
	gate.Cancelled:        "the order was cancelled",
	gate.Voided:           "the payment was voided before any money moved",
	gate.Unconfirmed:      "the platform has not confirmed the order yet",
	gate.NoOrder:          "only a refund or dispute told of the order, the order itself has not come",
	gate.Unpaid:           "the order is not paid yet",
	gate.PausedByThem:     "the customer asked for a break until then",
	gate.SenderStopped:    "the shared sender is stopped for this shop: too many complaints",
	gate.NoOrderHere:      "the shared sender writes only to people with an order here",
	gate.SendingLimit:     "a new sender may send only so much a day",
	gate.Suppressed:       "the customer unsubscribed, or the address takes no mail",
	gate.NoConsent:        "where this customer lives a message of this kind needs their consent",
	gate.ConsentUnread:    "Shopify could not be asked what the customer has said about such messages",
	gate.Refunded:         "everything was refunded",
	gate.ParcelRefused:    "the parcel was to be paid at the door, and came back or was called off",
	gate.DisputeLost:      "the customer's bank took the payment back",
	gate.DisputeOpen:      "the customer objects to the payment at their bank, and that is not decided",
	gate.OpenCase:         "somebody of the shop is talking with the customer about a problem",
	gate.SamePurchase:     "another entry is the same purchase, told by the other platform",
	gate.AwaitingMore:     "more about this purchase will be told in a moment",
	gate.QuietHours:       "it is a quiet hour where the customer lives",
	gate.QuietDay:         "it is a day on which the shop asks nobody, or other hours count",
	gate.Capped:           "the customer has had as many messages as the shop allows",
	gate.Yielded:          "a message that matters more goes first",
	gate.TooLate:          "it came too late to be of use, and late mail is worse than none",
	gate.Historic:         "it happened before the shop was connected",
	gate.BeforeLive:       "it happened before somebody pressed Go live",
	gate.BeforeStart:      "it happened before the day from which the campaign counts",
	gate.AlreadyIn:        "the customer was in this campaign before, and it is for once",
	gate.CoolingOff:       "an order shortly before it is asked about together with this one",
	gate.JoinedOther:      "an order shortly before it turned up, and both are asked about together",
	gate.CauseGone:        "what it began with is not so any more",
	gate.BoughtAgain:      "the customer has bought again",
	gate.ConditionNotMet:  "the campaign's condition does not fit",
	gate.ConditionBroken:  "the campaign's condition could not be worked out",
	gate.MessageBroken:    "the message cannot be written for this order",
	gate.DeliveryRefused:  "the customer's mail server refused the address for good",
	gate.OutcomeUnknown:   "nobody knows whether the mail arrived, and nobody is mailed twice on a guess",
	gate.Retrying:         "the other side was busy, it is tried again",
	gate.AlreadySent:      "it was sent before",
	gate.SequenceComplete: "everything there was to send has been sent",
	gate.WalkEnded:        "the campaign ends here for this customer",
	gate.StepGone:         "the campaign has no such step",
	gate.StoppedByHand:    "somebody stopped it",
	gate.SkippedByHand:    "somebody chose to leave this step out",
	gate.RehearsalOver:    "it was a rehearsal, and that is over",
	gate.EndpointGone:     "the address of the outgoing webhook was removed",
	gate.NoCustomer:       "Shopify has no customer for this person",
	gate.PlatformRefused:  "Shopify refused it",
}

// changes says what would let a message go after all, as a whole sentence. A
// reason that is not here stands for good.
var changes = map[gate.Reason]string{
	gate.ShopPaused:      "It goes on when the shop is resumed.",
	gate.CampaignPaused:  "It goes on when the campaign is resumed.",
	gate.Fuse:            "It goes on when somebody has looked into it and resumes the campaign.",
	gate.OverPlan:        "It goes when a larger plan is chosen on the plan page, or a new period begins.",
	gate.OtherTool:       "Say flywheel for this job in the shop's settings, and it counts for whoever comes next.",
	gate.Unreachable:     "It goes as soon as an address is told.",
	gate.BusinessOrder:   "The shop's settings may allow it (exclude.allow_b2b), for orders from then on.",
	gate.DraftOrder:      "The shop's settings may allow it (exclude.allow_drafts), for orders from then on.",
	gate.ZeroTotal:       "The shop's settings may allow it (exclude.allow_zero_total), for orders from then on.",
	gate.GiftOrder:       "The shop's settings may allow it (exclude.allow_gifts), for orders from then on.",
	gate.ExcludedTag:     "The shop's settings name the tag (exclude.tags).",
	gate.ExcludedProduct: "The shop's settings name the products (exclude.products).",
	gate.ExcludedPerson:  "The shop's settings name the customer (exclude.customers).",
	gate.PointOfSale:     "It goes when the customer says yes.",
	gate.Unconfirmed:     "It goes when the platform confirms the order.",
	gate.NoOrder:         "It goes when the order itself is told.",
	gate.Unpaid:          "It goes when the order is paid.",
	gate.PausedByThem:    "It goes by itself when the pause is over, or they end it on their page.",
	gate.SenderStopped:   "It goes when somebody has looked into the complaints and takes the sender up again: flywheel sender resume.",
	gate.ConsentUnread:   "It goes by itself when Shopify answers.",
	gate.NoConsent:       "It goes when the customer says yes.",
	gate.DisputeOpen:     "It goes when the bank decides for the shop.",
	gate.OpenCase:        "It goes when that is settled.",
	gate.AwaitingMore:    "It goes by itself in some minutes.",
	gate.QuietHours:      "It goes by itself afterwards.",
	gate.QuietDay:        "It goes by itself afterwards.",
	gate.Capped:          "It goes by itself when there is room again.",
	gate.Yielded:         "It goes by itself after that one, if there is room.",
	gate.Retrying:        "It goes by itself when the other side takes it.",
	gate.OutcomeUnknown:  "Somebody has to decide: flywheel unknown resend, or flywheel unknown sent.",
	gate.ConditionBroken: "The condition must be mended, and it counts for whoever comes next.",
	gate.MessageBroken:   "The text must be mended, and it counts for whoever comes next.",
	gate.CoolingOff:      "The other order's message speaks of this one too.",
	gate.JoinedOther:     "The other order's message speaks of this one too.",
	gate.EndpointGone:    "flywheel hooks add makes a new one.",
}

// Because says a reason in words, to complete "Held: ..." or "Not sent: ...";
// "" for a reason that has none.
func Because(r gate.Reason) string { return why[r] }

// happened says what an event did to an order, as in "Order #1001 was paid";
// of an event that hangs on no order it is the whole sentence.
var happened = map[commerce.EventKind]string{
	commerce.OrderPlaced:               "was placed",
	commerce.OrderPaid:                 "was paid",
	commerce.OrderFulfilled:            "was shipped whole",
	commerce.OrderArrived:              "arrived",
	commerce.OrderCancelled:            "was cancelled",
	commerce.OrderDeleted:              "was deleted",
	commerce.RefundMade:                "had a refund",
	commerce.RefundGaveBack:            "keeps its money after all, a refund failed",
	commerce.DisputeOpened:             "is objected to at the customer's bank",
	commerce.DisputeWonEvent:           "is no longer objected to, the bank has decided for the shop",
	commerce.DisputeLostEvent:          "is lost, the bank has decided for the customer",
	commerce.OrderEdited:               "was edited",
	commerce.DeliveryDelayed:           "comes late, its carrier says",
	commerce.DeliveryFailed:            "could not be delivered, its carrier says",
	commerce.ReturnProcessed:           "had goods sent back",
	commerce.SubscriptionPaymentFailed: "could not be charged",
	commerce.SubscriptionRenewed:       "renewed a subscription",
	commerce.CustomerCreated:           "A customer account was made",
	commerce.ConsentAsked:              "They said yes to news and offers, which they are asked to confirm",
	commerce.SubscriptionTrialEnding:   "A trial is about to end",
	commerce.SubscriptionChanged:       "The trial of a subscription was changed",
	commerce.SubscriptionCancelled:     "A subscription was cancelled",
	commerce.ProductPublished:          "A product came out",
	commerce.CustomEvent:               "Another system told of an event",
}

// withoutOrder says of a subscription what another system told, which names no order.
var withoutOrder = map[commerce.EventKind]string{
	commerce.SubscriptionRenewed:       "A subscription was renewed",
	commerce.SubscriptionPaymentFailed: "A subscription could not be charged",
}

// answerWords opens the sentence of a decision.
var answerWords = map[gate.Answer]string{
	gate.Send: "Sent", gate.Defer: "Put off", gate.Hold: "Held", gate.Skip: "Not sent",
}

// outwardWords names what a step makes, by its kind.
var outwardWords = map[campaign.StepKind]string{
	campaign.SendEmail: "Mail", campaign.CallTask: "Call for staff", campaign.NotifyTeam: "Notice to the team", campaign.Webhook: "Webhook",
	campaign.TagCustomer: "Tags at Shopify",
}

// effectWords says how far a mail, or another outward act, has come: "Mail sent".
var effectWords = map[store.EffectState]string{
	store.Claimed:   "about to be written",
	store.Sending:   "on its way",
	store.Sent:      "sent",
	store.Retry:     "not taken, to be tried again",
	store.Failed:    "refused for good",
	store.Withdrawn: "taken back before it left",
	store.Expired:   "dropped, it would have been of no use any more",
	store.Unknown:   "handed over, and nobody ever said whether it was taken",
}

// Outcome says in a word or two what figures count: an effect's state or a
// decision's answer; what is neither stays as it is.
func Outcome(what string) string {
	if what == string(gate.Send) {
		return "at work"
	}
	return cmp.Or(effectWords[store.EffectState(what)], strings.ToLower(answerWords[gate.Answer(what)]), what)
}

// taskWords says how far a call has come.
var taskWords = map[store.TaskState]string{
	store.TaskOpen: "Staff have a call to make", store.TaskDone: "Staff made a call", store.TaskDropped: "A call is not to be made any more",
}
