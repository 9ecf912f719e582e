package sender

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/integrations/mail"
	"flywheel/integrations/mail/events"
	"flywheel/store"
)

const (
	// accountLines is how many connections a shop's own server gets at most.
	accountLines = 2
	// accountIdle is after how long without mails they are closed.
	accountIdle = 10 * time.Minute
	// accountTest bounds the test of an account.
	accountTest = 20 * time.Second
)

// account is a shop's own server, opened.
type account struct {
	sender *mail.Sender
	rev    int64
	used   time.Time
}

// Account is a shop's own account at a mail server.
type Account struct {
	Writer
	Provider mail.Provider
	Region   string // Amazon's, or "eu"; "" elsewhere
	// Host and Port are the provider's unless it is another than those we know.
	Host           string
	Port           int
	User, Password string // User "" = what everybody's is called there
	Secret         string // what the provider's events are checked by; "" = none are taken
	Stream         string // Postmark's message stream, Amazon's configuration set
}

// UseAccount has a shop write by its own account, once the server has taken our
// connection. fault.Invalid and fault.Temporary say why it did not; then
// everything stays as it was.
func (d *Desk) UseAccount(ctx context.Context, shop commerce.ShopID, a Account) error {
	w, domain, err := d.check(a.Writer)
	if err != nil {
		return err
	}
	server, err := mail.Preset(a.Provider, a.Region)
	if err != nil {
		return err
	}
	if server.Host != "" && a.Host != "" && a.Host != server.Host {
		return fault.New(fault.Invalid, "the server of %s is %s: leave it out, or choose the provider \"other\"", a.Provider, server.Host)
	}
	row := store.Account{
		Host: cmp.Or(server.Host, strings.TrimSpace(a.Host)), Port: cmp.Or(a.Port, server.Port), User: cmp.Or(strings.TrimSpace(a.User), server.User),
		Password: a.Password, Region: a.Region, Secret: a.Secret, Stream: strings.TrimSpace(a.Stream),
	}
	if strings.ContainsAny(row.Stream, "\r\n") {
		return fault.New(fault.Invalid, "the stream's name is one line")
	}
	if a.Secret != "" {
		if err := events.CheckSecret(string(a.Provider), a.Secret); err != nil {
			return err
		}
	}
	if err := d.try(ctx, row); err != nil {
		return err
	}
	return d.change(ctx, shop, func(_ *store.Tx, r *store.Sender) error {
		endpoint := strings.ToLower(rand.Text())
		if r.Kind == store.SenderSMTP && r.Provider == string(a.Provider) {
			endpoint = r.Endpoint // what the provider was told stays true
		}
		*r = store.Sender{
			Kind: store.SenderSMTP, State: store.SenderReady, Address: w.Address, Name: w.Name, ReplyTo: w.ReplyTo, Domain: domain,
			Account: row, Provider: string(a.Provider), Endpoint: endpoint, ReadySince: d.Store.Now(), StoppedReason: r.StoppedReason, Rev: r.Rev,
		}
		return nil
	})
}

// try connects to an account and logs in.
func (d *Desk) try(ctx context.Context, a store.Account) error {
	s, err := d.open(a)
	if err != nil {
		return err
	}
	defer s.Close()
	ctx, cancel := context.WithTimeout(ctx, accountTest)
	defer cancel()
	return s.Check(ctx)
}

func (d *Desk) open(a store.Account) (*mail.Sender, error) {
	o := d.Account
	o.Connections = accountLines
	return mail.OpenAccount(mail.Account{Host: a.Host, Port: a.Port, User: a.User, Password: a.Password}, o)
}

// byAccount is the way of a shop's own account. The provider signs.
func (d *Desk) byAccount(shop commerce.Shop, row store.Sender, day commerce.Instant) (Way, error) {
	way := Way{
		Kind: SMTP, Day: day, Account: d.accountName(row.Account), Lines: accountLines, Rate: cmp.Or(mail.Provider(row.Provider).Rate(), d.Rate), rates: d.Rates,
		provider: mail.Provider(row.Provider), stream: row.Account.Stream, refs: d.Refs,
	}
	way.From.Address, way.From.Name, way.From.ReplyTo = row.Address, row.Name, cmp.Or(row.ReplyTo, shop.Email)
	if d.Mail == nil { // nothing is sent here
		return way, nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	now := time.Now()
	for id, a := range d.accounts {
		if now.Sub(a.used) > accountIdle || id == shop.ID && a.rev != row.Rev {
			d.drop(id)
		}
	}
	a := d.accounts[shop.ID]
	if a == nil {
		s, err := d.open(row.Account)
		if err != nil {
			return Way{}, err
		}
		a = &account{sender: s, rev: row.Rev}
		d.accounts[shop.ID] = a
	}
	a.used, way.Mail = now, a.sender
	return way, nil
}

// accountName is one for all shops that use the same account, since its provider
// counts them together. Whose account it is only the password says: at Resend and
// SendGrid the user is the same word for everybody. Nothing of it can be guessed from the name.
func (d *Desk) accountName(a store.Account) string {
	mac := hmac.New(sha256.New, d.Pepper)
	for _, part := range []string{strings.ToLower(a.Host), a.User, a.Password} {
		fmt.Fprintf(mac, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(mac.Sum(nil)[:12])
}

// drop closes a shop's server once its mails under way are done. The caller holds d.mu.
func (d *Desk) drop(shop commerce.ShopID) {
	a := d.accounts[shop]
	delete(d.accounts, shop)
	d.closing.Go(a.sender.Close)
}
