package demo

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"flywheel/fault"
	"flywheel/store"
	"flywheel/templates"
	"flywheel/timeline"
)

// balance holds the books against each other and against what the scenario
// says must have happened. It reports everything that is wrong, at once.
func (b *books) balance(stands []*stand, sent map[string]map[answered]int) error {
	c := &checker{}
	c.deliveries(b, sent)
	c.mails(b)
	for _, s := range stands {
		i := slices.IndexFunc(b.Shops, func(sb shopBooks) bool { return sb.Shop.ID == s.Shop.ID })
		if i < 0 {
			c.wrong("%s has no books", s.Shop.Name)
			continue
		}
		c.orders(b.Shops[i])
		c.tales(b, b.Shops[i], s.tales)
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
	c.same("accepted deliveries that are done", total[accepted], int(b.stats.InboxDone))
	c.same("deliveries not processed", 0, int(b.stats.InboxNew))
	c.same("deliveries nobody could read", 0, int(b.stats.InboxQuarantined))
	c.same("deliveries kept for a shop that may come", total[stranger], int(b.stats.Pending))
}

// mails: what the mail server got is what was sent, each once.
func (c *checker) mails(b *books) {
	arrived, sent := map[string]int{}, map[string]bool{}
	for _, m := range b.mails {
		arrived[m.effect()]++
	}
	steps := map[string]int{}
	for _, sb := range b.Shops {
		for _, e := range sb.sends {
			sent[e.Effect] = true
			steps[fmt.Sprintf("%s, order %s, step %s of %s", sb.Shop.Name, e.Order, e.Step, e.Campaign)]++
			c.same("mails of effect "+e.Effect, 1, arrived[e.Effect])
		}
	}
	for _, id := range slices.Sorted(maps.Keys(arrived)) {
		if !sent[id] {
			c.wrong("a mail arrived with X-Flywheel-ID %q, which nothing sent", id)
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

// orders: every order is accounted for once in each playbook, and nothing is held or stopped without a reason.
func (c *checker) orders(sb shopBooks) {
	for _, name := range playbooks {
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
		for i, want := range []outcome{t.thanks, t.review} {
			c.tale(b, t, playbooks[i], want, own[0].outcomes[playbooks[i]])
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
		if m.effect() != got.Effect {
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
