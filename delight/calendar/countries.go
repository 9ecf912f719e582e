package calendar

import (
	"strings"
	"sync"
	"time"
)

// customs are what a country's people keep.
type customs struct {
	weekend               week
	ramadan, eids, nowruz bool
}

var usual = customs{weekend: days(time.Saturday, time.Sunday)}

// Weekends that are not Saturday and Sunday: CLDR 48, supplemental weekData
// (unicode.org/cldr). The last line is ours: CLDR leaves these at the world's
// default, their public offices close on Friday and Saturday.
var weekends = []struct {
	days      week
	countries string
}{
	{days(time.Friday, time.Saturday), "BH DZ EG IL IQ JO KW LY OM QA SA SD SY YE"},
	{days(time.Thursday, time.Friday), "AF"},
	{days(time.Friday), "IR"},
	{days(time.Sunday), "IN UG"},
	{days(time.Friday, time.Saturday), "BD MV PS"},
}

// Countries whose days go by Ramadan: the Arab League and others where most
// people are Muslims and fast in public life.
const keepRamadan = "AE BH DJ DZ EG IQ JO KM KW LB LY MA MR OM PS QA SA SD SO SY TN YE " +
	"AF BD BN GM GN ID IR ML MV MY NE PK SN TR"

// Others where most people are Muslims and both Eids are public holidays, while
// by day Ramadan is like other months.
const keepEids = "AL AZ KG TJ UZ XK"

// Countries whose year begins with Nowruz or where it is the chief holiday of spring.
const keepNowruz = "AF IR TJ"

var customsByCountry = sync.OnceValue(func() map[string]customs {
	m := map[string]customs{}
	change := func(countries string, how func(*customs)) {
		for _, country := range strings.Fields(countries) {
			c, ok := m[country]
			if !ok {
				c = usual
			}
			how(&c)
			m[country] = c
		}
	}
	for _, w := range weekends {
		change(w.countries, func(c *customs) { c.weekend = w.days })
	}
	change(keepRamadan, func(c *customs) { c.ramadan, c.eids = true, true })
	change(keepEids, func(c *customs) { c.eids = true })
	change(keepNowruz, func(c *customs) { c.nowruz = true })
	return m
})

func customsOf(country string) customs {
	if c, ok := customsByCountry()[country]; ok {
		return c
	}
	return usual
}
