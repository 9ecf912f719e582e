package manage_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/fault"
	"flywheel/manage"
	"flywheel/store"
)

func shopFor(*rapid.T) commerce.Shop {
	return commerce.Shop{Locale: "en", Currency: "EUR", Country: "DE"}
}

func titled(title string) func(*campaign.Definition) error {
	return func(d *campaign.Definition) error {
		d.Title["en"] = title
		return nil
	}
}

// A draft begins from the version that counts, and only saving it makes another.
func TestADraftBecomesAVersion(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		id := d.live(playbook(t, "thank_you"))
		seen, err := d.Draft(t.Context(), d.shop, id)
		require.NoError(t, err)
		require.Zero(t, seen.Lock)
		_, err = d.Publish(t.Context(), d.shop, id, 0, false, manage.Note{})
		require.True(t, fault.Is(err, fault.Conflict), "%v", err)

		same, err := d.Edit(t.Context(), d.shop, id, 0, "sara", "head", func(*campaign.Definition) error { return nil })
		require.NoError(t, err)
		require.Zero(t, same.Lock, "who changes nothing begins nothing")
		edited, err := d.Edit(t.Context(), d.shop, id, 0, "sara", "head", titled("Many thanks"))
		require.NoError(t, err)
		require.True(t, edited.Changed)
		c, err := d.Campaign(t.Context(), d.shop, id)
		require.NoError(t, err)
		require.NotEqual(t, "Many thanks", c.Title["en"], "customers get what was saved")

		_, err = d.Edit(t.Context(), d.shop, id, 0, "ali", "head", titled("late"))
		require.ErrorIs(t, err, store.ErrDraftMoved)
		_, err = d.Edit(t.Context(), d.shop, id, 0, "ali", "remove", func(d *campaign.Definition) error { return manage.Remove(d, "gone") })
		require.ErrorIs(t, err, store.ErrDraftMoved, "what the other did comes before what it makes impossible")
		_, err = d.Edit(t.Context(), d.shop, id, edited.Lock, "sara", "head", func(d *campaign.Definition) error {
			d.Steps = nil
			return fault.New(fault.Invalid, "no")
		})
		require.True(t, fault.Is(err, fault.Invalid))
		stands, err := d.Draft(t.Context(), d.shop, id)
		require.NoError(t, err)
		require.Equal(t, edited.Lock, stands.Lock, "what fails keeps nothing")
		require.NotEmpty(t, stands.Definition.Steps)

		require.NoError(t, d.Undo(t.Context(), d.shop, id, edited.Lock, "sara"))
		back, err := d.Draft(t.Context(), d.shop, id)
		require.NoError(t, err)
		require.False(t, back.Changed)
		require.NoError(t, d.Redo(t.Context(), d.shop, id, back.Lock, "sara"))
		again, err := d.Draft(t.Context(), d.shop, id)
		require.NoError(t, err)
		saved, err := d.Publish(t.Context(), d.shop, id, again.Lock, false, manage.Note{By: "sara", Why: "warmer"})
		require.NoError(t, err)
		require.Equal(t, 2, saved.Version)
		gone, err := d.Draft(t.Context(), d.shop, id)
		require.NoError(t, err)
		require.Zero(t, gone.Lock)
		require.Equal(t, "Many thanks", gone.Definition.Title["en"])
	})
}

// A version that somebody saved beside a draft is not overwritten by accident.
func TestAVersionBesideADraftIsSeen(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		d.save(playbook(t, "thank_you"))
		edited, err := d.Edit(t.Context(), d.shop, "thank_you", 0, "sara", "head", titled("Many thanks"))
		require.NoError(t, err)
		d.save(playbook(t, "thank_you", func(d *campaign.Definition) { d.Priority = 7 }))
		seen, err := d.Draft(t.Context(), d.shop, "thank_you")
		require.NoError(t, err)
		require.True(t, seen.Newer())
		_, err = d.Publish(t.Context(), d.shop, "thank_you", edited.Lock, false, manage.Note{})
		require.True(t, fault.Is(err, fault.Conflict), "%v", err)
		require.ErrorContains(t, err, "version 2 was saved")
		saved, err := d.Publish(t.Context(), d.shop, "thank_you", edited.Lock, true, manage.Note{})
		require.NoError(t, err)
		require.Equal(t, 3, saved.Version)

		back, err := d.GoBack(t.Context(), d.shop, "thank_you", 2, manage.Note{})
		require.NoError(t, err)
		require.Equal(t, 4, back.Version)
		c, err := d.Campaign(t.Context(), d.shop, "thank_you")
		require.NoError(t, err)
		require.Equal(t, 7, c.Priority)
		_, err = d.GoBack(t.Context(), d.shop, "thank_you", 4, manage.Note{})
		require.True(t, fault.Is(err, fault.Conflict), "%v", err)
		_, err = d.GoBack(t.Context(), d.shop, "thank_you", 99, manage.Note{})
		require.True(t, fault.Is(err, fault.NotFound), "%v", err)
		_, err = d.Rename(t.Context(), d.shop, "thank_you", "fa", "سپاس", manage.Note{})
		require.NoError(t, err)
		c, err = d.Campaign(t.Context(), d.shop, "thank_you")
		require.NoError(t, err)
		require.Equal(t, "سپاس", c.Title["fa"])
	})
}

// What is wrong with a draft is said on the step it concerns, in three languages.
func TestADraftIsInspected(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		shop, err := d.Store.Shop(t.Context(), d.shop)
		require.NoError(t, err)
		find := func(change func(*campaign.Definition)) []manage.Remark {
			t.Helper()
			found, err := d.Inspect(t.Context(), shop, playbook(t, "review_request", change))
			require.NoError(t, err)
			return found
		}
		add := func(s campaign.Step) func(*campaign.Definition) {
			return func(d *campaign.Definition) { d.Steps = append(d.Steps, s) }
		}
		for name, one := range map[string]struct {
			change           func(*campaign.Definition)
			step, place, key string
		}{
			"waits for nothing":  {add(campaign.Step{ID: "x", Kind: campaign.Wait}), "x", "for", "nothing"},
			"no text":            {add(campaign.Step{ID: "x", Kind: campaign.SendEmail, Useful: 1e12}), "x", "", "no_text"},
			"no useful":          {add(campaign.Step{ID: "x", Kind: campaign.NotifyTeam}), "x", "useful", "needs"},
			"no condition":       {add(campaign.Step{ID: "x", Kind: campaign.If}), "x", "condition", "needs"},
			"no hook":            {add(campaign.Step{ID: "x", Kind: campaign.Webhook, Useful: 1e12}), "x", "hook", "needs"},
			"unknown hook":       {add(campaign.Step{ID: "x", Kind: campaign.Webhook, Useful: 1e12, Hook: "erp"}), "x", "hook", "no_hook"},
			"no tags":            {add(campaign.Step{ID: "x", Kind: campaign.TagCustomer, Useful: 1e12}), "x", "add", "needs"},
			"no event":           {add(campaign.Step{ID: "x", Kind: campaign.WaitForEvent, Timeout: 1e12}), "x", "event", "needs"},
			"no arms":            {add(campaign.Step{ID: "x", Kind: campaign.Split}), "x", "arms", "needs"},
			"no trigger's after": {func(d *campaign.Definition) { d.Trigger = campaign.Trigger{Kind: campaign.OnLapsed} }, "", "trigger.after", "needs"},
			"no steps":           {func(d *campaign.Definition) { d.Steps = nil }, "", "", "no_steps"},
			"bad Liquid": {func(d *campaign.Definition) {
				e := d.Steps[1].Email["en"]
				e.Subject = "{{ order."
				d.Steps[1].Email["en"] = e
			}, "ask", "email.en", "text"},
		} {
			found := find(one.change)
			require.Contains(t, summaries(found), summary{one.step, one.place, one.key, manage.Wrong}, "%s: %+v", name, found)
		}
		row := find(func(d *campaign.Definition) {
			d.Condition, d.Rows = "", []campaign.Row{{Field: "order.source", Op: "contains"}}
		})
		require.Len(t, row, 1+len(find(func(*campaign.Definition) {})), "it is said once")
		require.Equal(t, []any{"condition", 1}, []any{row[0].Place, row[0].Line})
		require.NotEmpty(t, row[0].Texts["fa"])
		cel := find(func(d *campaign.Definition) { d.Condition = "order.totl > 1" })
		require.Equal(t, 1, cel[0].Line)
		require.Positive(t, cel[0].Column)
		require.Contains(t, cel[0].Excerpt, "^")
	})
}

type summary struct {
	step, place, key string
	level            manage.Level
}

// summaries are what remarks are about; a hook that nobody has refuses only to go live.
func summaries(all []manage.Remark) (out []summary) {
	for _, r := range all {
		if r.Key == "no_hook" {
			r.Level = manage.Wrong
		}
		out = append(out, summary{r.Step, r.Place, r.Key, r.Level})
	}
	return out
}

// The linter's findings stand on the step they are about.
func TestFindingsStandOnTheirStep(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		shop, err := d.Store.Shop(t.Context(), d.shop)
		require.NoError(t, err)
		found, err := d.Inspect(t.Context(), shop, playbook(t, "review_request", func(d *campaign.Definition) {
			e := d.Steps[1].Email["en"]
			e.Subject = "Hello {{ order.nonsense }}"
			d.Steps[1].Email["en"] = e
			d.Steps = []campaign.Step{{ID: "fork", Kind: campaign.If, Condition: "order.total > 1.0", Then: d.Steps}}
		}))
		require.NoError(t, err)
		var places []string
		for _, r := range found {
			if r.Code == "unknown-variable" {
				places = append(places, r.Step+" "+r.Place)
			}
		}
		require.Equal(t, []string{"ask email.en.subject"}, places)
	})
}
