package stripe

import (
	"cmp"
	"strings"
	"unicode"

	"flywheel/commerce"
)

// customer is a Customer.
type customer struct {
	ID      string    `json:"id"`
	Created int64     `json:"created"`
	Email   string    `json:"email"`
	Name    string    `json:"name"`
	Phone   string    `json:"phone"`
	Locales []string  `json:"preferred_locales"`
	Address *address  `json:"address"`
	Ships   *shipping `json:"shipping"`
}

func decodeCustomer(e envelope) (c commerce.Change, err error) {
	c.Person, err = personOf([]byte(e.object.Raw), e.at)
	return c, err
}

// personOf reads a customer as of at; of a deleted one only the id is left.
func personOf(raw []byte, at commerce.Instant) (*commerce.PersonFacts, error) {
	cu, err := read[customer](raw)
	if err != nil {
		return nil, err
	}
	if err := needID("customer", cu.ID); err != nil {
		return nil, err
	}
	who := contact{
		customer: cu.ID, email: cu.Email, name: cu.Name, phone: cu.Phone,
		country: cmp.Or(cu.Ships.country(), cu.Address.country()),
	}
	if len(cu.Locales) > 0 {
		who.language = locale(cu.Locales[0])
	}
	return who.facts(at)
}

// addCustomer fills what an order's person leaves open from a customer that
// came expanded: somebody who paid by an app or an invoice often typed no
// address at the payment.
func addCustomer(o *commerce.OrderChange, c ref, at commerce.Instant) error {
	if c.Raw == nil {
		return nil
	}
	p, err := personOf(c.Raw, at)
	if err == nil {
		o.Person = mergePerson(o.Person, p)
	}
	return err
}

// decodeCreatedCustomer also tells that the customer is new.
func decodeCreatedCustomer(e envelope) (c commerce.Change, err error) {
	if c, err = decodeCustomer(e); err != nil {
		return c, err
	}
	cu, err := read[customer]([]byte(e.object.Raw))
	c.Happened = []commerce.Happening{{
		Kind: commerce.CustomerCreated, Subject: string(commerce.Stripe) + ":" + cu.ID, At: cmp.Or(seconds(cu.Created), e.at),
	}}
	return c, err
}

// contact is what an object says about who bought, as it says it.
type contact struct {
	customer, email, name, phone string
	language, country            string // already in form
}

// facts returns nil for somebody of whom neither id nor address is known. No
// address of Stripe counts as verified: whoever pays types what they like.
func (c contact) facts(at commerce.Instant) (*commerce.PersonFacts, error) {
	if err := checkID("customer", c.customer); err != nil {
		return nil, err
	}
	p := &commerce.PersonFacts{
		CustomerID: c.customer, Email: commerce.NormalEmail(c.email), Phone: phone(c.phone),
		Language: c.language, Country: c.country, UpdatedAt: at,
	}
	p.FirstName, p.LastName = splitName(c.name)
	if p.CustomerID == "" && p.Email == "" {
		return nil, nil
	}
	return p, nil
}

// mergePerson fills what a leaves open from b.
func mergePerson(a, b *commerce.PersonFacts) *commerce.PersonFacts {
	if a == nil || b == nil {
		return cmp.Or(a, b)
	}
	a.CustomerID, a.Email, a.Phone = cmp.Or(a.CustomerID, b.CustomerID), cmp.Or(a.Email, b.Email), cmp.Or(a.Phone, b.Phone)
	a.Language, a.Country = cmp.Or(a.Language, b.Language), cmp.Or(a.Country, b.Country)
	if a.FirstName == "" && a.LastName == "" {
		a.FirstName, a.LastName = b.FirstName, b.LastName
	}
	return a
}

func phone(s string) string {
	s = clean(s)
	if len(s) > 32 || !strings.ContainsFunc(s, unicode.IsDigit) {
		return ""
	}
	return s
}

// compounds are first halves of given names: alone they are no name at all
// (Abd means servant), so the next word belongs to them.
var compounds = map[string]bool{
	"عبد": true, "أبو": true, "ابو": true, "أم": true, "ام": true, "آل": true, "بن": true, "ابن": true,
	"abd": true, "abdul": true, "abdel": true, "abdal": true, "abu": true, "umm": true, "oum": true, "bin": true, "ibn": true,
}

// splitName parts a whole name into given and family name: the first word, or
// two where the first is half a name. What cannot be parted (one word, a comma,
// digits) stays whole as the given name; an address is no name.
func splitName(name string) (first, last string) {
	name = clean(name)
	if strings.Contains(name, "@") || !strings.ContainsFunc(name, unicode.IsLetter) {
		return "", ""
	}
	words := strings.Fields(name)
	given := 1
	if compounds[strings.ToLower(words[0])] {
		given = 2
	}
	if len(words) <= given || strings.ContainsAny(name, ",،") || strings.ContainsFunc(name, unicode.IsDigit) {
		return strings.Join(words, " "), ""
	}
	return strings.Join(words[:given], " "), strings.Join(words[given:], " ")
}
