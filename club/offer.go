package club

import (
	"context"
	"slices"
	"time"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/delight/loyalty"
	"flywheel/delight/referral"
	"flywheel/fault"
	"flywheel/store"
)

const (
	// offersADay is how many friends of one advocate get an offer within a day.
	offersADay = 20
	// offersPart of a month's budget, as one in so many, goes to friends at most: members have saved for the rest.
	offersPart = 2
)

// ErrLater refuses a friend's offer for today.
var ErrLater = fault.New(fault.Conflict, "many friends have had an offer today: this one can be had tomorrow")

// welcome is somebody whom an advocate has sent, within one transaction.
type welcome struct {
	tx       *store.Tx
	shop     commerce.Shop
	claim    store.OfferClaim
	program  store.Program
	advocate store.Advocate
	mailbox  string              // keyed hash
	had      store.ReferralTouch // by which they have the offer; its ID is "" where they have none
	person   commerce.Person     // who is known by the address, locked; the zero one = nobody
}

// MayOffer says what somebody would get; fault.Conflict, with the reason, where
// they get nothing. It gives nothing: nobody has shown yet that the mailbox is theirs.
func (d Desk) MayOffer(ctx context.Context, shop commerce.Shop, c store.OfferClaim) (offer loyalty.Offer, err error) {
	err = d.welcome(ctx, shop, c, func(w *welcome) error {
		if w.had.ID != "" {
			return fault.New(fault.Conflict, "this address has such an offer already")
		}
		if err := w.fits(); err != nil {
			return err
		}
		i := slices.IndexFunc(w.program.Rewards, func(r loyalty.Reward) bool { return r.ID == w.program.Referral.Friend })
		if i < 0 {
			return fault.New(fault.Conflict, "this reward is not offered any more")
		}
		offer, err = w.program.Rewards[i].Given(shop.Currency)
		return err
	})
	return offer, err
}

// OfferTaken is what somebody has got by a link; ok = false: nothing yet.
func (d Desk) OfferTaken(ctx context.Context, shop commerce.Shop, c store.OfferClaim) (r store.Reward, ok bool, err error) {
	err = d.welcome(ctx, shop, c, func(w *welcome) (err error) {
		if w.had.ID != "" {
			r, err = w.tx.LockReward(shop.ID, w.had.Reward)
			ok = err == nil && !lost(r)
		}
		return err
	})
	return r, ok, err
}

// lost reports whether a reward came to nothing by no doing of its owner: its code could not be made.
func lost(r store.Reward) bool { return r.State == store.RewardFailed && r.RecallAt == 0 }

// TakeOffer gives somebody who has opened the link in their mail what the shop
// offers friends, once for each mailbox: asked again it is the same, but where its code could not be made. Errors are
// fault.Conflict: ErrLater and loyalty.ErrBudget, which pass, and whoever is to
// have none.
func (d Desk) TakeOffer(ctx context.Context, shop commerce.Shop, c store.OfferClaim) (r store.Reward, ok bool, err error) {
	err = d.welcome(ctx, shop, c, func(w *welcome) error {
		if w.had.ID != "" {
			if r, err = w.tx.LockReward(shop.ID, w.had.Reward); err != nil || !lost(r) {
				return err
			}
			if r.EndedAt.Add(24*time.Hour) > w.tx.Now() {
				return ErrLater
			}
			if err := w.tx.DropReferralOffer(shop.ID, w.had.ID); err != nil {
				return err
			}
		}
		if err := w.fits(); err != nil {
			return err
		}
		if err := w.enter(); err != nil {
			return err
		}
		r, err = w.give()
		return err
	})
	if err != nil {
		return store.Reward{}, false, err
	}
	return r, true, nil
}

// welcome does fn for somebody by whose link it is not over.
func (d Desk) welcome(ctx context.Context, shop commerce.Shop, c store.OfferClaim, fn func(*welcome) error) error {
	return d.Store.Transact(ctx, func(tx *store.Tx) error {
		w := &welcome{tx: tx, shop: shop, claim: c}
		if err := w.open(); err != nil {
			return err
		}
		return fn(w)
	})
}

func (w *welcome) open() (err error) {
	if w.program, err = w.tx.LoyaltyProgram(w.shop.ID); err != nil {
		return err
	}
	if w.mailbox, err = w.tx.AddressHash(w.shop.ID, referral.Mailbox(w.claim.Email)); err != nil {
		return err
	}
	byCode, err := w.tx.AdvocatesByCode(w.shop.ID, []string{w.claim.Code})
	if err != nil {
		return err
	}
	link := byCode[w.claim.Code]
	if link.Code == "" {
		return fault.New(fault.Conflict, "the link is not valid any more")
	}
	if w.advocate, err = w.tx.AdvocateIn(w.shop.ID, link.Person); err != nil { // who was merged with somebody shut out is, too
		return err
	}
	touches, err := w.tx.ReferralTouches(w.shop.ID, []string{w.mailbox})
	if err != nil {
		return err
	}
	for _, t := range touches {
		if t.Reward == "" {
			continue
		}
		by, err := w.tx.AdvocateIn(w.shop.ID, t.Advocate)
		if err != nil {
			return err
		}
		if by.Code != w.advocate.Code {
			return fault.New(fault.Conflict, "this address has such an offer already")
		}
		w.had = t
	}
	return nil
}

// fits refuses who is nobody new.
func (w *welcome) fits() error {
	if w.program.State != store.ProgramLive || !w.program.Referral.On || w.program.Referral.Friend == "" {
		return fault.New(fault.Conflict, "the shop offers friends nothing at the moment")
	}
	if err := w.takesMail(); err != nil {
		return err
	}
	circle, err := w.find()
	if err != nil {
		return err
	}
	facts := referral.Facts{Via: referral.ByLink, Sale: w.tx.Now(), Banned: w.advocate.BannedAt != 0}
	if facts.Advocate, err = w.tx.Who(w.shop.ID, w.advocate.Person, w.tx.Now()); err != nil {
		return err
	}
	if w.person.ID != "" {
		if facts.Friend, err = w.tx.Who(w.shop.ID, w.person.ID, w.tx.Now()); err != nil {
			return err
		}
	}
	facts.Friend.Emails = append(facts.Friend.Emails, w.claim.Email)
	histories, err := w.tx.Histories(w.shop.ID, circle)
	if err != nil {
		return err
	}
	for _, h := range histories {
		for _, p := range h {
			if p.At != 0 {
				facts.FirstSale = p.At
			}
		}
	}
	if v := referral.Judge(facts, w.program.Referral.Rules); len(v.Blocks) > 0 {
		return fault.New(fault.Conflict, "whoever has this address is no friend who is new here: %s", v.Blocks[0])
	}
	return nil
}

// takesMail refuses addresses to which nothing goes, and those of the erased: that
// they were customers is not remembered, and neither that they were none.
func (w *welcome) takesMail() error {
	hash, err := w.tx.AddressHash(w.shop.ID, w.claim.Email)
	if err != nil {
		return err
	}
	facts, err := w.tx.AddressByHash(w.shop.ID, hash)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(facts.Suppressions, func(s gate.Suppression) bool { return s.Scope == gate.ScopeAll && !s.Over(w.tx.Now()) }) {
		return fault.New(fault.Conflict, "nothing goes to this address")
	}
	who := []commerce.Identity{{Kind: commerce.ByEmail, Value: w.claim.Email}, {Kind: commerce.ByEmail, Value: referral.Mailbox(w.claim.Email)}}
	stones, err := w.tx.Tombstones(w.shop.ID, who, nil)
	if err == nil && (stones.Has(who[0]) || stones.Has(who[1])) {
		err = fault.New(fault.Conflict, "whoever had this address was erased")
	}
	return err
}

// find locks all who are known by the mailbox, and who is by the address itself.
func (w *welcome) find() (circle []commerce.PersonID, err error) {
	who := commerce.Identity{Kind: commerce.ByEmail, Value: w.claim.Email}
	byAddress, err := w.tx.PersonsByIdentity(w.shop.ID, []commerce.Identity{who})
	if err != nil {
		return nil, err
	}
	ids, err := w.tx.PersonsOfMailboxes(w.shop.ID, []string{referral.Mailbox(w.claim.Email)})
	if err != nil {
		return nil, err
	}
	known := byAddress[who]
	if known != "" {
		ids = append(ids, known)
	}
	persons, err := w.tx.LockPersons(w.shop.ID, ids)
	if err != nil {
		return nil, err
	}
	for asked, p := range persons {
		circle = append(circle, p.ID)
		if !p.Erased && (asked == known || w.person.ID == "" && p.Email == w.claim.Email) {
			w.person = p
		}
	}
	return circle, nil
}

// enter keeps who was not known yet.
func (w *welcome) enter() error {
	if w.person.ID != "" {
		return nil
	}
	w.person = commerce.Person{ID: commerce.PersonID(store.NewID()), Email: w.claim.Email}
	if err := w.tx.SavePersons(w.shop.ID, []commerce.Person{w.person}); err != nil {
		return err
	}
	who := commerce.Identity{Kind: commerce.ByEmail, Value: w.claim.Email}
	if err := w.tx.AddIdentities(w.shop.ID, map[commerce.Identity]commerce.PersonID{who: w.person.ID}); err != nil {
		return err
	}
	now, err := w.tx.PersonsByIdentity(w.shop.ID, []commerce.Identity{who})
	if err == nil && now[who] != w.person.ID {
		err = fault.New(fault.Temporary, "they have become known in this moment")
	}
	return err
}

// give reserves the reward and keeps for what. The bounds are looked at last, under
// the lock of the month's budget: of many at once none goes beyond them.
func (w *welcome) give() (store.Reward, error) {
	hash, err := w.tx.AddressHash(w.shop.ID, w.claim.Email)
	if err != nil {
		return store.Reward{}, err
	}
	now := w.tx.Now()
	t := store.ReferralTouch{
		ID: store.NewID(), Advocate: w.advocate.Person, Person: w.person.ID, Via: referral.ByLink, EmailHash: hash, Mailbox: w.mailbox,
		NetHash: w.claim.Net, Language: w.claim.Lang, At: now,
	}
	r, err := Give(w.tx, w.shop, w.person.ID, w.program.Referral.Friend, store.RewardCause{Kind: store.RewardReferral, ID: t.ID}, 0)
	if err != nil {
		return store.Reward{}, err
	}
	t.Reward, t.Keep = r.ID, now.Add(store.KeepReferralTouches+time.Duration(r.Offer.Days)*24*time.Hour)
	if err := w.tx.AddReferralTouch(w.shop.ID, t); err != nil {
		return store.Reward{}, err
	}
	theirs, worth, err := w.tx.FriendOffers(w.shop.ID, w.advocate.Person, now.Add(-24*time.Hour), r.Month)
	switch {
	case err != nil:
		return store.Reward{}, err
	case theirs > offersADay:
		return store.Reward{}, ErrLater
	case w.program.Budget >= 0 && worth > w.program.Budget/offersPart:
		return store.Reward{}, loyalty.ErrBudget
	}
	return r, nil
}
