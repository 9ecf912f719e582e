package manage

import (
	"cmp"
	"context"
	"math"
	"strings"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/fault"
	"flywheel/message"
	"flywheel/store"
	"flywheel/templates"
)

// whose fills in the person and the order.
func (k Desk) whose(ctx context.Context, s Sample, f *message.Facts, p *Preview) error {
	o, person, err := k.sought(ctx, f.Shop.ID, s)
	if err != nil {
		return err
	}
	if o == nil && person == "" {
		p.MadeUp = true
		madeUp(f, cmp.Or(s.Lang, f.Shop.Locale, "en"))
	} else if f.Person, err = k.Store.Person(ctx, f.Shop.ID, person); err != nil {
		return err
	}
	if o != nil {
		f.Order = &o.Order
	}
	if f.Order != nil && p.Campaign.Trigger.Kind == campaign.OnNewProduct && len(f.Order.Detail.Lines) > 0 {
		f.Product = &commerce.Product{Title: f.Order.Detail.Lines[0].Title, Handle: "preview", Image: f.Order.Detail.Lines[0].Image}
	}
	return nil
}

// sought finds the order and the person that a sample names; neither = there is nobody yet.
func (k Desk) sought(ctx context.Context, shop commerce.ShopID, s Sample) (*store.StoredOrder, commerce.PersonID, error) {
	switch {
	case s.Order != "":
		o, err := k.Store.Order(ctx, shop, s.Order)
		if err != nil {
			return nil, "", err
		}
		return o, o.PersonID, nil
	case s.Person != "":
		return k.lastOf(ctx, shop, s.Person)
	case strings.Contains(s.Who, "@"):
		email := commerce.NormalEmail(s.Who)
		if email == "" {
			return nil, "", fault.New(fault.NotFound, "%q is not an address", s.Who)
		}
		person, err := k.Store.WhoIs(ctx, shop, email, "")
		if err != nil {
			return nil, "", err
		}
		return k.lastOf(ctx, shop, person)
	case strings.TrimSpace(s.Who) != "":
		o, err := k.Store.OrderNamed(ctx, shop, s.Who)
		if err == nil {
			return o, o.PersonID, nil
		}
		if !fault.Is(err, fault.NotFound) {
			return nil, "", err
		}
		person, err := k.called(ctx, shop, s.Who)
		if err != nil {
			return nil, "", err
		}
		return k.lastOf(ctx, shop, person)
	}
	last, err := k.Store.LastOrders(ctx, shop, 1)
	if err != nil || len(last) == 0 {
		return nil, "", err
	}
	return last[0], last[0].PersonID, nil
}

// lastOf is somebody with their last order; nil where they have none.
func (k Desk) lastOf(ctx context.Context, shop commerce.ShopID, person commerce.PersonID) (*store.StoredOrder, commerce.PersonID, error) {
	all, err := k.Store.OrdersOf(ctx, shop, person)
	var last *store.StoredOrder
	for _, o := range all {
		if last == nil || o.ID > last.ID {
			last = o
		}
	}
	return last, person, err
}

// scale makes a price that nobody stumbles over where money counts in large numbers.
var scale = map[string]int64{"IRR": 40_000, "IQD": 1500, "LBP": 90_000, "SYP": 10_000, "VND": 25_000, "IDR": 15_000, "JPY": 150, "KRW": 1300}

// madeUp fills in somebody who has bought two things.
func madeUp(f *message.Facts, lang string) {
	say := func(key string) string { return templates.Say(lang, "preview_example_"+key, nil) }
	currency := cmp.Or(f.Shop.Currency, "USD")
	unit := int64(math.Pow10(commerce.Exponent(currency))) * cmp.Or(scale[currency], 1)
	price := func(n int64) commerce.Money { return commerce.Money{Amount: n * unit, Currency: currency} }
	f.Person = commerce.Person{Email: "customer@example.com", FirstName: say("first"), Language: lang}
	f.Order = &commerce.Order{ID: "preview", Detail: commerce.Detail{
		Platform: commerce.Shopify, Name: "#1001", Language: lang, Country: f.Shop.Country, Total: price(86),
		Lines: []commerce.Line{
			{ID: "1", Title: say("one"), Variant: say("variant"), Quantity: 1, Current: 1, Price: price(49)},
			{ID: "2", Title: say("two"), Quantity: 1, Current: 1, Price: price(37)},
		},
	}}
}
