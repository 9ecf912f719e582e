package stripefake

import "time"

// Refund gives amount of a charge back, as a merchant does: 0 = all that is
// left. It returns what Stripe tells of it, in order, kept already (see Emit);
// the objects are as they stand after it. It panics where there is no such
// charge or not so much left, as do the other acts.
func (s *Server) Refund(account, chargeID string, amount int64, refundID string) []Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ch := s.look(account, "charge", chargeID)
	events, p := s.refund(b, ch, Object{"id": refundID, "amount": amount, "metadata": Object{}})
	if p != nil {
		panic("stripefake: " + p.message)
	}
	return events
}

// FailRefund lets the bank refuse a refund: the money stays with the merchant,
// and the charge no longer counts it.
func (s *Server) FailRefund(account, refundID string) []Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, r := s.look(account, "refund", refundID)
	r = r.With("status", "failed", "failure_reason", "expired_or_canceled_card")
	return s.tell(b, r, "refund.updated", "refund.failed", "charge.refund.updated")
}

// Dispute lets the customer object to a whole charge: the bank takes the money.
func (s *Server) Dispute(account, chargeID, disputeID string) []Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ch := s.look(account, "charge", chargeID)
	return s.tell(b, Object{
		"id": disputeID, "object": "dispute", "amount": ch["amount"], "currency": ch["currency"], "status": "needs_response", "created": s.now().Unix(),
		"charge": chargeID, "payment_intent": ch["payment_intent"], "reason": "product_not_received", "livemode": b.live, "metadata": Object{},
	}, "charge.dispute.created", "charge.dispute.funds_withdrawn")
}

// CloseDispute lets the bank decide; the merchant who wins gets the money back.
func (s *Server) CloseDispute(account, disputeID string, won bool) []Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, d := s.look(account, "dispute", disputeID)
	if won {
		return s.tell(b, d.With("status", "won"), "charge.dispute.closed", "charge.dispute.funds_reinstated")
	}
	return s.tell(b, d.With("status", "lost"), "charge.dispute.closed")
}

// Redeem lets a customer use a promotion code, which counts at its coupon too.
func (s *Server) Redeem(account, promotionID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, o := s.look(account, "promotion_code", promotionID)
	for _, o := range []Object{o, b.objects[o.ref("coupon")]} {
		b.put(o.With("times_redeemed", o.number("times_redeemed")+1), s.now().Unix())
	}
}

// Uninstall lets the merchant remove the app from one mode. The event is the
// last the platform hears of the account.
func (s *Server) Uninstall(account string, live bool) Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.book(account, live)
	b.connect(false)
	return s.tell(b, Object{"id": "ca_fake", "object": "application", "name": "Flywheel"}, "account.application.deauthorized")[0]
}

// look finds an object in either mode of an account.
func (s *Server) look(account, kind, id string) (*book, Object) {
	for _, live := range []bool{true, false} {
		b := s.book(account, live)
		if o, found := b.find(kind, id); found {
			return b, o
		}
	}
	panic("stripefake: " + account + " has no " + kind + " " + id)
}

// tell emits events of types about o, which is kept as it is now.
func (s *Server) tell(b *book, o Object, types ...string) (out []Event) {
	now := s.now().Truncate(time.Second)
	for _, t := range types {
		e := Event{ID: s.nextID("evt_"), Type: t, Created: now, Account: b.account, Test: !b.live, Object: o}
		s.emit(b.account, e)
		out = append(out, e)
	}
	return out
}

// refund makes a refund that wants says of a charge, and tells of it.
func (s *Server) refund(b *book, ch, wants Object) ([]Event, *problem) {
	now := s.current(b, ch)
	left := now.number("amount") - now.number("amount_refunded")
	amount := wants.number("amount")
	if amount == 0 {
		amount = left
	}
	switch {
	case left <= 0:
		return nil, wrong("", "charge_already_refunded", "Charge "+ch.text("id")+" has already been refunded.")
	case amount > left:
		return nil, wrong("amount", "", "Refund amount ("+whole(amount)+") is greater than unrefunded amount on charge ("+whole(left)+")")
	}
	r := Object{
		"object": "refund", "currency": ch["currency"], "status": "succeeded", "created": s.now().Unix(), "reason": nil,
		"charge": ch.text("id"), "payment_intent": ch["payment_intent"],
	}
	for field, value := range wants {
		r[field] = value
	}
	r["amount"] = amount
	events := s.tell(b, r, "refund.created")
	return append(events, s.tell(b, s.current(b, ch), "charge.refunded")...), nil
}

// makeRefund answers POST /v1/refunds.
func (q *request) makeRefund() (Object, *problem) {
	p := q.params
	id := p.text("charge")
	switch {
	case p.has("charge") == p.has("payment_intent"):
		return nil, invalid("", "One of the following params should be provided for this request: payment_intent or charge.")
	case p.has("amount") && p.int("amount") < 1:
		return nil, coded(invalid("amount", "This value must be greater than or equal to 1."), "parameter_invalid_integer")
	case p.has("payment_intent"):
		intent, found := q.find("payment_intent", p.text("payment_intent"))
		if !found {
			return nil, missing("payment_intent", p.text("payment_intent"), "payment_intent")
		}
		id = intent.ref("latest_charge")
	}
	ch, found := q.find("charge", id)
	if !found {
		return nil, missing("charge", id, "charge")
	}
	events, bad := q.refund(q.book, ch, Object{
		"id": q.nextID("re_"), "amount": p.int("amount"), "reason": p.or("reason", p.text("reason")), "metadata": p.metadata(nil),
	})
	if bad != nil {
		return nil, bad
	}
	return events[0].Object.clone(), nil
}
