package message

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
)

// blocksMail is a mail of blocks with a subject.
func blocksMail(blocks ...campaign.Block) campaign.Email {
	return campaign.Email{Subject: "Hello", Preheader: "Hello", Blocks: blocks}
}

// furnished are the facts of a shop that has everything blocks can show.
func furnished(lang string) Facts {
	f := factsOf(campaign.Definition{Class: gate.Service, Topic: "care"}, lang)
	s := &f.Shop.Settings
	s.StoreURL = "https://nour.example"
	s.Brand = commerce.Brand{
		Logo: "https://cdn.shopify.com/logo.png", LogoWidth: 120, Accent: "#0b6e4f", Page: "#f7f3e8",
		Footer: map[string]string{"en": "Made by hand in Boston.", "ar": "صُنع بعناية في الرياض.", "fa": "ساختهٔ دست در تهران."},
	}
	s.Contact = commerce.Contact{Phone: "+1 617 555 0100", Chat: "https://nour.example/chat", WhatsApp: "+1 617 555 0101", Meeting: "https://cal.example/nour"}
	s.Social = commerce.Social{Instagram: "https://www.instagram.com/nour", TikTok: "https://www.tiktok.com/@nour"}
	for i := range f.Order.Detail.Lines {
		f.Order.Detail.Lines[i].Image = "https://cdn.shopify.com/p" + string('1'+byte(i)) + ".jpg"
	}
	return f
}

// everyBlock is one block of each kind, in words of the language.
func everyBlock(lang string) campaign.Email {
	say := map[string][]string{
		"en": {"Care for your linen", "Linen likes it <cool>.\nWash it at 30 degrees.\n\nDry it in the shade.", "<p>Two things help, says <b>{{ shop.name }}</b>:</p><ul><li>iron it damp</li><li>read <a href=\"https://nour.example/care\">our advice</a></li></ul>", "See the advice", "Two shirts on a line", "What you ordered", "Thank you for keeping clothes long."},
		"ar": {"العناية بالكتان", "الكتان يحب الماء <البارد>.\nيُغسل عند 30 درجة.\n\nويُجفف في الظل.", "<p>أمران ينصح بهما <b>{{ shop.name }}</b>:</p><ul><li>الكي وهو رطب</li><li>قراءة <a href=\"https://nour.example/care\">نصائحنا</a></li></ul>", "قراءة النصائح", "قميصان على حبل", "ما طلبته", "شكرًا لأنك تعتني بملابسك."},
		"fa": {"نگهداری از کتان", "کتان آب <خنک> را دوست دارد.\nدر ۳۰ درجه بشویید.\n\nدر سایه خشک کنید.", "<p>پیشنهاد <b>{{ shop.name }}</b> این است:</p><ul><li>نم\u200cدار اتو کنید</li><li><a href=\"https://nour.example/care\">راهنمای ما</a> را بخوانید</li></ul>", "خواندن راهنما", "دو پیراهن روی بند", "سفارش شما", "سپاس که از لباس\u200cها خوب نگه می\u200cدارید."},
	}[lang]
	e := blocksMail(
		campaign.Block{Kind: campaign.BlockHeading, Text: say[0]},
		campaign.Block{Kind: campaign.BlockText, Text: "{{ greeting }}"},
		campaign.Block{Kind: campaign.BlockText, Text: say[1]},
		campaign.Block{Kind: campaign.BlockRich, Text: say[2]},
		campaign.Block{Kind: campaign.BlockButton, Button: &campaign.Button{Label: say[3], URL: "{{ shop.url }}/care", Otherwise: say[3]}},
		campaign.Block{Kind: campaign.BlockImage, Image: "https://cdn.shopify.com/line.jpg", Alt: say[4], Link: "{{ shop.url }}"},
		campaign.Block{Kind: campaign.BlockHeading, Text: say[5]},
		campaign.Block{Kind: campaign.BlockLines},
		campaign.Block{Kind: campaign.BlockDivider},
		campaign.Block{Kind: campaign.BlockContact},
		campaign.Block{Kind: campaign.BlockShare},
		campaign.Block{Kind: campaign.BlockFooter, Text: say[6]},
	)
	e.Subject, e.Preheader = say[0], say[4]
	return e
}

func TestGoldenBlocks(t *testing.T) {
	for _, lang := range []string{"en", "ar", "fa"} {
		m, err := compiled(t, lang, everyBlock(lang)).Render(furnished(lang))
		require.NoError(t, err)
		golden(t, "cases", "blocks_"+lang, false, m)
		for _, f := range Check(m, Checked{Class: gate.Service}) {
			require.Equal(t, CheckOK, f.State, "%s: %s %v", lang, f.Check, f.Details)
		}
	}
}

func TestBlocksStandInTheOrderOfTheirAuthor(t *testing.T) {
	m, err := compiled(t, "en", everyBlock("en")).Render(furnished("en"))
	require.NoError(t, err)
	for _, part := range []string{m.HTML, m.Text} {
		at := 0
		for _, word := range []string{"Care for your linen", "Hello Ada,", "Wash it", "Two things help", "See the advice", "Two shirts on a line", "What you ordered", "Canvas tote", "617 555 0100", "Instagram", "Thank you for keeping", "Made by hand", "because you bought"} {
			next := strings.Index(part[at:], word)
			require.GreaterOrEqual(t, next, 0, "%s\n%s", word, part)
			at += next
		}
	}
	require.Contains(t, m.HTML, "Linen likes it &lt;cool&gt;.<br>Wash it at 30 degrees.</div>")
	require.Contains(t, m.HTML, `<b>Nour &amp; Co</b>`)
	require.Contains(t, m.Text, "Linen likes it <cool>.\nWash it at 30 degrees.\n\nDry it in the shade.\n")
	require.Contains(t, m.Text, "our advice: https://nour.example/care")
	require.NotContains(t, m.HTML, "Questions? Reply", "the ways to reach the shop stand above")
}

// A block that has nothing to say leaves no gap.
func TestBlocksWithoutContentAreLeftOut(t *testing.T) {
	f := furnished("en")
	f.Order, f.Shop.Settings.Contact, f.Shop.Settings.Social, f.Shop.Settings.StoreURL, f.Shop.Email = nil, commerce.Contact{}, commerce.Social{}, "", ""
	e := blocksMail(
		campaign.Block{Kind: campaign.BlockHeading, Text: "{{ order.name }}"}, campaign.Block{Kind: campaign.BlockText, Text: "{{ order.name }}\n\n  \n"},
		campaign.Block{Kind: campaign.BlockRich, Text: "<p>{{ order.name }}</p>"}, campaign.Block{Kind: campaign.BlockLines},
		campaign.Block{Kind: campaign.BlockButton, Button: &campaign.Button{Label: "Go", URL: "{{ shop.url }}"}},
		campaign.Block{Kind: campaign.BlockButton, Button: &campaign.Button{Label: "{{ order.name }}", URL: "https://x.example", Otherwise: "{{ order.name }}"}},
		campaign.Block{Kind: campaign.BlockImage, Image: "{{ product.url }}", Alt: "x"}, campaign.Block{Kind: campaign.BlockContact}, campaign.Block{Kind: campaign.BlockShare},
		campaign.Block{Kind: campaign.BlockText, Text: "Only this."},
	)
	m, err := compiled(t, "en", e).Render(f)
	require.NoError(t, err)
	require.Equal(t, "Only this.", strings.Split(m.Text, "\n\n--")[0])
	card := m.HTML[strings.Index(m.HTML, `class="card"`):]
	require.Equal(t, 1, strings.Count(card, `class="in ink"`))
	require.NotContains(t, card, "<img")
}

func TestHiddenBlocksAreKeptButNotShown(t *testing.T) {
	e := blocksMail(
		campaign.Block{Kind: campaign.BlockLogo, Hidden: true},
		campaign.Block{Kind: campaign.BlockHeading, Text: "Secret", Hidden: true},
		campaign.Block{Kind: campaign.BlockText, Text: "Shown"},
		campaign.Block{Kind: campaign.BlockFooter, Text: "Below", Hidden: true},
	)
	m, err := compiled(t, "en", e).Render(furnished("en"))
	require.NoError(t, err)
	require.NotContains(t, m.HTML+m.Text, "Secret")
	require.NotContains(t, m.HTML, "logo.png")
	require.Contains(t, m.HTML, "Below", "a footer cannot be hidden")
	require.Contains(t, m.HTML, "Boston MA 02110")

	e.Blocks[1].Text = "{% if %}"
	require.NotEmpty(t, Lint(e), "nor may what is hidden wait with a mistake")
}

func TestProblemsNameTheBlock(t *testing.T) {
	e := blocksMail(
		campaign.Block{Kind: campaign.BlockHeading, Text: "a\nb"},
		campaign.Block{Kind: campaign.BlockRich, Text: "<p>{{ nothing.here }}</p>"},
		campaign.Block{Kind: campaign.BlockButton, Button: &campaign.Button{Label: "{{", URL: "http://x.example"}},
		campaign.Block{Kind: campaign.BlockImage, Image: "ftp://x.example/a.jpg", Alt: "{{", Link: "javascript:alert(1)"},
		campaign.Block{Kind: campaign.BlockFooter, Text: "{{"},
	)
	var found []string
	for _, p := range Lint(e) {
		found = append(found, p.Field)
	}
	for _, field := range []string{"block 1 text", "block 2 text", "block 3 button label", "block 3 button url", "block 4 image", "block 4 alt", "block 4 link", "block 5 text"} {
		require.Contains(t, found, field)
	}
	_, err := Compile("en", e)
	require.ErrorContains(t, err, "block 3 button url")

	e = blocksMail()
	for range 4 {
		e.Blocks = append(e.Blocks, campaign.Block{Kind: campaign.BlockText, Text: strings.Repeat("word ", 3000)})
	}
	_, err = Compile("en", e)
	require.ErrorContains(t, err, "all of it together is larger than 48 KB")
}

var links = regexp.MustCompile(`<a [^>]*href="([^"]*)"`)

func linksOf(m Message) (all []string) {
	for _, l := range links.FindAllStringSubmatch(m.HTML, -1) {
		all = append(all, strings.ReplaceAll(l[1], "&amp;", "&"))
	}
	return all
}

func TestWaysLeadWhereTheySay(t *testing.T) {
	e := blocksMail(campaign.Block{Kind: campaign.BlockText, Text: "x"}, campaign.Block{Kind: campaign.BlockContact}, campaign.Block{Kind: campaign.BlockShare})
	m, err := compiled(t, "en", e).Render(furnished("en"))
	require.NoError(t, err)
	require.Equal(t, []string{
		"https://nour.example", "mailto:hello@nour.example", "tel:+16175550100", "https://nour.example/chat", "https://wa.me/16175550101", "https://cal.example/nour",
		"https://www.instagram.com/nour", "https://www.tiktok.com/@nour", "https://wa.me/?text=Nour%20%26%20Co%20https%3A%2F%2Fnour.example",
		"mailto:?subject=Nour%20%26%20Co&body=https%3A%2F%2Fnour.example", "https://flywheel.example/u/AAAAAAAAAAAAAAAAAAAAAA",
	}, linksOf(m))

	e.Blocks[1].Ways, e.Blocks[2].Ways = []string{"phone", "mail"}, []string{"tiktok"}
	m, err = compiled(t, "en", e).Render(furnished("en"))
	require.NoError(t, err)
	require.Equal(t, []string{"tel:+16175550100", "mailto:hello@nour.example", "https://www.tiktok.com/@nour"}, linksOf(m)[1:4], "those that are named, in their order")
	require.Contains(t, m.Text, "Phone: +1 617 555 0100\nMail: hello@nour.example\n")
}

// Of several orders no single one has a sum that would be right.
func TestTheTotalIsThatOfOneOrder(t *testing.T) {
	f, e := furnished("en"), blocksMail(campaign.Block{Kind: campaign.BlockLines})
	m, err := compiled(t, "en", e).Render(f)
	require.NoError(t, err)
	require.Contains(t, m.Text, "Total: $105.50")
	f.Together = []*commerce.Order{{Detail: commerce.Detail{Name: "#1002"}}}
	m, err = compiled(t, "en", e).Render(f)
	require.NoError(t, err)
	require.NotContains(t, m.Text, "Total")
}

// A shop that writes through our address may link to its own hosts alone.
func TestLinksStayWithinTheHosts(t *testing.T) {
	e := everyBlock("en")
	e.Blocks[3].Text = `<p><a href="https://nour.example/care">ours</a> <a href="https://evil.example/">theirs</a> <a href="mailto:a@evil.example">write</a></p>`
	e.Blocks = append(e.Blocks[:11], campaign.Block{Kind: campaign.BlockButton, Button: &campaign.Button{Label: "Go", URL: "https://evil.example/x", Otherwise: "Stay"}}, e.Blocks[11])
	f := furnished("en")
	f.LinkHosts = []string{"nour.example"}
	m, err := compiled(t, "en", e).Render(f)
	require.NoError(t, err)
	for _, to := range linksOf(m) {
		u, err := url.Parse(to)
		require.NoError(t, err)
		require.Contains(t, []string{"nour.example", "flywheel.example", ""}, u.Host, to)
	}
	require.NotContains(t, m.HTML+m.Text, "evil.example/")
	require.Contains(t, m.HTML, "theirs", "what may not be linked stays as text")
	require.Contains(t, m.HTML, "+1 617 555 0101")
	require.Contains(t, m.Text, "Stay")
	require.NotContains(t, m.HTML, "Instagram")

	f.LinkHosts = []string{}
	m, err = compiled(t, "en", e).Render(f)
	require.NoError(t, err)
	for _, to := range linksOf(m) {
		require.Regexp(t, `^(mailto:|tel:|https://flywheel\.example/)`, to, "none is not any")
	}
}

// Clicks are counted where a reader clicks; the text part shows addresses as they are.
func TestClicksAreCountedButForOurOwnLinks(t *testing.T) {
	f := furnished("en")
	f.ConfirmURL = "http://127.0.0.1:8080/c/AAAA"
	f.Track = func(to string) string { return "https://flywheel.example/t/?to=" + url.QueryEscape(to) }
	f.Pixel = "https://flywheel.example/o/AAAA.gif"
	e := everyBlock("en")
	e.Blocks = append(e.Blocks[:11], campaign.Block{Kind: campaign.BlockButton, Button: &campaign.Button{Label: "Yes", URL: "{{ confirm_url }}"}}, e.Blocks[11])
	m, err := compiled(t, "en", e).Render(f)
	require.NoError(t, err)
	counted := 0
	for _, to := range linksOf(m) {
		switch {
		case to == f.UnsubscribeURL, to == f.ConfirmURL, strings.HasPrefix(to, "mailto:"), strings.HasPrefix(to, "tel:"):
		default:
			require.True(t, strings.HasPrefix(to, "https://flywheel.example/t/?to=https%3A%2F%2F"), to)
			counted++
		}
	}
	require.Equal(t, 10, counted)
	require.Contains(t, linksOf(m), f.ConfirmURL, "even on a laptop")
	require.NotContains(t, m.Text, "/t/?to=")
	require.Contains(t, m.HTML, `<img src="https://flywheel.example/o/AAAA.gif" width="1" height="1" alt=""`)

	f.Track, f.Pixel = func(string) string { return "javascript:alert(1)" }, "javascript:alert(1)"
	m, err = compiled(t, "en", e).Render(f)
	require.NoError(t, err)
	require.NotContains(t, m.HTML, "javascript")
	require.Contains(t, linksOf(m), "https://nour.example/care")
}

func TestFromIsWhoTheSenderSays(t *testing.T) {
	f := furnished("en")
	f.IDHost = ""
	f.From = From{Address: "shops@mail.flywheel.example", Name: "Nour & Co via Flywheel", ReplyTo: "care@nour.example"}
	m, err := compiled(t, "en", everyBlock("en")).Render(f)
	require.NoError(t, err)
	require.Equal(t, []string{"shops@mail.flywheel.example", "Nour & Co via Flywheel", "care@nour.example"}, []string{m.From, m.FromName, m.ReplyTo})
	require.Equal(t, "<0EFFECT1@mail.flywheel.example>", m.Header("Message-ID"))
	f.From = From{Address: "a@b.example\r\nBcc: c@d.example"}
	_, err = compiled(t, "en", everyBlock("en")).Render(f)
	require.ErrorContains(t, err, "the sender is not one mail address")
}

func TestBrandIsTheShopsOwn(t *testing.T) {
	f := furnished("fa")
	m, err := compiled(t, "fa", everyBlock("fa")).Render(f)
	require.NoError(t, err)
	require.Contains(t, m.HTML, `<img src="https://cdn.shopify.com/logo.png" alt="فروشگاه نور" width="120"`)
	require.Contains(t, m.HTML, "background:#0b6e4f;color:#ffffff")
	require.Contains(t, m.HTML, "background-color:#f7f3e8")
	require.Contains(t, m.Text, "ساختهٔ دست در تهران.")
	f.Shop.Settings.Brand = commerce.Brand{Logo: "http://x.example/logo.png", LogoWidth: 9000, Accent: "red;}", Footer: map[string]string{"en": "x"}}
	m, err = compiled(t, "fa", everyBlock("fa")).Render(f)
	require.NoError(t, err)
	require.NotContains(t, m.HTML, "logo.png")
	require.NotContains(t, m.HTML, "red;}")
}

// Twelve products with pictures and the longest text that is taken stay below what Gmail cuts.
func TestTheLongestMailIsBelowGmailsCut(t *testing.T) {
	f := furnished("ar")
	f.Order.Detail.Lines = nil
	for range 60 {
		f.Order.Detail.Lines = append(f.Order.Detail.Lines, commerce.Line{Title: strings.Repeat("&'\"", 80), Variant: strings.Repeat("<", 200), Quantity: 1, Current: 1, Image: "https://cdn.shopify.com/?" + strings.Repeat("&", 400)})
	}
	f.Shop.Settings.PostalAddress = strings.Repeat(strings.Repeat("&", 500)+"\n", 20)
	var blocks []campaign.Block
	for range 3 {
		blocks = append(blocks, campaign.Block{Kind: campaign.BlockText, Text: strings.Repeat("'&\" ", 3800)}, campaign.Block{Kind: campaign.BlockLines})
	}
	e := blocksMail(append(blocks, campaign.Block{Kind: campaign.BlockFooter, Text: strings.Repeat("& ", 500)})...)
	m, err := compiled(t, "ar", e).Render(f)
	require.NoError(t, err)
	require.Less(t, len(m.HTML), 100_000)
	require.Contains(t, m.HTML, f.UnsubscribeURL)
	require.Equal(t, maxLines, strings.Count(m.Text, " · "+"الكمية"), "the order is listed once") // each line says a variant
}
