package faults

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/integrations/mail/mailfake"
)

// moment is where the n-th mail is when the worker is killed.
type moment struct {
	after int
	at    string // mailfake's "rcpt", "data" or "dot"; "" = wherever it happens to be
	taken bool   // the server keeps the mail although nobody is left to hear of it
}

// moments are 20 points of 2,000 sends.
func moments() (all []moment) {
	kinds := []moment{{}, {at: "rcpt"}, {at: "data"}, {at: "dot"}, {at: "dot", taken: true}}
	for i := range 20 {
		m := kinds[i%len(kinds)]
		m.after = 20 + 60*i
		all = append(all, m)
	}
	return all
}

// A worker that is killed loses nothing and sends nothing twice: only what was
// being sent at that moment stands as unknown.
func TestWorkerKilledAt20PointsOf2000Sends(t *testing.T) {
	t.Parallel()
	const orders = 2000
	s := newSite(t, "sqlite")
	p := s.run("all")
	l := s.post(orders, 8, 0, p)
	lost := map[string]bool{} // in sending at a kill
	for i, m := range moments() {
		s.reach(p, m)
		p.kill()
		s.sink.Trouble(nil)
		for _, id := range s.inState("sending") {
			lost[id] = true
		}
		p.again()
		for _, id := range s.inState("sending") { // what is being sent now began after the kill
			require.False(t, lost[id], "kill %d: `all` takes back what its predecessor had: %s", i, id)
		}
	}
	l.finish()
	s.settled()
	sum := s.balance(l.orders())
	require.Equal(t, orders, sum.sent+sum.unknown)
	require.Len(t, lost, sum.unknown, "only what was being sent is unknown")
	for _, id := range s.inState("unknown") {
		require.True(t, lost[id], "mail %s is unknown and was not being sent", id)
	}
	t.Logf("%d sent, %d unknown after 20 kills, %d mails arrived", sum.sent, sum.unknown, s.sink.Count())
}

// reach waits until m.after mails have arrived and the next one stands where m says.
func (s *site) reach(p *part, m moment) {
	s.t.Helper()
	if m.at == "" {
		until(s.t, fmt.Sprintf("%d mails", m.after), func() bool { return s.sink.Count() >= m.after })
		return
	}
	held, gone := make(chan string, 64), p.done
	s.sink.Trouble(func(to string) *mailfake.Trouble {
		if to == "" || s.sink.Count() < m.after {
			return nil
		}
		select {
		case held <- to:
		default:
		}
		return &mailfake.Trouble{At: m.at, Taken: m.taken, Hold: gone} // dropped when the process is gone
	})
	select {
	case <-held:
	case <-time.After(patience):
		require.FailNow(s.t, "no mail came to the moment", "%+v: %d mails\n%s", m, s.sink.Count(), p.log.tail(20))
	}
}
