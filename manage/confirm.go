package manage

import (
	"cmp"
	"context"
	"slices"
	"sync"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/delight/lint"
	"flywheel/templates"
)

// ordersSeen is how many of a shop's last orders say where its customers are.
const ordersSeen = 200

// policy is the consent table that comes with the program.
var policy = sync.OnceValues(func() (gate.Policy, error) { return gate.ParsePolicy(templates.ConsentPolicy()) })

// findings are those of a definition, and what its shop lacks for it.
func (k Desk) findings(ctx context.Context, d campaign.Definition, shop commerce.Shop) ([]lint.Finding, error) {
	found := findings(d, shop)
	if _, may := lint.Unconfirmed(d, []string{"*"}); !may {
		return found, nil
	}
	countries, err := k.unasked(ctx, shop)
	if f, is := lint.Unconfirmed(d, countries); is {
		found = append(found, f)
		lint.Sort(found)
	}
	return found, err
}

// unasked are the countries of a shop's customers in which a yes to news and
// offers by mail must be confirmed, where no live campaign asks for that.
func (k Desk) unasked(ctx context.Context, shop commerce.Shop) ([]string, error) {
	all, err := k.Store.ListCampaigns(ctx, shop.ID)
	if err != nil || slices.ContainsFunc(all, func(c campaign.Campaign) bool {
		return c.State == campaign.Live && c.Trigger.Kind == campaign.OnConsentAsked
	}) {
		return nil, err
	}
	table, err := policy()
	if err != nil {
		return nil, err
	}
	countries, err := k.Store.CustomerCountries(ctx, shop.ID)
	if err != nil {
		return nil, err
	}
	orders, err := k.Store.LastOrders(ctx, shop.ID, ordersSeen)
	for _, o := range orders {
		countries = append(countries, o.Detail.Country)
	}
	for i, country := range countries {
		countries[i] = cmp.Or(country, shop.Country)
	}
	slices.Sort(countries)
	return slices.DeleteFunc(slices.Compact(countries), func(country string) bool {
		return country == "" || table.Of(&shop, commerce.ByMail, gate.Marketing, country).Need != gate.NeedDouble
	}), err
}
