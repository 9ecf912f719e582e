package loyalty_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/loyalty"
)

const (
	succeeded = commerce.RefundSucceeded
	failed    = commerce.RefundFailed
)

// want checks what waits and what may be spent.
func (b *book) want(t *testing.T, pending, points int64, why string) {
	t.Helper()
	got := b.balance()
	require.Equal(t, [2]int64{pending, points}, [2]int64{got.Pending, got.Points}, why)
}

func TestPointsWaitForTheEndOfTheReturnWindow(t *testing.T) {
	b := newBook(program())
	b.hear("1", noon, told("1"))
	b.want(t, 350, 0, "five a euro")
	b.passes(day(14))
	b.want(t, 350, 0, "it came on the first day, and fourteen follow")
	b.passes(day(15))
	b.want(t, 0, 350, "the window has ended")
	b.passes(day(15))
	b.want(t, 0, 350, "once")
}

func TestTwoPartialRefundsThenCancel(t *testing.T) {
	b := newBook(program())
	b.hear("1", noon, told("1"))
	b.hear("1", day(2), refund("a", 1500, succeeded, 2, cups(1)))
	b.want(t, 275, 0, "one cup is gone")
	b.passes(day(20))
	b.hear("1", day(21), refund("b", 1500, succeeded, 21, cups(1)))
	b.want(t, 0, 200, "the pot is left, after the window too")
	b.hear("1", day(22), commerce.OrderChange{Cancel: commerce.Cancel{Told: day(22), Seen: day(22)}})
	b.want(t, 0, 0, "nothing is left")
}

func TestAFailedRefundGivesPointsBack(t *testing.T) {
	b := newBook(program())
	b.hear("1", noon, told("1"))
	b.passes(day(20))
	b.hear("1", day(21), refund("a", 7000, succeeded, 21))
	b.want(t, 0, 0, "all the money went back")
	b.hear("1", day(22), refund("a", 7000, failed, 21))
	b.want(t, 0, 350, "it came back")
	require.Equal(t, b.rows[1].ExpiresAt, b.rows[len(b.rows)-1].ExpiresAt, "and lives no longer for it")
}

func TestTheRuleIsDeletedBeforeTheRefund(t *testing.T) {
	b := newBook(program())
	b.hear("1", noon, told("1"))
	b.program = program(rules(loyalty.Rule{ID: "other", Kind: loyalty.ForOrder, Points: 7}), func(p *loyalty.Program) { p.Version = 2 })
	b.program.Rules = nil
	b.hear("1", day(2), refund("a", 4000, succeeded, 2, pots(1)))
	b.want(t, 150, 0, "by the rule of the day of the sale")
}

func TestARefundThatKeepsShipping(t *testing.T) {
	b := newBook(program())
	b.hear("1", noon, told("1", detail(func(d *commerce.Detail) {
		d.Total, d.ShopTotal, d.Parts.Shipping = euros(7500), euros(7500), euros(500)
	})))
	b.want(t, 350, 0, "shipping earns nothing")
	b.hear("1", day(2), refund("a", 7000, succeeded, 2, cups(2), pots(1)))
	b.want(t, 0, 0, "the shop keeps five euros of shipping, which earned nothing")
}

func TestAReturnForStoreCreditTakesLines(t *testing.T) {
	b := newBook(program())
	b.hear("1", noon, told("1"))
	b.hear("1", day(2), refund("a", 0, succeeded, 2, pots(1)))
	b.want(t, 150, 0, "no money went back, but the pot did")
}

func TestDisputes(t *testing.T) {
	b := newBook(program())
	b.hear("1", noon, told("1"), dispute(commerce.DisputeOpen, 0))
	b.passes(day(30))
	b.want(t, 350, 0, "an open one holds")
	b.hear("1", day(31), dispute(commerce.DisputeWon, 31))
	b.want(t, 0, 350, "a won one lets go")

	b = newBook(program())
	b.hear("1", noon, told("1"))
	b.passes(day(30))
	b.hear("1", day(31), dispute(commerce.DisputeLost, 31))
	b.want(t, 0, 0, "a lost one takes all")
}

func TestPayOnDeliveryWaitsForTheCourier(t *testing.T) {
	cod := told("1", func(c *commerce.OrderChange) {
		c.Payment = commerce.Payment{}
		c.Detail.FinancialStatus, c.Detail.Gateways = "pending", []string{"Cash on Delivery (COD)"}
	})
	b := newBook(program())
	b.hear("1", noon, cod)
	b.passes(day(60))
	b.want(t, 350, 0, "the courier has not been paid")
	b.hear("1", day(61), commerce.OrderChange{Payment: commerce.Payment{Told: day(61)}})
	b.passes(day(74))
	b.want(t, 350, 0, "the window begins with the payment")
	b.passes(day(75))
	b.want(t, 0, 350, "")
}

func TestWhatCounts(t *testing.T) {
	order := told("1", detail(func(d *commerce.Detail) { // 70 of goods, 10 off, 9.58 of tax within, 5 of shipping
		d.Total, d.ShopTotal, d.SubtotalCurrent = euros(6500), euros(6500), euros(6000)
		d.Parts = commerce.Parts{Tax: euros(958), Shipping: euros(500), TaxIncluded: true}
		d.Lines[1].GiftCard = true
	}))
	for name, c := range map[string]struct {
		counts loyalty.Counts
		cents  int64
	}{
		"cups before tax":          {loyalty.Counts{}, 2161}, // 60 * 30/70 less 9.58 * 30/70
		"gift cards too":           {loyalty.Counts{GiftCards: true}, 5042},
		"with tax":                 {loyalty.Counts{GiftCards: true, Tax: true}, 6000},
		"and shipping":             {loyalty.Counts{GiftCards: true, Tax: true, Shipping: true}, 6500},
		"before discount":          {loyalty.Counts{Tax: true, Discounts: true}, 3000},
		"never more than was paid": {loyalty.Counts{GiftCards: true, Tax: true, Shipping: true, Discounts: true}, 6500},
	} {
		o := &commerce.Order{ID: "1"}
		o.Merge(order, commerce.Shopify)
		o.Freeze("EUR")
		require.Equal(t, c.cents, loyalty.SaleOf(o, shop, c.counts, loyalty.Policy{}, 1).Counts.Amount, name)
	}
}

// Where nobody tells the lines, tax and shipping are taken off the total, and refunds in proportion.
func TestWhatCountsWithoutLines(t *testing.T) {
	order := told("1", detail(func(d *commerce.Detail) {
		d.Lines, d.SubtotalCurrent = nil, commerce.Money{}
		d.Parts = commerce.Parts{Tax: euros(1000), Shipping: euros(500), TaxIncluded: true}
	}))
	for _, c := range []struct {
		counts loyalty.Counts
		cents  int64
	}{{loyalty.Counts{}, 5500}, {loyalty.Counts{Tax: true}, 6500}, {loyalty.Counts{Tax: true, Shipping: true}, 7000}} {
		o := &commerce.Order{ID: "1"}
		o.Merge(order, commerce.Shopify)
		o.Freeze("EUR")
		require.Equal(t, c.cents, loyalty.SaleOf(o, shop, c.counts, loyalty.Policy{}, 1).Counts.Amount)
		o.Merge(refund("a", 3500, succeeded, 2), commerce.Shopify)
		require.Equal(t, c.cents/2, loyalty.SaleOf(o, shop, c.counts, loyalty.Policy{}, 1).Counts.Amount)
	}
}

// What is added to the prices counts on top of them where the shop says so.
func TestTaxOnTop(t *testing.T) {
	o := &commerce.Order{ID: "1"}
	o.Merge(told("1", detail(func(d *commerce.Detail) {
		d.Total, d.ShopTotal, d.Parts.Tax = euros(8330), euros(8330), euros(1330)
	})), commerce.Shopify)
	o.Freeze("EUR")
	require.EqualValues(t, 7000, loyalty.SaleOf(o, shop, loyalty.Counts{}, loyalty.Policy{}, 1).Counts.Amount)
	require.EqualValues(t, 8330, loyalty.SaleOf(o, shop, loyalty.Counts{Tax: true}, loyalty.Policy{}, 1).Counts.Amount)
}

func TestBirthdays(t *testing.T) {
	vienna, err := time.LoadLocation("Europe/Vienna")
	require.NoError(t, err)
	for name, c := range map[string]struct {
		born      loyalty.Birthday
		now, want time.Time
		year      int
	}{
		"this year":      {510, time.Date(2026, 3, 2, 12, 0, 0, 0, vienna), time.Date(2026, 5, 10, 0, 0, 0, 0, vienna), 2026},
		"today":          {302, time.Date(2026, 3, 2, 23, 59, 0, 0, vienna), time.Date(2026, 3, 2, 0, 0, 0, 0, vienna), 2026},
		"by their clock": {303, time.Date(2026, 3, 2, 23, 30, 0, 0, time.UTC), time.Date(2026, 3, 3, 0, 0, 0, 0, vienna), 2026},
		"next year":      {101, time.Date(2026, 3, 2, 12, 0, 0, 0, vienna), time.Date(2027, 1, 1, 0, 0, 0, 0, vienna), 2027},
		"no leap year":   {229, time.Date(2026, 1, 1, 12, 0, 0, 0, vienna), time.Date(2026, 2, 28, 0, 0, 0, 0, vienna), 2026},
		"a leap year":    {229, time.Date(2028, 2, 28, 12, 0, 0, 0, vienna), time.Date(2028, 2, 29, 0, 0, 0, 0, vienna), 2028},
	} {
		at, year := c.born.Next(vienna, commerce.At(c.now))
		require.Equal(t, commerce.At(c.want), at, name)
		require.Equal(t, c.year, year, name)
	}
	at, _ := loyalty.Birthday(0).Next(vienna, noon)
	require.Zero(t, at)
}

func TestBelowZero(t *testing.T) {
	spent := func(change ...func(*loyalty.Program)) *book {
		b := newBook(program(change...))
		b.hear("1", noon, told("1"))
		b.passes(day(15))
		require.NoError(t, b.spend("cup", 300, day(16)))
		b.hear("1", day(17), refund("a", 7000, succeeded, 17))
		return b
	}
	b := spent()
	b.want(t, 0, -300, "what was spent is owed")
	b.hear("2", day(18), told("2"))
	b.passes(day(40))
	b.want(t, 0, 50, "and paid by what is earned next")
	require.EqualValues(t, 50, b.balance().Lots[0].Left)

	b = spent(floored)
	b.want(t, 0, 0, "or forgiven")
	b.hear("1", day(18), refund("a", 7000, failed, 17))
	b.want(t, 0, 50, "but not given twice when the refund fails")
}

func TestWhatHasEndedIsNotOwed(t *testing.T) {
	b := newBook(program())
	b.hear("1", noon, told("1"))
	b.passes(day(15))
	b.passes(day(400))
	b.want(t, 0, 0, "a year has passed")
	b.hear("1", day(401), refund("a", 7000, succeeded, 401))
	b.want(t, 0, 0, "they were never spent")
	b.hear("1", day(402), refund("a", 7000, failed, 401))
	b.want(t, 0, 0, "nor do they come back")
}

func TestGuestsWaitForAClaim(t *testing.T) {
	b := newBook(program())
	b.guest = true
	b.hear("1", noon, told("1"))
	b.passes(day(80))
	b.want(t, 350, 0, "nobody has claimed them")
	b.guest = false
	b.passes(day(81))
	b.want(t, 0, 350, "claimed")

	b = newBook(program())
	b.guest = true
	b.hear("1", noon, told("1"))
	b.post(loyalty.Unclaimed(loyalty.Awards(b.rows), day(90)))
	b.guest = false
	b.hear("1", day(91), refund("a", 7000, succeeded, 91))
	b.want(t, 0, 0, "what nobody claimed is over, and owed by nobody")
}

func TestTheOldestPointsAreSpentFirst(t *testing.T) {
	b := newBook(program())
	b.hear("1", noon, told("1"))
	b.passes(day(15))
	b.hear("2", day(100), told("2", func(c *commerce.OrderChange) { c.Payment.Told = day(100) }))
	b.passes(day(120))
	require.NoError(t, b.spend("r", 400, day(121)))
	lots := b.balance().Lots
	require.Len(t, lots, 1)
	require.EqualValues(t, 300, lots[0].Left)
	b.takeBack("r", 400, day(122))
	require.Len(t, b.balance().Lots, 2, "a redemption taken back finds its lots")
	require.EqualValues(t, 350, b.balance().Lots[0].Left)
	require.Less(t, b.balance().Lots[0].ExpiresAt, b.balance().Lots[1].ExpiresAt, "with the ends they had")
	require.ErrorIs(t, b.spend("x", 701, day(123)), loyalty.ErrTooFew)
}

func TestRollingPointsLiveOnWithTheirOwner(t *testing.T) {
	b := newBook(program(func(p *loyalty.Program) { p.Rolling = true }))
	b.hear("1", noon, told("1"))
	b.passes(day(15))
	require.NoError(t, b.spend("r", 50, day(300)))
	b.passes(day(400))
	b.want(t, 0, 300, "somebody was here in between")
	at, points := b.balance().Ending(b.program.Policy)
	require.EqualValues(t, 300, points)
	b.passes(at)
	b.want(t, 0, 0, "a year after that they end")
}

func TestBoundsAndTiers(t *testing.T) {
	b := newBook(program(rules(loyalty.Rule{ID: "spend", Kind: loyalty.ForSpend, Points: 5, Per: 100, PerDay: 500})))
	b.tier, b.room = 200, map[string]int64{"spend": 500}
	b.hear("1", noon, told("1"))
	b.want(t, 500, 0, "twice five a euro, and the day's bound")
	b.hear("1", day(1), refund("a", 3000, succeeded, 1, cups(2)))
	b.want(t, 400, 0, "the multiplier of its day, below the bound")
}

func TestTheFirstOrderIsTheFirst(t *testing.T) {
	first := loyalty.Rule{ID: "first", Kind: loyalty.ForOrder, Points: 100, Nth: 1}.Freeze(1, 100, -1, euros(1))
	require.EqualValues(t, 100, first.Worth(1, 1))
	require.Zero(t, first.Worth(1, 2), "an earlier order is heard of")
	require.Zero(t, first.Worth(0, 1), "it went back")
}

func TestOnlyMembersAreGivenForWhatIsNoOrder(t *testing.T) {
	l := &loyalty.Ledger{Policy: loyalty.Policy{Months: 12}}
	birthday := loyalty.Rule{ID: "b", Kind: loyalty.ForBirthday, Points: 50}
	cause := loyalty.Cause{Kind: loyalty.OfEvent, ID: "birthday:2026"}
	require.Empty(t, l.Give(cause, birthday, 1, loyalty.Person{}, noon, noon))
	rows := l.Give(cause, birthday, 1, loyalty.Person{Member: true}, noon, noon)
	require.Len(t, rows, 1)
	require.Equal(t, loyalty.Earn, rows[0].Kind)
	require.EqualValues(t, 50, rows[0].Points)
	require.Equal(t, commerce.At(noon.Time().AddDate(1, 0, 0)), rows[0].ExpiresAt)
	require.Empty(t, l.Give(cause, perEuro(5), 1, loyalty.Person{Member: true}, noon, noon), "spending has orders")
}
