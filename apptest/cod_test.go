package apptest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/integrations/shopify/shopifyfake"
)

const courier = "Cash on Delivery (COD)"

// riyadh is a shop whose customers pay the courier.
func riyadh(t *testing.T, options ...Option) *App {
	a := Start(t, Noon, options...)
	a.Shop = a.Add(commerce.Shop{
		Name: "Nour", Email: "hello@nour.example", Locale: "en", Timezone: "Asia/Riyadh", Country: "GB", Currency: "SAR",
		Settings: commerce.Settings{PayOnDelivery: []string{courier}},
	}, commerce.Connection{Platform: commerce.Shopify, ExternalID: Domain, Live: true, Token: Token})
	return a
}

// parcel is an order on its way, to be paid to the courier, and thanked for.
func parcel(t *testing.T, a *App) (*shopifyfake.Order, *shopifyfake.Fulfilment) {
	o := a.Order(1).In("SAR", "SAR", 1, 1).Unpaid(courier)
	a.Send("orders/create", o.Body())
	a.Wait()
	a.WantMails(Ada, "Thank you")
	a.After(24 * time.Hour)
	f := o.Fulfil(a.Clock.Now())
	a.Send("orders/fulfilled", o.Body())
	a.Wait()
	return o, f
}

// Placed counts as the sale; the courier's money later is no second one.
func TestPaidToTheCourierLater(t *testing.T) {
	t.Parallel()
	a := riyadh(t)
	o, f := parcel(t, a)
	a.After(48 * time.Hour)
	a.Send("fulfillment_events/create", f.Deliver(a.Clock.Now()))
	a.Send("orders/paid", o.Pay(a.Clock.Now()).Body())
	a.After(twoWeeks)
	a.WantMails(Ada, "Thank you", "What do you think")
	require.Contains(t, a.Events(Ada), "order_paid")
}

// A refused parcel ends everything, however it is told.
func TestRefusedParcel(t *testing.T) {
	for name, refuse := range map[string]func(*App, *shopifyfake.Order, *shopifyfake.Fulfilment){
		"cancelled": func(a *App, o *shopifyfake.Order, _ *shopifyfake.Fulfilment) {
			a.Send("orders/cancelled", o.Cancel(a.Clock.Now()).Body())
		},
		"restocked": func(a *App, o *shopifyfake.Order, _ *shopifyfake.Fulfilment) {
			a.Send("refunds/create", o.Refund(a.Clock.Now(), 0, shopifyfake.RefundLine{Line: 0, Quantity: 1}, shopifyfake.RefundLine{Line: 1, Quantity: 2}).Body())
		},
		"given up by the carrier": func(a *App, _ *shopifyfake.Order, f *shopifyfake.Fulfilment) {
			a.Send("fulfillment_events/create", f.Fail(a.Clock.Now()))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := riyadh(t)
			o, f := parcel(t, a)
			a.After(48 * time.Hour)
			refuse(a, o, f)
			a.After(3 * twoWeeks)
			a.WantMails(Ada, "Thank you")
			require.Contains(t, a.Reasons(Ada, "review_request"), "parcel_refused")
		})
	}
}

// Given up once, brought at the second try: the request goes after all.
func TestParcelArrivesAfterAll(t *testing.T) {
	t.Parallel()
	a := riyadh(t)
	_, f := parcel(t, a)
	a.After(24 * time.Hour)
	a.Send("fulfillment_events/create", f.Fail(a.Clock.Now()))
	a.After(24 * time.Hour)
	a.Send("fulfillment_events/create", f.Deliver(a.Clock.Now()))
	a.After(twoWeeks)
	a.WantMails(Ada, "Thank you", "What do you think")
}
