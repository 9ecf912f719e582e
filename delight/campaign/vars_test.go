package campaign

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
)

// filled has, for each variable, what it is for the facts of herFacts, changed
// where they would show nothing.
var filled = map[string]struct {
	want   any
	change func(*Facts)
}{
	"order.total":           {488.0, nil},
	"order.subtotal":        {244.0, nil},
	"order.refunded":        {244.0, nil},
	"order.currency":        {"SAR", nil},
	"order.items":           {int64(2), nil},
	"order.lines":           {1, nil},
	"order.products":        {[]string{"cup"}, nil},
	"order.product_titles":  {[]string{"Cup"}, nil},
	"order.product_tags":    {[]string{"blue", "clay"}, nil},
	"order.product_types":   {[]string{"Cups"}, nil},
	"order.collections":     {[]string{"c1", "c9"}, nil},
	"order.vendors":         {[]string{"Potter"}, nil},
	"order.tags":            {[]string{"vip"}, nil},
	"order.discount_codes":  {[]string{"EID"}, nil},
	"order.country":         {"SA", nil},
	"order.region":          {"01", nil},
	"order.language":        {"ar-SA", nil},
	"order.name":            {"#SA-1003", nil},
	"order.number":          {int64(1003), nil},
	"order.gateway":         {"mada", nil},
	"order.pay_on_delivery": {true, func(f *Facts) { f.Order.Detail.Gateways = []string{"Cash"} }},
	"order.renewal":         {true, func(f *Facts) { f.Order.Detail.Renewal = true }},
	"order.gift":            {true, func(f *Facts) { f.Order.Detail.Gift = true }},
	"order.b2b":             {true, func(f *Facts) { f.Order.Detail.B2B = true }},
	"order.source":          {"web", nil},
	"order.placed_at":       {daysBefore(3), nil},
	"order.paid_at":         {daysBefore(2), nil},
	"order.first":           {true, func(f *Facts) { f.History = f.History[2:] }},
	"order.index":           {int64(2), nil},

	"person.country":               {"AE", nil},
	"person.language":              {"en", nil},
	"person.orders":                {int64(2), nil},
	"person.spent":                 {344.0, nil},
	"person.average_order":         {172.0, nil},
	"person.first_order_at":        {daysBefore(90), nil},
	"person.last_order_at":         {daysBefore(2), nil},
	"person.days_since_last_order": {int64(2), nil},
	"person.consent_marketing":     {true, nil},
	"person.consent_service":       {true, nil}, // a yes to marketing covers it
	"person.has_email":             {true, nil},
	"person.has_phone":             {true, nil},

	"loyalty.member":         {true, nil},
	"loyalty.points":         {int64(120), nil},
	"loyalty.pending":        {int64(30), nil},
	"loyalty.tier":           {"gold", nil},
	"loyalty.tier_ending":    {true, nil},
	"loyalty.expiring":       {int64(50), nil},
	"loyalty.days_to_expiry": {int64(3), nil},
	"loyalty.rewards":        {int64(1), nil},
	"loyalty.gift":           {true, nil},
	"referral.open":          {true, nil},
	"referral.friends":       {int64(2), nil},

	"event.kind":  {"custom", nil},
	"event.name":  {"quiz", nil},
	"event.props": {1, nil},
	"event.at":    {daysBefore(1), nil},

	"shop.name":     {"Tea", nil},
	"shop.country":  {"SA", nil},
	"shop.currency": {"SAR", nil},
	"shop.language": {"ar", nil},
	"shop.hour":     {int64(1), nil},
	"shop.weekday":  {"saturday", nil},

	"enrollment.entered_at": {daysBefore(4), nil},
	"enrollment.campaign":   {"thanks", nil},
	"enrollment.days":       {int64(4), nil},
	"now":                   {thatNight, nil},
}

// plain is a variable's value as the tests write it; the size of what is no list of texts.
func plain(name string, v Vars) any {
	switch value := byName()[name].of(v.world).Value().(type) {
	case time.Time:
		return commerce.At(value)
	case []string, string, bool, int64, float64:
		return value
	case map[string]any:
		return len(value)
	default:
		return len(v.world.lines())
	}
}

func TestEveryVariableIsFilledFromFacts(t *testing.T) {
	for _, spec := range Variables() {
		c, ok := filled[spec.Name]
		require.True(t, ok, "%s has no test", spec.Name)
		f := herFacts()
		if c.change != nil {
			require.NotEqual(t, c.want, plain(spec.Name, VarsOf(f, herWalk, thatNight)), "%s before its cause", spec.Name)
			c.change(&f)
		}
		require.Equal(t, c.want, plain(spec.Name, VarsOf(f, herWalk, thatNight)), spec.Name)
		require.True(t, isSet(spec.of(VarsOf(f, herWalk, thatNight).world)), spec.Name)

		// and of no facts at all it is empty, not a failure
		if nothing := spec.of(VarsOf(Facts{}, Enrollment{}, 0).world); spec.maybe {
			require.False(t, isSet(nothing), spec.Name)
		}
	}
	require.Len(t, Variables(), len(filled))
}

func TestVariablesThatDependOnMore(t *testing.T) {
	for name, c := range map[string]struct {
		variable string
		change   func(*Facts)
		want     any
	}{
		"as paid, while no rate is known": {"order.total", func(f *Facts) { f.Order.Reporting = commerce.Reporting{} }, 40.0},
		"its currency":                    {"order.currency", func(f *Facts) { f.Order.Reporting = commerce.Reporting{} }, "KWD"},
		"the refund as paid":              {"order.refunded", func(f *Facts) { f.Order.Reporting = commerce.Reporting{} }, 20.0},
		"the subtotal as paid":            {"order.subtotal", func(f *Facts) { f.Order.Reporting = commerce.Reporting{} }, 20.0},
		"the subtotal as the source tells it": {
			"order.subtotal", func(f *Facts) { f.Order.Detail.SubtotalCurrent = commerce.Money{Amount: 20000, Currency: "SAR"} }, 200.0,
		},
		"told in the shop's money, the rate unknown": {"order.subtotal", func(f *Facts) {
			f.Order.Reporting = commerce.Reporting{}
			f.Order.Detail.SubtotalCurrent = commerce.Money{Amount: 24400, Currency: "SAR"}
		}, 20.0},
		"the vendor by the catalogue":     {"order.vendors", func(f *Facts) { f.Order.Detail.Lines[0].Vendor = "" }, []string{"Somebody"}},
		"nothing of the catalogue":        {"order.product_types", func(f *Facts) { f.Products = nil }, []string{}},
		"no order":                        {"order.items", func(f *Facts) { f.Order = nil }, int64(0)},
		"an order that does not count":    {"order.index", func(f *Facts) { f.History = f.History[:2] }, int64(0)},
		"which is not the first either":   {"order.first", func(f *Facts) { f.History = f.History[:2] }, false},
		"a name without a number":         {"order.number", func(f *Facts) { f.Order.Detail.Name = "gift" }, int64(0)},
		"a name with a tail":              {"order.number", func(f *Facts) { f.Order.Detail.Name = "#17-1003-B" }, int64(1003)},
		"a number nobody counts to":       {"order.number", func(f *Facts) { f.Order.Detail.Name = "#99999999999999999999" }, int64(0)},
		"never bought":                    {"person.days_since_last_order", func(f *Facts) { f.History = nil }, int64(-1)},
		"no points end":                   {"loyalty.days_to_expiry", func(f *Facts) { f.Loyalty.EndsAt = 0 }, int64(-1)},
		"a debt is nothing to spend":      {"loyalty.points", func(f *Facts) { f.Loyalty.Points = -5 }, int64(0)},
		"the program was not read":        {"loyalty.member", func(f *Facts) { f.Loyalty = nil }, false},
		"nothing bought is no average":    {"person.average_order", func(f *Facts) { f.History = nil }, 0.0},
		"a no":                            {"person.consent_service", func(f *Facts) { f.Consents[0].State = commerce.Unsubscribed }, false},
		"the kind of an order's event":    {"event.kind", func(f *Facts) { f.Cause = commerce.Event{Kind: commerce.OrderPaid} }, "order_paid"},
		"a kind tells the name":           {"event.name", func(f *Facts) { f.Cause.Name = "" }, "quiz"},
		"a zone that nobody knows is UTC": {"shop.hour", func(f *Facts) { f.Shop.Timezone = "Mars/Crater" }, int64(22)},
		"and so is the machine's":         {"shop.hour", func(f *Facts) { f.Shop.Timezone = "Local" }, int64(22)},
		"half an hour counts":             {"shop.hour", func(f *Facts) { f.Shop.Timezone = "Asia/Tehran" }, int64(2)},
	} {
		require.Equal(t, c.want, plain(c.variable, VarsOf(herFacts(c.change), herWalk, thatNight)), name)
	}
}

func TestEveryVariableHasItsTexts(t *testing.T) {
	seen := map[string]string{}
	for _, spec := range Variables() {
		require.Len(t, spec.Texts, 3, spec.Name)
		for _, lang := range []string{"en", "ar", "fa"} {
			words := spec.Texts[lang]
			require.NotEmpty(t, words, "%s in %s", spec.Name, lang)
			require.Empty(t, seen[lang+words], "%s and %s are told alike in %s", spec.Name, seen[lang+words], lang)
			seen[lang+words] = spec.Name
		}
		require.Equal(t, len(spec.Ops) == 0, spec.Type == LinesVar || spec.Type == PropsVar, spec.Name)
	}
}
