package demo

import (
	"context"
	"maps"
	"slices"

	"flywheel/app"
	"flywheel/commerce"
	"flywheel/delight/gate"
	"flywheel/integrations/mail/mailfake"
	"flywheel/store"
)

// wholeTimeline bounds what is read of one person.
const wholeTimeline = 2000

// playbooks of the demo's shops, in the order of the table.
var playbooks = []string{"thank_you", "review_request"}

// books are all that went in and out, from the app's own records and from the
// mail server's: what the scenario says must be in them is package check's matter.
type books struct {
	Shops []shopBooks
	door  map[answered]int // deliveries, as the door counts them
	stats store.Stats
	mails []received
}

// shopBooks are one shop's.
type shopBooks struct {
	Shop   commerce.Shop
	Orders []accounted
	sent   map[answered]int // deliveries, as the scenario counts them
	sends  []store.Entry    // effects that say sent
}

// accounted is an order with what each playbook made of it.
type accounted struct {
	order    *store.StoredOrder
	person   commerce.Person
	outcomes map[string]outcome // by playbook
	walks    map[string]int     // enrollments by playbook
}

// received is a mail at the sink.
type received struct {
	mailfake.Mail
	mailfake.Content
}

// effect is the id of the outward act that sent the mail.
func (r received) effect() string { return r.Get("X-Flywheel-ID") }

// keep reads the books of a scenario's world.
func keep(ctx context.Context, p *play) (*books, error) {
	b := &books{door: map[answered]int{}}
	for _, s := range p.stands {
		sb, err := shopBook(ctx, p.App.Store, s.Shop)
		if err != nil {
			return nil, err
		}
		sb.sent = maps.Clone(p.sent[s.Shop.Name])
		b.Shops = append(b.Shops, sb)
	}
	var err error
	if b.stats, err = p.App.Store.Stats(ctx, true); err != nil {
		return nil, err
	}
	if err := b.countDoor(p.App); err != nil {
		return nil, err
	}
	for _, m := range p.Mail.Mails() {
		c, err := m.Read()
		if err != nil {
			return nil, err
		}
		b.mails = append(b.mails, received{m, c})
	}
	return b, nil
}

func shopBook(ctx context.Context, s *store.Store, shop commerce.Shop) (shopBooks, error) {
	b := shopBooks{Shop: shop}
	for after := commerce.PersonID(""); ; {
		persons, err := s.ListPersons(ctx, shop.ID, after, 100)
		if err != nil || len(persons) == 0 {
			return b, err
		}
		for _, person := range persons {
			if err := b.addPerson(ctx, s, person); err != nil {
				return b, err
			}
		}
		after = persons[len(persons)-1].ID
	}
}

func (b *shopBooks) addPerson(ctx context.Context, s *store.Store, person commerce.Person) error {
	timeline, err := s.Timeline(ctx, b.Shop.ID, person.ID, wholeTimeline)
	if err != nil {
		return err
	}
	orders, err := s.OrdersOf(ctx, b.Shop.ID, person.ID)
	if err != nil {
		return err
	}
	for _, o := range orders {
		a := accounted{order: o, person: person, outcomes: map[string]outcome{}, walks: map[string]int{}}
		for _, name := range playbooks {
			a.outcomes[name] = outcomeOf(timeline, o.ID, name)
		}
		for _, e := range timeline {
			if e.Kind == "enrollment" && e.Order == string(o.ID) {
				a.walks[e.Campaign]++
			}
		}
		b.Orders = append(b.Orders, a)
	}
	for _, e := range timeline {
		if e.Kind == "effect" && e.What == string(store.Sent) {
			b.sends = append(b.sends, e)
		}
	}
	return nil
}

// countDoor reads the door's own figures.
func (b *books) countDoor(a *app.App) error {
	families, err := a.Metrics.Gather()
	if err != nil {
		return err
	}
	for _, f := range families {
		if f.GetName() != "flywheel_webhooks_total" {
			continue
		}
		for _, m := range f.GetMetric() {
			for _, l := range m.GetLabel() {
				if l.GetName() == "result" {
					b.door[answered(l.GetValue())] += int(m.GetCounter().GetValue())
				}
			}
		}
	}
	return nil
}

// Count is how many of the shop's orders are in each state of a playbook.
func (b shopBooks) Count(playbook string) map[state]int {
	out := map[state]int{}
	for _, a := range b.Orders {
		out[a.outcomes[playbook].State]++
	}
	return out
}

// Posted, Accepted, Duplicates and Refused count the shop's deliveries.
func (b shopBooks) Posted() (n int) {
	for _, count := range b.sent {
		n += count
	}
	return n
}

func (b shopBooks) Accepted() int   { return b.sent[accepted] }
func (b shopBooks) Duplicates() int { return b.sent[duplicate] }
func (b shopBooks) Refused() int    { return b.sent[refused] }

// cause is a state with its reason and how many orders of a playbook are there for it.
type cause struct {
	State  state
	Reason gate.Reason
	N      int
}

// Causes lists why a playbook held or stopped, the most frequent first.
func (b shopBooks) Causes(playbook string) []cause {
	n := map[cause]int{}
	for _, a := range b.Orders {
		if o := a.outcomes[playbook]; o.Reason != "" {
			n[cause{State: o.State, Reason: o.Reason}]++
		}
	}
	out := make([]cause, 0, len(n))
	for c, count := range n {
		c.N = count
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b cause) int {
		switch {
		case a.State != b.State:
			return slices.Index(states, a.State) - slices.Index(states, b.State)
		case a.N != b.N:
			return b.N - a.N
		case a.Reason < b.Reason:
			return -1
		}
		return 1
	})
	return out
}
