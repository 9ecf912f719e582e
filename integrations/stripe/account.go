package stripe

import (
	"cmp"
	"context"
	"strings"

	"flywheel/commerce"
)

// AccountFacts is what an account says about the shop that it belongs to. What
// the merchant never filled in is "".
type AccountFacts struct {
	ID       string // acct_...
	Name     string // as customers see it, else as the dashboard shows it
	Email    string // for customers, else the account's own; normalised
	Timezone string // of the IANA database
	Country  string // ISO 3166-1 alpha-2
	Currency string // ISO 4217, in capitals
	URL      string
	Address  string           // for customers, on one line
	Created  commerce.Instant // for a connected account Stripe tells here when it was connected
}

// account is an Account, of https://docs.stripe.com/api/accounts/object.
type account struct {
	ID       string `json:"id"`
	Email    string `json:"email"`
	Country  string `json:"country"`
	Currency string `json:"default_currency"`
	Created  int64  `json:"created"`
	Business struct {
		Name    string      `json:"name"`
		Email   string      `json:"support_email"`
		URL     string      `json:"url"`
		Address *postalForm `json:"support_address"`
	} `json:"business_profile"`
	Settings struct {
		Dashboard struct {
			Name     string `json:"display_name"`
			Timezone string `json:"timezone"`
		} `json:"dashboard"`
	} `json:"settings"`
}

// postalForm is an address as it is written on a letter.
type postalForm struct {
	Line1   string `json:"line1"`
	Line2   string `json:"line2"`
	Zip     string `json:"postal_code"`
	City    string `json:"city"`
	State   string `json:"state"`
	Country string `json:"country"`
}

// Account reads the account that a speaks for, which also proves that a's key
// may, and for which of live and test data. Errors as Charge.
func (c *Client) Account(ctx context.Context, a Access) (AccountFacts, error) {
	raw, err := c.call(ctx, a, "/v1/account", nil)
	if err != nil {
		return AccountFacts{}, err
	}
	facts, err := accountFacts(raw)
	return answer(facts, err, "account", cmp.Or(a.Account, "of the key"))
}

func accountFacts(raw []byte) (AccountFacts, error) {
	acct, err := read[account](raw)
	if err != nil {
		return AccountFacts{}, err
	}
	zone := clean(acct.Settings.Dashboard.Timezone)
	return AccountFacts{
		ID:       acct.ID,
		Name:     clean(cmp.Or(acct.Business.Name, acct.Settings.Dashboard.Name)),
		Email:    cmp.Or(commerce.NormalEmail(acct.Business.Email), commerce.NormalEmail(acct.Email)),
		Timezone: zone, Country: country(acct.Country), Currency: strings.ToUpper(clean(acct.Currency)),
		URL: clean(acct.Business.URL), Address: acct.Business.Address.line(), Created: seconds(acct.Created),
	}, needID("account", acct.ID)
}

// line is the address on one line, in the order of its fields.
func (p *postalForm) line() string {
	if p == nil {
		return ""
	}
	var parts []string
	for _, part := range []string{p.Line1, p.Line2, strings.TrimSpace(p.Zip + " " + p.City), p.State, p.Country} {
		if part = clean(part); part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ", ")
}
