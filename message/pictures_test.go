package message

import (
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/templates"
)

func TestPicturesLieWhereLinksMayLead(t *testing.T) {
	f := Facts{LinkHosts: []string{"nour.example"}, UnsubscribeURL: "https://flywheel.example/u/x"}
	for address, shown := range map[string]bool{
		"https://nour.example/a.png":               true,
		"https://img.nour.example/a.png":           true,
		"https://cdn.shopify.com/s/files/1/a.png":  true,
		"https://files.stripe.com/links/x":         true,
		"https://flywheel.example/o/x.gif":         true,
		"https://phish.example/pay.png":            false,
		"https://nour.example.phish.example/a.png": false,
		"https://cdn.shopify.com.phish.example/a":  false,
		"https://stripe.com/a.png":                 false,
		"http://nour.example/a.png":                false,
		"data:image/png;base64,AAAA":               false,
		"":                                         false,
	} {
		require.Equal(t, shown, f.picture(address) != "", address)
	}
	require.Equal(t, "https://phish.example/pay.png", Facts{}.picture("https://phish.example/pay.png"), "an own sender shows what it likes")
}

// On the shared sender a picture from elsewhere is left out, and its words stay.
func TestForeignPicturesAreLeftOut(t *testing.T) {
	f := factsOf(campaign.Definition{Class: gate.Marketing, Topic: "news"}, "en")
	f.Shop.Settings.Brand.Logo = "https://cdn.phish.example/logo.png"
	f.Order.Detail.Lines[0].Image, f.Order.Detail.Lines[1].Image = "https://cdn.phish.example/line.png", "https://cdn.shopify.com/s/files/1/tote.png"
	text := compiled(t, "en", campaign.Email{Subject: "x", Blocks: []campaign.Block{
		{Kind: campaign.BlockImage, Image: "https://cdn.phish.example/block.png", Alt: "The new & bold shirt", Link: "https://nour.example/shirt?a=1&b=2"},
		{Kind: campaign.BlockImage, Image: "https://cdn.phish.example/block.png", Alt: "Pay at www.phish.com", Link: "https://phish.example/"},
		{Kind: campaign.BlockImage, Image: "https://cdn.phish.example/block.png"},
		{Kind: campaign.BlockLines},
	}})
	all, err := text.Render(f)
	require.NoError(t, err)
	for _, name := range []string{"logo", "line", "block"} {
		require.Contains(t, all.HTML, "https://cdn.phish.example/"+name+".png", "an own sender shows them")
	}

	f.LinkHosts = []string{"nour.example"}
	m, err := text.Render(f)
	require.NoError(t, err)
	require.NotContains(t, m.HTML, "phish.example")
	require.Contains(t, m.HTML, "https://cdn.shopify.com/s/files/1/tote.png")
	require.Contains(t, m.HTML, `<a href="https://nour.example/shirt?a=1&amp;b=2">The new &amp; bold shirt</a>`)
	require.Contains(t, m.HTML, templates.Markup(f.Shop.Name), "the shop's name stands for its logo")
	require.Contains(t, m.Text, "The new & bold shirt: https://nour.example/shirt?a=1&b=2")
	require.Contains(t, m.Text, "Pay at www\u2060.\u2060phish\u2060.\u2060com")
	for _, f := range Check(m, Checked{Class: gate.Marketing, LinkHosts: f.LinkHosts}) {
		if f.Check == CheckAlt {
			require.Equal(t, CheckOK, f.State, "%v", f.Details)
		}
	}
}
