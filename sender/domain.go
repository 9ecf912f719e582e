package sender

import (
	"cmp"
	"context"
	"encoding/json"
	"strings"
	"time"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/fault"
	"flywheel/integrations/mail"
	"flywheel/store"
	"flywheel/templates"
)

const (
	// lookTime bounds a look at a domain.
	lookTime = 20 * time.Second
	// brokenFor is how long a domain's records may be gone before the shared sender takes over.
	brokenFor = 3 * 24 * time.Hour
)

// Writer is who a shop wants to write as.
type Writer struct {
	Address string // From
	Name    string // "" = the shop's
	ReplyTo string // "" = the shop's address
}

// look is what the last look found, as it lies in the row. The name of
// broken_since is known to Store.SendersToLook.
type look struct {
	Findings    *mail.Findings   `json:"findings,omitempty"`
	BrokenSince commerce.Instant `json:"broken_since,omitempty"`
}

func lookOf(row store.Sender) (l look) {
	_ = json.Unmarshal(row.Looked, &l) // what cannot be read was written by another binary: the next look writes it anew
	return l
}

func (l look) text() json.RawMessage {
	data, _ := json.Marshal(l) // strings and numbers: it cannot fail
	return data
}

// check normalises and refuses what nobody could or should write as.
func (d *Desk) check(w Writer) (Writer, string, error) {
	address := commerce.NormalEmail(w.Address)
	if address == "" {
		return w, "", fault.New(fault.Invalid, "%q is no mail address", w.Address)
	}
	_, domain, _ := strings.Cut(address, "@")
	switch {
	case gate.PublicMail(domain):
		return w, "", fault.New(fault.Invalid, "mails from %s would be refused: %s lets nobody but itself send from its addresses (DMARC). Use an address of your own domain", address, domain)
	case d.Domain != "" && (domain == d.Domain || strings.HasSuffix(domain, "."+d.Domain)):
		return w, "", fault.New(fault.Invalid, "%s is the domain of the shared sender: use an address of your own domain", domain)
	case !ownable(domain) || strings.HasSuffix(domain, ".myshopify.com"):
		return w, "", fault.New(fault.Invalid, "nobody can publish DNS records for %s: use an address of your own domain", domain)
	}
	reply := commerce.NormalEmail(w.ReplyTo)
	if w.ReplyTo != "" && reply == "" {
		return w, "", fault.New(fault.Invalid, "%q is no mail address", w.ReplyTo)
	}
	return Writer{address, templates.Clean(w.Name, maxName), reply}, domain, nil
}

// Usable reports whether a shop could write from an address of its own, as far as its domain goes.
func Usable(address string) bool {
	_, domain, found := strings.Cut(address, "@")
	return found && !gate.PublicMail(domain) && ownable(domain)
}

// UseDomain has a shop write from its own domain, once DNS shows the records
// that View then lists. Until then the shared sender goes on.
func (d *Desk) UseDomain(ctx context.Context, shop commerce.ShopID, w Writer) error {
	w, domain, err := d.check(w)
	if err != nil {
		return err
	}
	keys, err := d.Store.SenderKeys(ctx, shop, domain)
	if err != nil {
		return err
	}
	var made []store.SenderKey
	if len(keys) == 0 {
		if made, err = makeKeys(domain, d.Store.Now()); err != nil {
			return err
		}
	}
	return d.change(ctx, shop, func(tx *store.Tx, row *store.Sender) error {
		if row.Kind != store.SenderDomain || row.Domain != domain {
			row.ReadySince = sharedSince(*row, d.Store.Now())
			row.Kind, row.State, row.Domain, row.Looked, row.LookedAt = store.SenderDomain, store.SenderChecking, domain, nil, 0
			row.Provider, row.Endpoint = "", ""
		}
		row.Address, row.Name, row.ReplyTo = w.Address, w.Name, w.ReplyTo
		if err := tx.DropOtherKeys(shop, domain); err != nil {
			return err
		}
		return tx.SaveSenderKeys(shop, made)
	})
}

// UseShared has a shop write by the shared sender. One that was stopped stays so.
func (d *Desk) UseShared(ctx context.Context, shop commerce.ShopID, replyTo string) error {
	reply := commerce.NormalEmail(replyTo)
	if replyTo != "" && reply == "" {
		return fault.New(fault.Invalid, "%q is no mail address", replyTo)
	}
	return d.change(ctx, shop, func(_ *store.Tx, row *store.Sender) error {
		*row = store.Sender{Kind: store.SenderShared, State: store.SenderReady, ReplyTo: reply, ReadySince: sharedSince(*row, d.Store.Now()), StoppedReason: row.StoppedReason, Rev: row.Rev}
		if row.StoppedReason != "" {
			row.State = store.SenderStopped
		}
		return nil
	})
}

// change writes a shop's row anew under its lock, and has what waits for another
// sender looked at again.
func (d *Desk) change(ctx context.Context, shop commerce.ShopID, do func(*store.Tx, *store.Sender) error) error {
	err := d.Store.Transact(ctx, func(tx *store.Tx) error {
		if _, err := tx.Shop(shop); err != nil {
			return err
		}
		row, err := tx.Sender(shop)
		if err != nil {
			return err
		}
		if err := do(tx, &row); err != nil {
			return err
		}
		if err := tx.SaveSender(shop, row); err != nil {
			return err
		}
		return tx.TouchShop(shop)
	})
	d.forget(shop)
	return err
}

// Check looks a shop's domain up in DNS and moves keys and state by what it
// shows. A shop that uses no own domain has nothing to look up.
func (d *Desk) Check(ctx context.Context, shop commerce.ShopID) error {
	row, err := d.Store.Sender(ctx, shop)
	if err != nil || row.Kind != store.SenderDomain {
		return err
	}
	keys, err := d.Store.SenderKeys(ctx, shop, row.Domain)
	if err != nil {
		return err
	}
	found := d.ask(ctx, row.Domain, keys)
	if err := ctx.Err(); err != nil {
		return err
	}
	lang, err := d.language(ctx, shop)
	if err != nil {
		return err
	}
	err = d.Store.Transact(ctx, func(tx *store.Tx) error {
		now, conditions := d.Store.Now(), seen(found)
		stay, changed, drop := turn(keys, conditions, now)
		next, said := judge(row, sound(stay, conditions), now)
		l := lookOf(next)
		l.Findings = &found
		next.Looked, next.LookedAt = l.text(), now
		if err := tx.SaveSender(shop, next); err != nil { // also keeps two looks from moving the same keys
			return err
		}
		if err := tx.SaveSenderKeys(shop, changed); err != nil {
			return err
		}
		if err := tx.DropSenderKeys(shop, row.Domain, drop); err != nil {
			return err
		}
		if next.State != row.State { // what was decided for the other way is decided anew
			if err := tx.TouchShop(shop); err != nil {
				return err
			}
		}
		if said == "" {
			return nil
		}
		return tx.AddNotice(shop, said, row.Domain+" "+now.Time().UTC().Format(time.RFC3339), map[string]string{
			"Sender": row.Address, "Detail": templates.Say(lang, "sender_record_gone", map[string]string{"Record": lacking(stay, conditions)}),
		})
	})
	d.forget(shop)
	return err
}

// ask looks a domain and its keys up.
func (d *Desk) ask(ctx context.Context, domain string, keys []store.SenderKey) mail.Findings {
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	return mail.Look(ctx, d.Resolver, mail.Domain{Name: domain, ReturnPath: cmp.Or(d.Domain, domain), Keys: wanted(keys)})
}

// judge moves a domain's row by what DNS shows of its keys, and says what the
// team has to know of it, "" for nothing. An answer that cannot be had moves nothing.
func judge(row store.Sender, shows mail.Condition, now commerce.Instant) (store.Sender, store.NoticeKind) {
	l, said := lookOf(row), store.NoticeKind("")
	switch {
	case shows == mail.Good && row.State != store.SenderReady:
		row.State, row.ReadySince, said = store.SenderReady, now, store.NoticeSenderReady
		l.BrokenSince = 0
	case shows == mail.Good:
		l.BrokenSince = 0
	case shows == mail.Unclear || row.State != store.SenderReady:
	case l.BrokenSince == 0:
		l.BrokenSince, said = now, store.NoticeSenderShaky
	case l.BrokenSince.Add(brokenFor) <= now:
		row.ReadySince = sharedSince(row, now)
		row.State, said = store.SenderChecking, store.NoticeDomainBroken
		l.BrokenSince = 0
	}
	row.Looked = l.text()
	return row, said
}

// lacking names the record of an active RSA key that DNS does not show.
func lacking(keys []store.SenderKey, conditions map[string]mail.Condition) string {
	for _, k := range keys {
		if k.State == store.KeyActive && k.Kind == mail.RSA && conditions[k.Selector] != mail.Good {
			return mail.RecordName(k.Selector, k.Domain)
		}
	}
	return ""
}

// Rotate makes new keys for a shop's domain, to be published beside those in use.
// They sign once DNS shows them. Where such keys wait already it does nothing.
func (d *Desk) Rotate(ctx context.Context, shop commerce.ShopID) error {
	row, err := d.Store.Sender(ctx, shop)
	if err != nil {
		return err
	}
	if row.Kind != store.SenderDomain {
		return fault.New(fault.Invalid, "the shop has no domain of its own, whose keys could be rotated")
	}
	made, err := makeKeys(row.Domain, d.Store.Now())
	if err != nil {
		return err
	}
	keys, err := d.Store.SenderKeys(ctx, shop, row.Domain)
	if err != nil {
		return err
	}
	for _, k := range keys {
		if k.State == store.KeyNext && k.Kind == mail.RSA {
			return nil
		}
	}
	return d.Store.Transact(ctx, func(tx *store.Tx) error {
		if err := tx.SaveSender(shop, row); err != nil { // nobody else does so at the same time
			return err
		}
		if err := tx.SaveSenderKeys(shop, made); err != nil {
			return err
		}
		return tx.AddNotice(shop, store.NoticeSenderKeys, row.Domain+" "+made[0].Selector, map[string]string{"Sender": row.Domain})
	})
}

func (d *Desk) language(ctx context.Context, id commerce.ShopID) (string, error) {
	shop, err := d.Store.Shop(ctx, id)
	return templates.Language(shop.Locale), err
}
