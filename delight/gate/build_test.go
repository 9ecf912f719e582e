package gate

import (
	"time"

	"flywheel/commerce"
	"flywheel/delight/calendar"
)

var noon = commerce.At(time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC))

func after(days int) commerce.Instant { return noon.Add(time.Duration(days) * 24 * time.Hour) }

var key = []commerce.SourceKey{{Platform: commerce.Shopify, Kind: "order", ID: "1"}}

const courier = "Cash on Delivery (COD)"

// order is a paid one of two cups for 30 euros; each change is merged into it.
func order(changes ...commerce.OrderChange) *commerce.Order {
	o := &commerce.Order{ID: "order"}
	o.Merge(described(func(*commerce.Detail) {}), commerce.Shopify)
	o.Merge(commerce.OrderChange{Keys: key, Payment: commerce.Payment{Told: noon}}, commerce.Shopify)
	return with(o, changes...)
}

// stub is an order of which only what follows is known.
func stub(changes ...commerce.OrderChange) *commerce.Order {
	return with(&commerce.Order{ID: "order"}, changes...)
}

// unpaid is the same before anybody paid.
func unpaid(changes ...commerce.OrderChange) *commerce.Order {
	o := &commerce.Order{ID: "order"}
	o.Merge(described(func(d *commerce.Detail) { d.FinancialStatus = "pending" }), commerce.Shopify)
	return with(o, changes...)
}

// onDelivery is the same, to be paid to the courier.
func onDelivery(changes ...commerce.OrderChange) *commerce.Order {
	o := &commerce.Order{ID: "order"}
	o.Merge(described(func(d *commerce.Detail) { d.FinancialStatus, d.Gateways = "pending", []string{courier} }), commerce.Shopify)
	return with(o, changes...)
}

func with(o *commerce.Order, changes ...commerce.OrderChange) *commerce.Order {
	for _, c := range changes {
		c.Keys = key
		o.Merge(c, commerce.Shopify)
	}
	return o
}

func described(change func(*commerce.Detail)) commerce.OrderChange {
	total := commerce.Money{Amount: 3000, Currency: "EUR"}
	d := &commerce.Detail{
		Platform: commerce.Shopify, UpdatedAt: noon, FinancialStatus: "paid", Total: total, ShopTotal: total, CurrentTotal: total,
		Lines: []commerce.Line{{ID: "cup", Title: "Cup", Quantity: 2, Current: 2}},
	}
	change(d)
	return commerce.OrderChange{Keys: key, Detail: d, PlacedAt: noon}
}

func refunded(cents int64, status commerce.Status) commerce.OrderChange {
	return commerce.OrderChange{Refunds: []commerce.Refund{{
		ID: "r", Status: status, Amount: commerce.Money{Amount: cents, Currency: "EUR"}, At: after(1),
	}}}
}

func restocked(cups int64) commerce.OrderChange {
	c := refunded(0, commerce.RefundSucceeded)
	c.Refunds[0].Lines = []commerce.RefundLine{{Line: "cup", Quantity: cups}}
	return c
}

func disputed(status commerce.Status) commerce.OrderChange {
	return commerce.OrderChange{Disputes: []commerce.Dispute{{ID: "d", Status: status, OpenedAt: after(1)}}}
}

// facts are those of a service mail to Ada in Berlin that may go; each change spoils something.
func facts(change ...func(*Facts)) Facts {
	f := Facts{
		Shop: commerce.Shop{
			State: commerce.ShopActive, Email: "hello@cups.example", Timezone: "Europe/Berlin", Country: "DE",
			Settings: commerce.Settings{PayOnDelivery: []string{courier}},
		},
		Connected: true, CampaignLive: true,
		Class: Service, Topic: "reviews", Channel: commerce.ByMail, Rule: Rule{Need: NeedOptOut}, Job: commerce.JobReviewAsk,
		Person: commerce.Person{ID: "ada", Email: "ada@example.com", Phone: "+4930123456"}, Order: order(),
		Place: calendar.Place{Zone: "Europe/Berlin", Country: "DE", Source: calendar.FromPerson},
		Self:  Rank{Due: after(5), ID: "self"}, LatestUseful: after(20),
	}
	for _, c := range change {
		c(&f)
	}
	return f
}

// rival is another ask of Ada's that may go and goes first.
func rival(campaign string, due commerce.Instant, change ...func(*Facts)) Rival {
	r := Rival{Rank: Rank{Priority: 1, Due: due, ID: campaign}, Campaign: campaign, Facts: facts(change...)}
	r.Facts.Self = r.Rank
	return r
}

// settings changes what the shop wants.
func settings(change func(*commerce.Settings)) func(*Facts) {
	return func(f *Facts) { change(&f.Shop.Settings) }
}

// exclude changes whom the shop leaves alone.
func exclude(change func(*commerce.Exclude)) func(*Facts) {
	return func(f *Facts) { change(&f.Shop.Settings.Exclude) }
}

// capped sets the cap on all asks.
func capped(limit, days int) func(*Facts) {
	return settings(func(s *commerce.Settings) { s.Caps.Asks = commerce.Cap{Limit: limit, Days: days} })
}

// of sets the class.
func of(c Class) func(*Facts) { return func(f *Facts) { f.Class = c } }

func internal(f *Facts) { f.Internal = true }

// to says who is written to.
func to(email string) func(*Facts) { return func(f *Facts) { f.Person.Email = email } }

// about puts another order in the place of the paid one.
func about(order func(...commerce.OrderChange) *commerce.Order, changes ...commerce.OrderChange) func(*Facts) {
	return func(f *Facts) { f.Order = order(changes...) }
}

// told adds to the order, whichever it is.
func told(changes ...commerce.OrderChange) func(*Facts) {
	return func(f *Facts) { with(f.Order, changes...) }
}

// shown changes what the snapshot says.
func shown(change func(*commerce.Detail)) func(*Facts) {
	return func(f *Facts) { change(&f.Order.Detail) }
}

// words is the snapshot's financial status of an unpaid order.
func words(status string) func(*Facts) {
	return func(f *Facts) {
		f.Order = unpaid()
		f.Order.Detail.FinancialStatus = status
	}
}

func said(class Class, state commerce.ConsentState, at commerce.Instant) commerce.ConsentChange {
	return commerce.ConsentChange{Channel: commerce.ByMail, Class: string(class), State: state, Source: "form", At: at}
}
