package main

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/apptest"
)

func TestWhyTellsWhatHappenedAndWhyNot(t *testing.T) {
	a := apptest.WithShop(t)
	o := a.Order(1)
	a.Send("orders/paid", o.Body())
	o.Fulfil(a.Clock.Now())
	a.Send("orders/fulfilled", o.Body())
	a.After(24 * time.Hour)
	a.Send("refunds/create", o.Refund(a.Clock.Now(), o.Total()).Body())
	a.Send("orders/updated", o.Body())
	a.Wait()
	person, err := a.App.Store.WhoIs(t.Context(), a.Shop.ID, "ada@example.com", "")
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, tell(t.Context(), &out, a.App.Store, a.Shop.ID, person))
	for _, want := range []string{
		"times in Europe/London", "Mon 2 Mar 2026, 12:00", "#1001", "was paid", "Mail sent: Thank you", "had a refund",
		"Entered Review request for order", "It has ended since: everything was refunded  [refunded]",
	} {
		require.Contains(t, out.String(), want)
	}
	require.NotContains(t, out.String(), "ada@example.com")
}
