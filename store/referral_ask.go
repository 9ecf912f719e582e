package store

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"time"

	"flywheel/commerce"
	"flywheel/fault"
)

// OfferAsk is somebody who has come by an advocate's link and wants what the shop offers friends.
type OfferAsk struct {
	Email    string
	Advocate Advocate
	Lang     string // of the page
	Net      string // where they came from (commerce.NetOf)
}

// askAgain is how long after a mail to an address the next one may go there.
const askAgain = 24 * time.Hour

// AskOffer has a link to the friends' offer mailed to an address that is new to
// the shop, once a day for each advocate; an ask that failed begins anew. Whether
// the address is new, a worker finds out: what is kept here, and how long that
// takes, is the same for every address. What is none is fault.Invalid.
func (tx *Tx) AskOffer(shop commerce.ShopID, a OfferAsk) error {
	if a.Email = commerce.NormalEmail(a.Email); a.Email == "" {
		return fault.New(fault.Invalid, "this is not a mail address")
	}
	k, err := tx.dataKey(shop)
	if err != nil {
		return err
	}
	subject := string(a.Advocate.Person) + " " + k.hash(a.Email)
	if _, err := tx.exec(`DELETE FROM notices WHERE shop_id = $1 AND kind = $2 AND subject = $3 AND (state = 'failed' OR done_at > 0 AND done_at <= $4)`,
		shop, NoticeFriend, subject, tx.Now().Add(-askAgain)); err != nil {
		return err
	}
	_, err = tx.addNotice(shop, NoticeFriend, subject, NoticeMail, map[string]string{"Email": a.Email, "Code": a.Advocate.Code, "Lang": a.Lang, "Net": k.hash(a.Net)})
	return err
}

// OfferClaim is what the link in that mail carries: whoever opens it has the mailbox.
type OfferClaim struct {
	Code  string           `json:"-"` // of the advocate, which stands in the link beside it
	Email string           `json:"email"`
	Lang  string           `json:"lang"`
	Net   string           `json:"net"` // keyed hash of where it was asked for
	Until commerce.Instant `json:"until"`
}

// SealOffer makes the end of the link. Nothing is kept of it: only the shop's key
// opens it, and for this advocate alone.
func (tx *Tx) SealOffer(shop commerce.ShopID, c OfferClaim) (string, error) {
	k, err := tx.dataKey(shop)
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(c)
	if err != nil {
		return "", err
	}
	sealed, err := k.seal(text, offerSeal(c.Code))
	return base64.RawURLEncoding.EncodeToString(sealed), err
}

// OpenOffer reads the end of a link. One of another shop or advocate, or that is over, is fault.NotFound.
func (s *Store) OpenOffer(ctx context.Context, shop commerce.ShopID, code, token string) (OfferClaim, error) {
	c := OfferClaim{}
	k, err := s.dataKey(ctx, shop)
	if err != nil {
		return c, err
	}
	sealed, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return c, errLinkGone
	}
	text, err := k.open(sealed, offerSeal(code))
	if err != nil || json.Unmarshal(text, &c) != nil || c.Until <= s.Now() {
		return OfferClaim{}, errLinkGone
	}
	c.Code = code
	return c, nil
}

func offerSeal(code string) string { return "friend offer " + code }
