package manage

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"flywheel/commerce"
	"flywheel/fault"
	"flywheel/message"
	"flywheel/store"
	"flywheel/templates"
)

const (
	// trialPause is within which time the same trial goes out once, trialsAnHour how many of a shop do.
	trialPause   = time.Minute
	trialsAnHour = 30
)

// SendTrial has a message sent to the shop's team, or to one address, as a
// trial: its subject says so, nobody can unsubscribe by it, and no act of the
// campaign comes of it. false = the same is on its way already. More than
// trialsAnHour are fault.Conflict. A worker sends it.
func (k Desk) SendTrial(ctx context.Context, id commerce.ShopID, s Sample, to string) (fresh bool, err error) {
	if to != "" && commerce.NormalEmail(to) == "" {
		return false, fault.New(fault.Invalid, "%q is not an address", to)
	}
	shop, err := k.Store.Shop(ctx, id)
	if err != nil {
		return false, err
	}
	now := k.Store.Now()
	last, err := k.Store.LastNotices(ctx, id, 10*trialsAnHour)
	if err != nil {
		return false, err
	}
	sent := 0
	for _, n := range last {
		if n.Kind == store.NoticeTrial && n.MadeAt > now.Add(-time.Hour) {
			sent++
		}
	}
	if sent >= trialsAnHour {
		return false, fault.New(fault.Conflict, "%d trials went out within an hour: wait a while", sent)
	}
	p, err := k.rendered(ctx, id, s, store.NewID())
	if err != nil {
		return false, err
	}
	m := p.Message
	m.Subject = templates.Say(cmp.Or(shop.Locale, "en"), "preview_test_mark", nil) + " " + m.Subject
	m.ToName = ""
	if m.To, m.Also = message.Team(shop); to != "" {
		m.To, m.Also = to, nil
	}
	m.Headers = slices.DeleteFunc(slices.Clone(m.Headers), func(h [2]string) bool { return strings.HasPrefix(h[0], "List-Unsubscribe") })
	text, err := json.Marshal(m)
	if err != nil {
		return false, err
	}
	subject := fmt.Sprintf("%s %s %s %x %d", s.Campaign, p.Step, p.Lang, blend(s.Who, string(s.Order), string(s.Person), to), int64(now)/trialPause.Milliseconds())
	err = k.Store.Transact(ctx, func(tx *store.Tx) (err error) {
		fresh, err = tx.AddTrialOf(id, p.Person.ID, subject, string(text))
		return err
	})
	return fresh, err
}

// blend tells samples apart without naming anybody.
func blend(parts ...string) uint32 {
	h := fnv.New32a()
	fmt.Fprintf(h, "%q", parts)
	return h.Sum32()
}
