package calendar

import (
	"cmp"
	"strings"
	"sync"
	"time"
)

// Source says what a place was found by.
type Source string

// The sources, the best first.
const (
	FromPerson  Source = "person"  // the person's own zone is known
	FromAddress Source = "address" // country, and region where the country has several zones
	FromCountry Source = "country" // of several zones nobody knows which
	FromShop    Source = "shop"    // nothing is known of the person, the shop's zone or country stands in
	FromNothing Source = "nothing" // not even of the shop: UTC
)

// Place is where a person is, as far as known. Locate makes it.
type Place struct {
	Zone    string   // IANA name; "" where several come into question
	Zones   []string // those that come into question, that of most people first; not to be changed
	Country string   // whose customs count, ISO 3166-1 alpha-2; "" is unknown
	Source  Source
}

// One returns the zone in which to count where one is needed: the only one,
// or that of most people.
func (p Place) One() string {
	if p.Zone == "" && len(p.Zones) > 0 {
		return p.Zones[0]
	}
	return p.Zone
}

// Locate finds where a person is: by the person's own zone, else by the
// address (country, and region as in ISO 3166-2, with or without the country's
// prefix), else by the shop's zone or country. An address in a country of
// several zones that names no region we know gives all of them: for the
// person's rest the shop's zone is no better guess. Zones that the tz
// database does not have count as not known. Where nothing at all is known it
// is UTC: between UTC-12 and UTC+14 no hour is free everywhere.
func Locate(personZone, country, region, shopZone, shopCountry string) Place {
	country, shopCountry = code(country), code(shopCountry)
	p := Place{Country: cmp.Or(country, shopCountry)}
	if IsZone(personZone) {
		p.Zone, p.Source = personZone, FromPerson
		return p
	}
	if zones, ok := regionZones()[place{country, subdivision(country, region)}]; ok {
		return p.in(zones, FromAddress)
	}
	if zones, ok := countryZones[country]; ok && len(zones) == 1 {
		return p.in(zones, FromAddress)
	} else if ok {
		return p.in(zones, FromCountry)
	}
	if IsZone(shopZone) {
		p.Zone, p.Source = shopZone, FromShop
		return p
	}
	if zones, ok := countryZones[shopCountry]; ok {
		return p.in(zones, FromShop)
	}
	return p.in([]string{"UTC"}, FromNothing)
}

func (p Place) in(zones []string, source Source) Place {
	p.Source = source
	if len(zones) == 1 {
		p.Zone = zones[0]
	} else {
		p.Zones = zones
	}
	return p
}

// code returns a country or region as the tables write it.
func code(s string) string { return strings.ToUpper(strings.TrimSpace(s)) }

// subdivision returns a region as the table writes it, without the country
// that ISO 3166-2 puts before it.
func subdivision(country, region string) string {
	region = strings.ReplaceAll(code(region), " ", "")
	if rest, ok := strings.CutPrefix(region, country); ok && strings.HasPrefix(rest, "-") {
		return rest[1:]
	}
	return region
}

// locations calls each with the zones of p until it says false.
func (p Place) locations(each func(*time.Location) bool) {
	if p.Zone != "" || len(p.Zones) == 0 {
		each(orUTC(p.Zone))
		return
	}
	for _, name := range p.Zones {
		if !each(orUTC(name)) {
			return
		}
	}
}

func orUTC(name string) *time.Location {
	if zone := location(name); zone != nil {
		return zone
	}
	return time.UTC
}

// place is a region of a country.
type place struct{ country, region string }

// regionZones is the table of regions made ready for looking up.
var regionZones = sync.OnceValue(func() map[place][]string {
	m := map[place][]string{}
	for country, rows := range regions {
		for _, row := range rows {
			zones := strings.Fields(row.zones)
			for _, region := range strings.Fields(row.codes) {
				m[place{country, region}] = zones
			}
		}
	}
	return m
})
