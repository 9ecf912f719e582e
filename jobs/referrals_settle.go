package jobs

import (
	"cmp"
	"slices"
	"time"

	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/delight/loyalty"
	"flywheel/delight/referral"
	"flywheel/fault"
	"flywheel/store"
)

// friendship is one friend looked at, within one transaction: their order is
// locked, then they and all who are to be paid or were.
type friendship struct {
	tx      *store.Tx
	shop    commerce.Shop
	program store.Program
	friend  commerce.Person
	sent    sent
	row     store.Referral // as it was; its ID is "" where there is none yet
	// advocate is whom the sign names, or who they are one with since.
	advocate  commerce.Person
	advocates []commerce.PersonID // all who are the advocate
	sender    commerce.PersonID   // the row's advocate, or who they are one with since; "" = there is none
	paid      bool                // they are
}

// lookAtFriend brings what an advocate gets for somebody to what the facts come
// to now, whatever was heard in whatever order. Where nobody sent them, nothing happens.
func lookAtFriend(tx *store.Tx, shop commerce.Shop, d store.DueFriend) error {
	f := &friendship{tx: tx, shop: shop}
	next, err := f.look(d.Person)
	if err != nil {
		return err
	}
	return tx.FriendLooked(shop.ID, d, next)
}

// look returns when the friend is to be looked at again; 0 = when something changes.
func (f *friendship) look(id commerce.PersonID) (next commerce.Instant, err error) {
	if f.program, err = f.tx.LoyaltyProgram(f.shop.ID); err != nil {
		return 0, err
	}
	found, err := f.find(id)
	if err != nil || !found {
		return 0, err
	}
	r := f.row
	if r.ID == "" {
		r = store.Referral{ID: store.NewID(), Friend: f.friend.ID}
	}
	if f.sender != f.advocate.ID { // who was merged keeps the name under which they were paid
		r.Advocate = f.advocate.ID
	}
	was := r.SaleAt
	r.Order, r.Via, r.Code, r.TouchedAt, r.SaleAt = f.sent.order.ID, f.sent.sign.Via, f.sent.code, f.sent.sign.At, f.sent.at
	order := f.order()
	r.Counts, r.OpensAt = order.Counts, order.OpensAt
	if r.Verdict, err = f.judge(); err != nil {
		return 0, err
	}
	if f.row.Payouts > 0 && f.sender == f.advocate.ID {
		r.Verdict = r.Verdict.Since(f.row.Verdict)
	}
	r.State, r.Reason = referral.Settle(r.Verdict, r.Decision, order, f.sent.program.Referral.Rules, f.tx.Now())
	if r.State == referral.Waiting && r.Reason == referral.NotYet {
		next = order.OpensAt
	}
	if next, err = f.pay(&r, next); err != nil {
		return 0, err
	}
	if err := f.tx.SaveReferral(f.shop.ID, r); err != nil {
		return 0, err
	}
	if was != r.SaleAt { // how many came within a day is another number for those who bought after
		if err := f.tx.LookAtSent(f.shop.ID, []commerce.PersonID{r.Advocate}, r.SaleAt, r.SaleAt.Add(aDay)); err != nil {
			return 0, err
		}
	}
	return next, f.tell(r)
}

const aDay = 24 * time.Hour

// find locks whom it is about and finds who sent them. Several referrals of those
// who turned out to be one person are ended but for the first.
func (f *friendship) find(id commerce.PersonID) (bool, error) {
	all, err := f.tx.OrdersOfPersons(f.shop.ID, []commerce.PersonID{id}, friendOrders)
	if err != nil || len(all[id]) == 0 {
		return false, err
	}
	who, err := f.tx.Who(f.shop.ID, id, 0)
	if err != nil {
		return false, err
	}
	s, err := signsOf(f.tx, f.shop, f.program.LiveAt, who)
	if err != nil {
		return false, err
	}
	first, ok, err := s.firstSent(all[id])
	if err != nil {
		return false, err
	}
	rows, err := f.rows(id)
	if err != nil || !ok && len(rows) == 0 {
		return false, err
	}
	if len(rows) > 0 {
		first, err = f.kept(s, rows[0], first, ok, all[id])
		if err != nil {
			return false, err
		}
	} else if f.program.State != store.ProgramLive {
		return false, nil
	}
	f.sent = first
	return f.lock(id, rows)
}

// kept is what an existing referral hangs on: the first order with a sign, and
// where its sign is gone, as a touch past its time is, the one it was made for.
func (f *friendship) kept(s signs, r store.Referral, first sent, ok bool, orders []*store.StoredOrder) (sent, error) {
	if ok && first.at <= r.SaleAt {
		return first, nil
	}
	out := sent{at: r.SaleAt, code: r.Code, sign: referral.Touch{Via: r.Via, Advocate: r.Advocate, At: r.TouchedAt}, order: &commerce.Order{ID: r.Order}}
	for _, o := range orders {
		if o.ID == r.Order {
			out.order = &o.Order
		}
	}
	var err error
	out.program, err = s.tx.ProgramAt(s.shop.ID, r.SaleAt)
	return out, err
}

// lock takes the order, then everybody concerned, by id.
func (f *friendship) lock(id commerce.PersonID, rows []store.Referral) (bool, error) {
	orders, err := f.tx.LockOrders(f.shop.ID, []commerce.OrderID{f.sent.order.ID})
	if err != nil {
		return false, err
	}
	if o := orders[f.sent.order.ID]; o != nil {
		f.sent.order = &o.Order
	}
	ids := []commerce.PersonID{id, f.sent.sign.Advocate}
	for _, r := range rows {
		ids = append(ids, r.Advocate)
	}
	persons, err := f.tx.LockPersons(f.shop.ID, unique(ids))
	if err != nil {
		return false, err
	}
	f.friend, f.advocate = persons[id], persons[f.sent.sign.Advocate]
	if f.friend.ID == "" || f.advocate.ID == "" {
		return false, nil
	}
	now, err := f.rows(id) // they were read before anybody was locked
	if err != nil {
		return false, err
	}
	if !slices.EqualFunc(rows, now, func(a, b store.Referral) bool {
		return a.ID == b.ID && a.Advocate == b.Advocate && a.SaleAt == b.SaleAt
	}) {
		return false, fault.New(fault.Temporary, "the referrals of a friend have changed in this moment")
	}
	for i, r := range now {
		if i == 0 {
			f.row, f.sender, f.paid = r, cmp.Or(persons[r.Advocate].ID, r.Advocate), r.State == referral.Paid
			continue
		}
		if err := f.end(r, cmp.Or(persons[r.Advocate].ID, r.Advocate)); err != nil {
			return false, err
		}
	}
	return true, nil
}

// rows are the friend's referrals, of the first order first.
func (f *friendship) rows(id commerce.PersonID) ([]store.Referral, error) {
	rows, err := f.tx.ReferralsOfFriend(f.shop.ID, id)
	slices.SortFunc(rows, func(a, b store.Referral) int { return cmp.Or(cmp.Compare(a.SaleAt, b.SaleAt), cmp.Compare(a.ID, b.ID)) })
	return rows, err
}

// end takes back a referral of somebody who turned out to be the friend of another one.
func (f *friendship) end(r store.Referral, advocate commerce.PersonID) error {
	if r.State == referral.Refused {
		return nil
	}
	if r.State == referral.Paid {
		if err := f.takeBack(r, advocate); err != nil {
			return err
		}
	}
	r.Verdict.Blocks = []referral.Reason{referral.ExistingCustomer}
	r.State, r.Reason = referral.Refused, referral.ExistingCustomer
	return f.tx.SaveReferral(f.shop.ID, r)
}

// order is the friend's order as a referral sees it. One that is theirs no more is none.
func (f *friendship) order() referral.Order {
	o := f.sent.order
	sale := loyalty.SaleOf(o, f.shop, f.sent.program.Counts, f.program.Policy, 1)
	return referral.Order{
		Sale: sale.At, Counts: sale.Counts.Amount, OpensAt: sale.OpensAt,
		Held: gate.Standing(o, f.shop.Settings).Answer == gate.Hold,
	}
}

// judge gathers what speaks against the referral. What an advocate was paid for
// is not taken from them by a ban that came after.
func (f *friendship) judge() (referral.Verdict, error) {
	facts := referral.Facts{Via: f.sent.sign.Via, Sale: f.sent.at}
	var err error
	if facts.Advocate, err = f.tx.Who(f.shop.ID, f.advocate.ID, f.sent.at); err != nil {
		return referral.Verdict{}, err
	}
	f.advocates = facts.Advocate.Persons
	if facts.Friend, err = f.tx.Who(f.shop.ID, f.friend.ID, 0); err != nil {
		return referral.Verdict{}, err
	}
	facts.Friend.Addresses, facts.Friend.Nets = []string{f.sent.order.Origin.Door}, []string{f.sent.order.Origin.Net}
	s, err := signsOf(f.tx, f.shop, 0, facts.Friend)
	if err != nil {
		return referral.Verdict{}, err
	}
	for _, t := range s.touches {
		facts.Friend.Nets = append(facts.Friend.Nets, t.NetHash)
	}
	advocate, err := f.tx.AdvocateIn(f.shop.ID, f.advocate.ID)
	if err != nil {
		return referral.Verdict{}, err
	}
	facts.Banned = (advocate.BannedAt != 0 || f.advocate.Erased) && f.row.State != referral.Paid
	if facts.FirstSale, err = f.firstSale(facts.Friend.Emails); err != nil {
		return referral.Verdict{}, err
	}
	n, err := f.tx.SentWithin(f.shop.ID, f.advocate.ID, f.sent.at.Add(-aDay), f.sent.at, cmp.Or(f.row.Friend, f.friend.ID))
	facts.Today = n + 1
	return referral.Judge(facts, f.sent.program.Referral.Rules), err
}

// firstSale is when the friend bought first, or who else has one of their mailboxes; 0 = nobody has.
func (f *friendship) firstSale(emails []string) (first commerce.Instant, err error) {
	boxes := make([]string, len(emails))
	for i, email := range emails {
		boxes[i] = referral.Mailbox(email)
	}
	same, err := f.tx.PersonsOfMailboxes(f.shop.ID, boxes)
	if err != nil {
		return 0, err
	}
	histories, err := f.tx.Histories(f.shop.ID, unique(append(same, f.friend.ID)))
	for _, h := range histories {
		for _, p := range h {
			first = commerce.Earliest(first, p.At)
		}
	}
	return first, err
}
