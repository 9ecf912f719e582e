package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/apptest"
	"flywheel/delight/campaign"
	"flywheel/integrations/hook/hookfake"
	"flywheel/manage"
	"flywheel/templates"
)

// told is what `flywheel why` says of Ada.
func told(t *testing.T, a *apptest.App, about asked) string {
	t.Helper()
	person, err := a.App.Store.WhoIs(t.Context(), a.Shop.ID, apptest.Ada, "")
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, tell(t.Context(), &out, a.App.Store, a.Shop.ID, person, about))
	require.NotContains(t, out.String(), apptest.Ada)
	return out.String()
}

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
	said := told(t, a, asked{})
	for _, want := range []string{
		"times in Europe/London", "Mon 2 Mar 2026, 12:00", "#1001", "was paid", "Mail sent: Thank you", "had a refund",
		"Entered Review request for order", "It has ended since: everything was refunded  [refunded]",
		"\nMail sent on Mon 2 Mar 2026, 12:00: Thank you for order #1001.\n",
		"\nReview request for order #1001 is not coming: everything was refunded.\n",
	} {
		require.Contains(t, said, want)
	}
	said = told(t, a, asked{campaign: "review_request"})
	require.NotContains(t, said, "Thank you", "only what the campaign made of it")
	require.Contains(t, said, "#1001 was paid", "and what happened")
	require.True(t, strings.HasSuffix(said, "\n\nReview request for order #1001 is not coming: everything was refunded.\n"), said)
}

// A receiver that is away is named, with when it is tried again and until when.
func TestWhyTellsThatAReceiverIsAway(t *testing.T) {
	a := apptest.WithShop(t)
	a.Hook().Next(9, hookfake.Trouble{Code: 503})
	a.Live(apptest.Campaign(campaign.OnOrderPaid, apptest.Then(apptest.Post("tell"))))
	a.Send("orders/paid", a.Order(1).Body())
	a.Wait()
	require.Regexp(t, `waits: the receiver of the webhook has not taken it \(503 the receiver did not take it \(HTTP 503\)\)\. `+
		`It is tried again on Mon 2 Mar 2026, 12:01, until Mon 16 Mar 2026, 12:00 at the latest\.\n`, told(t, a, asked{campaign: "story"}))
}

// Whoever never got in has an answer too: by a condition, or since nothing began it.
func TestWhyTellsWhoWasKeptOut(t *testing.T) {
	a := apptest.WithShop(t)
	desk := manage.Desk{Store: a.App.Store}
	data, err := templates.Playbook("thank_you")
	require.NoError(t, err)
	d, err := campaign.Parse(data)
	require.NoError(t, err)
	d.Name, d.Title, d.Condition = "big", campaign.Texts{"en": "Thanks for a big order"}, `order.total > 100000.0`
	_, err = desk.Save(t.Context(), a.Shop.ID, d, manage.Note{})
	require.NoError(t, err)
	require.NoError(t, desk.GoLive(t.Context(), a.Shop.ID, "big", true))
	a.Send("orders/paid", a.Order(1).Body())
	a.Wait()
	require.Contains(t, told(t, a, asked{campaign: "big"}), "\nThanks for a big order for order #1001 never began: the campaign's condition does not fit "+
		"(it wants order.total > 100000.0, and order.total is 82.90).\n")
	require.Contains(t, told(t, a, asked{campaign: "review_request"}),
		"\nReview request has not begun: what starts it (Order delivered) has not happened to this customer since it went live.\n")

	person, err := a.App.Store.WhoIs(t.Context(), a.Shop.ID, apptest.Ada, "")
	require.NoError(t, err)
	require.ErrorContains(t, tell(t.Context(), &bytes.Buffer{}, a.App.Store, a.Shop.ID, person, asked{campaign: "points"}), "no campaign points")
}
