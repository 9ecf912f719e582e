package stripefake

import (
	"cmp"
	"time"
)

// read answers with one object. Of a customer who was deleted that much is told.
func (q *request) read() (Object, *problem) {
	o, found := q.find(q.rule.kind, q.id)
	if gone := q.objects[q.id]; !found && gone.text("object") == "customer" && q.rule.kind == "customer" {
		return stub(gone), nil
	}
	if !found {
		return nil, missing(q.rule.kind, q.id, "id")
	}
	return q.current(q.book, o), nil
}

// stub is all that is left of a deleted object.
func stub(o Object) Object {
	return Object{"id": o.text("id"), "object": o.text("object"), "deleted": true}
}

// delete ends an object; its promotion codes end with a coupon.
func (q *request) delete() (Object, *problem) {
	o, found := q.find(q.rule.kind, q.id)
	if !found {
		return nil, missing(q.rule.kind, q.id, "id")
	}
	q.objects[q.id] = stub(o)
	return stub(o), nil
}

// current is a copy of o as the account stands now.
func (s *Server) current(b *book, o Object) Object {
	o = o.clone()
	switch o.text("object") {
	case "charge":
		b.currentCharge(o)
	case "coupon":
		o["valid"] = s.valid(o)
	case "promotion_code":
		coupon, there := b.find("coupon", o.ref("coupon"))
		o["active"] = o["active"] == true && s.redeemable(o) && there && s.valid(coupon)
		if there {
			o["coupon"] = s.current(b, coupon)
		}
	case "webhook_endpoint":
		delete(o, "secret") // told on creation alone
	}
	for _, field := range onExpansion[o.text("object")] {
		delete(o, field)
	}
	return o
}

// currentCharge lets the sum given back follow the refunds, of which those that
// failed or were canceled no longer count.
func (b *book) currentCharge(o Object) {
	var refunded, rows int64
	for _, r := range b.all("refund") {
		if r.ref("charge") == o.text("id") {
			rows++
			if s := r.text("status"); s != "failed" && s != "canceled" {
				refunded += r.number("amount")
			}
		}
	}
	if rows > 0 {
		o["amount_refunded"], o["refunded"] = refunded, refunded >= o.number("amount")
	}
	for _, d := range b.all("dispute") {
		if d.ref("charge") == o.text("id") {
			o["disputed"] = true
		}
	}
}

// readAccount is the account that is spoken for.
func (q *request) readAccount() (Object, *problem) {
	info := q.infos[q.account]
	created := info.Created
	if created.IsZero() {
		created = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	a := info.Address
	return Object{
		"id": cmp.Or(q.account, platform), "object": "account", "type": "standard", "created": created.Unix(),
		"email": orNull(info.Email), "country": cmp.Or(info.Country, "US"), "default_currency": cmp.Or(info.Currency, "usd"),
		"charges_enabled": true, "payouts_enabled": true, "details_submitted": true, "metadata": Object{},
		"business_profile": Object{
			"name": orNull(info.Name), "support_email": orNull(info.Support), "url": orNull(info.URL), "mcc": nil, "support_phone": nil, "support_url": nil,
			"support_address": q.address(a),
		},
		"settings": Object{"dashboard": Object{"display_name": orNull(info.Display), "timezone": cmp.Or(info.Timezone, "Etc/UTC")}},
	}, nil
}

func (q *request) address(a Address) any {
	if a == (Address{}) {
		return nil
	}
	return Object{
		"line1": orNull(a.Line1), "line2": orNull(a.Line2), "postal_code": orNull(a.PostalCode), "city": orNull(a.City),
		"state": orNull(a.State), "country": orNull(a.Country),
	}
}
