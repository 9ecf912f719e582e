// Package billing says what a shop may have: the plans as data, what the
// platform's word about a contract means for it, and how far its orders fill its
// plan. It is pure: package jobs asks the platform and counts, package store
// keeps, package gate holds what is to be held.
//
// What a plan decides is one thing: whether service and marketing messages go
// out. Over the plan's orders they still do for Grace, and are then held until
// the period ends or the plan changes. Order mails always go, and a plan never
// stands before opting out, export, pause or erasure.
package billing

import (
	"regexp"

	"github.com/goccy/go-yaml"

	"flywheel/commerce"
	"flywheel/fault"
)

// Plan is one thing a shop may have.
type Plan struct {
	Handle string            `yaml:"handle"`
	Orders int64             `yaml:"orders"` // paid orders a period; 0 = any number
	Trial  int               `yaml:"trial"`  // days; 0 = none
	Name   map[string]string `yaml:"name"`   // by language; en always
}

// Plans are all plans, smallest first. The first is free.
type Plans []Plan

// maxPlans is how many public plans Shopify App Pricing allows (shopify.dev,
// "Shopify App Pricing"); the free one is among them.
const maxPlans = 4

var handles = regexp.MustCompile(`^[a-z0-9][a-z0-9-]*$`)

// ParsePlans reads templates/plans.yaml. Errors are fault.Invalid.
func ParsePlans(data []byte) (Plans, error) {
	var ps Plans
	if err := yaml.UnmarshalWithOptions(data, &ps, yaml.DisallowUnknownField()); err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "the plans cannot be read")
	}
	if len(ps) == 0 || len(ps) > maxPlans {
		return nil, fault.New(fault.Invalid, "there are %d plans; Shopify shows 1 to %d", len(ps), maxPlans)
	}
	seen := map[string]bool{}
	for i, p := range ps {
		switch {
		case !handles.MatchString(p.Handle) || seen[p.Handle]:
			return nil, fault.New(fault.Invalid, "%q is no handle of a plan, or it is there twice", p.Handle)
		case p.Orders < 0 || p.Trial < 0 || p.Name["en"] == "":
			return nil, fault.New(fault.Invalid, "plan %s: orders and trial are not below 0, and it has a name", p.Handle)
		case i > 0 && !larger(p, ps[i-1]):
			return nil, fault.New(fault.Invalid, "plan %s is not larger than the one before it", p.Handle)
		}
		seen[p.Handle] = true
	}
	if ps[0].Trial != 0 {
		return nil, fault.New(fault.Invalid, "the first plan is free, so it has no trial")
	}
	return ps, nil
}

func larger(p, than Plan) bool { return than.Orders != 0 && (p.Orders == 0 || p.Orders > than.Orders) }

// Free is what counts without a contract.
func (ps Plans) Free() Plan { return ps[0] }

// By returns the plan of a handle. One that the data does not know is of any
// number of orders: nobody is held for less than what they pay for.
func (ps Plans) By(handle string) (Plan, bool) {
	for _, p := range ps {
		if p.Handle == handle {
			return p, true
		}
	}
	return Plan{Handle: handle, Name: map[string]string{"en": handle}}, false
}

// Of returns the plan that counts for a shop now.
func (ps Plans) Of(e commerce.Entitlement) Plan {
	if !e.Contract() {
		return ps.Free()
	}
	p, _ := ps.By(e.Plan)
	return p
}

// Called is a plan's name in a language, else in English.
func (p Plan) Called(lang string) string {
	if name := p.Name[lang]; name != "" {
		return name
	}
	return p.Name["en"]
}
