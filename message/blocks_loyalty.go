package message

import (
	"net/url"

	"flywheel/delight/campaign"
	"flywheel/templates"
)

// points shows the balance with what waits and what ends, the tier, and the way to the next.
func (c *composer) points() {
	l := c.f.Loyalty
	if l == nil {
		return
	}
	shown := &templates.MailLines{Heading: c.pointsName(c.f)}
	line := func(title, value, detail string) {
		shown.Lines = append(shown.Lines, templates.MailLine{Title: title, Price: value, Quantity: detail})
	}
	line(c.say("loyalty_to_spend"), c.code(c.number(l.Points), maxName), "")
	if l.Pending > 0 {
		line(c.say("loyalty_waiting"), c.code(c.number(l.Pending), maxName), c.say("loyalty_waiting_why"))
	}
	if l.Ending > 0 && l.EndsAt != 0 {
		line(c.say("loyalty_ending"), c.code(c.number(l.Ending), maxName), c.say("loyalty_until", "Day", c.lastDay(l.EndsAt).Text))
	}
	if tier := l.Program.Tiers.Of(l.Standing.Tier); tier.ID != "" {
		detail := ""
		if ends := l.Program.Tiers.Ends(l.Standing); ends != 0 {
			detail = c.say("loyalty_until", "Day", c.lastDay(ends).Text)
		}
		line(c.say("loyalty_tier"), c.tierName(tier, c.f.Shop), detail)
	}
	next, left, words := l.Program.Tiers.Of(l.Standing.Tier), int64(0), "loyalty_to_keep"
	if left = next.From - l.Sum; l.Standing.Below == 0 || left <= 0 {
		words = "loyalty_to_next"
		next, left = l.next()
	}
	if amount := c.tierAmount(l.Program.Tiers, left, c.f.Shop); next.ID != "" && amount != "" {
		shown.More = c.say(words, "Amount", amount, "Tier", c.tierName(next, c.f.Shop))
	}
	c.part(templates.MailPart{Kind: templates.PartLines, Lines: shown})
}

// reward shows what a reward gives, its code and its last day.
func (c *composer) reward() {
	l := c.f.Loyalty
	if l == nil || l.Reward == nil {
		return
	}
	p := templates.MailPart{Kind: templates.PartCode, Text: c.offer(l.Reward.Offer), Code: c.code(l.Reward.Code, maxOrder)}
	if l.Reward.EndsAt != 0 {
		p.Note = c.say("loyalty_until", "Day", c.lastDay(l.Reward.EndsAt).Text)
	}
	c.part(p)
}

// referral shows the link for friends and ways to send it.
func (c *composer) referral(asked []string) {
	l := c.f.Loyalty
	if l == nil || l.Referral == nil {
		return
	}
	link := webAddress(l.Referral.URL)
	if link == "" {
		return
	}
	ways := []templates.MailWay{{Label: c.say("referral_link"), Text: c.code(link, maxURL), URL: link}}
	for _, way := range orAll(asked, campaign.BlockReferral) {
		text, to := c.sendBy(way, link)
		if to = c.f.allowed(to); to != "" {
			ways = append(ways, templates.MailWay{Text: text, URL: to, Plain: to, Unsaid: true})
		}
	}
	heading := c.say("referral_heading")
	if l.Referral.Friend != nil {
		heading = c.say("referral_heading_offer", "Offer", c.offer(*l.Referral.Friend))
	}
	c.part(templates.MailPart{Kind: templates.PartWays, Text: heading, Ways: ways})
}

// sendBy is a way to send friends a link, with its address.
func (c *composer) sendBy(way, link string) (text, to string) {
	said := templates.Clean(c.say("referral_message", "Shop", c.f.Shop.Name), maxShop+maxTitle)
	switch way {
	case campaign.WayWhatsApp:
		return c.say("share_whatsapp"), "https://wa.me/?text=" + escaped(said+" "+link)
	case campaign.WayTelegram:
		return pageNames[way], "https://t.me/share/url?url=" + url.QueryEscape(link) + "&text=" + escaped(said)
	case campaign.WayFacebook:
		return pageNames[way], "https://www.facebook.com/sharer/sharer.php?u=" + url.QueryEscape(link)
	case campaign.WayX:
		return pageNames[way], "https://twitter.com/intent/tweet?url=" + url.QueryEscape(link) + "&text=" + escaped(said)
	}
	return c.say("share_mail"), "mailto:?subject=" + escaped(templates.Clean(c.f.Shop.Name, maxShop)) + "&body=" + escaped(said+"\n"+link)
}
