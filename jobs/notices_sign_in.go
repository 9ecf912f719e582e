package jobs

import (
	"cmp"
	"context"
	"time"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/fault"
	"flywheel/integrations/mail"
	"flywheel/links"
	"flywheel/message"
	"flywheel/sender"
	"flywheel/store"
)

// SignInTime is how long the link of a mail that somebody asked for opens their page, from when they asked.
const SignInTime = 30 * time.Minute

// tellCustomer mails somebody the link to their own page. They have asked for it
// this minute, so no campaign's pause, quiet hours or cap holds it; it goes to
// nobody who is no customer of the shop, whose address takes nothing, or who has
// been erased, and never late.
func (w *Worker) tellCustomer(ctx context.Context, shop commerce.Shop, n store.Notice) (told, error) {
	until := n.MadeAt.Add(SignInTime)
	if until <= w.Store.Now() {
		return told{state: store.NoticeFailed, note: "it came too late"}, nil
	}
	p, err := w.customerBy(ctx, shop.ID, n.Data["Email"], commerce.PersonID(n.Data["Person"]))
	switch {
	case fault.Is(err, fault.NotFound):
		return told{state: store.NoticeFailed, note: "the address is no customer's"}, nil
	case err != nil:
		return told{state: store.NoticeDue, note: "the customer could not be read"}, err
	}
	known, err := w.Store.Addresses(ctx, shop.ID, []string{n.Data["Email"]})
	if err != nil {
		return told{state: store.NoticeDue, note: "the address could not be read"}, err
	}
	if a := known[n.Data["Email"]]; a != nil {
		for _, s := range a.Suppressions {
			if s.Scope == gate.ScopeAll && !s.Over(w.Store.Now()) {
				return told{state: store.NoticeFailed, note: "nothing goes to this address"}, nil
			}
		}
	}
	p.Email = n.Data["Email"]
	return w.mailSignIn(ctx, shop, p, n, until)
}

// customerBy finds whose address it is: whose link they came by, else who has shown
// that it is theirs, else who bought with it. Whoever opens the mail has its mailbox.
func (w *Worker) customerBy(ctx context.Context, shop commerce.ShopID, email string, by commerce.PersonID) (commerce.Person, error) {
	none := fault.New(fault.NotFound, "there is no such customer in this shop")
	if by != "" {
		persons, err := w.Store.Persons(ctx, shop, []commerce.PersonID{by})
		if p := persons[by]; err == nil && p.Email == email && !p.Erased {
			return p, nil
		}
		return commerce.Person{}, cmp.Or(err, none)
	}
	p, err := w.Store.CustomerOf(ctx, shop, commerce.Identity{Kind: commerce.ByEmail, Value: email})
	if !fault.Is(err, fault.NotFound) {
		return p, err
	}
	found, err := w.Store.FindPersons(ctx, shop, commerce.SearchWords(email), "", 20)
	for _, one := range found.Persons {
		if one.Email == email && !one.Erased {
			return one, nil
		}
	}
	return commerce.Person{}, cmp.Or(err, none)
}

// mailSignIn makes the link anew for each try: only its hash is kept, and of two
// that arrive either opens the page.
func (w *Worker) mailSignIn(ctx context.Context, shop commerce.Shop, p commerce.Person, n store.Notice, until commerce.Instant) (told, error) {
	way, err := w.way(ctx, shop.ID)
	if err != nil {
		return told{state: store.NoticeDue, note: "the sender could not be read"}, err
	}
	if way.Stopped {
		return told{state: store.NoticeFailed, note: "the shop's sender is stopped"}, nil
	}
	token, hash := links.NewToken()
	lang := message.Language(message.Facts{Shop: shop, Person: p})
	if p.Choice == "" && n.Data["Lang"] != "" {
		lang = n.Data["Lang"]
	}
	m, err := message.SignIn(message.Facts{
		Shop: shop, Person: p, EffectID: n.ID, IDHost: way.Host(), From: way.Writer(shop, lang), Now: w.Store.Now().Time(),
	}, lang, w.BaseURL+"/account/in/"+string(shop.ID)+"/"+token)
	if err != nil {
		return told{state: store.NoticeFailed, note: "the mail cannot be written"}, err
	}
	if err := w.Store.Transact(ctx, func(tx *store.Tx) error {
		return tx.AddLinks(shop.ID, []store.Link{{Hash: hash, Shop: shop.ID, Purpose: string(links.SignIn), Person: p.ID, Expires: until}})
	}); err != nil {
		return told{state: store.NoticeDue, note: "the link could not be kept"}, err
	}
	if way.DailyLimit > 0 {
		got, err := w.Store.TakeSending(ctx, shop.ID, way.Counted, way.Day, 1, way.DailyLimit)
		if err != nil || got == 0 {
			return told{state: store.NoticeDue, note: noRoom, busy: true}, err
		}
	}
	return w.sendSignIn(ctx, shop, way, writes(way, shop, m, lang, n.ID))
}

// sendSignIn sends it, and gives the sender's day back what did not go.
func (w *Worker) sendSignIn(ctx context.Context, shop commerce.Shop, way sender.Way, m mail.Message) (t told, err error) {
	sending, cancel := context.WithTimeout(ctx, noticePatience)
	defer cancel()
	o := mail.Outcome{State: mail.Retry, Detail: noRoom}
	if way.Take(sending, 1, noticePatience/2) > 0 {
		o = way.Mail.Send(sending, []mail.Message{m}, nil)[0]
	}
	t = mailTold(o)
	if way.DailyLimit > 0 && t.state != store.NoticeSent && t.state != store.NoticeUnknown {
		err = w.Store.Transact(ctx, func(tx *store.Tx) error { return tx.GiveBackSending(shop.ID, way.Counted, way.Day, 1) })
	}
	return t, err
}
