package demo

import (
	"context"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"flywheel/delight/gate"
	"flywheel/fault"
	"flywheel/integrations/mail/events"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/sender"
)

// mailScript is what happens to the English shop's mails and what their readers
// do about them. It writes from its own domain once DNS shows the keys.
func (s *stand) mailScript() {
	candle := func(o *shopifyfake.Order) { o.With(s.goods[1]) }
	s.acts = append(s.acts, act{day(1, 12), func(p *play) error { return p.publishes(s) }})

	// His server takes the mail and finds out afterwards that there is nobody: the report comes by mail.
	nils := buyer{"Nils", "Falk", "nils@example.net", "GB", "en"}
	t := s.shopify(44, nils, day(9, 10), candle)
	t.created(day(9, 10)).on(day(9, 11), func(p *play) error { return p.comesBack(s, nils) })
	t.shipped(day(10, 10)).arrived(day(12, 10)).ends(is(mailed), stopsFor(gate.Suppressed))
	s.back[nils.email], s.stops[nils.email] = gate.HardBounce, "all bounced"

	// She wants a week without mails: what falls due meanwhile comes afterwards.
	tessa := buyer{"Tessa", "Lund", "tessa@example.com", "GB", "en"}
	t = s.shopify(45, tessa, day(9, 11), candle)
	t.created(day(9, 11)).shipped(day(10, 11)).arrived(day(12, 12))
	t.on(day(15, 9), func(p *play) error { return p.pauses(s, tessa) })
	t.ends(is(mailed), is(mailed)).and("delivery_check_in", is(mailed))
	s.sent["delivery_check_in"]++
	s.stops[tessa.email] = "pause asked"

	// In Germany a yes counts once it is confirmed from the mailbox. Rosa, who said
	// nothing, is never asked what she thinks; Klara is.
	klara := buyer{"Klara", "Vogt", "klara@example.de", "DE", "en"}
	t = s.shopify(46, klara, day(9, 12), candle)
	t.created(day(9, 12)).on(day(9, 14), func(p *play) error { return p.saysYes(s, klara) }).on(day(9, 16), func(p *play) error { return p.confirms(s, klara) })
	t.shipped(day(10, 12)).arrived(day(12, 12)).ends(is(mailed), is(mailed)).and("delivery_check_in", is(mailed))
	s.sent["confirm_subscription"]++
	s.sent["delivery_check_in"]++
	s.news[klara.email] = "subscribed, confirmed"
}

// arabicMailScript is the same of the Arabic shop, which has no domain set up
// and writes by the shared sender.
func (s *stand) arabicMailScript() {
	s.acts = append(s.acts, act{day(0, 0), func(p *play) error {
		p.does(s, "Has set nothing up, and its mails go out all the same: by the sender that shops share, in its name, with answers to its own address.")
		return nil
	}})

	// She had agreed to offers, and calls the thank-you spam: her mail provider tells ours, ours tells us.
	salma := buyer{"سلمى", "الفارسي", "salma@example.ae", "AE", "ar"}
	t := s.shopify(16, salma, day(6, 6), func(o *shopifyfake.Order) { o.AcceptsMarketing = true })
	account := t.customer()
	t.created(day(6, 6)).on(day(6, 8), func(p *play) error { return p.complains(s, salma, account) })
	t.shipped(day(7, 6)).arrived(day(9, 6)).ends(is(mailed), stopsFor(gate.Suppressed)).and("how_to", stopsFor(gate.Suppressed))
	s.back[salma.email], s.stops[salma.email], s.news[salma.email] = gate.Complaint, "all complained", "unsubscribed"

	// She takes the tick off one topic on her page, and gets the others.
	mona := buyer{"منى", "الكعبي", "mona@example.ae", "AE", "ar"}
	t = s.shopify(17, mona, day(7, 6), nil)
	t.created(day(7, 6)).shipped(day(8, 6)).on(day(9, 6), func(p *play) error { return p.unticks(s, mona, "reviews") }).arrived(day(10, 6))
	t.ends(is(mailed), stopsFor(gate.Suppressed)).and("how_to", is(mailed)).and("delivery_check_in", is(mailed))
	s.sent["how_to"]++
	s.sent["delivery_check_in"]++
	s.stops[mona.email] = "topic:reviews unsubscribed"
}

var shownFields = regexp.MustCompile(`<input[^>]* readonly[^>]* value="([^"]*)"`)

// keyRecords are the names and values that the page about the sender shows for a domain's keys.
func keyRecords(page string) (all [][2]string) {
	fields := shownFields.FindAllStringSubmatch(page, -1)
	for i := 0; i+1 < len(fields); i++ {
		if name := html.UnescapeString(fields[i][1]); strings.Contains(name, "._domainkey.") {
			all = append(all, [2]string{name, html.UnescapeString(fields[i+1][1])})
		}
	}
	return all
}

// wantsDomain has the merchant ask to write from their own domain. Until DNS
// shows its keys the shared sender goes on.
func (s *stand) wantsDomain(ctx context.Context, w *World) error {
	if s.writes == "" {
		return nil
	}
	_, domain, _ := strings.Cut(s.writes, "@")
	w.DNS.MX(domain, "mx."+domain) // where its mailboxes have been all along
	_, err := w.Submit(ctx, s.Domain, "/admin/sender/domain", url.Values{"address": {s.writes}, "name": {s.Shop.Name}})
	return err
}

// publishes has the merchant copy the records from the page into DNS, and press Check.
func (p *play) publishes(s *stand) error {
	page, err := p.OpenPage(p.ctx, s.Domain, "/admin/sender")
	if err != nil {
		return err
	}
	for _, record := range keyRecords(page) {
		p.DNS.TXT(record[0], record[1])
	}
	if err := p.Press(p.ctx, s.Domain, "/admin/sender/check"); err != nil {
		return err
	}
	way, err := p.App.Senders.Of(p.ctx, s.Shop.ID)
	if err != nil {
		return err
	}
	if way.Kind != sender.Domain {
		return fault.New(fault.Conflict, "%s still writes by %q", s.Shop.Name, way.Kind)
	}
	s.since = p.now()
	p.does(s, "Copied the records from its page into DNS and pressed Check. Since then mails come from "+s.writes+", signed by two keys of its own; until then the shared sender wrote. The team heard of it by mail and at Slack.")
	return p.teamsTold()
}

// comesBack has the recipient's server report that there is nobody.
func (p *play) comesBack(s *stand, b buyer) error {
	m, err := p.newest(b.email)
	if err != nil {
		return err
	}
	if err := p.Report(m.Mail, m.Bounce("5.1.1", "no such user here", p.now())); err != nil {
		return err
	}
	p.happens(s, b, m, "", "The mail came back: the server had taken it, and an hour later reported by SMTP, to the mail's return path, that there is nobody (5.1.1). Nothing is sent to the address any more.")
	return nil
}

// complains has the provider tell that somebody called a mail spam. What they
// had agreed to is taken back, at Shopify too.
func (p *play) complains(s *stand, b buyer, customer int64) error {
	p.Shopify.PutCustomer(s.Domain, shopifyfake.Customer{ID: customer, Email: b.email, Mail: shopifyfake.Consent{State: "subscribed", At: p.now().Add(-day(0, 2))}})
	m, err := p.newest(b.email)
	if err != nil {
		return err
	}
	status, err := p.FromProvider(p.ctx, events.Complaint, m.Mail)
	if err == nil && status != http.StatusOK {
		err = fault.New(fault.Conflict, "the provider's event was answered with %d", status)
	}
	if err != nil {
		return err
	}
	p.happens(s, b, m, "", "Called the mail spam, of which the mail provider told by a signed event. The yes to offers is taken back, at Shopify too, and nothing is sent any more.")
	p.awaited = append(p.awaited, func() error {
		return p.await(p.ctx, "Shopify hears of a complaint", func(context.Context) (bool, error) {
			return p.Shopify.Consent(s.Domain, customer).State == "unsubscribed", nil
		})
	})
	return nil
}

// onPage has somebody open their page by their newest mail, and do something there.
func (p *play) onPage(s *stand, b buyer, fill func(string) url.Values, words string) error {
	m, err := p.newest(b.email)
	if err != nil {
		return err
	}
	if _, err := p.chooses(m.preferences(), fill); err != nil {
		return fmt.Errorf("%s on their page: %w", b.first, err)
	}
	p.happens(s, b, m, m.preferences(), words)
	return nil
}

func (p *play) pauses(s *stand, b buyer) error {
	return p.onPage(s, b, presses("do", "pause", "days", "7"), "A pause of 7 days, by the page behind the link in the mail. The check-in that fell due meanwhile came when the week was over.")
}

func (p *play) unticks(s *stand, b buyer, topic string) error {
	return p.onPage(s, b, without(topic), "Took the tick off one topic on the page behind the mail's link: no review request, but everything else.")
}

func (p *play) saysYes(s *stand, b buyer) error {
	p.told++ // the page tells of the yes that is to be confirmed
	return p.onPage(s, b, presses("do", "yes"), "Said yes to news on the page. In Germany that must be confirmed from the mailbox, so a mail asked for it.")
}

// confirms presses the button to which the mail about a yes leads. That it was
// opened before, as scanners do, has confirmed nothing.
func (p *play) confirms(s *stand, b buyer) error {
	m, err := p.newest(b.email)
	if err != nil {
		return err
	}
	page, err := m.confirmPage()
	if err != nil {
		return err
	}
	if _, err := p.chooses(page, presses("do", "yes")); err != nil {
		return err
	}
	p.happens(s, b, m, page, "Pressed the button in that mail. The yes counts, and is kept with what was shown and when. It also lets the review request go, which in Germany waits for one.")
	return nil
}

// oneClick has the mail program unsubscribe its reader.
func (p *play) oneClick(s *stand, b buyer) error {
	m, err := p.unsubscribe(b.email)
	if err == nil {
		p.happens(s, b, m, m.preferences(), "One click in the mail program (RFC 8058): nothing but what concerns an order.")
	}
	return err
}

// senderPage is the page about the sender inside the make-believe admin.
func (w *World) senderPage(domain string) string {
	return w.URL + senderPath + "/store?shop=" + url.QueryEscape(domain)
}
