package message

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/templates"
)

// maxImage bounds the address of a product's picture in bytes: of twelve long ones a mail would be cut.
const maxImage = 500

// composer fills the blocks of one mail.
type composer struct {
	reader
	f    Facts
	kept []commerce.Line
	w    words
	m    *templates.Mail

	lined     bool // the order was listed
	contacted bool // ways to reach the shop were shown
}

// add adds what a block says; a block that has nothing to say is left out.
func (c *composer) add(b *block) {
	switch b.kind {
	case campaign.BlockHeading:
		if line := c.w.line(b.text); line != "" {
			c.part(templates.MailPart{Kind: templates.PartHeading, Text: line})
		}
	case campaign.BlockText:
		c.text(b.text)
	case campaign.BlockRich:
		c.rich(b.text)
	case campaign.BlockLines:
		c.lines()
	case campaign.BlockButton:
		c.button(b.button)
	case campaign.BlockImage:
		c.image(b)
	case campaign.BlockContact:
		ways := c.contact(b.ways)
		c.contacted = c.contacted || len(ways) > 0
		c.ways("contact_heading", ways)
	case campaign.BlockShare:
		c.ways("share_heading", c.share(b.ways))
	case campaign.BlockPoints:
		c.points()
	case campaign.BlockReward:
		c.reward()
	case campaign.BlockReferral:
		c.referral(b.ways)
	case campaign.BlockDivider:
		c.part(templates.MailPart{Kind: templates.PartDivider})
	}
}

func (c *composer) part(p templates.MailPart) { c.m.Parts = append(c.m.Parts, p) }

func (c *composer) text(f field) {
	for _, p := range paragraphs(c.w.of(f)) {
		c.part(templates.MailPart{Kind: templates.PartText, Text: p})
	}
}

// paragraphs parts a text at blank lines; each paragraph may have several lines.
func paragraphs(text string) (all []string) {
	if strings.IndexByte(text, '\n') < 0 {
		if text = templates.Clean(text, maxOutput); text == "" {
			return nil
		}
		return []string{text}
	}
	fresh := true
	for line := range strings.Lines(text) {
		line = templates.Clean(line, maxOutput)
		switch {
		case line == "":
		case fresh:
			all = append(all, line)
		default:
			all[len(all)-1] += "\n" + line
		}
		fresh = line == ""
	}
	return all
}

func (c *composer) rich(f field) {
	setLink(c.w.vars, c.f.allowed)
	text, err := f.renderText(c.w.vars)
	c.w.err = cmp.Or(c.w.err, err)
	if twin := paragraphs(text); len(twin) > 0 {
		setLink(c.w.vars, func(address string) string { return c.f.counted(c.f.allowed(address)) })
		c.part(templates.MailPart{Kind: templates.PartRich, HTML: c.w.of(f), Text: strings.Join(twin, "\n\n")})
	}
}

// button adds the one thing the mail asks for, or what stands in its place where
// it would lead nowhere.
func (c *composer) button(b *button) {
	if b == nil {
		return
	}
	label := c.w.line(b.label)
	if to := c.f.lead(c.w.of(b.url)); to != "" && label != "" {
		c.part(templates.MailPart{Kind: templates.PartButton, Text: label, URL: c.f.counted(to), Plain: to})
		return
	}
	c.text(b.otherwise)
}

// lines lists once what the customer keeps. The total stands below only while the
// order is whole: after a part went back the sum as paid is no longer theirs.
func (c *composer) lines() {
	o := c.f.Order
	if o == nil || len(c.kept) == 0 || c.lined {
		return
	}
	c.lined = true
	l := &templates.MailLines{Heading: c.say("order_heading_plain")}
	if name := c.code(o.Detail.Name, maxOrder); name != "" {
		l.Heading = c.say("order_heading", "Order", name)
	}
	for _, line := range c.kept[:min(len(c.kept), maxLines)] {
		shown := c.line(line)
		shown.Image = c.f.picture(shown.Image)
		l.Lines = append(l.Lines, shown)
	}
	if more := int64(len(c.kept) - maxLines); more > 0 {
		l.More = c.count("lines_more", more, nil)
	}
	if len(c.f.Together) == 0 && whole(o, c.kept) {
		l.TotalLabel, l.Total = c.say("total"), c.money(o.Detail.Total)
	}
	c.part(templates.MailPart{Kind: templates.PartLines, Lines: l})
}

func (r reader) line(line commerce.Line) templates.MailLine {
	l := templates.MailLine{
		Title: r.name(line.Title, maxTitle), Variant: r.name(line.Variant, maxTitle),
		Quantity: r.say("quantity", "Number", r.number(line.Current)),
	}
	if line.Price.Amount > 0 && line.Current < math.MaxInt64/line.Price.Amount {
		l.Price = r.money(commerce.Money{Amount: line.Price.Amount * line.Current, Currency: line.Price.Currency})
	}
	if image := publicPicture(line.Image); len(image) <= maxImage {
		l.Image = image
	}
	return l
}

func whole(o *commerce.Order, kept []commerce.Line) bool {
	less := func(l commerce.Line) bool { return l.Current < l.Quantity }
	return len(kept) == len(o.Detail.Lines) && !slices.ContainsFunc(kept, less) && o.Refunded() == 0
}
