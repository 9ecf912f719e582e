package demo

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"flywheel/delight/campaign"
	"flywheel/fault"
	"flywheel/manage"
	"flywheel/store"
	"flywheel/templates"
	"flywheel/timeline"
)

// balance holds the books against each other and against what the scenario
// says must have happened. It reports everything that is wrong, at once.
func (b *books) balance(stands []*stand, sent map[string]map[answered]int) error {
	c := &checker{}
	c.deliveries(b, sent)
	c.acts(b, c.notices(b, stands))
	for _, s := range stands {
		i := slices.IndexFunc(b.Shops, func(sb shopBooks) bool { return sb.Shop.ID == s.Shop.ID })
		if i < 0 {
			c.wrong("%s has no books", s.Shop.Name)
			continue
		}
		c.orders(b.Shops[i])
		c.figures(b.Shops[i])
		c.sums(b.Shops[i], s)
		c.tales(b, b.Shops[i], s.tales)
		c.letters(b, b.Shops[i], s)
	}
	return errors.Join(c.found...)
}

type checker struct{ found []error }

func (c *checker) wrong(format string, args ...any) {
	c.found = append(c.found, fault.New(fault.Conflict, format, args...))
}

func (c *checker) same(what string, want, got int) {
	if want != got {
		c.wrong("%s: %d expected, %d found", what, want, got)
	}
}

// alike holds what is known by name against what was expected of it.
func (c *checker) alike(what string, want, got any) {
	if w, g := fmt.Sprint(want), fmt.Sprint(got); w != g { // maps are written in the order of their keys
		c.wrong("%s: %s expected, %s found", what, w, g)
	}
}

// deliveries: what was posted is what the door counted, and what it accepted is done.
func (c *checker) deliveries(b *books, sent map[string]map[answered]int) {
	total := map[answered]int{}
	for _, counts := range sent {
		for result, n := range counts {
			total[result] += n
		}
	}
	for result := range b.door {
		if _, expected := total[result]; !expected {
			total[result] = 0
		}
	}
	for _, result := range slices.Sorted(maps.Keys(total)) {
		c.same("deliveries that the door calls "+string(result), total[result], b.door[result])
	}
	own := 0
	for _, sb := range b.Shops {
		own += sb.own
	}
	c.same("accepted deliveries that are done", total[accepted]+b.told+own-b.gone, int(b.stats.InboxDone))
	c.same("deliveries not processed", 0, int(b.stats.InboxNew))
	c.same("deliveries nobody could read", 0, int(b.stats.InboxQuarantined))
	c.same("deliveries kept for a shop that may come", total[stranger], int(b.stats.Pending))
}

// acts: what the mail server and the other system got, and the calls on the
// list, are what was sent, each once; so are the mails of notices to teams.
func (c *checker) acts(b *books, notices map[string]bool) {
	arrived, posted, sent := map[string]int{}, map[string]int{}, map[string]bool{}
	for _, m := range b.mails {
		arrived[m.effect()]++
	}
	for _, d := range b.hooks {
		posted[d.ID] += d.Count
	}
	steps := map[string]int{}
	for _, sb := range b.Shops {
		for _, e := range sb.sends {
			sent[e.Effect] = true
			if e.Order != "" {
				steps[fmt.Sprintf("%s, order %s, step %s of %s", sb.Shop.Name, e.Order, e.Step, e.Campaign)]++
			}
			c.act(sb, e, arrived, posted)
		}
	}
	for id := range notices {
		c.same("mails of notice "+id, 1, arrived[id])
		delete(arrived, id)
	}
	for what, got := range map[string]map[string]int{"mail": arrived, "webhook": posted} {
		for _, id := range slices.Sorted(maps.Keys(got)) {
			if !sent[id] {
				c.wrong("a %s arrived with X-Flywheel-ID %q, which nothing sent", what, id)
			}
		}
	}
	for _, step := range slices.Sorted(maps.Keys(steps)) {
		c.same("mails of "+step, 1, steps[step])
	}
	c.same("effects that say sent", len(sent), int(b.stats.Effects[string(store.Sent)]))
	for _, open := range []store.EffectState{store.Claimed, store.Sending, store.Retry, store.Unknown} {
		c.same("effects that say "+string(open), 0, int(b.stats.Effects[string(open)]))
	}
}

// act looks for the one thing that an effect which says sent has led to.
func (c *checker) act(sb shopBooks, e store.Entry, arrived, posted map[string]int) {
	switch sb.kinds[stepName{e.Campaign, e.Step}] {
	case campaign.Webhook:
		c.same("webhooks of effect "+e.Effect, 1, posted[e.Effect])
	case campaign.CallTask:
		task, there := sb.tasks[store.EffectID(e.Effect)]
		if !there || task.Title == "" || task.Script == "" {
			c.wrong("%s: the call of effect %s is not on the list, or says nothing", sb.Shop.Name, e.Effect)
		}
	default:
		c.same("mails of effect "+e.Effect, 1, arrived[e.Effect])
	}
}

// orders: every order is accounted for once in each campaign, and nothing is held or stopped without a reason.
func (c *checker) orders(sb shopBooks) {
	for _, name := range sb.ByOrder() {
		sum := 0
		for _, n := range sb.Count(name) {
			sum += n
		}
		c.same(sb.Shop.Name+", orders in the books of "+name, len(sb.Orders), sum)
		for _, a := range sb.Orders {
			if a.walks[name] > 1 {
				c.wrong("%s %s is in %s %d times", sb.Shop.Name, a.order.Detail.Name, name, a.walks[name])
			}
			if o := a.outcomes[name]; (o.State == held || o.State == stopped) && timeline.Because(o.Reason) == "" {
				c.wrong("%s %s is %s in %s for %q, which nobody can read", sb.Shop.Name, a.order.Detail.Name, o.State, name, o.Reason)
			}
		}
	}
}

// figures: of each step that was due everything is sent, waits with a reason or
// is given up with one, and the parts make a whole.
func (c *checker) figures(sb shopBooks) {
	for _, camp := range sb.Campaigns {
		what := sb.Shop.Name + ", " + camp.Name
		var ended int64
		for _, s := range camp.Figures.Ended {
			ended += s.Count
		}
		c.same(what+", who entered", int(camp.Figures.Entered), int(camp.Figures.Active+ended))
		c.whole(what+", ended", camp.Figures.Ended)
		c.whole(what+", kept out", camp.Figures.KeptOut)
		for _, s := range camp.Figures.Steps {
			c.same(what+", due steps "+s.Step, int(s.Due), int(s.Sent+s.Held+s.Not))
			c.whole(what+", step "+s.Step, s.Shares)
		}
	}
}

// whole holds shares to add up, and each to say why.
func (c *checker) whole(what string, shares []manage.Share) {
	var sum int64
	for _, s := range shares {
		sum += s.Tenths
		if s.What != string(store.Sent) && s.What != string(store.Failed) && timeline.Because(s.Reason) == "" {
			c.wrong("%s: %d are %s for %q, which nobody can read", what, s.Count, s.What, s.Reason)
		}
	}
	if len(shares) > 0 {
		c.same(what+", tenths of a percent in all", 1000, int(sum))
	}
}

// sums: each campaign has done as much as the scenario says, no more and no
// less: by its tales, or by the sum where those do not tell of every order.
func (c *checker) sums(sb shopBooks, s *stand) {
	done, rehearsed := map[string]int{}, map[string]int{}
	for _, e := range sb.sends {
		if e.Reason == "rehearsal" {
			rehearsed[e.Campaign]++
		} else {
			done[e.Campaign]++
		}
	}
	for _, camp := range sb.Campaigns {
		want, stated := s.sent[camp.Name]
		for _, t := range s.tales {
			if !stated && t.want[camp.Name].State == mailed {
				want++
			}
		}
		c.same(fmt.Sprintf("%s, acts of %s", sb.Shop.Name, camp.Name), want, done[camp.Name])
		c.same(fmt.Sprintf("%s, acts of %s in rehearsal", sb.Shop.Name, camp.Name), s.rehearsed[camp.Name], rehearsed[camp.Name])
	}
}

// tales: each purchase of the script is one order, with the outcome and the mail the script tells.
func (c *checker) tales(b *books, sb shopBooks, tales []*tale) {
	c.same(sb.Shop.Name+", orders", len(tales), len(sb.Orders))
	for _, t := range tales {
		var own []accounted
		for _, a := range sb.Orders {
			if t.found(&a.order.Order) {
				own = append(own, a)
			}
		}
		if len(own) != 1 {
			c.wrong("%s: purchase %s (%s) is %d orders", sb.Shop.Name, t.key, t.buyer.first, len(own))
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(t.want)) {
			c.tale(b, t, name, t.want[name], own[0].outcomes[name])
		}
		var taken []string
		for _, p := range sb.passes {
			if p.Order == string(own[0].order.ID) && p.Reason == "" {
				taken = append(taken, p.Campaign+" "+p.Step+" "+p.What)
			}
		}
		for _, pass := range t.passes {
			if !slices.Contains(taken, pass) {
				c.wrong("%s (%s) did not go %s, but %v", t.buyer.first, t.key, pass, taken)
			}
		}
	}
}

func (c *checker) tale(b *books, t *tale, playbook string, want, got outcome) {
	what := fmt.Sprintf("%s of %s (%s)", playbook, t.buyer.first, t.key)
	if want.State != got.State || want.Reason != got.Reason {
		c.wrong("%s: %s %s expected, %s %s found", what, want.State, want.Reason, got.State, got.Reason)
	}
	if got.State != mailed {
		return
	}
	for _, m := range b.mails {
		if m.effect() != got.Effect || m.To == team {
			continue
		}
		if m.To != t.buyer.email {
			c.wrong("%s went to %s", what, m.To)
		}
		if lang := templates.Base(t.buyer.locale); templates.Base(m.Get("Content-Language")) != lang {
			c.wrong("%s is written in %s, not %s", what, m.Get("Content-Language"), lang)
		}
	}
}
