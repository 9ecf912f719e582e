package stripe

import (
	"context"
	"encoding/json"
	"math"
	"net/http"
	"slices"
	"time"

	stripego "github.com/stripe/stripe-go/v76"

	"flywheel/commerce"
	"flywheel/fault"
)

// PromotionKind is what a promotion takes off.
type PromotionKind string

// The kinds of promotions.
const (
	PercentOff PromotionKind = "percent"
	AmountOff  PromotionKind = "amount"
)

// Promotion is a code for one use: a coupon of its own with one promotion code.
type Promotion struct {
	Code  string // commerce.RewardCode makes one
	Key   string // commerce.RewardKey makes one; it names the coupon, and by it we know our own
	Title string // what the customer reads on the receipt; cut to the 40 letters that Stripe takes
	Kind  PromotionKind

	Percent       int            // of PercentOff, in hundredths of a percent: 500 is 5 %
	Amount        commerce.Money // of AmountOff
	Products      []string       // prod_..., what it is for; none = everything
	Customer      string         // cus_..., the only one who may use it; "" = whoever has the code
	MinimumAmount commerce.Money // of what it is used on; zero = any
	EndsAt        time.Time      // zero = never
}

// PromotionRef is a promotion that the account has.
type PromotionRef struct {
	Coupon, Promotion string // ids
	Customer          string // the only one who may use it
	Existing          bool   // it was made before, by us
	Ended             bool   // it was used, has run out or was deactivated
}

// keyField is the metadata field that holds the key.
const keyField = "flywheel_key"

// couponID is the coupon's id of our choice, which an account has once only.
func couponID(key string) string { return "fw_" + key }

// coupon is a Coupon, of https://docs.stripe.com/api/coupons/object.
type coupon struct {
	ID       string            `json:"id"`
	Percent  json.Number       `json:"percent_off"`
	Amount   int64             `json:"amount_off"`
	Currency string            `json:"currency"`
	Metadata map[string]string `json:"metadata"`
}

// promotionCode is a Promotion Code, of https://docs.stripe.com/api/promotion_codes/object.
type promotionCode struct {
	ID       string            `json:"id"`
	Active   bool              `json:"active"`
	Customer ref               `json:"customer"`
	Metadata map[string]string `json:"metadata"`
}

// CreatePromotion makes the coupon and its code, once however often it is
// called. What was made before is found by its key and is done, also where the
// answer was lost, came as an error or is a day old. A code or id that another
// has taken, and one of ours with other terms, is fault.Conflict; what Stripe
// refuses is fault.Invalid, naming the parameter; other errors are those of Charge.
func (c *Client) CreatePromotion(ctx context.Context, a Access, p Promotion) (PromotionRef, error) {
	asked, code, err := p.forms()
	if err != nil {
		return PromotionRef{}, err
	}
	existed, err := c.once(ctx, a, "/v1/coupons", asked, "fw-coupon-"+p.Key, func() error { return c.ourCoupon(ctx, a, p) })
	if err != nil {
		return PromotionRef{}, err
	}
	if existed { // so may its code
		if found, err := c.ourCode(ctx, a, p); !fault.Is(err, fault.NotFound) {
			return found, err
		}
	}
	// Its answer is not read: one that is replayed is as old as its first.
	existed, err = c.once(ctx, a, "/v1/promotion_codes", code, "fw-code-"+p.Key, func() error {
		_, err := c.ourCode(ctx, a, p)
		return err
	})
	if fault.Is(err, fault.Invalid) {
		err = c.taken(ctx, a, p, err)
	}
	if err != nil {
		return PromotionRef{}, err
	}
	found, err := c.ourCode(ctx, a, p)
	found.Existing = existed
	return found, err
}

// ourCode looks up the code of p, which is for p's customer.
func (c *Client) ourCode(ctx context.Context, a Access, p Promotion) (PromotionRef, error) {
	found, err := c.FindPromotion(ctx, a, p.Key)
	if err == nil && found.Customer != p.Customer {
		err = fault.New(fault.Conflict, "the code was made before for another customer")
	}
	return found, err
}

// ourCoupon tells whether the coupon is there, ours, and what p says.
func (c *Client) ourCoupon(ctx context.Context, a Access, p Promotion) error {
	raw, err := c.get(ctx, a, "coupon", couponID(p.Key), nil)
	if err != nil {
		return err
	}
	is, err := read[coupon](raw)
	if err != nil {
		return fault.Wrap(fault.Permanent, err, "Stripe's answer about a coupon cannot be read")
	}
	percent, _ := is.Percent.Float64() // none is 0
	amount, currency, err := p.amountOff()
	switch {
	case err != nil:
		return err
	case is.Metadata[keyField] != p.Key:
		return fault.New(fault.Conflict, "the account has a coupon %s that is not ours", is.ID)
	case int(math.Round(percent*100)) != p.percentOff() || is.Amount != amount || is.Currency != currency:
		return fault.New(fault.Conflict, "the coupon %s was made before with other terms", is.ID)
	}
	return nil
}

// FindPromotion looks up what CreatePromotion has made for a key. None is
// fault.NotFound; other errors are those of Charge.
func (c *Client) FindPromotion(ctx context.Context, a Access, key string) (PromotionRef, error) {
	codes, err := c.promotionCodes(ctx, a, "coupon", couponID(key))
	if err != nil {
		return PromotionRef{}, err
	}
	codes = slices.DeleteFunc(codes, func(pc promotionCode) bool { return pc.Metadata[keyField] != key }) // staff may add their own to it
	if len(codes) == 0 {
		return PromotionRef{}, fault.New(fault.NotFound, "the account has no such code")
	}
	return PromotionRef{Coupon: couponID(key), Promotion: codes[0].ID, Customer: codes[0].Customer.ID, Existing: true, Ended: !codes[0].Active}, nil
}

// taken finds out why a code was refused: where another has it, that is the reason.
func (c *Client) taken(ctx context.Context, a Access, p Promotion, refused error) error {
	codes, err := c.promotionCodes(ctx, a, "code", p.Code, "active", "true")
	switch {
	case err != nil:
		return err
	case len(codes) > 0:
		return fault.Wrap(fault.Conflict, refused, "the code is taken by a promotion that is not ours")
	}
	return refused
}

func (c *Client) promotionCodes(ctx context.Context, a Access, query ...string) ([]promotionCode, error) {
	raw, err := c.call(ctx, a, "/v1/promotion_codes", fields(append(query, "limit", "100")...))
	if err != nil {
		return nil, err
	}
	page, err := read[list[promotionCode]](raw)
	if err != nil {
		return nil, fault.Wrap(fault.Permanent, err, "Stripe's list of promotion codes cannot be read")
	}
	return page.Data, nil
}

// EndPromotion deactivates a promotion code for good: Stripe lets nobody use it
// any more, whoever has used it has. Twice is no harm. One that the account does
// not have is fault.NotFound; other errors are those of Charge.
func (c *Client) EndPromotion(ctx context.Context, a Access, id string) error {
	if id == "" || !plain(id) {
		return fault.New(fault.Invalid, "%q is not the id of a promotion code", clean(id))
	}
	_, err := c.send(ctx, a, http.MethodPost, stripego.FormatURLPath("/v1/promotion_codes/%s", id), fields("active", "false"), "")
	return err
}
