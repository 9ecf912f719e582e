package server_test

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/delight/campaign"
	"flywheel/manage"
	"flywheel/message"
	"flywheel/store"
	"flywheel/store/storetest"
	"flywheel/templates"
)

// The draft is seen beside its text; customers' mail, and the page of the saved message, stay with the version.
func TestTheDraftIsSeenAndNobodyElseGetsIt(t *testing.T) {
	w := writes(t, storetest.Open(t, "sqlite"))
	w.customer("Sara", "#1001")
	w.does("keep", "heading", "Quite new")
	frame := w.mail(w.page)
	require.Equal(t, http.StatusOK, frame.Code)
	require.Contains(t, frame.Body.String(), "Quite new")
	require.Contains(t, frame.Header().Get("Content-Security-Policy"), "default-src 'none'")
	saved := w.mail(w.sees("/admin/messages/thank_you/thanks?lang=en"))
	require.NotContains(t, saved.Body.String(), "Quite new")
	desk := manage.Desk{Store: w.store}
	one, err := desk.Message(t.Context(), w.shop().ID, manage.Sample{Campaign: "thank_you", Step: "thanks", Lang: "en"})
	require.NoError(t, err)
	require.NotContains(t, one.Message.HTML, "Quite new")

	address, err := url.Parse(html.UnescapeString(frameOf.FindStringSubmatch(w.page)[1]))
	require.NoError(t, err)
	for name, change := range map[string]func(url.Values){
		"of the version": func(q url.Values) { q.Del("draft") }, "of another draft": func(q url.Values) { q.Set("draft", "1") },
	} {
		q := address.Query()
		change(q)
		got := w.do(httptest.NewRequest(http.MethodGet, address.Path+"?"+q.Encode(), nil))
		require.Equal(t, http.StatusUnauthorized, got.Code, "%s: the address is signed for the draft", name)
	}

	for _, who := range []string{"Sara", "1001"} {
		require.Contains(t, w.mail(w.sees(w.path("lang=en&who="+who))).Body.String(), "Sara", who)
	}
	phone := w.sees(w.path("lang=en&width=phone&scheme=dark&who=nobody"))
	require.Contains(t, phone, `<iframe class="mail phone dark"`)
	require.Contains(t, phone, "Nothing in your shop goes by")

	went := w.goes(html.UnescapeString(regexp.MustCompile(`action="([^"]*/test[^"]*)"`).FindStringSubmatch(w.page)[1]), url.Values{"draft": {"yes"}, "lang": {"en"}})
	require.Contains(t, went, "The test is on its way to:")
	last, err := w.store.LastNotices(t.Context(), w.shop().ID, 1)
	require.NoError(t, err)
	require.Len(t, last, 1)
	require.Equal(t, store.NoticeTrial, last[0].Kind)
}

// Whatever is written is text on the page and in the mail.
func TestHostileTextsInAMessageAreHarmless(t *testing.T) {
	w := writes(t, storetest.Open(t, "sqlite"))
	w.does("blocks")
	w.does("add rich 0")
	w.does("keep", "subject", evil, "preheader", evil, "b0_text", `<b onclick="alert(1)">x</b><script>alert(1)</script><img src=x onerror=alert(2)>`, "b1_text", "</textarea>"+strings.ReplaceAll(evil, "\u202e", ""))
	got := w.calls(http.MethodGet, w.path("lang=en&locale=en"))
	harmless(t, "the editor", got)
	w.does("keep", "subject", "x", "preheader", "<script>alert(1)</script>", "b1_text", "<script>alert(1)</script>")
	mail := w.mail(w.page)
	require.Equal(t, http.StatusOK, mail.Code)
	require.NotContains(t, mail.Body.String(), "<script")
	require.NotContains(t, mail.Body.String(), "onclick")
	require.Contains(t, mail.Header().Get("Content-Security-Policy"), "sandbox allow-popups")
}

// The page names a nonce for the styles of its editor of code, another each time; no other page does.
func TestOnlyTheEditorOfMessagesHasAStyleNonce(t *testing.T) {
	w := writes(t, storetest.Open(t, "sqlite"))
	named := regexp.MustCompile(`<meta name="style-nonce" content="([^"]+)">`)
	seen := map[string]bool{}
	for range 2 {
		got := w.calls(http.MethodGet, w.path("lang=en"))
		m := named.FindStringSubmatch(got.Body.String())
		require.Len(t, m, 2)
		nonce := html.UnescapeString(m[1])
		require.Contains(t, got.Body.String(), `<meta name="shopify-api-key" content="key">`)
		require.Contains(t, got.Header().Get("Content-Security-Policy"), "style-src 'self' 'nonce-"+nonce+"';")
		require.NotContains(t, got.Header().Get("Content-Security-Policy"), "unsafe")
		require.False(t, seen[nonce])
		seen[nonce] = true
	}
	for _, path := range []string{"/admin", "/admin/messages", "/admin/messages/thank_you", "/admin/campaigns/thank_you/edit"} {
		got := w.calls(http.MethodGet, path)
		require.Contains(t, got.Header().Get("Content-Security-Policy"), "style-src 'self';", path)
		require.NotContains(t, got.Body.String(), "style-nonce", path)
	}
}

// What is offered while one types comes from what texts know, in the reader's language.
func TestThePageTellsWhatMayBeWritten(t *testing.T) {
	w := writes(t, storetest.Open(t, "sqlite"))
	var words struct {
		Variables []struct{ Name, Says string }
		Filters   []string
		Rich      []string
		Tags      []string
	}
	require.NoError(t, json.Unmarshal([]byte(html.UnescapeString(regexp.MustCompile(`data-words="([^"]*)"`).FindStringSubmatch(w.page)[1])), &words))
	require.Len(t, words.Variables, len(message.Variables))
	for _, v := range words.Variables {
		require.Contains(t, message.Variables, v.Name)
		require.NotContains(t, v.Says, "blocks_var", v.Name)
		require.True(t, templates.Known("blocks_var_"+strings.NewReplacer("[]", "", ".", "_").Replace(v.Name)), v.Name)
	}
	require.Contains(t, words.Filters, "money")
	require.Contains(t, words.Rich, "raw")
	require.Contains(t, words.Tags, "endfor")
}

// All messages of all campaigns are listed, found by their words, and open where the reader may go.
func TestTheListOfAllMessages(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		f := campaigns(t, s)
		page := f.sees("/admin/messages")
		require.Contains(t, page, "/admin/messages/thank_you/thanks/edit?")
		require.Contains(t, page, "English")
		only := f.sees("/admin/messages?q=review")
		require.Contains(t, only, "/admin/messages/review_request/ask/edit?")
		require.NotContains(t, only, "thank_you/thanks")
		require.Contains(t, f.sees("/admin/messages?q=nothing+of+it"), "Nothing")
		require.NotContains(t, f.sees("/admin/messages?state=live"), "thank_you/thanks")
		require.Contains(t, f.sees("/admin"), `href="/admin/messages?`, "the navigation leads there")
		require.Contains(t, f.sees("/admin/campaigns/thank_you/edit"), "/admin/messages/thank_you/thanks/edit?", "so does the card of the mail")

		data, err := templates.Playbook("thank_you")
		require.NoError(t, err)
		for n := range 55 {
			d, err := campaign.Parse(data)
			require.NoError(t, err)
			d.Name = fmt.Sprintf("copy_%02d", n)
			_, err = s.SaveCampaign(t.Context(), f.shop().ID, campaign.CampaignID(d.Name), d, campaign.Draft)
			require.NoError(t, err)
		}
		seen := map[string]int{}
		next := "/admin/messages"
		for range 5 {
			page := f.sees(next)
			for _, m := range regexp.MustCompile(`/admin/messages/(\w+/\w+)/edit`).FindAllStringSubmatch(page, -1) {
				seen[m[1]]++
			}
			m := regexp.MustCompile(`rel="next" href="([^"]*)"`).FindStringSubmatch(page)
			if m == nil {
				break
			}
			next = html.UnescapeString(m[1])
		}
		require.Greater(t, len(seen), 56)
		for key, n := range seen {
			require.Equal(t, 1, n, key)
		}
	})
}

// A viewer sees the saved message and no editor; a note to the team is written on its card.
func TestWhoMayWriteAMessage(t *testing.T) {
	g := guard(t)
	viewer := g.browser().enter("viewer@role.example")
	g.belongs(g.known("viewer@role.example"), g.shop, "viewer")
	list := viewer.get(g.base + "/messages").Body.String()
	require.Contains(t, list, g.base+"/messages/thank_you/thanks")
	require.NotContains(t, list, "/edit")
	require.Equal(t, http.StatusForbidden, viewer.get(g.base+"/messages/thank_you/thanks/edit").Code)
	require.NotContains(t, viewer.get(g.base+"/messages/thank_you/thanks").Body.String(), "thanks/edit")
	require.Contains(t, g.owner.get(g.base+"/messages/thank_you/thanks").Body.String(), "thanks/edit")
	require.Equal(t, http.StatusOK, g.owner.get(g.base+"/messages/thank_you/thanks/edit").Code)
}
