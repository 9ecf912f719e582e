// Package sender knows who each shop writes as: by the domain that shops share, by
// its own domain whose mails we sign, by its own account at a mail server, or,
// where the operator has no shared domain, as itself. It makes and rotates
// signing keys, looks DNS up, and stops a shop whose mails people complain
// about. What a mail says is package message's matter, how it travels that of
// integrations/mail, when it goes that of package jobs.
package sender

import (
	"cmp"
	"context"
	"log/slog"
	"net"
	"sync"
	"time"

	"flywheel/commerce"
	"flywheel/integrations/mail"
	"flywheel/store"
)

// Options are what a Desk is made with.
type Options struct {
	Store *store.Store
	// Domain is that of the shared sender, MAIL_DOMAIN; "" = there is none, and shops write as themselves.
	Domain string
	// Mail is the server of SMTP_URL; nil where nothing is sent, as at the command line.
	Mail *mail.Sender
	// Provider is whose SMTP_URL is; "" = nobody's whose events are read.
	Provider mail.Provider
	// Rate is how many mails a second SMTP_URL takes, over all processes, and shops' own accounts of whose
	// provider nothing is known; 0 = no bound. Rates keeps to it, and to what providers take; nil = nobody does.
	Rate  int
	Rates *Rates
	// Pepper keeps the names under which accounts are counted from telling anything of them.
	Pepper []byte
	// Refs make return paths and references; nil = mails carry none.
	Refs *mail.Refs
	// Resolver asks DNS; nil = the system's.
	Resolver mail.Resolver
	// BaseURL is our public address: links may lead there, and providers tell there what became of mails.
	BaseURL string
	// Account are the options with which shops' own accounts are opened.
	Account mail.Options
	Log     *slog.Logger
}

// Desk knows and changes who shops write as. It is safe for concurrent use.
type Desk struct {
	Options
	mu       sync.Mutex
	ways     map[commerce.ShopID]kept
	none     time.Time // until when it is believed that no shop has chosen anything
	platform signer
	accounts map[commerce.ShopID]*account
	closing  sync.WaitGroup
}

const (
	// believed is how long what was read about a shop's sender counts, in real time: another process may have changed it.
	believed = 30 * time.Second
	// maxWays bounds what is remembered; above it all is forgotten.
	maxWays = 10_000
)

type kept struct {
	way   Way
	until time.Time
}

// New makes a desk.
func New(o Options) *Desk {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Resolver == nil {
		o.Resolver = net.DefaultResolver
	}
	return &Desk{Options: o, ways: map[commerce.ShopID]kept{}, accounts: map[commerce.ShopID]*account{}}
}

// Of returns by what a shop's mails go out now. It is read from the database once
// in a while, and where there is no shared domain and no shop has chosen
// anything, not even that.
func (d *Desk) Of(ctx context.Context, shop commerce.ShopID) (Way, error) {
	now, day := time.Now(), store.SendingDay(d.Store.Now())
	d.mu.Lock()
	k, known := d.ways[shop]
	none := d.Domain == "" && now.Before(d.none)
	d.mu.Unlock()
	switch {
	case known && now.Before(k.until) && k.way.Day == day:
		return k.way, nil
	case none:
		return d.own(), nil
	}
	if d.Domain == "" {
		any, err := d.Store.AnySender(ctx)
		if err != nil {
			return Way{}, err
		}
		if !any {
			d.mu.Lock()
			d.none = now.Add(believed)
			d.mu.Unlock()
			return d.own(), nil
		}
	}
	way, err := d.find(ctx, shop, day)
	if err != nil {
		return Way{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.ways) >= maxWays {
		clear(d.ways)
	}
	d.ways[shop] = kept{way, now.Add(believed)}
	return way, nil
}

// forget has a shop's sender read again.
func (d *Desk) forget(shop commerce.ShopID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.ways, shop)
	d.none = time.Time{}
}

// find works out by what a shop's mails go out on a day.
func (d *Desk) find(ctx context.Context, id commerce.ShopID, day commerce.Instant) (Way, error) {
	row, err := d.Store.Sender(ctx, id)
	if err != nil {
		return Way{}, err
	}
	shop, err := d.Store.Shop(ctx, id)
	if err != nil {
		return Way{}, err
	}
	if row.State == store.SenderReady {
		switch row.Kind {
		case store.SenderDomain:
			if way, ok, err := d.byDomain(ctx, shop, row, day); ok || err != nil {
				return way, err
			}
		case store.SenderSMTP:
			return d.byAccount(shop, row, day)
		case store.SenderShared:
		}
	}
	if d.Domain == "" {
		way := d.own()
		way.Day = day
		return way, nil
	}
	return d.byShared(ctx, shop, row, day)
}

// own is the way of an installation without a shared domain: shops write as themselves.
func (d *Desk) own() Way {
	return Way{Kind: Own, Mail: d.Mail, Rate: cmp.Or(d.Rate, d.Provider.Rate()), rates: d.Rates, provider: d.Provider, refs: d.Refs}
}

// byDomain is the way of an own domain; false where it has no key that may sign.
func (d *Desk) byDomain(ctx context.Context, shop commerce.Shop, row store.Sender, day commerce.Instant) (Way, bool, error) {
	keys, err := d.Store.SenderKeys(ctx, shop.ID, row.Domain)
	if err != nil {
		return Way{}, false, err
	}
	s, err := signs(row.Domain, keys, d.Provider)
	if err != nil || s == nil {
		return Way{}, false, err
	}
	way := d.own()
	way.Kind, way.Signer, way.Day, way.Counted, way.returns = Domain, s, day, row.Domain, d.Domain
	way.From.Address, way.From.Name, way.From.ReplyTo = row.Address, row.Name, cmp.Or(row.ReplyTo, shop.Email)
	before, taken, err := d.Store.SendingDays(ctx, shop.ID, row.Domain, day)
	if err != nil {
		return Way{}, false, err
	}
	if way.DailyLimit = DomainLimit(before); way.DailyLimit == 0 && taken == 0 && d.Mail != nil {
		// Nothing counts its mails any more; that it is in use today is noted all the
		// same, so that it does not begin anew when older days are forgotten.
		_, err = d.Store.TakeSending(ctx, shop.ID, row.Domain, day, 1, 1)
	}
	return way, true, err
}

// byShared is the way of the shared domain.
func (d *Desk) byShared(ctx context.Context, shop commerce.Shop, row store.Sender, day commerce.Instant) (Way, error) {
	way := d.own()
	way.Kind, way.Via, way.OnlyBuyers, way.Day, way.Counted, way.returns = Shared, true, true, day, sharedCounter, d.Domain
	way.From.Address, way.From.ReplyTo = sharedBox+"@"+d.Domain, shop.Email
	if row.Kind == store.SenderShared {
		way.From.ReplyTo = cmp.Or(row.ReplyTo, shop.Email)
	}
	way.Stopped = row.StoppedReason != ""
	var err error
	if way.Signer, err = d.platformSigner(ctx); err != nil {
		return Way{}, err
	}
	if way.LinkHosts, err = d.hosts(ctx, shop); err != nil {
		return Way{}, err
	}
	before, _, err := d.Store.SendingDays(ctx, shop.ID, sharedCounter, day)
	way.DailyLimit = SharedLimit(before)
	return way, err
}

// Close ends the connections to shops' own servers.
func (d *Desk) Close() {
	d.mu.Lock()
	for shop := range d.accounts {
		d.drop(shop)
	}
	d.mu.Unlock()
	d.closing.Wait()
}
