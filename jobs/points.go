package jobs

import (
	"maps"
	"slices"

	"flywheel/commerce"
	"flywheel/delight/loyalty"
	"flywheel/store"
)

// points brings what a batch's orders have given in points to what they are
// worth now, under the locks of orders and persons. A shop without a program
// pays one look at its row.
func (m *merge) points(orders []*orderWork) error {
	if len(orders) == 0 {
		return nil
	}
	p, err := m.tx.LoyaltyProgram(m.shop.ID)
	if err != nil || p.LiveAt == 0 {
		return err
	}
	work := settlement{tx: m.tx, shop: m.shop, program: p}
	moved := map[commerce.PersonID]int{} // whose orders may have other places now, and by how many
	for _, o := range orders {
		who := m.persons[o.PersonID]
		if who == nil {
			continue
		}
		work.add(&o.Order, who.Person)
		if o.bought.At != o.Sale(m.shop.Settings) {
			moved[who.ID]++
		}
	}
	if err := work.addPlaces(moved, m.persons); err != nil {
		return err
	}
	return work.run()
}

// pointsOf settles the orders whose places have changed because a person was
// merged into this one.
func (m *merge) pointsOf(into *personWork) error {
	p, err := m.tx.LoyaltyProgram(m.shop.ID)
	if err != nil || p.LiveAt == 0 {
		return err
	}
	work := settlement{tx: m.tx, shop: m.shop, program: p}
	if err := work.addPlaces(map[commerce.PersonID]int{into.ID: maxMoved}, m.persons); err != nil {
		return err
	}
	return work.run()
}

// maxMoved bounds how many places orders are followed when two persons become one.
const maxMoved = 20

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

// addPlaces adds the other orders whose place among their person's counts for
// some rule and may have changed. They are read without a lock: whoever changes
// one waits for its person, who is locked here, and settles it after us.
func (s *settlement) addPlaces(moved map[commerce.PersonID]int, persons map[commerce.PersonID]*personWork) error {
	if s.program.Nth == 0 || len(moved) == 0 {
		return nil
	}
	histories, err := s.tx.Histories(s.shop.ID, slices.Sorted(maps.Keys(moved)))
	if err != nil {
		return err
	}
	owners := map[commerce.OrderID]commerce.Person{}
	for who, by := range moved {
		for _, p := range histories[who] {
			if _, here := s.persons[p.Order]; !here && p.At != 0 && place(histories[who], p.Order) <= s.program.Nth+by {
				owners[p.Order] = persons[who].Person
			}
		}
	}
	others, err := s.tx.Orders(s.shop.ID, slices.Sorted(maps.Keys(owners)))
	if err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(others)) {
		s.add(&others[id].Order, owners[id])
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
	program := loyalty.Program{Policy: s.program.Policy}
	now, at := s.tx.Now(), o.Sale(s.shop.Settings)
	if gives := s.program.State == store.ProgramLive && at >= s.program.LiveAt && !p.Erased && m.State != store.Blocked; gives && at != 0 {
		var err error
		if program, err = s.tx.ProgramAt(s.shop.ID, at); err != nil {
			return m, err
		}
	}
	sale := loyalty.SaleOf(o, s.shop, program.Counts, s.program.Policy, place(h, o.ID))
	if len(awards) == 0 && (len(program.Rules) == 0 || sale.Counts.Amount == 0) {
		return m, nil
	}
	if m.State == store.Guest && !sale.Historic && sale.Counts.Amount > 0 && s.program.Join != loyalty.BySignUp {
		if err := s.tx.Join(s.shop.ID, p.ID, "checkout", 1); err != nil {
			return m, err
		}
		m.State = store.Joined
	}
	ledger := &loyalty.Ledger{Points: m.Points, Policy: s.program.Policy}
	person := loyalty.Person{Member: m.State == store.Joined, Multiplier: s.program.Tiers.Of(m.Tier).Multiplier}
	rows := ledger.Settle(sale, awards, program, person, now)
	m, err := s.tx.PostLedger(s.shop.ID, m, rows, s.program.Policy)
	if err != nil {
		return m, err
	}
	return m, s.plan(sale, person.Member)
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
