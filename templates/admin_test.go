package templates

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func adminPage(t *testing.T, name, lang string, data any) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, AdminPage(&b, name, lang, data))
	return b.String()
}

func admin() Admin {
	return Admin{
		Key: "app-key", AppBridge: "https://cdn.shopify.com/shopifycloud/app-bridge.js", Shop: "Nour & Söhne", Domain: "nour.myshopify.com", Country: "SA", Zone: "Asia/Riyadh",
		Locale: "ar", Base: "/admin", Embedded: true, Role: "owner", Self: "/admin", Nav: Nav(func(string) bool { return true }), Search: true,
	}
}

// fullHome is a home on which everything happens at once.
func fullHome() Home {
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	return Home{
		Admin: admin(), Counts: HomeCounts{All: 4, Sent: 2, Waiting: 1, Not: 1}, Support: "help@flywheel.example",
		Needs: []HomeNeed{
			{Key: "drafts"},
			{Key: "backfill"},
			{Key: "requests", Href: "/settings/data"},
			{Key: "unknown", Data: map[string]string{"Count": "3"}, Href: "/lists/unknown"},
			{Key: "plan_over", Data: map[string]string{"Used": "51", "Quota": "50"}, Href: "/plan"},
			{Key: "plan_near", Data: map[string]string{"Used": "45", "Quota": "50"}, Href: "/plan"},
			{Key: "plan_frozen", Href: "/plan"},
			{Key: "stripe_revoked", Href: "/settings/integrations"},
			{Key: "stripe_backfill", Href: "/settings/integrations"},
		},
		Held:     41,
		Backfill: &HomeBackfill{State: "reading", Done: 1200, All: 50_000, Refused: 2, Percent: 2, Moving: true},
		Campaigns: []HomeCampaign{
			{ID: "thank_you", Title: "Thank you", Goal: "Say thanks", State: "draft", Act: "live"},
			{ID: "review_request", Title: "Review <b>", Goal: "Ask", State: "paused", PausedBy: "fuse", Act: "resume"},
		},
		More: []HomeCampaign{{ID: "win_back", Title: "Win back", State: "live", Act: "pause"}},
		Messages: []HomeMessage{
			{At: at, Who: "Ada Lovelace", Order: "#1001", Campaign: "Thank you", State: "sent"},
			{At: at, Who: "<script>alert(1)</script>", Campaign: "Review", State: "defer", Reason: "quiet_hours", Until: at.Add(time.Hour)},
			{At: at, Who: "Grace", Campaign: "Review", State: "skip", Reason: "refunded"},
		},
	}
}

var tagged = regexp.MustCompile(`>[^<>]*\b(need|backfill|campaign|message|plan|request|reason|home|admin|stripe|consent|nav|look|said|search|account|keys|crumbs|skip)_\w+[^<>]*<`)

func TestAdminPagesInEveryLanguage(t *testing.T) {
	for _, lang := range languages {
		for name, data := range map[string]any{
			"home": fullHome(), "token": Token{admin()}, "legal": Legal{Admin: admin(), Body: "<h1>x</h1>", Support: "help@flywheel.example"},
			"note": Note{Admin: admin(), Name: "wrong", Detail: "it <broke>"},
		} {
			got := adminPage(t, name, lang, data)
			require.Contains(t, got, `<html lang="`+lang+`" dir="`+Dir(lang)+`">`, name)
			require.NotRegexp(t, regexp.MustCompile(`<[^>]+\s(style|onclick)=`), got, "the policy allows none")
			require.NotContains(t, got, "<script>alert")
			require.Contains(t, got, `<script src="https://cdn.shopify.com/shopifycloud/app-bridge.js"></script>`, "%s: App Bridge comes by script tag", name)
			require.Contains(t, got, `<meta name="shopify-api-key" content="app-key">`)
			require.Empty(t, tagged.FindAllString(strings.ReplaceAll(got, "quiet_hours</code>", ""), -1), "a string is missing in %s", lang)
		}
	}
}

// Each state that a part of the home may be in has its words.
func TestHomeInEveryState(t *testing.T) {
	for _, lang := range languages {
		for _, state := range []string{"asked", "running", "reading", "done", "failed"} {
			h := fullHome()
			h.Backfill = &HomeBackfill{State: state, Done: 3, MayRetry: true}
			require.Empty(t, tagged.FindAllString(adminPage(t, "home", lang, h), -1), state)
		}
		for _, state := range []string{"claimed", "sending", "sent", "retry", "failed", "withdrawn", "expired", "unknown", "defer", "hold", "skip"} {
			h := fullHome()
			h.Messages = []HomeMessage{{State: state, Campaign: "Thanks"}}
			require.Empty(t, tagged.FindAllString(adminPage(t, "home", lang, h), -1), state)
		}
		empty := adminPage(t, "home", lang, Home{Admin: admin()})
		require.Contains(t, empty, Say(lang, "messages_none", nil))
		require.Contains(t, empty, Say(lang, "home_well", nil))
		paused := fullHome()
		paused.Paused = true
		require.Contains(t, adminPage(t, "home", lang, paused), `action="/admin/resume?`)
	}
}

// A link to another page of the app names the shop, so that the answer without
// an ID token may stand in its frame, and keeps the language.
func TestLinksNameTheShop(t *testing.T) {
	got := adminPage(t, "home", "ar", fullHome())
	require.Contains(t, got, `href="/admin/plan?locale=ar&amp;shop=nour.myshopify.com"`)
	require.NotRegexp(t, `(href|action)="/admin[^"?]*"`, got, "a link that names no shop")
	require.Contains(t, got, `href="/support?locale=ar"`)
	require.Contains(t, adminPage(t, "plan", "ar", Plan{Admin: admin(), State: "none", Level: "within"}), `href="/admin/settings?locale=ar&amp;shop=nour.myshopify.com"`)
	outside := Admin{Base: "/shops/s1", Domain: "nour.myshopify.com", Locale: "ar"}
	require.Equal(t, "/shops/s1/plan?as=csv", outside.Link("/plan?as=csv"), "outside Shopify the path says it all")
	require.Equal(t, "/admin/plan?as=csv&locale=ar&shop=nour.myshopify.com", admin().Link("/plan?as=csv"))
}

// A part is the main element alone, for a page that is up.
func TestPartOfThePage(t *testing.T) {
	h := fullHome()
	h.Part = true
	got := strings.TrimSpace(adminPage(t, "home", "en", h))
	require.True(t, strings.HasPrefix(got, `<main id="main"`) && strings.HasSuffix(got, "</main>"), got[:80])
	require.Error(t, AdminPage(&bytes.Buffer{}, "nothing", "en", nil))
}

func TestTimesAreForMachinesAndPeople(t *testing.T) {
	at := time.Date(2026, 3, 2, 21, 30, 0, 0, time.UTC)
	require.EqualValues(t, `<time datetime="2026-03-02T21:30:00Z" data-zone="Asia/Riyadh" dir="ltr">2026-03-03 00:30</time>`, when("Asia/Riyadh", at))
	require.Contains(t, when(`"><script>`, at), "&#34;&gt;&lt;script&gt;")
	require.Empty(t, when("", time.Time{}))
}
