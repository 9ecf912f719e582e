package manage

import (
	"context"
	"regexp"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/fault"
	"flywheel/integrations/hook"
)

// plainName is what an endpoint may be called: steps and reports name it.
var plainName = regexp.MustCompile(`^[a-z0-9_-]{1,64}$`)

// AddHook keeps an endpoint for outgoing webhooks and returns its signing
// secret, which is shown once. Only https to a public host is taken. Errors are
// fault.Invalid, fault.Conflict for a name that is taken, fault.NotFound.
func (k Desk) AddHook(ctx context.Context, shop commerce.ShopID, name, url string) (secret string, err error) {
	if !plainName.MatchString(name) {
		return "", fault.New(fault.Invalid, "the name %q may only hold small letters, digits, _ and -", name)
	}
	if err := hook.CheckURL(url, false); err != nil {
		return "", err
	}
	if _, err := k.Store.Shop(ctx, shop); err != nil {
		return "", err
	}
	secret = hook.NewSecret()
	return secret, k.Store.AddEndpoint(ctx, shop, name, url, secret)
}

// RotateHook gives an endpoint a new secret; the present one counts for another day.
func (k Desk) RotateHook(ctx context.Context, shop commerce.ShopID, name string) (secret string, err error) {
	secret = hook.NewSecret()
	return secret, k.Store.RotateEndpoint(ctx, shop, name, secret)
}

// RemoveHook forgets an endpoint. One that a live campaign names is kept, as
// fault.Conflict: its step would be left out without a word.
func (k Desk) RemoveHook(ctx context.Context, shop commerce.ShopID, name string) error {
	all, err := k.Store.ListCampaigns(ctx, shop)
	if err != nil {
		return err
	}
	for _, c := range all {
		if c.State != campaign.Live {
			continue
		}
		for _, s := range steps(c.Definition) {
			if s.Hook == name {
				return fault.New(fault.Conflict, "%s is live and tells %s at its step %s: pause it first", c.ID, name, s.ID)
			}
		}
	}
	return k.Store.RemoveEndpoint(ctx, shop, name)
}
