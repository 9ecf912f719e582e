package e2e

import (
	"fmt"
	"time"

	"flywheel/integrations/shopify/shopifyfake"
)

// day is how old past orders are counted in.
const day = 24 * time.Hour

// merchant is a shop that the app comes to, with its past.
type merchant struct {
	Domain string
	info   shopifyfake.ShopInfo
	goods  shopifyfake.Line
	first  []string // names of its customers
	last   []string
	// strict says that the shop's country wants a yes before anybody is asked for a
	// review. None of its customers has given one.
	strict bool
}

// pastOrders is how many orders a shop has behind it, one a day.
const pastOrders = 59

// buyer is who the walk's own order comes from: nobody of the past.
type buyer struct{ First, Last, Email, Search string }

// merchants are the shops by their language.
var merchants = map[string]merchant{
	"en": {
		Domain: "harbour.myshopify.com",
		info:   shopifyfake.ShopInfo{Name: "Harbour & Pine", Email: "hello@harbour.example", ContactEmail: "hello@harbour.example", Zone: "Europe/London", Currency: "GBP", Country: "GB", Locales: []string{"en"}},
		goods:  shopifyfake.Line{Title: "Merino scarf", Variant: "Moss green", SKU: "SCARF", Quantity: 1, Price: 4900},
		first:  []string{"Ada", "Grace", "Iris", "Mina", "Olaf"}, last: []string{"Lovelace", "Hopper", "Marsh", "Keller"},
	},
	"ar": {
		Domain: "nakheel.myshopify.com",
		info:   shopifyfake.ShopInfo{Name: "متجر النخيل", Email: "salam@nakheel.example", ContactEmail: "salam@nakheel.example", Zone: "Asia/Riyadh", Currency: "SAR", Country: "SA", Locales: []string{"ar"}},
		goods:  shopifyfake.Line{Title: "تمر سكري فاخر", Variant: "كيلوغرام", SKU: "DATE", Quantity: 1, Price: 8500},
		first:  []string{"نورة", "سارة", "خالد", "ليلى", "عمر"}, last: []string{"القحطاني", "العتيبي", "الحربي", "الشمري"},
		strict: true,
	},
}

// buyers come while the walk is on. Search is how somebody in a hurry types their name.
var buyers = map[string]buyer{
	"en": {"Zoë", "Fairweather", "zoe@example.com", "zoe fairw"},
	"ar": {"أحمد", "الأنصاري", "ahmad@example.com", "احمد الانصاري"},
}

// order is one of the past, on its nth day: paid, sent, and there two days later.
func (m merchant) order(now time.Time, n int) *shopifyfake.Order {
	at := now.Add(6*time.Hour - time.Duration(n)*day)
	c := shopifyfake.Customer{ID: int64(7_000_000_000_000 + n), Email: fmt.Sprintf("buyer%d@example.com", n), FirstName: m.first[n%len(m.first)], LastName: m.last[n%len(m.last)]}
	o := m.sold(int64(5_000_000_000_000+n), at, c)
	if n > 2 {
		o.Fulfil(at.Add(time.Hour)).Deliver(at.Add(2 * day))
	}
	return o
}

// sold is an order as this shop sells.
func (m merchant) sold(id int64, at time.Time, c shopifyfake.Customer) *shopifyfake.Order {
	o := shopifyfake.NewOrder(id, at).For(c, m.info.Country).In(m.info.Currency, m.info.Currency, 1, 1).With(m.goods)
	o.Locale, o.OnlineDomain = m.info.Locales[0], m.Domain
	return o
}

// asked and refused are what the review request would have done in the last 60
// days, by the orders alone: it is due two weeks after the parcel came, and is
// held for a yes for two weeks more. (The thank-you would have gone to all.)
func (m merchant) asked() int {
	if m.strict {
		return 0
	}
	return pastOrders - (2 + 14)
}

func (m merchant) refused() int {
	if m.strict {
		return pastOrders - (2 + 14 + 14)
	}
	return 0
}
