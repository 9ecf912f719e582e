package jobs

import (
	"cmp"
	"slices"

	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/delight/referral"
	"flywheel/store"
)

// friendOrders is how many of somebody's newest orders are looked through for the first
// that an advocate's sign belongs to: who has more is nobody's new friend.
const friendOrders = 100

// sent is an order of a friend with the sign by which it is one.
type sent struct {
	order   *commerce.Order
	at      commerce.Instant // of the sale
	sign    referral.Touch
	code    string          // that they used
	program loyalty.Program // of the day of the sale
}

// signs are what is known of somebody apart from their orders.
type signs struct {
	tx      *store.Tx
	shop    commerce.Shop
	live    commerce.Instant // what was sold before gives nothing
	touches []store.ReferralTouch
}

// firstSent is the first of somebody's orders that has a sign by the rules of its
// day; ok = false: nobody sent them.
func (s signs) firstSent(orders []*store.StoredOrder) (first sent, ok bool, err error) {
	orders = slices.SortedFunc(slices.Values(orders), func(a, b *store.StoredOrder) int {
		return cmp.Or(cmp.Compare(a.Sale(s.shop.Settings), b.Sale(s.shop.Settings)), cmp.Compare(a.ID, b.ID))
	})
	for _, o := range orders {
		at := o.Sale(s.shop.Settings)
		if at == 0 || at < s.live || o.SameAs != "" || o.Detail.Test || o.Historic(at, s.shop) {
			continue
		}
		if first, ok, err = s.of(&o.Order); ok || err != nil {
			return first, ok, err
		}
	}
	return sent{}, false, nil
}

// of says who sent the buyer of one order.
func (s signs) of(o *commerce.Order) (out sent, ok bool, err error) {
	out = sent{order: o, at: o.Sale(s.shop.Settings)}
	if out.program, err = s.tx.ProgramAt(s.shop.ID, out.at); err != nil || !out.program.Referral.On {
		return out, false, err
	}
	var all []referral.Touch
	codes := map[commerce.PersonID]string{}
	add := func(via referral.Via, who commerce.PersonID, at commerce.Instant) {
		all = append(all, referral.Touch{Via: via, Advocate: who, At: at})
	}
	used, err := s.tx.AdvocatesByCode(s.shop.ID, o.Detail.DiscountCodes)
	if err != nil {
		return out, false, err
	}
	offers, err := s.tx.TouchesOfCodes(s.shop.ID, o.Detail.DiscountCodes, o.Detail.Promotions)
	if err != nil {
		return out, false, err
	}
	for code, a := range used {
		add(referral.ByCode, a.Person, out.at)
		codes[a.Person] = code
	}
	for code, t := range offers {
		add(referral.ByCode, t.Advocate, out.at)
		codes[t.Advocate] = code
	}
	for _, t := range s.touches {
		add(t.Via, t.Advocate, t.At)
	}
	came, err := s.tx.AdvocatesByCode(s.shop.ID, []string{o.Origin.Ref})
	for _, a := range came {
		add(referral.ByTouch, a.Person, commerce.Earliest(o.PlacedAt, out.at))
	}
	if out.sign, ok = referral.Attribute(all, out.at, out.program.Referral.Rules); ok && out.sign.Via == referral.ByCode {
		out.code = codes[out.sign.Advocate]
	}
	return out, ok, err
}

// signsOf gathers them for somebody.
func signsOf(tx *store.Tx, shop commerce.Shop, live commerce.Instant, who referral.Who) (signs, error) {
	out := signs{tx: tx, shop: shop, live: live}
	var hashes []string
	for _, email := range who.Emails {
		hash, err := tx.AddressHash(shop.ID, referral.Mailbox(email))
		if err != nil {
			return out, err
		}
		hashes = append(hashes, hash)
	}
	var err error
	out.touches, err = tx.ReferralTouches(shop.ID, hashes)
	return out, err
}
