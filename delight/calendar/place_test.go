package calendar

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

func TestAPersonIsLocatedByWhatIsKnownBest(t *testing.T) {
	american := countryZones["US"]
	for _, tc := range []struct {
		name                                         string
		zone, country, region, shopZone, shopCountry string
		want                                         Place
	}{
		{"own zone", "Asia/Riyadh", "US", "NY", "Europe/London", "GB", Place{Zone: "Asia/Riyadh", Country: "US", Source: FromPerson}},
		{"own zone, no address", "Asia/Riyadh", "", "", "Europe/London", "SA", Place{Zone: "Asia/Riyadh", Country: "SA", Source: FromPerson}},
		{"a zone that is none", "Mars/Olympus", "DE", "", "", "GB", Place{Zone: "Europe/Berlin", Country: "DE", Source: FromAddress}},
		{"Go's own names are none", "Local", "DE", "", "", "GB", Place{Zone: "Europe/Berlin", Country: "DE", Source: FromAddress}},
		{"country of one zone", "", " de ", "BE", "Europe/London", "GB", Place{Zone: "Europe/Berlin", Country: "DE", Source: FromAddress}},
		{"region", "", "US", "ny", "", "GB", Place{Zone: "America/New_York", Country: "US", Source: FromAddress}},
		{"region as ISO 3166-2 writes it", "", "US", "US-CA", "", "GB", Place{Zone: "America/Los_Angeles", Country: "US", Source: FromAddress}},
		{"region with a border in it", "", "US", "TX", "", "GB", Place{Zones: []string{"America/Chicago", "America/Denver"}, Country: "US", Source: FromAddress}},
		{"region that is none", "", "US", "XX", "Europe/London", "GB", Place{Zones: american, Country: "US", Source: FromCountry}},
		{"region not known", "", "US", "", "Europe/London", "GB", Place{Zones: american, Country: "US", Source: FromCountry}},
		{"the Canaries", "", "ES", "GC", "", "", Place{Zone: "Atlantic/Canary", Country: "ES", Source: FromAddress}},
		{"Baja California as Shopify writes it", "", "MX", "BC", "", "", Place{Zone: "America/Tijuana", Country: "MX", Source: FromAddress}},
		{"Quintana Roo as Shopify writes it", "", "MX", "Q ROO", "", "", Place{Zone: "America/Cancun", Country: "MX", Source: FromAddress}},
		{"no address", "", "", "NY", "Europe/London", "GB", Place{Zone: "Europe/London", Country: "GB", Source: FromShop}},
		{"country that is none", "", "ZZ", "", "Europe/London", "GB", Place{Zone: "Europe/London", Country: "ZZ", Source: FromShop}},
		{"only the shop's country", "", "", "", "Nowhere", "US", Place{Zones: american, Country: "US", Source: FromShop}},
		{"nothing", "", "", "", "", "", Place{Zone: "UTC", Source: FromNothing}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			require.Empty(t, cmp.Diff(tc.want, Locate(tc.zone, tc.country, tc.region, tc.shopZone, tc.shopCountry)))
		})
	}
	require.Equal(t, "America/New_York", Locate("", "US", "", "", "").One())
	require.Equal(t, "Asia/Riyadh", Locate("", "SA", "", "", "").One())
}

func TestEveryZoneOfTheTablesExists(t *testing.T) {
	require.Greater(t, len(countryZones), 240)
	for country, zones := range countryZones {
		require.NotEmpty(t, zones, country)
		for _, zone := range zones {
			require.True(t, IsZone(zone), "%s %s", country, zone)
		}
	}
	seen := map[place]bool{}
	for country, rows := range regions {
		require.Greater(t, len(countryZones[country]), 1, "%s needs no regions", country)
		for _, row := range rows {
			for _, region := range strings.Fields(row.codes) {
				require.False(t, seen[place{country, region}], "%s %s stands twice", country, region)
				seen[place{country, region}] = true
			}
		}
	}
	for region, zones := range regionZones() {
		for _, zone := range zones {
			require.True(t, IsZone(zone), "%s", region)
			require.True(t, sameClocksAs(zone, region), "%s: %s agrees with no zone of the country", region, zone)
		}
	}
}

// sameClocksAs reports whether zone's clocks are those of some zone of the
// region's country in every month of 2027.
func sameClocksAs(zone string, in place) bool {
	for _, other := range countryZones[in.country] {
		agree := true
		for month := time.January; month <= time.December; month++ {
			at := time.Date(2027, month, 20, 12, 0, 0, 0, time.UTC).Unix()
			agree = agree && offsetAt(location(zone), at) == offsetAt(location(other), at)
		}
		if agree {
			return true
		}
	}
	switch in.region { // states of the US that are countries of their own in the tables
	case "PR", "VI", "GU", "MP", "AS":
		return in.country == "US"
	}
	return false
}

func TestEveryStateHasItsZones(t *testing.T) {
	count := map[string]int{}
	for region := range regionZones() {
		count[region.country]++
	}
	require.Equal(t, map[string]int{"US": 56, "CA": 13, "AU": 8, "BR": 27, "MX": 48, "ES": 54, "PT": 20}, count)
}

func TestNamesThatAreNoZonesAreNotKeptForEver(t *testing.T) {
	for i := range moreZones + 100 {
		require.False(t, IsZone("Mars/"+time.Duration(i).String()))
	}
	require.LessOrEqual(t, len(*zoneCache.Load()), moreZones)
	require.True(t, IsZone("Asia/Tokyo"))
	zoneCache.Store(nil)
}
