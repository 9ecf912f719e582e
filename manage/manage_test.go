package manage_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/fault"
	"flywheel/manage"
)

func TestVersionsAreKeptAndADraftMayHaveMistakes(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		d.settings(func(s *commerce.Settings) { s.Languages = []string{"en", "de"} })
		first := d.save(playbook(t, "thank_you"))
		require.Equal(t, 1, first.Version)
		require.Equal(t, campaign.Draft, first.State)
		require.NotEmpty(t, first.Findings, "there is no German text")

		second := d.save(playbook(t, "thank_you", func(def *campaign.Definition) { def.Priority = 90 }))
		require.Equal(t, 2, second.Version)
		versions, err := d.Store.Versions(t.Context(), d.shop, "thank_you")
		require.NoError(t, err)
		require.Equal(t, "sara", versions[0].By)
		require.Equal(t, "a try", versions[0].Note)
	})
}

func TestWhatCannotRunIsNotKept(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		for want, change := range map[string]func(*campaign.Definition){
			"trigger":   func(def *campaign.Definition) { def.Trigger.Kind = "full_moon" },
			"condition": func(def *campaign.Definition) { def.Condition = "order.totl > 3" },
			"step thanks": func(def *campaign.Definition) {
				e := def.Steps[0].Email["en"]
				e.Subject = "{% include 'thanks' %}"
				def.Steps[0].Email["en"] = e
			},
			"the name": func(def *campaign.Definition) { def.Name = "Thank You" },
		} {
			_, err := d.Save(t.Context(), d.shop, playbook(t, "thank_you", change), manage.Note{})
			require.True(t, fault.Is(err, fault.Invalid), "%s: %v", want, err)
			require.ErrorContains(t, err, want)
		}
		all, err := d.Store.ListCampaigns(t.Context(), d.shop)
		require.NoError(t, err)
		require.Empty(t, all)
	})
}

// What is saved into a live campaign reaches people at once, so it must be fit.
func TestALiveCampaignTakesOnlyWhatIsFit(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		d.live(playbook(t, "thank_you"))
		d.settings(func(s *commerce.Settings) { s.Languages = []string{"en", "de"} })
		_, err := d.Save(t.Context(), d.shop, playbook(t, "thank_you"), manage.Note{})
		require.ErrorContains(t, err, "cannot be live")
		require.ErrorContains(t, err, "paused it keeps any")
		require.True(t, fault.Is(err, fault.Invalid), "%v", err)
		c, err := d.Campaign(t.Context(), d.shop, "thank_you")
		require.NoError(t, err)
		require.Equal(t, 1, c.Version)
	})
}

// Whoever pauses to mend something may save half of it; only Resume wants it whole.
func TestAPausedCampaignKeepsWhatIsUnfinished(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		id := d.live(playbook(t, "thank_you"))
		require.NoError(t, d.Pause(t.Context(), d.shop, id))
		d.settings(func(s *commerce.Settings) { s.Languages = []string{"en", "de"} })
		saved := d.save(playbook(t, "thank_you"))
		require.Equal(t, 2, saved.Version)
		require.Equal(t, campaign.Paused, saved.State)
		require.NotEmpty(t, saved.Findings)
		err := d.Resume(t.Context(), d.shop, id, false)
		require.True(t, fault.Is(err, fault.Invalid), "%v", err)
		require.ErrorContains(t, err, "cannot be live yet")
		require.Equal(t, campaign.Paused, d.state(id))

		d.save(playbook(t, "thank_you", func(def *campaign.Definition) {
			def.Steps[0].Email["de"] = def.Steps[0].Email["en"]
		}))
		require.NoError(t, d.Resume(t.Context(), d.shop, id, false))
	})
}

// What settings change for campaigns that are live is said, and changes nothing by itself.
func TestWhatNoLongerFitsIsNamed(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		d.live(playbook(t, "thank_you"))
		d.live(playbook(t, "review_request"))
		d.save(playbook(t, "win_back"))
		misfits := func(change func(*commerce.Settings)) []manage.Misfit {
			d.settings(change)
			out, err := d.Misfits(t.Context(), d.shop)
			require.NoError(t, err)
			return out
		}
		require.Empty(t, misfits(func(*commerce.Settings) {}))
		out := misfits(func(s *commerce.Settings) { s.Owners = map[commerce.Job]commerce.Owner{commerce.JobReviewAsk: "Yotpo"} })
		require.Len(t, out, 1)
		require.Equal(t, campaign.CampaignID("review_request"), out[0].Campaign)
		require.Contains(t, out[0].Why, "Yotpo does review_ask")
		out = misfits(func(s *commerce.Settings) { s.Owners, s.Languages = nil, []string{"en", "de"} })
		require.Len(t, out, 2, "the draft does not count")
		require.Contains(t, out[0].Why, "[missing-translation]")
		require.NotContains(t, out[0].Why, "cannot be live yet", "it is")
		require.Equal(t, campaign.Live, d.state("review_request"))
	})
}

// Who asks for what is so, hears that it is.
func TestWhatIsSoAlready(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		id := d.live(playbook(t, "thank_you"))
		require.ErrorContains(t, d.Resume(t.Context(), d.shop, id, false), "it is live already")
		require.ErrorContains(t, d.GoLive(t.Context(), d.shop, id, false), "it is live already")
		require.NoError(t, d.Pause(t.Context(), d.shop, id))
		require.ErrorContains(t, d.Pause(t.Context(), d.shop, id), "it is paused already")
		require.ErrorContains(t, d.GoLive(t.Context(), d.shop, id, false), "resume it")
	})
}

// Each move is possible from some states and refused from the others, with what to do instead.
func TestStates(t *testing.T) {
	type act func(d desk, id campaign.CampaignID) error
	acts := map[string]act{
		"go live":     func(d desk, id campaign.CampaignID) error { return d.GoLive(d.t.Context(), d.shop, id, false) },
		"rehearse":    func(d desk, id campaign.CampaignID) error { return d.Rehearse(d.t.Context(), d.shop, id) },
		"be paused":   func(d desk, id campaign.CampaignID) error { return d.Pause(d.t.Context(), d.shop, id) },
		"be resumed":  func(d desk, id campaign.CampaignID) error { return d.Resume(d.t.Context(), d.shop, id, false) },
		"be archived": func(d desk, id campaign.CampaignID) error { return d.Archive(d.t.Context(), d.shop, id) },
	}
	may := map[campaign.State]map[string]campaign.State{
		campaign.Draft:     {"go live": campaign.Live, "rehearse": campaign.Rehearsal, "be archived": campaign.Archived},
		campaign.Rehearsal: {"go live": campaign.Live, "be paused": campaign.Draft, "be archived": campaign.Archived},
		campaign.Live:      {"be paused": campaign.Paused},
		campaign.Paused:    {"be resumed": campaign.Live, "be archived": campaign.Archived},
		campaign.Archived:  {"go live": campaign.Live},
	}
	each(t, func(t *testing.T, d desk) {
		d.save(playbook(t, "thank_you"))
		for from, allowed := range may {
			for name, do := range acts {
				require.NoError(t, d.Store.SetCampaignState(t.Context(), d.shop, "thank_you", from, ""))
				err := do(d, "thank_you")
				if to, ok := allowed[name]; ok {
					require.NoError(t, err, "%s from %s", name, from)
					require.Equal(t, to, d.state("thank_you"), "%s from %s", name, from)
					continue
				}
				require.True(t, fault.Is(err, fault.Conflict), "%s from %s: %v", name, from, err)
				require.ErrorContains(t, err, "cannot "+name)
				require.Equal(t, from, d.state("thank_you"), "%s from %s", name, from)
			}
		}
		for name, do := range acts {
			require.True(t, fault.Is(do(d, "nothing"), fault.NotFound), name)
		}
	})
}

func TestGoLiveSaysWhatIsInTheWay(t *testing.T) {
	webhook := campaign.Step{ID: "tell", Kind: campaign.Webhook, Hook: "crm", Useful: campaign.Duration(3600e9)}
	each(t, func(t *testing.T, d desk) {
		d.save(playbook(t, "cross_sell", func(def *campaign.Definition) { def.Steps = append(def.Steps, webhook) }))
		d.settings(func(s *commerce.Settings) { s.PostalAddress, s.Languages = "", []string{"en", "de"} })
		err := d.GoLive(t.Context(), d.shop, "cross_sell", true)
		for _, want := range []string{"[no-postal-address]", "endpoint crm", "[endpoint_gone]", "de"} {
			require.ErrorContains(t, err, want)
		}
		require.Equal(t, campaign.Draft, d.state("cross_sell"))

		d.settings(func(s *commerce.Settings) { s.PostalAddress, s.Languages = "1 Harbour Road", nil })
		require.NoError(t, d.Store.AddEndpoint(t.Context(), d.shop, "crm", "https://crm.example/in", "whsec_x"))
		require.NoError(t, d.Store.DisableEndpoint(t.Context(), d.shop, "crm", true))
		require.ErrorContains(t, d.GoLive(t.Context(), d.shop, "cross_sell", false), "[endpoint_gone]")
		require.NoError(t, d.Store.DisableEndpoint(t.Context(), d.shop, "crm", false))
		require.NoError(t, d.GoLive(t.Context(), d.shop, "cross_sell", false))
	})
}

func TestWhoDoesWhat(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		d.save(playbook(t, "review_request"))
		for owner, want := range map[commerce.Owner]string{"Yotpo": "Yotpo does review_ask", commerce.OwnerNobody: "nobody does review_ask"} {
			d.settings(func(s *commerce.Settings) { s.Owners = map[commerce.Job]commerce.Owner{commerce.JobReviewAsk: owner} })
			err := d.GoLive(t.Context(), d.shop, "review_request", true)
			require.True(t, fault.Is(err, fault.Conflict), "%v", err)
			require.ErrorContains(t, err, want)
			require.ErrorContains(t, err, "[other_tool]")
			require.ErrorContains(t, err, "owners.review_ask: flywheel")
		}
		d.settings(func(s *commerce.Settings) {
			s.Owners = map[commerce.Job]commerce.Owner{commerce.JobReviewAsk: commerce.OwnerFlywheel}
		})
		require.NoError(t, d.GoLive(t.Context(), d.shop, "review_request", false))
	})
}

// Two live campaigns for one job would say the same twice, unless what starts
// them never happens to the same order.
func TestOneJobIsDoneOnce(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		d.live(playbook(t, "thank_you"))
		d.save(playbook(t, "thank_you", func(def *campaign.Definition) { def.Name = "thank_again" }))
		err := d.GoLive(t.Context(), d.shop, "thank_again", false)
		require.True(t, fault.Is(err, fault.Conflict), "%v", err)
		require.ErrorContains(t, err, "thank_you is live and does thanks already")
		require.NoError(t, d.GoLive(t.Context(), d.shop, "thank_again", true), "forced")
		require.NoError(t, d.Pause(t.Context(), d.shop, "thank_again"))
		require.True(t, fault.Is(d.Resume(t.Context(), d.shop, "thank_again", false), fault.Conflict))
		require.NoError(t, d.Resume(t.Context(), d.shop, "thank_again", true), "forced")
		_, err = d.Save(t.Context(), d.shop, playbook(t, "thank_you", func(def *campaign.Definition) { def.Name = "thank_again" }), manage.Note{})
		require.NoError(t, err, "they were allowed to be two")
		d.live(playbook(t, "delivery_check_in", func(def *campaign.Definition) { def.Name = "another" }))
		_, err = d.Save(t.Context(), d.shop, playbook(t, "thank_you", func(def *campaign.Definition) { def.Name = "another" }), manage.Note{})
		require.True(t, fault.Is(err, fault.Conflict), "a version may not take a job that is taken: %v", err)

		d.live(playbook(t, "refund_care"))
		d.live(playbook(t, "refund_care_partial"))
		d.live(playbook(t, "delivery_check_in"))
	})
}

// Who bought before may lapse after Go live: they enter by a fan-out, and once
// more after a pause. A campaign that an event starts needs none.
func TestAClocksCampaignLooksAtPastBuyers(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		fanouts := func() int {
			all, err := d.Store.ListFanouts(t.Context(), d.shop, 100)
			require.NoError(t, err)
			return len(all)
		}
		d.live(playbook(t, "thank_you"))
		require.Zero(t, fanouts())
		require.NoError(t, d.Store.SetCampaignState(t.Context(), d.shop, "thank_you", campaign.Paused, gate.Fuse))
		d.save(playbook(t, "win_back"))
		require.NoError(t, d.Rehearse(t.Context(), d.shop, "win_back"))
		require.Zero(t, fanouts(), "the team does not want a mail for each past buyer")
		require.NoError(t, d.GoLive(t.Context(), d.shop, "win_back", false))
		require.Equal(t, 1, fanouts())
		require.NoError(t, d.Pause(t.Context(), d.shop, "win_back"))
		d.later(3 * week)
		require.NoError(t, d.Resume(t.Context(), d.shop, "win_back", false))
		require.Equal(t, 2, fanouts())
		d.save(playbook(t, "win_back"))
		require.Equal(t, 2, fanouts(), "the same moment for the same people")
		d.later(week)
		d.save(playbook(t, "win_back", func(def *campaign.Definition) { def.Trigger.After = campaign.Duration(8 * week) }))
		require.Equal(t, 3, fanouts(), "another moment")
		c, err := d.Campaign(t.Context(), d.shop, "win_back")
		require.NoError(t, err)
		require.Equal(t, d.Store.Now().Add(-week), c.LiveAt, "what happened in the pause enrolls nobody")
	})
}
