package message

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
)

func TestForeignAddressesAreBrokenUp(t *testing.T) {
	f := Facts{LinkHosts: []string{"nour.example", "nour.com"}}
	for text, want := range map[string]string{
		"Pay at https://phish.com/pay?a=1.":       "Pay at phish\u2060.\u2060com/pay?a=1\u2060.\u2060",
		"or www.phish.com":                        "or www\u2060.\u2060phish\u2060.\u2060com",
		"Hello evil.co.uk,":                       "Hello evil\u2060.\u2060co\u2060.\u2060uk,",
		"HTTP://NOWHERE.EXAMPLE":                  "NOWHERE\u2060.\u2060EXAMPLE",
		"//phish.com":                             "phish\u2060.\u2060com",
		"see shop.nour.com/care and nour.example": "see shop.nour.com/care and nour.example",
		"write to hello@phish.com":                "write to hello@phish.com",
		"Node.js, 3.5 kg, St.Petersburg.":         "Node.js, 3.5 kg, St.Petersburg.",
		"موقع phish.com هنا":                      "موقع phish\u2060.\u2060com هنا",
	} {
		require.Equal(t, want, f.harmless(text), text)
	}
}

// The shared sender's mails lead to the shop's own places only, however an address comes into them.
func TestSharedMailsNameNoForeignAddress(t *testing.T) {
	f := factsOf(campaign.Definition{Class: gate.Marketing, Topic: "news"}, "en")
	f.LinkHosts = []string{"nour.example"}
	f.Person.FirstName, f.Order.Detail.Lines[0].Title = "evil.com", "Win at www.phish.com"
	f.Shop.Settings.Brand.Footer = map[string]string{"en": "https://phish.com/login"}
	f.Shop.Settings.PostalAddress = "phish.com\nTown"
	f.Shop.Settings.Social = commerce.Social{Instagram: "https://instagram.com/x"}
	text, err := Compile("en", campaign.Email{Subject: "See https://phish.com", Preheader: "phish.com", Blocks: []campaign.Block{
		{Kind: campaign.BlockHeading, Text: "phish.com"},
		{Kind: campaign.BlockText, Text: "{{ greeting }} Pay at https://phish.com/pay"},
		{Kind: campaign.BlockRich, Text: `<p><a href="https://phish.com/a">phish.com</a> or <a href="mailto:x@phish.com?bcc=all@phish.com">write</a></p>`},
		{Kind: campaign.BlockLines},
		{Kind: campaign.BlockShare},
	}})
	require.NoError(t, err)
	m, err := text.Render(f)
	require.NoError(t, err)
	for name, part := range map[string]string{"subject": m.Subject, "html": m.HTML, "text": m.Text} {
		for _, host := range []string{"phish.com/", "www.phish.com", "evil.com", " phish.com", ">phish.com", "?bcc"} {
			require.NotContains(t, part, host, "%s: %s", name, host)
		}
		require.False(t, strings.HasPrefix(part, "phish.com"), name)
	}
	require.Contains(t, m.Text, "pay", "it can still be read")
}
