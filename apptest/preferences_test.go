package apptest

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/integrations/mail/mailfake"
	"flywheel/templates"
)

// playbook reads one of ours.
func playbook(t testing.TB, name string) campaign.Definition {
	t.Helper()
	data, err := templates.Playbook(name)
	require.NoError(t, err)
	d, err := campaign.Parse(data)
	require.NoError(t, err)
	return d
}

// linkIn finds a mail's link to one of our pages.
func linkIn(t testing.TB, m mailfake.Content, path string) string {
	t.Helper()
	link := regexp.MustCompile(`https?://[^\s<>"]*` + path + `[\w-]+`).FindString(m.HTML)
	require.NotEmpty(t, link, "no link to %s in %s", path, m.Text)
	return link
}

// open asks for a page, or posts a form to it, and returns what it says.
func (a *App) open(method, link string, form url.Values) string {
	a.t.Helper()
	req, err := http.NewRequestWithContext(a.Ctx, method, link, strings.NewReader(form.Encode()))
	require.NoError(a.t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := http.DefaultClient.Do(req)
	require.NoError(a.t, err)
	defer resp.Body.Close()
	page, err := io.ReadAll(resp.Body)
	require.NoError(a.t, err)
	require.Equal(a.t, 200, resp.StatusCode, string(page))
	return string(page)
}

// Where a yes has to be confirmed: said on the page, asked for by mail, looked at
// by a scanner, pressed, and only then does what sells go out.
func TestDoubleOptIn(t *testing.T) {
	t.Parallel()
	a := WithShop(t, On(t, EngineOf(t.Name())))
	a.Settings(func(s *commerce.Settings) { s.PostalAddress = "1 Harbour Road, London" })
	a.Live(playbook(t, "confirm_subscription"), Campaign(campaign.OnOrderPaid, As(gate.Marketing), Named("offers")))
	inGermany(a, 1)
	a.Wait()
	thanks := a.WantMails(Ada, "Thank you")[0]
	require.Equal(t, []string{"no_consent"}, a.Reasons(Ada, "offers"))

	require.Contains(t, a.visit(thanks, http.MethodPost, url.Values{"do": {"yes"}}), "A mail with one more button")
	a.Wait()
	ask := a.WantMails(Ada, "Thank you", "Please confirm that you want news")[1]
	require.Contains(t, a.Events(Ada), "consent_asked")
	link := linkIn(t, ask, "/confirm/")
	require.Contains(t, ask.Text, link)
	require.Contains(t, a.open(http.MethodGet, link, nil), "Yes, that was me")
	a.After(time.Hour)
	a.WantMails(Ada, "Thank you", "Please confirm")

	require.Contains(t, a.open(http.MethodPost, link, url.Values{"do": {"yes"}}), "You now get news and offers")
	a.Wait()
	a.WantMails(Ada, "Thank you", "Please confirm", "It happened")
	require.Equal(t, 1, a.Count(`SELECT COUNT(*) FROM consents WHERE confirmed = 1 AND source = 'confirmed by mail' AND wording LIKE 'en: Yes, I want news%'`))
	require.Equal(t, 1, a.Count(`SELECT COUNT(*) FROM consents WHERE confirmed = 0 AND source = 'preference page'`))
}

// A pause puts off what is of use afterwards and drops what is not; what belongs
// to an order comes all the while.
func TestPauseByTheCustomer(t *testing.T) {
	t.Parallel()
	a := WithShop(t, On(t, EngineOf(t.Name())))
	late := Campaign(campaign.OnOrderPaid, Named("late"), Then(Pause("wait", 2*Day), Mail("late", "How is it?")))
	soon := Campaign(campaign.OnOrderPaid, Named("soon"), Then(Pause("wait", 2*Day), Mail("soon", "Hurry")))
	soon.Steps[1].Useful = campaign.Duration(Day)
	a.Live(late, soon)
	a.Send("orders/paid", a.Order(1).Body())
	a.Wait()
	thanks := a.WantMails(Ada, "Thank you")[0]
	require.Contains(t, a.visit(thanks, http.MethodPost, url.Values{"do": {"pause"}, "days": {"7"}}), "You are taking a break until 9 March 2026")
	a.After(3 * Day)
	a.WantMails(Ada, "Thank you")
	require.Equal(t, []string{"paused_by_customer"}, a.Reasons(Ada, "late"))
	require.Equal(t, []string{"expired"}, a.Reasons(Ada, "soon"))
	a.Send("orders/paid", a.Order(2).Body())
	a.Wait()
	a.WantMails(Ada, "Thank you", "Thank you")
	a.After(4*Day + time.Hour)
	require.Equal(t, 2, a.Subjects(Ada)["How is it?"], "of both orders, once the week is over")
	require.Zero(t, a.Subjects(Ada)["Hurry"])
}

// Who ends a pause gets what waited at once.
func TestPauseIsTakenBack(t *testing.T) {
	t.Parallel()
	a := WithShop(t, On(t, EngineOf(t.Name())))
	a.Live(Campaign(campaign.OnOrderPaid, Then(Pause("wait", 2*Day), Mail("late", "How is it?"))))
	a.Send("orders/paid", a.Order(1).Body())
	a.Wait()
	thanks := a.WantMails(Ada, "Thank you")[0]
	a.visit(thanks, http.MethodPost, url.Values{"do": {"pause"}, "days": {"7"}})
	a.After(3 * Day)
	a.WantMails(Ada, "Thank you")
	a.visit(thanks, http.MethodPost, url.Values{"do": {"resume"}})
	a.Wait()
	a.WantMails(Ada, "Thank you", "How is it?")
}

// The language somebody chooses on their page goes before that of their orders.
func TestChosenLanguage(t *testing.T) {
	t.Parallel()
	a := WithShop(t, On(t, EngineOf(t.Name())))
	a.Send("orders/paid", a.Order(1).Body())
	a.Wait()
	a.visit(a.WantMails(Ada, "Thank you")[0], http.MethodPost, url.Values{"do": {"save"}, "language": {"fa"}})
	a.Send("orders/paid", a.Order(2).Body())
	a.Wait()
	require.Contains(t, a.Mails(Ada)[1].HTML, `lang="fa"`)
}

// Where the shop counts clicks a link goes by way of us and leads on; elsewhere it leads there itself.
func TestClicksAreCountedWhereTheShopWantsIt(t *testing.T) {
	t.Parallel()
	a := WithShop(t, On(t, EngineOf(t.Name())))
	a.Settings(func(s *commerce.Settings) { s.ReviewURL = "https://nour.example/reviews" })
	shipped(a, 1)
	a.After(untilAsked)
	ask := a.WantMails(Ada, "Thank you", "What do you think")[1]
	require.NotContains(t, ask.HTML, a.URL+"/c/")
	require.Contains(t, ask.HTML, "https://nour.example/reviews")

	a.Settings(func(s *commerce.Settings) { s.Tracking.Clicks = true })
	shipped(a, 2)
	a.After(untilAsked)
	asks := a.Mails(Ada)
	last := asks[len(asks)-1]
	require.Contains(t, last.Subject, "What do you think")
	require.NotContains(t, last.HTML, a.URL+"/o/", "openings are another matter")
	require.NotContains(t, last.HTML, "https://nour.example/reviews")
	stay := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	req, err := http.NewRequestWithContext(a.Ctx, http.MethodGet, linkIn(t, last, "/c/"), nil)
	require.NoError(t, err)
	resp, err := stay.Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	require.Equal(t, "https://nour.example/reviews", resp.Header.Get("Location"))
	require.Equal(t, 1, a.Count(`SELECT COUNT(*) FROM message_acts WHERE kind = 'click' AND times = 1`))
	require.NotContains(t, last.Get("List-Unsubscribe"), "/c/")
}
