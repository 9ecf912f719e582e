package manage_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/manage"
	"flywheel/store"
	"flywheel/store/storetest"
	"flywheel/templates"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// desk is a shop with somebody at its desk.
type desk struct {
	manage.Desk
	t    *testing.T
	shop commerce.ShopID
}

// each tells a story on both engines, each with a shop of its own.
func each(t *testing.T, story func(t *testing.T, d desk)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		shop := storetest.Shop(t, s, func(s *commerce.Shop) { s.Settings.PostalAddress = "1 Harbour Road, London" })
		story(t, desk{manage.Desk{Store: s}, t, shop})
	})
}

// playbook reads one, changed.
func playbook(t testing.TB, name string, change ...func(*campaign.Definition)) campaign.Definition {
	t.Helper()
	data, err := templates.Playbook(name)
	require.NoError(t, err)
	d, err := campaign.Parse(data)
	require.NoError(t, err)
	for _, c := range change {
		c(&d)
	}
	return d
}

// save keeps a definition that must be good enough.
func (d desk) save(def campaign.Definition) manage.Saved {
	d.t.Helper()
	saved, err := d.Save(d.t.Context(), d.shop, def, manage.Note{By: "sara", Why: "a try"})
	require.NoError(d.t, err)
	return saved
}

// live saves a definition and goes live with it.
func (d desk) live(def campaign.Definition) campaign.CampaignID {
	d.t.Helper()
	d.save(def)
	id := campaign.CampaignID(def.Name)
	require.NoError(d.t, d.GoLive(d.t.Context(), d.shop, id, false))
	return id
}

func (d desk) state(id campaign.CampaignID) campaign.State {
	d.t.Helper()
	c, err := d.Campaign(d.t.Context(), d.shop, id)
	require.NoError(d.t, err)
	return c.State
}

// settings changes the shop's choices.
func (d desk) settings(change func(*commerce.Settings)) {
	d.t.Helper()
	shop, err := d.Store.Shop(d.t.Context(), d.shop)
	require.NoError(d.t, err)
	change(&shop.Settings)
	require.NoError(d.t, manage.SaveSettings(d.t.Context(), d.Store, d.shop, shop.Settings))
}

// walk enrolls a new buyer in a campaign at a place.
func (d desk) walk(id campaign.CampaignID, version int, step string, change ...func(*campaign.Enrollment)) campaign.Enrollment {
	d.t.Helper()
	o := storetest.Order(d.t, d.Store, d.shop, storetest.Person(d.t, d.Store, d.shop).ID)
	return storetest.Enroll(d.t, d.Store, d.shop, o, append([]func(*campaign.Enrollment){func(e *campaign.Enrollment) {
		e.Campaign, e.Version, e.Position = id, version, campaign.Position{StepID: step, Anchor: d.Store.Now()}
	}}, change...)...)
}

const week = 7 * 24 * time.Hour

// later lets business time pass.
func (d desk) later(by time.Duration) { storetest.ClockOf(d.Store).Advance(by) }
