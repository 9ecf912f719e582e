package demo

import (
	"bytes"
	"context"
	"slices"
	"sync"

	"github.com/emersion/go-msgauth/dkim"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/integrations/mail"
	"flywheel/integrations/mail/mailfake"
	"flywheel/store"
)

// mailBooks are what became of a shop's mails after they went out, and what their
// readers and the shop's team have said and heard since.
type mailBooks struct {
	Back    []cameBack   // the oldest first
	Stops   []store.Stop // by address
	Less    int          // addresses that get less than everything: a pause may be over
	Notices []store.Notice
	Moments []moment          // in the order in which they happened
	news    map[string]string // the last word about offers, by address
}

// cameBack is a bounce or a complaint with whose it is.
type cameBack struct {
	store.Bounce
	Email string
}

// addMail adds what became of the shop's mails: what the books are held against.
func (b *shopBooks) addMail(ctx context.Context, s *store.Store) (err error) {
	b.Mail = mailBooks{news: map[string]string{}}
	for _, email := range b.emails() {
		if err := b.addAddress(ctx, s, email); err != nil {
			return err
		}
	}
	slices.SortStableFunc(b.Mail.Back, func(x, y cameBack) int { return int(x.At - y.At) })
	err = s.EachStop(ctx, b.Shop.ID, func(stop store.Stop) error {
		if b.Mail.Stops = append(b.Mail.Stops, stop); !stop.Over(s.Now()) {
			b.Mail.Less++
		}
		return nil
	})
	if err != nil {
		return err
	}
	b.Mail.Notices, err = s.LastNotices(ctx, b.Shop.ID, wholeTimeline)
	return err
}

// emails are the addresses of the shop's customers, each once.
func (b *shopBooks) emails() (all []string) {
	for _, a := range b.Orders {
		if a.person.Email != "" {
			all = append(all, a.person.Email)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (b *shopBooks) addAddress(ctx context.Context, s *store.Store, email string) error {
	hash, err := s.AddressHash(ctx, b.Shop.ID, email)
	if err != nil {
		return err
	}
	facts, err := s.AddressByHash(ctx, b.Shop.ID, hash)
	if err != nil {
		return err
	}
	if last := gate.LastWord(facts.Consents, commerce.ByMail, gate.Marketing); last.State != "" {
		b.Mail.news[email] = string(last.State)
		if last.Double {
			b.Mail.news[email] += ", confirmed"
		}
	}
	back, err := s.Bounces(ctx, b.Shop.ID, hash, wholeTimeline)
	for _, one := range back {
		b.Mail.Back = append(b.Mail.Back, cameBack{one, email})
	}
	return err
}

// CameBack counts what bounced and Complained what was called spam.
func (m mailBooks) CameBack() int { return len(m.Back) - m.Complained() }

func (m mailBooks) Complained() (n int) {
	for _, b := range m.Back {
		if b.Kind == gate.Complaint {
			n++
		}
	}
	return n
}

// Told counts what the team was told by a channel.
func (m mailBooks) Told(channel store.NoticeChannel) (n int) {
	for _, one := range m.Notices {
		if one.Channel == channel && one.State == store.NoticeSent {
			n++
		}
	}
	return n
}

// postmark reads what a mail at the sink says about who sent it.
type postmark struct {
	refs    *mail.Refs
	byEmail map[string]commerce.ShopID // where mails carry no reference
	txt     func(name string) ([]string, error)
}

// postmark makes the reader for a world and its shops.
func (w *World) postmark(shops []commerce.Shop) postmark {
	pm := postmark{refs: w.App.Config.Refs(), byEmail: map[string]commerce.ShopID{}}
	for _, s := range shops {
		pm.byEmail[s.Email] = s.ID
	}
	if w.DNS != nil {
		pm.txt = remembered(w.DNS.Resolver().LookupTXT)
	}
	return pm
}

// remembered asks DNS for each name once.
func remembered(ask func(context.Context, string) ([]string, error)) func(string) ([]string, error) {
	var mu sync.Mutex
	known := map[string][]string{}
	return func(name string) ([]string, error) {
		mu.Lock()
		defer mu.Unlock()
		if v, is := known[name]; is {
			return v, nil
		}
		v, err := ask(context.Background(), name+".")
		if err == nil {
			known[name] = v
		}
		return v, err
	}
}

// read takes a mail apart and finds whose it is: its return path holds our reference.
func (pm postmark) read(m mailfake.Mail) (received, error) {
	c, err := m.Read()
	r := received{Mail: m, Content: c, shop: pm.byEmail[m.From]}
	if ref, known := pm.refs.Decode(m.From); known == nil {
		r.shop = commerce.ShopID(ref.Shop)
	}
	return r, err
}

// signers are the domains whose signatures on a mail hold by what DNS shows, one
// for each signature.
func (pm postmark) signers(m mailfake.Mail) (domains []string, err error) {
	if pm.txt == nil {
		return nil, nil
	}
	all, err := dkim.VerifyWithOptions(bytes.NewReader(m.Raw), &dkim.VerifyOptions{LookupTXT: pm.txt})
	for _, v := range all {
		if v.Err == nil {
			domains = append(domains, v.Domain)
		}
	}
	return domains, err
}
