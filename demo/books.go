package demo

import (
	"context"
	"errors"
	"maps"
	"slices"

	"flywheel/app"
	"flywheel/commerce"
	"flywheel/delight/campaign"
	"flywheel/delight/gate"
	"flywheel/integrations/hook/hookfake"
	"flywheel/integrations/mail/mailfake"
	"flywheel/manage"
	"flywheel/store"
)

// wholeTimeline bounds what is read of one person.
const wholeTimeline = 2000

// books are all that went in and out, from the app's own records and from the
// mail server's: what the scenario says must be in them is package check's matter.
type books struct {
	Shops  []shopBooks
	door   map[answered]int // deliveries, as the door counts them
	stats  store.Stats
	mails  []received
	hooks  []hookfake.Delivery // at the other system
	posted []string            // at Slack
	told   int                 // events of other systems and of our own pages, which wait in the inbox too
	gone   int                 // accepted deliveries that went with the shop they were for
}

// shopBooks are one shop's. Figures and tasks are there in the books of the scenario alone.
type shopBooks struct {
	Shop      commerce.Shop
	domain    string // at Shopify; of the scenario\'s books alone
	Campaigns []shopCampaign
	Orders    []accounted
	sent      map[answered]int // deliveries, as the scenario counts them
	sends     []store.Entry    // effects that say sent
	passes    []store.Entry    // branches taken
	own       int              // events that we told ourselves, by the inbox as well
	tasks     map[store.EffectID]store.Task
	Mail      mailBooks
	kinds     map[stepName]campaign.StepKind
}

// stepName names a step of one of the shop's campaigns.
type stepName struct{ campaign, step string }

// accounted is an order with what each campaign made of it.
type accounted struct {
	order    *store.StoredOrder
	person   commerce.Person
	outcomes map[string]outcome // by campaign
	walks    map[string]int     // enrollments by campaign
}

// received is a mail at the sink.
type received struct {
	mailfake.Mail
	mailfake.Content
	shop   commerce.ShopID
	signed []string // by whom, for each signature that holds; of the scenario's books alone
}

// taskStates are all states of a call.
var taskStates = []store.TaskState{store.TaskOpen, store.TaskDone, store.TaskDropped}

// effect is the id of the outward act that sent the mail.
func (r received) effect() string { return r.Get("X-Flywheel-ID") }

// keep reads the books of a scenario's world.
func keep(ctx context.Context, p *play) (*books, error) {
	b := &books{door: map[answered]int{}}
	for _, s := range p.stands {
		sb, err := shopBook(ctx, p.App.Store, s.Shop)
		if err == nil {
			err = errors.Join(sb.addFigures(ctx, p.App.Store), sb.addMail(ctx, p.App.Store))
		}
		if err != nil {
			return nil, err
		}
		sb.sent, sb.domain, sb.Mail.Moments = maps.Clone(p.sent[s.Shop.Name]), s.Domain, p.moments[s.Shop.ID]
		b.Shops = append(b.Shops, sb)
	}
	var err error
	if b.stats, err = p.App.Store.Stats(ctx, true); err != nil {
		return nil, err
	}
	if err := b.countDoor(p.App); err != nil {
		return nil, err
	}
	if err := b.readMails(p); err != nil {
		return nil, err
	}
	b.posted = p.Slack.Posted()
	b.hooks, b.told, b.gone = p.Hooks.Deliveries(), p.told, p.gone
	return b, nil
}

// readMails reads what the mail server got, and by whom it is signed.
func (b *books) readMails(p *play) error {
	var shops []commerce.Shop
	for _, s := range p.stands {
		shops = append(shops, s.Shop)
	}
	pm := p.postmark(shops)
	for _, m := range p.Mail.Mails() {
		r, err := pm.read(m)
		if err == nil {
			r.signed, err = pm.signers(m)
		}
		if err != nil {
			return err
		}
		b.mails = append(b.mails, r)
	}
	return nil
}

func shopBook(ctx context.Context, s *store.Store, shop commerce.Shop) (b shopBooks, err error) {
	b = shopBooks{Shop: shop}
	campaigns, err := s.ListCampaigns(ctx, shop.ID)
	if err != nil {
		return b, err
	}
	b.kinds = kindsOf(campaigns)
	for _, c := range campaigns {
		b.Campaigns = append(b.Campaigns, shopCampaign{Campaign: c})
	}
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

// addFigures adds what became of every campaign, and the calls: what the books are held against.
func (b *shopBooks) addFigures(ctx context.Context, s *store.Store) (err error) {
	if b.Campaigns, err = campaignsOf(ctx, manage.Desk{Store: s}, b.Shop.ID); err != nil {
		return err
	}
	b.tasks = map[store.EffectID]store.Task{}
	for _, state := range taskStates {
		tasks, err := s.ListTasks(ctx, b.Shop.ID, state, store.Task{}, wholeTimeline)
		if err != nil {
			return err
		}
		for _, t := range tasks {
			b.tasks[t.ID] = t
		}
	}
	return nil
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
		for _, c := range b.Campaigns {
			if c.ByOrder() {
				a.outcomes[c.Name] = outcomeOf(timeline, o.ID, c.Name)
			}
		}
		for _, e := range timeline {
			if e.Kind == "enrollment" && e.Order == string(o.ID) {
				a.walks[e.Campaign]++
			}
		}
		b.Orders = append(b.Orders, a)
	}
	for _, e := range timeline {
		switch {
		case e.Kind == "event" && commerce.EventKind(e.What).Ours():
			b.own++
		case e.Kind == "effect" && e.What == string(store.Sent):
			b.sends = append(b.sends, e)
		case e.Kind == "pass":
			b.passes = append(b.passes, e)
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

// ByOrder lists the campaigns in which every order has its place.
func (b shopBooks) ByOrder() (names []string) {
	for _, c := range b.Campaigns {
		if c.ByOrder() {
			names = append(names, c.Name)
		}
	}
	return names
}

// Count is how many of the shop's orders are in each state of a campaign.
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

// cause is a state with its reason and how many orders of a campaign are there for it.
type cause struct {
	State  state
	Reason gate.Reason
	N      int
}

// Causes lists why a campaign held or stopped, the most frequent first.
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
