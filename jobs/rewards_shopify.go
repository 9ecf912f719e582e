package jobs

import (
	"context"
	"slices"

	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/fault"
	"flywheel/integrations/shopify"
	"flywheel/store"
)

// shopifyMint makes codes as discounts of a shop at Shopify.
type shopifyMint struct {
	*Worker
	conn commerce.Connection
}

// discountScope is what the app must be granted for it.
const discountScope = "write_discounts"

func (w *Worker) shopifyMint(c commerce.Connection) (mint, error) {
	switch {
	case w.Shopify == nil || w.Install == nil:
		return nil, fault.New(fault.Denied, "this installation has no Shopify app of its own, so it cannot make codes there")
	case len(c.Scopes) > 0 && !slices.Contains(c.Scopes, discountScope):
		return nil, fault.New(fault.Denied, "the app may not make discounts in this shop: open it in the Shopify admin and accept what it asks for")
	}
	return shopifyMint{w, c}, nil
}

func (s shopifyMint) give(ctx context.Context, shop commerce.Shop, r store.Reward) (coupon, error) {
	d, err := s.discount(ctx, shop, r)
	if err != nil {
		return coupon{}, err
	}
	var ref shopify.DiscountRef
	err = s.atShopify(ctx, s.conn, func(a shopify.Access) (err error) {
		ref, err = s.Shopify.CreateDiscount(ctx, a, d)
		return err
	})
	return coupon{d.Code, ref.ID, ref.Ended}, err
}

func (s shopifyMint) find(ctx context.Context, shop commerce.Shop, r store.Reward) (coupon, error) {
	code, key, err := s.Store.RewardCode(ctx, shop.ID, r.ID, s.conn.ID)
	if err != nil {
		return coupon{}, err
	}
	var ref shopify.DiscountRef
	err = s.atShopify(ctx, s.conn, func(a shopify.Access) (err error) {
		ref, err = s.Shopify.FindDiscount(ctx, a, code, key)
		return err
	})
	return coupon{code, ref.ID, ref.Ended}, err
}

func (s shopifyMint) end(ctx context.Context, shop commerce.Shop, r store.Reward) error {
	id := r.PlatformID
	if id == "" {
		there, err := s.find(ctx, shop, r)
		if err != nil {
			return err
		}
		id = there.id
	}
	return s.atShopify(ctx, s.conn, func(a shopify.Access) error { return s.Shopify.DeactivateDiscount(ctx, a, id) })
}

// discount is a reward as Shopify makes it. A product is an amount off it, once,
// and shipping is free up to a price: so neither takes off more than the budget has reserved.
// Shopify caps no percentage: of a larger order it takes off more than the budget counts it with.
func (s shopifyMint) discount(ctx context.Context, shop commerce.Shop, r store.Reward) (d shopify.Discount, err error) {
	o := r.Offer
	d = shopify.Discount{Title: title(r), Minimum: o.MinSpend, StartsAt: r.AskedAt.Time(), EndsAt: r.ExpiresAt.Time()}
	if d.Code, d.Key, err = s.Store.RewardCode(ctx, shop.ID, r.ID, s.conn.ID); err != nil {
		return d, err
	}
	most := commerce.Money{Amount: o.Worth, Currency: shop.Currency}
	switch o.Kind {
	case loyalty.PercentOff:
		d.Kind, d.Percent = shopify.PercentOff, int(o.Percent)
	case loyalty.AmountOff:
		d.Kind, d.Amount = shopify.AmountOff, o.Amount
	case loyalty.FreeShipping:
		d.Kind, d.Dearest = shopify.FreeShipping, most
	case loyalty.FreeProduct:
		d.Kind, d.Amount, d.Products = shopify.AmountOff, most, []string{o.Product}
	}
	d.Customer, err = s.customer(ctx, shop.ID, commerce.Shopify, r.Person)
	d.Anybody = d.Customer == ""
	return d, err
}

// customer is the platform's id of a person; "" where they have none or several
// (nobody knows by which of them they will buy): whoever has the code may use it then, once.
func (w *Worker) customer(ctx context.Context, shop commerce.ShopID, p commerce.Platform, person commerce.PersonID) (string, error) {
	all, err := w.Store.Customers(ctx, shop, p, []commerce.PersonID{person})
	if err != nil || len(all[person]) != 1 {
		return "", err
	}
	return all[person][0].ID, nil
}

// title is what the shop's staff read of a reward at the platform, without anybody's name.
func title(r store.Reward) string {
	for _, lang := range []string{"en", "ar", "fa"} {
		if name := r.Offer.Name[lang]; name != "" {
			return name
		}
	}
	return "Reward " + r.Offer.Reward
}
