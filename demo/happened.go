package demo

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/message"
	"flywheel/store"
	"flywheel/templates"
	"flywheel/timeline"
)

// happenedPage is /demo/happened: who the shops write as, what became of mails
// after they went out, what readers chose on their pages, and what teams were told.
type happenedPage struct {
	frame
	Shops  []shopHappened
	Posted []string // at Slack, by all shops
}

// Admin reports whether an address is a page of the make-believe admin.
func (happenedPage) Admin(address string) bool { return strings.Contains(address, adminPath+"/") }

type shopHappened struct {
	Shop    commerce.Shop
	From    message.From // who it writes as now
	Kind    string       // of the sender: shared, domain
	Sender  string       // the page about it, inside the make-believe admin
	Moments []momentRow
	Stops   []stopRow
	Told    []toldRow
}

// momentRow is one moment with where it leads to.
type momentRow struct {
	moment
	When, Person string // Person is their id; "" = it is the shop's own
}

// stopRow is an address that gets nothing, or not everything.
type stopRow struct {
	Address, Person, Name, What, Because, Since string
}

// toldRow is something the team was told.
type toldRow struct {
	When, Words, Channel string
	Mail                 string // X-Flywheel-ID; "" = it was not by mail
}

func (p *pages) happened(r *http.Request) (any, error) {
	page := happenedPage{frame: frame{Title: "What happened to mails", Here: "happened"}}
	books, _ := p.result()
	if books == nil {
		page.Refresh = true
		return page, nil
	}
	for i := range books.Shops {
		s, err := p.shopHappened(r, &books.Shops[i])
		if err != nil {
			return nil, err
		}
		page.Shops = append(page.Shops, s)
	}
	page.Posted = p.world.Slack.Posted()
	return page, nil
}

// shopHappened reads what is so now; the moments are the month's.
func (p *pages) shopHappened(r *http.Request, sb *shopBooks) (shopHappened, error) {
	now := shopBooks{Shop: sb.Shop, Orders: sb.Orders}
	if err := now.addMail(ctx(r), p.world.App.Store); err != nil {
		return shopHappened{}, err
	}
	view, err := p.world.App.Senders.Show(ctx(r), sb.Shop.ID)
	if err != nil {
		return shopHappened{}, err
	}
	out := shopHappened{Shop: sb.Shop, From: view.From, Kind: string(view.Way.Kind), Sender: p.world.senderPage(sb.domain)}
	zone := timeline.Zone(sb.Shop)
	for _, m := range sb.Mail.Moments {
		out.Moments = append(out.Moments, momentRow{m, timeline.Moment(m.At, zone), string(sb.person(m.Email).ID)})
	}
	for _, stop := range now.Mail.Stops {
		if stop.Over(p.world.App.Store.Now()) {
			continue
		}
		who := sb.person(stop.Address)
		row := stopRow{Address: stop.Address, Person: string(who.ID), What: scopeWords(stop), Because: reasonWords(stop.Reason), Since: timeline.Moment(stop.At.Time(), zone)}
		if who.ID != "" {
			row.Name = nameOf(who)
		}
		out.Stops = append(out.Stops, row)
	}
	for _, n := range slices.Backward(now.Mail.Notices) {
		out.Told = append(out.Told, tellRow(sb.Shop, n))
	}
	return out, nil
}

// person finds a customer by the address; its zero value is nobody.
func (b *shopBooks) person(email string) commerce.Person {
	for _, a := range b.Orders {
		if email != "" && a.person.Email == email {
			return a.person
		}
	}
	return commerce.Person{}
}

func tellRow(shop commerce.Shop, n store.Notice) toldRow {
	row := toldRow{When: timeline.Moment(n.MadeAt.Time(), timeline.Zone(shop)), Channel: string(n.Channel)}
	lang := templates.Language(shop.Locale)
	switch key := "notice_" + string(n.Kind) + "_title"; {
	case n.Kind == store.NoticeNote:
		row.Words = "A campaign's note for staff"
	case n.Kind == store.NoticeFuse:
		row.Words = templates.Say(lang, "fuse_title", n.Data)
	case templates.Known(key):
		row.Words = templates.Say(lang, key, n.Data)
	default:
		row.Words = string(n.Kind)
	}
	if n.Channel == store.NoticeMail && n.State == store.NoticeSent {
		row.Mail = n.ID
	}
	return row
}

// scopeWords says what an address does not get.
func scopeWords(stop store.Stop) string {
	if topic, is := stop.Scope.Topic(); is {
		return "nothing about " + strings.ReplaceAll(topic, "_", " ")
	}
	switch stop.Scope {
	case gate.ScopeAll:
		return "nothing at all"
	case gate.ScopeNonTransactional:
		return "nothing but what concerns an order"
	case gate.ScopePause:
		return "a pause until " + stop.Until.Time().UTC().Format("2 Jan 2006") + ", but for what concerns an order"
	}
	return string(stop.Scope)
}

// reasonWords says why, in the words of an operator's list where there are no better ones.
func reasonWords(reason string) string {
	return cmp.Or(map[string]string{
		gate.StoppedBounced: "the address does not exist", gate.StoppedSoftBounces: "five mails in a row came back", gate.StoppedComplained: "a mail was called spam",
		"unsubscribed": "their own choice", "asked": "their own choice",
	}[reason], reason)
}
