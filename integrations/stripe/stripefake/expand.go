package stripefake

import (
	"slices"
	"strings"
)

// expandable are the fields of 2023-10-16 that may be asked for whole.
var expandable = map[string]string{
	"charge":         "application application_fee balance_transaction customer failure_balance_transaction invoice on_behalf_of payment_intent refunds review source_transfer transfer",
	"payment_intent": "application customer invoice latest_charge on_behalf_of payment_method review",
	"invoice":        "account_tax_ids application charge customer default_payment_method default_source discounts latest_revision on_behalf_of payment_intent quote subscription test_clock",
	"customer":       "cash_balance default_source invoice_credit_balance sources subscriptions tax tax_ids test_clock",
	"subscription":   "application customer default_payment_method default_source latest_invoice on_behalf_of pending_setup_intent schedule test_clock",
	"refund":         "balance_transaction charge failure_balance_transaction payment_intent source_transfer_reversal transfer_reversal",
	"dispute":        "charge payment_intent",
	"coupon":         "applies_to currency_options",
	"promotion_code": "customer",
}

// onExpansion are the fields that only who asks for them gets.
var onExpansion = map[string][]string{"charge": {"refunds"}, "coupon": {"applies_to", "currency_options"}}

// kinds are what those fields, and the one that is told whole anyway, hold.
var kinds = map[string]string{
	"charge": "charge", "coupon": "coupon", "customer": "customer", "invoice": "invoice", "latest_charge": "charge",
	"latest_invoice": "invoice", "latest_revision": "invoice", "payment_intent": "payment_intent", "subscription": "subscription",
}

// expandAll does what the parameter expand asks for, in every row of a list.
func (q *request) expandAll(o Object) *problem {
	for _, path := range q.params["expand"] {
		fields := strings.Split(path, ".")
		if len(fields) > 4 {
			return invalid("expand", "You cannot expand more than 4 levels of a property. Property: "+path)
		}
		rows := []Object{o}
		if o.text("object") == "list" && fields[0] == "data" {
			rows, _ = o["data"].([]Object)
			fields = fields[1:]
		}
		if !mayExpand(q.rule.kind, fields) || len(rows) == 1 && rows[0].text("object") == "list" {
			return invalid("expand", "This property cannot be expanded ("+path+").")
		}
		for _, row := range rows {
			q.expand(row, fields)
		}
	}
	return nil
}

// mayExpand reports whether objects of a kind have what path names.
func mayExpand(kind string, path []string) bool {
	if len(path) == 0 {
		return false
	}
	listed := slices.Contains(strings.Fields(expandable[kind]), path[0])
	if len(path) == 1 {
		return listed
	}
	return (listed || kind == "promotion_code" && path[0] == "coupon") && mayExpand(kinds[path[0]], path[1:])
}

// expand puts the object named by path in the place of its id, where the
// account holds it: a test need not put everything.
func (q *request) expand(o Object, path []string) {
	field, kind, inner := path[0], o.text("object"), o.inner(path[0])
	switch {
	case kind == "charge" && field == "refunds":
		o[field] = q.refundsOf(o.text("id"))
		return
	case slices.Contains(onExpansion[kind], field):
		o[field] = q.objects[o.text("id")][field]
		return
	case inner == nil:
		known, found := q.objects[o.text(field)]
		switch {
		case !found:
			return
		case known["deleted"] == true:
			inner = stub(known)
		default:
			inner = q.current(q.book, known)
		}
		o[field] = inner
	}
	if len(path) > 1 && inner["deleted"] != true {
		q.expand(inner, path[1:])
	}
}

// refundsOf lists the first ten refunds of a charge, as it tells them itself.
func (q *request) refundsOf(charge string) Object {
	var rows []Object
	for _, r := range q.all("refund") {
		if r.ref("charge") == charge {
			rows = append(rows, r.clone())
		}
	}
	more := len(rows) > 10
	return Object{"object": "list", "data": append([]Object{}, rows[:min(len(rows), 10)]...), "has_more": more, "url": "/v1/charges/" + charge + "/refunds"}
}
