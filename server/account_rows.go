package server

import (
	"context"

	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/store"
	"flywheel/templates"
)

// historyRows is how many lines of a history stand on a page.
const historyRows = 20

// history is a page of somebody's ledger in sentences, below a row where that is
// not 0, and where the next page begins; 0 = this is the last.
func (s *Server) history(ctx context.Context, w clubWords, given []store.Reward, below int64) (all []templates.ClubRow, next int64, err error) {
	rows, more, err := s.Store.Statement(ctx, w.who.shop.ID, w.who.person.ID, below, historyRows)
	if err != nil || len(rows) == 0 {
		return nil, 0, err
	}
	t := telling{clubWords: w, orders: map[commerce.OrderID]string{}, kinds: map[string]loyalty.RuleKind{}, rewards: map[string]string{}}
	var ids []commerce.OrderID
	for _, r := range rows {
		if r.Cause.Kind == loyalty.OfOrder {
			ids = append(ids, commerce.OrderID(r.Cause.ID))
		}
		if r.Terms != nil {
			t.kinds[r.Rule] = r.Terms.Kind
		}
	}
	for _, r := range w.program.Rules {
		t.kinds[r.ID] = r.Kind
	}
	for _, r := range given {
		t.rewards[r.ID] = w.offer(r.Offer)
	}
	orders, err := s.Store.Orders(ctx, w.who.shop.ID, ids)
	if err != nil {
		return nil, 0, err
	}
	for id, o := range orders {
		t.orders[id] = o.Detail.Name
	}
	for _, r := range rows {
		all = append(all, t.line(r))
	}
	if more {
		next = rows[len(rows)-1].Seq
	}
	return all, next, nil
}

// telling turns rows into sentences.
type telling struct {
	clubWords
	orders  map[commerce.OrderID]string
	kinds   map[string]loyalty.RuleKind // of rules, by id
	rewards map[string]string           // that were given, in words
}

func (t telling) line(r store.LedgerRow) templates.ClubRow {
	moved := r.Points
	switch {
	case r.Kind == loyalty.Pending, r.Kind == loyalty.Expire && r.Points == 0:
		moved = r.Pending
	case r.Kind == loyalty.Clawback:
		moved = r.Points + r.Pending
	}
	return templates.ClubRow{
		Day: t.date(r.At), Text: t.text(r), Points: t.moved(moved), Balance: t.say("member_row_balance", "Points", templates.IsolateLTR(t.who.lang, t.who.style().Number(r.Balance))),
	}
}

func (t telling) text(r store.LedgerRow) string {
	switch {
	case r.Kind == loyalty.Redeem && t.rewards[r.Cause.ID] != "":
		return t.say("member_row_spent", "Reward", t.rewards[r.Cause.ID])
	case r.Kind == loyalty.Redeem:
		return t.say("member_row_spent_plain")
	case r.Kind == loyalty.Adjust && r.Cause.Kind == loyalty.OfReward:
		return t.say("member_row_returned")
	case r.Cause.Kind == loyalty.OfLot:
		return t.say("member_row_ended")
	case r.Cause.Kind == loyalty.OfStaff:
		return t.say("member_row_staff")
	case r.Cause.Kind == loyalty.OfOrder:
		return t.order(r)
	case r.Kind == loyalty.Clawback:
		return t.say("member_row_back")
	}
	switch kind := t.kinds[r.Rule]; kind {
	case loyalty.ForSignUp, loyalty.ForBirthday, loyalty.ForReferral, loyalty.ForReview, loyalty.ForSurvey:
		return t.say("member_row_" + string(kind))
	}
	return t.say("member_row_other")
}

func (t telling) order(r store.LedgerRow) string {
	name := t.say("member_row_some_order")
	if n := templates.Clean(t.orders[commerce.OrderID(r.Cause.ID)], 40); n != "" {
		name = templates.IsolateLTR(t.who.lang, n)
	}
	key := "member_row_order"
	switch r.Kind {
	case loyalty.Pending:
		key += "_waits"
	case loyalty.Release:
		key += "_opens"
	case loyalty.Clawback:
		key += "_back"
	case loyalty.Expire:
		key += "_unclaimed"
	}
	return t.say(key, "Order", name)
}
