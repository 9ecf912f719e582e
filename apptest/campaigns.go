package apptest

import (
	"bytes"
	"hash/fnv"
	"io"
	"net/http"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/integrations/api"
	"flywheel/manage"
	"flywheel/store"
	"flywheel/store/storetest"
)

// Day is a day of business time.
const Day = 24 * time.Hour

// Plain tells a story in the usual shop with no campaign live: what is not of
// the story does not write to anybody. It is told on one engine, by its name;
// that both do what the rules rest on is the matter of the store's own suite.
func Plain(t *testing.T, story func(t *testing.T, a *App), options ...Option) {
	t.Helper()
	t.Run(EngineOf(t.Name()), func(t *testing.T) {
		t.Parallel()
		story(t, WithShop(t, append([]Option{On(t, EngineOf(path.Dir(t.Name())))}, options...)...).Silent())
	})
}

// PlainOnEach is Plain on every engine, for what rests on locks and leases.
func PlainOnEach(t *testing.T, story func(t *testing.T, a *App), options ...Option) {
	t.Helper()
	Each(t, func(t *testing.T, a *App) { story(t, a.Silent()) }, options...)
}

// EngineOf settles which engine a story of a name is told on.
func EngineOf(name string) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(name))
	return storetest.Engines[int(h.Sum32())%len(storetest.Engines)]
}

// Silent archives the usual shop's two default campaigns.
func (a *App) Silent() *App {
	a.t.Helper()
	for _, id := range []campaign.CampaignID{"thank_you", "review_request"} {
		require.NoError(a.t, a.App.Store.SetCampaignState(a.Ctx, a.Shop.ID, id, campaign.Archived, ""))
	}
	return a
}

// Campaign is a service campaign that writes one mail, "It happened", at the
// moment of a trigger, useful for two weeks.
func Campaign(trigger campaign.TriggerKind, change ...func(*campaign.Definition)) campaign.Definition {
	d := campaign.Definition{
		Name: "story", Title: campaign.Texts{"en": "Story"}, Goal: campaign.Texts{"en": "It is told."},
		Class: gate.Service, Topic: "care", Priority: 10, Trigger: campaign.Trigger{Kind: trigger},
		Steps: []campaign.Step{Mail("tell", "It happened")},
	}
	for _, c := range change {
		c(&d)
	}
	return d
}

// Named, Ranked, As, When and Then say what of a Campaign is not as usual.
func Named(name string) func(*campaign.Definition) {
	return func(d *campaign.Definition) { d.Name = name }
}

// Ranked gives a campaign its priority.
func Ranked(priority int) func(*campaign.Definition) {
	return func(d *campaign.Definition) { d.Priority = priority }
}

// As gives a campaign its class.
func As(class gate.Class) func(*campaign.Definition) {
	return func(d *campaign.Definition) { d.Class = class }
}

// When gives a campaign its condition.
func When(condition string) func(*campaign.Definition) {
	return func(d *campaign.Definition) { d.Condition = condition }
}

// Then gives a campaign its steps.
func Then(steps ...campaign.Step) func(*campaign.Definition) {
	return func(d *campaign.Definition) { d.Steps = steps }
}

// Mail is a step that sends a subject, useful for two weeks.
func Mail(id, subject string) campaign.Step {
	return campaign.Step{ID: id, Kind: campaign.SendEmail, Useful: campaign.Duration(14 * Day), Email: map[string]campaign.Email{
		"en": {
			Subject: subject, Preheader: "A word about it.", Heading: subject,
			Body: []string{"{{ greeting }}", "This is about your order{{ order.summary | prefixed: \": \" }}."}, Closing: []string{"{{ shop.name }}"},
		},
	}}
}

// Pause is a step that waits.
func Pause(id string, d time.Duration) campaign.Step {
	return campaign.Step{ID: id, Kind: campaign.Wait, For: campaign.Duration(d)}
}

// Desk manages campaigns, as the command line and the pages do.
func (a *App) Desk() manage.Desk { return manage.Desk{Store: a.App.Store} }

// Save keeps a definition as a draft or as the next version.
func (a *App) Save(d campaign.Definition) {
	a.t.Helper()
	_, err := a.Desk().Save(a.Ctx, a.Shop.ID, d, manage.Note{By: "Nour"})
	require.NoError(a.t, err)
}

// Live saves campaigns and lets them go live.
func (a *App) Live(all ...campaign.Definition) *App {
	a.t.Helper()
	for _, d := range all {
		a.Save(d)
		require.NoError(a.t, a.Desk().GoLive(a.Ctx, a.Shop.ID, campaign.CampaignID(d.Name), false))
	}
	a.Wait()
	return a
}

// State is what a campaign is up to.
func (a *App) State(id campaign.CampaignID) campaign.Campaign {
	a.t.Helper()
	c, err := a.Desk().Campaign(a.Ctx, a.Shop.ID, id)
	require.NoError(a.t, err)
	return c
}

// Settings changes the usual shop's settings.
func (a *App) Settings(change func(*commerce.Settings)) *App {
	a.t.Helper()
	change(&a.Shop.Settings)
	require.NoError(a.t, a.App.Store.SaveSettings(a.Ctx, a.Shop.ID, a.Shop.Settings))
	return a
}

// Walks are the usual shop's ways through a campaign, those that go on and those that ended.
func (a *App) Walks(id campaign.CampaignID) []campaign.Enrollment {
	a.t.Helper()
	all, err := a.App.Store.ListEnrollments(a.Ctx, a.Shop.ID, id, store.WalkFilter{}, "", 1000)
	require.NoError(a.t, err)
	return all
}

// Walk is the one way somebody went through a campaign.
func (a *App) Walk(id campaign.CampaignID) campaign.Enrollment {
	a.t.Helper()
	all := a.Walks(id)
	require.Len(a.t, all, 1, "walks of %s", id)
	return all[0]
}

// API calls the REST API as another system of the usual shop does, with a token
// of its own, and demands success.
func (a *App) API(method, path, body string) {
	a.t.Helper()
	token, hash := api.NewToken()
	_, err := a.App.Store.AddToken(a.Ctx, a.Shop.ID, "story", store.Builder, hash)
	require.NoError(a.t, err)
	req, err := http.NewRequestWithContext(a.Ctx, method, a.URL+"/api/v1"+path, strings.NewReader(body))
	require.NoError(a.t, err)
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	require.NoError(a.t, err)
	defer func() { _ = res.Body.Close() }()
	var answer bytes.Buffer
	_, err = io.Copy(&answer, res.Body)
	require.NoError(a.t, err)
	require.Less(a.t, res.StatusCode, 300, answer.String())
}
