package timeline

import (
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/store"
	"flywheel/templates"
)

// tellerIn is teller for somebody who reads another language.
func tellerIn(lang string) *Teller {
	t := teller()
	c := t.known["review"]
	c.Title = campaign.Texts{"en": "Review request", "ar": "طلب تقييم", "fa": "درخواست نظر"}
	o := &store.StoredOrder{Order: commerce.Order{
		ID: "a", Detail: commerce.Detail{Name: "#1001"}, Keys: []commerce.SourceKey{{ID: "a"}},
		Refunds: map[string]commerce.Refund{"r1": {ID: "r1", Amount: commerce.Money{Amount: 4200, Currency: "SAR"}}},
	}}
	return NewTellerIn(lang, commerce.Shop{Timezone: "Europe/London", Country: map[string]string{"fa": "IR"}[lang]}, []*store.StoredOrder{o}, []campaign.Campaign{c})
}

// Whoever reads Arabic or Persian reads nothing else, but for names and what machines answer.
func TestLinesInEveryLanguage(t *testing.T) {
	later := noon.Add(20 * time.Hour)
	records := at(
		store.Entry{Kind: "event", What: "order_paid", Reason: "historic"}, store.Entry{Kind: "event", What: "refund_made", Detail: "a/r1"},
		store.Entry{Kind: "event", What: "subscription_renewed", Order: "none"}, store.Entry{Kind: "event", What: "order_arrived", Order: "none", Reason: "assumed"},
		store.Entry{Kind: "pass", What: campaign.BranchElse, Step: "wait"}, store.Entry{Kind: "pass", What: campaign.BranchThen, Step: "fork", Reason: "rehearsal"},
		decided(gate.Defer, gate.QuietHours, "ask", "", later), effect(store.Sent, "call"), effect(store.Failed, "ask"),
		store.Entry{Kind: "act", What: "click", Times: 3, Until: later}, store.Entry{Kind: "task", What: "open", Detail: "x"}, store.Entry{Kind: "touch", Detail: "x"},
		store.Entry{Kind: "consent", What: "subscribed", Reason: "marketing", Detail: "x"}, store.Entry{Kind: "stop", What: "pause", Reason: "asked", Until: later},
		store.Entry{Kind: "stop", What: "topic:reviews", Reason: "unsubscribed"}, entered(later),
	)
	for _, lang := range templates.Languages() {
		teller := tellerIn(lang)
		for _, l := range teller.Lines(records) {
			require.NotContains(t, l.Sentence, "timeline_", l.Kind)
			require.NotContains(t, l.Sentence, "{{", l.Kind)
			require.NotEmpty(t, l.Sentence)
			if lang != "en" {
				words := strings.NewReplacer("fork", "", "wait", "", "x", "", "SAR", "").Replace(l.Sentence)
				require.False(t, strings.ContainsFunc(words, func(r rune) bool { return unicode.Is(unicode.Latin, r) }), "%s: %s", lang, l.Sentence)
			}
		}
	}
	ar := tellerIn("ar").Lines(records[:2])
	require.Equal(t, "الطلب \u2066#1001\u2069 دُفع ثمنه (قبل ربط المتجر)", ar[0].Sentence)
	require.Contains(t, ar[1].Sentence, "استُرد منه مبلغ: ")
	require.Contains(t, ar[1].Sentence, "42.00")
}

func TestAnswersInEveryLanguage(t *testing.T) {
	later := noon.Add(20 * time.Hour)
	retry := effect(store.Retry, "ask")
	retry.Detail, retry.Until = "451 4.7.1", later
	for _, records := range [][]store.Entry{
		nil, at(entered(later)), at(ended(gate.Refunded)), at(ended(gate.SequenceComplete), effect(store.Sent, "ask")), at(entered(later), effect(store.Sent, "ask")),
		at(entered(later), effect(store.Unknown, "ask")), at(entered(later), retry), at(entered(never)), at(entered(noon - 1)),
		at(entered(later), decided(gate.Hold, gate.NoConsent, "ask", "", later)), at(decided(gate.Skip, gate.ConditionNotMet, "", "1 > 2 · 1", 0)),
	} {
		for _, lang := range []string{"ar", "fa"} {
			got := tellerIn(lang).Answer(records, "review", "", noon)
			require.NotContains(t, got, "timeline_")
			require.False(t, strings.ContainsFunc(got, func(r rune) bool { return unicode.Is(unicode.Latin, r) }), got)
			require.True(t, strings.HasSuffix(got, "."), got)
		}
	}
	require.Contains(t, tellerIn("fa").Answer(at(entered(later)), "review", "", noon), "اسفند", "in the reader's calendar")
	for lang, want := range map[string]string{"en": "send it again, or treat it as sent", "ar": "إعادة الإرسال"} {
		require.Contains(t, tellerIn(lang).Answer(at(entered(later), effect(store.Unknown, "ask")), "review", "", noon), want, "pages have buttons, not commands")
	}
}
