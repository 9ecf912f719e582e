package shopify

import (
	"cmp"

	"flywheel/commerce"
)

// disputeBody is disputes/create and disputes/update; Shopify Payments only.
type disputeBody struct {
	ID          number `json:"id"`
	OrderID     number `json:"order_id"`
	Status      string `json:"status"`
	InitiatedAt string `json:"initiated_at"`
	FinalizedOn string `json:"finalized_on"`
}

func dispute(r *reader, d commerce.Delivery, b *disputeBody) commerce.Change {
	row := commerce.Dispute{
		ID:       r.id("id", "ShopifyPaymentsDispute", "", b.ID),
		Status:   disputeStatus(b.Status, b.FinalizedOn != ""),
		OpenedAt: cmp.Or(r.instant("initiated_at", b.InitiatedAt), toldAt(d)),
	}
	if row.Status != commerce.DisputeOpen {
		row.ClosedAt = cmp.Or(r.instant("finalized_on", b.FinalizedOn), toldAt(d))
	}
	if b.OrderID == "" {
		return commerce.Change{Ignored: "the dispute names no order"}
	}
	return commerce.Change{Order: &commerce.OrderChange{
		Keys:     orderKey(r.id("order_id", "Order", "", b.OrderID)),
		Disputes: []commerce.Dispute{row},
	}}
}

// disputeStatus ranks Shopify's words. The money is gone after accepted,
// charge_refunded and prevented (the bank gave it back before a chargeback was
// filed; shopify.dev changelog "dispute preventions") as after lost. A word we
// do not know holds back as an open dispute does, or ends as a lost one.
func disputeStatus(word string, final bool) commerce.Status {
	switch word {
	case "won":
		return commerce.DisputeWon
	case "lost", "accepted", "charge_refunded", "prevented":
		return commerce.DisputeLost
	case "needs_response", "under_review":
		return commerce.DisputeOpen
	}
	if final {
		return commerce.DisputeLost
	}
	return commerce.DisputeOpen
}
