package campaign

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/gate"
)

func days(n int) Duration { return Duration(time.Duration(n) * day) }

// triggered is a live campaign of a trigger with its fields.
func triggered(t Trigger, change ...func(*Campaign)) Campaign {
	c := live(t.Kind, change...)
	c.Trigger = t
	return c
}

func refund(id string, cents int64, at commerce.Instant) commerce.OrderChange {
	return commerce.OrderChange{Refunds: []commerce.Refund{{
		ID: id, Status: commerce.RefundSucceeded, Amount: commerce.Money{Amount: cents, Currency: "EUR"}, At: at,
	}}}
}

func dispute(status commerce.Status) commerce.OrderChange {
	return commerce.OrderChange{Disputes: []commerce.Dispute{{ID: "d", Status: status, OpenedAt: after(1), ClosedAt: after(4)}}}
}

// What each trigger makes of one order.
func TestTriggersOfOneOrder(t *testing.T) {
	cancel := commerce.OrderChange{Cancel: commerce.Cancel{Told: after(1), Seen: after(1)}}
	late := parcel(commerce.Fulfilment{Status: commerce.FulfilmentShipped, ShippedAt: after(2), DelayedAt: after(4)})
	lost := parcel(commerce.Fulfilment{Status: commerce.FulfilmentShipped, ShippedAt: after(2), FailedAt: after(5)})
	sold := []commerce.OrderChange{described(), paid(noon)}
	with := func(more ...commerce.OrderChange) *commerce.Order { return order(append(sold[:2:2], more...)...) }
	renewal := described(func(d *commerce.Detail) { d.Renewal = true })
	unpaid := described(func(d *commerce.Detail) { d.FinancialStatus = "pending"; d.Renewal = true })
	noWord := Trigger{Kind: OnNotDelivered, After: days(10)}

	for name, c := range map[string]struct {
		trigger Trigger
		order   *commerce.Order
		cause   string // "" = not enrolled
		anchor  commerce.Instant
	}{
		"fulfilled":                  {Trigger{Kind: OnOrderFulfilled}, with(shipped(after(2))), "order_fulfilled|one", after(2)},
		"not fulfilled":              {Trigger{Kind: OnOrderFulfilled}, with(), "", 0},
		"cancelled":                  {Trigger{Kind: OnOrderCancelled}, with(cancel), "order_cancelled|one", after(1)},
		"cancelled before it paid":   {Trigger{Kind: OnOrderCancelled}, order(unpaid, cancel), "order_cancelled|one", after(1)},
		"a cancelled test":           {Trigger{Kind: OnOrderCancelled}, order(described(func(d *commerce.Detail) { d.Test = true }), cancel), "", 0},
		"not cancelled":              {Trigger{Kind: OnOrderCancelled}, with(cancel, commerce.OrderChange{Cancel: commerce.Cancel{Denied: after(2)}}), "", 0},
		"edited":                     {Trigger{Kind: OnOrderEdited}, with(commerce.OrderChange{Edits: []commerce.Edit{{ID: "e2", At: after(2)}, {ID: "e1", At: after(1)}}}), "order_edited|one/e1", after(1)},
		"late":                       {Trigger{Kind: OnDeliveryDelayed}, with(late), "delivery_delayed|one/parcel", after(4)},
		"late, but there":            {Trigger{Kind: OnDeliveryDelayed}, with(late, delivered(after(5))), "", 0},
		"lost":                       {Trigger{Kind: OnDeliveryFailed}, with(lost), "delivery_failed|one/parcel", after(5)},
		"lost and found":             {Trigger{Kind: OnDeliveryFailed}, with(lost, delivered(after(6))), "", 0},
		"refused at the door":        {Trigger{Kind: OnDeliveryFailed}, order(described(onDelivery), lost), "delivery_failed|one/parcel", after(5)},
		"no word since it shipped":   {noWord, with(shipped(after(2))), "order_fulfilled|one", after(12)},
		"a part of it shipped":       {noWord, with(parcel(commerce.Fulfilment{Status: commerce.FulfilmentShipped, ShippedAt: after(3)})), "order_fulfilled|one", after(13)},
		"nothing shipped":            {noWord, with(), "", 0},
		"the carrier says it came":   {noWord, with(shipped(after(2)), delivered(after(4))), "", 0},
		"fetched":                    {noWord, order(described(func(d *commerce.Detail) { d.Pickup = true }), paid(noon), shipped(after(2))), "", 0},
		"all refunded":               {Trigger{Kind: OnRefundFull}, with(refund("a", 1000, after(1)), refund("b", 2000, after(3))), "refund_made|one", after(3)},
		"part refunded":              {Trigger{Kind: OnRefundFull}, with(refund("a", 1000, after(1))), "", 0},
		"refunded, then once more":   {Trigger{Kind: OnRefundFull}, with(refund("a", 3000, after(1)), refund("b", 100, after(3))), "refund_made|one", after(1)},
		"all lines came back":        {Trigger{Kind: OnRefundFull}, with(commerce.OrderChange{Refunds: []commerce.Refund{{ID: "a", Status: commerce.RefundSucceeded, At: after(2), Lines: []commerce.RefundLine{{Line: "cup", Quantity: 2}}}}}), "refund_made|one", after(2)},
		"a part":                     {Trigger{Kind: OnRefundPartial}, with(refund("a", 1000, after(1))), "refund_made|one/a", after(1)},
		"a part, then the rest":      {Trigger{Kind: OnRefundPartial}, with(refund("a", 1000, after(1)), refund("b", 2000, after(3))), "", 0},
		"a part in vain":             {Trigger{Kind: OnRefundPartial}, with(refunded(1000, commerce.RefundFailed)), "", 0},
		"returned":                   {Trigger{Kind: OnReturnProcessed}, with(commerce.OrderChange{Returns: []commerce.Return{{ID: "r", At: after(6)}}}), "return_processed|one/r", after(6)},
		"in dispute":                 {Trigger{Kind: OnDisputeOpened}, with(dispute(commerce.DisputeOpen)), "dispute_opened|one/d", after(1)},
		"no more in dispute":         {Trigger{Kind: OnDisputeOpened}, with(dispute(commerce.DisputeWon)), "", 0},
		"won":                        {Trigger{Kind: OnDisputeWon}, with(dispute(commerce.DisputeWon)), "dispute_won|one/d", after(4)},
		"not won":                    {Trigger{Kind: OnDisputeWon}, with(dispute(commerce.DisputeLost)), "", 0},
		"lost at the bank":           {Trigger{Kind: OnDisputeLost}, with(dispute(commerce.DisputeLost)), "dispute_lost|one/d", after(4)},
		"renewed":                    {Trigger{Kind: OnRenewed}, order(renewal, paid(after(1))), "subscription_renewed|one", after(1)},
		"bought once":                {Trigger{Kind: OnRenewed}, with(), "", 0},
		"payment failed":             {Trigger{Kind: OnPaymentFailed}, order(unpaid, commerce.OrderChange{PaymentFailed: after(1)}), "subscription_payment_failed|one", after(1)},
		"failed, then paid":          {Trigger{Kind: OnPaymentFailed}, order(unpaid, commerce.OrderChange{PaymentFailed: after(1)}, paid(after(2))), "", 0},
		"replenish":                  {Trigger{Kind: OnReplenishment, After: days(30)}, with(shipped(after(1)), delivered(after(3))), "order_arrived|one", after(33)},
		"replenish this product":     {Trigger{Kind: OnReplenishment, After: days(30), Products: []string{"p1"}}, with(shipped(after(1)), delivered(after(3))), "order_arrived|one", after(33)},
		"replenish another":          {Trigger{Kind: OnReplenishment, After: days(30), Products: []string{"p7"}}, with(shipped(after(1)), delivered(after(3))), "", 0},
		"lapsed":                     {Trigger{Kind: OnLapsed, After: days(90)}, with(), "order_paid|one", after(90)},
		"lapsed, without an usual":   {Trigger{Kind: OnLapsed, After: days(90), Median: true}, with(), "order_paid|one", after(90)},
		"first of all":               {Trigger{Kind: OnFirstOrder}, with(), "order_paid|one", noon},
		"first, but refunded":        {Trigger{Kind: OnFirstOrder}, with(refund("a", 3000, after(1))), "", 0},
		"not the second":             {Trigger{Kind: OnNthOrder, N: 2}, with(), "", 0},
		"a year later":               {Trigger{Kind: OnAnniversary, N: 1}, with(), "order_paid|one/1", after(365)},
		"two years later":            {Trigger{Kind: OnAnniversary, N: 2}, with(), "order_paid|one/2", after(731)},
		"each year, this one so far": {Trigger{Kind: OnAnniversary}, with(), "order_paid|one/1", after(365)},
	} {
		v := told(triggered(c.trigger), facts(c.order), everybody)
		if c.cause == "" {
			require.Nil(t, v.Entry, name)
			continue
		}
		require.NotNil(t, v.Entry, "%s: %s", name, v.Refusal.Reason)
		require.Equal(t, c.cause, v.Entry.Cause, name)
		require.Equal(t, c.anchor, v.Entry.Anchor, name)
	}
}

// What answers an outcome is not stopped by it, and begins with it alone.
func TestAnswersWalkOn(t *testing.T) {
	cancel := commerce.OrderChange{Cancel: commerce.Cancel{Told: after(1), Seen: after(1)}}
	partial := []commerce.OrderChange{described(), paid(noon), refund("a", 1000, after(1))}
	for name, c := range map[string]struct {
		trigger TriggerKind
		cause   string
		order   *commerce.Order
		end     gate.Reason // "" = it goes on
		begun   gate.Reason // the same once it has begun
	}{
		"a cancel":                {OnOrderCancelled, "order_cancelled|one", order(described(), paid(noon), cancel), "", ""},
		"a cancel taken back":     {OnOrderCancelled, "order_cancelled|one", order(described(), paid(noon), cancel, commerce.OrderChange{Cancel: commerce.Cancel{Denied: after(2)}}), gate.CauseGone, gate.CauseGone},
		"a deleted order":         {OnOrderCancelled, "order_cancelled|one", order(described(), paid(noon), cancel, commerce.OrderChange{DeletedAt: after(2)}), gate.Deleted, gate.Deleted},
		"a part":                  {OnRefundPartial, "refund_made|one/a", order(partial...), "", ""},
		"the rest of it too":      {OnRefundPartial, "refund_made|one/a", order(append(partial, refund("b", 2000, after(2)))...), gate.CauseGone, ""},
		"a part that failed":      {OnRefundPartial, "refund_made|one/r", order(described(), paid(noon), refunded(1000, commerce.RefundFailed)), gate.CauseGone, gate.CauseGone},
		"a failed payment, paid":  {OnPaymentFailed, "subscription_payment_failed|one", order(described(), commerce.OrderChange{PaymentFailed: after(1)}, paid(after(2))), gate.CauseGone, gate.CauseGone},
		"a dispute that was lost": {OnDisputeOpened, "dispute_opened|one/d", order(described(), paid(noon), dispute(commerce.DisputeLost)), gate.CauseGone, gate.CauseGone},
	} {
		for p, want := range map[Position]gate.Reason{{Anchor: after(1)}: c.end, After("first", after(2)): c.begun} {
			d := live(c.trigger).Definition
			d.Steps = []Step{mail("first", 3), mail("ask", 3)}
			w := walkAt(p, facts(c.order), after(2))
			w.Enrollment.Cause = c.cause
			n := flow(t, d).Next(w)
			if want == "" {
				require.Nil(t, n.End, name)
				require.NotNil(t, n.Step, name)
				continue
			}
			require.NotNil(t, n.End, "%s %v", name, p)
			require.Equal(t, want, n.End.Reason, name)
		}
	}
}

// Two platforms tell of one refund, each with an id of its own: it is one.
func TestOneRefundToldTwice(t *testing.T) {
	atStripe := refund("re_1", 1000, after(1))
	atStripe.Refunds[0].Platform = commerce.Stripe
	twice := order(described(), paid(noon), atStripe, refund("77", 1000, after(1)+500))
	require.Equal(t, []part{{"77", after(1) + 500}}, ownRefunds(twice))
	more := refund("re_2", 500, after(2))
	more.Refunds[0].Platform = commerce.Stripe
	require.Equal(t, []part{{"77", after(1) + 500}, {"re_2", after(2)}}, ownRefunds(order(described(), paid(noon), atStripe, more, refund("77", 1000, after(1)+500))),
		"one that only Stripe knows counts")
	require.Equal(t, []part{{"re_1", after(1)}}, ownRefunds(order(described(), paid(noon), atStripe)))
}

func TestEventsWithoutAnOrder(t *testing.T) {
	happened := func(kind commerce.EventKind, subject string) commerce.Event {
		return commerce.Event{Kind: kind, Subject: subject, PersonID: "ada", OccurredAt: after(1)}
	}
	for name, c := range map[string]struct {
		trigger Trigger
		entry   EntryRule
		event   commerce.Event
		key     string
	}{
		"a new customer":    {Trigger{Kind: OnCustomerCreated}, EntryRule{}, happened(commerce.CustomerCreated, "shopify:1"), "person:ada"},
		"each account":      {Trigger{Kind: OnCustomerCreated}, EntryRule{Mode: EveryTime}, happened(commerce.CustomerCreated, "shopify:1"), "event:customer_created:shopify:1"},
		"an ended contract": {Trigger{Kind: OnSubscriptionEnded}, EntryRule{}, happened(commerce.SubscriptionCancelled, "sub_1"), "event:subscription_cancelled:sub_1"},
		"a yes to confirm":  {Trigger{Kind: OnConsentAsked}, EntryRule{}, happened(commerce.ConsentAsked, "ada/1772712000"), "event:consent_asked:ada/1772712000"},
		"a trial":           {Trigger{Kind: OnTrialEnding}, EntryRule{}, happened(commerce.SubscriptionTrialEnding, "sub_1/1772712000"), "event:subscription_trial_ending:sub_1/1772712000"},
		"a custom event":    {Trigger{Kind: OnCustomEvent, Name: "quiz"}, EntryRule{}, happened("custom:quiz", "7"), "event:custom:quiz:7"},
		"another's event":   {Trigger{Kind: OnCustomEvent, Name: "quiz"}, EntryRule{}, happened("custom:other", "7"), ""},
		"a new product":     {Trigger{Kind: OnNewProduct, Products: []string{"p1"}}, EntryRule{}, happened(commerce.ProductPublished, "p9"), "event:product_published:p9:ada"},
	} {
		campaign := triggered(c.trigger, func(k *Campaign) { k.Entry = c.entry })
		v := Enroll(campaign, c.event, facts(nil), everybody)
		if c.key == "" {
			require.Equal(t, Verdict{}, v, name)
			continue
		}
		require.Equal(t, &Entry{Key: c.key, Cause: string(c.event.Kind) + "|" + c.event.Subject, Anchor: after(1)}, v.Entry, name)

		c.event.Historic = true
		require.Equal(t, gate.Historic, Enroll(campaign, c.event, facts(nil), everybody).Refusal.Reason, name)

		f := facts(nil, func(f *Facts) { f.Cause = c.event })
		n := flow(t, campaign.Definition).Next(walkAt(Position{Anchor: noon}, f, noon))
		require.Equal(t, after(1), n.Due, name)
	}
}

// What a clock starts is entered ahead, whatever the condition says now, and
// judged by its moment.
func TestClocksAreJudgedByTheirMoment(t *testing.T) {
	never := func() gate.Decision { t.Error("asked too early"); return gate.Decision{Answer: gate.Skip} }
	old := order(described(), paid(after(-300)))
	lapse := func(n int) Campaign { return triggered(Trigger{Kind: OnLapsed, After: days(n)}) }
	require.Equal(t, after(-9), told(lapse(291), facts(old), never).Entry.Anchor, "bought before we came, lapsed since")
	require.Equal(t, gate.Historic, told(lapse(280), facts(old), never).Refusal.Reason)
	started := lapse(305)
	started.LiveAt = after(6)
	require.Equal(t, gate.BeforeLive, told(started, facts(old), never).Refusal.Reason)
	started.LiveAt, started.Entry.From = after(5), "2026-01-01T00:00:00Z"
	require.Equal(t, gate.BeforeStart, told(started, facts(old), never).Refusal.Reason, "a stated start is for what happened")

	each := triggered(Trigger{Kind: OnAnniversary})
	ancient := order(described(), paid(after(-800)))
	require.Equal(t, "order_paid|one/3", told(each, facts(ancient), never).Entry.Cause, "the first that is still to come")
}

// bought are paid orders of Ada's, one per day and amount in cents, named o0, o1, ...
func bought(days []int, cents ...int64) (out []*commerce.Order) {
	for i, at := range days {
		o := order(described(func(d *commerce.Detail) {
			if i < len(cents) {
				d.Total.Amount, d.ShopTotal.Amount = cents[i], cents[i]
			}
		}), paid(after(at)))
		o.ID = commerce.OrderID(fmt.Sprint("o", i))
		o.Freeze("EUR")
		out = append(out, o)
	}
	return out
}

// among are the facts of one of a person's orders.
func among(i int, orders []*commerce.Order) Facts {
	return facts(orders[i], func(f *Facts) { f.Shop.Currency, f.History = "EUR", historyOf(orders...) })
}

func TestWhichOrderItIs(t *testing.T) {
	spend := Trigger{Kind: OnSpendThreshold, Amount: "100"}
	cancel := commerce.OrderChange{Cancel: commerce.Cancel{Told: after(9), Seen: after(9)}}
	three := func() []*commerce.Order { return bought([]int{3, 1, 2}, 3000, 5000, 5000) } // in time: o1, o2, o0
	gone := three()
	cancel.Keys = key
	gone[1].Merge(cancel, commerce.Shopify)
	for name, c := range map[string]struct {
		trigger Trigger
		orders  []*commerce.Order
		in      int // which is in; -1 = none
	}{
		"the first":                    {Trigger{Kind: OnFirstOrder}, three(), 1},
		"the second":                   {Trigger{Kind: OnNthOrder, N: 2}, three(), 2},
		"the third":                    {Trigger{Kind: OnNthOrder, N: 3}, three(), 0},
		"the fourth":                   {Trigger{Kind: OnNthOrder, N: 4}, three(), -1},
		"the first that counts":        {Trigger{Kind: OnFirstOrder}, gone, 2},
		"reached exactly":              {spend, three(), 2},
		"reached and gone beyond":      {spend, bought([]int{1, 2, 3}, 9000, 2000, 8000), 1},
		"reached with the first":       {spend, bought([]int{1, 2}, 20000, 2000), 0},
		"not reached":                  {spend, bought([]int{1, 2}, 5000, 4999), -1},
		"not with what was taken back": {spend, gone, -1},
	} {
		for i := range c.orders {
			v := told(triggered(c.trigger), among(i, c.orders), everybody)
			require.Equal(t, i == c.in, v.Entry != nil, "%s, %d", name, i)
			w := walkAt(Position{}, among(i, c.orders), after(9))
			counts := w.Facts.History.Index(c.orders[i].ID) >= 0
			require.Equal(t, i != c.in && counts || !counts, flow(t, triggered(c.trigger).Definition).Next(w).End != nil, "%s, %d", name, i)
		}
	}
}

func TestLapsedByTheirOwnRhythm(t *testing.T) {
	rhythm := bought([]int{0, 10, 20, 40}) // gaps of 10, 10 and 20 days
	anchor := func(trigger Trigger, orders []*commerce.Order) commerce.Instant {
		v := told(triggered(trigger), among(len(orders)-1, orders), everybody)
		require.NotNil(t, v.Entry)
		return v.Entry.Anchor
	}
	require.Equal(t, after(55), anchor(Trigger{Kind: OnLapsed, After: days(90), Median: true}, rhythm), "half as long again as usual")
	require.Equal(t, after(130), anchor(Trigger{Kind: OnLapsed, After: days(90)}, rhythm))
	require.Equal(t, after(100), anchor(Trigger{Kind: OnLapsed, After: days(90), Median: true}, rhythm[:2]), "two purchases show no rhythm")
	require.Nil(t, told(triggered(Trigger{Kind: OnLapsed, After: days(90)}), among(1, rhythm), everybody).Entry)
}

func TestReplenishedOrNot(t *testing.T) {
	again := bought([]int{0, 20})
	for _, o := range again {
		o.FulfilledSeen = o.Payment.Told
	}
	end := func(i int, products []string, change func(*Facts)) *gate.Decision {
		f := among(i, again)
		change(&f)
		return flow(t, triggered(Trigger{Kind: OnReplenishment, After: days(30), Products: products}).Definition).Next(walkAt(Position{}, f, after(1))).End
	}
	nothing, loaded := func(*Facts) {}, func(f *Facts) { f.Orders = map[commerce.OrderID]*commerce.Order{"o0": again[0], "o1": again[1]} }
	require.Equal(t, gate.BoughtAgain, end(0, nil, nothing).Reason, "of whatever it was, something was bought")
	require.Nil(t, end(0, []string{"p1"}, nothing), "nobody knows whether it was this product")
	require.Equal(t, gate.BoughtAgain, end(0, []string{"p1"}, loaded).Reason)
	require.Nil(t, end(1, []string{"p1"}, loaded), "what was bought before is not again")
	again[1].Detail.Lines[0].Product = "p2"
	require.Nil(t, end(0, nil, loaded))
	require.Nil(t, end(0, []string{"p1"}, loaded))
}

func TestAnniversaries(t *testing.T) {
	date := func(y int, m time.Month, d int) commerce.Instant {
		return commerce.At(time.Date(y, m, d, 23, 30, 0, 0, time.UTC))
	}
	require.Equal(t, date(2027, 3, 2), yearsAfter(date(2026, 3, 2), 1))
	require.Equal(t, date(2025, 2, 28), yearsAfter(date(2024, 2, 29), 1))
	require.Equal(t, date(2028, 2, 29), yearsAfter(date(2024, 2, 29), 4))
	require.Equal(t, date(2025, 12, 31), yearsAfter(date(2024, 12, 31), 1))
}

func TestThresholdInEveryCurrency(t *testing.T) {
	for _, c := range []struct {
		amount, currency string
		want             int64
		ok               bool
	}{
		{"500", "EUR", 50000, true},
		{"99.5", "EUR", 9950, true},
		{"99.501", "EUR", 9951, true},
		{"500", "JPY", 500, true},
		{"500.50", "JPY", 501, true},
		{"500.00", "JPY", 500, true},
		{"41.25", "KWD", 41250, true},
		{"41.255", "KWD", 41255, true},
		{"500", "", 0, false},
	} {
		got, ok := minorUnits(c.amount, c.currency)
		require.Equal(t, c.ok, ok, c)
		require.Equal(t, c.want, got, c)
	}
}
