package demo

import (
	"context"
	"time"

	"flywheel/commerce"
	"flywheel/store"
)

// moment is something of the month that happened to a shop's mails or their
// readers, for those who want to hear of it.
type moment struct {
	At    time.Time
	Email string // whose it is; "" = the shop's own
	Name  string
	Words string // what they did, or what befell them
	Mail  string // the mail it is about, by X-Flywheel-ID; "" = none
	Page  string // where they were; "" = on no page
}

// happens notes a moment of a customer's; m is the mail it is about.
func (p *play) happens(s *stand, b buyer, m received, page, words string) {
	p.moments[s.Shop.ID] = append(p.moments[s.Shop.ID], moment{At: p.now(), Email: b.email, Name: b.first + " " + b.last, Words: words, Mail: m.effect(), Page: page})
}

// does notes a moment of the shop's own, which ends on its page about the sender.
func (p *play) does(s *stand, words string) {
	p.moments[s.Shop.ID] = append(p.moments[s.Shop.ID], moment{At: p.now(), Name: s.Shop.Name, Words: words, Page: p.senderPage(s.Domain)})
}

// teamsTold waits until every team has heard what it should by now.
func (p *play) teamsTold() error {
	return p.await(p.ctx, "the teams are told", func(ctx context.Context) (bool, error) {
		for _, s := range p.stands {
			all, err := p.App.Store.LastNotices(ctx, s.Shop.ID, wholeTimeline)
			if err != nil {
				return false, err
			}
			for _, n := range all {
				if n.State == store.NoticeSending || n.State == store.NoticeDue && n.DueAt <= commerce.At(p.now()) {
					return false, nil
				}
			}
		}
		return true, nil
	})
}
