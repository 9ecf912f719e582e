package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/apptest"
	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/integrations/shopify/shopifyfake"
)

// Staff read whom to call, by what number, and when on their own clock.
func TestTasksNameTheCustomer(t *testing.T) {
	a := apptest.WithShop(t)
	a.Live(apptest.Campaign(campaign.OnOrderPaid, apptest.Then(campaign.Step{
		ID: "call", Kind: campaign.CallTask, Useful: campaign.Duration(7 * 24 * time.Hour),
		Note: map[string]campaign.Note{"en": {Title: "Say thanks", Body: []string{"Thank them for {{ order.name }}."}}},
	})))
	a.Send("orders/paid", a.Order(1).For(shopifyfake.Customer{ID: 6001, Email: apptest.Ada, FirstName: "Ada", Phone: "+447700900123"}, "GB").Body())
	a.Send("orders/paid", a.Order(2).For(shopifyfake.Customer{ID: 6002, Email: "eve@example.com"}, "GB").Body())
	a.Wait()
	list := func(zone string) string {
		a.Shop.Timezone = zone
		return printed(t, func() {
			require.NoError(t, tasksListCommand{State: "open", Full: true}.list(t.Context(), a.App.Store, a.Shop))
		})
	}
	said := list("Asia/Riyadh")
	require.Contains(t, said, "DUE (Asia/Riyadh)")
	require.Regexp(t, `Wed 4 Mar 2026, 15:00  story\s+Ada( \w+)?\s+\+447700900123\s+Say thanks`, said)
	require.Contains(t, said, "Thank them for #1001.")
	require.Contains(t, list("Europe/London"), "Wed 4 Mar 2026, 12:00")

	require.Equal(t, "eve@example.com", called(commerce.Person{Email: "eve@example.com"}, "p1"))
	require.Equal(t, "p1", called(commerce.Person{}, "p1"), "an address may be unknown, as of somebody erased")
}
