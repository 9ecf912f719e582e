package templates

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func framed(t *testing.T, lang string, change func(*Admin)) string {
	t.Helper()
	a := admin()
	change(&a)
	return adminPage(t, "note", lang, Note{Admin: a, Name: "wrong"})
}

func outside(a *Admin) { a.Base, a.Embedded, a.Me, a.Fleet = "/shops/s1", false, "Nour", true }

// Inside Shopify the admin shows the navigation; outside the page does, beside and as a menu.
func TestTheFrameInsideAndOutsideShopify(t *testing.T) {
	for _, lang := range languages {
		inside := framed(t, lang, func(*Admin) {})
		require.Contains(t, inside, "<s-app-nav>")
		require.Contains(t, inside, `<s-link href="/admin?locale=ar&amp;shop=nour.myshopify.com" rel="home">`)
		require.NotContains(t, inside, `class="side"`)
		require.NotContains(t, inside, `href="/me"`)
		require.Contains(t, inside, "data-embedded")
		require.Contains(t, inside, `hreflang="fa" data-whole`, "another language is another document")

		out := framed(t, lang, outside)
		require.NotContains(t, out, "s-app-nav")
		require.NotContains(t, out, "cdn.shopify.com")
		require.Equal(t, 2, strings.Count(out, `href="/shops/s1/customers"`))
		require.Contains(t, out, `href="/me"`)
		require.Contains(t, out, `href="/shops"`)
		require.Contains(t, out, `action="/look"`)
		require.NotContains(t, out, "data-embedded")
		require.NotContains(t, framed(t, lang, func(a *Admin) { a.Base, a.Embedded, a.Nav = "", false, nil }), "<nav")
	}
}

// The page that is open is marked where it stands, and its group is open.
func TestTheNavigationSaysWhereOneIs(t *testing.T) {
	out := framed(t, "en", func(a *Admin) { outside(a); a.Here = "lists/tasks" })
	require.Contains(t, out, `href="/shops/s1/lists/tasks" aria-current="page"`)
	require.Contains(t, out, `href="/shops/s1/lists/messages" aria-current="true"`, "the group")
	require.NotContains(t, framed(t, "en", func(a *Admin) { outside(a); a.Here = "home" }), "/lists/tasks", "a closed group")
	require.NotContains(t, framed(t, "en", outside), "aria-current=\"page\"")
}

// What somebody may not open is in no navigation, and a group without pages is none.
func TestTheNavigationHasOnlyWhatOpens(t *testing.T) {
	var all []string
	for _, item := range Nav(func(string) bool { return true }) {
		all = append(all, item.Key)
		for _, one := range item.Items {
			all = append(all, one.Key)
		}
	}
	require.Len(t, all, 16)
	require.Empty(t, Nav(func(string) bool { return false }))
	some := Nav(func(path string) bool { return path == "" || path == "/lists/tasks" })
	require.Len(t, some, 2)
	require.Equal(t, "/lists/tasks", some[1].Path, "a group leads to the first that opens")
	for _, lang := range languages {
		for _, key := range all {
			require.NotEqual(t, "nav_"+key, Say(lang, "nav_"+key, nil))
		}
	}
}

// The brake is on every page, for who may use it, and red only when it is on.
func TestPauseAllIsOnEveryPage(t *testing.T) {
	for role, may := range map[string]bool{"viewer": false, "builder": false, "publisher": true, "owner": true, "": false, "king": false} {
		at := func(paused bool) string {
			return framed(t, "en", func(a *Admin) { a.Role, a.Paused = role, paused })
		}
		require.Equal(t, may, strings.Contains(at(false), `action="/admin/pause?`), role)
		require.Equal(t, may, strings.Contains(at(true), `action="/admin/resume?`), role)
		require.Contains(t, at(true), "Everything is paused", "who may not end it sees it too")
		require.NotContains(t, at(false), "brake on")
	}
}

func TestTheFrameSaysWhatWasDone(t *testing.T) {
	for _, lang := range languages {
		require.Contains(t, framed(t, lang, func(a *Admin) { a.Said = "paused" }), Say(lang, "said_paused", nil))
		require.NotContains(t, framed(t, lang, func(a *Admin) { a.Said = "you have won <b>" }), "alert-success", "only what we say")
	}
	require.Equal(t, "", told("en", "", "nothing", 1))
}

func TestThemesAndStyles(t *testing.T) {
	require.Contains(t, framed(t, "en", func(a *Admin) { a.Theme = "dark" }), `data-bs-theme="dark"`)
	require.NotContains(t, framed(t, "en", func(*Admin) {}), "data-bs-theme")
	assets := map[string]string{"app.ltr.css": "/assets/l.css", "app.rtl.css": "/assets/r.css", "app.js": "/assets/a.js", "vazirmatn.woff2": "/assets/v.woff2", "theme.js": "/assets/t.js"}
	with := func(lang string, change func(*Admin)) string {
		return framed(t, lang, func(a *Admin) { a.Assets = assets; change(a) })
	}
	en, ar := with("en", func(*Admin) {}), with("ar", func(*Admin) {})
	require.Contains(t, en, `<link rel="stylesheet" href="/assets/l.css">`)
	require.NotContains(t, en, "woff2", "who reads no Arabic loads no Arabic font")
	require.Contains(t, ar, `<link rel="stylesheet" href="/assets/r.css">`)
	require.Contains(t, ar, `href="/assets/v.woff2" as="font"`)
	require.Contains(t, en, "/assets/t.js")
	require.NotContains(t, with("en", outside), "/assets/t.js", "outside Shopify a cookie keeps the theme")
	require.NotContains(t, framed(t, "en", func(*Admin) {}), "/assets/", "without a build there is nothing to link")
}

func TestThePageInAnotherLanguage(t *testing.T) {
	require.Equal(t, "/admin/plan?locale=fa&shop=x", Admin{Self: "/admin/plan?shop=x&locale=ar"}.In("fa"))
}

func TestIconsMirrorWhereTheyPoint(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(icons)) {
		got := string(icon(name))
		require.Contains(t, got, `aria-hidden="true"`, name)
		require.Equal(t, slices.Contains(turning, name), strings.Contains(got, "icon-turns"), name)
	}
	for _, name := range []string{"clock", "play", "check", "search"} {
		require.NotContains(t, icon(name), "icon-turns", "it means the same both ways")
	}
	for _, name := range turning {
		require.Contains(t, icons, name)
	}
	require.Empty(t, icon(`"><script>`))
}

// A number comes back the same from any of the three ways to write it.
func TestWesternDigits(t *testing.T) {
	require.Equal(t, "1,234.56 -7", Western("١٬٢٣٤٫٥٦ −۷"))
	require.Equal(t, "Ada, at 9", Western("Ada, at ۹"))
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64Range(0, 1<<40).Draw(t, "n")
		for style, country := range map[string]string{"ar": "SA", "fa": "IR", "en": "US"} {
			require.Equal(t, Number("en", "US", n), Western(Number(style, country, n)), style)
		}
	})
}

// The page's script tells times in the calendar in which the server tells days.
func TestTimesAreOfTheSameCalendarAsDays(t *testing.T) {
	for _, c := range []struct{ lang, country, calendar string }{
		{"fa", "IR", "persian"},
		{"fa", "", "persian"},
		{"fa", "SA", "gregory"},
		{"ar", "SA", "gregory"},
		{"en", "IR", "gregory"},
	} {
		require.Equal(t, c.calendar, dates(c.lang, c.country), "%s %s", c.lang, c.country)
	}
}
