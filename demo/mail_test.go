package demo

import (
	"html"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/integrations/mail/mailfake"
	"flywheel/sender"
)

// happened is the page that tells it all, with links that lead to where it was.
func (p *played) happened(t *testing.T) {
	_, body := p.get(t, "/demo/happened")
	body = unwrapped(html.UnescapeString(body))
	for _, want := range []string{
		"Writes as <bdi>Harbour & Pine</bdi> <bdi dir=\"ltr\"><hello@harbourandpine.example></bdi>", "متجر النخيل عبر Flywheel</bdi> <bdi dir=\"ltr\"><shops@mail.flywheel.example>",
		p.URL + "/demo/shopify/sender/store?shop=" + EnglishDomain, p.URL + "/demo/shopify/sender/store?shop=" + ArabicDomain,
		"A pause of 7 days", "Took the tick off one topic", "Called the mail spam", "Pressed the button in that mail", p.URL + "/confirm/", p.URL + "/u/",
		"nothing about reviews", "nothing at all", "nothing but what concerns an order", "Beth has a problem", "Harbour & Pine: Your messages go out from your own address",
	} {
		require.Contains(t, body, want)
	}
	require.NotContains(t, body, "a pause until", "the week is over")
}

// writes looks at who the mails are from, in the reader's language, and at the
// page about it in the admin.
func (p *played) writes(t *testing.T) {
	require.Equal(t, "متجر النخيل عبر Flywheel <shops@mail.flywheel.example>", plainFrom(p.mailsTo(t, "mona@example.ae")[0]))
	require.Equal(t, "متجر النخيل via Flywheel <shops@mail.flywheel.example>", plainFrom(p.mailsTo(t, "james@example.ae")[0]))
	require.Contains(t, p.mailsTo(t, "mona@example.ae")[0].Get("Reply-To"), "salam@nakheel.example")
	require.Equal(t, "Harbour & Pine via Flywheel <shops@mail.flywheel.example>", plainFrom(p.mailsTo(t, "ada@example.com")[0]), "before its domain was published")
	require.Equal(t, "Harbour & Pine <hello@harbourandpine.example>", plainFrom(p.mailsTo(t, "klara@example.de")[0]))
	page, err := p.OpenPage(t.Context(), EnglishDomain, "/admin/sender")
	require.NoError(t, err)
	require.Contains(t, unwrapped(page), "harbourandpine.example is in use")
	require.Len(t, keyRecords(page), 2)
	way, err := p.App.Senders.Of(t.Context(), p.stands[1].Shop.ID)
	require.NoError(t, err)
	require.Equal(t, sender.Shared, way.Kind)
}

func plainFrom(m mailfake.Content) string {
	return strings.ReplaceAll(unwrapped(m.Get("From")), `"`, "")
}

// cameBack looks at the two mails of which something was told, and at what
// followed: one mail each, and who confirmed a yes is asked what she thinks.
func (p *played) cameBack(t *testing.T) {
	for email, want := range map[string]string{
		"nils@example.net": "It came back, says a report of the recipient's server by mail: 550 5.1.1 no such user here.",
		"salma@example.ae": "It was called spam, says a signed event of the mail provider, sendgrid.",
	} {
		mails := p.mailsTo(t, email)
		require.Len(t, mails, 1, email)
		_, body := p.get(t, "/demo/mailbox/"+mails[0].Get("X-Flywheel-ID"))
		require.Contains(t, html.UnescapeString(body), want)
		require.Contains(t, body, "the signatures hold by what DNS shows")
	}
	var subjects []string
	for _, m := range p.mailsTo(t, "klara@example.de") {
		subjects = append(subjects, m.Subject)
	}
	require.Len(t, subjects, 4)
	require.Contains(t, subjects[1], "Please confirm that you want news")
	require.Contains(t, subjects[3], "What do you think of")
	asked := p.at(t, "tessa@example.com", "good order", "UTC").Sub(p.stands[0].start)
	require.GreaterOrEqual(t, asked, day(22, 9), "not before her week was over")
	require.Less(t, asked, day(23, 0))
}

// A report that names no mail of ours stops nobody, and an event that the
// provider did not sign is refused.
func (p *played) forged(t *testing.T) {
	m, before := p.Mail.Mails()[0], len(p.books.Shops[0].Mail.Stops)
	m.From = strings.Replace(m.From, "b-", "b-0", 1)
	require.Error(t, p.Report(m, m.Bounce("5.1.1", "no such user here", p.Clock.Now())))
	resp, err := http.Post(p.URL+"/webhooks/mail/sendgrid", "application/json", strings.NewReader(`[{"event":"spamreport","email":"ada@example.com"}]`))
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, http.StatusUnauthorized, resp.StatusCode)
	b := shopBooks{Shop: p.stands[0].Shop}
	require.NoError(t, b.addMail(t.Context(), p.App.Store))
	require.Len(t, b.Mail.Stops, before)
}
