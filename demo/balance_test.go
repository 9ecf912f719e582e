package demo

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/store"
)

// booksCanFail breaks one thing at a time.
func (p *played) booksCanFail(t *testing.T) {
	for want, breaks := range map[string]func(b *books, sent map[string]map[answered]int, stands []*stand){
		"mails of effect":     func(b *books, _ map[string]map[answered]int, _ []*stand) { b.mails = b.mails[1:] },
		"1 expected, 2 found": func(b *books, _ map[string]map[answered]int, _ []*stand) { b.mails = append(b.mails, b.mails[3]) },
		"which nothing sent":  func(b *books, _ map[string]map[answered]int, _ []*stand) { b.mails[0].Header = nil },
		"mails of notice": func(b *books, _ map[string]map[answered]int, s []*stand) {
			b.mails = slices.DeleteFunc(b.mails, func(m received) bool {
				return m.effect() == b.Shops[0].Mail.Notices[1].ID || m.effect() == b.Shops[0].Mail.Notices[2].ID
			})
		},
		"posted at Slack": func(b *books, _ map[string]map[answered]int, _ []*stand) { b.posted = nil },
		"was not told of": func(b *books, _ map[string]map[answered]int, _ []*stand) {
			b.Shops[0].Mail.Notices[0].State = store.NoticeUnknown
		},
		"told the team":                         func(_ *books, _ map[string]map[answered]int, s []*stand) { s[1].told = map[string]int{"fuse mail": 1} },
		"not from the shared sender":            func(b *books, _ map[string]map[answered]int, s []*stand) { s[0].since = s[0].since.Add(time.Hour) },
		"not from hello@harbourandpine.example": func(b *books, _ map[string]map[answered]int, s []*stand) { s[0].since = s[0].start },
		"without the shop's name":               func(_ *books, _ map[string]map[answered]int, s []*stand) { s[1].Shop.Name = "Another" },
		"not twice by its domain":               func(b *books, _ map[string]map[answered]int, _ []*stand) { b.mails[7].signed = b.mails[7].signed[:1] },
		"what came back: map":                   func(b *books, _ map[string]map[answered]int, _ []*stand) { b.Shops[0].Mail.Back = nil },
		"which is no mail to them": func(b *books, _ map[string]map[answered]int, _ []*stand) {
			b.Shops[1].Mail.Back[0].Email = "eve@example.com"
		},
		"what is not sent any more": func(b *books, _ map[string]map[answered]int, _ []*stand) {
			b.Shops[1].Mail.Stops = b.Shops[1].Mail.Stops[1:]
		},
		"said about offers":                        func(b *books, _ map[string]map[answered]int, _ []*stand) { b.Shops[0].Mail.news = nil },
		"effects that say unknown":                 func(b *books, _ map[string]map[answered]int, _ []*stand) { b.stats.Effects["unknown"] = 1 },
		"deliveries not processed":                 func(b *books, _ map[string]map[answered]int, _ []*stand) { b.stats.InboxNew = 1 },
		"deliveries nobody could read":             func(b *books, _ map[string]map[answered]int, _ []*stand) { b.stats.InboxQuarantined = 1 },
		"accepted deliveries that are done":        func(b *books, _ map[string]map[answered]int, _ []*stand) { b.stats.InboxDone-- },
		"deliveries that the door calls duplicate": func(_ *books, sent map[string]map[answered]int, _ []*stand) { sent["Harbour & Pine"][duplicate]++ },
		"deliveries that the door calls malformed": func(b *books, _ map[string]map[answered]int, _ []*stand) { b.door["malformed"] = 1 },
		"Harbour & Pine, orders":                   func(b *books, _ map[string]map[answered]int, _ []*stand) { b.Shops[0].Orders = b.Shops[0].Orders[1:] },
		"is in thank_you 2 times":                  func(b *books, _ map[string]map[answered]int, _ []*stand) { b.Shops[0].Orders[0].walks["thank_you"] = 2 },
		"thank_you of Ada":                         func(_ *books, _ map[string]map[answered]int, s []*stand) { s[0].tales[0].want["thank_you"] = is(held) },
		"went to": func(_ *books, _ map[string]map[answered]int, s []*stand) {
			s[0].tales[0].buyer.email = "eve@example.com"
		},
		"is written in":      func(_ *books, _ map[string]map[answered]int, s []*stand) { s[1].tales[0].buyer.locale = "en" },
		"is 0 orders":        func(_ *books, _ map[string]map[answered]int, s []*stand) { s[0].tales[0].key = "another" },
		"webhooks of effect": func(b *books, _ map[string]map[answered]int, _ []*stand) { b.hooks = nil },
		"is not on the list": func(b *books, _ map[string]map[answered]int, _ []*stand) { b.Shops[0].tasks = nil },
		"acts of care_tips: 13 expected": func(b *books, _ map[string]map[answered]int, _ []*stand) {
			b.Shops[0].sends = withoutTips(b.Shops[0].sends)
		},
		"acts of how_to in rehearsal": func(_ *books, _ map[string]map[answered]int, s []*stand) { s[0].rehearsed = nil },
		"Iris (": func(_ *books, _ map[string]map[answered]int, s []*stand) {
			tellOf(s[0], "Iris").takes("win_back", "after_help", "else")
		},
		"due steps": func(b *books, _ map[string]map[answered]int, _ []*stand) {
			b.Shops[0].Campaigns[1].Figures.Steps[0].Due++
		},
		"who entered": func(b *books, _ map[string]map[answered]int, _ []*stand) { b.Shops[0].Campaigns[0].Figures.Active++ },
		"tenths of a percent in all": func(b *books, _ map[string]map[answered]int, _ []*stand) {
			b.Shops[0].Campaigns[1].Figures.KeptOut[0].Tenths--
		},
		"for \"a guess\"": func(b *books, _ map[string]map[answered]int, _ []*stand) {
			b.Shops[0].Campaigns[1].Figures.KeptOut[0].Reason = "a guess"
		},
		"which nobody can read": func(b *books, _ map[string]map[answered]int, _ []*stand) {
			b.Shops[0].Orders[0].outcomes["thank_you"] = outcome{State: held}
		},
	} {
		b, sent, stands := p.copies()
		require.NoError(t, b.balance(stands, sent), "the copy balances")
		breaks(b, sent, stands)
		require.ErrorContains(t, b.balance(stands, sent), want)
	}
}

// copies returns books, counts and stands that may be broken.
func (p *played) copies() (*books, map[string]map[answered]int, []*stand) {
	b := *p.books
	b.door, b.stats.Effects = clone(b.door), clone(b.stats.Effects)
	b.mails, b.Shops = append([]received(nil), b.mails...), append([]shopBooks(nil), b.Shops...)
	for i := range b.Shops {
		b.Shops[i].Orders = append([]accounted(nil), b.Shops[i].Orders...)
		for j, a := range b.Shops[i].Orders {
			b.Shops[i].Orders[j].outcomes, b.Shops[i].Orders[j].walks = clone(a.outcomes), clone(a.walks)
		}
		b.Shops[i].Mail.Back, b.Shops[i].Mail.Notices = slices.Clone(b.Shops[i].Mail.Back), slices.Clone(b.Shops[i].Mail.Notices)
		b.Shops[i].Campaigns = slices.Clone(b.Shops[i].Campaigns)
		for j := range b.Shops[i].Campaigns {
			f := &b.Shops[i].Campaigns[j].Figures
			f.KeptOut, f.Steps = slices.Clone(f.KeptOut), slices.Clone(f.Steps)
		}
	}
	sent, stands := map[string]map[answered]int{}, make([]*stand, len(p.stands))
	for shop, counts := range p.sent {
		sent[shop] = clone(counts)
	}
	for i, s := range p.stands {
		c := *s
		c.tales = make([]*tale, len(s.tales))
		for j, tl := range s.tales {
			copied := *tl
			copied.want, copied.passes = clone(tl.want), slices.Clone(tl.passes)
			c.tales[j] = &copied
		}
		stands[i] = &c
	}
	return &b, sent, stands
}

// withoutTips leaves out one of what was sent.
func withoutTips(sends []store.Entry) []store.Entry {
	i := slices.IndexFunc(sends, func(e store.Entry) bool { return e.Campaign == "care_tips" })
	return slices.Delete(slices.Clone(sends), i, i+1)
}

// tellOf finds somebody's first purchase.
func tellOf(s *stand, first string) *tale {
	return s.tales[slices.IndexFunc(s.tales, func(t *tale) bool { return t.buyer.first == first })]
}

func clone[K comparable, V any](m map[K]V) map[K]V {
	out := map[K]V{}
	for k, v := range m {
		out[k] = v
	}
	return out
}
