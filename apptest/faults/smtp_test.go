package faults

import (
	"io"
	"net"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"flywheel/app"
	"flywheel/apptest"
	"flywheel/demo"
	"flywheel/integrations/mail/mailfake"
	"flywheel/integrations/shopify/shopifyfake"
	"flywheel/store/storetest"
)

// The attempts of these tests lie minutes of business time apart, so they run
// in the test's process, where the clock can be moved; SMTP and database are real.

// trouble is how the first attempt of a mail goes, and what the mail is then and
// once the time of a second attempt has come.
type trouble struct {
	name         string
	first        mailfake.Trouble
	state, later string // "a or b" where it hangs on how far the sender was
}

var troubles = []trouble{
	{"all is well", mailfake.Trouble{}, "sent", "sent"},
	{"not now", mailfake.Trouble{At: "rcpt", Code: 451}, "retry", "sent"},
	{"never", mailfake.Trouble{At: "rcpt", Code: 550}, "failed", "failed"},
	{"closing down", mailfake.Trouble{At: "rcpt", Code: 421}, "retry", "sent"},
	{"dropped after the address", mailfake.Trouble{At: "rcpt"}, "retry", "sent"},
	{"dropped before the final dot", mailfake.Trouble{At: "data"}, "retry or unknown", "sent or unknown"}, // a short mail is sent off, dot and all, before the drop shows
	{"dropped after the final dot, lost", mailfake.Trouble{At: "dot"}, "unknown", "unknown"},
	{"dropped after the final dot, taken", mailfake.Trouble{At: "dot", Taken: true}, "unknown", "unknown"},
	{"not now, at the dot", mailfake.Trouble{At: "dot", Code: 452}, "retry", "sent"},
	{"never, at the dot", mailfake.Trouble{At: "dot", Code: 554}, "failed", "failed"},
	{"slow", mailfake.Trouble{At: "dot", Code: 250}, "sent", "sent"},
}

func TestMailServerInTrouble(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			a, s := inProcess(t, engine)
			var mu sync.Mutex
			first := map[string]*mailfake.Trouble{}
			slow := make(chan struct{})
			for i := range troubles {
				one := troubles[i].first
				if one.Code == 250 {
					one.Hold = slow
				}
				first[address(int64(i+1))] = &one
			}
			a.Mail.Trouble(func(to string) *mailfake.Trouble {
				mu.Lock()
				defer mu.Unlock()
				defer delete(first, to)
				return first[to]
			})
			for i := range troubles {
				a.Send("orders/paid", orderAt(a, int64(i+1)).Body())
			}
			until(t, "all but the slow one have an answer", func() bool {
				return s.effects("claimed") == 0 && s.effects("sending") <= 8 && len(s.booked()) == len(troubles)
			})
			close(slow)
			a.Wait()
			s.wantStates(func(tr trouble) string { return tr.state })
			a.After(2 * time.Minute)
			s.wantStates(func(tr trouble) string { return tr.later })
			a.After(24 * time.Hour) // and nothing comes after that
			s.wantStates(func(tr trouble) string { return tr.later })
			_, mails := s.arrived()
			for _, b := range s.booked() {
				want, tr := 0, troubles[b.order-1]
				if b.state == "sent" || tr.first.Taken {
					want = 1
				}
				require.Equal(t, want, mails[address(b.order)], tr.name)
			}
		})
	}
}

func (s *site) wantStates(want func(trouble) string) {
	s.t.Helper()
	for _, b := range s.booked() {
		tr := troubles[b.order-1]
		require.Contains(s.t, strings.Split(want(tr), " or "), b.state, "%s: %s", tr.name, b.note)
	}
}

// A refund that comes between two attempts withdraws the mail.
func TestRefundBetweenAttempts(t *testing.T) {
	t.Parallel()
	for _, engine := range storetest.Engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			a, s := inProcess(t, engine)
			a.Mail.Trouble(func(string) *mailfake.Trouble { return &mailfake.Trouble{At: "rcpt", Code: 451} })
			o := orderAt(a, 1)
			a.Send("orders/paid", o.Body())
			a.Wait()
			require.EqualValues(t, 1, s.effects("retry"))
			a.Mail.Trouble(nil)
			a.Send("refunds/create", o.Refund(a.Clock.Now(), o.Total()).Body())
			a.Wait()
			a.After(24 * time.Hour)
			require.Zero(t, a.Mail.Count())
			require.EqualValues(t, 1, s.effects("withdrawn"))
		})
	}
}

// A mail server that is not there is asked again later, and nothing is lost.
func TestMailServerDownAndUpAgain(t *testing.T) {
	t.Parallel()
	r := &relay{t: t}
	a, s := inProcess(t, "sqlite", func(o *demo.WorldOptions) {
		o.Change = func(c *app.Config) {
			u, err := url.Parse(c.SMTPURL)
			require.NoError(t, err)
			r.to = u.Host
			c.SMTPURL = "smtp://" + r.open()
		}
	})
	for id := range int64(20) {
		if id == 10 {
			r.close()
		}
		a.Send("orders/paid", orderAt(a, id+1).Body())
		a.Wait()
	}
	require.Equal(t, 10, a.Mail.Count())
	require.EqualValues(t, 10, s.effects("retry"))
	a.After(2 * time.Minute)
	require.EqualValues(t, 10, s.effects("retry"), "still down at the second attempt")
	r.open()
	a.After(10 * time.Minute)
	require.Equal(t, tally{sent: 20}, s.balance(nil))
}

// inProcess is an App in this process with its books.
func inProcess(t *testing.T, engine string, options ...apptest.Option) (*apptest.App, *site) {
	t.Helper()
	a := apptest.WithShop(t, append([]apptest.Option{apptest.On(t, engine)}, options...)...)
	return a, &site{t: t, db: storetest.DB(t, a.App.Config.DatabaseURL), sink: a.Mail}
}

func orderAt(a *apptest.App, id int64) *shopifyfake.Order {
	o := shopifyfake.NewOrder(id, a.Clock.Now())
	o.Customer.Email = address(id)
	return o
}

// relay stands before a server and can be taken away.
type relay struct {
	t        *testing.T
	to       string
	at       string // its address, the same after close and open
	listener net.Listener
	mu       sync.Mutex
	lines    []net.Conn
}

func (r *relay) open() string {
	at := r.at
	if at == "" {
		at = "127.0.0.1:0"
	}
	l, err := net.Listen("tcp", at)
	require.NoError(r.t, err)
	r.listener, r.at = l, l.Addr().String()
	r.t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", r.to)
			if err != nil {
				_ = near.Close()
				continue
			}
			r.mu.Lock()
			r.lines = append(r.lines, near, far)
			r.mu.Unlock()
			go pipe(near, far)
			go pipe(far, near)
		}
	}()
	return r.at
}

func pipe(to, from net.Conn) {
	_, _ = io.Copy(to, from)
	_, _ = to.Close(), from.Close()
}

// close takes the server away with all its connections.
func (r *relay) close() {
	_ = r.listener.Close()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.lines {
		_ = c.Close()
	}
	r.lines = nil
}
