package campaign

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"flywheel/commerce"
	"flywheel/fault"
)

// thatNight is a moment of the tests' own: Saturday, half past one at night in Riyadh.
var thatNight = commerce.At(time.Date(2026, 3, 20, 22, 30, 0, 0, time.UTC))

func daysBefore(n int) commerce.Instant { return thatNight.Add(-time.Duration(n) * day) }

// herFacts are the facts of a woman's third order: two cups kept of a pot and
// three, paid in dinars by a shop that counts in riyals; each change adds to them.
func herFacts(change ...func(*Facts)) Facts {
	o := &commerce.Order{
		ID: "o3", PlacedAt: daysBefore(3), Payment: commerce.Payment{Told: daysBefore(2)},
		Detail: commerce.Detail{
			Platform: commerce.Shopify, UpdatedAt: daysBefore(2), Name: "#SA-1003", Gateways: []string{"mada", "gift_card"}, SourceName: "web",
			Language: "ar-SA", Country: "SA", Region: "01", Tags: []string{"vip"}, DiscountCodes: []string{"EID"},
			Total: commerce.Money{Amount: 40000, Currency: "KWD"}, ShopTotal: commerce.Money{Amount: 48800, Currency: "SAR"},
			Lines: []commerce.Line{
				{ID: "1", Product: "cup", Title: "Cup", Variant: "blue", SKU: "C-1", Vendor: "Potter", Quantity: 3, Current: 3, Price: commerce.Money{Amount: 10000, Currency: "KWD"}},
				{ID: "2", Product: "pot", Title: "Pot", Quantity: 1, Current: 1, Price: commerce.Money{Amount: 10000, Currency: "KWD"}},
			},
		},
		Refunds: map[string]commerce.Refund{"r": {
			ID: "r", Status: commerce.RefundSucceeded, At: daysBefore(1), Platform: commerce.Shopify, Amount: commerce.Money{Amount: 20000, Currency: "KWD"},
			Lines: []commerce.RefundLine{{Line: "1", Quantity: 1}, {Line: "2", Quantity: 1}},
		}},
		Reporting: commerce.Reporting{Amount: commerce.Money{Amount: 48800, Currency: "SAR"}, Rate: "12.2"},
	}
	f := Facts{
		Shop: commerce.Shop{
			Name: "Tea", Country: "SA", Currency: "SAR", Locale: "ar", Timezone: "Asia/Riyadh",
			Settings: commerce.Settings{PayOnDelivery: []string{"Cash"}},
		},
		Person: commerce.Person{ID: "ada", Country: "AE", Language: "en", Email: "ada@example.com", Phone: "+971 5"},
		Order:  o,
		Cause:  commerce.Event{Kind: commerce.CustomKind("quiz"), Name: "quiz", OccurredAt: daysBefore(1), Props: map[string]any{"score": 7.0}},
		History: commerce.History{
			{Order: "o1", At: daysBefore(90), Amount: 10000, Counts: true},
			{Order: "o2", At: daysBefore(40), Amount: 99900},
			{Order: "o3", At: daysBefore(2), Amount: 24400, Counts: true},
		},
		Consents: []commerce.ConsentChange{{Channel: commerce.ByMail, Class: "marketing", State: commerce.Subscribed, At: daysBefore(5)}},
		Products: map[string]commerce.Product{
			"cup": {ID: "cup", Type: "Cups", Vendor: "Somebody", Tags: []string{"clay", "blue"}, Collections: []string{"c9", "c1"}},
			"pot": {ID: "pot", Type: "Pots", Tags: []string{"large"}},
		},
		Loyalty: &Loyalty{
			Member: true, Points: 120, Pending: 30, EndsAt: thatNight.Add(73 * time.Hour), Ending: 50, Tier: "gold", Below: daysBefore(1), Friends: 2, Sends: true,
			Rewards: map[string]commerce.Instant{"r1": 0}, Gifts: map[EnrollmentID]bool{"hers": true},
		},
	}
	for _, c := range change {
		c(&f)
	}
	return f
}

var herWalk = Enrollment{ID: "hers", Campaign: "thanks", Anchor: daysBefore(4)}

// answer is what an expression gives; it must compile.
func answer(t require.TestingT, expression string, f Facts, now commerce.Instant) (bool, error) {
	c, err := Compile(expression)
	require.NoError(t, err, expression)
	return c.Matches(VarsOf(f, herWalk, now))
}

func TestConditions(t *testing.T) {
	for expression, want := range map[string]bool{
		`true`:              true,
		`order.total > 487`: true,
		`order.total > 488`: false,
		`order.total >= 488 && order.total < 489`:                         true,
		`order.items == 2`:                                                true,
		`order.country in ["SA", "AE"]`:                                   true,
		`"vip" in order.tags`:                                             true,
		`"VIP" in order.tags`:                                             false,
		`!order.renewal`:                                                  true,
		`order.gateway.startsWith("ma")`:                                  true,
		`order.language != person.language`:                               true,
		`order.language.speaks("ar")`:                                     true,
		`order.language.speaks("AR-sa")`:                                  true,
		`order.language.speaks("a")`:                                      false,
		`order.language.speaks(["fa", "ar"])`:                             true,
		`order.language.speaks(["fa", "en"])`:                             false,
		`order.discount_codes.exists(c, c.lower() == "eid")`:              true,
		`" x ".trim() == "x"`:                                             true,
		`size(order.tags) == 1`:                                           true,
		`order.lines.exists(l, l.sku.startsWith("C-") && l.quantity > 1)`: true,
		`order.lines.exists(l, l.product == "pot")`:                       false,
		`order.lines.map(l, l.price) == [122.0]`:                          true,
		`size(order.lines.filter(l, l.vendor == "Potter")) == 1`:          true,
		`order.lines[0] == order.lines[0]`:                                true,
		`event.props.score > 5`:                                           true,
		`has(event.props.colour) && event.props.colour == "blue"`:         false,
		`has(order.paid_at) && has(order.tags) && has(order.total)`:       true,
		`has(order.lines) && has(event.props)`:                            true,
		`now - order.paid_at == duration("48h")`:                          true,
		`order.placed_at.getFullYear() == 2026`:                           true,
		`shop.hour < 6 && shop.weekday == "saturday"`:                     true,
		`enrollment.days == 4 && enrollment.campaign == "thanks"`:         true,
	} {
		got, err := answer(t, expression, herFacts(), thatNight)
		require.NoError(t, err, expression)
		require.Equal(t, want, got, expression)
	}
}

func TestConditionOverNothing(t *testing.T) {
	c, err := Compile(`"vip" in order.tags || order.products.exists(p, p == "p1") || order.total > 0 || has(order.paid_at) || has(person.days_since_last_order) || person.orders > 0`)
	require.NoError(t, err)
	for _, v := range []Vars{{}, VarsOf(Facts{}, Enrollment{}, thatNight)} {
		got, err := c.Matches(v)
		require.NoError(t, err)
		require.False(t, got)
	}
}

func TestTodayIsZeroDaysAgo(t *testing.T) {
	f := herFacts(func(f *Facts) { f.History[2].At = thatNight - 1 })
	got, err := answer(t, `has(person.days_since_last_order) && person.days_since_last_order == 0`, f, thatNight)
	require.NoError(t, err)
	require.True(t, got)
}

func TestConditionSaysWhatItReads(t *testing.T) {
	for expression, want := range map[string][4]bool{ // history, products, consents, order.total
		`order.total > 1`:                                      {false, false, false, true},
		`person.orders > 1 || true`:                            {true, false, false, false},
		`order.first`:                                          {true, false, false, false},
		`has(person.last_order_at)`:                            {true, false, false, false},
		`order.product_types.exists(t, t == "Tea")`:            {false, true, false, false},
		`order.lines.exists(l, l.vendor == "x")`:               {false, true, false, false},
		`order.lines.exists(l, l.sku == "x")`:                  {false, false, false, false},
		`person.consent_marketing`:                             {false, false, true, false},
		`(order.gift ? order.total : person.spent) > 1.0`:      {true, false, false, true},
		`order.tags.exists(t, t == "total" || t == "vendors")`: {false, false, false, false},
	} {
		c, err := Compile(expression)
		require.NoError(t, err, expression)
		require.Equal(t, want, [4]bool{c.NeedsHistory(), c.NeedsProducts(), c.NeedsConsents(), c.Reads("order.total")}, expression)
	}
	c, err := Compile(`now > order.placed_at && order.lines.exists(l, l.sku == "x")`)
	require.NoError(t, err)
	member, err := Compile(`loyalty.member && referral.friends > 1`)
	require.NoError(t, err)
	require.True(t, member.NeedsLoyalty())
	require.False(t, c.NeedsLoyalty())
	require.True(t, c.Reads("now") && c.Reads("order.placed_at") && c.Reads("line.sku"))
	require.False(t, c.Reads("order.total"))
}

func TestConditionIsBounded(t *testing.T) {
	many := herFacts(func(f *Facts) { f.Order.Detail.Tags = make([]string, 1000) })
	_, err := answer(t, `order.tags.all(a, order.tags.all(b, order.tags.all(c, a == b || b == c || true)))`, many, thatNight)
	require.ErrorContains(t, err, "cost limit")

	long := herFacts(func(f *Facts) { f.Order.Detail.Name = strings.Repeat("x", 1<<20) })
	_, err = answer(t, `(order.name + order.name + order.name).matches("(a|b|c|d)*y")`, long, thatNight)
	require.ErrorContains(t, err, "cost limit", "long texts cost, too")

	many.Order.Detail.Tags = many.Order.Detail.Tags[:250] // all that Shopify allows
	_, err = answer(t, `order.total > 100 && order.tags.exists(t, t.startsWith("vip")) && order.country in ["SA", "AE"]`, many, thatNight)
	require.NoError(t, err)

	_, err = Compile(strings.Repeat(" ", maxExpression-4) + "true")
	require.NoError(t, err)
	for _, expression := range []string{
		strings.Repeat(" ", maxExpression-3) + "true", strings.Repeat("(", 1000) + "true" + strings.Repeat(")", 1000),
		`order.name.matches("[a-z]{200}[a-z]{200}[a-z]{200}")`,
	} {
		_, err = Compile(expression)
		require.True(t, fault.Is(err, fault.Invalid), "%v", err)
	}
}

func TestConditionIsSafeForConcurrentUse(t *testing.T) {
	c, err := Compile(`order.items == 2 && order.lines.exists(l, l.sku == "C-1") && shop.weekday == "saturday" && person.orders == 2`)
	require.NoError(t, err)
	fails, err := Compile(`person.orders == 2 && order.items == 3`)
	require.NoError(t, err)
	vars := VarsOf(herFacts(), herWalk, thatNight)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 100 {
				got, err := c.Matches(vars)
				part, _ := fails.FirstFalse(vars)
				if err != nil || !got || part != "order.items == 3" {
					t.Errorf("%v, %q, %v", got, part, err)
					return
				}
			}
		})
	}
	all.Wait()
}

func TestCompileNeverPanics(t *testing.T) {
	words := rapid.SampledFrom([]string{
		"order", ".total", ".tags", ".lines", "person", "event.props", "now", ">", "==", "=", "1", "\"a\"", "'", "(", ")", "[", "]", "in", " and ", "&&", "!", "? :",
		".all(x,", ".exists(x, x", "x", ".speaks(", "has(", "timestamp(", "{}", "null", " ", "\n", "۱", "،", "\u200f",
	})
	rapid.Check(t, func(t *rapid.T) {
		expression := strings.Join(rapid.SliceOfN(words, 0, 8).Draw(t, "words"), "")
		c, err := Compile(expression)
		if err == nil {
			_, err = c.Matches(VarsOf(herFacts(), herWalk, thatNight))
		}
		if err != nil {
			wantExplained(t, err)
		}
		RowsOf(expression)
	})
}

// The goal is 6 µs. Seen on 2 cores: 0.8 µs for the answer alone, 2 µs with the facts laid out anew each time.
func BenchmarkCondition(b *testing.B) {
	for name, expression := range map[string]string{
		"usual": `order.total > 100 && "vip" in order.tags && person.orders >= 2`,
		"days":  `order.paid_at >= day("2026-03-18") && order.placed_at <= dayEnd("2026-03-21") && order.items == 2`,
		"never": `!(enrollment.days > 3) && !(event.at < now)`, // nothing of it is known
	} {
		b.Run(name, func(b *testing.B) {
			c, err := Compile(expression)
			require.NoError(b, err)
			f, e := herFacts(), herWalk
			if name == "never" {
				f, e = Facts{}, Enrollment{}
			}
			b.ReportAllocs()
			for b.Loop() {
				if ok, err := c.Matches(VarsOf(f, e, thatNight)); !ok || err != nil {
					b.Fatal(ok, err)
				}
			}
		})
	}
}

// What it takes to say why not, after the answer.
func BenchmarkFirstFalse(b *testing.B) {
	c, err := Compile(`order.total > 100 && "shut" in order.tags && person.orders >= 2`)
	require.NoError(b, err)
	v := VarsOf(herFacts(), herWalk, thatNight)
	b.ReportAllocs()
	for b.Loop() {
		if part, _ := c.FirstFalse(v); part == "" {
			b.Fatal("it holds")
		}
	}
}
