package sender

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/store"
)

// hosts are the only hosts that links in mails by the shared sender may lead to,
// each with what lies below it: ours, and those that the shop's platform told us of (Shop.Site, its myshopify domain).
// What a shop says itself, of where its store is or what its people's address is, counts
// only below a domain that it has proved to be its own, and the address also where it
// agrees with the site: everybody may type google.com. Of a shop whose platform names
// no site the operator or the account says what its address is, and that is all there is.
func (d *Desk) hosts(ctx context.Context, shop commerce.Shop) ([]string, error) {
	connections, err := d.Store.Connections(ctx, shop.ID)
	if err != nil {
		return nil, err
	}
	all := []string{hostOf(d.BaseURL), d.Domain}
	told := []string{hostOf(shop.Site)}
	if _, mailbox, _ := strings.Cut(shop.Email, "@"); !gate.PublicMail(mailbox) {
		theirs, err := d.proved(ctx, shop.ID, mailbox)
		if err != nil {
			return nil, err
		}
		if theirs || shop.Site == "" || sameOwner(mailbox, hostOf(shop.Site)) {
			told = append(told, mailbox)
		}
	}
	for _, c := range connections {
		if c.Open() && c.Platform == commerce.Shopify {
			told = append(told, c.ExternalID)
		}
	}
	home := hostOf(shop.Settings.StoreURL)
	proved, err := d.proved(ctx, shop.ID, home)
	if err != nil {
		return nil, err
	}
	if proved {
		told = append(told, home)
	}
	for _, host := range told {
		if host = tidied(host); ownable(host) && !anybodys(host) {
			all = append(all, host)
		}
	}
	slices.Sort(all)
	return slices.Compact(slices.DeleteFunc(all, func(h string) bool { return h == "" })), nil
}

// sameOwner reports whether two hosts lie below one domain that somebody has registered.
func sameOwner(a, b string) bool {
	one, err := publicsuffix.EffectiveTLDPlusOne(tidied(a))
	if err != nil {
		return false
	}
	other, err := publicsuffix.EffectiveTLDPlusOne(tidied(b))
	return err == nil && one == other
}

// maxLabels bounds how many names a host may have for its domains to be looked at one by one.
const maxLabels = 6

// proved reports whether a host lies at or below a domain in whose DNS we have
// seen a key that we made for this shop: nobody else could put it there.
func (d *Desk) proved(ctx context.Context, shop commerce.ShopID, host string) (bool, error) {
	domain := tidied(host)
	if strings.Count(domain, ".") >= maxLabels {
		return false, nil
	}
	for ownable(domain) {
		keys, err := d.Store.SenderKeys(ctx, shop, domain)
		if err != nil {
			return false, err
		}
		if slices.ContainsFunc(keys, func(k store.SenderKey) bool { return k.State != store.KeyNext }) {
			return true, nil
		}
		_, domain, _ = strings.Cut(domain, ".")
	}
	return false, nil
}

// ownable reports whether a host is somebody's own: not a suffix such as com or
// myshopify.com, below which anybody may have a page.
func ownable(host string) bool {
	if host == "" || !strings.Contains(host, ".") {
		return false
	}
	suffix, _ := publicsuffix.PublicSuffix(host)
	return suffix != strings.TrimPrefix(host, "www.")
}

// everybodys are domains at which anybody publishes pages, shortens addresses or
// has them forwarded, and which the list of public suffixes does not name.
var everybodys = func() map[string]bool {
	set := map[string]bool{}
	for _, line := range []string{
		"google.com goo.gl forms.gle g.page bing.com yahoo.com yandex.com yandex.ru baidu.com microsoft.com live.com office.com sharepoint.com apple.com icloud.com amazon.com amazonaws.com",
		"bit.ly t.co tinyurl.com ow.ly is.gd v.gd buff.ly rebrand.ly cutt.ly shorturl.at rb.gy t.ly tiny.cc s.id lnkd.in fb.me youtu.be t.me wa.me m.me x.co adf.ly short.io shorte.st bl.ink dub.sh",
		"linktr.ee beacons.ai bio.link lnk.bio taplink.cc campsite.bio about.me hoo.be",
		"facebook.com fb.com instagram.com threads.net twitter.com x.com tiktok.com youtube.com pinterest.com linkedin.com snapchat.com reddit.com telegram.me telegram.org whatsapp.com vk.com ok.ru discord.com discord.gg",
		"wordpress.com tumblr.com medium.com substack.com wix.com weebly.com squarespace.com webflow.com godaddysites.com strikingly.com mystrikingly.com jimdo.com jimdosite.com site123.me ucoz.com business.site glitch.me notion.so",
		"github.com gitlab.com bitbucket.org dropbox.com box.com mediafire.com wetransfer.com mega.nz scribd.com issuu.com canva.com typeform.com jotform.com surveymonkey.com airtable.com calendly.com",
		"shopify.com stripe.com paypal.com ebay.com etsy.com aliexpress.com alibaba.com mailchimp.com list-manage.com sendgrid.net hubspot.com archive.org",
	} {
		for _, domain := range strings.Fields(line) {
			set[domain] = true
		}
	}
	return set
}()

// anybodys reports whether a host lies at or below one of everybodys.
func anybodys(host string) bool {
	for ; host != ""; _, host, _ = strings.Cut(host, ".") {
		if everybodys[host] {
			return true
		}
	}
	return false
}

// tidied is a host as it is compared: in small letters, without www.
func tidied(host string) string {
	return strings.TrimPrefix(strings.ToLower(strings.TrimSuffix(host, ".")), "www.")
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}
