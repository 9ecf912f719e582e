package message

import (
	"html"
	"net/url"

	"flywheel/templates"
)

// pictureHosts are where platforms keep the pictures of shops' products: files of
// Shopify's stores (shopify.dev, "Manage media for products") and links to files at
// Stripe (docs.stripe.com/file-upload). Nobody reads a page there.
var pictureHosts = []string{"cdn.shopify.com", "files.stripe.com"}

// publicPicture is the address of a picture that lies on a public host, "" for any other.
func publicPicture(address string) string {
	if address = webAddress(address); address == "" || !leads(address) {
		return ""
	}
	return address
}

// picture is the address of a picture that this mail may show, "" for any other:
// where its links are bounded, a picture is too, for it can say what a link may not.
func (f Facts) picture(address string) string {
	if address = publicPicture(address); address == "" || f.LinkHosts == nil || f.mayLink(address) {
		return address
	}
	if u, err := url.Parse(address); err == nil && belowHosts(u.Hostname(), pictureHosts) {
		return address
	}
	return ""
}

// image shows a picture. One that this mail may not show is left out, and its words
// stay and lead where it would have led.
func (c *composer) image(b *block) {
	asked := publicPicture(c.w.of(b.image))
	if asked == "" {
		return
	}
	to, words := c.f.lead(c.w.of(b.link)), c.w.line(b.alt)
	switch at := c.f.picture(asked); {
	case at != "":
		c.part(templates.MailPart{Kind: templates.PartImage, Image: at, Text: words, URL: c.f.counted(to), Plain: to})
	case words == "":
	case to == "":
		c.part(templates.MailPart{Kind: templates.PartText, Text: words})
	default:
		link := `<a href="` + html.EscapeString(c.f.counted(to)) + `">` + templates.Markup(words) + `</a>`
		c.part(templates.MailPart{Kind: templates.PartRich, HTML: link, Text: words + ": " + to})
	}
}
