package lint

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/delight/campaign"
	"flywheel/delight/gate"
)

// News by mail are held where a yes must be confirmed and nobody asks for that;
// what is no news, and what writes no mail, is not.
func TestUnconfirmed(t *testing.T) {
	news := thanks(of(gate.Marketing, "news"))
	f, found := Unconfirmed(news, []string{"AT", "DE"})
	require.True(t, found)
	require.Equal(t, Warning, f.Severity)
	require.Equal(t, "yes-unconfirmed class", f.Rule+" "+f.Where)
	require.False(t, Errors([]Finding{f}), "it may go live: elsewhere it is of use")
	for _, lang := range []string{"en", "ar", "fa"} {
		require.Contains(t, f.Texts[lang], "AT, DE")
		require.Contains(t, f.Mend[lang], "confirm_subscription")
	}
	for name, c := range map[string]struct {
		d         campaign.Definition
		countries []string
	}{
		"nobody lives there": {news, nil},
		"service":            {thanks(of(gate.Service, "care")), []string{"DE"}},
		"what asks":          {thanks(on(campaign.OnConsentAsked)), []string{"DE"}},
		"no mail":            {thanks(of(gate.Marketing, "news"), steps(end())), []string{"DE"}},
	} {
		_, found := Unconfirmed(c.d, c.countries)
		require.False(t, found, name)
	}
}
