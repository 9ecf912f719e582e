package manage_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/lint"
	"flywheel/manage"
	"flywheel/store"
	"flywheel/store/storetest"
)

// livesIn has somebody live in a country.
func (d desk) livesIn(country string) commerce.PersonID {
	d.t.Helper()
	return storetest.Person(d.t, d.Store, d.shop, func(p *commerce.Person) { p.Country = country }).ID
}

// warned reports in which countries a yes to a campaign of news is said to wait for somebody who asks.
func (d desk) warned() string {
	d.t.Helper()
	saved := d.save(playbook(d.t, "new_product"))
	linted, err := d.Lint(d.t.Context(), d.shop, playbook(d.t, "new_product"))
	require.NoError(d.t, err)
	require.Equal(d.t, saved.Findings, linted)
	i := slices.IndexFunc(linted, func(f lint.Finding) bool { return f.Rule == "yes-unconfirmed" })
	if i < 0 {
		return ""
	}
	return linted[i].Texts["en"]
}

// Whoever saves a campaign of news hears that nobody asks those to confirm their
// yes who live where that is needed, until somebody does.
func TestNewsWhereNobodyAsksForASecondAct(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		d.settings(func(s *commerce.Settings) { s.PostalAddress = "Nour, Boston" })
		d.livesIn("GB")
		require.Empty(t, d.warned())
		d.livesIn("DE")
		require.Contains(t, d.warned(), "customers in DE,")
		require.NoError(t, d.GoLive(t.Context(), d.shop, "new_product", false), "elsewhere it is of use")
		require.Empty(t, d.save(playbook(t, "thank_you")).Findings, "thanks need no yes")
		id := d.live(playbook(t, "confirm_subscription"))
		require.Empty(t, d.warned())
		require.NoError(t, d.Pause(t.Context(), d.shop, id))
		require.NotEmpty(t, d.warned())
	})
}

// Where an order was sent counts, and where a customer says nothing the shop's own country.
func TestWhereCustomersAre(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		storetest.Order(t, d.Store, d.shop, d.livesIn("GB"), func(o *store.StoredOrder) { o.Detail.Country = "DE" })
		require.Contains(t, d.warned(), "customers in DE,")
	})
	each(t, func(t *testing.T, d desk) {
		require.Empty(t, d.warned(), "the shop is in Germany, and has no customers yet")
		d.livesIn("")
		require.Contains(t, d.warned(), "customers in DE,")
	})
}

// The campaign that asks looks through the shop's persons, each time it goes live,
// and also where one that is live becomes it.
func TestWhatAsksForASecondActLooksAtPersons(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		fanouts := func() (kinds []store.FanoutKind) {
			all, err := d.Store.ListFanouts(t.Context(), d.shop, 100)
			require.NoError(t, err)
			for _, f := range all {
				kinds = append(kinds, f.Kind)
			}
			return kinds
		}
		id := d.live(playbook(t, "confirm_subscription"))
		require.Equal(t, []store.FanoutKind{store.FanUnconfirmed}, fanouts())
		d.save(playbook(t, "confirm_subscription"))
		require.Len(t, fanouts(), 1, "it asked them")
		require.NoError(t, d.Pause(t.Context(), d.shop, id))
		d.later(time.Hour)
		require.NoError(t, d.Resume(t.Context(), d.shop, id, false))
		require.Equal(t, []store.FanoutKind{store.FanUnconfirmed, store.FanUnconfirmed}, fanouts())

		d.later(time.Hour)
		d.live(playbook(t, "trial_ending", func(def *campaign.Definition) { def.Name, def.Job = "other", "" }))
		require.Len(t, fanouts(), 2)
		d.save(playbook(t, "confirm_subscription", func(def *campaign.Definition) { def.Name = "other" }))
		require.Len(t, fanouts(), 3)
	})
}

// A trial goes with whom it shows.
func TestATrialEndsWithWhomItShows(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		d.save(playbook(t, "thank_you"))
		sara, _ := d.sale("#1001")
		fresh, err := d.SendTrial(t.Context(), d.shop, manage.Sample{Campaign: "thank_you"}, "")
		require.NoError(t, err)
		require.True(t, fresh)
		storetest.Do(t, d.Store, func(tx *store.Tx) error {
			_, err := tx.Erase(d.shop, store.Whom{Persons: []commerce.PersonID{sara.ID}})
			return err
		})
		due, err := d.Store.NoticesDue(t.Context())
		require.NoError(t, err)
		require.False(t, due)
	})
}

// Only the mail that asks for a yes to be confirmed says that somebody signed up.
func TestWhyAPreviewSaysItCame(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		d.sale("#1001")
		for _, base := range []string{"", "https://flywheel.example"} {
			for _, name := range []string{"thank_you", "confirm_subscription"} {
				d.save(playbook(t, name))
				got := d.looks(manage.Sample{Campaign: campaign.CampaignID(name), Lang: "en", BaseURL: base})
				if name == "thank_you" {
					require.NotContains(t, got.Message.Text, "signed up")
					continue
				}
				require.Contains(t, got.Message.Text, "somebody signed up with this address")
				require.NotContains(t, got.Message.Text, "1001")
			}
		}
	})
}
