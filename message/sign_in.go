package message

import (
	"fmt"

	"flywheel/templates"
)

// SignIn makes the mail that brings somebody the link to their own page at a shop,
// because its address was typed there: in the shop's looks and the language of lang.
// It sells nothing, counts nothing and has no unsubscribe link: nobody is on a list
// for it. f has the shop, the person with their address, the sender and the id.
func SignIn(f Facts, lang, link string) (Message, error) {
	f.Class, f.Topic, f.UnsubscribeURL, f.Track, f.Pixel = "transactional", "sign_in", "", nil, ""
	if err := f.check(); err != nil {
		return Message{}, err
	}
	if webAddress(link) == "" {
		return Message{}, fmt.Errorf("the link is no web address")
	}
	r := readerOf(lang, f)
	shop := r.name(f.Shop.Name, maxShop)
	m := &templates.Mail{
		Lang: r.lang, Shop: shop, Brand: f.brand(), Subject: templates.Clean(r.say("member_mail_title", "Shop", shop), maxSubject),
		Preheader: r.say("member_mail_note"),
		Parts: []templates.MailPart{
			{Kind: templates.PartHeading, Text: r.say("member_mail_title", "Shop", shop)},
			{Kind: templates.PartText, Text: r.say("member_mail_body")},
			{Kind: templates.PartButton, Text: r.say("member_mail_button"), URL: link},
			{Kind: templates.PartText, Text: r.say("member_mail_note")},
		},
		Why: r.say("member_mail_why", "Shop", shop), Address: r.address(f.Shop.Settings),
	}
	if f.Shop.Email != "" {
		m.Foot = append(m.Foot, r.say("contact", "Email", r.code(f.Shop.Email, 254)))
	}
	return f.message(r, m)
}
