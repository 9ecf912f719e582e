package referral_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"flywheel/commerce"
	"flywheel/delight/referral"
)

var noon = commerce.At(time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC))

func day(n int) commerce.Instant { return noon.Add(time.Duration(n) * 24 * time.Hour) }

// strangers are an advocate and a friend who have nothing in common.
func strangers(change ...func(*referral.Facts)) referral.Facts {
	f := referral.Facts{
		Advocate: referral.Who{Persons: []commerce.PersonID{"a"}, Emails: []string{"ada@example.com"}, Phones: []string{"+43 664 111 22 33"}, Addresses: []string{"here"}, Nets: []string{"n1"}, Name: "Ada Weber"},
		Friend:   referral.Who{Persons: []commerce.PersonID{"b"}, Emails: []string{"bo@example.com"}, Phones: []string{"+43 664 222 33 44"}, Addresses: []string{"there"}, Nets: []string{"n2"}, Name: "Bo Weber"},
		Sale:     noon, Today: 1,
	}
	for _, c := range change {
		c(&f)
	}
	return f
}

func TestWhatSpeaksAgainstAReferral(t *testing.T) {
	rules := referral.Rules{MinSpend: 3000}
	for name, c := range map[string]struct {
		change func(*referral.Facts)
		want   referral.Verdict
	}{
		"nothing":             {func(*referral.Facts) {}, referral.Verdict{}},
		"their own code":      {func(f *referral.Facts) { f.Via, f.Friend.Persons = referral.ByCode, []commerce.PersonID{"a"} }, referral.Verdict{Blocks: []referral.Reason{referral.OwnCode, referral.SamePerson}}},
		"one person":          {func(f *referral.Facts) { f.Friend.Persons = []commerce.PersonID{"x", "a"} }, referral.Verdict{Blocks: []referral.Reason{referral.SamePerson}}},
		"a tag behind a plus": {func(f *referral.Facts) { f.Friend.Emails = []string{"ADA+friend@example.com"} }, referral.Verdict{Blocks: []referral.Reason{referral.SameMailbox}}},
		"dots at Google": {func(f *referral.Facts) {
			f.Advocate.Emails, f.Friend.Emails = []string{"a.d.a@gmail.com"}, []string{"ada@googlemail.com"}
		}, referral.Verdict{Blocks: []referral.Reason{referral.SameMailbox}}},
		"one phone":                   {func(f *referral.Facts) { f.Friend.Phones = []string{"0043 (664) 111-2233"} }, referral.Verdict{Blocks: []referral.Reason{referral.SamePhone}}},
		"a phone without its country": {func(f *referral.Facts) { f.Friend.Phones = []string{"0664/1112233"} }, referral.Verdict{Flags: []referral.Reason{referral.SamePhone}}},
		"a phone in Persian digits":   {func(f *referral.Facts) { f.Friend.Phones = []string{"+۴۳۶۶۴۱۱۱۲۲۳۳"} }, referral.Verdict{Blocks: []referral.Reason{referral.SamePhone}}},
		"half a phone":                {func(f *referral.Facts) { f.Advocate.Phones, f.Friend.Phones = []string{"2233"}, []string{"2233"} }, referral.Verdict{}},
		"one roof":                    {func(f *referral.Facts) { f.Friend.Addresses = []string{"here"} }, referral.Verdict{Blocks: []referral.Reason{referral.SameAddress}}},
		"bought here before":          {func(f *referral.Facts) { f.FirstSale = day(-9) }, referral.Verdict{Blocks: []referral.Reason{referral.ExistingCustomer}}},
		"this is the first":           {func(f *referral.Facts) { f.FirstSale = noon }, referral.Verdict{}},
		"banned":                      {func(f *referral.Facts) { f.Banned = true }, referral.Verdict{Blocks: []referral.Reason{referral.Banned}}},
		"one name":                    {func(f *referral.Facts) { f.Friend.Name = "weber ADA" }, referral.Verdict{Flags: []referral.Reason{referral.SameName}}},
		"one first name alone":        {func(f *referral.Facts) { f.Advocate.Name, f.Friend.Name = "Ada", "Ada" }, referral.Verdict{}},
		"one net":                     {func(f *referral.Facts) { f.Friend.Nets = []string{"n1"} }, referral.Verdict{Flags: []referral.Reason{referral.SameNet}}},
		"the sixth today":             {func(f *referral.Facts) { f.Today = 6 }, referral.Verdict{Flags: []referral.Reason{referral.ManyAtOnce}}},
		"nothing known": {func(f *referral.Facts) {
			f.Advocate, f.Friend = referral.Who{Emails: []string{""}}, referral.Who{Emails: []string{""}}
		}, referral.Verdict{}},
	} {
		require.Equal(t, c.want, referral.Judge(strangers(c.change), rules), name)
	}
	require.Equal(t, referral.Refused, referral.Verdict{Blocks: []referral.Reason{referral.SamePhone}, Flags: []referral.Reason{referral.SameName}}.State())
	require.Equal(t, referral.Flagged, referral.Verdict{Flags: []referral.Reason{referral.SameName}}.State())
	require.Equal(t, referral.Waiting, referral.Verdict{}.State())
}

func TestWhoseFriendABuyerIs(t *testing.T) {
	touch := func(via referral.Via, who commerce.PersonID, on int) referral.Touch {
		return referral.Touch{Via: via, Advocate: who, At: day(on)}
	}
	for name, c := range map[string]struct {
		touches []referral.Touch
		want    commerce.PersonID
	}{
		"nobody's":               {nil, ""},
		"the last visit":         {[]referral.Touch{touch(referral.ByTouch, "a", -9), touch(referral.ByTouch, "b", -1)}, "b"},
		"an address left":        {[]referral.Touch{touch(referral.ByLink, "a", -9), touch(referral.ByTouch, "b", -1)}, "a"},
		"a code above all":       {[]referral.Touch{touch(referral.ByLink, "a", -1), touch(referral.ByCode, "c", -20)}, "c"},
		"a visit too long ago":   {[]referral.Touch{touch(referral.ByTouch, "a", -31)}, ""},
		"a visit after the sale": {[]referral.Touch{touch(referral.ByTouch, "a", 1)}, ""},
		"two in the same moment": {[]referral.Touch{touch(referral.ByTouch, "b", -1), touch(referral.ByTouch, "a", -1)}, "a"},
	} {
		got, ok := referral.Attribute(c.touches, noon, referral.Rules{})
		require.Equal(t, c.want, got.Advocate, name)
		require.Equal(t, c.want != "", ok, name)
	}
}

func TestAReferralIsPaidAfterTheReturnWindow(t *testing.T) {
	fine := referral.Order{Sale: noon, Counts: 5000, OpensAt: day(14)}
	flagged := referral.Verdict{Flags: []referral.Reason{referral.SameName}}
	blocked := referral.Verdict{Blocks: []referral.Reason{referral.SameAddress}}
	itself := referral.Verdict{Blocks: []referral.Reason{referral.SamePerson}}
	for name, c := range map[string]struct {
		v      referral.Verdict
		d      referral.Decision
		o      referral.Order
		on     int
		state  referral.State
		reason referral.Reason
	}{
		"the window is open":             {referral.Verdict{}, "", fine, 13, referral.Waiting, referral.NotYet},
		"it has ended":                   {referral.Verdict{}, "", fine, 14, referral.Paid, referral.Stands},
		"the courier is not paid":        {referral.Verdict{}, "", referral.Order{Sale: noon, Counts: 5000}, 99, referral.Waiting, referral.Unpaid},
		"a dispute is open":              {referral.Verdict{}, "", referral.Order{Sale: noon, Counts: 5000, OpensAt: day(1), Held: true}, 99, referral.Waiting, referral.InDispute},
		"refunded after the payout":      {referral.Verdict{}, "", referral.Order{Sale: noon, OpensAt: day(14)}, 99, referral.Reversed, referral.WentBack},
		"too little is left":             {referral.Verdict{}, "", referral.Order{Sale: noon, Counts: 2000, OpensAt: day(14)}, 99, referral.Refused, referral.TooSmall},
		"an unlooked-at flag, for ever":  {flagged, "", fine, 9999, referral.Flagged, referral.SameName},
		"seen only after the payout":     {flagged.Since(referral.Verdict{}), "", fine, 20, referral.Paid, referral.Stands},
		"seen before it as well":         {flagged.Since(flagged), "", fine, 20, referral.Flagged, referral.SameName},
		"let through":                    {flagged, referral.Let, fine, 20, referral.Paid, referral.Stands},
		"let through, within the window": {flagged, referral.Let, fine, 2, referral.Waiting, referral.NotYet},
		"turned down":                    {referral.Verdict{}, referral.Turn, fine, 20, referral.Refused, referral.ByPerson},
		"blocked":                        {blocked, "", fine, 20, referral.Refused, referral.SameAddress},
		"flat mates, a person says":      {blocked, referral.Let, fine, 20, referral.Paid, referral.Stands},
		"nobody refers themselves":       {itself, referral.Let, fine, 20, referral.Refused, referral.SamePerson},
	} {
		state, reason := referral.Settle(c.v, c.d, c.o, referral.Rules{MinSpend: 3000}, day(c.on))
		require.Equal(t, [2]any{c.state, c.reason}, [2]any{state, reason}, name)
	}
}

// Nothing that was blocked, or flagged and not looked at, or went back is ever paid.
func TestOnlyWhatStandsIsPaid(t *testing.T) {
	reasons := []referral.Reason{referral.SamePerson, referral.SameMailbox, referral.SamePhone, referral.SameAddress, referral.ExistingCustomer, referral.Banned}
	rapid.Check(t, func(t *rapid.T) {
		v := referral.Verdict{
			Blocks: rapid.SliceOfDistinct(rapid.SampledFrom(reasons), rapid.ID).Draw(t, "blocks"),
			Flags:  rapid.SliceOfDistinct(rapid.SampledFrom([]referral.Reason{referral.SameName, referral.SameNet, referral.ManyAtOnce}), rapid.ID).Draw(t, "flags"),
		}
		d := rapid.SampledFrom([]referral.Decision{referral.Undecided, referral.Let, referral.Turn}).Draw(t, "decision")
		o := referral.Order{Sale: noon, Counts: rapid.Int64Range(0, 9000).Draw(t, "left"), OpensAt: day(rapid.IntRange(0, 30).Draw(t, "opens")), Held: rapid.Bool().Draw(t, "held")}
		now := day(rapid.IntRange(0, 60).Draw(t, "now"))
		if state, _ := referral.Settle(v, d, o, referral.Rules{}, now); state == referral.Paid {
			require.NotEqual(t, referral.Turn, d)
			require.True(t, len(v.Blocks)+len(v.Flags) == 0 || d == referral.Let)
			require.Positive(t, o.Counts)
			require.LessOrEqual(t, o.OpensAt, now)
			require.False(t, o.Held)
		}
	})
}
