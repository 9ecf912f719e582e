package manage_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/fault"
	"flywheel/manage"
	"flywheel/store"
	"flywheel/store/storetest"
)

// orders adds so many of a new customer each, of an amount in whole euros.
func (d desk) orders(n int, amount int64) {
	d.t.Helper()
	for range n {
		p := storetest.Person(d.t, d.Store, d.shop)
		storetest.Order(d.t, d.Store, d.shop, p.ID, func(o *store.StoredOrder) {
			o.Detail.Total = commerce.Money{Amount: amount * 100, Currency: "EUR"}
			o.Reporting = commerce.Reporting{}
		})
	}
}

func (d desk) counts(def campaign.Definition, expression string) manage.Count {
	d.t.Helper()
	condition, err := campaign.Compile(expression)
	require.NoError(d.t, err)
	n, err := d.CountHolds(d.t.Context(), d.shop, def, condition)
	require.NoError(d.t, err)
	return n
}

// A small shop is counted whole, a larger one by a sample with its interval.
func TestACountIsExactOrHasAnInterval(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		def := playbook(t, "thank_you")
		require.Equal(t, manage.Count{About: manage.AboutOrders, Exact: true}, d.counts(def, "order.total > 50.0"))
		d.orders(6, 20)
		d.orders(4, 80)
		require.Equal(t, manage.Count{About: manage.AboutOrders, Sample: 10, Of: 10, About95: 4, Low: 4, High: 4, Exact: true}, d.counts(def, "order.total > 50.0"))
		require.EqualValues(t, 10, d.counts(def, "person.orders == 1 && !person.consent_marketing").About95, "what has to be loaded is")
		people := d.counts(playbook(t, "confirm_subscription"), `person.has_email`)
		require.Equal(t, []any{manage.AboutPersons, int64(10)}, []any{people.About, people.About95})
		_, err := d.CountHolds(t.Context(), "nobody", def, nil)
		require.True(t, fault.Is(err, fault.NotFound), "%v", err)
	})
}

func TestASampleIsCarriedOver(t *testing.T) {
	s := storetest.Open(t, "sqlite")
	d := desk{manage.Desk{Store: s}, t, storetest.Shop(t, s)}
	d.orders(450, 20)
	d.orders(150, 80)
	n := d.counts(playbook(t, "thank_you"), "order.total > 50.0")
	require.Equal(t, []int64{400, 600}, []int64{n.Sample, n.Of})
	require.False(t, n.Exact)
	require.LessOrEqual(t, n.Low, int64(150))
	require.GreaterOrEqual(t, n.High, int64(150))
	require.InDelta(t, 150, n.About95, 50)
	require.True(t, n.Low < n.About95 && n.About95 < n.High)
}

// Before anybody presses Go live it is said what that means and what refuses it.
func TestWhoIsAffected(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		d.save(playbook(t, "win_back"))
		a, err := d.Affects(t.Context(), d.shop, "win_back")
		require.NoError(t, err)
		require.True(t, a.Past, "people of before count")
		require.True(t, a.May, "%+v", a.Remarks)
		d.walk("win_back", 1, "help")
		d.save(playbook(t, "win_back"))
		a, err = d.Affects(t.Context(), d.shop, "win_back")
		require.NoError(t, err)
		require.EqualValues(t, 1, a.Inside)
		require.Len(t, a.Older, 1)

		d.live(playbook(t, "thank_you"))
		d.save(playbook(t, "thank_you", func(d *campaign.Definition) { d.Name = "thanks_too" }))
		a, err = d.Affects(t.Context(), d.shop, "thanks_too")
		require.NoError(t, err)
		require.Equal(t, []any{false, true}, []any{a.May, a.Force})
		require.Equal(t, campaign.CampaignID("thank_you"), a.Rivals[0].ID)
		require.True(t, fault.Is(d.Start(t.Context(), d.shop, "thanks_too", true, ""), fault.Invalid), "both take a reason")
		require.True(t, fault.Is(d.Start(t.Context(), d.shop, "thanks_too", false, "because"), fault.Conflict))
		require.NoError(t, d.Start(t.Context(), d.shop, "thanks_too", true, "one is for companies"))
		require.Equal(t, campaign.Live, d.state("thanks_too"))
		require.NoError(t, d.Pause(t.Context(), d.shop, "thanks_too"))
		require.NoError(t, d.Start(t.Context(), d.shop, "thanks_too", true, "again"), "one that is paused goes on")

		d.settings(func(s *commerce.Settings) { s.Owners = map[commerce.Job]commerce.Owner{commerce.JobWinBack: "Klaviyo"} })
		a, err = d.Affects(t.Context(), d.shop, "win_back")
		require.NoError(t, err)
		require.Equal(t, []any{false, false, commerce.Owner("Klaviyo")}, []any{a.May, a.Force, a.Owner})
		broken := playbook(t, "win_back", func(def *campaign.Definition) {
			for i := range def.Steps {
				def.Steps[i].Useful = min(def.Steps[i].Useful, campaign.Duration(time.Minute))
			}
		})
		d.save(broken)
		a, err = d.Affects(t.Context(), d.shop, "win_back")
		require.NoError(t, err)
		require.NotEmpty(t, a.Remarks)
	})
}

// Each playbook says what it lacks in the shop, and can be taken up once.
func TestPlaybooksAreTakenUp(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		all, err := d.Playbooks(t.Context(), d.shop)
		require.NoError(t, err)
		require.Len(t, all, 31)
		id, err := d.TakeUp(t.Context(), d.shop, "thank_you", manage.Note{By: "sara"})
		require.NoError(t, err)
		require.Equal(t, campaign.Draft, d.state(id))
		_, err = d.TakeUp(t.Context(), d.shop, "thank_you", manage.Note{})
		require.True(t, fault.Is(err, fault.Conflict), "%v", err)
		_, err = d.TakeUp(t.Context(), d.shop, "../secrets", manage.Note{})
		require.True(t, fault.Is(err, fault.NotFound), "%v", err)
		all, err = d.Playbooks(t.Context(), d.shop)
		require.NoError(t, err)
		taken := map[string]campaign.State{}
		for _, p := range all {
			taken[p.Definition.Name] = p.Taken
		}
		require.Equal(t, campaign.Draft, taken["thank_you"])
		require.Empty(t, taken["win_back"])
	})
}
