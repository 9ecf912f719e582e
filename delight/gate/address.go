package gate

import "strings"

// publicMail are domains at which anybody may have an address, so that a shop
// that writes from one says nothing about who else has one there. The list
// holds the large providers of the countries we know shops in; one that is
// missing costs that shop's customers at the same provider their messages with
// reason staff, which the shop sees and we add here.
var publicMail = set(
	"gmail.com googlemail.com outlook.com hotmail.com live.com msn.com passport.com yahoo.com ymail.com rocketmail.com myyahoo.com",
	"aol.com aim.com icloud.com me.com mac.com proton.me protonmail.com pm.me zoho.com zohomail.com fastmail.com fastmail.fm hey.com",
	"tuta.com tutanota.com tutamail.com mail.com email.com gmx.com gmx.net gmx.de gmx.at gmx.ch gmx.us mailbox.org posteo.de hushmail.com",
	"hotmail.co.uk hotmail.fr hotmail.de hotmail.it hotmail.es hotmail.nl hotmail.be live.co.uk live.fr live.de live.it live.nl live.be live.ca live.com.au",
	"outlook.de outlook.fr outlook.it outlook.es outlook.at outlook.com.br outlook.sa outlook.ir windowslive.com",
	"yahoo.co.uk yahoo.fr yahoo.de yahoo.it yahoo.es yahoo.ca yahoo.com.au yahoo.com.br yahoo.co.jp yahoo.co.in yahoo.in yahoo.com.mx yahoo.com.ar",
	"web.de t-online.de freenet.de arcor.de 1und1.de online.de aon.at chello.at bluewin.ch hispeed.ch",
	"orange.fr wanadoo.fr free.fr laposte.net sfr.fr neuf.fr bbox.fr libero.it virgilio.it alice.it tin.it tiscali.it telefonica.net terra.es",
	"btinternet.com sky.com virginmedia.com talktalk.net ntlworld.com blueyonder.co.uk ziggo.nl kpnmail.nl planet.nl xs4all.nl home.nl skynet.be telenet.be",
	"comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net earthlink.net frontier.com optonline.net",
	"shaw.ca rogers.com sympatico.ca bell.net telus.net videotron.ca bigpond.com bigpond.net.au optusnet.com.au iinet.net.au xtra.co.nz",
	"uol.com.br bol.com.br terra.com.br ig.com.br mail.ru inbox.ru list.ru bk.ru yandex.ru yandex.com ya.ru rambler.ru ukr.net",
	"wp.pl o2.pl onet.pl op.pl interia.pl seznam.cz centrum.cz abv.bg freemail.hu citromail.hu telia.com online.no",
	"qq.com foxmail.com 163.com 126.com sina.com sohu.com naver.com daum.net hanmail.net nate.com rediffmail.com docomo.ne.jp ezweb.ne.jp",
	"maktoob.com emirates.net.ae eim.ae chmail.ir mailfa.com mihanmail.ir walla.co.il walla.com netvision.net.il mynet.com",
)

// PublicMail reports whether anybody may have an address at domain, so that a
// shop cannot write as one of its addresses: the provider's DMARC policy refuses
// such mails from other servers. It takes any case; "" is none.
func PublicMail(domain string) bool {
	return publicMail[strings.ToLower(strings.TrimSuffix(domain, "."))]
}

// relays are marketplaces' forwarding domains: what is sent there reaches the
// buyer through the marketplace, which forbids anything but the order itself.
// Sources: Amazon Seller Central, "Buyer-Seller Messaging Service" (addresses
// at marketplace.amazon.TLD); eBay, "Member to member communication"
// (members.ebay.com); Walmart Marketplace, customerEmailId of the Orders API
// (relay.walmart.com); TikTok Shop, buyer_email of Get Order Detail
// (scs.tiktokw.us, scs3.tiktok.com, chat-seller-us.tiktok.com). Apple's
// privaterelay.appleid.com is none: there the buyer chose to be reached so.
func isRelay(domain string) bool {
	switch name, rest, _ := strings.Cut(domain, "."); name {
	case "marketplace":
		return strings.HasPrefix(rest, "amazon.")
	case "members":
		return strings.HasPrefix(rest, "ebay.")
	case "relay":
		return rest == "walmart.com"
	default:
		tiktok := strings.HasPrefix(rest, "tiktok.") || strings.HasPrefix(rest, "tiktokw.")
		return tiktok && (strings.HasPrefix(name, "scs") || strings.HasPrefix(name, "chat-seller"))
	}
}

// domainOf returns what follows the @ of a normalised address; "" for none.
func domainOf(email string) string {
	_, domain, _ := strings.Cut(email, "@")
	return domain
}

// within reports whether a domain is zone or lies below it.
func within(domain, zone string) bool {
	over := len(domain) - len(zone)
	return zone != "" && over >= 0 && strings.EqualFold(domain[over:], zone) && (over == 0 || domain[over-1] == '.')
}

func set(lists ...string) map[string]bool {
	m := map[string]bool{}
	for _, list := range lists {
		for _, one := range strings.Fields(list) {
			m[one] = true
		}
	}
	return m
}
