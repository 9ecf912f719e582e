package message

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"flywheel/delight/campaign"
	"flywheel/templates"
)

// ways adds ways to reach somebody, below a heading.
func (c *composer) ways(heading string, ways []templates.MailWay) {
	if len(ways) > 0 {
		c.part(templates.MailPart{Kind: templates.PartWays, Text: c.say(heading), Ways: ways})
	}
}

// contact lists how a person of the shop is reached: the ways that are asked for,
// else all, and of them those that the shop has.
func (c *composer) contact(asked []string) (ways []templates.MailWay) {
	shop, has := c.f.Shop, c.f.Shop.Settings.Contact
	for _, way := range orAll(asked, campaign.BlockContact) {
		var w templates.MailWay
		switch way {
		case campaign.WayMail:
			if shop.Email != "" {
				w = templates.MailWay{Text: c.code(shop.Email, 254), URL: "mailto:" + url.PathEscape(shop.Email)}
			}
		case campaign.WayPhone:
			if number := dialled(has.Phone); number != "" {
				w = templates.MailWay{Text: c.code(has.Phone, maxName), URL: "tel:" + number}
			}
		case campaign.WayWhatsApp:
			if number := dialled(has.WhatsApp); number != "" {
				to := c.f.allowed("https://wa.me/" + strings.TrimPrefix(number, "+"))
				w = templates.MailWay{Text: c.code(has.WhatsApp, maxName), URL: c.f.counted(to), Plain: to}
			}
		case campaign.WayChat, campaign.WayMeeting:
			to := c.f.lead(map[string]string{campaign.WayChat: has.Chat, campaign.WayMeeting: has.Meeting}[way])
			if to != "" {
				ways = append(ways, templates.MailWay{Text: c.say("way_" + way), URL: c.f.counted(to), Plain: to})
			}
		}
		if w.Text != "" {
			w.Label = c.say("way_" + way)
			ways = append(ways, w)
		}
	}
	return ways
}

// share lists the shop's own pages and how to tell a friend of its store.
func (c *composer) share(asked []string) (ways []templates.MailWay) {
	social, store := c.f.Shop.Settings.Social, webAddress(c.f.Shop.Settings.StoreURL)
	if !c.f.mayLink(store) {
		store = "" // a text to friends would tell of it too
	}
	pages := map[string]string{
		campaign.WayInstagram: social.Instagram, campaign.WayFacebook: social.Facebook, campaign.WayX: social.X,
		campaign.WayTikTok: social.TikTok, campaign.WayYouTube: social.YouTube, campaign.WayTelegram: social.Telegram,
	}
	name := templates.Clean(c.f.Shop.Name, maxShop)
	for _, way := range orAll(asked, campaign.BlockShare) {
		text, to := c.name(pageNames[way], maxShop), ""
		switch {
		case way == campaign.WayWhatsApp && store != "":
			text, to = c.say("share_whatsapp"), c.f.allowed("https://wa.me/?text="+escaped(name+" "+store))
		case way == campaign.WayMail && store != "":
			text, to = c.say("share_mail"), "mailto:?subject="+escaped(name)+"&body="+escaped(store)
		default:
			to = c.f.lead(pages[way])
		}
		if to != "" {
			ways = append(ways, templates.MailWay{Text: text, URL: c.f.counted(to), Plain: to})
		}
	}
	return ways
}

// pageNames are what those pages are called in every language.
var pageNames = map[string]string{
	campaign.WayInstagram: "Instagram", campaign.WayFacebook: "Facebook", campaign.WayX: "X",
	campaign.WayTikTok: "TikTok", campaign.WayYouTube: "YouTube", campaign.WayTelegram: "Telegram",
}

// orAll is what was asked for, else every way that a kind of block has.
func orAll(asked []string, kind campaign.BlockKind) []string {
	if len(asked) > 0 {
		return asked
	}
	return campaign.BlockOf(kind).Ways
}

// dialled is a phone number as a link says it: a plus, where it has one, and
// digits (RFC 3966, E.164); "" for what is no number.
func dialled(number string) string {
	if len(number) > maxName {
		return ""
	}
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, number)
	if len(digits) < 5 || len(digits) > 15 {
		return ""
	}
	if strings.HasPrefix(strings.TrimSpace(number), "+") {
		return "+" + digits
	}
	return digits
}

// escaped writes a value of a query; in mailto a plus would stay one (RFC 6068).
func escaped(value string) string { return strings.ReplaceAll(url.QueryEscape(value), "+", "%20") }

// allowed is an address that this mail may link to, "" for any other.
func (f Facts) allowed(address string) string {
	if !f.mayLink(address) {
		return ""
	}
	if f.LinkHosts != nil && strings.HasPrefix(strings.ToLower(address), "mailto:") {
		address, _, _ = strings.Cut(address, "?") // further recipients, and a text that leads elsewhere
	}
	return address
}

// lead is an address of the shop's or the text's that a link may lead to, "" for
// what is none or may not be linked here.
func (f Facts) lead(address string) string {
	address = webAddress(address)
	if address == "" || !f.ours(address) && (!leads(address) || !f.mayLink(address)) {
		return ""
	}
	return address
}

// ours reports whether an address is one of ours.
func (f Facts) ours(address string) bool {
	return address != "" && slices.Contains(f.own(), address)
}

// own are the addresses of our pages that the mail may name.
func (f Facts) own() []string {
	out := []string{f.UnsubscribeURL, f.ConfirmURL, f.AccountURL}
	if f.Loyalty != nil && f.Loyalty.Referral != nil {
		out = append(out, f.Loyalty.Referral.URL)
	}
	return out
}

// mayLink reports whether this mail may link to an address: to the hosts it
// names, those below them, and ours.
func (f Facts) mayLink(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	if f.LinkHosts == nil || u.Scheme == "mailto" || u.Scheme == "tel" || belowHosts(u.Hostname(), f.LinkHosts) {
		return true
	}
	for _, own := range f.own() {
		if o, err := url.Parse(own); err == nil && o.Host != "" && strings.EqualFold(o.Host, u.Host) {
			return true
		}
	}
	return false
}

// counted is an address by way of the one that counts clicks on it, where the shop wants that.
func (f Facts) counted(address string) string {
	if f.Track == nil || f.ours(address) || webAddress(address) == "" {
		return address
	}
	return cmp.Or(webAddress(f.Track(address)), address)
}
