package commerce

import (
	"cmp"
	"strings"
	"unicode"
	"unicode/utf8"

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
	// Choice is the language they chose on their own page; "" = none. It goes before all others.
	Choice    string
	Country   string
	Timezone  string
	Erased    bool
	UpdatedAt Instant // of the source the fields come from
	Rev       int64
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
	CustomerID    string   // the platform's id; "" for a guest
	Platform      Platform // whose id that is, where the API tells it; "" = the delivery's
	Email         string   // normalised by NormalEmail
	EmailVerified bool     // joins the persons of two platforms
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
		ids = append(ids, Identity{IdentityKind(cmp.Or(p.Platform, platform)), p.CustomerID})
	}
	if p.Email != "" {
		ids = append(ids, Identity{ByEmail, p.Email})
	}
	return ids
}

// Merge takes over what f says about p where f is not older; a field f leaves
// empty stays. Two that are told at one moment are settled alike in either
// order. It reports whether anything changed.
func (p *Person) Merge(f PersonFacts) bool {
	if p.Erased {
		return false
	}
	before, age := *p, cmp.Compare(f.UpdatedAt, p.UpdatedAt)
	wins := func(field, value string) bool {
		return value != "" && (field == "" || age > 0 || age == 0 && value > field)
	}
	take := func(field *string, value string) {
		if wins(*field, value) {
			*field = value
		}
	}
	take(&p.Email, f.Email)
	take(&p.Phone, f.Phone)
	take(&p.Language, f.Language)
	take(&p.Country, f.Country)
	if wins(wholeName(p.FirstName, p.LastName), wholeName(f.FirstName, f.LastName)) {
		p.FirstName, p.LastName = f.FirstName, f.LastName
	}
	p.UpdatedAt = max(p.UpdatedAt, f.UpdatedAt)
	before.UpdatedAt = p.UpdatedAt
	return *p != before
}

// wholeName is a name to compare: it is taken as one thing, for halves of two
// names make a third.
func wholeName(first, last string) string {
	if first == "" && last == "" {
		return ""
	}
	return last + "\x00" + first
}

// domains is idna.Lookup that also refuses names DNS cannot hold.
var domains = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.VerifyDNSLength(true))

// NormalEmail returns the form of an address under which it is kept and hashed:
// trimmed, lower case, the domain in ASCII (RFC 5891). Anything that is not one
// plain address gives "".
func NormalEmail(address string) string {
	address = strings.TrimSpace(address)
	local, domain, found := strings.Cut(address, "@")
	if !found || local == "" || !utf8.ValidString(address) || strings.ContainsFunc(address, unfit) {
		return ""
	}
	domain, err := domains.ToASCII(strings.TrimSuffix(domain, "."))
	if err != nil || !strings.Contains(domain, ".") || strings.HasSuffix(domain, ".") || strings.HasPrefix(domain, ".") || strings.Contains(domain, "..") {
		return ""
	}
	normal := strings.ToLower(local) + "@" + domain
	if len(normal) > 254 || strings.IndexByte(normal, '@') > 64 {
		return ""
	}
	return normal
}

// unfit reports letters that no plain address has, among them those nobody can see.
func unfit(r rune) bool {
	return !unicode.IsGraphic(r) || unicode.IsSpace(r) || strings.ContainsRune(",;:<>\"()[]\\", r)
}
