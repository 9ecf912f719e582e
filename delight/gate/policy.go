package gate

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"flywheel/commerce"
	"flywheel/fault"
)

// Class says how much a message asks for.
type Class string

// The classes of messages.
const (
	Transactional Class = "transactional"
	Service       Class = "service"
	Marketing     Class = "marketing"
)

// Need is what a class of message wants from a person before it may go.
type Need string

// What a class may need, from nothing to a confirmed yes.
const (
	NeedNothing Need = "nothing"
	NeedOptOut  Need = "opt_out"  // notice and a way out
	NeedImplied Need = "implied"  // a purchase within Months
	NeedOptIn   Need = "opt_in"   // a yes with source and date
	NeedDouble  Need = "double"   // a yes confirmed by a second act
	NeedNever   Need = "never"    // nothing will do: the shop leaves such persons alone. In no policy
	strictest        = NeedDouble // of what a policy may leave open
)

// Rule is one line of the policy. Source and Date say where it comes from.
type Rule struct {
	Need   Need   `yaml:"need"`
	Months int    `yaml:"months,omitempty"` // for implied
	Source string `yaml:"source"`
	Date   string `yaml:"date"`
}

// Policy is the consent table: channel, class, then country; "*" is the rule
// where a country has none of its own.
type Policy map[commerce.Channel]map[Class]map[string]Rule

// ParsePolicy reads templates/policy/consent.yaml. Errors are fault.Invalid.
func ParsePolicy(data []byte) (Policy, error) {
	var p Policy
	if err := yaml.UnmarshalWithOptions(data, &p, yaml.DisallowUnknownField()); err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "the consent policy cannot be read")
	}
	if len(p) == 0 {
		return nil, fault.New(fault.Invalid, "the consent policy is empty")
	}
	for channel, classes := range p {
		for class, countries := range classes {
			if err := checkRules(countries); err != nil {
				return nil, fault.Wrap(fault.Invalid, err, "consent policy, %s %s", channel, class)
			}
			if class != Transactional && class != Service && class != Marketing {
				return nil, fault.New(fault.Invalid, "the consent policy knows no class %q", class)
			}
		}
	}
	return p, nil
}

func checkRules(countries map[string]Rule) error {
	if _, ok := countries["*"]; !ok {
		return fault.New(fault.Invalid, "there is no rule *")
	}
	for country, rule := range countries {
		if country != "*" && !isCountry(country) {
			return fault.New(fault.Invalid, "%q is not a country such as DE", country)
		}
		if err := rule.check(); err != nil {
			return fault.Wrap(fault.Invalid, err, "%s", country)
		}
	}
	return nil
}

// isCountry reports whether code looks like one of ISO 3166-1: two capitals.
func isCountry(code string) bool {
	return len(code) == 2 && strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
}

func (r Rule) check() error {
	switch r.Need {
	case NeedNothing, NeedOptOut, NeedOptIn, NeedDouble:
	case NeedImplied:
		if r.Months <= 0 {
			return fault.New(fault.Invalid, "implied consent needs its months")
		}
	default:
		return fault.New(fault.Invalid, "%q is no need", r.Need)
	}
	if r.Source == "" {
		return fault.New(fault.Invalid, "the rule names no source")
	}
	if _, err := time.Parse(time.DateOnly, r.Date); err != nil {
		return fault.New(fault.Invalid, "the rule's date %q is not a day", r.Date)
	}
	return nil
}

// For returns the rule for a channel, class and country. A channel or class
// the policy does not know needs the strictest; a country that is not known,
// the strictest of the table.
func (p Policy) For(channel commerce.Channel, class Class, country string) Rule {
	countries, ok := p[channel][class]
	if !ok {
		return Rule{Need: strictest, Source: "no rule for this channel and class"}
	}
	if country = strings.ToUpper(country); isCountry(country) {
		if rule, ok := countries[country]; ok {
			return rule
		}
		return countries["*"]
	}
	worst := countries["*"]
	for _, country := range slices.Sorted(maps.Keys(countries)) {
		if rule := countries[country]; rule.stricter(worst) {
			worst = rule
		}
	}
	return worst
}

// Of returns the rule for a message of a shop to somebody: what the policy says for
// where they live, and where the shop wants more, that. own is the country of the
// person or of their order, "" where it is not known; then the shop's own counts.
func (p Policy) Of(shop *commerce.Shop, channel commerce.Channel, class Class, own string) Rule {
	r, wish := p.For(channel, class, cmp.Or(own, shop.Country)), shop.Settings.Consent
	if class == Transactional {
		return r
	}
	if own == "" && wish.KnownOnly {
		return Rule{Need: NeedNever, Source: theShops}
	}
	wanted := wish.Service
	if class == Marketing {
		wanted = wish.Marketing
	}
	need := map[commerce.Wish]Need{commerce.WishYes: NeedOptIn, commerce.WishConfirmed: NeedDouble}[wanted]
	if need == NeedDouble && channel != commerce.ByMail {
		need = NeedOptIn // only a mail can be confirmed by one
	}
	if wished := (Rule{Need: need, Source: theShops}); wished.stricter(r) {
		return wished
	}
	return r
}

// theShops is the source of a rule that the shop itself has made.
const theShops = "the shop's own choice"

func (r Rule) stricter(than Rule) bool {
	if r.Need == NeedImplied && than.Need == NeedImplied {
		return r.Months < than.Months
	}
	return r.Need.rank() > than.Need.rank()
}

func (n Need) rank() int {
	return map[Need]int{NeedNothing: 0, NeedOptOut: 1, NeedImplied: 2, NeedOptIn: 3, NeedDouble: 4, NeedNever: 5}[n]
}
