package gate

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
)

// cases spoil one thing each, in the order of the questions.
var cases = []struct {
	reason Reason
	answer Answer
	spoil  func(*Facts)
}{
	{ShopClosed, Skip, func(f *Facts) { f.Shop.State = commerce.ShopClosed }},
	{ShopPaused, Hold, func(f *Facts) { f.Shop.State = commerce.ShopPaused }},
	{ShopPaused, Hold, func(f *Facts) { f.PausedAll = true }},
	{CampaignPaused, Hold, func(f *Facts) { f.CampaignLive, f.PausedReason = false, "" }},
	{Fuse, Hold, func(f *Facts) { f.CampaignLive, f.PausedReason = false, Fuse }},
	{Disconnected, Skip, func(f *Facts) { f.Connected = false }},
	{OverPlan, Hold, func(f *Facts) { f.OverPlan = true }},
	{MissedInPause, Skip, func(f *Facts) { f.PausedAt, f.ResumedAt = after(3), after(9) }},
	{Erased, Skip, func(f *Facts) { f.Person.Erased = true }},
	{Unreachable, Hold, to("")},
	{OtherTool, Skip, settings(func(s *commerce.Settings) {
		s.Owners = map[commerce.Job]commerce.Owner{commerce.JobReviewAsk: "Judge.me"}
	})},
	{SamePurchase, Skip, func(f *Facts) { f.Order.SameAs = "other" }},
	{TestOrder, Skip, shown(func(d *commerce.Detail) { d.Test = true })},
	{Deleted, Skip, told(commerce.OrderChange{DeletedAt: after(1)})},
	{Marketplace, Skip, shown(func(d *commerce.Detail) { d.Marketplace = "amazon" })},
	{BusinessOrder, Skip, shown(func(d *commerce.Detail) { d.B2B = true })},
	{DraftOrder, Skip, shown(func(d *commerce.Detail) { d.Draft = true })},
	{ZeroTotal, Skip, func(f *Facts) { f.Order = order(); f.Order.Detail.Total.Amount = 0 }},
	{ExcludedTag, Skip, func(f *Facts) {
		f.Order.Detail.Tags, f.Shop.Settings.Exclude.Tags = []string{"gold", "Press"}, []string{"press"}
	}},
	{ExcludedProduct, Skip, func(f *Facts) {
		f.Order = order()
		f.Order.Detail.Lines[0].Product, f.Shop.Settings.Exclude.Products = "77", []string{"77"}
	}},
	{ExcludedPerson, Skip, func(f *Facts) {
		f.CustomerIDs, f.Shop.Settings.Exclude.Customers = []string{"cus_1"}, []string{"cus_1"}
	}},
	{RelayAddress, Skip, to("x1@marketplace.amazon.co.uk")},
	{Staff, Skip, to("ann@cups.example")},
	{GiftOrder, Skip, shown(func(d *commerce.Detail) { d.Gift = true })},
	{PointOfSale, Hold, shown(func(d *commerce.Detail) { d.SourceName = "pos" })},
	{ParcelRefused, Skip, about(onDelivery, commerce.OrderChange{Cancel: commerce.Cancel{Told: after(3)}})},
	{ParcelRefused, Skip, about(onDelivery, restocked(2))},
	{ParcelRefused, Skip, about(onDelivery, commerce.OrderChange{Fulfilments: []commerce.Fulfilment{{ID: "p", FailedAt: after(3)}}})},
	{Cancelled, Skip, told(commerce.OrderChange{Cancel: commerce.Cancel{Told: after(1)}})},
	{Cancelled, Skip, about(unpaid, commerce.OrderChange{Cancel: commerce.Cancel{Told: after(1)}})},
	{Voided, Skip, words("voided")},
	{NoOrder, Hold, about(stub, refunded(500, commerce.RefundSucceeded))},
	{Unconfirmed, Hold, shown(func(d *commerce.Detail) { d.Unconfirmed = true })},
	{Unpaid, Hold, words("pending")},
	{Unpaid, Hold, words("authorized")},
	{Unpaid, Hold, words("partially_paid")},
	{Unpaid, Hold, words("expired")},
	{Suppressed, Skip, func(f *Facts) { f.Suppressions = []Suppression{{Scope: ScopeAll, Reason: "bounced"}} }},
	{PausedByThem, Defer, func(f *Facts) { f.Suppressions = []Suppression{{Scope: ScopePause, Until: after(11)}} }},
	{SenderStopped, Hold, func(f *Facts) { f.Sender.Stopped = true }},
	{NoOrderHere, Skip, func(f *Facts) { f.Sender.OnlyBuyers = true }},
	{ConsentUnread, Defer, func(f *Facts) { f.Unread, f.Rule.Need = true, NeedOptIn }},
	{NoConsent, Hold, func(f *Facts) { f.Rule.Need = NeedOptIn }},
	{Refunded, Skip, told(refunded(3000, commerce.RefundSucceeded))},
	{Refunded, Skip, told(restocked(2))},
	{Refunded, Skip, shown(func(d *commerce.Detail) { d.FinancialStatus = "refunded" })},
	{DisputeLost, Skip, told(disputed(commerce.DisputeLost))},
	{DisputeOpen, Hold, told(disputed(commerce.DisputeOpen))},
	{OpenCase, Hold, func(f *Facts) { f.OpenCase = true }},
	{AwaitingMore, Defer, func(f *Facts) { f.Order.HeldUntil = after(11) }},
	{QuietHours, Defer, func(f *Facts) { f.Place.Zone = "Pacific/Auckland" }},
	{QuietDay, Defer, settings(func(s *commerce.Settings) { s.Calendar.Closed = []string{"2026-03-12"} })},
	{Capped, Defer, func(f *Facts) { f.Used = []Use{{after(9), Service}, {after(8), Marketing}} }},
	{Yielded, Defer, func(f *Facts) { capped(1, 7)(f); f.Rivals = []Rival{rival("How was it?", after(11))} }},
	{TooLate, Skip, func(f *Facts) { f.LatestUseful = after(9) }},
}

func TestDecideByReason(t *testing.T) {
	require.Equal(t, send(), Decide(facts(), after(10)), "nothing spoilt")
	for _, c := range cases {
		f := facts(c.spoil)
		d := Decide(f, after(10))
		require.Equal(t, c.reason, d.Reason)
		require.Equal(t, c.answer, d.Answer, c.reason)
		require.Equal(t, c.answer == Skip, d.Final(), c.reason)
		switch c.answer {
		case Hold:
			require.Equal(t, f.LatestUseful, d.Until, c.reason)
		case Defer:
			require.Greater(t, d.Until, after(10), c.reason)
			require.LessOrEqual(t, d.Until, f.LatestUseful, c.reason)
		default:
			require.Zero(t, d.Until, c.reason)
		}
	}
}

// Of two things that are spoilt the one that is asked for first answers. What
// waits beyond the latest useful time is too late at once.
func TestDecideAsksInOrder(t *testing.T) {
	for i, first := range cases {
		for _, second := range cases[i:] {
			want := first.reason
			if second.reason == TooLate && first.answer != Skip {
				want = TooLate
			}
			if first.reason == PointOfSale && second.reason == ConsentUnread {
				want = ConsentUnread // there may be a yes
			}
			d := Decide(facts(second.spoil, first.spoil), after(10))
			require.Equal(t, want, d.Reason, "%s and %s", first.reason, second.reason)
		}
	}
}

func TestWhatDoesNotForbid(t *testing.T) {
	for name, spoil := range map[string]func(*Facts){
		"no order at all":            func(f *Facts) { f.Order = nil },
		"paid to the courier":        about(onDelivery),
		"a goodwill":                 told(refunded(2999, commerce.RefundSucceeded)),
		"a refund on its way":        told(refunded(3000, commerce.RefundPending)),
		"a refund that failed":       told(refunded(3000, commerce.RefundFailed)),
		"one cup sent back":          told(restocked(1)),
		"a dispute that was won":     told(disputed(commerce.DisputeWon)),
		"another topic is stopped":   func(f *Facts) { f.Suppressions = []Suppression{{Scope: TopicScope("surveys")}} },
		"the last useful moment":     func(f *Facts) { f.LatestUseful = after(10) },
		"more was told by now":       func(f *Facts) { f.Order.HeldUntil = after(10) },
		"a parcel of a paid order":   told(commerce.OrderChange{Fulfilments: []commerce.Fulfilment{{ID: "p", FailedAt: after(3)}}}),
		"voided, yet paid elsewhere": func(f *Facts) { f.Order.Detail.FinancialStatus = "paid" },
	} {
		require.Equal(t, send(), Decide(facts(spoil), after(10)), name)
	}
}

func TestWaitingBeyondUsefulIsTooLate(t *testing.T) {
	held := func(until, latest commerce.Instant) Decision {
		return Decide(facts(func(f *Facts) { f.Order.HeldUntil, f.LatestUseful = until, latest }), after(10))
	}
	require.Equal(t, Decision{Answer: Defer, Reason: AwaitingMore, Until: after(11)}, held(after(11), after(11)))
	require.Equal(t, Decision{Answer: Skip, Reason: TooLate, Detail: "awaiting_more until after the latest useful time"}, held(after(11)+1, after(11)))

	paused := facts(func(f *Facts) { f.Shop.State = commerce.ShopPaused })
	require.Equal(t, Hold, Decide(paused, paused.LatestUseful).Answer)
	require.Equal(t, TooLate, Decide(paused, paused.LatestUseful+1).Reason)
}

func TestStandingPutsTheEndFirst(t *testing.T) {
	s := facts().Shop.Settings
	for name, c := range map[string]struct {
		order *commerce.Order
		want  Reason
	}{
		"good":                            {order(), OK},
		"a stub with a lost dispute":      {stub(disputed(commerce.DisputeLost)), DisputeLost},
		"a stub with an open one":         {stub(disputed(commerce.DisputeOpen)), NoOrder},
		"unpaid with an open one":         {unpaid(disputed(commerce.DisputeOpen)), Unpaid},
		"to be paid, sent back":           {onDelivery(restocked(2)), ParcelRefused},
		"paid to the courier, sent back":  {onDelivery(commerce.OrderChange{Payment: commerce.Payment{Told: after(2)}}, restocked(2)), Refunded},
		"paid to the courier, cancelled":  {onDelivery(commerce.OrderChange{Payment: commerce.Payment{Told: after(2)}, Cancel: commerce.Cancel{Told: after(3)}}), Cancelled},
		"an unpaid order that is deleted": {unpaid(commerce.OrderChange{DeletedAt: after(1)}), Deleted},
	} {
		require.Equal(t, c.want, Standing(c.order, s).Reason, name)
	}
}

// What later facts may take back must not end for good.
func TestReversible(t *testing.T) {
	for _, c := range []struct {
		reason     Reason
		then, back commerce.OrderChange
		of         func(...commerce.OrderChange) *commerce.Order
	}{
		{Refunded, refunded(3000, commerce.RefundSucceeded), refunded(3000, commerce.RefundFailed), order},
		{
			ParcelRefused,
			commerce.OrderChange{Fulfilments: []commerce.Fulfilment{{ID: "p", FailedAt: after(3)}}},
			commerce.OrderChange{Fulfilments: []commerce.Fulfilment{{ID: "p", DeliveredAt: after(4)}}},
			onDelivery,
		},
		{
			Cancelled,
			commerce.OrderChange{Cancel: commerce.Cancel{Told: after(1), Seen: after(2)}},
			commerce.OrderChange{Cancel: commerce.Cancel{Denied: after(3)}},
			order,
		},
	} {
		o := c.of(c.then)
		require.Equal(t, c.reason, Standing(o, facts().Shop.Settings).Reason)
		require.True(t, c.reason.Reversible())
		require.Equal(t, OK, Standing(with(o, c.back), facts().Shop.Settings).Reason)
	}
	for _, r := range []Reason{Deleted, TestOrder, DisputeLost, SamePurchase, Erased, SequenceComplete, TooLate} {
		require.False(t, r.Reversible(), r)
	}
}
