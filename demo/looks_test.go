package demo

import (
	"encoding/json"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/integrations/mail/mailfake"
)

// at is when a mail about something reached somebody, on their own clock.
func (p *played) at(t *testing.T, email, subject, zone string) time.Time {
	t.Helper()
	place, err := time.LoadLocation(zone)
	require.NoError(t, err)
	for _, m := range p.Mail.Mails() {
		if c, err := m.Read(); err == nil && m.To == email && strings.Contains(c.Subject, subject) {
			return m.At.In(place)
		}
	}
	require.Failf(t, "no such mail", "%s to %s", subject, email)
	return time.Time{}
}

// Lena's two asks are due in one minute: the check-in goes, and the tips a week
// after the newsletter, when there is room. Milo's would be too late by then.
func (p *played) capped(t *testing.T) {
	first, then := p.at(t, "lena@example.com", "good order", "UTC"), p.at(t, "lena@example.com", "Merino", "UTC")
	require.Equal(t, "12:00", first.Format("15:04"))
	require.WithinRange(t, then, first.Add(4*24*time.Hour), first.Add(4*24*time.Hour+30*time.Minute))
	for _, m := range p.mailsTo(t, "milo@example.com") {
		require.NotContains(t, m.Text, "Air wool")
		require.NotContains(t, m.Text, "Morag")
	}
}

// The parcel came at eleven at night in Tokyo, and five days later nobody was woken.
func (p *played) quiet(t *testing.T) {
	asked := p.at(t, "haruka@example.jp", "good order", "Asia/Tokyo")
	require.Equal(t, 8, asked.Hour(), asked)
	require.Less(t, asked.Minute(), 31)
}

func (p *played) posted(t *testing.T) {
	deliveries := p.Hooks.Deliveries()
	require.Len(t, deliveries, 1)
	require.Empty(t, p.Hooks.Refused())
	var body struct {
		Campaign, Step string
		Order          struct{ Name string }
	}
	require.NoError(t, json.Unmarshal(deliveries[0].Body, &body))
	require.Equal(t, "packing_note tell_warehouse #1041", body.Campaign+" "+body.Step+" "+body.Order.Name)
}

func (p *played) rehearsal(t *testing.T) {
	var rehearsed []mailfake.Content
	for _, m := range p.mailsTo(t, team) {
		if strings.Contains(m.Text, "Pia") {
			rehearsed = append(rehearsed, m)
		}
	}
	require.Len(t, rehearsed, 1, "her parcel came after the rehearsal had begun")
	for _, m := range p.mailsTo(t, "pia@example.com") {
		require.NotEqual(t, rehearsed[0].Subject, m.Subject)
	}
}

func (p *played) called(t *testing.T) {
	_, body := p.get(t, "/demo/calls")
	for _, want := range []string{"Thank Petra for a big first order", "441326550199", "Sell nothing", `<h3 dir="auto">شكر عبدالله`, "96522250199"} {
		require.Contains(t, unwrapped(body), want)
	}
}

func (p *played) figures(t *testing.T) {
	shop := string(p.stands[0].Shop.ID)
	_, body := p.get(t, "/demo/shops/"+shop+"/campaigns/delivery_check_in")
	require.Regexp(t, `it came</th><td class="n">1<`, body)
	_, body = p.get(t, "/demo/shops/"+shop+"/campaigns/care_tips")
	require.Contains(t, body, "Until then it says nothing")
	require.NotContains(t, body, "Ordered", "an unfinished split is not read")
	_, body = p.get(t, "/demo/shops/"+shop+"/campaigns/packing_note")
	require.Contains(t, body, "&#34;campaign&#34;: &#34;packing_note&#34;")
	_, body = p.get(t, "/demo/campaigns")
	require.Contains(t, body, `<bdi lang="ar">`, "an Arabic shop's own words")
	require.Contains(t, body, "<td>rehearsal</td>")
}

var answers = regexp.MustCompile(`(?s)<section class="card says" role="status">.*?<p>(.*?)</p>`)

func (p *played) whys(t *testing.T) {
	ask := func(who, name string, shop int) (string, string) {
		query := url.Values{"who": {who}, "what": {string(p.stands[shop].Shop.ID) + "/" + name}}
		resp, body := p.get(t, "/demo/why?"+query.Encode())
		require.Equal(t, 200, resp.StatusCode)
		if m := answers.FindStringSubmatch(body); m != nil {
			return m[1], body
		}
		return "", body
	}
	for _, q := range []struct {
		who, campaign string
		shop          int
		want          string
	}{
		{"milo@example.com", "care_tips", 0, "too late to be of use"},
		{"Ada@Example.com", "packing_note", 0, "condition does not fit"},
		{"5510000000031", "thank_you", 0, "marketplace"},
		{"rosa@example.com", "review_request", 0, "needs their consent"},
		{"iris@example.com", "win_back", 0, "its moment"},
		{"omar@example.sa", "review_request", 1, "needs their consent"},
		{"ada@example.com", "refund_care", 0, "has not begun"},
	} {
		got, _ := ask(q.who, q.campaign, q.shop)
		require.Contains(t, got, q.want, q.who)
	}
	for _, who := range []string{"nobody@example.com", "omar@example.sa", "#1", "<b>"} {
		got, body := ask(who, "thank_you", 0)
		require.Empty(t, got, who)
		require.Contains(t, body, `class="answer stopped"`, who)
	}
}
