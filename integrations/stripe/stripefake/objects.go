package stripefake

import (
	"strconv"
	"time"
)

// Session is the paid Checkout Session of p, without line_items: webhooks never
// expand them.
func (p Purchase) Session() Object {
	o := p.object("checkout.session", p.SessionID())
	o = o.With(
		"amount_subtotal", p.amount(), "amount_total", p.amount(), "currency", p.currency(),
		"consent", nil, "customer", orNull(p.Customer), "customer_email", nil,
		"customer_details", Object{"address": p.address(), "email": p.email(), "name": p.name(), "phone": orNull(p.Phone)},
		"invoice", p.invoice(), "payment_intent", p.IntentID(), "subscription", orNull(p.SubscriptionID),
		"locale", orNull(p.Locale), "mode", "payment", "payment_status", "paid", "status", "complete",
		"shipping_details", p.shipping(), "shipping_cost", nil,
	)
	if p.SubscriptionID != "" {
		o = o.With("mode", "subscription", "payment_intent", nil)
	}
	if p.Promotion != "" {
		o = o.With("consent", Object{"promotions": p.Promotion, "terms_of_service": nil})
	}
	return o
}

// SessionLines is the line_items list of p, as an expanded session shows it.
func (p Purchase) SessionLines() Object {
	rows := []Object{}
	for i, item := range p.items() {
		n := strconv.Itoa(i + 1)
		rows = append(rows, Object{
			"id": "li_" + p.n() + "_" + n, "object": "item", "description": item.Title, "quantity": item.Quantity,
			"amount_subtotal": item.Amount, "amount_total": item.Amount, "currency": p.currency(),
			"price": Object{"id": "price_" + n, "object": "price", "product": "prod_" + n},
		})
	}
	return Object{"object": "list", "data": rows, "has_more": false}
}

// PaymentIntent is the succeeded payment of p.
func (p Purchase) PaymentIntent() Object {
	return p.object("payment_intent", p.IntentID()).With(
		"amount", p.amount(), "amount_received", p.amount(), "currency", p.currency(), "status", "succeeded",
		"customer", orNull(p.Customer), "description", nil, "invoice", p.invoice(), "latest_charge", p.ChargeID(),
		"receipt_email", nil, "shipping", p.shipping(), "capture_method", "automatic",
	)
}

// Charge is the succeeded charge of p, with refunded given back so far.
func (p Purchase) Charge(refunded int64) Object {
	return p.object("charge", p.ChargeID()).With(
		"amount", p.amount(), "amount_captured", p.amount(), "amount_refunded", refunded, "refunded", refunded >= p.amount(),
		"currency", p.currency(), "captured", true, "paid", true, "status", "succeeded", "disputed", false,
		"billing_details", Object{"address": p.address(), "email": p.email(), "name": p.name(), "phone": orNull(p.Phone)},
		"customer", orNull(p.Customer), "description", nil, "invoice", p.invoice(), "payment_intent", p.IntentID(),
		"receipt_email", nil, "shipping", p.shipping(),
	)
}

// Invoice is the paid invoice of p. reason is subscription_create,
// subscription_cycle, manual or another billing_reason.
func (p Purchase) Invoice(reason string) Object {
	rows := []Object{}
	for i, item := range p.items() {
		n := strconv.Itoa(i + 1)
		rows = append(rows, Object{
			"id": "il_" + p.n() + "_" + n, "object": "line_item", "description": item.Title, "quantity": item.Quantity,
			"amount": item.Amount, "currency": p.currency(), "price": Object{"id": "price_" + n, "object": "price", "product": "prod_" + n},
		})
	}
	number := p.Number
	if number == "" {
		number = "INV-" + p.n()
	}
	at := p.at().Unix()
	return p.object("invoice", p.InvoiceID()).With(
		"number", number, "status", "paid", "paid", true, "billing_reason", reason, "currency", p.currency(),
		"amount_due", p.amount(), "amount_paid", p.amount(), "amount_remaining", int64(0), "total", p.amount(),
		"customer", orNull(p.Customer), "customer_email", p.email(), "customer_name", p.name(), "customer_phone", orNull(p.Phone),
		"customer_address", p.address(), "customer_shipping", p.shipping(), "shipping_details", nil,
		"payment_intent", p.IntentID(), "charge", p.ChargeID(), "subscription", orNull(p.SubscriptionID),
		"lines", Object{"object": "list", "data": rows, "has_more": false},
		"status_transitions", Object{"finalized_at": at, "marked_uncollectible_at": nil, "paid_at": at, "voided_at": nil},
	)
}

// FailedInvoice is the invoice of p after an attempt to charge it failed; paid
// later, it is Invoice. reason is as there.
func (p Purchase) FailedInvoice(reason string, attempts int) Object {
	at := p.at().Unix()
	return p.Invoice(reason).With(
		"status", "open", "paid", false, "amount_paid", int64(0), "amount_remaining", p.amount(), "charge", nil,
		"attempted", true, "attempt_count", attempts, "next_payment_attempt", p.at().AddDate(0, 0, 3).Unix(),
		"status_transitions", Object{"finalized_at": at, "marked_uncollectible_at": nil, "paid_at": nil, "voided_at": nil},
	)
}

// Subscription is the subscription of p; ended is zero while it runs, else when
// it was cancelled at once. why is cancellation_requested, payment_failed or payment_disputed.
func (p Purchase) Subscription(ended time.Time, why string) Object {
	id := p.SubscriptionID
	if id == "" {
		id = "sub_" + p.n()
	}
	o := p.object("subscription", id).With(
		"customer", orNull(p.Customer), "status", "active", "currency", p.currency(), "latest_invoice", p.InvoiceID(),
		"canceled_at", nil, "ended_at", nil, "cancel_at_period_end", false, "cancellation_details", Object{"reason": nil},
		"collection_method", "charge_automatically", "start_date", p.at().Unix(),
	)
	if !ended.IsZero() {
		o = o.With("status", "canceled", "canceled_at", ended.Unix(), "ended_at", ended.Unix(), "cancellation_details", Object{"reason": why})
	}
	return o
}

// Refund gives amount of p back. status is pending, requires_action, succeeded,
// failed or canceled.
func (p Purchase) Refund(id string, amount int64, status string, made time.Time) Object {
	return Object{
		"id": id, "object": "refund", "amount": amount, "currency": p.currency(), "status": status, "created": made.Unix(),
		"charge": p.ChargeID(), "payment_intent": p.IntentID(), "reason": nil, "metadata": Object{},
	}
}

// Dispute is the customer's objection to the whole of p. status is needs_response,
// under_review, won, lost or one of the warning_... kinds.
func (p Purchase) Dispute(id, status string, made time.Time) Object {
	return Object{
		"id": id, "object": "dispute", "amount": p.amount(), "currency": p.currency(), "status": status, "created": made.Unix(),
		"charge": p.ChargeID(), "payment_intent": p.IntentID(), "reason": "product_not_received", "livemode": !p.Test, "metadata": Object{},
	}
}

// CustomerObject is the customer of p, or a new one where p is a guest's.
func (p Purchase) CustomerObject() Object {
	id := p.Customer
	if id == "" {
		id = "cus_" + p.n()
	}
	locales := []string{}
	if p.Locale != "" {
		locales = append(locales, p.Locale)
	}
	return p.object("customer", id).With(
		"email", p.email(), "name", p.name(), "phone", orNull(p.Phone), "preferred_locales", locales,
		"address", p.address(), "shipping", p.shipping(),
	)
}

func (p Purchase) object(kind, id string) Object {
	return Object{"id": id, "object": kind, "created": p.at().Unix(), "livemode": !p.Test, "metadata": p.metadata()}
}
