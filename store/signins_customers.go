package store

import (
	"context"
	"time"

	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/fault"
)

// SignInAsk is somebody who wants to see their own page at a shop.
type SignInAsk struct {
	Email  string
	Person commerce.PersonID // whose link they came by; "" = they typed the address
	Lang   string            // of the page on which they asked
}

// AskSignIn has the link to a customer's own page mailed to an address, if it is
// one of the shop's customers'. Whether it is, a worker finds out: what is kept
// here, and how long that takes, is the same for every address. What is none is
// fault.Invalid.
func (tx *Tx) AskSignIn(shop commerce.ShopID, a SignInAsk) error {
	if a.Email = commerce.NormalEmail(a.Email); a.Email == "" {
		return fault.New(fault.Invalid, "this is not a mail address")
	}
	k, err := tx.dataKey(shop)
	if err != nil {
		return err
	}
	_, err = tx.addNotice(shop, NoticeSignIn, NewID()+" "+k.hash(a.Email), NoticeMail, map[string]string{"Email": a.Email, "Person": string(a.Person), "Lang": a.Lang})
	return err
}

// CustomerLink finds who a secret of a customer's own is for in a shop, which is in
// no message that campaigns send; an unknown or expired one is fault.NotFound.
func (s *Store) CustomerLink(ctx context.Context, shop commerce.ShopID, hash []byte, purpose string) (Link, error) {
	l := Link{Hash: hash, Shop: shop, Purpose: purpose}
	found, err := s.query(ctx).one([]any{&l.Person, &l.Expires}, `SELECT person_id, expires_at FROM link_tokens WHERE shop_id = $1 AND hash = $2 AND purpose = $3`, shop, hash, purpose)
	if err == nil && (!found || l.Expires < s.Now()) {
		err = errLinkGone
	}
	return l, err
}

var errLinkGone = fault.New(fault.NotFound, "this link is not valid any more")

// TakeCustomerLink is CustomerLink for what opens once: from now on it is gone. Of
// two who take it at once one finds it.
func (tx *Tx) TakeCustomerLink(shop commerce.ShopID, hash []byte, purpose string) (Link, error) {
	l := Link{Hash: hash, Shop: shop, Purpose: purpose}
	found, err := tx.one([]any{&l.Person, &l.Expires}, `DELETE FROM link_tokens WHERE shop_id = $1 AND hash = $2 AND purpose = $3 RETURNING person_id, expires_at`, shop, hash, purpose)
	if err == nil && (!found || l.Expires < tx.store.Now()) {
		err = errLinkGone
	}
	return l, err
}

// CustomerOf finds who is known in a shop by an identity, following merges; a
// missing one is fault.NotFound, and so is one who was erased.
func (s *Store) CustomerOf(ctx context.Context, shop commerce.ShopID, id commerce.Identity) (commerce.Person, error) {
	var person string
	q := s.query(ctx)
	found, err := q.one([]any{&person}, `SELECT person_id FROM identities WHERE shop_id = $1 AND kind = $2 AND value = $3`, shop, id.Kind, id.Value)
	if err != nil {
		return commerce.Person{}, err
	}
	persons, err := q.persons(shop, []commerce.PersonID{commerce.PersonID(person)}, "")
	p, there := persons[commerce.PersonID(person)]
	if err == nil && (!found || !there || p.Erased) {
		err = fault.New(fault.NotFound, "there is no such customer in this shop")
	}
	return p, err
}

// LastMailTo is the last mail that went to a customer, or to who is merged with
// them; fault.NotFound where none did.
func (s *Store) LastMailTo(ctx context.Context, shop commerce.ShopID, person commerce.PersonID) (EffectID, error) {
	q := s.query(ctx)
	circles, err := q.circles(shop, []commerce.PersonID{person})
	if err != nil {
		return "", err
	}
	ids, err := q.scalars(`SELECT id FROM effects WHERE shop_id = $1 AND person_id `+q.in(2)+` AND kind = $3 AND state = $4 AND rehearsal = 0 ORDER BY id DESC LIMIT 1`,
		shop, list(q, circles[person]), campaign.SendEmail, Sent)
	if err == nil && len(ids) == 0 {
		err = fault.New(fault.NotFound, "no mail went to this customer yet")
	}
	if err != nil {
		return "", err
	}
	return EffectID(ids[0]), nil
}

// dataAgain is how long nobody asks again for what is kept of the same customer.
const dataAgain = 30 * 24 * time.Hour

// AskedForData reports whether what is kept of a customer was asked for lately.
func (tx *Tx) AskedForData(shop commerce.ShopID, person commerce.PersonID) (bool, error) {
	return tx.askedForData(shop, person, tx.Now())
}

// AskedForData is Tx.AskedForData outside a transaction.
func (s *Store) AskedForData(ctx context.Context, shop commerce.ShopID, person commerce.PersonID) (bool, error) {
	return s.query(ctx).askedForData(shop, person, s.Now())
}

func (q *query) askedForData(shop commerce.ShopID, person commerce.PersonID, now commerce.Instant) (bool, error) {
	var n int
	return q.one([]any{&n}, `SELECT 1 FROM privacy_requests WHERE shop_id = $1 AND kind = $2 AND received_at > $3 AND persons LIKE $4 LIMIT 1`,
		shop, commerce.ReportData, now.Add(-dataAgain), `%"`+string(person)+`"%`)
}
