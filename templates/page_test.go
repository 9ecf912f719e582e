package templates

import (
	"bytes"
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
			"invalid":     Notice{Frame{Nonce: "n0nce"}},
			"error":       Notice{Frame{Nonce: "n0nce"}},
		} {
			got := page(t, name, lang, data)
			require.Contains(t, got, `<html lang="`+lang+`" dir="`+Dir(lang)+`">`)
			require.Contains(t, got, `<style nonce="n0nce">`)
			require.NotRegexp(t, regexp.MustCompile(`<[^>]+\sstyle=`), got, "the Content-Security-Policy allows no style attributes")
			require.NotContains(t, got, "<script")
			require.NotContains(t, got, "_title", "a string is missing")
			require.NotContains(t, got, "Flywheel", "customers know the shop, not us")
			require.Contains(t, got, "min-height: 44px")
			if name != "invalid" && name != "error" {
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
