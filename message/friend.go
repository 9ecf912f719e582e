package message

import (
	"fmt"
	"time"

	"flywheel/delight/loyalty"
	"flywheel/templates"
)

// FriendOffer is what somebody gets whom an advocate has sent.
type FriendOffer struct {
	Offer loyalty.Offer
	Until time.Time // the link can be used
	Link  string    // to the page that gives its code
}

// Friend makes the mail that brings somebody the link to a shop's offer to
// friends, because its address was typed on the page of an advocate's link: in
// the shop's looks and the language of lang. It has no unsubscribe link: nobody is
// on a list for it. f has the shop, the person with their address, the sender and the id.
func Friend(f Facts, lang string, o FriendOffer) (Message, error) {
	f.Class, f.Topic, f.UnsubscribeURL, f.Track, f.Pixel = "transactional", "friend", "", nil, ""
	if err := f.check(); err != nil {
		return Message{}, err
	}
	if webAddress(o.Link) == "" {
		return Message{}, fmt.Errorf("the link to the offer is no web address")
	}
	r := readerOf(lang, f)
	shop := r.name(f.Shop.Name, maxShop)
	m := &templates.Mail{
		Lang: r.lang, Shop: shop, Brand: f.brand(), Subject: templates.Clean(r.say("friend_mail_title", "Shop", shop), maxSubject), Preheader: r.offer(o.Offer),
		Parts: []templates.MailPart{
			{Kind: templates.PartHeading, Text: r.say("friend_mail_title", "Shop", shop)},
			{Kind: templates.PartText, Text: r.say("friend_mail_body")},
			{Kind: templates.PartText, Text: r.offer(o.Offer)},
			{Kind: templates.PartButton, Text: r.say("friend_mail_button"), URL: o.Link},
			{Kind: templates.PartText, Text: r.say("friend_mail_until", "Date", r.style.Date(o.Until, "long"))},
		},
		Why: r.say("friend_mail_why", "Shop", shop), Address: r.address(f.Shop.Settings),
	}
	if f.Shop.Email != "" {
		m.Foot = append(m.Foot, r.say("contact", "Email", r.code(f.Shop.Email, 254)))
	}
	return f.message(r, m)
}
