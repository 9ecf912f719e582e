package jobs

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/links"
)

// Nothing is counted unless the shop has turned it on, and each by itself.
func TestTrackingIsTheShopsChoice(t *testing.T) {
	signer := links.NewSigner([][]byte{[]byte(strings.Repeat("k", 32))})
	for name, c := range map[string]struct {
		signer        *links.Signer
		on            commerce.Tracking
		clicks, opens bool
	}{
		"off":       {signer, commerce.Tracking{}, false, false},
		"clicks":    {signer, commerce.Tracking{Clicks: true}, true, false},
		"opens":     {signer, commerce.Tracking{Opens: true}, false, true},
		"both":      {signer, commerce.Tracking{Opens: true, Clicks: true}, true, true},
		"no signer": {nil, commerce.Tracking{Opens: true, Clicks: true}, false, false},
	} {
		w := &Worker{Options: Options{BaseURL: "https://mail.example", Marks: c.signer}}
		track, pixel := w.tracking(commerce.Shop{ID: "shop", Settings: commerce.Settings{Tracking: c.on}}, "effect")
		require.Equal(t, c.clicks, track != nil, name)
		require.Equal(t, c.opens, pixel != "", name)
		if c.opens {
			token := strings.TrimSuffix(strings.TrimPrefix(pixel, "https://mail.example/o/"), ".gif")
			got, err := signer.Read(links.Open, token)
			require.NoError(t, err)
			require.Equal(t, links.Mark{Shop: "shop", Effect: "effect"}, got)
		}
		if c.clicks {
			token, found := strings.CutPrefix(track("https://nour.example/tea"), "https://mail.example/c/")
			require.True(t, found)
			got, err := signer.Read(links.Click, token)
			require.NoError(t, err)
			require.Equal(t, links.Mark{Shop: "shop", Effect: "effect", Target: "https://nour.example/tea"}, got)
			require.Equal(t, "mailto:hello@nour.example", track("mailto:hello@nour.example"), "it cannot be counted")
		}
	}
}
