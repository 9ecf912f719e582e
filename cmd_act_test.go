package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/apptest"
	"flywheel/delight/campaign"
	"flywheel/manage"
)

// reviewed is a shop in which Ada's parcel is on its way, and her walk to the review request.
func reviewed(t *testing.T) (*apptest.App, manage.Desk, campaign.EnrollmentID) {
	t.Helper()
	a := apptest.WithShop(t)
	o := a.Order(1)
	a.Send("orders/paid", o.Body())
	o.Fulfil(a.Clock.Now())
	a.Send("orders/fulfilled", o.Body())
	a.After(6 * 24 * time.Hour)
	desk := manage.Desk{Store: a.App.Store}
	id, err := desk.WalkOf(t.Context(), a.Shop.ID, "review_request", apptest.Ada, "")
	require.NoError(t, err)
	return a, desk, id
}

func TestSendNowNeedsNoWait(t *testing.T) {
	a, desk, id := reviewed(t)
	a.WantMails(apptest.Ada, "Thank you")
	require.NoError(t, desk.SendNow(t.Context(), a.Shop.ID, id))
	a.After(time.Minute)
	a.WantMails(apptest.Ada, "Thank you", "What do you think")
	a.After(30 * 24 * time.Hour)
	a.WantMails(apptest.Ada, "Thank you", "What do you think")
}

func TestWhatIsSkippedIsNotSent(t *testing.T) {
	a, desk, id := reviewed(t)
	step, err := desk.SkipNext(t.Context(), a.Shop.ID, id)
	require.NoError(t, err)
	require.Equal(t, "ask", step)
	a.After(30 * 24 * time.Hour)
	a.WantMails(apptest.Ada, "Thank you")
	require.Contains(t, told(t, a, asked{campaign: "review_request"}), "Somebody chose to leave out the step ask")
}

func TestWhoIsStoppedGetsNothing(t *testing.T) {
	a, desk, id := reviewed(t)
	require.NoError(t, desk.Stop(t.Context(), a.Shop.ID, id))
	a.After(30 * 24 * time.Hour)
	a.WantMails(apptest.Ada, "Thank you")
	require.Contains(t, told(t, a, asked{campaign: "review_request"}), "\nReview request for order #1001 is not coming: somebody stopped it.\n")
}

// Three weeks of pause end without a burst: what was due in them is left out.
func TestAfterAPauseNothingOldIsSent(t *testing.T) {
	a, desk, _ := reviewed(t)
	require.NoError(t, desk.Pause(t.Context(), a.Shop.ID, "review_request"))
	a.After(21 * 24 * time.Hour)
	require.Contains(t, told(t, a, asked{campaign: "review_request"}), "waits: this campaign is paused. It goes on when the campaign is resumed.\n")
	require.NoError(t, desk.Resume(t.Context(), a.Shop.ID, "review_request", false))
	a.After(24 * time.Hour)
	a.WantMails(apptest.Ada, "Thank you")
	require.Contains(t, told(t, a, asked{campaign: "review_request"}), "is not coming: its moment passed during a pause, and nobody gets old news afterwards.\n")
}

// A rehearsal plays for real orders and reaches the team alone, until Go live.
func TestARehearsalReachesTheTeam(t *testing.T) {
	a := apptest.WithShop(t)
	desk := manage.Desk{Store: a.App.Store}
	all, err := a.App.Store.ListCampaigns(t.Context(), a.Shop.ID)
	require.NoError(t, err)
	for _, c := range all {
		c.Name = "try"
		if c.ID == "thank_you" {
			_, err = desk.Save(t.Context(), a.Shop.ID, c.Definition, manage.Note{})
			require.NoError(t, err)
		}
	}
	require.NoError(t, desk.Rehearse(t.Context(), a.Shop.ID, "try"))
	a.Send("orders/paid", a.Order(1).Body())
	a.Wait()
	a.WantMails(apptest.Ada, "Thank you")
	a.WantMails("hello@nour.example", "Thank you")
	require.Contains(t, told(t, a, asked{campaign: "try"}), "\nMail sent on Mon 2 Mar 2026, 12:00, in a rehearsal and to the team only: Thank you (try) for order #1001.\n",
		"two campaigns of one title are told apart")
	figures, err := desk.Figures(t.Context(), a.Shop.ID, "try")
	require.NoError(t, err)
	require.Equal(t, int64(1), figures.Entered, "of a rehearsal, what the team saw")
	require.Equal(t, int64(1), figures.Steps[0].Sent)
	require.True(t, figures.Rehearsal)

	require.NoError(t, desk.GoLive(t.Context(), a.Shop.ID, "try", true))
	figures, err = desk.Figures(t.Context(), a.Shop.ID, "try")
	require.NoError(t, err)
	require.Zero(t, figures.Entered, "and of customers, customers alone")
	a.After(time.Hour)
	a.Send("orders/paid", a.Order(2).Body())
	a.Wait()
	a.WantMails(apptest.Ada, "Thank you", "Thank you", "Thank you")
	a.WantMails("hello@nour.example", "Thank you")
}
