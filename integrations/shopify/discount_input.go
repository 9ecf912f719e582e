package shopify

import (
	"strings"

	"flywheel/fault"
	"flywheel/integrations/shopify/gql"
)

// check refuses what would make a discount other than the one that is meant.
func (d Discount) check() error {
	switch {
	case d.Code == "" || d.Key == "" || strings.TrimSpace(d.Title) == "" || d.StartsAt.IsZero():
		return fault.New(fault.Invalid, "a discount needs a code, a title, a key and a start")
	case d.Anybody && d.Customer != "" || !d.Anybody && !isID(d.Customer):
		return fault.New(fault.Invalid, "a discount is for one customer, and %q is none", short(d.Customer))
	case d.Minimum.Amount < 0 || d.Minimum.Amount > 0 && currencyCode(d.Minimum.Currency) == "":
		return fault.New(fault.Invalid, "what an order must come to is nothing or more")
	case d.Dearest.Amount < 0 || d.Dearest.Amount > 0 && (d.Kind != FreeShipping || currencyCode(d.Dearest.Currency) == ""):
		return fault.New(fault.Invalid, "only free shipping is bounded by what shipping costs")
	case !d.EndsAt.IsZero() && !d.EndsAt.After(d.StartsAt):
		return fault.New(fault.Invalid, "a discount ends after it starts")
	}
	for _, p := range d.Products {
		if !isID(p) {
			return fault.New(fault.Invalid, "%q is not the id of a product", short(p))
		}
	}
	return d.checkValue()
}

func (d Discount) checkValue() error {
	switch d.Kind {
	case PercentOff:
		if d.Percent < 1 || d.Percent > 100_00 {
			return fault.New(fault.Invalid, "a discount takes off between 0.01 and 100 percent")
		}
	case AmountOff:
		if d.Amount.Amount <= 0 || currencyCode(d.Amount.Currency) == "" {
			return fault.New(fault.Invalid, "a discount takes off more than nothing")
		}
	case FreeShipping:
		if len(d.Products) > 0 {
			return fault.New(fault.Invalid, "free shipping is for an order, not for products")
		}
	default:
		return fault.New(fault.Invalid, "%q is no kind of discount", short(string(d.Kind)))
	}
	return nil
}

func (d Discount) basic() *gql.DiscountCodeBasicInput {
	items := &gql.DiscountItemsInput{All: len(d.Products) == 0}
	if len(d.Products) > 0 {
		items.Products = &gql.DiscountProductsInput{}
		for _, p := range d.Products {
			items.Products.ProductsToAdd = append(items.Products.ProductsToAdd, gid("Product", p))
		}
	}
	return &gql.DiscountCodeBasicInput{
		Code: d.Code, Title: d.fullTitle(), UsageLimit: 1, AppliesOncePerCustomer: true,
		Context: d.context(), CombinesWith: d.Combines.input(), StartsAt: moment(d.StartsAt), EndsAt: d.ends(),
		MinimumRequirement: d.minimum(), CustomerGets: &gql.DiscountCustomerGetsInput{Items: items, Value: d.value()},
	}
}

// value is a part of 1, or an amount. A float holds a percentage well enough:
// it has at most four decimals, and nothing is added up.
func (d Discount) value() *gql.DiscountCustomerGetsValueInput {
	if d.Kind == PercentOff {
		return &gql.DiscountCustomerGetsValueInput{Percentage: float64(d.Percent) / 100_00}
	}
	return &gql.DiscountCustomerGetsValueInput{DiscountAmount: &gql.DiscountAmountInput{Amount: d.Amount.Decimal()}}
}

func (d Discount) freeShipping() *gql.DiscountCodeFreeShippingInput {
	return &gql.DiscountCodeFreeShippingInput{
		Code: d.Code, Title: d.fullTitle(), UsageLimit: 1, AppliesOncePerCustomer: true,
		Context: d.context(), CombinesWith: d.Combines.input(), StartsAt: moment(d.StartsAt), EndsAt: d.ends(),
		MinimumRequirement: d.minimum(), MaximumShippingPrice: d.dearest(), Destination: &gql.DiscountShippingDestinationSelectionInput{All: true},
	}
}

func (d Discount) minimum() *gql.DiscountMinimumRequirementInput {
	if d.Minimum.Amount == 0 {
		return nil
	}
	return &gql.DiscountMinimumRequirementInput{Subtotal: &gql.DiscountMinimumSubtotalInput{GreaterThanOrEqualToSubtotal: d.Minimum.Decimal()}}
}

func (d Discount) dearest() string {
	if d.Dearest.Amount == 0 {
		return ""
	}
	return d.Dearest.Decimal()
}

// context ties the code to its customer (customerSelection is deprecated).
func (d Discount) context() *gql.DiscountContextInput {
	if d.Anybody {
		return &gql.DiscountContextInput{All: gql.DiscountBuyerSelectionAll}
	}
	return &gql.DiscountContextInput{Customers: &gql.DiscountCustomersInput{Add: []string{gid("Customer", d.Customer)}}}
}

func (d Discount) ends() string {
	if d.EndsAt.IsZero() {
		return ""
	}
	return moment(d.EndsAt)
}

func (c Combines) input() *gql.DiscountCombinesWithInput {
	return &gql.DiscountCombinesWithInput{OrderDiscounts: c.Order, ProductDiscounts: c.Product, ShippingDiscounts: c.Shipping}
}
