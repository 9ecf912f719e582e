package shopify

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/shopify/gql"
)

// DiscountKind is what a discount takes off.
type DiscountKind string

// The kinds of discounts.
const (
	PercentOff   DiscountKind = "percent"
	AmountOff    DiscountKind = "amount"
	FreeShipping DiscountKind = "free_shipping"
)

// Discount is a code for one use, and where they are known for one customer.
type Discount struct {
	Code  string // commerce.RewardCode makes one
	Title string // what the shop's staff read, without the key
	Key   string // commerce.RewardKey makes one; it stands behind the title, and by it we know our own
	Kind  DiscountKind

	Percent  int            // of PercentOff, in hundredths of a percent: 500 is 5 %
	Amount   commerce.Money // of AmountOff, in the shop's currency
	Products []string       // what it is for; none = everything. Not for FreeShipping. An amount is taken off once, not of each.
	Customer string         // the only one who may use it
	Anybody  bool           // who has the code may use it, once; without Customer
	Minimum  commerce.Money // of the order it is used on, before shipping; zero = any
	Dearest  commerce.Money // of FreeShipping: what shipping may cost for it; zero = anything

	StartsAt time.Time
	EndsAt   time.Time // zero = never
	Combines Combines
}

// Combines says which other discounts may be used beside one.
type Combines struct{ Order, Product, Shipping bool }

// DiscountRef is a discount that the shop has.
type DiscountRef struct {
	ID       string // decimal
	Existing bool   // it was made before, by us
	Ended    bool   // it has run out or was deactivated
}

// fullTitle carries the key, by which a code that is taken is known as ours.
func (d Discount) fullTitle() string { return cut(text(d.Title), 200) + keyMark + d.Key }

// keyMark stands between a title and its key.
const keyMark = " · fw:"

// CreateDiscount makes the code. Where it is taken by one with our key, it was
// made before and is done; by another, that is fault.Conflict. Errors are
// fault.Invalid too, with Shopify's own words where it refuses, and those of Order.
func (c *Client) CreateDiscount(ctx context.Context, a Access, d Discount) (DiscountRef, error) {
	if err := d.check(); err != nil {
		return DiscountRef{}, err
	}
	made, problems, err := c.create(ctx, a, d)
	if err != nil {
		return DiscountRef{}, fmt.Errorf("discount of %s: %w", a.Shop, err)
	}
	if slices.ContainsFunc(problems, func(p *gql.DiscountError) bool { return p.Code == "TAKEN" }) {
		return c.taken(ctx, a, d)
	}
	if len(problems) > 0 {
		return DiscountRef{}, fault.New(fault.Invalid, "shopify refused the discount: %s", short(problems[0].Message))
	}
	if made == nil {
		return DiscountRef{}, fault.New(fault.Denied, "the app may not make discounts")
	}
	return DiscountRef{ID: gidNumber("DiscountCodeNode", made.Id)}, nil
}

func (c *Client) create(ctx context.Context, a Access, d Discount) (*gql.CreatedDiscount, []*gql.DiscountError, error) {
	if d.Kind == FreeShipping {
		data, err := gql.CreateFreeShipping(ctx, c.graph(a), d.freeShipping())
		if err != nil || data.DiscountCodeFreeShippingCreate == nil {
			return nil, nil, err
		}
		return data.DiscountCodeFreeShippingCreate.CodeDiscountNode, data.DiscountCodeFreeShippingCreate.UserErrors, nil
	}
	data, err := gql.CreateDiscount(ctx, c.graph(a), d.basic())
	if err != nil || data.DiscountCodeBasicCreate == nil {
		return nil, nil, err
	}
	return data.DiscountCodeBasicCreate.CodeDiscountNode, data.DiscountCodeBasicCreate.UserErrors, nil
}

// taken looks the taken code up.
func (c *Client) taken(ctx context.Context, a Access, d Discount) (DiscountRef, error) {
	ref, err := c.FindDiscount(ctx, a, d.Code, d.Key)
	if fault.Is(err, fault.NotFound) {
		err = fault.New(fault.Temporary, "the code is taken, but cannot be found")
	}
	return ref, err
}

// FindDiscount finds what CreateDiscount made under a code and key. A code that
// the shop does not have is fault.NotFound, one with another key fault.Conflict;
// other errors are those of CreateDiscount.
func (c *Client) FindDiscount(ctx context.Context, a Access, code, key string) (DiscountRef, error) {
	data, err := gql.DiscountByCode(ctx, c.graph(a), code)
	if err != nil {
		return DiscountRef{}, fmt.Errorf("discount of %s: %w", a.Shop, err)
	}
	node := data.CodeDiscountNodeByCode
	if node == nil {
		return DiscountRef{}, fault.New(fault.NotFound, "the shop has no such code")
	}
	title, status := "", ""
	switch found := node.CodeDiscount.(type) {
	case *gql.DiscountDiscountCodeBasic:
		title, status = found.Title, found.Status
	case *gql.DiscountDiscountCodeFreeShipping:
		title, status = found.Title, found.Status
	}
	if !strings.HasSuffix(title, keyMark+key) {
		return DiscountRef{}, fault.New(fault.Conflict, "the code is taken by a discount that is not ours")
	}
	return DiscountRef{ID: gidNumber("DiscountCodeNode", node.Id), Existing: true, Ended: status == "EXPIRED"}, nil
}

// DeactivateDiscount ends a discount. Who has used it before has used it:
// Shopify's count of uses lags. A discount the shop does not have is
// fault.NotFound; other errors are those of CreateDiscount.
func (c *Client) DeactivateDiscount(ctx context.Context, a Access, id string) error {
	if !isID(id) {
		return fault.New(fault.Invalid, "%q is not the id of a discount", short(id))
	}
	data, err := gql.DeactivateDiscount(ctx, c.graph(a), gid("DiscountCodeNode", id))
	if err != nil {
		return fmt.Errorf("discount of %s: %w", a.Shop, err)
	}
	gone := fault.New(fault.NotFound, "discount %s is not in this shop", id)
	if data.DiscountCodeDeactivate == nil {
		return gone
	}
	problems := data.DiscountCodeDeactivate.UserErrors
	if len(problems) == 0 {
		return nil
	}
	if p := problems[0]; !slices.Equal(p.Field, []string{"id"}) {
		return fault.New(fault.Invalid, "shopify refused to end the discount: %s", short(p.Message))
	}
	return gone
}
