package templates

import (
	"bytes"
	"html"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func page(t *testing.T, name, lang string, data any) string {
	var b bytes.Buffer
	require.NoError(t, Page(&b, name, lang, data))
	return b.String()
}

func frame() Frame {
	return Frame{Nonce: "n0nce", Shop: "Nour & Söhne", ShopEmail: "hello@nour.example"}
}

func TestEveryPageInEveryLanguage(t *testing.T) {
	for _, lang := range languages {
		for name, data := range map[string]any{
			"preferences": Preferences{Frame: frame(), Email: "a***@example.com", Topic: "reviews", OffersTopic: true, Action: "/u/abc"},
			"done":        Done{Frame: frame(), Did: DoStopTopic, Topic: "reviews", Action: "/u/abc"},
			"confirm":     Confirm{Frame: frame(), Email: "a***@example.com", Action: "/confirm/abc"},
			"link":        Notice{Frame{Nonce: "n0nce"}},
			"invalid":     Notice{Frame{Nonce: "n0nce"}},
			"error":       Notice{Frame{Nonce: "n0nce"}},
			"often":       Notice{Frame{Nonce: "n0nce"}},
			"unfit":       Notice{Frame{Nonce: "n0nce"}},
		} {
			got := page(t, name, lang, data)
			require.Contains(t, got, `<html lang="`+lang+`" dir="`+Dir(lang)+`">`)
			require.Contains(t, got, `<style nonce="n0nce">`)
			require.NotRegexp(t, regexp.MustCompile(`<[^>]+\sstyle=`), got, "the Content-Security-Policy allows no style attributes")
			require.NotContains(t, got, "<script")
			require.NotContains(t, got, "_title", "a string is missing")
			require.NotContains(t, got, "Flywheel", "customers know the shop, not us")
			require.Contains(t, got, "min-height: 44px")
			if name != "invalid" && name != "error" && name != "often" && name != "unfit" && name != "link" {
				require.Contains(t, got, "Nour &amp; Söhne")
				require.Contains(t, got, "hello@nour.example")
			}
		}
	}
}

func TestPreferencesOffersWhatMayChange(t *testing.T) {
	dos := func(p Preferences) string {
		p.Frame, p.Action, p.Topic = frame(), "/u/abc", "reviews"
		var all []string
		for _, m := range regexp.MustCompile(`name="do" value="(\w+)"`).FindAllStringSubmatch(page(t, "preferences", "en", p), -1) {
			all = append(all, m[1])
		}
		return strings.Join(all, " ")
	}
	require.Equal(t, "stop_topic stop_all", dos(Preferences{OffersTopic: true}))
	require.Equal(t, "stop_all", dos(Preferences{}), "order mails cannot be stopped by themselves")
	require.Equal(t, "stop_all undo", dos(Preferences{OffersTopic: true, TopicStopped: true}))
	require.Equal(t, "undo", dos(Preferences{OffersTopic: true, AllStopped: true}))
}

func TestPagesEscape(t *testing.T) {
	f := frame()
	f.Shop, f.ShopEmail = evil, evil
	got := page(t, "preferences", "ar", Preferences{Frame: f, Email: evil, Topic: evil, OffersTopic: true, Action: "/u/" + evil})
	require.NotContains(t, got, "<script")
	require.Contains(t, got, `<bdi dir="ltr">&#34;&gt;&lt;script`)
}

func TestUnknownPagesAndData(t *testing.T) {
	var b bytes.Buffer
	require.ErrorContains(t, Page(&b, "nothing", "en", Notice{}), `no page "nothing"`)
	require.Error(t, Page(&b, "preferences", "en", Notice{}), "the wrong data")
	require.Zero(t, b.Len(), "half a page is never written")
}

func TestTopicsHaveNames(t *testing.T) {
	require.Equal(t, "review requests", Topic("en", "reviews"))
	require.Equal(t, "mails of this kind", Topic("en", "no such topic"))
}

// full is a page with everything that it may offer.
func full() Preferences {
	return Preferences{
		Frame: frame(), Email: "a***@example.com", Topic: "reviews", OffersTopic: true, Action: "/u/abc",
		Topics:    []Choice{{"reviews", "Review requests", true}, {"tea_club", "tea club", false}},
		Languages: []Choice{{"en", "English", false}, {"fa", "فارسی", true}},
		Pauses:    []Choice{{"7", "7 days", false}, {"30", "30 days", false}},
		News:      NewsOffered,
	}
}

func TestEverythingAPageMayOffer(t *testing.T) {
	for _, lang := range languages {
		for name, change := range map[string]func(*Preferences){
			"whole": func(*Preferences) {}, "paused": func(p *Preferences) { p.Paused = "1 April 2026" },
			"asked": func(p *Preferences) { p.News, p.NewsAt = NewsAsked, "2 March 2026" }, "given": func(p *Preferences) { p.News, p.NewsAt = NewsGiven, "2 March 2026" },
		} {
			p := full()
			change(&p)
			got := page(t, "preferences", lang, p)
			require.NotRegexp(t, `>(state|news|pause|choices|language|done|confirm)_\w+<`, got, "%s %s: a string is missing", lang, name)
			require.Contains(t, got, `<input type="checkbox" name="topic" value="reviews" checked>`)
			require.Contains(t, got, `<input type="checkbox" name="topic" value="tea_club">`)
			require.Contains(t, got, `<option value="fa" lang="fa" selected>`)
			require.Equal(t, name == "paused", strings.Contains(got, `value="resume"`))
			require.Equal(t, name != "paused", strings.Contains(got, `<button name="days" value="7">`))
			require.Equal(t, name == "asked" || name == "given", strings.Contains(got, `value="no"`))
		}
	}
	blocked := full()
	blocked.Blocked = true
	require.NotContains(t, page(t, "preferences", "en", blocked), "<form")
}

func TestWhatIsSaidAfterEachButton(t *testing.T) {
	seen := map[string]string{}
	for _, lang := range languages {
		for _, d := range []Done{
			{Did: DoStopTopic},
			{Did: DoStopAll},
			{Did: DoUndo},
			{Did: DoUndo, Told: true},
			{Did: DoSave},
			{Did: DoPause, Until: "1 April 2026"},
			{Did: DoResume},
			{Did: DoYes, News: NewsGiven},
			{Did: DoYes, News: NewsAsked},
			{Did: DoYes, News: NewsWaits},
			{Did: DoNo},
		} {
			d.Frame, d.Topic, d.Action = frame(), "reviews", "/u/abc"
			got := page(t, "done", lang, d)
			state := regexp.MustCompile(`role="status">([^<]*(<bdi[^>]*>[^<]*</bdi>[^<]*)*)</p>`).FindStringSubmatch(got)
			require.NotNil(t, state, got)
			require.NotContains(t, state[1], "done_")
			require.NotEmpty(t, state[1])
			key := lang + state[1]
			require.Empty(t, seen[key], "%s %s says the same as %s", lang, d.Did, seen[key])
			seen[key] = d.Did + d.News
		}
	}
}

// What is kept with a yes is what the page shows, in the language of the page.
func TestTheWordingIsWhatIsShown(t *testing.T) {
	for _, lang := range languages {
		got := page(t, "preferences", lang, full())
		plain := regexp.MustCompile(`</?bdi[^>]*>`).ReplaceAllString(got, "")
		require.Contains(t, html.UnescapeString(plain), NewsWording(lang, "Nour & Söhne"))
		confirm := regexp.MustCompile(`</?bdi[^>]*>`).ReplaceAllString(page(t, "confirm", lang, Confirm{Frame: frame(), Action: "/confirm/a"}), "")
		require.Contains(t, html.UnescapeString(confirm), NewsWording(lang, "Nour & Söhne"))
	}
}

func TestTopicsOfOursHaveNamesOfTheirOwn(t *testing.T) {
	for _, lang := range languages {
		for _, topic := range []string{"reviews", "care", "news", "reminders", "comeback"} {
			require.True(t, Known("topic_"+topic))
			require.NotEmpty(t, TopicChoice(lang, topic), topic)
		}
	}
	require.Empty(t, TopicChoice("en", "tea_club"))
}
