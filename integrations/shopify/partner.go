package shopify

import (
	"context"
	"fmt"
	"net/http"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/shopify/gql/partner"
)

// PartnerOptions are what a Partner is made with.
type PartnerOptions struct {
	Org   string // the organisation's number
	Token string // of a Partner API client with the right to manage apps
	App   string // the app's number, or its gid
	// URL replaces https://partners.shopify.com, for a fake; "" is the real host.
	URL  string
	HTTP *http.Client // nil = http.DefaultClient
}

// Partner asks the Partner API what shops pay the app.
type Partner struct {
	app   string // gid
	graph partnerGraph
}

// NewPartner returns a Partner.
func NewPartner(o PartnerOptions) *Partner {
	if o.URL == "" {
		o.URL = "https://partners.shopify.com"
	}
	if o.HTTP == nil {
		o.HTTP = http.DefaultClient
	}
	if isID(o.App) {
		o.App = gid("App", o.App)
	}
	return &Partner{o.App, partnerGraph{o}}
}

// Subscription is what is in force between a shop and the app
// (shopify.dev/docs/api/partner/2026-07/objects/ActiveSubscription).
type Subscription struct {
	Handles     []string // of its items: the plan's, and those of events that are counted
	Pending     []string // of the items from the next cycle on; nil = no change
	Cancelling  bool     // it ends with the cycle
	Annual      bool     // else it is paid every 30 days
	TrialEndsAt commerce.Instant
	From, Until commerce.Instant // the billing cycle; 0 during a trial
}

// Subscription returns what the shop with that number pays for; nil = nothing.
// Errors are fault.Denied (the token is not accepted, or may not read this),
// fault.Temporary and fault.Permanent.
func (p *Partner) Subscription(ctx context.Context, shopID string) (*Subscription, error) {
	if !isID(shopID) {
		return nil, fault.New(fault.Invalid, "%q is not the id of a shop", short(shopID))
	}
	data, err := partner.ActiveSubscription(ctx, p.graph, p.app, gid("Shop", shopID))
	if err != nil {
		return nil, fmt.Errorf("subscription of shop %s: %w", shopID, err)
	}
	n := data.ActiveSubscription
	if n == nil {
		return nil, nil
	}
	var r reader
	s := &Subscription{
		Handles: handles(n.Items), Cancelling: n.CancelAtEndOfCycle, Annual: n.BillingPeriod == "ANNUAL",
		TrialEndsAt: r.instant("trialEndsAt", n.TrialEndsAt),
	}
	if cycle := n.CurrentBillingCycle; cycle != nil {
		s.From, s.Until = r.instant("currentBillingCycle.startTime", cycle.StartTime), r.instant("currentBillingCycle.endTime", cycle.EndTime)
	}
	if n.PendingUpdate != nil {
		s.Pending = handles(n.PendingUpdate.Items)
	}
	return s, r.err
}

func handles(items []*partner.Item) (out []string) {
	for _, i := range items {
		if i.Handle != "" {
			out = append(out, i.Handle)
		}
	}
	return out
}
