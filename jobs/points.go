package jobs

import (
	"maps"
	"slices"

	"flywheel/club"
	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/store"
)

// points brings what a batch's orders have given in points to what they are
// worth now, under the locks of orders and persons, when everything else of the
// batch is written: who is one with whom, and whose an order is. A shop without
// a program pays one look at its row.
func (m *merge) points() error {
	orders := m.changedOrders()
	if len(orders) == 0 && len(m.joined) == 0 {
		return nil
	}
	p, err := m.tx.LoyaltyProgram(m.shop.ID)
	if err != nil || p.LiveAt == 0 {
		return err
	}
	work := settlement{tx: m.tx, shop: m.shop, program: p}
	moved := map[commerce.PersonID]commerce.Person{} // whose orders may have other places now
	for _, into := range m.joined {
		if now := m.persons[into]; now != nil {
			moved[now.ID] = now.Person
		}
	}
	for _, o := range orders {
		who, was := m.persons[o.PersonID], m.persons[o.owner]
		if who == nil {
			continue
		}
		work.add(&o.Order, who.Person)
		if o.bought.At != o.Sale(m.shop.Settings) || was != nil && was != who {
			moved[who.ID] = who.Person
		}
		if was != nil && was != who {
			moved[was.ID] = was.Person
		}
	}
	if err := work.addPlaces(moved); err != nil {
		return err
	}
	return work.run()
}

// settlement is some orders whose points are brought to what they are worth. The orders
// and their persons are locked; the memberships it locks itself.
type settlement struct {
	tx      *store.Tx
	shop    commerce.Shop
	program store.Program
	orders  []*commerce.Order
	persons map[commerce.OrderID]commerce.Person
}

func (s *settlement) add(o *commerce.Order, who commerce.Person) {
	if s.persons == nil {
		s.persons = map[commerce.OrderID]commerce.Person{}
	}
	s.orders, s.persons[o.ID] = append(s.orders, o), who
}

// addPlaces adds the other orders of persons whose place counts for some rule:
// those that have one now, and those that were given something for theirs. They
// are read without a lock: whoever changes one waits for its person, who is
// locked here, and settles it after us.
func (s *settlement) addPlaces(moved map[commerce.PersonID]commerce.Person) error {
	if s.program.Nth == 0 || len(moved) == 0 {
		return nil
	}
	ids := slices.Sorted(maps.Keys(moved))
	histories, err := s.tx.Histories(s.shop.ID, ids)
	if err != nil {
		return err
	}
	owners, err := s.tx.PlacedOrders(s.shop.ID, ids)
	if err != nil {
		return err
	}
	for who, history := range histories {
		for _, p := range history {
			if p.At != 0 && place(history, p.Order) <= s.program.Nth {
				owners[p.Order] = who
			}
		}
	}
	others, err := s.tx.Orders(s.shop.ID, slices.Sorted(maps.Keys(owners)))
	if err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(others)) {
		if _, here := s.persons[id]; !here {
			s.add(&others[id].Order, moved[owners[id]])
		}
	}
	return nil
}

// bringHome gives what orders earned to whose they are, where somebody else holds
// it, as may be after two were taken for one.
func (s *settlement) bringHome(ids []string) error {
	held, err := s.tx.AwardHolders(s.shop.ID, loyalty.OfOrder, ids)
	if err != nil {
		return err
	}
	var others []commerce.PersonID
	for _, o := range s.orders {
		if from := held[string(o.ID)]; from != "" && from != s.persons[o.ID].ID {
			others = append(others, from)
		}
	}
	if len(others) == 0 {
		return nil
	}
	holders, err := s.tx.LockPersons(s.shop.ID, unique(others))
	if err != nil {
		return err
	}
	for _, o := range s.orders {
		from, owner := held[string(o.ID)], s.persons[o.ID].ID
		if from == "" || from == owner || holders[from].ID == owner {
			continue
		}
		if err := s.tx.RepointPerson(s.shop.ID, o.ID, from, owner); err != nil {
			return err
		}
	}
	return nil
}

func (s *settlement) run() error {
	if len(s.orders) == 0 {
		return nil
	}
	ids, who := make([]string, len(s.orders)), map[commerce.PersonID]bool{}
	for i, o := range s.orders {
		ids[i] = string(o.ID)
		who[s.persons[o.ID].ID] = true
	}
	persons := slices.Sorted(maps.Keys(who))
	if err := s.bringHome(ids); err != nil {
		return err
	}
	awards, err := s.tx.Awards(s.shop.ID, loyalty.OfOrder, ids)
	if err != nil {
		return err
	}
	members, err := s.tx.LockMembers(s.shop.ID, persons)
	if err != nil {
		return err
	}
	histories, err := s.tx.Histories(s.shop.ID, persons)
	if err != nil {
		return err
	}
	for _, o := range s.orders {
		p := s.persons[o.ID]
		m, err := s.settle(o, p, members[p.ID], awards[string(o.ID)], histories[p.ID])
		if err != nil {
			return err
		}
		members[p.ID] = m
	}
	return nil
}

// settle posts what one order's points lack, and says when they are looked at next.
func (s *settlement) settle(o *commerce.Order, p commerce.Person, m store.LoyaltyMember, awards []loyalty.Award, h commerce.History) (store.LoyaltyMember, error) {
	at := o.Sale(s.shop.Settings)
	program, err := s.tx.ProgramAt(s.shop.ID, at)
	if err != nil {
		return m, err
	}
	sale := loyalty.SaleOf(o, s.shop, program.Counts, s.program.Policy, place(h, o.ID))
	if err := s.lookAtTier(m); err != nil {
		return m, err
	}
	if !s.gives(sale, p, m) {
		program.Rules = nil
	}
	if len(awards) == 0 && (len(program.Rules) == 0 || sale.Counts.Amount == 0) {
		return m, nil
	}
	if m, err = s.join(sale, program, p, m); err != nil {
		return m, err
	}
	cause := loyalty.Cause{Kind: loyalty.OfOrder, ID: string(o.ID)}
	person := loyalty.Person{Member: m.State == store.Joined, Multiplier: s.program.Tiers.Of(m.Tier).Multiplier}
	if person.Room, err = club.Room(s.tx, s.shop, p.ID, program.Rules, cause, at); err != nil {
		return m, err
	}
	ledger := &loyalty.Ledger{Points: m.Points, Policy: s.program.Policy}
	rows := ledger.Settle(sale, awards, program, person, s.tx.Now())
	if m, err = s.tx.PostLedger(s.shop.ID, m, rows, s.program.Policy); err != nil {
		return m, err
	}
	if err := club.TellEarned(s.tx, s.shop.ID, m, cause, rows, 0); err != nil {
		return m, err
	}
	return m, s.plan(sale, person.Member)
}

// gives reports whether a sale may earn anything that it has not earned yet.
// Who left or was taken out of the program earns nothing.
func (s *settlement) gives(sale loyalty.Sale, p commerce.Person, m store.LoyaltyMember) bool {
	return sale.At != 0 && s.program.Gave(sale.At) && !sale.Historic && !p.Erased &&
		(m.State == store.Joined || m.State == store.Guest)
}

// join makes a buyer a member where the shop's program does so with an order.
func (s *settlement) join(sale loyalty.Sale, program loyalty.Program, p commerce.Person, m store.LoyaltyMember) (store.LoyaltyMember, error) {
	how := "checkout"
	switch {
	case m.State != store.Guest, len(program.Rules) == 0, sale.Counts.Amount == 0, s.program.Join == loyalty.BySignUp:
		return m, nil
	case s.program.Join == loyalty.Automatic:
		how = "automatic"
	}
	if err := club.Enter(s.tx, s.shop, p.ID, how, 0); err != nil {
		return m, err
	}
	members, err := s.tx.LockMembers(s.shop.ID, []commerce.PersonID{p.ID})
	return members[p.ID], err
}

// lookAtTier has a member's tier looked at, since an order of theirs has changed.
func (s *settlement) lookAtTier(m store.LoyaltyMember) error {
	if len(s.program.Tiers.Levels) == 0 || m.State != store.Joined {
		return nil
	}
	return s.tx.LookAtTier(s.shop.ID, m.Person, s.tx.Now())
}

// plan says when the order's waiting points are looked at next: at the end of
// its return window, for a guest at the end of the time to claim them.
func (s *settlement) plan(sale loyalty.Sale, member bool) error {
	at := sale.OpensAt
	if !member {
		at = s.program.ClaimBy(sale.At)
	}
	return s.tx.PlanAwards(s.shop.ID, loyalty.Cause{Kind: loyalty.OfOrder, ID: string(sale.Order)}, at)
}

// place is which of a person's orders this is by the moment of its sale, from
// 1, whatever became of them since: so it is the same in whatever order they are heard of.
func place(h commerce.History, order commerce.OrderID) int {
	n := 0
	for _, p := range h {
		if p.At != 0 {
			n++
		}
		if p.Order == order {
			return n
		}
	}
	return n + 1
}
