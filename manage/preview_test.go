package manage_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/fault"
	"flywheel/manage"
	"flywheel/message"
	"flywheel/store"
	"flywheel/store/storetest"
)

// sale is an order with a name, of somebody who reads Arabic.
func (d desk) sale(name string) (commerce.Person, *store.StoredOrder) {
	d.t.Helper()
	p := storetest.Person(d.t, d.Store, d.shop, func(p *commerce.Person) { p.FirstName, p.Language = "Sara", "ar" })
	o := storetest.Order(d.t, d.Store, d.shop, p.ID, func(o *store.StoredOrder) {
		o.Detail.Name, o.Detail.Language = name, ""
		o.Detail.Lines = []commerce.Line{{ID: "1", Title: "Kettle " + name, Quantity: 1, Current: 1, Price: commerce.Money{Amount: 4900, Currency: "GBP"}}}
		o.Detail.Total = commerce.Money{Amount: 4900, Currency: "GBP"}
	})
	return p, o
}

// looks renders a message that must be there.
func (d desk) looks(s manage.Sample) manage.Preview {
	d.t.Helper()
	p, err := d.Message(d.t.Context(), d.shop, s)
	require.NoError(d.t, err)
	return p
}

// A message is shown as for whoever is named, in their language or another; without a name as for the last order.
func TestMessageAsSomebody(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		d.save(playbook(t, "review_request"))
		sara, first := d.sale("#1001")
		d.sale("#1002")
		sample := manage.Sample{Campaign: "review_request", BaseURL: "https://flywheel.example"}
		got := d.looks(sample)
		require.Equal(t, "#1002", got.Order.Detail.Name)
		require.Equal(t, "ar", got.Reads)
		require.Equal(t, "ar", got.Lang)
		require.ElementsMatch(t, []string{"ar", "en", "fa"}, got.Langs)
		require.Equal(t, got.Steps[0], got.Step)
		require.False(t, got.MadeUp)
		require.Contains(t, got.Message.HTML, `dir="rtl"`)
		require.Contains(t, got.Message.HTML, "https://flywheel.example/u/preview", "which is no live link")
		require.NotEqual(t, message.CheckBad, message.Worst(got.Findings), "%+v", got.Findings)

		for name, s := range map[string]manage.Sample{
			"order's name": {Who: "#1001"}, "without #": {Who: "1001"}, "address": {Who: " " + strings.ToUpper(sara.Email)}, "order": {Order: first.ID}, "person": {Person: sara.ID},
		} {
			s.Campaign = "review_request"
			require.Equal(t, first.ID, d.looks(s).Order.ID, name)
		}
		sample.Lang = "fa"
		require.Equal(t, "fa", d.looks(sample).Lang)
		require.Equal(t, "ar", d.looks(sample).Reads)
		next := storetest.Order(t, d.Store, d.shop, sara.ID)
		require.Equal(t, next.ID, d.looks(manage.Sample{Campaign: "review_request", Who: sara.Email}).Order.ID, "of several orders the last")
	})
}

// A shop without customers sees its messages too, as for somebody made up.
func TestMessageAsNobodyYet(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		d.save(playbook(t, "thank_you"))
		for lang, want := range map[string]string{"": "Linen shirt", "ar": "قميص كتان", "fa": "پیراهن کتان"} {
			got := d.looks(manage.Sample{Campaign: "thank_you", Lang: lang})
			require.True(t, got.MadeUp)
			require.Contains(t, got.Message.HTML, want)
			require.NotEqual(t, message.CheckBad, message.Worst(got.Findings), "%s %+v", lang, got.Findings)
		}
	})
}

func TestMessageThatIsNotThere(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		d.save(playbook(t, "thank_you"))
		d.sale("#1001")
		for name, s := range map[string]manage.Sample{
			"campaign": {Campaign: "none"}, "step": {Campaign: "thank_you", Step: "none"}, "order": {Campaign: "thank_you", Who: "#7"},
			"address": {Campaign: "thank_you", Who: "nobody@example.com"}, "no address": {Campaign: "thank_you", Who: "a@b@c"},
			"id of an order": {Campaign: "thank_you", Order: "none"}, "id of a person": {Campaign: "thank_you", Person: "none"},
		} {
			_, err := d.Message(t.Context(), d.shop, s)
			require.True(t, fault.Is(err, fault.NotFound), "%s: %v", name, err)
		}
	})
}

// A note for staff is shown in the shop's language, and the shop's languages that have no text are named.
func TestMessagesOfAStory(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		d.settings(func(s *commerce.Settings) { s.Languages = []string{"en", "de"} })
		d.save(playbook(t, "thank_you", func(def *campaign.Definition) {
			def.Steps = append(def.Steps, campaign.Step{
				ID: "tell", Kind: campaign.NotifyTeam, Useful: campaign.Duration(week),
				Note: map[string]campaign.Note{"en": {Title: "{{ person.name }} has bought", Body: []string{"Say hello."}}},
			})
		}))
		d.sale("#1001")
		got := d.looks(manage.Sample{Campaign: "thank_you", Step: "tell"})
		require.True(t, got.ToTeam)
		require.Contains(t, got.Message.Subject, "Sara")
		require.Equal(t, "tell", got.Steps[len(got.Steps)-1])
		mail := d.looks(manage.Sample{Campaign: "thank_you"})
		for _, f := range mail.Findings {
			if f.Check == message.CheckLanguages {
				require.Equal(t, []string{"de"}, f.Details)
			}
		}
	})
}

// A trial goes to the team alone, says so, cannot unsubscribe anybody and is no act of the campaign.
func TestSendTrial(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		d.settings(func(s *commerce.Settings) { s.Team = []string{"one@team.example", "two@team.example"} })
		d.save(playbook(t, "review_request"))
		d.sale("#1001")
		send := func(to string) bool {
			t.Helper()
			fresh, err := d.SendTrial(t.Context(), d.shop, manage.Sample{Campaign: "review_request", Lang: "en"}, to)
			require.NoError(t, err)
			return fresh
		}
		require.True(t, send(""))
		require.False(t, send(""), "it is on its way")
		require.True(t, send("me@example.com"))
		n, found, err := d.Store.NextNotice(t.Context(), time.Minute)
		require.NoError(t, err)
		require.True(t, found)
		text := n.Data["Message"]
		require.Contains(t, text, `"To":"one@team.example"`)
		require.Contains(t, text, `"Also":["two@team.example"]`)
		require.Contains(t, text, `"Subject":"[Test] `)
		require.NotContains(t, text, "List-Unsubscribe")
		require.Contains(t, text, "Message-ID")
		storetest.ClockOf(d.Store).Advance(time.Minute)
		require.True(t, send(""), "a minute later it goes again")

		for range trials - 3 {
			storetest.ClockOf(d.Store).Advance(time.Minute)
			require.True(t, send(""))
		}
		storetest.ClockOf(d.Store).Advance(time.Minute)
		_, err = d.SendTrial(t.Context(), d.shop, manage.Sample{Campaign: "review_request"}, "")
		require.True(t, fault.Is(err, fault.Conflict), "%v", err)
		_, err = d.SendTrial(t.Context(), d.shop, manage.Sample{Campaign: "review_request"}, "nobody")
		require.True(t, fault.Is(err, fault.Invalid), "%v", err)
	})
}

const trials = 30 // an hour

func TestTeamChannelsAndTest(t *testing.T) {
	each(t, func(t *testing.T, d desk) {
		for _, bad := range []string{"http://hooks.slack.com/services/x", "https://10.0.0.1/x", "https://localhost/x", ""} {
			require.True(t, fault.Is(d.SetSlack(t.Context(), d.shop, bad), fault.Invalid), bad)
		}
		require.True(t, fault.Is(d.SetSlack(t.Context(), "nowhere", "https://hooks.slack.com/services/x"), fault.NotFound))
		require.NoError(t, d.SetSlack(t.Context(), d.shop, "https://hooks.slack.com/services/x"))
		require.NoError(t, d.TestTeam(t.Context(), d.shop))
		require.NoError(t, d.TestTeam(t.Context(), d.shop))
		last, err := d.Store.LastNotices(t.Context(), d.shop, 10)
		require.NoError(t, err)
		require.Len(t, last, 2, "one by each channel")
		require.NoError(t, d.DropSlack(t.Context(), d.shop))
		require.True(t, fault.Is(d.DropSlack(t.Context(), d.shop), fault.NotFound))
		require.True(t, fault.Is(d.TestTeam(t.Context(), "nowhere"), fault.NotFound))
	})
}
