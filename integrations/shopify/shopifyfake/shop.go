package shopifyfake

import (
	"hash/crc32"
	"slices"
	"strings"
	"time"
)

// ShopInfo is what a shop says of itself. Empty members are filled in by Install.
type ShopInfo struct {
	ID                  int64 // derived from the domain if 0
	Name                string
	Email, ContactEmail string
	Zone                string // IANA
	Currency, Country   string
	Address             ShopAddress
	Locales             []string // published ones, the primary first
	Plan                string   // plan_name: basic, frozen, partner_test ...
}

// ShopAddress is the business's own address.
type ShopAddress struct{ Address1, City, Zip, Country string }

type shop struct {
	domain    string
	info      ShopInfo
	installed bool
	static    string // a token that never expires, of AddShop
	grants    []*grant
	scopes    []string
	withheld  bool
	bucket    bucket
	orders    map[int64]*stored
	today     time.Time // zero: newest
	newest    time.Time // the moment of the newest order
	persons   map[int64]*Customer
	discounts []*DiscountRecord
	bulk      *bulk // the latest operation
}

// shop returns the shop, made if nobody knew it. f.mu is held.
func (f *Fake) shop(domain string) *shop {
	domain = strings.ToLower(domain)
	s := f.shops[domain]
	if s == nil {
		s = &shop{
			domain: domain, orders: map[int64]*stored{}, persons: map[int64]*Customer{},
			bucket: bucket{max: 2000, restore: 100, left: 2000}, scopes: slices.Clone(f.app.Scopes),
		}
		s.info = ShopInfo{}.filled(domain)
		f.shops[domain] = s
	}
	return s
}

func (i ShopInfo) filled(domain string) ShopInfo {
	or := func(field *string, value string) {
		if *field == "" {
			*field = value
		}
	}
	name := strings.TrimSuffix(domain, ".myshopify.com")
	if i.ID == 0 {
		i.ID = int64(crc32.ChecksumIEEE([]byte(domain)))
	}
	or(&i.Name, strings.ToUpper(name[:1])+name[1:])
	or(&i.Email, "owner@"+name+".example")
	or(&i.ContactEmail, "hello@"+name+".example")
	or(&i.Zone, "Europe/Vienna")
	or(&i.Currency, "EUR")
	or(&i.Country, "AT")
	or(&i.Plan, "basic")
	or(&i.Address.Address1, "1 High Street")
	or(&i.Address.City, "Vienna")
	or(&i.Address.Zip, "1010")
	or(&i.Address.Country, "Austria")
	if i.Locales == nil {
		i.Locales = []string{"en"}
	}
	return i
}

// AddShop installs the app in a shop; token is what the API will accept for it,
// and never expires. The same domain again changes the token, as a reinstall does.
func (f *Fake) AddShop(domain, token string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.installing(domain)
	s := f.shop(domain)
	s.static = token
	s.scopes = append(slices.Clone(f.app.Scopes), "read_all_orders")
}

// RemoveShop uninstalls the app and forgets the shop: the token is dead at once.
func (f *Fake) RemoveShop(domain string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.shops, strings.ToLower(domain))
}

// Install is the merchant pressing Install: Shopify installs the app with all
// its scopes and tells it nothing; the app learns of it when it is opened. Of a
// shop that is known already, info replaces what it said of itself.
func (f *Fake) Install(domain string, info ShopInfo) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.installing(domain)
	s := f.shop(domain)
	s.info, s.scopes = info.filled(s.domain), slices.Clone(f.app.Scopes)
}

func (f *Fake) installing(domain string) {
	if f.first == "" {
		f.first = domain
	}
	f.shop(domain).installed = true
}

// Uninstall is the merchant removing the app: all its tokens die at once; the
// shop and what is in it stay. Shopify then sends app/uninstalled (ShopBody, or
// Uninstalled of this fake).
func (f *Fake) Uninstall(domain string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.shop(domain)
	s.installed, s.static, s.grants = false, "", nil
}

// Installed reports whether a shop has the app.
func (f *Fake) Installed(domain string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.shop(domain).installed
}

// SetToday sets the moment from which the last 60 days of a shop's orders are
// counted. Without it that is the moment of its newest order.
func (f *Fake) SetToday(domain string, at time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.shop(domain).today = at
}

// Uninstalled is the body of app/uninstalled and shop/update for a shop as it is now.
func (f *Fake) Uninstalled(domain string) []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	i := f.shop(domain).info
	return shopBody(i.ID, i.Plan, i.Email, domain, i.Name, i.Country, i.Currency, i.Zone, i.Locales[0])
}

// ScopesUpdated is the body of app/scopes_update for a shop that had granted previous before.
func (f *Fake) ScopesUpdated(domain string, at time.Time, previous ...string) []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.shop(domain)
	return write(struct {
		ID        int64    `json:"id"`
		Shop      string   `json:"shop_id"`
		Previous  []string `json:"previous"`
		Current   []string `json:"current"`
		UpdatedAt string   `json:"updated_at"`
	}{1, id("Shop", s.info.ID).GID, orEmpty(previous), orEmpty(s.scopes), at.UTC().Format("2006-01-02T15:04:05.000Z")})
}

func (s *shop) object() object {
	i := s.info
	return object{
		"id": id("Shop", i.ID).GID, "name": i.Name, "email": i.Email, "contactEmail": i.ContactEmail, "ianaTimezone": i.Zone,
		"currencyCode": i.Currency, "myshopifyDomain": s.domain,
		"primaryDomain": object{"id": id("Domain", i.ID).GID, "url": "https://" + s.domain},
		"shopAddress": object{
			"id": id("ShopAddress", i.ID).GID, "address1": i.Address.Address1, "address2": nil, "city": i.Address.City, "zip": i.Address.Zip,
			"country": i.Address.Country, "countryCodeV2": i.Country,
		},
	}
}

func (s *shop) locales(map[string]any) (any, error) {
	out := []object{}
	for i, l := range s.info.Locales {
		out = append(out, object{"locale": l, "primary": i == 0})
	}
	return out, nil
}

func (s *shop) installation() object {
	list := []object{}
	for _, scope := range s.scopes {
		list = append(list, object{"handle": scope})
	}
	return object{"id": id("AppInstallation", s.info.ID).GID, "accessScopes": list}
}
