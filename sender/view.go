package sender

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"flywheel/commerce"
	"flywheel/integrations/mail"
	"flywheel/message"
	"flywheel/store"
	"flywheel/templates"
)

// View is who a shop writes as, for people.
type View struct {
	Way   Way // by what its mails go out now
	From  message.From
	Row   store.Sender // what it has chosen; Rev 0 = nothing
	Taken int64        // of Way.DailyLimit, on Way.Day
	// BrokenSince is since when the records of a domain in use are gone; 0 = they are there.
	BrokenSince commerce.Instant
	Records     []Record // to publish for the own domain, none elsewhere
	Policy      string   // what DMARC asks for; "" = no record, or not looked at
	// Events is where the account's provider tells what became of mails; "" = it does not.
	Events string
	// Shared is the shared sender's address; "" = there is none.
	Shared string
}

// Record is one DNS record with what was seen of it.
type Record struct {
	Name, Type, Value string
	Stands            []string       // what stands there instead
	Condition         mail.Condition // "" = not looked up yet
	Failure           mail.Failure   // of an unclear one
	// Needed says that nothing goes out from the domain without it; the others help mails arrive.
	Needed bool
	Kind   string         // rsa, ed25519, spf, dmarc, mx
	Key    store.KeyState // of a key; "" elsewhere
}

// Show gathers who a shop writes as.
func (d *Desk) Show(ctx context.Context, id commerce.ShopID) (View, error) {
	shop, err := d.Store.Shop(ctx, id)
	if err != nil {
		return View{}, err
	}
	v := View{}
	if v.Row, err = d.Store.Sender(ctx, id); err != nil {
		return v, err
	}
	d.forget(id)
	if v.Way, err = d.Of(ctx, id); err != nil {
		return v, err
	}
	v.From = v.Way.Writer(shop, templates.Language(shop.Locale))
	v.From.Address, v.From.Name, v.From.ReplyTo = cmp.Or(v.From.Address, shop.Email), cmp.Or(v.From.Name, shop.Name), cmp.Or(v.From.ReplyTo, shop.Email)
	if v.Way.Counted != "" {
		if _, v.Taken, err = d.Store.SendingDays(ctx, id, v.Way.Counted, v.Way.Day); err != nil {
			return v, err
		}
	}
	if d.Domain != "" {
		v.Shared = sharedBox + "@" + d.Domain
	}
	switch v.Row.Kind {
	case store.SenderDomain:
		keys, err := d.Store.SenderKeys(ctx, id, v.Row.Domain)
		if err != nil {
			return v, err
		}
		l := lookOf(v.Row)
		v.BrokenSince, v.Records = l.BrokenSince, Records(keys, l.Findings)
		if l.Findings != nil {
			v.Policy = l.Findings.Policy
		}
	case store.SenderSMTP:
		if v.Row.Endpoint != "" && v.Row.Account.Secret != "" && v.Row.Provider != string(mail.Other) {
			v.Events = d.BaseURL + "/webhooks/mail/" + v.Row.Provider + "/" + v.Row.Endpoint
		}
	case store.SenderShared:
	}
	return v, nil
}

// Records lists what is to be published for a domain's keys, with what a look
// found of each; nil = nobody has looked.
func Records(keys []store.SenderKey, found *mail.Findings) []Record {
	at := map[string]mail.Finding{}
	if found != nil {
		for _, f := range found.Keys {
			at[f.Selector] = f
		}
	}
	var out []Record
	for _, k := range keys {
		if k.State == store.KeyOld {
			continue
		}
		f := at[k.Selector]
		out = append(out, Record{
			Name: mail.RecordName(k.Selector, k.Domain), Type: "TXT", Value: k.Public, Kind: k.Kind, Key: k.State, Needed: k.Kind == mail.RSA,
			Stands: f.Stands, Condition: f.Condition, Failure: f.Failure,
		})
	}
	if found == nil {
		return out
	}
	for _, f := range []struct {
		kind string
		mail.Finding
	}{{"spf", found.SPF}, {"dmarc", found.DMARC}, {"mx", found.MX}} {
		if f.Publish == "" && (f.Condition == mail.Good || f.Condition == mail.Missing && f.kind == "spf") {
			continue // nothing to say
		}
		out = append(out, Record{Name: f.Name, Type: f.Type, Value: f.Publish, Kind: f.kind, Stands: f.Stands, Condition: f.Condition, Failure: f.Failure})
	}
	return out
}

// Try sends a mail to the shop's team the way its mails go out now, and returns
// whose mailbox it went to.
func (d *Desk) Try(ctx context.Context, id commerce.ShopID) (string, error) {
	shop, err := d.Store.Shop(ctx, id)
	if err != nil {
		return "", err
	}
	way, err := d.Of(ctx, id)
	if err != nil {
		return "", err
	}
	lang := templates.Language(shop.Locale)
	from := cmp.Or(way.From.Address, shop.Email)
	m, err := message.ToTeam(shop, message.Said{Lang: lang, Title: templates.Say(lang, "sender_try_title", nil), Body: []string{
		templates.Say(lang, "sender_try_body", map[string]string{"Sender": from}),
	}}, store.NewID())
	if err != nil {
		return "", err
	}
	return m.To, d.deliver(ctx, way, shop, lang, m)
}

// tryPatience is how long a test mail waits for its turn.
const tryPatience = 5 * time.Second

// deliver sends one mail to the team at once.
func (d *Desk) deliver(ctx context.Context, way Way, shop commerce.Shop, lang string, m message.Message) error {
	if way.Mail == nil {
		return errNoServer
	}
	if way.Take(ctx, 1, tryPatience) == 0 {
		return errBusy
	}
	out := way.Stamp(mail.Message{
		To: m.To, ToName: m.ToName, Also: m.Also, From: m.From, FromName: m.FromName, ReplyTo: m.ReplyTo, Subject: m.Subject, HTML: m.HTML, Text: m.Text, Headers: m.Headers,
	}, shop, lang, m.Header("X-Flywheel-ID"))
	for _, o := range way.Mail.Send(ctx, []mail.Message{out}, nil) {
		if o.State != mail.Sent {
			return refused(fmt.Sprintf("%d %s %s", o.Code, o.Enhanced, o.Detail))
		}
	}
	return nil
}
