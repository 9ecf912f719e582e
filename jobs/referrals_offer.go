package jobs

import (
	"context"
	"time"

	"flywheel/club"
	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/fault"
	"flywheel/message"
	"flywheel/store"
)

// offerLinkTime is how long the link to a friend's offer opens it: long enough for a new month's budget.
const offerLinkTime = 31 * 24 * time.Hour

// tellFriend mails somebody who has come by an advocate's link how they get what
// the shop offers friends. They have asked for it this minute, so no campaign's
// pause, quiet hours or cap holds it; it goes to nobody who has bought here, has
// such an offer, or takes no mail at all. Nothing is given before they open the
// link: anybody can type an address.
func (w *Worker) tellFriend(ctx context.Context, shop commerce.Shop, n store.Notice) (told, error) {
	c := store.OfferClaim{Code: n.Data["Code"], Email: n.Data["Email"], Lang: n.Data["Lang"], Net: n.Data["Net"], Until: n.MadeAt.Add(offerLinkTime)}
	offer, err := club.Desk{Store: w.Store}.MayOffer(ctx, shop, c)
	switch {
	case fault.Is(err, fault.Conflict), fault.Is(err, fault.Invalid):
		return told{state: store.NoticeFailed, note: fault.Sentence(err)}, nil
	case err != nil:
		return told{state: store.NoticeDue, note: "whether they are new could not be read"}, err
	}
	return w.mailOffer(ctx, shop, offer, c, n)
}

// mailOffer writes to the friend and sends it.
func (w *Worker) mailOffer(ctx context.Context, shop commerce.Shop, offer loyalty.Offer, c store.OfferClaim, n store.Notice) (told, error) {
	way, err := w.way(ctx, shop.ID)
	if err != nil {
		return told{state: store.NoticeDue, note: "the sender could not be read"}, err
	}
	if way.Stopped {
		return told{state: store.NoticeFailed, note: "the shop's sender is stopped"}, nil
	}
	token := ""
	if err := w.Store.Transact(ctx, func(tx *store.Tx) error {
		token, err = tx.SealOffer(shop.ID, c)
		return err
	}); err != nil {
		return told{state: store.NoticeDue, note: "the link could not be made"}, err
	}
	m, err := message.Friend(message.Facts{
		Shop: shop, Person: commerce.Person{Email: c.Email}, EffectID: n.ID, IDHost: way.Host(), From: way.Writer(shop, c.Lang), Now: w.Store.Now().Time(),
	}, c.Lang, message.FriendOffer{Offer: offer, Until: c.Until.Time(), Link: w.BaseURL + "/r/" + c.Code + "/" + token})
	if err != nil {
		return told{state: store.NoticeFailed, note: "the mail cannot be written"}, err
	}
	if way.DailyLimit > 0 {
		got, err := w.Store.TakeSending(ctx, shop.ID, way.Counted, way.Day, 1, way.DailyLimit)
		if err != nil || got == 0 {
			return told{state: store.NoticeDue, note: noRoom, busy: true}, err
		}
	}
	return w.sendSignIn(ctx, shop, way, writes(way, shop, m, c.Lang, n.ID))
}
