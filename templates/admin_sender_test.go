package templates

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The page in each state a sender may be in, in every language, with every string there is.
func TestSenderPageInEveryLanguage(t *testing.T) {
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	d := &SenderDomain{Name: "nour.example", Ready: true, BrokenSince: at, LookedAt: at}
	for _, seen := range []string{"", "good", "missing", "differs", "broken", "too_many", "unclear"} {
		for _, kind := range []string{"rsa", "ed25519", "spf", "dmarc", "mx"} {
			d.Records = append(d.Records, SenderRecord{Name: "fw1._domainkey.nour.example", Type: "TXT", Value: `v=DKIM1; p="<&>`, Kind: kind, Key: "next", Seen: seen, Stands: []string{"<script>"}})
		}
	}
	d.Records[0].Key = "active"
	for _, lang := range languages {
		for _, kind := range []string{"shared", "domain", "smtp", "own"} {
			got := adminPage(t, "sender", lang, SenderPage{
				Admin: admin(), Kind: kind, From: "hello@nour.example", Reply: "team@nour.example", Stopped: true, Taken: 7, Limit: 100, Domain: d, MayShare: true,
				Events: "https://flywheel.example/webhooks/mail/ses/x", Name: `"><script>`, Providers: []SenderProvider{{"ses", "Amazon SES"}}, Wrong: Refusal{Form: "smtp", Field: "port", Said: "no <such> port"}, Support: "help@flywheel.example",
			})
			require.NotRegexp(t, `>[^<>]*\bsender_\w+[^<>]*<`, got, "%s %s: a string is missing", lang, kind)
			require.NotContains(t, got, "<script>\"")
			require.NotContains(t, got, `"><script>`)
			require.NotRegexp(t, `<[^>]+\s(style|onclick)=`, got, "the policy allows none")
			require.Equal(t, strings.Count(got, "data-copy "), strings.Count(got, "readonly"))
			require.Contains(t, got, `dir="ltr"`)
		}
	}
}
