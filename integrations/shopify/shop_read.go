package shopify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"flywheel/fault"
	"flywheel/integrations/shopify/gql"
)

// ShopFacts is what a shop says of itself and has granted the app. A field is
// empty where the app may not see it.
type ShopFacts struct {
	ID           string // decimal
	Name         string
	Email        string // where Shopify writes to the owner
	ContactEmail string // where customers write to the shop
	Timezone     string // IANA
	Country      string // ISO 3166-1 alpha-2
	Currency     string // ISO 4217
	Locale       string // the primary published language, BCP 47
	Domain       string // NAME.myshopify.com
	URL          string // what customers see
	Address      string // in one line
	Scopes       []string
	Locales      []string // all published ones
}

// Shop reads the shop's facts. Errors are those of Order.
func (c *Client) Shop(ctx context.Context, a Access) (ShopFacts, error) {
	data, err := gql.Shop(ctx, c.graph(a))
	if err != nil {
		return ShopFacts{}, fmt.Errorf("shop %s: %w", a.Shop, err)
	}
	f := ShopFacts{}
	if s := data.Shop; s != nil {
		f = ShopFacts{
			ID: gidNumber("Shop", s.Id), Name: text(s.Name), Email: text(s.Email), ContactEmail: text(s.ContactEmail),
			Timezone: text(s.IanaTimezone), Currency: currencyCode(s.CurrencyCode), Domain: text(s.MyshopifyDomain),
		}
		if d := s.PrimaryDomain; d != nil {
			f.URL = text(d.Url)
		}
		if at := s.ShopAddress; at != nil {
			f.Country = country(at.CountryCodeV2)
			f.Address = strings.Join(texts([]string{at.Address1, at.Address2, at.Zip + " " + at.City, at.Country}), ", ")
		}
	}
	if app := data.CurrentAppInstallation; app != nil {
		for _, s := range app.AccessScopes {
			f.Scopes = append(f.Scopes, s.Handle)
		}
	}
	slices.Sort(f.Scopes)
	return f, c.locales(ctx, a, &f)
}

// locales adds the shop's languages, if the app may read them.
func (c *Client) locales(ctx context.Context, a Access, f *ShopFacts) error {
	data, err := gql.Locales(ctx, c.graph(a))
	if fault.Is(err, fault.Denied) && !errors.Is(err, ErrToken) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("languages of %s: %w", a.Shop, err)
	}
	for _, l := range data.ShopLocales {
		if l.Primary {
			f.Locale = text(l.Locale)
		}
		f.Locales = append(f.Locales, text(l.Locale))
	}
	return nil
}
