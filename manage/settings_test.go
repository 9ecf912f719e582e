package manage_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/manage"
	"flywheel/store/storetest"
)

const everything = `
pay_on_delivery: ["Cash on Delivery (COD)"]
review_url: https://nour.example/reviews
store_url: https://nour.example/
postal_address: "King Fahd Road 1\nRiyadh"
assumed_delivery_days: 4
transit:
  - country: SA
    method: Express
    days: 1
  - days: 6
languages: [ar, en]
team: [sara@nour.example]
calendar:
  quiet: {from: "22:00", to: "09:00"}
  weekend: [5, 6]
  closed: [09-23, 2026-12-31]
  special:
    ramadan:
      send: {from: "20:30", to: "23:30"}
      shift: 1
caps:
  asks: {limit: 2, days: 7}
  marketing: {limit: -1}
consent: {marketing: confirmed, service: yes, known_only: true}
exclude:
  tags: [wholesale]
  staff: [nour.example]
  allow_zero_total: true
owners:
  review_ask: Yotpo
  points: nobody
brand:
  logo: https://nour.example/logo.png
  logo_width: 160
  accent: "#1a7f5a"
  page: "#F4F4F2"
  font: rounded
  footer: {en: Made in Riyadh., ar: صنع في الرياض.}
contact:
  phone: +966 11 123-4567
  chat: https://nour.example/chat
  whatsapp: "+966501234567"
  meeting: https://cal.example/nour
social:
  instagram: https://www.instagram.com/nour
  facebook: https://fb.me/nour
  x: https://x.com/nour
  tiktok: https://www.tiktok.com/@nour
  youtube: https://youtube.com/@nour
  telegram: https://t.me/nour
digits: latin
dates: umm_al_qura
tracking: {clicks: true}
`

func TestSettingsComeBackAsTheyWereWritten(t *testing.T) {
	s, err := manage.ReadSettings([]byte(everything))
	require.NoError(t, err)
	require.Equal(t, commerce.Owner("Yotpo"), s.OwnerOf(commerce.JobReviewAsk))
	require.Equal(t, 1, s.Calendar.Special["ramadan"].Shift)
	text, err := manage.WriteSettings(s)
	require.NoError(t, err)
	again, err := manage.ReadSettings([]byte(text))
	require.NoError(t, err, text)
	require.Empty(t, cmp.Diff(s, again, cmpopts.EquateEmpty()))

	empty, err := manage.WriteSettings(commerce.Settings{})
	require.NoError(t, err)
	require.Empty(t, empty)
	s, err = manage.ReadSettings([]byte(""))
	require.NoError(t, err)
	require.Empty(t, cmp.Diff(commerce.Settings{}, s, cmpopts.EquateEmpty()))
}

// No weekend at all is another choice than none made.
func TestAnEmptyWeekendIsAChoice(t *testing.T) {
	s, err := manage.ReadSettings([]byte("calendar: {weekend: []}"))
	require.NoError(t, err)
	require.NotNil(t, s.Calendar.Weekend)
	text, err := manage.WriteSettings(s)
	require.NoError(t, err)
	require.Contains(t, text, "weekend: []")
}

func TestEveryWrongSettingIsNamed(t *testing.T) {
	for _, tt := range []struct{ yaml, want string }{
		{"quiet_hours: 3", "line 1: there is no setting quiet_hours; there are pay_on_delivery, review_url"},
		{"caps: {asks: {limit: 2, day: 7}}", "line 1: there is no setting caps.asks.day; caps.asks takes limit, days"},
		{"caps:\n  review_asks: {limit: 2, days: 7}", "line 2: there is no setting caps.review_asks; caps takes asks, marketing"},
		{"calendar: {special: {ramadan: {off_hours: 3}}}", "calendar.special.ramadan takes quiet, send, closed"},
		{"transit:\n  - {days: 2}\n  - {day: 2}", "line 3: there is no setting transit[1].day; transit[1] takes country, method, days"},
		{"caps: [1", "line 1: this cannot be read as YAML"},
		{"caps: [1]", "line 1: caps must be a group of settings in braces, with asks, marketing"},
		{"hello", "line 1: it must be settings, one on each line"},
		{"team: sara@nour.example", "line 1: team must be a list, such as [a, b]"},
		{"team: [a, [b]]", "line 1: team[1] must be a text"},
		{"owners: [thanks]", "line 1: owners must be a list of names"},
		{"assumed_delivery_days: five", "line 1: assumed_delivery_days must be a whole number"},
		{"assumed_delivery_days: 2.5", "line 1: assumed_delivery_days must be a whole number"},
		{"assumed_delivery_days: 99999999999999999999", "assumed_delivery_days must be a whole number"},
		{"calendar: {weekend: [fri]}", "calendar.weekend[0] must be a whole number"},
		{"exclude: {allow_b2b: maybe}", "exclude.allow_b2b must be true or false"},
		{"team: []\nteam: []", "line 2: team stands there twice"},
		{"a: &x 1", "anchors"},
		{"store_url: https://a.example\n---\nstore_url: https://b.example", "second document"},
		{"store_url: http://nour.example", "store_url: \"http://nour.example\""},
		{"review_url: https://u:p@nour.example", "review_url"},
		{"postal_address: " + strings.Repeat("x", 501), "postal_address"},
		{"assumed_delivery_days: 61", "assumed_delivery_days: 61"},
		{"transit: [{country: sa, days: 2}]", "transit: \"sa\" is not a country"},
		{"transit: [{country: SA, days: -1}]", "transit: -1"},
		{"transit: [{days: 1}, {days: 2}]", "twice"},
		{"languages: [arabic-ish]", "languages: \"arabic-ish\""},
		{"languages: [en, en]", "languages: en stands there twice"},
		{"team: [sara]", "team: \"sara\" is not an address"},
		{"calendar: {quiet: {from: \"25:00\", to: \"08:00\"}}", "calendar: quiet: \"25:00\""},
		{"calendar: {weekend: [7]}", "calendar: weekend: 7"},
		{"caps: {asks: {limit: 3}}", "caps.asks: 0 is not a number of days"},
		{"caps: {marketing: {limit: 101, days: 3}}", "caps.marketing: limit 101"},
		{"consent: {marketing: never}", "consent.marketing: \"never\" is not one of yes, confirmed"},
		{"consent: {service: confirmed}", "consent.service: \"confirmed\" is not yes"},
		{"exclude: {tags: [\" \"]}", "exclude.tags: one of them is empty"},
		{"brand: {logo: http://nour.example/logo.png}", "brand.logo: \"http://nour.example/logo.png\" is not an address"},
		{"brand: {logo_width: 39}", "brand.logo_width: 39 is not a number of pixels from 40 to 400"},
		{"brand: {logo_width: 401}", "brand.logo_width: 401"},
		{"brand: {accent: green}", "brand.accent: \"green\" is not a colour such as #1a7f5a"},
		{"brand: {accent: \"#1a7f5\"}", "brand.accent"},
		{"brand: {accent: \"#fdfdf0\"}", "brand.accent: #fdfdf0 is so near white that nobody sees a button in it (contrast 1.03"},
		{"brand: {page: \"rgb(0,0,0)\"}", "brand.page"},
		{"brand: {font: comic}", "brand.font: \"comic\" is not one of sans, serif, rounded"},
		{"brand: {footer: {arabic-ish: x}}", "brand.footer: \"arabic-ish\" is not a language tag"},
		{"brand: {footer: {en: " + strings.Repeat("x", 501) + "}}", "brand.footer.en: it is longer"},
		{"brand: {colour: red}", "there is no setting brand.colour; brand takes logo, logo_width"},
		{"contact: {phone: 011 123 4567}", "contact.phone: \"011 123 4567\" is not a number such as \"+966 11 123 4567\", with its quotes"},
		{"contact: {whatsapp: +966501234567}", "contact.whatsapp: \"966501234567\" is not a number"},
		{"contact: {whatsapp: \"+12345\"}", "contact.whatsapp"},
		{"contact: {whatsapp: \"+1234567890123456\"}", "contact.whatsapp"},
		{"contact: {phone: \"+1 tel 234 5678\"}", "contact.phone"},
		{"contact: {chat: chat}", "contact.chat"},
		{"contact: {meeting: \"javascript:x\"}", "contact.meeting"},
		{"social: {instagram: https://insta.example/nour}", "social.instagram: \"https://insta.example/nour\" is no page at instagram.com"},
		{"social: {x: https://notx.com/nour}", "social.x"},
		{"social: {telegram: \"@nour\"}", "social.telegram: \"@nour\" is not an address"},
		{"digits: roman", "digits: \"roman\" is not one of latin, native"},
		{"dates: maya", "dates: \"maya\" is not one of gregorian, jalali, umm_al_qura"},
		{"toman: maybe", "toman must be true or false"},
		{"owners: {reviews: Yotpo}", "owners: there is no job \"reviews\"; there are thanks"},
		{"owners: {thanks: \"\"}", "owners.thanks: say flywheel"},
	} {
		_, err := manage.ReadSettings([]byte(tt.yaml))
		require.True(t, fault.Is(err, fault.Invalid), "%s: %v", tt.yaml, err)
		require.ErrorContains(t, err, tt.want, tt.yaml)
	}
	for _, tt := range []string{"caps: {asks: 3}", "owners: 3", "team: 3"} {
		_, err := manage.ReadSettings([]byte(tt))
		require.NotRegexp(t, `unmarshal|struct|sequence|mapping|Go `, err.Error(), "a merchant reads it")
	}
	_, err := manage.ReadSettings([]byte("team: [sara]\ncaps: {asks: {limit: 3}}"))
	require.ErrorContains(t, err, "team")
	require.ErrorContains(t, err, "caps.asks", "all of them at once")
}

// Flywheel's own name is no other tool, however it is spelled.
func TestOwnersMayBeWrittenInCapitals(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		s, err := manage.ReadSettings([]byte("owners: {review_ask: Flywheel, thanks: \" NOBODY\", points: Yotpo}"))
		require.NoError(t, err)
		want := map[commerce.Job]commerce.Owner{
			commerce.JobReviewAsk: commerce.OwnerFlywheel, commerce.JobThanks: commerce.OwnerNobody, commerce.JobPoints: "Yotpo",
		}
		require.Equal(t, want, s.Owners)
		d.settings(func(s *commerce.Settings) {
			s.Owners = map[commerce.Job]commerce.Owner{commerce.JobReviewAsk: "FLYWHEEL "}
		})
		d.live(playbook(t, "review_request"))
		shop, err := d.Store.Shop(t.Context(), d.shop)
		require.NoError(t, err)
		require.Equal(t, commerce.OwnerFlywheel, shop.Settings.Owners[commerce.JobReviewAsk], "the small form is kept")
		require.Equal(t, commerce.OwnerNobody, commerce.Settings{Owners: map[commerce.Job]commerce.Owner{commerce.JobPoints: "Nobody"}}.OwnerOf(commerce.JobPoints),
			"as it was saved before")
	})
}

func TestSettingsAreKept(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		s, err := manage.ReadSettings([]byte(everything))
		require.NoError(t, err)
		require.NoError(t, manage.SaveSettings(t.Context(), d.Store, d.shop, s))
		shop, err := d.Store.Shop(t.Context(), d.shop)
		require.NoError(t, err)
		require.Empty(t, cmp.Diff(s, shop.Settings, cmpopts.EquateEmpty()))
		err = manage.SaveSettings(t.Context(), d.Store, d.shop, commerce.Settings{Team: []string{"sara"}})
		require.True(t, fault.Is(err, fault.Invalid), "%v", err)
		other := storetest.Shop(t, d.Store)
		got, err := d.Store.Shop(t.Context(), other)
		require.NoError(t, err)
		require.Empty(t, got.Settings.Team)
	})
}

// Each thing that is wrong is told with its field, that of a calendar with the field within.
func TestWrongSettingsAreToldByTheirFields(t *testing.T) {
	err := manage.CheckSettings(commerce.Settings{
		Team: []string{"sara"}, ReviewURL: "ftp://x", Calendar: commerce.CalendarSettings{Quiet: commerce.Window{From: "25:00", To: "08:00"}},
	})
	var fields []string
	for _, w := range manage.WrongSettings(err) {
		fields = append(fields, w.Field)
		require.NotEmpty(t, w.Said)
	}
	require.Equal(t, []string{"review_url", "team", "calendar.quiet"}, fields)
	require.Nil(t, manage.WrongSettings(nil))
	require.Nil(t, manage.WrongSettings(fault.New(fault.NotFound, "team: gone")))
}

// What one changes stands beside what another has changed.
func TestAChangeLeavesTheOthersAsTheyAre(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		require.NoError(t, manage.SaveSettings(t.Context(), d.Store, d.shop, commerce.Settings{Languages: []string{"en"}}))
		was, err := manage.ChangeSettings(t.Context(), d.Store, d.shop, func(s *commerce.Settings) error {
			s.Team = []string{"sara@example.com"}
			return nil
		})
		require.NoError(t, err)
		require.Equal(t, commerce.Settings{Languages: []string{"en"}}, was)
		_, err = manage.ChangeSettings(t.Context(), d.Store, d.shop, func(s *commerce.Settings) error {
			s.Team = []string{"nobody"}
			return nil
		})
		require.True(t, fault.Is(err, fault.Invalid), "%v", err)
		shop, err := d.Store.Shop(t.Context(), d.shop)
		require.NoError(t, err)
		require.Equal(t, commerce.Settings{Languages: []string{"en"}, Team: []string{"sara@example.com"}}, shop.Settings)
	})
}
