package apptest

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/fault"
	"flywheel/integrations/mail/mailfake"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/store"
)

// twoMails is a campaign with a mail now and one three days later.
func twoMails(first, second string) campaign.Definition {
	return Campaign(campaign.OnOrderPaid, Then(Mail("one", first), Pause("between", 3*Day), Mail("two", second)))
}

// bo is a second customer, by number.
func bo(i int) shopifyfake.Customer {
	return shopifyfake.Customer{ID: int64(6100 + i), Email: boAt(i), FirstName: "Bo"}
}

func boAt(i int) string { return fmt.Sprintf("bo%d@example.com", i) }

// People who are under way finish the version they entered; who comes later
// gets the new one.
func TestWhoWaitsFinishesTheirVersion(t *testing.T) {
	Plain(t, func(t *testing.T, a *App) {
		a.Live(twoMails("Old one", "Old two"))
		sold(a, 1)
		a.After(Day)
		a.Save(twoMails("New one", "New two"))
		a.Send("orders/paid", a.Order(2).For(bo(1), "GB").Body())
		a.After(4 * Day)
		a.WantMails(Ada, "Old one", "Old two")
		a.WantMails(boAt(1), "New one", "New two")
	})
}

// Moved by choice: the preview says who, the step ids that both versions share
// carry them over, and nobody gets a step twice.
func TestWhoWaitsIsMovedByChoice(t *testing.T) {
	Plain(t, func(t *testing.T, a *App) {
		a.Live(twoMails("Old one", "Old two"))
		sold(a, 1)
		a.After(Day)
		a.Save(twoMails("New one", "New two"))
		version, waiting, err := a.Desk().Preview(a.Ctx, a.Shop.ID, "story")
		require.NoError(t, err)
		require.Equal(t, 2, version)
		require.Len(t, waiting, 1)
		require.EqualValues(t, 1, waiting[0].Count)
		moved, err := a.Desk().Move(a.Ctx, a.Shop.ID, "story")
		require.NoError(t, err)
		require.Equal(t, store.Moved{Moved: 1}, moved)
		a.After(4 * Day)
		a.WantMails(Ada, "Old one", "New two")
	})
}

// Three weeks of pause: what was due in them is old news, what comes after is
// not, and orders of the pause enroll nobody.
func TestResumeAfterThreeWeeksSendsNoBurst(t *testing.T) {
	Plain(t, func(t *testing.T, a *App) {
		second := Mail("two", "Two")
		second.Useful = campaign.Duration(60 * Day) // it is the pause that counts, not its use
		third := Mail("three", "Three")
		a.Live(Campaign(campaign.OnOrderPaid, Then(Mail("one", "One"), Pause("a", 3*Day), second, Pause("b", 27*Day), third)))
		for i := range 5 {
			a.Send("orders/paid", a.Order(int64(i+1)).For(bo(i), "GB").Body())
		}
		a.After(Day)
		require.NoError(t, a.Desk().Pause(a.Ctx, a.Shop.ID, "story"))
		a.After(10 * Day)
		sold(a, 9)
		a.After(11 * Day)
		a.WantMails(Ada)
		before := len(a.Mail.Mails())
		require.NoError(t, a.Desk().Resume(a.Ctx, a.Shop.ID, "story", false))
		a.After(Day)
		require.Len(t, a.Mail.Mails(), before, "no burst")
		require.Contains(t, a.Reasons(boAt(0), "story"), "missed_in_pause")
		a.Send("orders/updated", a.Order(9).Body()) // told again, it happened before all the same
		a.After(8 * Day)
		a.WantMails(Ada)
		for i := range 5 {
			a.WantMails(boAt(i), "One", "Three")
		}
		a.Send("orders/paid", a.Order(10).For(bo(10), "GB").Body())
		a.Wait()
		a.WantMails(boAt(10), "One")
	})
}

// A short pause only delays.
func TestResumeAfterAnHour(t *testing.T) {
	Plain(t, func(t *testing.T, a *App) {
		a.Live(twoMails("One", "Two"))
		sold(a, 1)
		a.After(3*Day - time.Minute)
		require.NoError(t, a.Desk().Pause(a.Ctx, a.Shop.ID, "story"))
		a.After(time.Hour)
		a.WantMails(Ada, "One")
		require.Contains(t, a.Reasons(Ada, "story"), "campaign_paused")
		require.NoError(t, a.Desk().Resume(a.Ctx, a.Shop.ID, "story", false))
		a.Wait()
		a.WantMails(Ada, "One", "Two")
	})
}

// A rehearsal plays real orders to the team alone, marked; whoever was in it
// gets the real thing once it is live, for what happens then.
func TestRehearsal(t *testing.T) {
	Plain(t, func(t *testing.T, a *App) {
		crm := a.Hook()
		a.Settings(func(s *commerce.Settings) { s.Team = []string{team} })
		d := twoMails("One", "Two")
		d.Steps = append(d.Steps, Post("post"), campaign.Step{
			ID: "call", Kind: campaign.CallTask, Useful: campaign.Duration(7 * Day),
			Note: map[string]campaign.Note{"en": {Title: "Call {{ person.name }}", Body: []string{"Thank them."}}},
		})
		a.Save(d)
		require.NoError(t, a.Desk().Rehearse(a.Ctx, a.Shop.ID, "story"))
		o := a.Order(1)
		o.Customer.Phone = "+447700900123"
		a.Send("orders/paid", o.Body())
		a.After(time.Hour)
		a.WantMails(Ada)
		require.Contains(t, a.WantMails(team, "One")[0].Subject, "Rehearsal")
		require.Contains(t, a.Mails(team)[0].Subject, Ada)
		require.NotContains(t, a.Mails(team)[0].Text, "/u/", "no link of the customer's is handed out")

		a.After(4 * Day)
		require.Len(t, a.Mails(team), 3, "the second mail, and the call as a mail")
		require.Empty(t, a.Tasks(store.TaskOpen))
		require.Empty(t, crm.Deliveries())

		a.Send("orders/paid", a.Order(2).For(bo(1), "GB").Body()) // in the middle of the rehearsal
		a.Wait()
		require.NoError(t, a.Desk().GoLive(a.Ctx, a.Shop.ID, "story", false))
		a.After(time.Hour)
		rehearsed := len(a.Mails(team))
		sold(a, 3)
		a.After(5 * Day)
		a.WantMails(Ada, "One", "Two")
		a.WantMails(boAt(1))
		require.Len(t, a.Mails(team), rehearsed, "the rehearsal is over")
		require.Len(t, crm.Deliveries(), 1)
	})
}

// An archived campaign is out of the way: nobody enters, nobody in it gets more.
func TestArchive(t *testing.T) {
	Plain(t, func(t *testing.T, a *App) {
		a.Live(twoMails("One", "Two"))
		sold(a, 1)
		a.Wait()
		require.True(t, fault.Is(a.Desk().Archive(a.Ctx, a.Shop.ID, "story"), fault.Conflict), "a live one is paused first")
		require.NoError(t, a.Desk().Pause(a.Ctx, a.Shop.ID, "story"))
		require.NoError(t, a.Desk().Archive(a.Ctx, a.Shop.ID, "story"))
		a.Send("orders/paid", a.Order(2).For(bo(1), "GB").Body())
		a.After(30 * Day)
		a.WantMails(Ada, "One")
		require.Empty(t, a.Mails(boAt(1)))
		require.Equal(t, "expired", a.Walk("story").Reason)
	})
}

// What somebody does by hand about one person.
func TestActOnOnePerson(t *testing.T) {
	for name, c := range map[string]struct {
		act    func(a *App, id campaign.EnrollmentID) error
		now    []string
		later  []string
		reason string
	}{
		"stop":     {func(a *App, id campaign.EnrollmentID) error { return a.Desk().Stop(a.Ctx, a.Shop.ID, id) }, []string{"One"}, []string{"One"}, "stopped_by_hand"},
		"send now": {func(a *App, id campaign.EnrollmentID) error { return a.Desk().SendNow(a.Ctx, a.Shop.ID, id) }, []string{"One", "Two"}, []string{"One", "Two", "Three"}, "complete"},
		"skip": {func(a *App, id campaign.EnrollmentID) error {
			_, err := a.Desk().SkipNext(a.Ctx, a.Shop.ID, id)
			return err
		}, []string{"One"}, []string{"One", "Three"}, "complete"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			Plain(t, func(t *testing.T, a *App) {
				d := twoMails("One", "Two")
				d.Steps = append(d.Steps, Pause("more", 8*Day), Mail("three", "Three"))
				a.Live(d)
				sold(a, 1)
				a.After(Day)
				require.NoError(t, c.act(a, a.Walk("story").ID))
				a.Wait()
				a.WantMails(Ada, c.now...)
				a.After(20 * Day)
				a.WantMails(Ada, c.later...)
				require.Equal(t, c.reason, a.Walk("story").Reason)
			})
		})
	}
}

// Send now is no way around the gate.
func TestSendNowAsksTheGate(t *testing.T) {
	Plain(t, func(t *testing.T, a *App) {
		a.Live(twoMails("One", "Two"))
		o := sold(a, 1)
		a.After(Day)
		a.Send("disputes/create", o.Dispute("needs_response", a.Clock.Now(), time.Time{}))
		a.Wait()
		require.NoError(t, a.Desk().SendNow(a.Ctx, a.Shop.ID, a.Walk("story").ID))
		a.After(Day)
		a.WantMails(Ada, "One")
		require.Contains(t, a.Reasons(Ada, "story"), "dispute_open")
		a.Send("disputes/update", o.Dispute("won", a.Clock.Now().Add(-Day), a.Clock.Now()))
		a.Wait()
		a.WantMails(Ada, "One", "Two")
	})
}

// A mail whose outcome nobody knows is sent again by hand, under the same id.
func TestResendOfAnUnknown(t *testing.T) {
	Plain(t, func(t *testing.T, a *App) {
		a.Live(Campaign(campaign.OnOrderPaid))
		a.times(1, mailfake.Trouble{At: "dot"})
		sold(a, 1)
		a.Wait()
		a.WantMails(Ada)
		id := a.effectID()
		require.NoError(t, a.App.Store.Resend(a.Ctx, a.Shop.ID, store.EffectID(id)))
		a.Wait()
		require.Equal(t, id, a.WantMails(Ada, "It happened")[0].Get("X-Flywheel-ID"))
		require.Equal(t, 1, a.Count(`SELECT COUNT(*) FROM effects`))
	})
}
