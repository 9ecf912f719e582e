package commerce

import (
	"strings"

	"golang.org/x/net/idna"
)

// Person is somebody a shop sold to. Everything we do hangs on persons.
type Person struct {
	ID         PersonID
	MergedInto PersonID // "" = not merged
	Email      string   // normalised; "" = not reachable by mail
	Phone      string
	FirstName  string
	LastName   string
	Language   string // BCP 47
	Country    string
	Timezone   string
	Erased     bool
	UpdatedAt  Instant // of the source the fields come from
	Rev        int64
}

// IdentityKind names what a person is known by.
type IdentityKind string

// Identity kinds. A phone never joins two persons.
const (
	ByShopify IdentityKind = "shopify"
	ByStripe  IdentityKind = "stripe"
	ByEmail   IdentityKind = "email"
	ByPhone   IdentityKind = "phone"
)

// Identity is one normalised thing a person is known by, unique within a shop.
type Identity struct {
	Kind  IdentityKind
	Value string
}

// PersonFacts is what one delivery says about a person.
type PersonFacts struct {
	CustomerID    string // the platform's id; "" for a guest
	Email         string // normalised by NormalEmail
	EmailVerified bool   // joins the persons of two platforms
	Phone         string
	FirstName     string
	LastName      string
	Language      string
	Country       string
	UpdatedAt     Instant
}

// Identities lists what p is known by on platform, the strongest first.
func (p PersonFacts) Identities(platform Platform) []Identity {
	var ids []Identity
	if p.CustomerID != "" {
		ids = append(ids, Identity{IdentityKind(platform), p.CustomerID})
	}
	if p.Email != "" {
		ids = append(ids, Identity{ByEmail, p.Email})
	}
	return ids
}

// Merge takes over what f says about p where f is not older; a field f leaves
// empty stays. It reports whether anything changed.
func (p *Person) Merge(f PersonFacts) bool {
	if p.Erased {
		return false
	}
	before, newer := *p, f.UpdatedAt >= p.UpdatedAt
	take := func(field *string, value string) {
		if value != "" && (newer || *field == "") {
			*field = value
		}
	}
	take(&p.Email, f.Email)
	take(&p.Phone, f.Phone)
	take(&p.FirstName, f.FirstName)
	take(&p.LastName, f.LastName)
	take(&p.Language, f.Language)
	take(&p.Country, f.Country)
	p.UpdatedAt = max(p.UpdatedAt, f.UpdatedAt)
	before.UpdatedAt = p.UpdatedAt
	return *p != before
}

// NormalEmail returns the form of an address under which it is kept and hashed:
// trimmed, lower case, the domain in ASCII (RFC 5891). Anything that is not one
// plain address gives "".
func NormalEmail(address string) string {
	address = strings.TrimSpace(address)
	at := strings.LastIndexByte(address, '@')
	if at < 1 || at > 64 || len(address) > 254 || strings.ContainsAny(address, " \t\r\n\x00,;<>\"()") {
		return ""
	}
	domain, err := idna.Lookup.ToASCII(strings.TrimSuffix(address[at+1:], "."))
	if err != nil || !strings.Contains(domain, ".") || strings.Contains(address[:at], "@") {
		return ""
	}
	return strings.ToLower(address[:at]) + "@" + domain
}
