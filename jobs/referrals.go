package jobs

import (
	"context"
	"time"

	"flywheel/commerce"
	"flywheel/delight/referral"
	"flywheel/fault"
	"flywheel/store"
)

// refer has whoever changed by a batch looked at for whether an advocate sent
// them: who used a code or came by a link, whom an advocate is known to have
// sent, and whom an advocate sent who has bought themselves. What it comes to is
// found out in a transaction of its own (lookAtFriend), since the advocate is
// somebody else, whose lock nobody here may wait for.
func (m *merge) refer(orders []*orderWork) error {
	if len(orders) == 0 {
		return nil
	}
	p, err := m.tx.LoyaltyProgram(m.shop.ID)
	if err != nil || p.LiveAt == 0 {
		return err
	}
	var look, all []commerce.PersonID
	hashes := map[string]commerce.PersonID{}
	since := commerce.Instant(0)
	for _, o := range orders {
		who := m.persons[o.PersonID]
		if who == nil {
			continue
		}
		if o.Origin.Ref != "" || len(o.Detail.DiscountCodes)+len(o.Detail.Promotions) > 0 {
			look = append(look, who.ID)
		}
		all = append(all, who.ID)
		since = commerce.Earliest(since, o.PlacedAt)
		hash, err := m.tx.AddressHash(m.shop.ID, referral.Mailbox(who.Email))
		if err != nil {
			return err
		}
		if hash != "" {
			hashes[hash] = who.ID
		}
	}
	known, err := m.tx.KnownFriends(m.shop.ID, unique(all), hashes)
	if err != nil {
		return err
	}
	if err := m.tx.LookAtFriends(m.shop.ID, append(look, known...), m.tx.Now()); err != nil {
		return err
	}
	return m.tx.LookAtSent(m.shop.ID, unique(all), since, m.tx.Now())
}

// hashed puts keyed hashes in the place of the address and the net that an order was told with.
func (m *merge) hashed(o commerce.Origin) (commerce.Origin, error) {
	door, err := m.tx.AddressHash(m.shop.ID, o.Door)
	if err != nil {
		return o, err
	}
	net, err := m.tx.AddressHash(m.shop.ID, o.Net)
	return commerce.Origin{Ref: o.Ref, Door: door, Net: net}, err
}

// A look takes so many friends of one shop, and goes on with the next shop.
const (
	referralsStep  = 100
	referralsShare = 16
)

// dueForReferrals looks at friends and their offers once a second, or again at once while there is more.
func (s *sweep) dueForReferrals(ctx context.Context) (bool, error) {
	if !s.lookingAtClubs && !s.referring {
		return false, nil
	}
	var err error
	s.friends, s.referring, err = s.lookAtFriends(ctx, s.friends)
	return s.referring, err
}

// lookAtFriends looks, in the shops after the shop id behind, at friends who are due.
// It returns the shop to go on behind, "" = from the first one.
func (w *Worker) lookAtFriends(ctx context.Context, behind commerce.ShopID) (next commerce.ShopID, more bool, err error) {
	shops, err := w.Store.ShopsWithDueFriends(ctx, behind, referralsStep)
	if err != nil {
		return behind, false, err
	}
	done, full := 0, false
	for i, shop := range shops {
		n, err := w.lookAtFriendsOf(ctx, shop)
		if err != nil {
			return shop, false, err
		}
		if done, full = done+n, full || n == referralsShare; done >= referralsStep && i < len(shops)-1 {
			return shop, true, ctx.Err()
		}
	}
	if len(shops) == referralsStep {
		return shops[len(shops)-1], true, ctx.Err()
	}
	return "", full || behind != "" && len(shops) > 0, ctx.Err()
}

// lookAtFriendsOf takes a shop's share of a look, and says how many that were.
func (w *Worker) lookAtFriendsOf(ctx context.Context, id commerce.ShopID) (int, error) {
	due, err := w.Store.DueFriends(ctx, id, referralsShare)
	if err != nil {
		return 0, err
	}
	shop, unknown := w.Store.Shop(ctx, id)
	for _, d := range due {
		err := unknown
		if err == nil {
			err = w.Store.Transact(ctx, func(tx *store.Tx) error { return lookAtFriend(tx, shop, d) })
		}
		if err == nil {
			continue
		}
		if err = w.putOffFriend(ctx, d, err); err != nil {
			return 0, err
		}
	}
	return len(due), nil
}

// How long a look that failed is put off: what passes by itself is tried again
// soon, anything else keeps nobody else waiting.
const (
	lookSoon  = time.Second
	lookLater = time.Hour
)

func (w *Worker) putOffFriend(ctx context.Context, d store.DueFriend, cause error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	wait := lookLater
	if fault.Is(cause, fault.Temporary) {
		wait = lookSoon
	}
	w.Log.Warn("friend not looked at", "shop", d.Shop, "person", d.Person, "error", cause)
	return w.Store.Transact(ctx, func(tx *store.Tx) error { return tx.FriendLooked(d.Shop, d, tx.Now().Add(wait)) })
}
