package lint

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
)

// blocks tells the first mail by blocks in each language.
func blocks(of ...campaign.Block) func(*campaign.Definition) {
	return func(d *campaign.Definition) {
		for lang := range d.Steps[0].Email {
			d.Steps[0].Email[lang] = campaign.Email{Subject: "{{ greeting }}", Blocks: of}
		}
	}
}

func text(kind campaign.BlockKind, says string) campaign.Block {
	return campaign.Block{Kind: kind, Text: says}
}

// foundIn are the findings at places of the English mail, without those places' beginning.
func foundIn(d campaign.Definition) (out []string) {
	for _, f := range Lint(d, trilingual) {
		if at, in := strings.CutPrefix(f.Where, "steps[0].email.en."); in {
			out = append(out, f.Rule+" "+at)
		}
	}
	slices.Sort(out)
	return out
}

// What is found in a block is told at the block, as its author counts them.
func TestBlocksAreReadWhereTheyStand(t *testing.T) {
	hello := text(campaign.BlockText, "Hello.")
	for _, c := range []struct {
		want  string
		block campaign.Block
	}{
		{"promo-in-transactional blocks[1].text", text(campaign.BlockText, "Save 20% with this coupon.")},
		{"promo-in-transactional blocks[1].text", text(campaign.BlockRich, "<p>Use this <b>cou</b><i>pon</i>.</p>")},
		{"promo-in-transactional blocks[1].text", text(campaign.BlockFooter, "Save 20% with this coupon.")},
		{"promo-in-transactional blocks[1].alt", campaign.Block{Kind: campaign.BlockImage, Image: "https://x.example/a.png", Alt: "Save 20% with this coupon"}},
		{"ask-in-transactional blocks[1].button.label", campaign.Block{Kind: campaign.BlockButton, Button: &campaign.Button{Label: "Write a review", URL: "https://carrier.example"}}},
		{"ask-in-transactional blocks[1].button.url", campaign.Block{Kind: campaign.BlockButton, Button: &campaign.Button{Label: "Go", URL: "{{ shop.review_url }}"}}},
		{"store-button-in-transactional blocks[1].button.url", campaign.Block{Kind: campaign.BlockButton, Button: &campaign.Button{Label: "Go", URL: "{{ shop.url }}"}}},
		{"store-button-in-transactional blocks[1].link", campaign.Block{Kind: campaign.BlockImage, Image: "https://x.example/a.png", Alt: "A cup", Link: "{{ product.url }}"}},
		{"store-button-in-transactional blocks[1].text", text(campaign.BlockRich, `See <a class="x" href="{{ shop.url }}/collections/all">all</a>`)},
		{"ask-in-transactional blocks[1].text", text(campaign.BlockRich, `See <a href='https&#58;//search.google.com/local/writereview?placeid=1&amp;x=2'>here</a>`)},
		{"ask-in-transactional blocks[1]", campaign.Block{Kind: campaign.BlockShare}},
		{"ask-in-transactional blocks[1]", campaign.Block{Kind: campaign.BlockShare, Ways: []string{"instagram", "mail"}}},
		{"loud-subject blocks[1].text", text(campaign.BlockHeading, "THANK YOU SO MUCH")},
		{"placeholder blocks[1].text", text(campaign.BlockText, "[[what you write]]")},
	} {
		d := thanks(blocks(hello, c.block), job(commerce.JobThanks))
		require.Contains(t, foundIn(d), c.want, "%+v", c.block)

		c.block.Hidden = true
		d = thanks(blocks(hello, c.block), job(commerce.JobThanks))
		require.Empty(t, foundIn(d), "hidden: %+v", c.block)
	}
	for _, block := range []campaign.Block{
		hello, text(campaign.BlockText, "THANK YOU SO MUCH"),
		{Kind: campaign.BlockDivider},
		{Kind: campaign.BlockLines},
		{Kind: campaign.BlockContact},
		{Kind: campaign.BlockShare, Ways: []string{"instagram", "x"}},
		text(campaign.BlockRich, `<a href="{{ shop.url }}/account">here</a>`),
		{Kind: campaign.BlockButton, Button: &campaign.Button{Label: "Track it", URL: "https://carrier.example/1"}},
	} {
		require.Empty(t, foundIn(thanks(blocks(hello, block))), "%+v", block)
	}
}

// Refund care shows no table of what was kept, whichever way the mail is told.
func TestRefundCareShowsNoLines(t *testing.T) {
	d := thanks(on(campaign.OnRefundFull), blocks(text(campaign.BlockText, "Hello."), campaign.Block{Kind: campaign.BlockLines}))
	require.Equal(t, []string{"amount-in-refund-care blocks[1]"}, foundIn(d))
	require.Equal(t, "lines", linesWord(d.Steps[0].Email["en"]))
}

// A review that only the happy are led to is seen in a link of a formatted text too.
func TestReviewsAreFoundInFormattedTexts(t *testing.T) {
	asks := mail("ask")
	for lang := range asks.Email {
		asks.Email[lang] = campaign.Email{Subject: "{{ greeting }}", Blocks: []campaign.Block{text(campaign.BlockRich, `<a href="{{ shop.review_url }}">here</a>`)}}
	}
	d := thanks(of(gate.Service, "reviews"), steps(wait(1), branch2("event.props.score > 8", list(asks), list(mail("other")))))
	require.Contains(t, found(d, trilingual), "score-gates-review steps[1].condition")
	require.Contains(t, found(d, trilingual), "job-of-review job")
}

// What one language shows and another does not.
func TestBlocksAreEvenInAllLanguages(t *testing.T) {
	d := thanks(blocks(text(campaign.BlockText, "Hello."), campaign.Block{Kind: campaign.BlockContact}))
	require.Empty(t, foundIn(d))
	e := d.Steps[0].Email["en"]
	e.Blocks = e.Blocks[:1]
	d.Steps[0].Email["en"] = e
	require.Equal(t, []string{"uneven-translation blocks"}, foundIn(d))

	d = thanks(blocks(text(campaign.BlockHeading, "Hello."), text(campaign.BlockText, "Hello.")))
	d.Steps[0].Email["en"] = campaign.Email{Subject: "{{ greeting }}", Heading: "Hello", Body: []string{"Hello."}}
	require.Empty(t, foundIn(d), "short here, by blocks there")
	d.Steps[0].Email["fa"] = campaign.Email{Subject: "{{ greeting }}", Heading: "سلام", Body: []string{"سلام"}, Closing: []string{"سلام"}}
	require.Equal(t, []string{"uneven-translation closing"}, foundIn(d))
	require.NotContains(t, found(d, trilingual), "uneven-translation steps[0].email.ar.closing", "blocks have no closing of their own")
}
