package jobs

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/fault"
	"flywheel/integrations/shopify"
	"flywheel/store"
)

// How long it is believed what a customer says about marketing at the platform,
// in business time: without asking again, and where it cannot be asked.
const (
	consentFresh = 10 * time.Minute
	consentKept  = 24 * time.Hour
)

// consentPatience is how long an answer is waited for, and consentsAtOnce for
// how many customers one call asks.
const (
	consentPatience = 10 * time.Second
	consentsAtOnce  = 250
)

// listens reports whether a run's next message is due and hangs on what its
// person says about marketing. It reads what is at hand, and asks nobody.
func (w *Worker) listens(r *run) bool {
	shop := &r.rules.Shop
	if r.next.End != nil || r.next.Step == nil || r.next.Due > w.Store.Now() || r.person.Email == "" || !slices.Contains(shop.Platforms, commerce.Shopify) {
		return false
	}
	if !campaign.StepOf(r.next.Step.Kind).Message {
		return false // Shopify knows of no word about calls
	}
	class := r.version.Definition().Class
	rule := w.Policy.Of(shop, channelOf(r.next.Step.Kind), class, countryOf(r.person, r.order))
	return rule.Listens(class, r.facts(), &shop.Settings)
}

// reading is what must be asked at Shopify before its runs are decided: webhooks
// carry no consent as it is now (platforms.md, trap 8).
type reading struct {
	runs      []*run
	conn      commerce.Connection
	customers map[commerce.PersonID][]store.Customer
}

// unread picks out the runs whose next message hangs on what their person says
// at Shopify, where that was not known lately; nil where there are none.
func (w *Worker) unread(ctx context.Context, shop commerce.ShopID, runs []*run) (*reading, error) {
	var listening []*run
	var persons []commerce.PersonID
	for _, r := range runs {
		if w.listens(r) {
			listening, persons = append(listening, r), append(persons, r.Person)
		}
	}
	if len(listening) == 0 || w.Shopify == nil || w.Install == nil {
		return nil, nil
	}
	customers, err := w.Store.Customers(ctx, shop, commerce.Shopify, unique(persons))
	if err != nil {
		return nil, err
	}
	old := w.Store.Now().Add(-consentFresh)
	asked := &reading{customers: customers}
	for _, r := range listening {
		if slices.ContainsFunc(customers[r.Person], func(c store.Customer) bool { return c.ReadAt < old }) {
			asked.runs = append(asked.runs, r)
		}
	}
	if len(asked.runs) == 0 {
		return nil, nil
	}
	found := false
	if asked.conn, found, err = w.shopifyOf(ctx, shop); err != nil || !found {
		return nil, err
	}
	return asked, nil
}

// read asks Shopify, outside any transaction, and keeps the answer: the decision
// reads it with everything else. Where the shop lets nobody ask, what is known
// counts; where it cannot be asked for now, only what is no older than a day.
func (w *Worker) read(ctx context.Context, shop commerce.ShopID, asked *reading) error {
	began, at := time.Now(), w.Store.Now()
	said, err := w.consents(ctx, asked, at)
	w.metrics.took("consents", began)
	if err == nil || fault.Is(err, fault.Denied) {
		if err != nil {
			w.Log.Info("consents not read: the shop does not allow it", "shop", shop, "error", err)
		}
		return w.keepRead(ctx, shop, asked, said, at)
	}
	w.Log.Warn("consents not read", "shop", shop, "runs", len(asked.runs), "error", err)
	for _, r := range asked.runs {
		r.unread = slices.ContainsFunc(asked.customers[r.Person], func(c store.Customer) bool { return c.ReadAt < at.Add(-consentKept) })
	}
	return nil
}

// consents asks about all customers of the runs' persons that were not read lately.
func (w *Worker) consents(ctx context.Context, asked *reading, at commerce.Instant) (map[string][]commerce.ConsentChange, error) {
	ctx, cancel := context.WithTimeout(ctx, consentPatience)
	defer cancel()
	said := map[string][]commerce.ConsentChange{}
	for some := range slices.Chunk(asked.ids(at), consentsAtOnce) {
		err := w.atShopify(ctx, asked.conn, func(a shopify.Access) error {
			got, err := w.Shopify.Consents(ctx, a, some)
			for id, words := range got {
				said[id] = words
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return said, nil
}

// ids are the customers to ask about. Another system may have told us of one by
// an id that is none of Shopify's: it would spoil the question for all.
func (a *reading) ids(at commerce.Instant) (out []string) {
	for _, r := range a.runs {
		for _, c := range a.customers[r.Person] {
			if c.ReadAt < at.Add(-consentFresh) && c.ID != "" && strings.Trim(c.ID, "0123456789") == "" {
				out = append(out, c.ID)
			}
		}
	}
	return unique(out)
}

// keepRead writes what was said, and that it was read. A word that is new has
// everything of that person looked at again, the runs in hand among it. Of who
// was erased while Shopify was being asked nothing is kept.
func (w *Worker) keepRead(ctx context.Context, shop commerce.ShopID, asked *reading, said map[string][]commerce.ConsentChange, at commerce.Instant) error {
	asking := false
	err := w.Store.Transact(ctx, func(tx *store.Tx) error {
		asking = false
		heard, err := asked.kept(tx, shop, said, at)
		if err != nil {
			return err
		}
		var emails []string
		for _, word := range heard.words {
			emails = append(emails, word.Email)
		}
		known, err := tx.Addresses(shop, emails)
		if err != nil {
			return err
		}
		var fresh []commerce.ConsentChange
		for _, word := range heard.words {
			if news(known[word.Email].Consents, &word, at) {
				fresh = append(fresh, word)
			}
		}
		if len(fresh) > 0 {
			if err := tx.KeepConsents(shop, fresh); err != nil {
				return err
			}
			if asking, err = w.askThem(tx, shop, heard.by, known, fresh); err != nil {
				return err
			}
		}
		return tx.MarkConsentsRead(shop, commerce.Shopify, heard.readAt)
	})
	if err == nil && asking {
		w.Queue.InboxArrived(shop)
	}
	return err
}

// heard is what customers said, whose address that is, and when each customer was read.
type heard struct {
	words  []commerce.ConsentChange
	by     map[string]commerce.Person // by address
	readAt map[string]commerce.Instant
}

// kept returns what customers said, and when each was read, without those who
// are erased by now: their persons' locks make an erasure wait or be seen.
func (a *reading) kept(tx *store.Tx, shop commerce.ShopID, said map[string][]commerce.ConsentChange, at commerce.Instant) (heard, error) {
	out := heard{by: map[string]commerce.Person{}, readAt: map[string]commerce.Instant{}}
	var ids []commerce.PersonID
	var who []commerce.Identity
	for _, r := range a.runs {
		ids = append(ids, r.Person)
		for _, c := range a.customers[r.Person] {
			who = append(who, commerce.Identity{Kind: commerce.ByShopify, Value: c.ID})
		}
	}
	persons, err := tx.LockPersons(shop, unique(ids))
	if err != nil {
		return out, err
	}
	stones, err := tx.Tombstones(shop, unique(who), nil)
	if err != nil {
		return out, err
	}
	for _, r := range a.runs {
		for _, c := range a.customers[r.Person] {
			_, done := out.readAt[c.ID]
			if done || c.ReadAt >= at.Add(-consentFresh) || persons[r.Person].Erased || stones.Has(commerce.Identity{Kind: commerce.ByShopify, Value: c.ID}) {
				continue
			}
			out.readAt[c.ID] = at
			for _, word := range said[c.ID] {
				word.Email = cmp.Or(word.Email, r.person.Email)
				out.words, out.by[word.Email] = append(out.words, word), persons[r.Person]
			}
		}
	}
	return out, nil
}

// news reports whether a word says something that was not known. One without a
// moment is as old as the question, if it differs from what was said last.
func news(known []commerce.ConsentChange, word *commerce.ConsentChange, at commerce.Instant) bool {
	if word.At == 0 {
		word.At = at
		return gate.LastWord(known, word.Channel, gate.Class(word.Class)).State != word.State
	}
	return !slices.ContainsFunc(known, saidBy{ConsentChange: *word}.repeats)
}
