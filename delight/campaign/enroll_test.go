package campaign

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"flywheel/commerce"
	"flywheel/delight/gate"
)

func everybody() gate.Decision { return gate.Decision{Answer: gate.Send, Reason: gate.OK} }

func TestEnroll(t *testing.T) {
	onPaid, onArrived := live(OnOrderPaid), live(OnOrderArrived)
	fits := described(onDelivery)
	for name, c := range map[string]struct {
		campaign Campaign
		order    *commerce.Order
		anchor   commerce.Instant // 0 = not enrolled
		refusal  gate.Reason
	}{
		"paid":                          {onPaid, order(described(), paid(noon)), noon, ""},
		"paid days after it was placed": {onPaid, order(described(), paid(after(3))), after(3), ""},
		"placed, to pay on delivery":    {onPaid, order(fits), noon, ""},
		"and paid to the courier":       {onPaid, order(fits, paid(after(4))), noon, ""},
		"in part refunded":              {onPaid, order(described(), paid(noon), refunded(1000, commerce.RefundSucceeded)), noon, ""},
		"refunded in vain":              {onPaid, order(described(), paid(noon), refunded(3000, commerce.RefundFailed)), noon, ""},
		"in dispute":                    {onPaid, order(described(), paid(noon), disputed(commerce.DisputeOpen)), noon, ""},

		"unpaid":            {onPaid, order(described()), 0, gate.Unpaid},
		"unconfirmed":       {onPaid, order(described(func(d *commerce.Detail) { d.Unconfirmed = true }), paid(noon)), 0, gate.Unconfirmed},
		"a test":            {onPaid, order(described(func(d *commerce.Detail) { d.Test = true }), paid(noon)), 0, gate.TestOrder},
		"voided":            {onPaid, order(described(func(d *commerce.Detail) { d.FinancialStatus = "voided" })), 0, gate.Voided},
		"cancelled":         {onPaid, order(described(), paid(noon), commerce.OrderChange{Cancel: commerce.Cancel{Told: after(1)}}), 0, gate.Cancelled},
		"deleted":           {onPaid, order(described(), paid(noon), commerce.OrderChange{DeletedAt: after(1)}), 0, gate.Deleted},
		"refunded":          {onPaid, order(described(), paid(noon), refunded(3000, commerce.RefundSucceeded)), 0, gate.Refunded},
		"a refused parcel":  {onPaid, order(fits, parcel(commerce.Fulfilment{FailedAt: after(2)})), 0, gate.ParcelRefused},
		"a lost dispute":    {onPaid, order(described(), paid(noon), disputed(commerce.DisputeLost)), 0, gate.DisputeLost},
		"a stub":            {onPaid, order(refunded(1000, commerce.RefundSucceeded)), 0, ""}, // no purchase was told
		"before we came":    {onPaid, order(described(), paid(after(-11))), 0, gate.Historic},
		"placed before":     {onPaid, withPlaced(order(fits, paid(noon)), after(-11)), 0, gate.Historic},
		"a paused campaign": {live(OnOrderPaid, func(c *Campaign) { c.State = Paused }), order(described(), paid(noon)), 0, gate.CampaignPaused},
		"a draft":           {live(OnOrderPaid, func(c *Campaign) { c.State = Draft }), order(described(), paid(noon)), 0, ""},
		"an archived one":   {live(OnOrderPaid, func(c *Campaign) { c.State = Archived }), order(described(), paid(noon)), 0, ""},
		"an unknown one":    {live("order_sniffed"), order(described(), paid(noon)), 0, ""},

		"before it went live": {live(OnOrderPaid, func(c *Campaign) { c.LiveAt = after(1) }), order(described(), paid(noon)), 0, gate.BeforeLive},
		"in its first second": {live(OnOrderPaid, func(c *Campaign) { c.LiveAt = noon + 700 }), order(described(), paid(noon)), noon, ""},
		"a second before":     {live(OnOrderPaid, func(c *Campaign) { c.LiveAt = noon + 1000 }), order(described(), paid(noon+999)), 0, gate.BeforeLive},

		"shipped":                 {onArrived, order(described(), paid(noon), shipped(after(2))), after(7), ""},
		"delivered":               {onArrived, order(described(), paid(noon), shipped(after(2)), delivered(after(4))), after(4), ""},
		"not there yet":           {onArrived, order(described(), paid(noon)), 0, ""},
		"not there, cancelled":    {onArrived, order(described(), paid(noon), commerce.OrderChange{Cancel: commerce.Cancel{Told: after(1)}}), 0, ""},
		"shipped, then refunded":  {onArrived, order(described(), paid(noon), shipped(after(2)), refunded(3000, commerce.RefundSucceeded)), 0, gate.Refunded},
		"shipped on credit":       {onArrived, order(described(func(d *commerce.Detail) { d.FinancialStatus = "pending" }), shipped(after(2))), 0, gate.Unpaid},
		"arrived before we came":  {onArrived, order(described(), paid(after(-19)), shipped(after(-18)), delivered(after(-11))), 0, gate.Historic},
		"paid before, arrived in": {onArrived, order(described(), paid(after(-15)), shipped(after(-14))), after(-9), ""},
		"a rehearsal":             {live(OnOrderPaid, func(c *Campaign) { c.State = Rehearsal }), order(described(), paid(noon)), noon, ""},
		"from its second on":      {live(OnOrderPaid, func(c *Campaign) { c.Entry.From = "2026-03-02T13:00:00+01:00" }), order(described(), paid(noon)), noon, ""},
		"before a stated start":   {live(OnOrderPaid, func(c *Campaign) { c.Entry.From = "2026-03-02T12:00:01Z" }), order(described(), paid(noon)), 0, gate.BeforeStart},
		"placed, not paid yet":    {live(OnOrderPlaced), order(described()), noon, ""},
		"placed, then cancelled":  {live(OnOrderPlaced), order(described(), commerce.OrderChange{Cancel: commerce.Cancel{Told: after(1)}}), 0, gate.Cancelled},
	} {
		v := told(c.campaign, facts(c.order), everybody)
		require.Equal(t, c.refusal, v.Refusal.Reason, name)
		if c.anchor == 0 {
			require.Nil(t, v.Entry, name)
			continue
		}
		cause := string(TriggerOf(c.campaign.Trigger.Kind).Events[0]) + "|one"
		require.Equal(t, &Entry{Key: "order:one", Cause: cause, Anchor: c.anchor, Assumed: v.Entry.Assumed}, v.Entry, name)
		require.Zero(t, v.Refusal, name)
	}
}

func withPlaced(o *commerce.Order, at commerce.Instant) *commerce.Order {
	o.PlacedAt = at
	return o
}

func TestAssumedArrivalEnrolls(t *testing.T) {
	o := order(described(func(d *commerce.Detail) { d.Platform = commerce.Stripe }), paid(noon))
	require.Equal(t, &Entry{Key: "order:one", Cause: "order_arrived|one", Anchor: after(5), Assumed: true}, told(live(OnOrderArrived), facts(o), everybody).Entry)
}

func TestConditionDecidesLast(t *testing.T) {
	o := order(described(), paid(noon))
	refusal := func(expression string) gate.Decision {
		c := live(OnOrderPaid, func(c *Campaign) { c.Condition = expression })
		f := facts(o)
		v := told(c, f, func() gate.Decision { return flow(t, c.Definition).Judge(f, Enrollment{}, noon) })
		require.Nil(t, v.Entry)
		return v.Refusal
	}
	require.Equal(t, gate.Decision{Answer: gate.Skip, Reason: gate.ConditionNotMet, Detail: "order.items > 50 · order.items is 2"}, refusal("order.total > 0 && order.items > 50"))
	broken := refusal(`event.props.score > 1`)
	require.Equal(t, gate.ConditionBroken, broken.Reason)
	require.Contains(t, broken.Detail, `"score" was not told`)

	never := func() gate.Decision { t.Error("asked for nothing"); return everybody() }
	told(live(OnOrderPaid), facts(order(described())), never)
	told(live(OnOrderPaid, func(c *Campaign) { c.LiveAt = after(1) }), facts(o), never)
}

// Every change of an order asks again. In whatever order its changes come, in
// the end it is enrolled from the same moment or not at all, under one key.
func TestAskingAgainIsHarmless(t *testing.T) {
	changes := []commerce.OrderChange{
		described(), paid(noon), shipped(after(2)), delivered(after(4)), disputed(commerce.DisputeOpen), disputed(commerce.DisputeWon),
		refunded(1000, commerce.RefundPending), refunded(1000, commerce.RefundSucceeded),
	}
	for _, c := range []Campaign{live(OnOrderPaid), live(OnOrderArrived)} {
		want := told(c, facts(order(changes...)), everybody)
		require.NotNil(t, want.Entry)
		rapid.Check(t, func(t *rapid.T) {
			o := order()
			for _, ch := range rapid.Permutation(append(changes, changes...)).Draw(t, "arrival") {
				ch.Keys = key
				o.Merge(ch, commerce.Shopify)
				if v := told(c, facts(o), everybody); v.Entry != nil {
					require.Equal(t, want.Entry.Key, v.Entry.Key)
				}
			}
			require.Equal(t, want, told(c, facts(o), everybody))
		})
	}
}
