// Package bounces acts on what is told of mails after they went out: bounces and
// complaints, by the webhooks of providers and by the reports of mail servers.
// What somebody may tell is checked here too: a mail is known by our own signed
// reference, or by the account of the shop whose provider tells. Reading vendors'
// shapes is the matter of integrations/mail; the rules are gate.Judge's.
package bounces

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"time"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/integrations/mail"
	"flywheel/integrations/mail/events"
	"flywheel/integrations/mail/reports"
	"flywheel/store"
)

// Desk takes what is told. It is safe for concurrent use.
type Desk struct {
	Store *store.Store
	// Refs checks which mail a reference means.
	Refs *mail.Refs
	// Door checks providers' deliveries.
	Door *events.Door
	// Provider and Secret are those of the operator's own mail server; "" = it tells nothing.
	Provider, Secret string
	// Weigh looks after a complaint whether a shop may go on writing; nil = nobody does.
	Weigh func(ctx context.Context, shop commerce.ShopID) error
	Log   *slog.Logger
}

// Taken is what became of events.
type Taken struct {
	Fresh   int // acted on
	Known   int // told before
	Ignored int // of no mail and no customer of ours
}

func (t *Taken) add(o Taken) {
	t.Fresh, t.Known, t.Ignored = t.Fresh+o.Fresh, t.Known+o.Known, t.Ignored+o.Ignored
}

// chunk is how many events one transaction takes.
const chunk = 200

// ReportTo says whether an address is a return path of ours.
func (d *Desk) ReportTo(address string) bool {
	_, err := d.Refs.Decode(address)
	return err == nil
}

// TakeReport takes a mail server's report that came to an address, "" where that is
// not known. Errors are fault.Invalid for what is no report (reports.ErrNoReport)
// and without a kind where it could not be kept.
func (d *Desk) TakeReport(ctx context.Context, to string, raw []byte) (Taken, error) {
	all, err := reports.Read(raw, to)
	if err != nil {
		return Taken{}, err
	}
	// Anybody may send a report, so the mail it names is the mail of its reference,
	// and whom it names is of no weight.
	for i := range all {
		all[i].Address = ""
	}
	return d.take(ctx, "", all)
}

// told is an event with whose mail it is about.
type told struct {
	events.Event
	effect store.EffectID
}

// take groups events by shop and takes each group. shop "" leaves it to their
// references; else those that name another shop are ignored.
func (d *Desk) take(ctx context.Context, shop commerce.ShopID, all []events.Event) (sum Taken, err error) {
	byShop := map[commerce.ShopID][]told{}
	for _, e := range all {
		ref, known := d.ref(e.Refs)
		of := commerce.ShopID(ref.Shop)
		switch {
		case known && (shop == "" || of == shop):
			byShop[of] = append(byShop[of], told{e, store.EffectID(ref.Effect)})
		case !known && shop != "" && e.Address != "": // a mail of the shop's own account
			byShop[shop] = append(byShop[shop], told{e, ""})
		default:
			sum.Ignored++
		}
	}
	for of, group := range byShop {
		for part := range slices.Chunk(group, chunk) {
			n, failed := d.takeOf(ctx, of, part)
			sum.add(n)
			err = errors.Join(err, failed)
		}
	}
	return sum, err
}

// ref finds the first text that is a reference of ours.
func (d *Desk) ref(texts []string) (mail.Ref, bool) {
	for _, t := range texts {
		if ref, err := d.Refs.Decode(t); err == nil {
			return ref, true
		}
	}
	return mail.Ref{}, false
}

// takeOf takes a shop's events in one transaction, and has the shop weighed after it.
func (d *Desk) takeOf(ctx context.Context, shop commerce.ShopID, all []told) (Taken, error) {
	var n Taken
	complained := false
	err := d.Store.Transact(ctx, func(tx *store.Tx) (err error) {
		t := taking{tx: tx, shop: shop, now: tx.Now()}
		err = t.all(all)
		n, complained = t.taken, t.complained
		return err
	})
	if err != nil {
		return Taken{}, err
	}
	if complained && d.Weigh != nil {
		if err := d.Weigh(ctx, shop); err != nil { // what was told is kept, and the next complaint weighs again
			d.Log.Warn("complaints not weighed", "shop", shop, "error", err)
		}
	}
	d.Log.Info("mail events", "shop", shop, "fresh", n.Fresh, "known", n.Known, "ignored", n.Ignored, "complained", complained)
	return n, nil
}

// about is an event with the address and person it is about.
type about struct {
	told
	mail store.Mailed
	at   commerce.Instant
}

// taking is one transaction.
type taking struct {
	tx         *store.Tx
	shop       commerce.ShopID
	now        commerce.Instant
	taken      Taken
	complained bool
	harmed     bool
	touched    []commerce.PersonID
}

// all takes events in the order of addresses, so that two of these transactions
// lock in the same one, and of each address as they happened.
func (t *taking) all(in []told) error {
	list := make([]about, 0, len(in))
	for _, e := range in {
		a, found, err := t.about(e)
		if err != nil {
			return err
		}
		if !found {
			t.taken.Ignored++
			continue
		}
		list = append(list, a)
	}
	slices.SortStableFunc(list, func(a, b about) int {
		return cmp.Or(strings.Compare(a.mail.AddressHash, b.mail.AddressHash), cmp.Compare(a.at, b.at))
	})
	for _, a := range list {
		if err := t.one(a); err != nil {
			return err
		}
	}
	if t.harmed {
		if err := t.tx.AskFuse(t.shop); err != nil {
			return err
		}
	}
	slices.Sort(t.touched)
	return t.tx.TouchPersons(t.shop, slices.Compact(t.touched))
}

// about looks up what an event is about: the mail of its reference, whose own
// address counts whatever the report says, else the address that was told.
func (t *taking) about(e told) (about, bool, error) {
	a := about{told: e, at: t.instant(e.At)}
	if e.effect != "" {
		m, found, err := t.tx.Mailed(t.shop, e.effect)
		a.mail = m
		return a, found && m.AddressHash != "", err
	}
	hash, err := t.tx.AddressHash(t.shop, e.Address)
	if err != nil {
		return a, false, err
	}
	person, err := t.tx.PersonAt(t.shop, e.Address)
	a.mail = store.Mailed{Person: person, AddressHash: hash}
	return a, true, err
}

// instant is when something happened, as far as the teller's clock can be believed.
func (t *taking) instant(at time.Time) commerce.Instant {
	told := commerce.At(at)
	if at.IsZero() || told > t.now || told < t.now.Add(-60*24*time.Hour) {
		return t.now
	}
	return told
}

func (t *taking) one(a about) error {
	hash := a.mail.AddressHash
	if a.Kind == events.Delivered { // not kept: there is one for each mail
		t.taken.Fresh++
		return t.tx.EndBounceRun(t.shop, hash, a.at)
	}
	b := store.Bounce{
		Key: a.key(), Kind: gate.BounceKind(a.Kind), Effect: a.mail.Effect, AddressHash: hash,
		Source: a.Source, Code: a.Code, Note: a.Note, At: a.at,
	}
	fresh, err := t.tx.AddBounce(t.shop, b)
	if err != nil || !fresh {
		t.taken.Known++
		t.complained = t.complained || b.Kind == gate.Complaint // whoever heard it first may have been lost before it was weighed
		return err
	}
	t.taken.Fresh++
	t.harmed = true
	answer, err := t.judge(a, b)
	if err != nil || answer.Stop == "" {
		return err
	}
	if err := t.tx.Suppress(t.shop, hash, gate.ScopeAll, answer.Stop); err != nil {
		return err
	}
	if a.mail.Person != "" {
		t.touched = append(t.touched, a.mail.Person)
	}
	if !answer.Withdrawn {
		return nil
	}
	t.complained = true
	no := commerce.ConsentChange{Channel: commerce.ByMail, Class: string(gate.Marketing), State: commerce.Unsubscribed, Source: "complaint", At: a.at}
	return errors.Join(t.tx.AddConsentOf(t.shop, hash, no), t.tx.TellUnsubscribed(t.shop, a.mail.Person))
}

// key is the teller's own, else one for each mail and kind; where the mail is not
// known either, for each address.
func (a about) key() string {
	if a.Key != "" {
		return a.Key
	}
	return a.Source + ":" + cmp.Or(string(a.mail.Effect), a.mail.AddressHash) + ":" + string(a.Kind)
}

// judge reads what the rule must know of the address, and keeps what it says of the run.
func (t *taking) judge(a about, b store.Bounce) (gate.BounceAnswer, error) {
	judged := gate.Bounce{Kind: b.Kind, At: a.at}
	if b.Kind != gate.SoftBounce && b.Kind != gate.Blocked {
		return gate.Judge(gate.BounceRun{}, judged), nil
	}
	run, err := t.tx.BounceRun(t.shop, b.AddressHash)
	if err != nil {
		return gate.BounceAnswer{}, err
	}
	if judged.Repeated, err = t.tx.BouncedBefore(t.shop, b.AddressHash, b.Effect, b.Key); err != nil {
		return gate.BounceAnswer{}, err
	}
	if run.Length > 0 && a.mail.Person != "" {
		if judged.Arrived, err = t.tx.TakenSince(t.shop, a.mail.Person, b.AddressHash, run.LastAt, a.at.Add(-gate.Silence)); err != nil {
			return gate.BounceAnswer{}, err
		}
	}
	answer := gate.Judge(run, judged)
	return answer, t.tx.SaveBounceRun(t.shop, b.AddressHash, answer.Run)
}
