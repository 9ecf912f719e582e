package gate

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
)

// Who is left alone gets no thanks either; a gift and a purchase over the
// counter stop asks only; what reaches the team is stopped by none of it.
func TestWhomExclusionsHoldFor(t *testing.T) {
	for _, c := range cases {
		switch c.reason {
		case Marketplace, BusinessOrder, DraftOrder, ZeroTotal, ExcludedTag, ExcludedProduct, RelayAddress, Staff, ExcludedPerson:
			require.Equal(t, c.reason, Decide(facts(c.spoil, of(Transactional)), after(10)).Reason, "thanks")
			require.Equal(t, c.reason, Decide(facts(c.spoil, func(f *Facts) { f.Answers = true }), after(10)).Reason, "an answer")
		case GiftOrder, PointOfSale:
			require.Equal(t, OK, Decide(facts(c.spoil, of(Transactional)), after(10)).Reason, c.reason)
		default:
			continue
		}
		require.Equal(t, c.reason, Decide(facts(c.spoil, of(Marketing)), after(10)).Reason)
		require.Equal(t, OK, Decide(facts(c.spoil, internal), after(10)).Reason, "%s, to the team", c.reason)
	}
}

// Each pair is a fact and what makes it harmless.
func TestWhatIsNotExcluded(t *testing.T) {
	draft := shown(func(d *commerce.Detail) { d.Draft = true })
	counter := shown(func(d *commerce.Detail) { d.SourceName = "pos" })
	nothing := shown(func(d *commerce.Detail) { d.Total.Amount = 0 })
	two := func(f *Facts) {
		f.Order.Detail.Lines = []commerce.Line{{ID: "cup", Product: "77", Quantity: 2, Current: 2}, {ID: "pot", Product: "78", Quantity: 1, Current: 1}}
		f.Shop.Settings.Exclude.Products = []string{"77"}
	}
	for name, c := range map[string]struct {
		fact, harmless func(*Facts)
		reason         Reason
	}{
		"b2b, allowed":          {shown(func(d *commerce.Detail) { d.B2B = true }), exclude(func(e *commerce.Exclude) { e.AllowB2B = true }), BusinessOrder},
		"a draft, allowed":      {draft, exclude(func(e *commerce.Exclude) { e.AllowDrafts = true }), DraftOrder},
		"a draft, paid":         {draft, shown(func(d *commerce.Detail) { d.Invoiced = true }), DraftOrder},
		"a gift, allowed":       {shown(func(d *commerce.Detail) { d.Gift = true }), exclude(func(e *commerce.Exclude) { e.AllowGifts = true }), GiftOrder},
		"for nothing, allowed":  {nothing, exclude(func(e *commerce.Exclude) { e.AllowZeroTotal = true }), ZeroTotal},
		"a total nobody told":   {nothing, shown(func(d *commerce.Detail) { d.Total.Currency = "" }), ZeroTotal},
		"over the counter, yes": {counter, func(f *Facts) { f.Consents = []commerce.ConsentChange{said(Service, yes, noon)} }, PointOfSale},
		"over the counter, any": {counter, exclude(func(e *commerce.Exclude) { e.AllowPOS = true }), PointOfSale},
		"another product too":   {two, func(*Facts) {}, OK},
	} {
		require.Equal(t, c.reason, Decide(facts(c.fact), after(10)).Reason, name)
		require.Equal(t, send(), Decide(facts(c.fact, c.harmless), after(10)), name)
	}

	kept := facts(two, told(commerce.OrderChange{Refunds: []commerce.Refund{{
		ID: "r", Status: commerce.RefundSucceeded, At: after(1), Lines: []commerce.RefundLine{{Line: "pot", Quantity: 1}},
	}}}))
	require.Equal(t, ExcludedProduct, Decide(kept, after(10)).Reason, "the other one went back")

	counterNo := facts(counter, func(f *Facts) {
		f.Consents = []commerce.ConsentChange{said(Service, yes, noon), said(Service, no, after(1))}
	})
	require.Equal(t, PointOfSale, Decide(counterNo, after(10)).Reason, "the last word counts")
}

// What an invoice that nobody paid is over is not told by its total.
func TestAnUnpaidInvoiceIsNotForNothing(t *testing.T) {
	f := facts(of(Transactional), words("unpaid"), shown(func(d *commerce.Detail) { d.Total.Amount = 0 }), func(f *Facts) { f.Answers = true })
	require.Equal(t, send(), Decide(f, after(10)))
}

// An answer to an order that went back whole still knows which products it was about.
func TestExcludedProductOfAnOrderThatWentBack(t *testing.T) {
	f := facts(func(f *Facts) {
		f.Answers, f.Class = true, Transactional
		f.Order.Detail.Lines[0].Product, f.Shop.Settings.Exclude.Products = "77", []string{"77"}
	}, told(restocked(2)))
	require.Equal(t, ExcludedProduct, Decide(f, after(10)).Reason)
}

func TestRelayAddresses(t *testing.T) {
	for domain, relay := range map[string]bool{
		"marketplace.amazon.com": true, "marketplace.amazon.de": true, "marketplace.amazon.co.uk": true, "members.ebay.com": true,
		"relay.walmart.com": true, "scs.tiktokw.us": true, "scs3.tiktok.com": true, "chat-seller-us.tiktok.com": true,
		"privaterelay.appleid.com": false, "amazon.com": false, "ebay.com": false, "marketplace.example": false, "mail.tiktok.com": false,
		"amazon.marketplace.com": false, "members.example": false, "relay.example": false, "scs.example": false, "example.com": false,
	} {
		want := OK
		if relay {
			want = RelayAddress
		}
		require.Equal(t, want, Decide(facts(to("x@"+domain)), after(10)).Reason, domain)
	}
}

func TestStaff(t *testing.T) {
	for name, c := range map[string]struct {
		shop, address string
		staff, team   []string
		want          Reason
	}{
		"the shop's own address":       {shop: "hello@cups.example", address: "hello@cups.example", want: Staff},
		"its domain":                   {shop: "hello@cups.example", address: "ann@cups.example", want: Staff},
		"below its domain":             {shop: "hello@cups.example", address: "ann@mail.cups.example", want: Staff},
		"above its domain":             {shop: "hello@mail.cups.example", address: "ann@cups.example", want: OK},
		"a domain that ends alike":     {shop: "hello@cups.example", address: "ann@teacups.example", want: OK},
		"a shop at a public provider":  {shop: "cups@gmail.com", address: "ada@gmail.com", want: OK},
		"its own address there":        {shop: "cups@gmail.com", address: "cups@gmail.com", want: Staff},
		"in capitals":                  {shop: "Cups@GMail.com", address: "ada@gmail.com", want: OK},
		"a shop without address":       {address: "ada@example.com", want: OK},
		"a listed address":             {address: "ada@example.com", staff: []string{"Ada@Example.com"}, want: Staff},
		"a listed domain":              {address: "ada@example.com", staff: []string{"example.com"}, want: Staff},
		"written with an @":            {address: "ada@example.com", staff: []string{" @example.com"}, want: Staff},
		"another listed address":       {address: "ada@example.com", staff: []string{"bob@example.com", ""}, want: OK},
		"one of the team":              {address: "ada@example.com", team: []string{"ada@example.com"}, want: Staff},
		"of the team's mail provider":  {address: "ada@example.com", team: []string{"bob@example.com"}, want: OK},
		"a listed public domain":       {address: "ada@gmail.com", staff: []string{"gmail.com"}, want: Staff},
		"a domain that begins alike":   {address: "ada@example.com.evil.test", staff: []string{"example.com"}, want: OK},
		"an address inside an address": {address: "a.ada@example.com", staff: []string{"ada@example.com"}, want: OK},
	} {
		f := facts(to(c.address), func(f *Facts) {
			f.Shop.Email, f.Shop.Settings.Exclude.Staff, f.Shop.Settings.Team = c.shop, c.staff, c.team
		})
		require.Equal(t, c.want, Decide(f, after(10)).Reason, name)
	}
}

func TestListedCustomers(t *testing.T) {
	for name, c := range map[string]struct {
		list []string
		want Reason
	}{
		"by address": {[]string{"ADA@example.com"}, ExcludedPerson},
		"by phone":   {[]string{"+4930123456"}, ExcludedPerson},
		"by id":      {[]string{"x", "7001"}, ExcludedPerson},
		"others":     {[]string{"bob@example.com", "700", ""}, OK},
	} {
		f := facts(exclude(func(e *commerce.Exclude) { e.Customers = c.list }), func(f *Facts) { f.CustomerIDs = []string{"cus_9", "7001"} })
		if c.want == OK {
			f.Person.Phone = ""
		}
		require.Equal(t, c.want, Decide(f, after(10)).Reason, name)
		f.Order = nil
		require.Equal(t, c.want, Decide(f, after(10)).Reason, "%s, without an order", name)
	}
}

func TestStandingAsksForTheKindOfOrder(t *testing.T) {
	for _, c := range cases {
		switch c.reason {
		case Marketplace, BusinessOrder, DraftOrder, ZeroTotal, ExcludedTag, ExcludedProduct:
			f := facts(c.spoil)
			require.Equal(t, c.reason, Standing(f.Order, f.Shop.Settings).Reason)
			require.Equal(t, OK, Exists(f.Order, f.Shop.Settings).Reason, c.reason)
			require.True(t, c.reason.Reversible(), c.reason)
		}
	}
	draft := unpaid()
	draft.Detail.Draft = true
	require.Equal(t, DraftOrder, Standing(draft, facts().Shop.Settings).Reason, "what ends goes before what delays")
}

// What answers an outcome needs an order to answer about, and no more.
func TestExists(t *testing.T) {
	for _, c := range cases {
		f := facts(c.spoil)
		want := OK
		switch c.reason {
		case SamePurchase, TestOrder, Deleted, NoOrder, Unconfirmed:
			want = c.reason
		}
		require.Equal(t, want, Exists(f.Order, f.Shop.Settings).Reason, c.reason)
	}
}
