package demo

import (
	netmail "net/mail"
	"slices"
	"strings"

	"flywheel/store"
)

// letters: every mail is from whom the shop writes as at that time, signed so that
// it holds by what DNS shows, and what came of it is what the script says.
func (c *checker) letters(b *books, sb shopBooks, s *stand) {
	for _, m := range b.mails {
		if m.shop == sb.Shop.ID {
			c.writer(m, s)
		}
	}
	back, stops := map[string]string{}, map[string]string{}
	for _, one := range sb.Mail.Back {
		back[one.Email] = string(one.Kind)
		if !slices.ContainsFunc(b.mails, func(m received) bool { return m.effect() == string(one.Effect) && m.To == one.Email }) {
			c.wrong("%s: what came back from %s is about %q, which is no mail to them", sb.Shop.Name, one.Email, one.Effect)
		}
	}
	for _, stop := range sb.Mail.Stops {
		stops[stop.Address] = string(stop.Scope) + " " + stop.Reason
	}
	want := map[string]string{}
	for email, kind := range s.back {
		want[email] = string(kind)
	}
	c.alike(sb.Shop.Name+", what came back", want, back)
	c.alike(sb.Shop.Name+", what is not sent any more", s.stops, stops)
	said := map[string]string{}
	for email := range s.news {
		said[email] = sb.Mail.news[email]
	}
	c.alike(sb.Shop.Name+", said about offers", s.news, said)
}

// writer holds one mail's From and signatures against who the shop writes as.
func (c *checker) writer(m received, s *stand) {
	from, err := netmail.ParseAddress(m.Get("From"))
	if err != nil {
		c.wrong("%q to %s is from %q", m.Subject, m.To, m.Get("From"))
		return
	}
	_, domain, _ := strings.Cut(from.Address, "@")
	own := !s.since.IsZero() && m.At.After(s.since)
	switch {
	case own && from.Address != s.writes:
		c.wrong("%q to %s is from %s, and not from %s", m.Subject, m.To, from.Address, s.writes)
	case !own && domain != mailDomain && (s.since.IsZero() || !m.At.Equal(s.since)):
		c.wrong("%q to %s is from %s, and not from the shared sender", m.Subject, m.To, from.Address)
	case domain == mailDomain && !strings.Contains(from.Name, s.Shop.Name):
		c.wrong("%q to %s comes by the shared sender as %q, without the shop's name", m.Subject, m.To, from.Name)
	case !slices.Equal(m.signed, []string{domain, domain}):
		c.wrong("%q to %s is from %s and signed by %v, not twice by its domain", m.Subject, m.To, from.Address, m.signed)
	}
}

// notices: what the teams were told is at the mail server and at Slack, each once,
// and no more than the script says.
func (c *checker) notices(b *books, stands []*stand) (mails map[string]bool) {
	mails = map[string]bool{}
	posted := 0
	for _, sb := range b.Shops {
		told := map[string]int{}
		for _, n := range sb.Mail.Notices {
			told[string(n.Kind)+" "+string(n.Channel)]++
			if n.State != store.NoticeSent {
				c.wrong("%s: its team was not told of %s by %s, but it is %s: %s", sb.Shop.Name, n.Kind, n.Channel, n.State, n.Note)
			} else if n.Channel == store.NoticeMail {
				mails[n.ID] = true
			} else {
				posted++
			}
		}
		for _, s := range stands {
			if s.Shop.ID == sb.Shop.ID {
				c.alike(sb.Shop.Name+", told the team", s.told, told)
			}
		}
	}
	c.same("posted at Slack", posted, len(b.posted))
	return mails
}
